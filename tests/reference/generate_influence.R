#!/usr/bin/env Rscript
# Writes influence.json: diagnostics of studies left out, cumulative pooling, predictions, Baujat.
#
#   Rscript tests/reference/generate_influence.R [FOLDER]
#
# metafor runs with tightened stopping rules. Each tau2 that is found by iteration, with all
# studies, with each left out and at each step, is checked against its own equation, and against a
# grid of the likelihood; where a step of cumul() ends in the lower of two maxima, it is fitted again
# from the grid's best point, and the case's `note` says so.

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
raudenbush <- dat.raudenbush1985
set.seed(41)
drawn <- function(k, tau2, ratio) {
  vi <- exp(seq(0, log(ratio), length.out = k)) / 10
  list(yi = round(rnorm(k, 0.3, sqrt(vi + tau2)), 4), vi = signif(vi, 6), by = sample(1900:2020, k))
}

data <- list(
  bcg = list(yi = as.numeric(bcg$yi), vi = bcg$vi, by = dat.bcg$year),
  normand = list(yi = as.numeric(normand$yi), vi = normand$vi, by = dat.normand1999$n1i),
  raudenbush = list(yi = as.numeric(raudenbush$yi), vi = raudenbush$vi, by = raudenbush$weeks),
  three = list(yi = c(-17, -25, -3), vi = c(16, 36, 64), by = c(3, 1, 2)),
  four = list(yi = c(0.2, 0.9, 1.1, 3.0), vi = c(0.05, 0.1, 0.02, 0.4), by = c(2, 2, 1, 5)),
  one_dominates = list(yi = c(0.2, 0.9, -0.4, 0.5, 0.1), vi = c(1e-4, 0.1, 0.2, 0.15, 0.3), by = 5:1),
  outlier = list(yi = c(0.1, 0.2, 0.15, 0.3, 2.5, 0.05, 0.22), vi = c(0.02, 0.03, 0.05, 0.04, 0.03, 0.06, 0.02),
                 by = c(7, 3, 5, 1, 2, 6, 4)),
  none_between = drawn(12, 0, 10),
  many = drawn(40, 0.05, 40)
)
data$two <- list(yi = c(0.1, 0.9), vi = c(0.04, 0.09), by = 2:1)

# Of the (restricted) likelihood, or of Q; below 0 at a tau2 of 0 that is an edge.
equation <- function(method, tau2, yi, vi) {
  w <- 1 / (vi + tau2)
  r <- yi - sum(w * yi) / sum(w)
  if (method %in% c("PM", "EB")) return(sum(w * r^2) / (length(yi) - 1) - 1)
  trace <- if (method == "ML") sum(w) else sum(w) - sum(w^2) / sum(w)
  sum(w^2 * r^2) / trace - 1
}

height <- function(method, tau2, yi, vi) {
  w <- 1 / (vi + tau2)
  -(sum(log(vi + tau2)) + sum(w * (yi - sum(w * yi) / sum(w))^2) + if (method == "REML") log(sum(w)) else 0) / 2
}

# Where a grid of the likelihood is higher than at `tau2`: the grid's best, to start again from.
missed <- function(method, tau2, yi, vi) {
  if (!method %in% c("ML", "REML") || length(yi) < 2) return(NULL)
  grid <- c(0, exp(seq(log(1e-4 * min(vi)), log(10 * (max(vi) + var(yi))), length.out = 2000)))
  heights <- vapply(grid, function(t) height(method, t, yi, vi), 0)
  if (max(heights) > height(method, tau2, yi, vi) + 1e-9) grid[which.max(heights)] else NULL
}

check <- function(method, tau2, yi, vi, id) {
  if (!method %in% c("ML", "REML", "PM", "EB") || length(yi) < 2) return(tau2)
  if (!is.null(missed(method, tau2, yi, vi))) stop(id, " is not the highest maximum")
  if (tau2 < 1e-8 * min(vi)) {
    if (equation(method, 0, yi, vi) > 1e-8) stop(id)
    return(0)
  }
  if (abs(equation(method, tau2, yi, vi)) > 1e-9) stop(id)
  tau2
}

fitted <- function(set, method, test, tau2 = NULL, start = NULL) {
  control <- if (is.null(start)) CONTROL else c(CONTROL, tau2.init = start)
  arguments <- list(yi = set$yi, vi = set$vi, method = method, test = test, control = control)
  if (!is.null(tau2)) arguments$tau2 <- tau2
  tryCatch(suppressWarnings(do.call(rma, arguments)), error = function(e) {
    arguments$control <- c(control, stepadj = 0.5)
    suppressWarnings(do.call(rma, arguments))
  })
}

one <- function(name, method, test, tau2 = NULL) {
  set <- data[[name]]
  id <- paste(c(name, method, test, tau2), collapse = "_")
  fit <- fitted(set, method, test, tau2)
  k <- length(set$yi)
  quietly <- function(x) as.data.frame(suppressWarnings(x))
  case <- list(id = id, yi = set$yi, vi = set$vi, by = set$by, method = method, test = test, tau2 = tau2)
  fixed <- !is.null(tau2)
  if (!fixed) check(method, fit$tau2, set$yi, set$vi, id)
  case$fit <- list(estimate = as.numeric(fit$beta), se = fit$se, tau2 = fit$tau2)

  found <- suppressWarnings(influence(fit))
  rows <- as.data.frame(found$inf)
  left <- quietly(leave1out(fit))
  # Of two studies a fit of the one that is left is no fit with tau2 estimated.
  if (!fixed) for (i in seq_len(k)) check(method, rows$tau2.del[i], set$yi[-i], set$vi[-i], paste(id, "without", i))
  case$influence <- list(
    rstudent = rows$rstudent, dffits = rows$dffits, cooks = rows$cook.d, cov_ratio = rows$cov.r,
    tau2_without = rows$tau2.del, q_without = rows$QE.del, hat = rows$hat, weight = rows$weight,
    dfbetas = as.data.frame(found$dfbs)[[1]], influential = as.logical(found$is.infl)
  )
  if (length(case$influence$influential) != k) stop("is.infl")
  case$leave1out <- list(estimate = left$estimate, se = left$se, ci_low = left$ci.lb, ci_high = left$ci.ub)

  points <- suppressWarnings(baujat(fit))
  case$baujat <- list(x = points$x, y = points$y)
  predicted <- suppressWarnings(blup(fit))
  case$blup <- list(pred = predicted$pred, se = predicted$se, low = predicted$pi.lb, high = predicted$pi.ub)

  steps <- quietly(cumul(fit, order = set$by))
  order <- order(set$by)
  if (is.null(steps$tau2)) steps$tau2 <- 0
  if (!fixed) for (i in 2:k) {
    part <- list(yi = set$yi[order[1:i]], vi = set$vi[order[1:i]])
    start <- missed(method, steps$tau2[i], part$yi, part$vi)
    if (!is.null(start)) {
      # Scoring ended in the lower of two maxima.
      again <- fitted(part, method, test, start = start)
      case$note <- paste("step", i, "started from the best point of a grid; by itself R ends at tau2", steps$tau2[i])
      steps$estimate[i] <- as.numeric(again$beta)
      steps$se[i] <- again$se
      steps$pval[i] <- again$pval
      steps$ci.lb[i] <- again$ci.lb
      steps$ci.ub[i] <- again$ci.ub
      steps$tau2[i] <- again$tau2
      steps$I2[i] <- again$I2
    }
    check(method, steps$tau2[i], part$yi, part$vi, paste(id, "step", i))
  }
  case$cumul <- list(
    estimate = steps$estimate, se = steps$se, p = steps$pval, ci_low = steps$ci.lb, ci_high = steps$ci.ub,
    q = steps$Q, tau2 = steps$tau2, i2 = steps$I2
  )
  case
}

METHODS <- c("DL", "HE", "HS", "HSk", "SJ", "ML", "REML", "EB", "PM")
cases <- list()
failed <- character(0)
add <- function(...) {
  case <- tryCatch(one(...), error = function(e) {
    failed <<- c(failed, paste(paste(list(...), collapse = " "), ":", conditionMessage(e)))
    NULL
  })
  if (!is.null(case)) cases[[length(cases) + 1]] <<- case
}
for (name in names(data)) {
  for (test in c("z", "t", "knha", "adhoc")) add(name, "REML", test)
  add(name, "EE", "z")
  for (method in setdiff(METHODS, "REML")) add(name, method, "z")
  add(name, "DL", "z", 0.3)
}
for (name in c("bcg", "three", "outlier")) for (method in c("DL", "PM", "ML", "SJ")) add(name, method, "knha")
message(length(cases), " cases")
for (each in failed) message("left out: ", each)

write_fixture(list(cases = cases), "influence.json", c("metafor", "metadat"))
