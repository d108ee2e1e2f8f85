# What R says of tails, adjusted p-values, weighted trends and joint ranks: the numbers that tests/oracle/tails.rs holds the program to.
# Usage, from anywhere: Rscript tests/oracle/make_tails.R   (R alone, no package)
# Writes, beside itself: expected_tails.csv, expected_adjust.csv, expected_trend.csv, expected_rank.csv.
options(warn = 1)
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
number <- function(x) ifelse(is.na(x), "", ifelse(is.infinite(x), "inf", formatC(x, digits = 15, format = "g", width = 1)))
put <- function(rows, name) {
  for (column in names(rows)) if (is.numeric(rows[[column]])) rows[[column]] <- number(rows[[column]])
  write.csv(rows, file.path(here, name), row.names = FALSE, quote = FALSE)
}

# ---- tails: the statistic, its degrees of freedom (d1 is empty for t and z), and the probability beyond it -------------------------

df <- c(0.5, 1, 1.5, 2, 3.7, 10, 29.25, 197, 1e5, 5e6, Inf)
t <- merge(data.frame(x = c(0, 1e-8, 0.01, 0.5, -1.1, 1.96, 3.1, 6.5, 20, 37, 1e4)), data.frame(d2 = df))
t <- data.frame(test = "t", x = t$x, d1 = NA, d2 = t$d2, p = 2 * pt(-abs(t$x), t$d2))
f <- merge(merge(data.frame(x = c(0, 1e-6, 0.3, 0.97, 1.02, 2.5, 9, 60)), data.frame(d1 = c(0.7, 1, 2, 3.3, 11, 200))), data.frame(d2 = c(1, 6.6, 197, 1e5, 5e6, Inf)))
f <- f[(seq_len(nrow(f)) - 1) %% 3 == 0 | f$d1 == 3.3, ]
f <- data.frame(test = "f", x = f$x, d1 = f$d1, d2 = f$d2, p = pf(f$x, f$d1, f$d2, lower.tail = FALSE))
chi2 <- merge(data.frame(x = c(0, 1e-9, 0.4, 3.84, 17, 80, 700)), data.frame(d1 = c(0.8, 1, 2, 5.5, 30, 1000)))
chi2 <- data.frame(test = "chi2", x = chi2$x, d1 = chi2$d1, d2 = NA, p = pchisq(chi2$x, chi2$d1, lower.tail = FALSE))
z <- c(0, 1e-10, 0.3, -1, 1.96, 5, -12, 30)
z <- data.frame(test = "z", x = z, d1 = NA, d2 = NA, p = 2 * pnorm(-abs(z)))
put(rbind(t, f, chi2, z), "expected_tails.csv")

# ---- adjusted p-values: twenty with ties ---------------------------------------------------------------------------------------

p <- c(0.0001, 0.04, 0.04, 0.012, 0.0001, 0.9, 0.31, 0.049, 0.051, 1, 0.04, 0.002, 0.77, 0.31, 0.012, 1e-12, 0.5, 0.0249, 0.025, 0)
put(data.frame(p, none = p.adjust(p, "none"), bonferroni = p.adjust(p, "bonferroni"), holm = p.adjust(p, "holm"), benjamini_hochberg = p.adjust(p, "BH")), "expected_adjust.csv")

# ---- trends: lm for slope and Q, its unscaled covariance for the standard error, the rows of (X'WX)^-1 X'W for Satterthwaite's df ----

trend <- function(name, year, value, se, df, share) {
  theta <- if (share) qlogis(value) else value
  v <- (if (share) se / (value * (1 - value)) else se)^2
  x <- year - 2000
  fit <- lm(theta ~ x, weights = 1 / v)
  X <- cbind(1, x); a <- (solve(crossprod(X, X / v)) %*% t(X / v))[2, ]
  slope <- unname(coef(fit)[2]); slope_se <- sqrt(summary(fit)$cov.unscaled[2, 2])
  stopifnot(all.equal(sum(a * theta), slope), all.equal(sqrt(sum(a^2 * v)), slope_se))
  slope_df <- sum(a^2 * v)^2 / sum((a^2 * v)^2 / df)
  data.frame(series = name, share = if (share) "yes" else "no", year, value, se, df, slope, slope_se, slope_df,
             p = 2 * pt(-abs(slope / slope_se), slope_df), p_linear = pchisq(deviance(fit), length(x) - 2, lower.tail = FALSE))
}
put(rbind(
  trend("rising", c(2012, 2016, 2020, 2024), c(0.121, 0.133, 0.128, 0.151), c(0.006, 0.0055, 0.007, 0.0061), c(812, 943.5, 650, 702), TRUE),
  trend("bent", c(2008, 2010, 2015, 2017, 2023), c(0.42, 0.51, 0.61, 0.55, 0.40), c(0.02, 0.03, 0.012, 0.025, 0.018), c(40, 11, 99, 23, 61), TRUE),
  trend("rare", c(2019, 2020, 2021), c(0.004, 0.0007, 0.011), c(0.002, 0.0006, 0.004), c(5, 2.5, 8), TRUE),
  trend("score", c(2012, 2016, 2020, 2022), c(24.1, 23.2, 25.6, 26.0), c(0.4, 0.35, 0.5, 0.9), c(30, 1e6, 12, Inf), FALSE)), "expected_trend.csv")

# ---- joint ranks, pair by pair, rank 1 the highest -------------------------------------------------------------------------------

ranks <- function(name, region, value, se, df, share, confidence) {
  t <- qt((1 + confidence^(1 / length(value))) / 2, df)
  theta <- if (share) qlogis(value) else value
  half <- t * (if (share) se / (value * (1 - value)) else se)
  lower <- theta - half; upper <- theta + half
  open <- t(sapply(seq_along(value), function(k) c(1 + sum(lower[-k] >= upper[k]), length(value) - sum(upper[-k] <= lower[k]))))
  data.frame(set = name, share = if (share) "yes" else "no", confidence, region, value, se, df,
             rank = rank(-value, ties.method = "min"), first = open[, 1], last = open[, 2])
}
# Mean travel time to work in minutes with 90 % margins of error, American Community Survey 2011 (U.S. Census Bureau): the example of
# Klein, Wright and Wieczorek (2020). They draw the region at 90 %; their figure rounds the limits to one decimal, this does not.
minutes <- c(SD = 16.9, ND = 16.9, WY = 18.1, NE = 18.1, MT = 18.2, AK = 18.4, IA = 18.8, KS = 18.9, ID = 19.7, OK = 21.1, AR = 21.3, NM = 21.4,
  UT = 21.6, WI = 21.9, VT = 21.9, OR = 22.5, KY = 22.9, MN = 23, OH = 23.1, MO = 23.1, RI = 23.4, NC = 23.4, ME = 23.4, IN = 23.5, SC = 23.6,
  MS = 23.9, AL = 23.9, NV = 24.1, MI = 24.1, TN = 24.2, LA = 24.5, CO = 24.5, TX = 24.8, AZ = 24.8, CT = 25, DE = 25.3, WA = 25.5, WV = 25.6,
  HI = 25.7, FL = 25.8, PA = 25.9, NH = 26.9, GA = 27.1, CA = 27.1, VA = 27.7, MA = 28, IL = 28.2, DC = 30.1, NJ = 30.5, NY = 31.5, MD = 32.2)
margin <- c(.5, .6, .8, .3, .5, .5, .2, .3, .4, .2, .4, .4, .3, .2, .5, .3, .2, .2, .1, .2, .5, .2, .4, .2, .3, .4, .2, .4, .2, .2, .2, .3, .1, .2, .3, .6,
  .2, .5, .4, .2, .1, .5, .3, .1, .2, .2, .2, .5, .2, .2, .2)
share <- c(0.021, 0.034, 0.034, 0.11, 0.152, 0.188, 0.187, 0.26, 0.31, 0.36, 0.47, 0.62, 0.62, 0.93)
put(rbind(
  ranks("travel", names(minutes), minutes, margin / qnorm(0.95), rep(Inf, 51), FALSE, 0.9),
  ranks("shares", sprintf("r%02d", seq_along(share)), share, sqrt(share * (1 - share) / c(400, 90, 250)[seq_along(share) %% 3 + 1]), c(380, 61, 4.5, 199, 1)[seq_along(share) %% 5 + 1], TRUE, 0.95)), "expected_rank.csv")
