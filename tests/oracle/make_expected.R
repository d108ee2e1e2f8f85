# What R survey says of the api designs and of the sample data: the numbers that tests/oracle.rs holds the program to.
# Usage, from anywhere: Rscript tests/oracle/make_expected.R
# Writes, beside itself: api/*.csv (trimmed copies of the example data of the survey package), expected.csv, expected_sample.csv, VERSIONS.
suppressPackageStartupMessages(library(survey))
options(digits = 15, warn = 1, survey.lonely.psu = "fail", survey.adjust.domain.lonely = FALSE)
here <- dirname(normalizePath(sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)[1])))
root <- normalizePath(file.path(here, "..", ".."))
level <- 0.95; tail <- (1 - level) / 2

# ---- one domain of one design --------------------------------------------------------------------------------------------------

# `d` is the design subset to the domain with y known (never a design of filtered rows); y stands in its column `y`.
# A share of 0 or 1 and a mean of equal values have se 0; R leaves rounding noise there, so those are set, not computed.
# `df` is that of the domain itself, unless given.
estimate <- function(d, share, methods, df = degf(d)) {
  y <- d$variables$y; w <- weights(d, "sampling"); n <- length(y); used <- w > 0
  rows <- data.frame(method = methods, n = n, value = NA, se = NA, deff = NA, df = NA, lower = NA, upper = NA)
  if (!any(used)) return(rows)
  m <- svymean(~y, d); p <- as.numeric(coef(m)); se <- as.numeric(SE(m))
  constant <- all(y[used] == y[used][1])
  if (constant) { p <- y[used][1]; if (!is.nan(se)) se <- 0 }
  s2 <- sum(w * (y - p)^2) / sum(w) * n / (n - 1)
  deff <- if (n > 1 && !constant && !is.nan(se)) se^2 / (s2 / n) else NA
  # The safe design effect is R's `replace`, except that R does not count rows of weight 0 in n.
  if (!is.na(deff) && n < 2000 && all(used)) stopifnot(isTRUE(all.equal(deff, as.numeric(deff(svymean(~y, d, deff = "replace"))), tolerance = 1e-9)))
  rows$value <- p; rows$se <- if (is.nan(se)) NA else se; rows$deff <- deff; rows$df <- df
  for (i in seq_along(methods)) {
    ci <- interval(d, methods[i], share, p, se, df, w)
    rows$lower[i] <- ci[1]; rows$upper[i] <- ci[2]
  }
  rows
}

interval <- function(d, method, share, p, se, df, w) {
  if (is.nan(se)) return(c(NA, NA))
  if (share && (p == 0 || p == 1)) {  # Clopper-Pearson on Kish's effective n: every other method is undefined here
    kish <- sum(w)^2 / sum(w^2)
    return(if (p == 0) c(0, qbeta(1 - tail, 1, kish)) else c(qbeta(tail, kish, 1), 1))
  }
  if (df <= 0 || se == 0) return(c(NA, NA))
  t <- qt(1 - tail, df)
  if (!share) return(c(p - t * se, p + t * se))
  if (method == "wilson") return(wilson(p, p * (1 - p) / se^2, t))
  ci <- as.numeric(attr(svyciprop(~y, d, method = c(logit = "xlogit", beta = "beta", asin = "asin", t = "mean")[[method]], level = level, df = df), "ci"))
  if (method == "asin") {  # beyond [0, pi/2] sin^2 turns back and R's limit passes the value; the angle is kept within
    angle <- asin(sqrt(p)); half <- t * se / (2 * sqrt(p * (1 - p)))
    if (angle - half < 0) ci[1] <- 0
    if (angle + half > pi / 2) ci[2] <- 1
  }
  ci
}

# Wilson's score interval on the effective n with a t quantile, as svyciprop(method = "wilson") of survey 4.5; 4.1 does not have it.
wilson <- function(p, n, t) {
  centre <- (p + t^2 / (2 * n)) / (1 + t^2 / n)
  half <- t / (1 + t^2 / n) * sqrt(p * (1 - p) / n + t^2 / (4 * n^2))
  c(centre - half, centre + half)
}

shares <- c("logit", "beta", "wilson", "asin", "t")
out <- list()
keep <- function(design, parameter, region, dimension, category, rows) {
  out[[length(out) + 1]] <<- cbind(data.frame(design, parameter, region, dimension, category), rows)
}
digits15 <- function(x) ifelse(is.na(x), "", sprintf("%.15g", x))
write_expected <- function(name) {
  all <- do.call(rbind, out)
  for (column in c("value", "se", "deff", "lower", "upper")) all[[column]] <- digits15(all[[column]])
  write.csv(all, file.path(here, name), row.names = FALSE, quote = FALSE, na = "", eol = "\n")
  cat(name, nrow(all), "rows,", file.size(file.path(here, name)), "bytes\n")
  out <<- list()
  all
}

# ---- the api data of the survey package: fixtures -------------------------------------------------------------------------------

data(api)
api_folder <- file.path(here, "api")
fixture <- function(data, name, more) {
  x <- data.frame(gemeente = "9001", stype = data$stype, awards = data$awards, schwide = data$sch.wide, compimp = data$comp.imp,
                  api00 = data$api00, enroll = data$enroll, more, pw = sprintf("%.15g", data$pw), fpc = data$fpc)
  path <- file.path(api_folder, name)
  write.csv(x, path, row.names = FALSE, quote = FALSE, na = "", eol = "\n")
  read.csv(path)  # what is computed below is computed from the file
}
is_h <- which(apistrat$stype == "H")
# The domain "in" holds every E and M school and one H school, of a stratum of 50: not a lonely PSU.
one_h <- ifelse(apistrat$stype != "H" | seq_len(nrow(apistrat)) == is_h[1], "in", "out")
strat <- fixture(apistrat, "apistrat.csv", data.frame(one_h = one_h))
lonely <- fixture(apistrat[-is_h[-1], ], "apistrat_lonelyH.csv", data.frame(one_h = one_h[-is_h[-1]]))
# Weight 0 in every sixth row, and for all M schools without award, so that a domain has a stratum, and another one nothing, above 0.
zero <- apistrat; zero$pw[seq_len(nrow(zero)) %% 6 == 0 | (zero$stype == "M" & zero$awards == "No")] <- 0
zero <- fixture(zero, "apistrat_weight0.csv", data.frame(one_h = one_h))
# An invented stratum that contains whole clusters, for clusters within strata.
clus <- fixture(apiclus1, "apiclus1.csv", data.frame(dnum = apiclus1$dnum, half = ifelse(apiclus1$cnum <= 30, "low", "high")))

api_domains <- function(x) {
  domains <- list(list("total", "total", rep(TRUE, nrow(x))))
  add <- function(dimension, category, inside) domains[[length(domains) + 1]] <<- list(dimension, category, inside)
  for (s in c("E", "H", "M")) add("stype", s, x$stype == s)
  for (a in c("No", "Yes")) add("awards", a, x$awards == a)
  for (a in c("No", "Yes")) add("schwide", a, x$schwide == a)
  for (s in c("E", "H", "M")) for (a in c("No", "Yes")) add("stype*awards", paste(s, a, sep = "*"), x$stype == s & x$awards == a)
  if (!is.null(x$one_h)) for (o in c("in", "out")) add("one_h", o, x$one_h == o)
  domains
}
api_design <- function(name, x, make, methods = shares, single_psu = "fail", whole_df = FALSE) {
  options(survey.lonely.psu = single_psu)
  y <- list(awards_yes = x$awards == "Yes", comp_imp_yes = x$compimp == "Yes", sch_wide_yes = x$schwide == "Yes", api00 = x$api00, enroll = x$enroll)
  for (parameter in names(y)) {
    share <- is.logical(y[[parameter]])
    x$y <- as.numeric(y[[parameter]])
    design <- make(x)
    for (domain in api_domains(x)) {
      d <- subset(design, domain[[3]] & !is.na(x$y))
      rows <- estimate(d, share, if (share) methods else "t", degf(if (whole_df) design else d))
      keep(name, parameter, "GG9001", domain[[1]], domain[[2]], rows)
    }
  }
}
stratified <- function(x) svydesign(id = ~1, strata = ~stype, weights = ~pw, fpc = ~fpc, data = x)
stratified_nofpc <- function(x) svydesign(id = ~1, strata = ~stype, weights = ~pw, data = x)
api_design("strat_fpc", strat, stratified)
api_design("strat_fpc_design_df", strat, stratified, "logit", whole_df = TRUE)
api_design("strat_nofpc", strat, stratified_nofpc)
api_design("strat_weights_only", strat, function(x) svydesign(id = ~1, weights = ~pw, data = x))
api_design("weight0_fpc", zero, stratified)
api_design("clus1_fpc", clus, function(x) svydesign(id = ~dnum, weights = ~pw, fpc = ~fpc, data = x))
api_design("clus1_nofpc", clus, function(x) svydesign(id = ~dnum, weights = ~pw, data = x))
api_design("clus1_strata", clus, function(x) svydesign(id = ~dnum, strata = ~half, weights = ~pw, data = x, nest = TRUE), "logit")
for (single_psu in c("adjust", "average", "certainty")) {
  api_design(paste0("lonelyH_fpc_", single_psu), lonely, stratified, "logit", single_psu)
  api_design(paste0("lonelyH_nofpc_", single_psu), lonely, stratified_nofpc, "logit", single_psu)
}
# Under `fail` R stops, and so must the program.
options(survey.lonely.psu = "fail"); lonely$y <- lonely$api00
stopifnot(inherits(try(svymean(~y, stratified(lonely)), silent = TRUE), "try-error"))
expected <- write_expected("expected.csv")

# Wilson against survey 4.5, where its numbers lie beside the repository.
newer <- file.path(root, "..", "shared", "oracle", "survey", "expected.csv")
if (file.exists(newer)) {
  newer <- read.csv(newer); newer <- newer[newer$statistic == "svyciprop.wilson", ]
  items <- c(awards_yes = 'I(awards == "Yes")', comp_imp_yes = 'I(comp.imp == "Yes")')
  checked <- 0
  for (parameter in names(items)) for (design in c("strat_fpc", "strat_nofpc", "strat_weights_only", "clus1_fpc", "clus1_nofpc")) {
    own <- expected[expected$design == design & expected$parameter == parameter & expected$dimension == "total" & expected$method == "wilson", ]
    other <- newer[newer$design == design & newer$item == items[[parameter]], ]
    stopifnot(nrow(own) == 1, nrow(other) == 1, isTRUE(all.equal(as.numeric(own[c("lower", "upper")]), as.numeric(other[c("ci_l", "ci_u")]), tolerance = 1e-9)))
    checked <- checked + 1
  }
  cat("wilson agrees with survey 4.5 in", checked, "places\n")
}

# ---- the sample data ------------------------------------------------------------------------------------------------------------

options(survey.lonely.psu = "adjust")
sample <- read.csv2(file.path(root, "sample-data", "gmvo-2022.csv"), fileEncoding = "UTF-8-BOM", colClasses = "character")
regions <- read.csv2(file.path(root, "sample-data", "regions-2022.csv"), fileEncoding = "UTF-8", colClasses = "character")
number <- function(text) as.numeric(sub(",", ".", text, fixed = TRUE))
coded <- function(text, yes, no) ifelse(text %in% yes, 1, ifelse(text %in% no, 0, NA))
points <- function(columns, table) { x <- sapply(columns, function(name) unname(table[sample[[name]]])); matrix(x, nrow = nrow(sample)) }

# K10 by its rule: reversed items; up to two missing ones replaced by the declared item means; cut unrounded.
k10_file <- readLines(file.path(root, "pipelines", "instruments", "k10.toml"))
k10_from <- grep("^\\[score\\.item-means\\]|^item-means *=", k10_file)[1]
k10_means <- as.numeric(sub(".*= *", "", k10_file[k10_from + 1:10])); stopifnot(!anyNA(k10_means))
k10_items <- points(sprintf("GGADB2%02d", 1:10), c(`1` = 5, `2` = 4, `3` = 3, `4` = 2, `5` = 1))
k10 <- ifelse(rowSums(is.na(k10_items)) <= 2, rowSums(ifelse(is.na(k10_items), rep(k10_means, each = nrow(sample)), k10_items)), NA)
# De Jong Gierveld: "min of meer" is lonely on every item; one missing item is allowed, and the rest is summed.
positive <- c(1, 4, 7, 8, 11)
djg_items <- points(sprintf("GGEEB2%02d", 1:11), c(`1` = 1, `2` = 1, `3` = 0))
djg_items[, positive] <- points(sprintf("GGEEB2%02d", positive), c(`1` = 0, `2` = 1, `3` = 1))
djg <- ifelse(rowSums(is.na(djg_items)) <= 1, rowSums(djg_items, na.rm = TRUE), NA)

measures <- list(
  anx_dep_risk_high = list("ewGGD", TRUE, as.numeric(k10 >= 30)),
  anx_dep_risk_score = list("ewGGD", FALSE, k10),
  lonely = list("ewGGD", TRUE, as.numeric(djg >= 3)),
  lonely_severe_ggees209 = list("ewGGD", TRUE, coded(sample$GGEES209, "1", c("0", "8"))),
  caregiver_overburdened = list("ewCBSGGD", TRUE, coded(sample$MCMZGS204, "1", "0")),
  caregiver_overburdened_all = list("ewCBSGGD", TRUE, coded(sample$MCMZGS204, "1", c("0", "8"))),
  perceived_health_good = list("ewCBSGGD", TRUE, coded(sample$KLGGA208, "1", "0")))

gemeente <- paste0("GM", sample$Gemeentecode)
wijk <- ifelse(sample$Wijkcode %in% c("", "99"), NA, paste0("WK", sample$Gemeentecode, sample$Wijkcode))
sex <- ifelse(sample$AGGSA202 %in% c("1", "2"), sample$AGGSA202, NA)
age <- unname(c(`1` = "18-39", `2` = "18-39", `3` = "40-64", `4` = "40-64", `5` = "65-74", `6` = "75+", `7` = "75+")[sample$LeeftijdSub])
ages <- c("18-39", "40-64", "65-74", "75+")
stopifnot(all(na.omit(wijk) %in% regions$code), all(gemeente %in% regions$code))

frame <- data.frame(Stratum = sample$Stratum, populatie = number(sample$populatie))
for (set in unique(sapply(measures, `[[`, 1))) {
  weight <- number(sample[[set]])
  inside <- !is.na(weight)  # a missing weight: outside the weight set, hence outside its design
  x <- cbind(frame, w = weight)[inside, ]
  design <- svydesign(id = ~1, strata = ~Stratum, weights = ~w, fpc = ~populatie, data = x)
  for (parameter in names(measures)) if (measures[[parameter]][[1]] == set) {
    share <- measures[[parameter]][[2]]; y <- measures[[parameter]][[3]][inside]
    design$variables$y <- y
    known <- !is.na(y)
    domain <- function(region, dimension, category, where) {
      where <- where[inside]
      keep(set, parameter, region, dimension, category, estimate(subset(design, known & !is.na(where) & where), share, if (share) "logit" else "t"))
    }
    everybody <- rep(TRUE, nrow(sample))
    for (region in regions$code[regions$level %in% c("ggd", "gemeente", "wijk")]) {
      here_now <- switch(substr(region, 1, 2), GG = everybody, GM = gemeente == region, WK = !is.na(wijk) & wijk == region)
      domain(region, "total", "total", here_now)
      for (s in c("1", "2")) domain(region, "sex", s, here_now & sex == s)
      for (a in ages) domain(region, "age", a, here_now & age == a)
      if (substr(region, 1, 2) != "WK") for (s in c("1", "2")) for (a in ages) domain(region, "sex*age", paste(s, a, sep = "*"), here_now & sex == s & age == a)
    }
  }
}
invisible(write_expected("expected_sample.csv"))

writeLines(c(R.version.string, paste("survey", packageVersion("survey"))), file.path(here, "VERSIONS"))
