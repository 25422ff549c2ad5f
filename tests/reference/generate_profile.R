#!/usr/bin/env Rscript
# Writes profile.json: profile likelihoods of tau2 by metafor's profile(), REML and ML, with the
# interval by the likelihood ratio.
#
#   Rscript tests/reference/generate_profile.R [FOLDER]
#
# Each fit runs with tightened stopping rules. At each tau2 profile() fits the mean in closed form.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
})
pdf(NULL)

CONTROL <- list(threshold = 1e-14, maxiter = 1e5, tol = 1e-14)

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
                  data = dat.normand1999)
set.seed(43)
vi <- exp(seq(0, log(40), length.out = 40)) / 10
data <- list(
  bcg = list(yi = as.numeric(bcg$yi), vi = bcg$vi),
  normand = list(yi = as.numeric(normand$yi), vi = normand$vi),
  raudenbush = list(yi = as.numeric(dat.raudenbush1985$yi), vi = dat.raudenbush1985$vi),
  two = list(yi = c(0.1, 0.9), vi = c(0.04, 0.09)),
  three = list(yi = c(-17, -25, -3), vi = c(16, 36, 64)),
  one_dominates = list(yi = c(0.2, 0.9, -0.4, 0.5, 0.1), vi = c(1e-4, 0.1, 0.2, 0.15, 0.3)),
  alike = list(yi = c(0.30, 0.31, 0.29, 0.33), vi = c(0.05, 0.1, 0.02, 0.4)),
  many = list(yi = round(rnorm(40, 0.3, sqrt(vi + 0.05)), 4), vi = signif(vi, 6))
)

cases <- list()
for (name in names(data)) for (method in c("REML", "ML")) {
  set <- data[[name]]
  fit <- suppressWarnings(rma(set$yi, set$vi, method = method, control = CONTROL))
  ends <- suppressWarnings(confint(fit, type = "PL", control = list(tol = 1e-14, maxiter = 1e5, tau2.max = 1e3 * max(set$vi))))
  top <- max(10 * fit$tau2, 4 * max(set$vi))
  found <- suppressWarnings(profile(fit, xlim = c(0, top), steps = 25, plot = FALSE, progbar = FALSE))
  cases[[length(cases) + 1]] <- list(
    id = paste(name, method, sep = "_"), yi = set$yi, vi = set$vi, method = method,
    tau2 = fit$tau2, tau2_low = ends$random["tau^2", "ci.lb"], tau2_high = ends$random["tau^2", "ci.ub"],
    max_ll = as.numeric(logLik(fit)), profile_tau2 = found$tau2, ll = found$ll, beta = as.numeric(found$beta[[1]])
  )
}
write_fixture(list(cases = cases), "profile.json", c("metafor", "metadat"))
