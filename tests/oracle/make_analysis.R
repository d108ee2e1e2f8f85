# What R survey says of age-standardised figures, of inequality over ordered groups, and of ranks, in the sample data of 2022.
# Usage, from anywhere: Rscript tests/oracle/make_analysis.R
# Writes, beside itself: expected_standardised.csv, expected_inequality.csv, expected_ranks.csv, ses_scores.csv.
suppressPackageStartupMessages(library(survey))
options(digits = 15, warn = 1, survey.lonely.psu = "adjust", survey.adjust.domain.lonely = FALSE)
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
root <- normalizePath(file.path(here, "..", ".."))
level <- 0.95; tail <- (1 - level) / 2

digits15 <- function(x) ifelse(is.na(x), "", sprintf("%.15g", x))
tables <- list()
keep <- function(.table, ...) {
  row <- unlist(lapply(list(...), function(x) if (is.character(x)) x else digits15(x)))
  tables[[.table]] <<- rbind(tables[[.table]], row)
}
write_rows <- function(name, columns, separator = ",") {
  rows <- tables[[name]]
  stopifnot(ncol(rows) == length(columns), !grepl(separator, rows, fixed = TRUE))
  to <- file(path <- file.path(here, name), "wb")
  writeLines(c(paste(columns, collapse = separator), apply(rows, 1, paste, collapse = separator)), to, sep = "\n"); close(to)
  cat(name, nrow(rows), "rows,", file.size(path), "bytes\n")
}
checked <- list()  # the largest relative difference between two ways to one number, per kind of number
agree <- function(what, a, b, tolerance) {
  gap <- max(abs(as.numeric(a) - as.numeric(b)) / abs(as.numeric(b)))
  if (!is.finite(gap) || gap > tolerance) stop(what, ": ", paste(digits15(a), collapse = " "), " is not ", paste(digits15(b), collapse = " "))
  checked[[what]] <<- c(gap = max(gap, checked[[what]]["gap"]), n = sum(1, checked[[what]]["n"], na.rm = TRUE))
}

# ---- the sample data --------------------------------------------------------------------------------------------------------
source(file.path(here, "sample.R"))
measures <- list(  # weight set, share or mean, values
  anx_dep_risk_high = list("ewGGD", TRUE, as.numeric(k10(all2022) >= 30)),
  lonely = list("ewGGD", TRUE, as.numeric(djg(all2022) >= 3)),
  perceived_health_good = list("ewCBSGGD", TRUE, coded(all2022$KLGGA208, "1", "0")),
  anx_dep_risk_score = list("ewGGD", FALSE, k10(all2022)))
ages <- c("18-39", "40-64", "65-74", "75+")
age <- match(c("18-39", "18-39", "40-64", "40-64", "65-74", "75+", "75+")[match(all2022$LeeftijdSub, 1:7)], ages)
education <- c(1, 1, 2, 3)[match(all2022$MMOWA201, 1:4)]  # low, middle, high

# ---- a made-up score of welfare per wijk ------------------------------------------------------------------------------------------
# Codes hold letters (WK9009AA), so the score comes from the place of the code in the list of all wijk codes, sorted by their bytes and
# counted from 1: score = (position * 7919) %% 1000, from 0 to 999. No two are equal, because 7919 and 1000 have no common divisor.
codes <- sort(wijken, method = "radix")
scores <- (seq_along(codes) * 7919) %% 1000; stopifnot(!anyDuplicated(scores))
for (i in seq_along(codes)) keep("ses_scores.csv", codes[i], scores[i])
write_rows("ses_scores.csv", c("code", "score"), ";")
# Fifths of the population: by the midpoint m of the wijk in the cumulative population, lowest score first.
poorest_first <- codes[order(scores)]
population <- as.numeric(regions$population[match(poorest_first, regions$code)]); stopifnot(!anyNA(population))
m <- (cumsum(population) - population / 2) / sum(population)
stopifnot(outer(5 * m, 1:4, function(a, b) abs(a - b)) > 1e-6)  # none lies on a border; the last wijk has nobody, so m is 1 there
quintile <- pmin(floor(5 * m) + 1, 5)
quintile_shares <- as.numeric(tapply(population, quintile, sum)) / sum(population); stopifnot(length(quintile_shares) == 5)
wijk2022 <- ifelse(all2022$Wijkcode %in% c("", "99"), NA, paste0("WK", all2022$Gemeentecode, all2022$Wijkcode))
ses <- quintile[match(wijk2022, poorest_first)]
stopifnot(!is.na(ses[!is.na(wijk2022)]))

# ---- an interval, a domain, and the groups within one -----------------------------------------------------------------------------
# t limits; for a share those of svyciprop's "xlogit": t limits of the logit, with the delta method's se.
limits <- function(value, se, df, share) {
  if (is.na(value) || is.nan(se) || se <= 0 || df <= 0) return(c(NA, NA))
  if (!share) return(value + c(-1, 1) * qt(1 - tail, df) * se)
  plogis(qlogis(value) + c(-1, 1) * qt(1 - tail, df) * se / (value * (1 - value)))
}
# Mean of a side; of equal values exactly that value.
side <- function(y, w) { y1 <- y[w > 0]; if (all(y1 == y1[1])) y1[1] else sum(w * y) / sum(w) }
# As `estimate` of make_expected.R, for its default methods.
estimate <- function(d, share) {
  y <- d$variables$y; w <- weights(d, "sampling"); df <- degf(d); kish <- sum(w)^2 / sum(w^2); m <- svymean(~y, d)
  constant <- all(y == y[1]); value <- if (constant) y[1] else as.numeric(coef(m)); se <- if (constant) 0 else as.numeric(SE(m))
  ci <- if (share && value == 0) c(0, qbeta(1 - tail, 1, kish)) else if (share && value == 1) c(qbeta(tail, kish, 1), 1) else limits(value, se, df, share)
  if (share && se > 0 && df > 0) agree("limits of a share: written out and svyciprop", ci,
                                       attr(svyciprop(~y, d, method = "xlogit", level = level, df = df), "ci"), 1e-9)
  list(n = length(y), value = value, se = se, df = df, lower = ci[1], upper = ci[2])
}
# Values of the groups 1 to K of a design that holds those rows only, with their linearised variables (one column per group).
groups <- function(d, g, size) {
  y <- d$variables$y; w <- weights(d, "sampling")
  p <- sapply(seq_len(size), function(k) side(y[g == k], w[g == k]))
  z <- sapply(seq_len(size), function(k) ifelse(g == k, w * (y - p[k]) / sum(w[g == k]), 0))
  list(p = p, z = z, w = sapply(seq_len(size), function(k) sum(w[g == k])), by = by_group(d, g))
}
by_group <- function(d, g) { d$variables$g <- g; svyby(~y, ~g, d, svymean, covmat = TRUE) }
variance <- function(d, z) svyrecvar(z, d$cluster, d$strata, d$fpc)
error <- function(d, z) sqrt(as.numeric(variance(d, z)))

# ---- directly standardised over age -----------------------------------------------------------------------------------------------
# European standard population of 2013, its shares from 18 years on joined to the four groups.
esp2013 <- c(27700, 33500, 10500, 9000) / sum(27700, 33500, 10500, 9000)
standardise <- function(d, g, share) {
  of <- groups(d, g, 4); value <- sum(esp2013 * of$p); se <- error(d, of$z %*% esp2013); df <- degf(d)
  full <- svycontrast(of$by, esp2013)
  agree("standardised value: sum and svycontrast", value, coef(full), 1e-12)
  agree("standardised se: linearised and svycontrast of svyby", se, SE(full), 1e-9)
  v <- variance(d, of$z); agree("standardised se: linearised and w'Vw", se, sqrt(t(esp2013) %*% v %*% esp2013), 1e-9)
  d$variables$g <- factor(g); theirs <- svymean(~y, svystandardize(d, by = ~g, over = ~1, population = esp2013))
  agree("standardised value: sum and svystandardize", value, coef(theirs), 1e-9)
  agree("standardised se: linearised and svystandardize", se, SE(theirs), 1e-9)
  c(list(n = length(g), value = value, se = se, df = df), as.list(limits(value, se, df, share)))
}

# ---- inequality over groups, 1 the lowest -----------------------------------------------------------------------------------------
# `a` are the groups' shares of the population, taken as known. Rows of one figure each: value, se, df, limits.
inequality <- function(d, g, a, share, put) {
  size <- length(a); of <- groups(d, g, size); p <- of$p; v <- variance(d, of$z); df <- degf(d); t <- qt(1 - tail, df)
  middle <- cumsum(a) - a / 2
  for (k in seq_len(size)) { own <- estimate(d[g == k, ], share); do.call(put, c(paste0("group", k), own[-1])) }
  slope <- a * (middle - sum(a * middle)) / sum(a * (middle - sum(a * middle))^2)  # fitted slope = sum(slope * p)
  bottom <- a - slope * sum(a * middle); top <- bottom + slope
  line <- lm(p ~ middle, weights = a)
  fitted <- predict(line, data.frame(middle = c(0, 1)))
  agree("SII: written out and lm", sum(slope * p), coef(line)[2], 1e-9)
  agree("fitted ends: written out and lm", c(sum(bottom * p), sum(top * p)), fitted, 1e-9)
  first <- as.numeric(seq_len(size) == 1); last <- as.numeric(seq_len(size) == size)
  contrast <- function(name, c) {
    value <- sum(c * p); se <- sqrt(as.numeric(t(c) %*% v %*% c)); other <- svycontrast(of$by, c)
    agree(paste(name, "se: c'Vc and svycontrast of svyby"), se, SE(other), 1e-9)
    agree(paste(name, "se: c'Vc and linearised"), se, error(d, of$z %*% c), 1e-9)
    put(name, value, se, df, value - t * se, value + t * se)
  }
  ratio <- function(name, over, under) {  # the se is that of the logarithm
    above <- sum(over * p); below <- sum(under * p)
    if (above <= 0 || below <= 0) return(put(name, NA, NA, NA, NA, NA))
    c <- over / above - under / below; se <- sqrt(as.numeric(t(c) %*% v %*% c))
    ends <- svycontrast(of$by, list(over = over, under = under)); log_ratio <- svycontrast(ends, quote(log(over / under)))
    agree(paste(name, "and its se: by hand and svycontrast of the logarithm"), c(above / below, se), c(exp(coef(log_ratio)), SE(log_ratio)), 1e-9)
    put(name, above / below, se, df, above / below * exp(-t * se), above / below * exp(t * se))
  }
  contrast("sii", slope); ratio("rii", top, bottom); contrast("gap", last - first); ratio("ratio", last, first)
}

# ---- joint ranks, pair by pair, rank 1 the highest: Klein, Wright and Wieczorek (2020), as src/stats/rank.rs says -------------------
ranks <- function(figures, share) {
  count <- length(figures); value <- sapply(figures, `[[`, "value"); se <- sapply(figures, `[[`, "se"); df <- sapply(figures, `[[`, "df")
  half <- qt((1 + level^(1 / count)) / 2, df) * se
  centre <- if (share) qlogis(value) else value; if (share) half <- half / (value * (1 - value))
  without <- se == 0 | df <= 0 | (share & value %in% 0:1)
  low <- ifelse(without, -Inf, centre - half); high <- ifelse(without, Inf, centre + half)
  above <- outer(high, low, `<=`)  # row k, column j: region j lies wholly above region k
  data.frame(value, se, df, rank = rank(-value, ties.method = "min"), lower = 1 + rowSums(above), upper = count - colSums(above))
}

# ---- every parameter ----------------------------------------------------------------------------------------------------------------
for (parameter in names(measures)) {
  set <- measures[[parameter]][[1]]; share <- measures[[parameter]][[2]]
  inside <- !is.na(number(all2022[[set]]))  # a missing weight: outside the weight set, hence outside its design
  x <- all2022[inside, ]; y <- measures[[parameter]][[3]][inside]
  design <- svydesign(id = ~1, strata = ~Stratum, weights = ~w, fpc = ~populatie,
                      data = data.frame(Stratum = x$Stratum, w = number(x[[set]]), populatie = number(x$populatie), y = y))
  in_region <- function(region) !is.na(y) & switch(substr(region, 1, 2), GG = TRUE, GM = paste0("GM", x$Gemeentecode) == region,
                                                   WK = wijk2022[inside] %in% region)
  for (region in c("GG9901", gemeenten)) {
    use <- in_region(region) & !is.na(age[inside])
    do.call(keep, c("expected_standardised.csv", parameter, region, "esp2013", standardise(design[use, ], age[inside][use], share)))
    use <- in_region(region) & !is.na(education[inside]); d <- design[use, ]; g <- education[inside][use]
    a <- as.numeric(tapply(weights(d, "sampling"), factor(g, 1:3), sum)); a <- a / sum(a)
    inequality(d, g, a, share, function(...) keep("expected_inequality.csv", parameter, region, "education", ...))
  }
  use <- in_region("GG9901") & !is.na(ses[inside])
  inequality(design[use, ], ses[inside][use], quintile_shares, share, function(...) keep("expected_inequality.csv", parameter, "GG9901", "ses", ...))
  for (one in list(gemeenten, wijken[sapply(wijken, function(wijk) sum(in_region(wijk))) >= 50])) {
    rows <- ranks(lapply(one, function(region) estimate(design[in_region(region), ], share)), share)
    kind <- regions$level[regions$code == one[1]]
    for (i in seq_along(one)) do.call(keep, c("expected_ranks.csv", parameter, kind, one[i], as.list(rows[i, ])))
  }
}
write_rows("expected_standardised.csv", c("parameter", "region", "weights", "n", "value", "se", "df", "lower", "upper"))
write_rows("expected_inequality.csv", c("parameter", "region", "ranking", "statistic", "value", "se", "df", "lower", "upper"))
write_rows("expected_ranks.csv", c("parameter", "level", "region", "value", "se", "df", "rank", "lower", "upper"))
for (what in names(checked)) cat(what, "agree in", checked[[what]]["n"], "places, largest relative gap", format(checked[[what]]["gap"], digits = 2), "\n")
