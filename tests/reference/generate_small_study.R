#!/usr/bin/env Rscript
# Writes small_study.json: what R says of small-study effects, for the tests of `evidence`.
#
#   Rscript tests/reference/generate_small_study.R [FOLDER]
#
# metafor's regtest, ranktest and trimfill as they are, with tightened searches for tau2. metafor has
# no tests from counts (Harbord, Peters, Deeks) and none of Pustejovsky and Rodgers: their
# regressions are written out here from the papers and fitted by R's own lm.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
})

# metafor's thresholds are in squared units of the effects.
tight <- function(vi) list(threshold = 1e-13 * median(vi), tol = 1e-13 * median(vi), maxiter = 1e5)

# ------------------------------------------------------------------------------------------ the data

plain <- function(yi, vi, ni) list(yi = as.vector(yi), vi = as.vector(vi), ni = as.vector(ni))
of <- function(data, ni = NULL) plain(data$yi, data$vi, if (is.null(ni)) attributes(data$yi)$ni else ni)
bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
normand <- escalc("SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
smoke <- dat.hackshaw1998
schools <- dat.raudenbush1985
yusuf <- dat.yusuf1985[dat.yusuf1985$table == "6" & !is.na(dat.yusuf1985$ai), ]
set.seed(4114)
simulated <- function(k, tau, slope, least = 10, most = 800) {
  ni <- round(exp(runif(k, log(least), log(most))))
  vi <- 4 / ni * runif(k, 0.8, 1.25)
  plain(0.2 + slope * sqrt(vi) + rnorm(k, 0, sqrt(vi + tau^2)), vi, ni)
}
scaled <- function(data, unit) plain(data$yi * unit, data$vi * unit^2, data$ni)
tied <- plain(
  c(0.1, 0.2, 0.3, 0.3, 0.5, 0.5, 0.9, 1.2, 1.2, 1.5, -0.2, 0.3),
  c(0.01, 0.02, 0.03, 0.03, 0.05, 0.1, 0.2, 0.3, 0.3, 0.4, 0.1, 0.03),
  c(400, 200, 133, 133, 80, 40, 20, 13, 13, 10, 40, 133)
)
DATA <- list(
  bcg = of(bcg),
  smoke = plain(smoke$yi, smoke$vi, round(4 / smoke$vi)),
  schools = plain(schools$yi, schools$vi, schools$n1i + schools$n2i),
  stroke_care = of(normand),
  symmetric = simulated(15, 0, 0),
  lopsided = simulated(25, 0.05, 1.5),
  lopsided_down = simulated(20, 0.2, -1.8),
  heterogeneous = simulated(12, 0.6, 0.4),
  sixty = simulated(60, 0.15, 1),
  two_hundred = simulated(200, 0.1, 0.6),
  ten = simulated(10, 0, 0.8),
  nine = simulated(9, 0, 0.8),
  four = simulated(4, 0.1, 0.5),
  three = plain(c(-0.4, 0.1, 0.9), c(0.02, 0.08, 0.3), c(200, 50, 13)),
  nearly_one_size = plain(c(0.1, 0.4, -0.2, 0.5, 0.3, 0.2, 0.7, -0.1, 0.25, 0.33), 0.1 + 0.001 * c(3, 7, 1, 9, 5, 2, 8, 4, 6, 10), 400 - 3:12),
  dominated = plain(c(0.2, 0.5, 0.1, 0.9, -0.3, 0.7, 0.4, 0.35, 1.1, 0.8), c(1e-7, 0.1, 0.05, 0.3, 0.12, 0.2, 0.08, 0.04, 0.5, 0.25), c(1e7, 40, 80, 13, 33, 20, 50, 100, 8, 16)),
  tied = tied
)
DATA$tiny_scale <- scaled(DATA$lopsided, 1e-8)
DATA$huge_scale <- scaled(DATA$lopsided, 1e8)
# The same data far from 0.
DATA$far_from_zero <- within(DATA$lopsided, yi <- yi + 1000)

# ------------------------------------------------------------------------------- effects: the tests

PREDICTORS <- c(standard_error = "sei", variance = "vi", inverse_n = "ninv", inverse_sqrt_n = "sqrtninv")
FITS <- list(
  list(model = "lm"),
  list(model = "rma", method = "REML", test = "z"),
  list(model = "rma", method = "REML", test = "knha"),
  list(model = "rma", method = "DL", test = "z"),
  list(model = "rma", method = "PM", test = "t")
)
# regtest has no argument for the search; the model it is given has.
fitted_rma <- function(data, method, test = "z") {
  rma(data$yi, data$vi, ni = data$ni, method = method, test = test, control = tight(data$vi))
}

egger <- function(data) {
  found <- list()
  for (name in names(PREDICTORS)) for (fit in FITS) {
    method <- if (is.null(fit$method)) "REML" else fit$method
    test <- if (is.null(fit$test)) "z" else fit$test
    # metafor takes a predictor on a very small scale for a constant, and then stops.
    r <- tryCatch(
      regtest(fitted_rma(data, method, test), model = fit$model, predictor = PREDICTORS[[name]], ret.fit = TRUE),
      error = function(e) {
        message(data$id, paste(name, method, test), ": ", conditionMessage(e))
        NULL
      }
    )
    if (is.null(r)) next
    slope <- if (fit$model == "lm") coef(summary(r$fit))[2, 1:2] else c(r$fit$beta[2], r$fit$se[2])
    found[[length(found) + 1]] <- list(
      test = paste(name, fit$model, method, test), predictor = name, model = fit$model, method = method,
      ci = test, slope = slope[1], se = slope[2], statistic = as.vector(r$zval), p = as.vector(r$pval),
      df = if (fit$model == "lm") r$dfs else if (test == "z") NULL else length(data$yi) - 2,
      tau2 = if (fit$model == "lm") NULL else r$fit$tau2,
      limit = as.vector(r$est), limit.lb = as.vector(r$ci.lb), limit.ub = as.vector(r$ci.ub)
    )
  }
  found
}

# ranktest gives no p value of 200 studies: cor.test, which it calls, has a normal one.
ranks <- function(data) {
  r <- suppressWarnings(ranktest(data$yi, data$vi))
  w <- 1 / data$vi
  deviates <- (data$yi - weighted.mean(data$yi, w)) / sqrt(data$vi - 1 / sum(w))
  own <- suppressWarnings(cor.test(deviates, data$vi, method = "kendall", exact = FALSE))
  list(tau = as.vector(r$tau), p = as.vector(if (is.na(r$pval)) own$p.value else r$pval))
}

# trimfill fits with metafor's default thresholds whatever those of its model are. From the number and
# the side that it found, the rest follows; here once more with tight ones, and checked against it.
tightly <- function(data, method, r) {
  refit <- function(y, v) rma(y, v, method = method, control = tight(data$vi))
  sign <- if (r$side == "left") 1 else -1
  ranked <- order(sign * data$yi)
  k <- length(ranked)
  last <- if (r$k0 > 0) tail(ranked, r$k0) else integer(0)
  first <- head(ranked, k - r$k0)
  centre <- if (length(first) > 1) as.vector(refit(data$yi[first], data$vi[first])$beta) else data$yi[first]
  made_up <- 2 * centre - data$yi[last]
  fit <- refit(c(data$yi, made_up), c(data$vi, data$vi[last]))
  # On a very small scale the default thresholds are no thresholds at all.
  stopifnot(abs(fit$beta - r$beta) < 0.02 * r$se || median(data$vi) < 1e-10, fit$k == r$k)
  list(
    beta = as.vector(fit$beta), se = fit$se, ci.lb = fit$ci.lb, ci.ub = fit$ci.ub, tau2 = fit$tau2,
    filled = I(sort(made_up)), filled.vi = I(data$vi[last][order(made_up)])
  )
}

filled <- function(data) {
  found <- list()
  for (method in c("EE", "REML", "DL")) {
    fit <- fitted_rma(data, method)
    for (estimator in c("L0", "R0")) for (side in c("regression", "left", "right")) {
      r <- tryCatch(
        suppressWarnings(if (side == "regression") trimfill(fit, estimator = estimator) else trimfill(fit, estimator = estimator, side = side)),
        error = function(e) {
          message(paste(method, estimator, side), ": ", conditionMessage(e))
          NULL
        }
      )
      if (is.null(r)) next
      found[[length(found) + 1]] <- c(
        list(test = paste(method, estimator, side), method = method, estimator = estimator, asked = side),
        list(side = r$side, k0 = r$k0, se.k0 = r$se.k0, p.k0 = r$p.k0, k = r$k), tightly(data, method, r)
      )
    }
  }
  found
}

cases <- lapply(names(DATA), function(id) {
  data <- DATA[[id]]
  message(id)
  c(list(id = id), data, list(egger = egger(data), rank = ranks(data), filled = filled(data)))
})

# ------------------------------------------------------------------------------- counts: the tests

tables <- function(a, n1, c, n2) data.frame(a = a, n1 = n1, c = c, n2 = n2)
random <- function(k, p1, p2, most) {
  n1 <- round(exp(runif(k, log(15), log(most)))); n2 <- pmax(10, round(n1 * runif(k, 0.6, 1.6)))
  tables(rbinom(k, n1, p1), n1, rbinom(k, n2, p2), n2)
}
niel <- dat.nielweise2007
COUNTS <- list(
  bcg = with(dat.bcg, tables(tpos, tpos + tneg, cpos, cpos + cneg)),
  beta_blockers = with(yusuf, tables(ai, n1i, ci, n2i)),
  catheters = with(niel, tables(ai, n1i, ci, n2i)),
  common_events = random(16, 0.35, 0.45, 600),
  rare_events = random(22, 0.03, 0.05, 400),
  very_common = random(14, 0.9, 0.93, 300),
  ten = random(10, 0.2, 0.3, 500),
  six = random(6, 0.2, 0.3, 500),
  three = tables(c(3, 10, 40), c(20, 80, 400), c(6, 12, 61), c(22, 79, 410)),
  double_zero = rbind(random(12, 0.2, 0.3, 500), tables(c(0, 20), c(30, 20), c(0, 25), c(31, 25))),
  forty = random(40, 0.15, 0.2, 1000),
  large = random(12, 0.4, 0.4, 20000)
)

line <- function(y, x, w) {
  s <- summary(lm(y ~ x, weights = w))
  b <- s$coefficients
  list(slope = b[2, 1], se = b[2, 2], statistic = b[2, 3], p = b[2, 4], df = s$df[2], limit = b[1, 1], limit.se = b[1, 2])
}

from_counts <- function(d) {
  d <- as.data.frame(lapply(d[d$a + d$c > 0 & d$a + d$c < d$n1 + d$n2, ], as.numeric))
  N <- d$n1 + d$n2; e <- d$a + d$c; h <- N - e
  y <- as.vector(escalc("OR", ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2)$yi)
  Z <- d$a - e * d$n1 / N
  V <- d$n1 * d$n2 * e * h / (N^2 * (N - 1))
  # As the paper has it: the intercept of Z/sqrt(V) on sqrt(V), which is the slope of ours.
  s <- summary(lm(I(Z / sqrt(V)) ~ sqrt(V)))$coefficients
  ess <- 4 * d$n1 * d$n2 / N
  list(
    used = nrow(d),
    harbord = list(slope = s[1, 1], se = s[1, 2], statistic = s[1, 3], p = s[1, 4], df = nrow(d) - 2, limit = s[2, 1], limit.se = s[2, 2]),
    peters = line(y, 1 / N, e * h / N),
    deeks = line(y, 1 / sqrt(ess), ess)
  )
}
counts <- lapply(names(COUNTS), function(id) {
  d <- COUNTS[[id]]
  c(list(id = paste0("counts_", id)), as.list(d), from_counts(d))
})

# -------------------------------------------------------------- standardised mean differences: the test

SMD <- list(
  schools = with(schools, data.frame(yi = as.vector(yi), n1 = n1i, n2 = n2i)),
  stroke_care = with(normand, data.frame(yi = as.vector(yi), n1 = n1i, n2 = n2i)),
  simulated = local({n1 <- sample(8:300, 30); n2 <- sample(8:300, 30); data.frame(yi = rnorm(30, 0.3 + 1.2 * sqrt(1/n1 + 1/n2), sqrt(1/n1 + 1/n2)), n1 = n1, n2 = n2)})
)
smd <- lapply(names(SMD), function(id) {
  d <- SMD[[id]]
  w <- 1 / d$n1 + 1 / d$n2
  mixed <- regtest(rma(d$yi, w, control = tight(w)), ret.fit = TRUE)
  c(list(id = paste0("smd_", id)), as.list(d), list(
    weighted = line(d$yi, sqrt(w), 1 / w),
    mixed = list(slope = mixed$fit$beta[2], se = mixed$fit$se[2], statistic = mixed$zval, p = mixed$pval)
  ))
})

write_fixture(list(cases = cases, counts = counts, smd = smd), "small_study.json", c("metafor", "metadat"))
