#!/usr/bin/env Rscript
# Writes selection.json: fail-safe N, excess significance, PET and PEESE, worst-case selection, and
# combined p values.
#
#   Rscript tests/reference/generate_selection.R [FOLDER]
#
# metafor runs as it is (fsn, tes, rma). Worst-case selection is solved here from its equation: the
# common-effect mean and metafor's and clubSandwich's robust one, with nonaffirmative weights times
# the ratio, by uniroot on the ratio; the worst case is rma of the nonaffirmative studies. Combined
# p values are written down from their definitions; Edgington's is the alternating sum.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
  library(clubSandwich)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
TIGHT <- list(threshold = 1e-14, maxiter = 2000)

# ------------------------------------------------------------------------------------------ the data

plain <- function(d) list(yi = c(d$yi), vi = c(d$vi))
made <- function(seed, k, effect, tau, small = 0.05, large = 0.6) {
  set.seed(seed)
  se <- runif(k, small, large)
  list(yi = rnorm(k, effect, sqrt(se^2 + tau^2)), vi = se^2)
}
selected <- function(seed, k, effect) { # only significant results, and a few of the others
  d <- made(seed, 20 * k, effect, 0.1)
  keep <- which(d$yi / sqrt(d$vi) > qnorm(.975) | seq_along(d$yi) %% 9 == 0)[1:k]
  list(yi = d$yi[keep], vi = d$vi[keep])
}
bcg <- plain(escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg))
DATA <- list(
  bcg = bcg,
  bcg_flipped = list(yi = -bcg$yi, vi = bcg$vi),
  bcg_large = list(yi = 2^27 * bcg$yi, vi = 2^54 * bcg$vi),
  bcg_small = list(yi = bcg$yi / 2^27, vi = bcg$vi / 2^54),
  writing = plain(dat.bangertdrowns2004),
  teachers = plain(dat.raudenbush1985),
  smoke = plain(dat.hackshaw1998),
  dorn = plain(escalc(measure = "RR", ai = x.a, n1i = n.a, ci = x.p, n2i = n.p, data = dat.dorn2007)),
  molloy = plain(escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)),
  nothing = made(1, 15, 0, 0),
  some = made(2, 12, 0.25, 0.1),
  strong = made(3, 20, 0.8, 0.05),
  one_dominates = list(yi = c(0.31, 0.9, 0.8, -0.1, 0.7, 0.2, 1.1, 0.5, 0.05, 0.6), vi = c(0.0004, 0.2, 0.15, 0.3, 0.1, 0.25, 0.2, 0.12, 0.4, 0.22)),
  selected_ten = selected(4, 10, 0.1),
  selected_thirty = selected(5, 30, 0.15),
  hundred = made(6, 100, 0.2, 0.15),
  two = list(yi = c(0.8, 0.1), vi = c(0.04, 0.09)),
  three = list(yi = c(0.8, 0.1, -0.2), vi = c(0.04, 0.09, 0.1)),
  four_alike = list(yi = c(0.5, 0.5, 0.5, 0.5), vi = c(0.02, 0.05, 0.1, 0.2))
)

# -------------------------------------------------------------------------------------- fail-safe N

fail_safe <- function(d) {
  target <- abs(mean(d$yi)) / 5
  one <- function(type, ...) {
    x <- fsn(d$yi, d$vi, type = type, ...)
    list(studies = x$fsnum, p_value = x$pval, mean = x$meanes)
  }
  list(target = target, rosenthal = one("Rosenthal"), rosenthal_01 = one("Rosenthal", alpha = 0.01),
       rosenberg = one("Rosenberg"), rosenberg_01 = one("Rosenberg", alpha = 0.01),
       orwin = one("Orwin", target = target), orwin_weighted = one("Orwin", target = target, weighted = TRUE))
}

# ------------------------------------------------------------------------------ excess significance

excess <- function(d) {
  one <- function(...) {
    exact <- if (length(d$yi) <= 13) tes(d$yi, d$vi, test = "exact", progbar = FALSE, ...)$pval else NULL
    x <- tes(d$yi, d$vi, test = "chi2", progbar = FALSE, ...)
    list(observed = x$O, expected = x$E, power = I(x$power), effect = x$theta, p_chi_square = x$pval, p_exact = exact)
  }
  scale <- sqrt(mean(d$vi))
  tau2 <- 0.1 * scale^2
  effect <- 0.7 * scale
  list(tau2 = tau2, effect = effect, plain = one(), alpha_10 = one(alpha = 0.1),
       given = one(theta = effect), spread = one(theta = effect, tau2 = tau2))
}

# -------------------------------------------------------------------------------------- PET and PEESE

lines <- function(d) {
  one <- function(x) {
    # A power of two is taken out of the moderator and put back: rma takes a column of numbers that
    # are far from 1 for one that is a multiple of the constant.
    unit <- 2^round(log2(max(x)))
    fit <- suppressWarnings(rma(d$yi, d$vi, mods = ~ I(x / unit), method = "EE", test = "knha"))
    by <- c(1, unit)
    list(estimate = I(c(fit$b) / by), standard_error = I(fit$se / by), ci_low = I(fit$ci.lb / by), ci_high = I(fit$ci.ub / by), p_value = I(fit$pval))
  }
  list(pet = one(sqrt(d$vi)), peese = one(d$vi))
}

# ------------------------------------------------------------------------------ worst-case selection

# Fisher scoring at full steps can run back and forth; shorter steps end where the likelihood does.
reml <- function(yi, vi, ...) {
  for (step in c(1, 0.5, 0.1)) {
    fit <- tryCatch(rma(yi, vi, method = "REML", control = c(TIGHT, stepadj = step), ...), error = function(e) NULL)
    if (!is.null(fit)) return(fit)
  }
  stop("REML did not converge")
}

worst <- function(d, target) {
  w0 <- 1 / d$vi
  sign <- if (sum(w0 * d$yi) < 0) -1 else 1
  y <- sign * (d$yi - target)
  z <- sign * d$yi / sqrt(d$vi)
  yes <- z > 0 & 2 * pnorm(-abs(z)) < 0.05
  common <- function(eta) {
    w <- ifelse(yes, 1, eta) / d$vi
    est <- sum(w * y) / sum(w)
    c(est, est - qnorm(.975) * sqrt(sum(w^2 * d$vi)) / sum(w))
  }
  unit <- 2^round(log2(sqrt(median(d$vi)))) # R's stopping rules are absolute
  tau2 <- unit^2 * reml(d$yi / unit, d$vi / unit^2)$tau2
  robust <- function(eta) {
    w <- ifelse(yes, 1, eta) / (d$vi + tau2)
    w <- w / max(w)
    fit <- rma(y / unit, d$vi / unit^2, weights = w, tau2 = tau2 / unit^2)
    found <- coef_test(fit, vcov = vcovCR(fit, cluster = seq_along(y), type = "CR2"), test = "Satterthwaite")
    unit * c(found$beta, found$beta - qt(.975, found$df_Satt) * found$SE)
  }
  ratio <- function(fun, part) {
    if (!any(yes) || all(yes) || fun(1)[1] <= 0) return(NA)
    if (fun(1)[part] <= 0) return(1)
    high <- if (identical(fun, robust)) 1e6 else 1e9
    if (fun(high)[part] > 0) return(Inf)
    exp(uniroot(function(t) fun(exp(t))[part], c(0, log(high)), tol = 1e-12, maxiter = 1e4)$root)
  }
  few <- sum(!yes) < 2 || length(y) > 40
  alone <- function(fitted, ...) {
    if (!any(!yes)) return(NULL)
    fit <- fitted(d$yi[!yes] / unit, d$vi[!yes] / unit^2, ...)
    list(estimate = unit * c(fit$b), ci_low = unit * fit$ci.lb, ci_high = unit * fit$ci.ub)
  }
  list(target = target, affirmative = sum(yes), nonaffirmative = sum(!yes), tau2 = tau2,
       common = list(at_1 = I(target + sign * common(1)), at_5 = I(target + sign * common(5)),
                     ratio_estimate = ratio(common, 1), ratio_interval = ratio(common, 2),
                     worst = alone(rma, method = "EE")),
       robust = if (few) NULL else list(
                     at_1 = I(target + sign * robust(1)), at_5 = I(target + sign * robust(5)),
                     ratio_estimate = ratio(robust, 1), ratio_interval = ratio(robust, 2),
                     worst = alone(reml, test = "adhoc")))
}

cases <- lapply(names(DATA), function(id) {
  d <- DATA[[id]]
  k <- length(d$yi)
  target <- sign(sum(d$yi / d$vi)) * 0.2 * abs(sum(d$yi / d$vi) / sum(1 / d$vi))
  list(id = id, yi = I(d$yi), vi = I(d$vi), fail_safe = fail_safe(d), excess = excess(d),
       lines = if (k >= 3 && id != "four_alike") lines(d) else NULL,
       worst_case = lapply(list(0, target), function(q) worst(d, q)))
})

# ----------------------------------------------------------------------------------------- p values

irwin_hall <- function(x, k) {
  j <- 0:floor(x)
  sum((-1)^j * choose(k, j) * (x - j)^k) / factorial(k)
}
combine <- function(id, p, weights = NULL) {
  k <- length(p)
  w <- if (is.null(weights)) rep(1, k) else weights
  z <- qnorm(p, lower.tail = FALSE)
  total <- sum(p)
  list(id = id, p = I(p), weights = if (is.null(weights)) NULL else I(weights),
       fisher = list(statistic = -2 * sum(log(p)), p_value = pchisq(-2 * sum(log(p)), 2 * k, lower.tail = FALSE)),
       stouffer = list(statistic = sum(w * z) / sqrt(sum(w^2)), p_value = pnorm(sum(w * z) / sqrt(sum(w^2)), lower.tail = FALSE)),
       edgington = list(statistic = total, p_value = if (total <= k / 2) irwin_hall(total, k) else 1 - irwin_hall(k - total, k)))
}
set.seed(77)
p_values <- list(
  combine("one", 0.03),
  combine("two", c(0.04, 0.2)),
  combine("three_alike", rep(0.05, 3)),
  combine("handbook_like", c(0.01, 0.3, 0.04, 0.55, 0.002)),
  combine("against", c(0.9, 0.97, 0.6, 0.88)),
  combine("tiny", c(1e-200, 0.5, 0.9)),
  combine("all_tiny", c(1e-12, 3e-15, 1e-10)),
  combine("near_one", c(0.999999, 0.99, 0.5)),
  combine("a_one", c(0.02, 0.03, 1 - 1e-9)),
  combine("weighted", c(0.04, 0.2, 0.7), c(10, 5, 2)),
  combine("very_unequal_weights", c(0.04, 0.2, 0.7), c(1e6, 1, 1e-3)),
  combine("six", runif(6)),
  combine("eight_small", runif(8) / 10),
  combine("ten", runif(10), runif(10, 1, 9)),
  combine("half", c(0.5, 0.5)),
  combine("ten_small", runif(10) / 50)
)

write_fixture(list(cases = cases, p_values = p_values), "selection.json", c("metafor", "metadat", "clubSandwich"))
