#!/usr/bin/env Rscript
# Writes tau2.json: every estimator of tau2 that metafor has, with the fits that rest on it.
#
#   Rscript tests/reference/generate_tau2.R [FOLDER]
#
# metafor runs with tightened stopping rules. Iterative estimates are checked against their own
# equations before they are written: the score of the (restricted) likelihood, or Q = k - p.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
})

METHODS <- c("DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM")
CONTROL <- list(threshold = 1e-14, maxiter = 1e5, tol = 1e-14)

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                  data = dat.normand1999)
raudenbush <- dat.raudenbush1985
set.seed(20)
drawn <- function(k, tau2, ratio) {
  vi <- exp(seq(0, log(ratio), length.out = k)) / 10
  list(yi = round(rnorm(k, 0.3, sqrt(vi + tau2)), 4), vi = signif(vi, 6))
}

data <- list(
  bcg = list(yi = as.numeric(bcg$yi), vi = bcg$vi),
  bcg_year = list(yi = as.numeric(bcg$yi), vi = bcg$vi, X = cbind(1, dat.bcg$year - 1948)),
  bcg_ablat_year = list(yi = as.numeric(bcg$yi), vi = bcg$vi, X = cbind(1, dat.bcg$ablat, dat.bcg$year)),
  bcg_alloc = list(yi = as.numeric(bcg$yi), vi = bcg$vi,
                   X = unname(model.matrix(~ alloc, dat.bcg)[, ])),
  normand = list(yi = as.numeric(normand$yi), vi = normand$vi),
  raudenbush = list(yi = as.numeric(raudenbush$yi), vi = raudenbush$vi),
  raudenbush_weeks = list(yi = as.numeric(raudenbush$yi), vi = raudenbush$vi, X = cbind(1, raudenbush$weeks)),
  two = list(yi = c(0.1, 0.9), vi = c(0.04, 0.09)),
  two_agree = list(yi = c(0.10, 0.12), vi = c(0.04, 0.09)),
  three = list(yi = c(-17, -25, -3), vi = c(16, 36, 64)),
  three_agree = list(yi = c(0.10, 0.10, 0.11), vi = c(0.1, 0.2, 0.3)),
  four_with_design = list(yi = c(0.2, 0.9, 1.1, 3.0), vi = c(0.05, 0.1, 0.02, 0.4), X = cbind(1, c(0, 1, 2, 5))),
  one_dominates = list(yi = c(0.2, 0.9, -0.4, 0.5), vi = c(1e-4, 0.1, 0.2, 0.15)),
  wide = drawn(8, 0.4, 500),
  many = drawn(60, 0.05, 40),
  none_between = drawn(12, 0, 10)
)

equation <- function(method, tau2, set) {
  X <- if (is.null(set$X)) matrix(1, length(set$yi)) else set$X
  w <- 1 / (set$vi + tau2)
  A <- solve(crossprod(X, w * X))
  r <- set$yi - X %*% (A %*% crossprod(X, w * set$yi))
  if (method %in% c("PM", "EB")) return(sum(w * r^2) / (nrow(X) - ncol(X)) - 1)
  trace <- if (method == "ML") sum(w) else sum(w) - sum(diag(A %*% crossprod(X, w^2 * X)))
  sum(w^2 * r^2) / trace - 1
}

cases <- list()
for (name in names(data)) {
  set <- data[[name]]
  fits <- list()
  for (method in METHODS) {
    arguments <- list(yi = set$yi, vi = set$vi, method = method, control = CONTROL)
    if (!is.null(set$X)) arguments <- c(arguments, list(mods = set$X, intercept = FALSE))
    fit <- tryCatch(suppressWarnings(do.call(rma, arguments)), error = function(e) NULL)
    if (is.null(fit)) {
      # Full-step scoring can cycle; shorter steps end at the same equation.
      arguments$control <- c(CONTROL, stepadj = 0.5)
      fit <- suppressWarnings(do.call(rma, arguments))
    }
    tau2 <- fit$tau2
    if (method %in% c("ML", "REML", "EB", "PM")) {
      if (tau2 < 1e-8 * min(set$vi)) tau2 <- if (equation(method, 0, set) <= 1e-8) 0 else stop(name, method)
      else stopifnot(abs(equation(method, tau2, set)) < 1e-9)
    }
    fits[[length(fits) + 1]] <- list(
      method = method, tau2 = tau2, beta = I(as.numeric(fit$beta)), se = I(fit$se), qe = fit$QE,
      i2 = if (is.null(set$X)) fit$I2 else NULL
    )
  }
  # Methods of moments with other weights: DL2 and HE2 are GENQ with weights 1 / (v + first step).
  for (two in list(c("DL2", "DL"), c("HE2", "HE"))) {
    first <- Filter(function(fit) fit$method == two[2], fits)[[1]]$tau2
    arguments <- list(yi = set$yi, vi = set$vi, weights = 1 / (set$vi + first), method = "GENQ")
    if (!is.null(set$X)) arguments <- c(arguments, list(mods = set$X, intercept = FALSE))
    fit <- suppressWarnings(do.call(rma, arguments))
    fits[[length(fits) + 1]] <- list(method = two[1], tau2 = fit$tau2)
  }
  for (test in c("t", "knha", "adhoc")) {
    if (!is.null(set$X)) next
    fit <- suppressWarnings(rma(set$yi, set$vi, method = "PM", test = test, control = CONTROL))
    fits[[length(fits) + 1]] <- list(
      method = paste0("PM-", test), ci.lb = fit$ci.lb, ci.ub = fit$ci.ub, pval = fit$pval, se = I(fit$se)
    )
  }
  fixed <- if (is.null(set$X)) suppressWarnings(rma(set$yi, set$vi, tau2 = 0.07)) else NULL
  cases[[length(cases) + 1]] <- list(
    id = name, yi = set$yi, vi = set$vi, design = set$X, fits = fits,
    fixed = if (is.null(fixed)) NULL else list(tau2 = 0.07, estimate = as.numeric(fixed$beta), se = I(fixed$se))
  )
}
write_fixture(list(cases = cases), "tau2.json", c("metafor", "metadat"))
