# The unit-level model of src/stats/model fitted with R mgcv, gam(method = "REML"), on a synthetic region: the small one of this folder, and that of 120 wijken of `bed`.
#
#   Rscript make_mgcv.R <folder> [indicator ...]
#
# reads cells.csv, persons.csv, covariates.csv, edges.csv and groups.csv of the folder (written by `cargo run --release --example small_area -- export`) and
# writes expected_mgcv.csv (share and standard error per wijk, conditional on the estimated variances) and expected_mgcv_sd.csv (standard deviations of
# the wijk effects); both after every indicator, yes1 to yes4 unless some are named. The design is built here from its description, not taken from the Rust code.
suppressMessages(library(mgcv))
folder <- commandArgs(TRUE)[1]
named <- commandArgs(TRUE)[-1]
read <- function(name) read.csv(file.path(folder, name))
cells <- read("cells.csv"); persons <- read("persons.csv"); edges <- read("edges.csv"); groups <- read("groups.csv")
z <- as.matrix(read("covariates.csv"))

# Columns of the demographic rows; groups.csv has row, age, sex (0/1), education (0/1/2).
total <- tapply(persons$persons, factor(persons$row, levels = groups$row), sum)
total[is.na(total)] <- 0
share <- as.vector(total / sum(total))
mean_age <- sum(share * groups$age)
line <- (groups$age - mean_age) / sqrt(sum(share * (groups$age - mean_age)^2))
functions <- 11
low <- min(groups$age); high <- max(groups$age); step <- (high - low) / (functions - 3)
knots <- low + step * ((-3):(functions))
basis <- splines::splineDesign(knots, groups$age, ord = 4, outer.ok = TRUE)
# At the upper end splineDesign leaves the piece open.
at_end <- groups$age == high
basis[at_end, ] <- rep(splines::splineDesign(knots, high - 1e-12, ord = 4), each = sum(at_end))
differences <- diff(diag(functions), differences = 2)
curve <- basis %*% t(differences) %*% solve(differences %*% t(differences))
curve <- sweep(curve, 2, colSums(share * curve))
sex <- as.numeric(groups$sex == 1); e1 <- as.numeric(groups$education == 1); e2 <- as.numeric(groups$education == 2)
fixed <- cbind(1, sex, e1, e2, line)
products <- cbind(sex * e1, sex * e2, sex * line, e1 * line, e2 * line)
parts <- list(fixed = fixed, products = products, all = curve, female = sex * curve, first = e1 * curve, second = e2 * curve)

# The map: precision D - A, scaled so that the geometric mean of the variances of its generalised inverse is 1, and a little on the diagonal.
wijken <- nrow(z)
q <- matrix(0, wijken, wijken)
for (i in seq_len(nrow(edges))) { a <- edges$a[i] + 1; b <- edges$b[i] + 1; q[a, b] <- q[b, a] <- -1 }
diag(q) <- -rowSums(q)
e <- eigen(q, symmetric = TRUE)
keep <- e$values > 1e-9
inverse <- e$vectors[, keep] %*% (t(e$vectors[, keep]) / e$values[keep])
q <- q * exp(mean(log(diag(inverse)))) + 1e-5 * diag(wijken)

columns <- function(area, row) {
  own <- lapply(parts, function(part) part[row + 1, , drop = FALSE])
  indicator <- diag(wijken)[area + 1, , drop = FALSE]
  c(own, list(z = z[area + 1, , drop = FALSE], u = indicator, s = indicator))
}
data <- columns(cells$area, cells$row)
x <- do.call(cbind, columns(persons$area, persons$row))
ridge <- function(k) list(diag(k))
shares <- NULL; sds <- NULL
for (indicator in if (length(named) > 0) named else grep("^yes", names(cells), value = TRUE)) {
yes <- cells[[indicator]]
data$y <- cbind(yes, cells$n - yes)
started <- proc.time()
fit <- gam(y ~ fixed + products + all + female + first + second + z + u + s - 1, family = binomial, data = data, method = "REML",
  paraPen = list(products = ridge(5), all = ridge(9), female = ridge(9), first = ridge(9), second = ridge(9), z = ridge(ncol(z)), u = ridge(wijken), s = list(q)),
  control = gam.control(epsilon = 1e-9, maxit = 400))
taken <- (proc.time() - started)[["user.self"]]

p <- plogis(drop(x %*% coef(fit)))
v <- vcov(fit)
result <- do.call(rbind, lapply(0:(wijken - 1), function(w) {
  own <- persons$area == w
  n <- persons$persons[own]
  g <- colSums(n * p[own] * (1 - p[own]) * x[own, , drop = FALSE]) / sum(n)
  data.frame(indicator, wijk = w, share = sum(n * p[own]) / sum(n), se = sqrt(drop(t(g) %*% v %*% g)))
}))
shares <- rbind(shares, result)
# sp are in the order of paraPen.
part <- c("products", "all", "female", "first", "second", "covariates", "iid", "spatial")
sds <- rbind(sds, data.frame(indicator, part, sd = format(1 / sqrt(fit$sp), digits = 8), seconds = round(taken, 1)))
cat(sprintf("%s, mgcv %s, %s: %.1f CPU seconds, REML %.4f, %s\n", R.version.string, packageVersion("mgcv"), indicator, taken, fit$gcv.ubre, fit$outer.info$conv))
write.csv(format(shares, digits = 12), file.path(folder, "expected_mgcv.csv"), row.names = FALSE, quote = FALSE)
write.csv(sds, file.path(folder, "expected_mgcv_sd.csv"), row.names = FALSE, quote = FALSE)
}
