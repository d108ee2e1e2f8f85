# Numbers in the tests of src/stats/inequality.rs and inequality_survey.rs. R 4.2, no packages. Run: Rscript make_inequality.R
#
# Two groups with 40 and 60 % of the people, errors s on the scale of the value, its logarithm or its logit. The line passes both values:
# bottom 1.4 y1 - 0.4 y2, top 1.6 y2 - 0.6 y1, slope 2 (y2 - y1). Limits are exact quantiles: of closed forms, or of distribution functions
# that are integrated over one normal with the other in closed form.
options(digits = 15)
tails <- c(.025, .975)
quantiles <- function(cdf, lo, hi) sapply(tails, function(p) uniroot(function(x) cdf(x) - p, c(lo, hi), tol = 1e-14)$root)
over_normal <- function(f) {
  integrate(function(z) dnorm(z) * f(z), -8, 8, rel.tol = 1e-13, abs.tol = 1e-13, subdivisions = 2000)$value
}
show <- function(what, x) cat(what, format(x, digits = 15), "\n")
below_log <- function(w, m, s) ifelse(w <= 0, 0, pnorm((log(pmax(w, 1e-300)) - m) / s))
below_logit <- function(w, m, s) {
  ifelse(w <= 0, 0, ifelse(w >= 1, 1, pnorm((qlogis(pmin(pmax(w, 1e-300), 1 - 1e-16)) - m) / s)))
}
ends <- rbind(c(1.4, -.4), c(-.6, 1.6))

# Rates 10 and 8: the ratio top/bottom <= q where y2/y1 <= (.6 + 1.4 q)/(1.6 + .4 q).
s <- c(.1, .2)
m <- log(c(10, 8))
show("rate sii", quantiles(function(x) over_normal(function(z) below_log(x / 2 + exp(m[1] + s[1] * z), m[2], s[2])), -30, 30))
r <- exp(m[2] - m[1] + qnorm(tails) * sqrt(sum(s^2)))
show("rate rii", (1.6 * r - .6) / (1.4 - .4 * r))
v <- ends %*% diag(s^2) %*% t(ends)
slope <- v[1, 2] / v[1, 1]
left <- sqrt(v[2, 2] - slope * v[1, 2])
top_given <- function(z, mu) mu[2] + slope * sqrt(v[1, 1]) * z
bottom <- function(z, mu) mu[1] + sqrt(v[1, 1]) * z
mu <- as.vector(ends %*% m)
show("rate transformed", c(exp(mu[2]) - exp(mu[1]), exp(mu[2] - mu[1])))
show("rate transformed sii",
     quantiles(function(x) over_normal(function(z) below_log(x + exp(bottom(z, mu)), top_given(z, mu), left)), -30, 30))
show("rate transformed rii", exp(mu[2] - mu[1] + qnorm(tails) * 2 * sqrt(sum(s^2))))

# Proportions .3 and .2.
m <- qlogis(c(.3, .2))
show("proportion sii",
     quantiles(function(x) over_normal(function(z) below_logit(x / 2 + plogis(m[1] + s[1] * z), m[2], s[2])), -.9, .9))
show("proportion rii", quantiles(function(q) {
  over_normal(function(z) below_logit((.6 + 1.4 * q) / (1.6 + .4 * q) * plogis(m[1] + s[1] * z), m[2], s[2]))
}, .01, 2))
mu <- as.vector(ends %*% m)
f <- plogis(mu)
show("proportion transformed", c(f[1], f[2] - f[1], f[2] / f[1]))
show("proportion transformed sii",
     quantiles(function(x) over_normal(function(z) below_logit(x + plogis(bottom(z, mu)), top_given(z, mu), left)), -.9, .9))
show("proportion transformed rii",
     quantiles(function(x) over_normal(function(z) below_logit(x * plogis(bottom(z, mu)), top_given(z, mu), left)), .01, 2))

# Means 10 and 8, errors .5 and .6: Fieller's limits of top/bottom and of bottom/top.
s <- c(.5, .6)
mu <- as.vector(ends %*% c(10, 8))
v <- ends %*% diag(s^2) %*% t(ends)
fieller <- function(n, d) {
  z2 <- qnorm(.975)^2
  a <- mu[d]^2 - z2 * v[d, d]
  b <- -2 * (mu[1] * mu[2] - z2 * v[1, 2])
  c <- mu[n]^2 - z2 * v[n, n]
  (-b + c(-1, 1) * sqrt(b^2 - 4 * a * c)) / (2 * a)
}
show("mean sii", -4 + qnorm(tails) * 2 * sqrt(sum(s^2)))
show("mean rii", fieller(2, 1))
show("mean rii, inverted", fieller(1, 2))

# A survey of three groups: weighted least squares by its matrices.
a <- c(.2, .3, .5)
y <- c(.30, .25, .20)
v <- matrix(c(4, 1, .5, 1, 3, .8, .5, .8, 2), 3) * 1e-4
x <- cbind(1, cumsum(a) - a / 2)
h <- solve(t(x) %*% diag(a) %*% x) %*% t(x) %*% diag(a)
line <- as.vector(h %*% y)
error <- function(g, v) sqrt(as.numeric(t(g) %*% v %*% g))
report <- function(what, value, se, quantile, exponential = FALSE) {
  half <- c(-1, 1) * quantile * se
  show(what, c(value, se, if (exponential) value * exp(half) else value + half))
}
vl <- h %*% v %*% t(h)
f <- c(line[1], sum(line))
report("survey sii", line[2], sqrt(vl[2, 2]), qt(.975, 7))
report("survey rii", f[2] / f[1], error(c(1 / f[2] - 1 / f[1], 1 / f[2]), vl), qt(.975, 7), TRUE)
report("survey gap", y[3] - y[1], error(c(-1, 0, 1), v), qnorm(.975))
report("survey ratio", y[3] / y[1], error(c(-1 / y[1], 0, 1 / y[3]), v), qnorm(.975), TRUE)

# Cases S4 and S5 of ../shared/oracle/phe/sii_in.csv: limits of the transformed SII, by integration; S5 is S4 times -1.
groups <- read.csv("../../../shared/oracle/phe/sii_in.csv")
for (area in c("area1", "area2")) {
  g <- groups[groups$case == "S4" & groups$Area == area, ]
  a <- g$Population / sum(g$Population)
  error <- (log(g$UpperCL) - log(g$LowerCL)) / (2 * qnorm(.975))
  x <- cbind(1, cumsum(a) - a / 2)
  ends <- rbind(c(1, 0), c(1, 1)) %*% solve(t(x) %*% diag(a) %*% x) %*% t(x) %*% diag(a)
  mu <- as.vector(ends %*% log(g$Value))
  v <- ends %*% diag(error^2) %*% t(ends)
  slope <- v[1, 2] / v[1, 1]
  left <- sqrt(v[2, 2] - slope * v[1, 2])
  show(paste("S4", area),
       quantiles(function(x) over_normal(function(z) below_log(x + exp(bottom(z, mu)), top_given(z, mu), left)), -5, 0))
}
