# mgcv's full model on a region of the table: age curves as thin P-splines by group, facts with one ridge, a full-rank Markov random field and independent wijk effects.
#
#   Rscript make_bed_mgcv.R <folder of export> <file of results>
#
# The folder comes from `cargo run --release --example small_area -- export FOLDER bed SEED`; the results go to the folder of `table` as seed-SEED.csv: indicator, wijk, share, lower,
# upper. bam with fREML and discrete covariates, as in practice; intervals by 400 draws of the coefficients, as mgcv's users make them.
suppressMessages(library(mgcv))
arguments <- commandArgs(TRUE)
read <- function(name) read.csv(file.path(arguments[1], name))
cells <- read("cells.csv"); persons <- read("persons.csv"); edges <- read("edges.csv"); groups <- read("groups.csv")
z <- as.matrix(read("covariates.csv"))
wijken <- nrow(z)
levels_of <- as.character(0:(wijken - 1))
neighbours <- lapply(0:(wijken - 1), function(w) as.character(c(edges$b[edges$a == w], edges$a[edges$b == w])))
names(neighbours) <- levels_of
prepare <- function(data) {
  own <- groups[data$row + 1, ]
  data.frame(age = own$age, sex = factor(own$sex), education = factor(own$education), group = factor(paste(own$sex, own$education)),
    female = as.numeric(own$sex == 1), e1 = as.numeric(own$education == 1), e2 = as.numeric(own$education == 2),
    wijk = factor(as.character(data$area), levels = levels_of), wijk2 = factor(as.character(data$area), levels = levels_of))
}
data <- prepare(cells); data$z <- z[cells$area + 1, ]
new <- prepare(persons); new$z <- z[persons$area + 1, ]
results <- NULL
for (indicator in 1:4) {
  yes <- cells[[paste0("yes", indicator)]]
  data$share <- yes / cells$n; data$n <- cells$n
  started <- proc.time()
  fit <- bam(share ~ sex + education + s(age, bs = "ps", k = 11) + s(age, by = female, bs = "ps", k = 11) + s(age, by = e1, bs = "ps", k = 11) + s(age, by = e2, bs = "ps", k = 11)
    + s(group, bs = "re") + z + s(wijk, bs = "mrf", xt = list(nb = neighbours)) + s(wijk2, bs = "re"),
    family = binomial, weights = n, data = data, method = "fREML", discrete = TRUE, drop.unused.levels = FALSE, paraPen = list(z = list(diag(ncol(z)))))
  seconds <- (proc.time() - started)[["user.self"]]
  x <- predict(fit, newdata = new, type = "lpmatrix")
  set.seed(indicator)
  draws <- rmvn(400, coef(fit), vcov(fit, unconditional = FALSE))
  total <- tapply(persons$persons, persons$area, sum)
  sums <- matrix(0, wijken, 400)
  for (part in split(seq_len(nrow(x)), ceiling(seq_len(nrow(x)) / 5000))) {
    p <- plogis(x[part, ] %*% t(draws)) * persons$persons[part]
    by <- rowsum(p, persons$area[part])
    at <- as.integer(rownames(by)) + 1
    sums[at, ] <- sums[at, ] + by
  }
  shares <- sums / as.vector(total[levels_of])
  results <- rbind(results, data.frame(indicator, wijk = 0:(wijken - 1), share = rowMeans(shares),
    lower = apply(shares, 1, quantile, 0.025), upper = apply(shares, 1, quantile, 0.975)))
  cat(sprintf("%s indicator %d: %.1f CPU seconds\n", arguments[1], indicator, seconds))
}
write.csv(format(results, digits = 8), arguments[2], row.names = FALSE, quote = FALSE)
