# The sample data of 2022, its regions, and K10 and De Jong Gierveld by hand; for make_analysis.R and make_comparisons.R, which set `root`.
read_sample <- function(name) read.csv2(file.path(root, "sample-data", name), fileEncoding = "UTF-8-BOM", colClasses = "character")
number <- function(text) as.numeric(sub(",", ".", text, fixed = TRUE))
coded <- function(text, yes, no) ifelse(text %in% yes, 1, ifelse(text %in% no, 0, NA))
points <- function(x, columns, table) matrix(sapply(columns, function(name) unname(table[x[[name]]])), nrow = nrow(x))
k10_file <- readLines(file.path(root, "pipelines", "instruments", "k10.toml"))
k10_means <- as.numeric(sub(".*= *", "", k10_file[grep("^\\[score\\.item-means\\]", k10_file)[1] + 1:10])); stopifnot(!anyNA(k10_means))
k10 <- function(x) {
  items <- points(x, sprintf("GGADB2%02d", 1:10), c(`1` = 5, `2` = 4, `3` = 3, `4` = 2, `5` = 1))
  ifelse(rowSums(is.na(items)) <= 2, rowSums(ifelse(is.na(items), rep(k10_means, each = nrow(x)), items)), NA)
}
djg <- function(x) {
  positive <- c(1, 4, 7, 8, 11)
  items <- points(x, sprintf("GGEEB2%02d", 1:11), c(`1` = 1, `2` = 1, `3` = 0))
  items[, positive] <- points(x, sprintf("GGEEB2%02d", positive), c(`1` = 0, `2` = 1, `3` = 1))
  ifelse(rowSums(is.na(items)) <= 1, rowSums(items, na.rm = TRUE), NA)
}
regions <- read.csv2(file.path(root, "sample-data", "regions-2022.csv"), fileEncoding = "UTF-8", colClasses = "character")
gemeenten <- regions$code[regions$level == "gemeente"]; wijken <- regions$code[regions$level == "wijk"]
all2022 <- read_sample("gmvo-2022.csv")
