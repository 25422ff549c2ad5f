#!/usr/bin/env Rscript
# Writes borrowing.json: means of studies of which some count less, with scaled variances.
#
#   Rscript tests/reference/generate_borrowing.R [FOLDER]
#
# A normal likelihood to the power a is one with the variance divided by a, so the power prior
# is a common-effect fit with those variances. metafor runs with tightened stopping rules.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
})

CONTROL <- list(threshold = 1e-14, maxiter = 1e5, tol = 1e-14)

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                  data = dat.normand1999)
data <- list(
  bcg = list(yi = as.numeric(bcg$yi), vi = bcg$vi, steps = rep(c(0, 1, 2), length.out = 13)),
  normand = list(yi = as.numeric(normand$yi), vi = normand$vi, steps = c(0, 0, 1, 1, 2, 2, 1, 0, 2)),
  one_direct = list(yi = c(-0.19, -0.72, -1.02), vi = c(0.026, 0.098, 0.075), steps = c(0, 1, 2))
)
dials <- c(0.05, 0.3, 0.7, 1)

cases <- list()
for (name in names(data)) for (model in c("common", "settings", "random")) for (kind in c("power", "widened")) {
  set <- data[[name]]
  full <- rma(set$yi, set$vi, method = "REML", control = CONTROL)
  tau2 <- if (model == "common") 0 else full$tau2
  added <- if (model == "settings") tau2 * (set$steps > 0) else tau2
  for (dial in dials) {
    variance <- set$vi + added
    variance <- if (kind == "power") variance / dial^set$steps else variance + 0.2^2 * set$steps * (1 - dial) / dial
    fit <- rma(set$yi, variance, method = "EE")
    cases[[length(cases) + 1]] <- list(
      id = paste(name, model, kind, dial, sep = "_"), yi = set$yi, vi = set$vi, steps = set$steps, model = model,
      kind = kind, dial = dial, tau2 = tau2, estimate = as.numeric(fit$beta), se = fit$se, ci = c(fit$ci.lb, fit$ci.ub),
      weights = as.numeric(weights(fit))
    )
  }
}
write_fixture(list(cases = cases), "borrowing.json", c("metafor", "metadat"))
