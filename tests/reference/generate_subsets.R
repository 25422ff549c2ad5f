#!/usr/bin/env Rscript
# Writes subsets.json: all subsets of the studies (gosh) and exact permutation tests of the mean.
#
#   Rscript tests/reference/generate_subsets.R [FOLDER]
#
# metafor runs with tightened stopping rules. Each tau2 of a subset that is found by iteration is
# checked against its own equation and against a grid of the likelihood; where gosh() has no value
# for a subset, or ends in the lower of two maxima, the subset is fitted again from the grid's best
# point, and the case's `note` says how often.

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
raudenbush <- dat.raudenbush1985
set.seed(17)
drawn <- function(k, mean, tau2, ratio) {
  vi <- exp(seq(0, log(ratio), length.out = k)) / 10
  list(yi = round(rnorm(k, mean, sqrt(vi + tau2)), 4), vi = signif(vi, 6))
}
part <- function(table, rows) list(yi = as.numeric(table$yi)[rows], vi = table$vi[rows])

data <- list(
  bcg8 = part(bcg, 1:8),
  normand7 = part(normand, 1:7),
  raudenbush6 = part(raudenbush, 1:6),
  three = list(yi = c(-17, -25, -3), vi = c(16, 36, 64)),
  four = list(yi = c(0.2, 0.9, 1.1, 3.0), vi = c(0.05, 0.1, 0.02, 0.4)),
  one_dominates5 = list(yi = c(0.2, 0.9, -0.4, 0.5, 0.1), vi = c(1e-4, 0.1, 0.2, 0.15, 0.3)),
  outlier7 = list(yi = c(0.1, 0.2, 0.15, 0.3, 2.5, 0.05, 0.22), vi = c(0.02, 0.03, 0.05, 0.04, 0.03, 0.06, 0.02)),
  none_between8 = drawn(8, 0.2, 0, 10)
)
more <- list(
  bcg10 = part(bcg, 1:10),
  small3 = list(yi = c(0.3, 0.8, 0.1), vi = c(0.02, 0.05, 0.1)),
  with_zero6 = list(yi = c(0, 0.4, 0.3, -0.1, 0.6, 0.2), vi = c(0.05, 0.04, 0.1, 0.06, 0.02, 0.08)),
  plain6 = list(yi = c(0.04, 0.47, 0.36, -0.13, 0.61, 0.22), vi = c(0.05, 0.04, 0.1, 0.06, 0.02, 0.08)),
  opposed6 = list(yi = c(0.5, -0.5, 0.3, -0.3, 0.8, 0.1), vi = c(0.04, 0.04, 0.05, 0.05, 0.1, 0.02)),
  clear9 = drawn(9, 1, 0.05, 20)
)

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

best_of_grid <- function(method, yi, vi) {
  grid <- c(0, exp(seq(log(1e-4 * min(vi)), log(10 * (max(vi) + var(yi))), length.out = 300)))
  heights <- vapply(grid, function(t) height(method, t, yi, vi), 0)
  list(at = grid[which.max(heights)], height = max(heights))
}

solved <- function(method, tau2, yi, vi) {
  if (!method %in% c("ML", "REML", "PM", "EB")) return(is.finite(tau2))
  if (!is.finite(tau2)) return(FALSE)
  if (method %in% c("ML", "REML") && best_of_grid(method, yi, vi)$height > height(method, tau2, yi, vi) + 1e-9) {
    return(FALSE)
  }
  if (tau2 < 1e-8 * min(vi)) equation(method, 0, yi, vi) <= 1e-8 else abs(equation(method, tau2, yi, vi)) <= 1e-9
}

fitted <- function(set, method, test, tau2 = NULL, start = NULL) {
  control <- if (is.null(start)) CONTROL else c(CONTROL, tau2.init = start)
  yi <- set$yi
  vi <- set$vi
  arguments <- list(yi = yi, vi = vi, method = method, test = test, control = control)
  if (!is.null(tau2)) arguments$tau2 <- tau2
  tryCatch(suppressWarnings(do.call(rma, arguments)), error = function(e) {
    arguments$control <- c(control, stepadj = 0.5)
    suppressWarnings(do.call(rma, arguments))
  })
}

subsets <- function(name, method, tau2 = NULL) {
  set <- data[[name]]
  id <- paste(c("gosh", name, method, tau2), collapse = "_")
  fit <- fitted(set, method, "z", tau2)
  found <- suppressWarnings(gosh(fit, progbar = FALSE))
  rows <- found$res
  if (is.null(rows$tau2)) rows$tau2 <- 0
  incl <- found$incl
  again <- 0
  if (is.null(tau2) && method != "EE") for (row in which(rowSums(incl) > 1)) {
    chosen <- list(yi = set$yi[incl[row, ]], vi = set$vi[incl[row, ]])
    if (solved(method, rows$tau2[row], chosen$yi, chosen$vi)) next
    start <- if (method %in% c("ML", "REML")) best_of_grid(method, chosen$yi, chosen$vi)$at else NULL
    other <- fitted(chosen, method, "z", start = start)
    if (!solved(method, other$tau2, chosen$yi, chosen$vi)) stop(id, " subset ", row)
    again <- again + 1
    rows[row, c("QE", "I2", "tau2", "estimate")] <- c(other$QE, other$I2, other$tau2, as.numeric(other$beta))
  }
  case <- list(
    id = id, yi = set$yi, vi = set$vi, method = method, tau2 = tau2,
    # Bit i - 1 is set where study i is in the subset.
    masks = as.numeric(unname(incl) %*% 2^(seq_along(set$yi) - 1)),
    subsets = list(estimate = rows$estimate, tau2 = rows$tau2, i2 = rows$I2, q = rows$QE)
  )
  if (again) case$note <- paste(again, "subsets fitted again from the best point of a grid")
  case
}

# The means that the test does not reject; metafor finds where the p value steps by bisection.
permuted <- function(name, method, test, level = NULL) {
  set <- c(data, more)[[name]]
  fit <- fitted(set, method, test)
  found <- suppressWarnings(permutest(fit, exact = TRUE, progbar = FALSE))
  if (anyNA(found$zval.perm[[1]])) {
    # Scoring with whole steps does not settle in some arrangement.
    yi <- set$yi
    vi <- set$vi
    fit <- rma(yi, vi, method = method, test = test, control = c(CONTROL, stepadj = 0.5))
    found <- suppressWarnings(permutest(fit, exact = TRUE, progbar = FALSE))
  }
  k <- length(set$yi)
  if (length(found$zval.perm[[1]]) != 2^k) stop("not all arrangements")
  case <- list(
    id = paste("permutest", name, method, test, sep = "_"), yi = set$yi, vi = set$vi, method = method, test = test,
    p = found$pval, statistic = fit$zval
  )
  if (anyNA(found$zval.perm[[1]])) stop("an arrangement without a fit")
  if (!is.null(level)) {
    fit$level <- 1 - level
    found <- suppressWarnings(permutest(fit, exact = TRUE, permci = TRUE, progbar = FALSE, control = list(tol = 1e-10)))
    case$id <- paste(case$id, "interval", level, sep = "_")
    case$level <- level
    case$ci <- c(found$ci.lb, found$ci.ub)
    return(case)
  }
  # The sizes of all statistics, where they are not too many to keep.
  if (k <= 7) case$sizes <- sort(abs(found$zval.perm[[1]]))
  case
}

cases <- list(gosh = list(), permutest = list())
failed <- character(0)
add <- function(kind, work, ...) {
  case <- tryCatch(work(...), error = function(e) {
    failed <<- c(failed, paste(kind, paste(list(...), collapse = " "), ":", conditionMessage(e)))
    NULL
  })
  if (!is.null(case)) cases[[kind]][[length(cases[[kind]]) + 1]] <<- case
}
for (name in names(data)) {
  for (method in c("REML", "EE", "DL")) add("gosh", subsets, name, method)
}
for (name in c("raudenbush6", "outlier7", "one_dominates5")) {
  for (method in c("ML", "PM", "EB", "HE", "HS", "HSk", "SJ")) add("gosh", subsets, name, method)
  # With "DL", gosh() would estimate the tau2 that is given.
  add("gosh", subsets, name, "REML", 0.3)
}
# Some arrangements of `three` end without a fit in R.
for (name in setdiff(names(c(data, more)), "three")) {
  for (test in c("z", "knha")) add("permutest", permuted, name, "REML", test)
}
for (name in c("raudenbush6", "outlier7", "four", "with_zero6", "opposed6", "clear9")) {
  for (test in c("t", "adhoc")) add("permutest", permuted, name, "REML", test)
  for (method in c("DL", "PM")) add("permutest", permuted, name, method, "knha")
  add("permutest", permuted, name, "EE", "z")
}
add("permutest", permuted, "plain6", "DL", "z", 0.9)
add("permutest", permuted, "plain6", "DL", "knha", 0.9)
add("permutest", permuted, "plain6", "EE", "z", 0.9)
add("permutest", permuted, "raudenbush6", "DL", "z", 0.9)
for (kind in names(cases)) message(kind, ": ", length(cases[[kind]]), " cases")
for (each in failed) message("left out: ", each)

write_fixture(cases, "subsets.json", c("metafor", "metadat"))
