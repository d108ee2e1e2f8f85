# Fay-Herriot by restricted likelihood, slow and with whole matrices, base R only.
#
#   Rscript make_fay_herriot.R
#
# writes areas.csv (direct estimate, sampling variance, two facts; 5 areas without a direct estimate), expected_areas.csv and expected_parameters.csv beside itself. The restricted
# likelihood is maximised as it stands, by its derivative's root on whole matrices; nothing is shared with the scoring of src/stats/fay_herriot.rs.
set.seed(20261126)
m <- 40
z1 <- rnorm(m); z2 <- rnorm(m)
n <- round(exp(rnorm(m, 3.2, 0.8))) + 3
theta <- asin(sqrt(plogis(-1.6 + 0.35 * z1 - 0.1 * z2 + rnorm(m, 0, 0.3))))
psi <- 1 / (4 * n)
y <- theta + rnorm(m, 0, sqrt(psi))
known <- seq_len(m) > 5
areas <- data.frame(area = seq_len(m), value = round(y, 6), variance = signif(psi, 8), z1 = round(z1, 5), z2 = round(z2, 5))
areas$value[!known] <- NA
write.csv(areas, "areas.csv", row.names = FALSE, quote = FALSE)

x <- cbind(1, areas$z1, areas$z2)
xk <- x[known, ]; yk <- areas$value[known]; vk <- areas$variance[known]
parts <- function(a) {
  w <- diag(1 / (a + vk))
  q <- solve(t(xk) %*% w %*% xk)
  list(w = w, q = q, p = w - w %*% xk %*% q %*% t(xk) %*% w, beta = drop(q %*% t(xk) %*% w %*% yk))
}
score <- function(a) { own <- parts(a); (sum((own$p %*% yk)^2) - sum(diag(own$p))) / 2 }
a <- uniroot(score, c(1e-6, 1), tol = 1e-15)$root
own <- parts(a)
mse <- numeric(m); estimate <- drop(x %*% own$beta)
leverage <- rowSums((x %*% own$q) * x)
for (i in seq_len(m)) {
  if (!known[i]) { mse[i] <- a + leverage[i]; next }
  v <- areas$variance[i]; gamma <- a / (a + v)
  estimate[i] <- gamma * areas$value[i] + (1 - gamma) * estimate[i]
  g3 <- v^2 / (a + v)^3 * 2 / sum((a + vk)^-2)
  mse[i] <- gamma * v + (1 - gamma)^2 * leverage[i] + 2 * g3
}
write.csv(data.frame(area = seq_len(m), estimate = format(estimate, digits = 14), mse = format(mse, digits = 14)), "expected_areas.csv", row.names = FALSE, quote = FALSE)
write.csv(data.frame(parameter = c("variance", "beta1", "beta2", "beta3", "se1", "se2", "se3"),
  value = format(c(a, own$beta, sqrt(diag(own$q))), digits = 14)), "expected_parameters.csv", row.names = FALSE, quote = FALSE)
cat(R.version.string, "\n")
