#!/usr/bin/env Rscript
# Writes next_trial.json: pooled results with one more study added, on a few points of a grid.
#
#   Rscript tests/reference/generate_next_trial.R [FOLDER]
#
# metafor runs with tightened stopping rules; REML, with the Hartung-Knapp-Sidik-Jonkman interval
# and its ad hoc guard, and a Wald interval.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages(library(metafor))

CONTROL <- list(threshold = 1e-14, maxiter = 1e5)
bodies <- list(
  three = list(yi = c(-0.19, -0.87, -0.96), vi = c(0.026, 0.102, 0.074)),
  two = list(yi = c(-0.3, -0.5), vi = c(0.03, 0.05)),
  one = list(yi = -0.3, vi = 0.0256),
  alike = list(yi = c(0.30, 0.31, 0.29, 0.30), vi = c(0.05, 0.1, 0.02, 0.04)),
  one_dominates = list(yi = c(0.2, 0.9, -0.4), vi = c(1e-4, 0.4, 0.5)),
  seven = list(yi = c(0.1, 0.2, 0.15, 0.3, 1.5, 0.05, 0.22),
               vi = c(0.02, 0.03, 0.05, 0.04, 0.03, 0.06, 0.02))
)
cases <- list()
for (name in names(bodies)) {
  body <- bodies[[name]]
  for (effect in c(-1.2, -0.5, 0, 0.7)) for (error in c(0.04, 0.25, 0.9)) for (test in c("adhoc", "z")) {
    fit <- rma(c(body$yi, effect), c(body$vi, error^2), method = "REML", test = test, control = CONTROL)
    cases[[length(cases) + 1]] <- list(
      id = paste(name, effect, error, test), yi = I(body$yi), vi = I(body$vi), effect = effect,
      error = error, test = test, ci.lb = fit$ci.lb, ci.ub = fit$ci.ub, beta = as.numeric(fit$beta)
    )
  }
}
write_fixture(list(cases = cases), "next_trial.json")
