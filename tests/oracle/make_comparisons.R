# What R survey says of differences: between categories, regions and periods, of trends, and of a two-stage sample.
# Usage, from anywhere, after make_expected.R: Rscript tests/oracle/make_comparisons.R
# Writes, beside itself: api/apiclus2.csv, expected_comparisons.csv, expected_two_stage.csv, expected_periods.csv, expected_trends.csv.
suppressPackageStartupMessages(library(survey))
options(digits = 15, warn = 1, survey.lonely.psu = "fail", survey.adjust.domain.lonely = FALSE)
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
root <- normalizePath(file.path(here, "..", ".."))
level <- 0.95; tail <- (1 - level) / 2

digits15 <- function(x) ifelse(is.na(x), "", sprintf("%.15g", x))
out <- list()
keep <- function(...) out[[length(out) + 1]] <<- unlist(lapply(list(...), function(x) if (is.character(x)) x else digits15(x)))
write_rows <- function(name, columns) {
  rows <- do.call(rbind, out); out <<- list()
  stopifnot(ncol(rows) == length(columns), !grepl(",", rows))
  writeLines(c(paste(columns, collapse = ","), apply(rows, 1, paste, collapse = ",")), path <- file.path(here, name), sep = "\n")
  cat(name, nrow(rows), "rows,", file.size(path), "bytes\n")
}
checked <- list()  # the largest relative difference between two ways to one number, per kind of number
agree <- function(what, a, b, tolerance) {
  gap <- max(abs(as.numeric(a) - as.numeric(b)) / abs(as.numeric(b)))
  if (!is.finite(gap) || gap > tolerance) stop(what, ": ", digits15(a), " is not ", digits15(b))
  checked[[what]] <<- c(gap = max(gap, checked[[what]]["gap"]), n = sum(1, checked[[what]]["n"], na.rm = TRUE))
}

# ---- one comparison ------------------------------------------------------------------------------------------------------------
none <- list(f = NA, ndf = NA, ddf = NA, p_test = NA)  # no test
# Mean of a side; of equal values exactly that value.
side <- function(y, w) { y1 <- y[w > 0]; if (all(y1 == y1[1])) y1[1] else sum(w * y) / sum(w) }

# `a` and `b` are two sides of the design, with y known. They are disjoint, or `a` lies within `b`; the design is subset to their union.
# The linearised variable of the difference is that of side `a` less that of `b`, so their covariance is in the variance.
compare <- function(design, y, a, b, share) {
  u <- a | b; d <- design[u, ]; y <- y[u]; a <- a[u]; b <- b[u]; w <- weights(d, "sampling")
  r <- list(n = sum(a), n_reference = sum(b), difference = NA, se = NA, df = NA, lower = NA, upper = NA, p_difference = NA)
  if (sum(w[a]) == 0 || sum(w[b]) == 0) return(c(r, none))
  ma <- side(y[a], w[a]); mb <- side(y[b], w[b])
  r$difference <- if (abs(ma - mb) < 1e-14 * max(abs(y))) 0 else ma - mb  # rounding leaves a hair where two means are equal
  z <- w * (a * (y - ma) / sum(w[a]) - b * (y - mb) / sum(w[b]))
  r$se <- sqrt(as.numeric(svyrecvar(z, d$cluster, d$strata, d$fpc)))
  # No spread, or all of it within one unit: rounding leaves a hair there.
  if (!is.nan(r$se) && r$se <= 1e-9 * sqrt(sum(z^2))) r$se <- 0
  r$df <- degf(d) - 1
  if (!is.nan(r$se) && r$se > 0) {
    ratios <- svyratio(cbind(ya = a * y, yb = b * y), cbind(a = a * 1, b = b * 1), d, covmat = TRUE)  # a/a, b/a, a/b, b/b
    agree("se: linearised and svycontrast of svyratio", r$se, SE(svycontrast(ratios, c(1, 0, 0, -1))), 1e-12)
    if (r$df > 0) {
      r$lower <- r$difference - qt(1 - tail, r$df) * r$se; r$upper <- r$difference + qt(1 - tail, r$df) * r$se
      r$p_difference <- 2 * pt(-abs(r$difference / r$se), r$df)
      if (!any(a & b)) {
        d$variables <- data.frame(y = y, a = as.numeric(a))
        s <- suppressWarnings(svyttest(y ~ a, d)); stopifnot(s$parameter == r$df)  # glm warns of weights of 0
        agree("limits: linearised and svyttest", c(r$lower, r$upper), s$conf.int, 1e-9)
      }
    }
  }
  c(r, if (share && !any(a & b)) association(d, a, y) else none)
}

# Rao and Scott's F for groups by y, of a design that holds those rows only. svychisq divides by a design effect of the interaction under the
# observed cells, not the expected ones: with two groups, Delta = N Var(sum c_i m_i / m_i) / sum 1/m_i, c = (1, -1, -1, 1), the numerator's
# m_i being estimates, the denominators fixed. nu is the number of units less that of strata, units of weight 0 included (degf leaves them out).
# A cell of 0 where no margin is: R puts 0 for its 1/m_i, so it is left out of both sums, while X2 has its expected count as usual.
# R gives finite numbers and no warning. strat_fpc, comp_imp_yes, M*No against E*No: rows with y = 0 and 1 are 26 and 0, 25 and 2, weights
# 529.36 and 0, 1105.25 and 88.42; X2 1.27139086349231, Delta 1.20941874613545, F 1.05124124093073 on 1 and 51, p 0.310060090385511.
association <- function(d, g, y) {
  w <- weights(d, "sampling"); margins <- c(rowsum(w, as.character(g)), rowsum(w, y))
  nu <- length(unique(d$cluster[, 1])) - length(unique(d$strata[, 1]))
  if (length(unique(y)) < 2 || length(unique(g)) < 2 || any(margins == 0) || nu <= 0) return(none)
  d$variables <- data.frame(g = factor(g), y = y)
  t <- svychisq(~g + y, d, statistic = "F")
  if (is.finite(t$statistic) && length(unique(g)) == 2) {
    cell <- cbind(!g & !y, g & !y, !g & y, g & y); m <- colSums(w * cell) / sum(w); of <- c(1, -1, -1, 1) * ifelse(m > 0, 1 / m, 0)
    z <- w / sum(w) * sweep(cell, 2, m) %*% of
    x2 <- (m[1] * m[4] - m[2] * m[3])^2 / prod(m[1] + m[2], m[3] + m[4], m[1] + m[3], m[2] + m[4])
    agree("F: svychisq and by hand", t$statistic, x2 / svyrecvar(z, d$cluster, d$strata, d$fpc) * sum(abs(of)), 1e-8)
  }
  if (is.nan(t$statistic)) none else list(f = t$statistic, ndf = t$parameter[["ndf"]], ddf = t$parameter[["ddf"]], p_test = t$p.value)
}

# Each category of a dimension against the others together, and against each of them.
categories <- function(name, parameter, region, dimension, category, design, y, where, share) {
  known <- where & !is.na(y) & !is.na(category)
  there <- sort(unique(category[known]))
  for (a in there) for (b in c("", setdiff(there, a))) {
    rest <- known & if (b == "") category != a else category == b
    if (any(rest)) do.call(keep, c(list(name, parameter, region, dimension, a, if (b == "") "rest_of_dimension" else "other_category", region, b),
                                   compare(design, y, known & category == a, rest, share)))
  }
}

# ---- the api data --------------------------------------------------------------------------------------------------------------
fixture <- function(name) read.csv(file.path(here, "api", name))
data(api)
two_stage <- with(apiclus2, data.frame(gemeente = "9001", stype, awards, schwide = sch.wide, compimp = comp.imp, api00, enroll, dnum, snum,
                                       pw = sprintf("%.15g", pw), fpc1, fpc2))
write.csv(two_stage, file.path(here, "api", "apiclus2.csv"), row.names = FALSE, quote = FALSE, na = "", eol = "\n")
two_stage <- fixture("apiclus2.csv")  # six schools have no known enroll
measures_of <- function(x) list(awards_yes = x$awards == "Yes", comp_imp_yes = x$compimp == "Yes", sch_wide_yes = x$schwide == "Yes",
                                api00 = x$api00, enroll = x$enroll)
dimensions_of <- function(x) c(list(stype = x$stype, awards = x$awards, schwide = x$schwide, `stype*awards` = paste(x$stype, x$awards, sep = "*")),
                               if (!is.null(x$one_h)) list(one_h = x$one_h))
itself <- c(awards_yes = "awards", sch_wide_yes = "schwide")  # a parameter is not compared over the dimension that it is
api_comparisons <- function(name, x, design, single_psu = "fail") {
  options(survey.lonely.psu = single_psu)
  measures <- measures_of(x); dimensions <- dimensions_of(x)
  for (parameter in names(measures)) for (dimension in setdiff(names(dimensions), itself[parameter])) {
    y <- measures[[parameter]]
    categories(name, parameter, "GG9001", dimension, dimensions[[dimension]], design, as.numeric(y), TRUE, is.logical(y))
  }
}
stratified <- function(x) svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = x)
stratified_nofpc <- function(x) svydesign(id = ~1, strata = ~stype, weights = ~pw, data = x)
strat <- fixture("apistrat.csv"); lonely <- fixture("apistrat_lonelyH.csv"); zero <- fixture("apistrat_weight0.csv"); clus <- fixture("apiclus1.csv")
clus2_fpc <- svydesign(id = ~dnum + snum, weights = ~pw, fpc = ~fpc1 + fpc2, data = two_stage)
clus2_nofpc <- svydesign(id = ~dnum, weights = ~pw, data = two_stage)
api_comparisons("strat_fpc", strat, stratified(strat))
api_comparisons("strat_nofpc", strat, stratified_nofpc(strat))
api_comparisons("strat_weights_only", strat, svydesign(id = ~1, weights = ~pw, data = strat))
api_comparisons("weight0_fpc", zero, stratified(zero))
api_comparisons("clus1_fpc", clus, svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = clus))
api_comparisons("clus1_nofpc", clus, svydesign(id = ~dnum, weights = ~pw, data = clus))
api_comparisons("clus1_strata", clus, svydesign(id = ~dnum, strata = ~half, weights = ~pw, data = clus, nest = TRUE))
for (single_psu in c("adjust", "average", "certainty")) {
  api_comparisons(paste0("lonelyH_fpc_", single_psu), lonely, stratified(lonely), single_psu)
  api_comparisons(paste0("lonelyH_nofpc_", single_psu), lonely, stratified_nofpc(lonely), single_psu)
}
api_comparisons("clus2_fpc", two_stage, clus2_fpc)
comparisons <- out; out <- list()

# ---- estimates of the two-stage sample ------------------------------------------------------------------------------------------
# As `estimate` of make_expected.R, for its default methods.
estimate <- function(d, share) {
  y <- d$variables$y; w <- weights(d, "sampling"); n <- length(y); df <- degf(d); kish <- sum(w)^2 / sum(w^2)
  m <- svymean(~y, d); constant <- all(y == y[1]); p <- if (constant) y[1] else as.numeric(coef(m)); se <- if (constant) 0 else as.numeric(SE(m))
  deff <- if (constant) NA else se^2 / (sum(w * (y - p)^2) / sum(w) / (n - 1))
  ci <- if (share && p == 0) c(0, qbeta(1 - tail, 1, kish))
    else if (share && p == 1) c(qbeta(tail, kish, 1), 1)
    else if (df <= 0 || se == 0) c(NA, NA)
    else if (share) as.numeric(attr(svyciprop(~y, d, method = "xlogit", level = level, df = df), "ci"))
    else p + c(-1, 1) * qt(1 - tail, df) * se
  list(n, p, se, deff, df, ci[1], ci[2])
}
# No cluster holds one sampled school of several, so nothing stops under `fail`, and every rule for single units says the same.
for (name in c("clus2_fpc", "clus2_nofpc")) for (parameter in names(measures_of(two_stage))) {
  y <- measures_of(two_stage)[[parameter]]; share <- is.logical(y); design <- get(name); design$variables$y <- as.numeric(y)
  dimensions <- c(list(total = rep("total", nrow(two_stage))), dimensions_of(two_stage))
  for (dimension in names(dimensions)) for (one in sort(unique(dimensions[[dimension]]))) {
    d <- design[!is.na(y) & dimensions[[dimension]] == one, ]
    do.call(keep, c(list(name, parameter, "GG9001", dimension, one, if (share) "logit" else "t"), estimate(d, share)))
  }
}
write_rows("expected_two_stage.csv", c("design", "parameter", "region", "dimension", "category", "method", "n", "value", "se", "deff", "df", "lower", "upper"))
out <- comparisons

# ---- the sample data: as in make_expected.R -------------------------------------------------------------------------------------
options(survey.lonely.psu = "adjust")
source(file.path(here, "sample.R"))
measures <- list(
  anx_dep_risk_high = list("ewGGD", TRUE, as.numeric(k10(all2022) >= 30)),
  anx_dep_risk_score = list("ewGGD", FALSE, k10(all2022)),
  lonely = list("ewGGD", TRUE, as.numeric(djg(all2022) >= 3)),
  lonely_severe_ggees209 = list("ewGGD", TRUE, coded(all2022$GGEES209, "1", c("0", "8"))),
  caregiver_overburdened = list("ewCBSGGD", TRUE, coded(all2022$MCMZGS204, "1", "0")),
  perceived_health_good = list("ewCBSGGD", TRUE, coded(all2022$KLGGA208, "1", "0")))
for (parameter in names(measures)) {
  set <- measures[[parameter]][[1]]; share <- measures[[parameter]][[2]]
  inside <- !is.na(number(all2022[[set]]))  # a missing weight: outside the weight set, hence outside its design
  x <- all2022[inside, ]; y <- measures[[parameter]][[3]][inside]; known <- !is.na(y); gemeente <- paste0("GM", x$Gemeentecode)
  design <- svydesign(id = ~1, strata = ~Stratum, weights = ~w, fpc = ~populatie,
                      data = data.frame(Stratum = x$Stratum, w = number(x[[set]]), populatie = number(x$populatie)))
  wijk <- ifelse(x$Wijkcode %in% c("", "99"), "unknown", paste0("WK", x$Gemeentecode, x$Wijkcode))
  in_region <- function(region) known & switch(substr(region, 1, 2), GG = TRUE, GM = gemeente == region, WK = wijk == region)
  against <- function(region, reference, reference_region, b) {
    a <- in_region(region)
    row <- list(set, parameter, region, "total", "total", reference, reference_region, "total")
    if (any(a) && any(b)) do.call(keep, c(row, compare(design, y, a, b, share)))
  }
  for (region in c(gemeenten, wijken)) {
    parent <- regions$parent[regions$code == region]
    against(region, "rest_of_parent", parent, in_region(parent) & !in_region(region))  # an unknown wijk is of the rest
    against(region, "parent", parent, in_region(parent))
    if (parent != "GG9901") against(region, "ggd", "GG9901", in_region("GG9901"))
  }
  if (share) for (parent in c("GG9901", gemeenten)) {
    child <- if (parent == "GG9901") gemeente else wijk
    there <- in_region(parent) & child != "unknown"
    row <- list(set, parameter, parent, "total", "total", "all_siblings", "", "", sum(there))
    do.call(keep, c(row, as.list(rep(NA, 7)), association(design[there, ], child[there], y[there])))
  }
  sex <- ifelse(x$AGGSA202 %in% c("1", "2"), x$AGGSA202, NA)
  age <- c("18-39", "18-39", "40-64", "40-64", "65-74", "75+", "75+")[match(x$LeeftijdSub, 1:7)]
  for (region in c("GG9901", "GM9001", "GM9008")) {
    categories(set, parameter, region, "sex", sex, design, y, in_region(region), share)
    categories(set, parameter, region, "age", age, design, y, in_region(region), share)
  }
}
write_rows("expected_comparisons.csv", c("design", "parameter", "region", "dimension", "category", "reference", "reference_region", "reference_category",
  "n", "n_reference", "difference", "se", "df", "lower", "upper", "p_difference", "f", "ndf", "ddf", "p_test"))

# ---- periods, as pipelines/gmvo-series.toml has them: 2024 is not measured ------------------------------------------------------
own <- c(`2012` = "weegfactor3", `2016` = "ewGGD", `2020` = "ewGGDkern", `2022` = "ewGGD")
years <- do.call(rbind, lapply(names(own), function(year) {
  x <- read_sample(paste0("gmvo-", year, ".csv")); delivered <- year %in% c("2012", "2020")
  data.frame(year, gemeente = paste0("GM", x$Gemeentecode), stratum = paste(year, x$Stratum), populatie = number(x$populatie), w = number(x[[own[[year]]]]),
             lonely = if (delivered) coded(x$GGEES217, "1", "0") else as.numeric(djg(x) >= 3),
             anx_dep_risk_high = if (delivered) coded(x$GGADA203, "1", "0") else as.numeric(k10(x) >= 30))
}))
years <- years[!is.na(years$w), ]
of_years <- function(x) svydesign(id = ~1, strata = ~stratum, weights = ~w, fpc = ~populatie, data = x)
trends <- list()
for (parameter in c("lonely", "anx_dep_risk_high")) for (region in c("GG9901", gemeenten)) {
  x <- years; x$y <- x[[parameter]]; x$here <- !is.na(x$y) & (region == "GG9901" | x$gemeente == region)
  alone <- lapply(split(x, x$year), function(x) svymean(~y, subset(of_years(x), here)))
  p <- sapply(alone, coef); se <- sapply(alone, SE); names(p) <- names(se) <- names(alone)
  for (i in 2:length(own)) {
    pair <- names(own)[c(i, i - 1)]; both <- x[x$year %in% pair, ]
    r <- compare(of_years(both), both$y, both$here & both$year == pair[1], both$here & both$year == pair[2], TRUE)
    agree("se: of two designs and of the stacked one", sqrt(sum(se[pair]^2)), r$se, 1e-12)
    keep("gmvo", parameter, region, pair[1], pair[2], p[[pair[1]]] - p[[pair[2]]], sqrt(sum(se[pair]^2)), r$df, r$p_difference)
  }
  use <- names(own)[se > 0 & p > 0 & p < 1]; stopifnot(length(use) > 1)
  year <- as.numeric(use); w <- (p[use] * (1 - p[use]) / se[use])^2; about <- year - sum(w * year) / sum(w); logit <- qlogis(p[use])
  slope <- sum(w * about * logit) / sum(w * about^2)
  agree("slope: written out and lm", slope, coef(lm(logit ~ year, weights = w))[2], 1e-8)
  trends[[length(trends) + 1]] <- list(parameter, region, paste(use, collapse = ";"), length(use), slope, 1 / sqrt(sum(w * about^2)))
}
write_rows("expected_periods.csv", c("collection", "parameter", "region", "period", "reference_period", "difference", "se", "df", "p_difference"))
for (trend in trends) do.call(keep, trend)
write_rows("expected_trends.csv", c("parameter", "region", "periods", "n_periods", "slope", "se"))
for (what in names(checked)) cat(what, "agree in", checked[[what]]["n"], "places, largest relative gap", format(checked[[what]]["gap"], digits = 2), "\n")
