# Rao-Scott tests of R survey in so many seconds: wijk against the rest of its gemeente, on the whole design.
# Usage: Rscript svychisq.R gmvo-2022.csv SECONDS; prints the number of tests and the seconds they took.
suppressPackageStartupMessages(library(survey))
arguments <- commandArgs(TRUE)
header <- scan(arguments[1], "", nlines = 1, sep = ";", quiet = TRUE, fileEncoding = "UTF-8-BOM")
wanted <- c(Gemeentecode = "character", Wijkcode = "character", Stratum = "character", populatie = "numeric", ewGGD = "character", GGADA203 = "integer")
classes <- ifelse(header %in% names(wanted), wanted[header], "NULL")
x <- read.table(arguments[1], sep = ";", header = TRUE, colClasses = unname(classes), fileEncoding = "UTF-8-BOM", comment.char = "", quote = "\"")
x$w <- as.numeric(sub(",", ".", x$ewGGD))
x <- x[!is.na(x$w), ]
x$y <- ifelse(x$GGADA203 %in% c(0, 1), x$GGADA203, NA)
design <- svydesign(~1, strata = ~Stratum, fpc = ~populatie, weights = ~w, data = x)
wijken <- unique(x[, c("Gemeentecode", "Wijkcode")])
set.seed(1)
wijken <- wijken[sample(nrow(wijken)), ]
begun <- proc.time()[["elapsed"]]; tests <- 0
for (i in seq_len(nrow(wijken))) {
  own <- subset(design, Gemeentecode == wijken$Gemeentecode[i] & !is.na(y))
  own <- update(own, part = as.integer(Wijkcode == wijken$Wijkcode[i]))
  try(svychisq(~part + y, own, statistic = "F"), silent = TRUE)
  tests <- tests + 1
  if (proc.time()[["elapsed"]] - begun > as.numeric(arguments[2])) break
}
cat(tests, proc.time()[["elapsed"]] - begun, "\n")
