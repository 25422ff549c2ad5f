#!/usr/bin/env Rscript
# Writes regression.json: meta-regressions, permutation tests, subgroups and location-scale models.
#
#   Rscript tests/reference/generate_regression.R [FOLDER]
#
# metafor runs with tight stopping rules. A likelihood can have two maxima: every REML and ML fit is
# compared with a grid of its likelihood, and started again from the best point where it fell short.
# metafor finds location-scale models with general optimisers, which leave the fifth to eighth digit
# open; from where it ends, the likelihood is climbed here to its maximum by Newton's method ("polished" in the JSON), and the script stops where that is another one.
# Without a constant among its moderators metafor 3.8.1 has QE and tau2 of effects less their mean, which
# are other numbers; there REML's tau2 is solved from its score here, checked against rma.mv, and given
# to rma, and QE is rma.mv's.
# Units of 2^27 and 2^-27 are exact in binary: R fits the data as they are, and what it says is
# multiplied ("unit" in the JSON), since its stopping rules are absolute.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
  library(numDeriv)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))

TIGHT <- list(threshold = 1e-14, maxiter = 1e5, tol = 1e-14)
TESTS <- c("z", "t", "knha", "adhoc")

# ------------------------------------------------------------------------------------------ the data

bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg <- data.frame(yi = c(bcg$yi), vi = bcg$vi, ablat = bcg$ablat, year = bcg$year, alloc = bcg$alloc)
writing <- dat.bangertdrowns2004
writing <- data.frame(yi = c(writing$yi), vi = writing$vi, grade = writing$grade, length = writing$length,
                      minutes = writing$minutes, feedback = writing$feedback, ni = writing$ni)
teachers <- dat.raudenbush1985
teachers <- data.frame(yi = c(teachers$yi), vi = teachers$vi, weeks = teachers$weeks,
                       setting = teachers$setting, tester = teachers$tester)
molloy <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)
molloy <- data.frame(yi = c(molloy$yi), vi = molloy$vi, age = molloy$meanage, quality = molloy$quality,
                     design = molloy$design, controls = molloy$controls, meas = molloy$a_measure)
mcdaniel <- escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.mcdaniel1994)
mcdaniel <- data.frame(yi = c(mcdaniel$yi), vi = mcdaniel$vi, type = mcdaniel$type, struct = mcdaniel$struct)
set.seed(7301)
made <- function(k, tau2, slope = 0) {
  x <- round(rnorm(k), 3); g <- sample(c("a", "b", "c"), k, TRUE); v <- round(exp(runif(k, -5, -1)), 5)
  data.frame(yi = round(0.3 + slope * x + rnorm(k, 0, sqrt(v + tau2)), 5), vi = v, x = x, g = g,
             z = round(runif(k, 0, 10), 2))
}
few <- made(4, 0.05); few$g <- c("a", "a", "b", "b")
exact_line <- data.frame(yi = 0.5 + 0.25 * (1:6), vi = c(1, 2, 4, 4, 2, 1) / 16, x = 1:6)
alike <- made(8, 0); alike$yi <- 0.3
calm <- made(12, 0); calm$yi <- round(0.2 + 0.1 * calm$x + 0.2 * (calm$yi - 0.3), 5)
heavy <- made(9, 0.1, 0.4); heavy$vi[3] <- 1e-4
wide <- made(30, 40, 2)
dated <- made(14, 0.1); dated$year <- sample(1948:1990, 14); dated$seconds <- 1e9 + 1e5 * dated$year

CASES <- list()
add <- function(id, data, formula, ours = formula, unit = 1, newdata = NULL, contrast = NULL,
                methods = c("REML", "DL", "PM"), matrix = FALSE) {
  CASES[[id]] <<- list(id = id, data = data, formula = formula, ours = ours, unit = unit, newdata = newdata,
                       contrast = contrast, methods = methods, matrix = matrix)
}
ALL <- c("REML", "ML", "DL", "HE", "PM", "SJ", "HS", "EB", "EE")

add("bcg_ablat", bcg, "~ ablat", newdata = data.frame(ablat = c(0, 13, 33.5, 60)), methods = ALL)
add("bcg_year", bcg, "~ year", newdata = data.frame(year = c(1948, 1960)), methods = ALL)
add("bcg_ablat_year", bcg, "~ ablat + year", methods = ALL, contrast = rbind(c(0, 1, 1), c(1, 30, 1960)),
    newdata = data.frame(ablat = c(13, 55), year = c(1950, 1980)))
add("bcg_alloc", bcg, "~ alloc", "~ C(alloc)", newdata = data.frame(alloc = c("random", "alternate")),
    methods = ALL, contrast = rbind(c(0, 1, -1)))
add("bcg_alloc_reference", bcg, "~ relevel(factor(alloc), ref = 'random')", "~ C(alloc, 'random')")
add("bcg_alloc_ablat", bcg, "~ ablat + alloc", "~ ablat + C(alloc)",
    newdata = data.frame(ablat = 30, alloc = c("random", "systematic")), contrast = rbind(c(0, 0, 1, -1), c(0, 1, 0, 0)))
add("bcg_alloc_means", bcg, "~ 0 + alloc", "~ 0 + C(alloc)", contrast = rbind(c(1, -1, 0), c(1, 0, -1)))
add("bcg_interaction", bcg, "~ ablat * alloc", "~ ablat * C(alloc)")
add("bcg_product", bcg, "~ ablat * year")
add("bcg_no_constant", bcg, "~ 0 + ablat", methods = "REML")
add("bcg_no_constant_two", bcg, "~ 0 + ablat + year", methods = "REML", contrast = rbind(c(30, 1960)))
add("writing_no_constant", writing, "~ 0 + length + ni", methods = "REML")
add("bcg_log", bcg, "~ log(ablat)", newdata = data.frame(ablat = c(20, 40)))
add("bcg_poly", bcg, "~ poly(ablat, 2)", newdata = data.frame(ablat = c(20, 40)))
add("bcg_mean", bcg, "~ 1", methods = ALL)
add("bcg_factor_of_numbers", transform(bcg, decade = 10 * (year %/% 10)), "~ factor(decade)", "~ C(decade)")
add("bcg_large_unit", bcg, "~ ablat + year", unit = 2^27, methods = ALL)
add("bcg_small_unit", bcg, "~ ablat + year", unit = 2^-27, methods = ALL)
add("bcg_alloc_large_unit", bcg, "~ alloc", "~ C(alloc)", unit = 2^27)
add("bcg_alloc_small_unit", bcg, "~ alloc", "~ C(alloc)", unit = 2^-27)
add("writing_length", writing, "~ length", newdata = data.frame(length = c(5, 20)))
add("writing_grade", writing, "~ factor(grade)", "~ C(grade)", methods = ALL)
add("writing_missing", writing, "~ length + feedback")
add("writing_minutes", writing, "~ minutes")
add("writing_several", writing, "~ length + ni + factor(grade)", "~ length + ni + C(grade)")
add("teachers_weeks", teachers, "~ weeks", newdata = data.frame(weeks = 0:3), methods = ALL)
add("teachers_several", teachers, "~ weeks + setting + tester", "~ weeks + setting + C(tester)")
add("teachers_crossed", teachers, "~ setting * weeks", "~ setting * weeks")
add("teachers_slopes", teachers, "~ setting:weeks", "~ setting:weeks")
add("molloy_quality", molloy, "~ quality", methods = ALL)
add("molloy_age", molloy, "~ age + quality")
add("molloy_factors", molloy, "~ design + controls", "~ design + controls")
add("mcdaniel_type", mcdaniel, "~ type", "~ C(type)")
add("mcdaniel_both", mcdaniel, "~ type + struct", "~ type + struct")
add("exact_line", exact_line, "~ x", methods = c("REML", "DL"))
add("calm", calm, "~ x", methods = ALL)
add("calm_two", calm, "~ x + z")
add("wide", wide, "~ x", methods = ALL)
add("wide_factor", wide, "~ x + g", "~ x + C(g)")
add("heavy", heavy, "~ x")
add("few_x", few, "~ x", methods = ALL)
add("few_xz", few, "~ x + z")
add("few_g", few, "~ g", "~ C(g)")
add("three", few[1:3, ], "~ x", methods = c("REML", "ML", "DL", "HE", "PM", "SJ", "HS"))
add("dated_year", dated, "~ year")
add("dated_seconds", dated, "~ seconds")
add("dated_poly", dated, "~ poly(year, 3)")
for (i in 1:24) {
  data <- made(sample(c(5, 6, 8, 10, 15, 25), 1), sample(c(0, 0.02, 0.1, 0.5, 3), 1), sample(c(0, 0.5), 1))
  formula <- sample(c("~ x", "~ x + z", "~ x + I(x * z)"), 1)
  add(paste0("made_", i), data, formula, matrix = TRUE, methods = sample(ALL, 3))
}
for (i in 1:8) {
  data <- made(sample(c(12, 20, 40), 1), sample(c(0, 0.05, 0.4), 1), 0.3)
  add(paste0("made_factor_", i), data, "~ g + x", "~ C(g) + x", methods = sample(ALL, 2))
}

# --------------------------------------------------------------------------------------- regressions

likelihood <- function(tau2, yi, vi, X, restricted) {
  w <- 1 / (vi + tau2); A <- crossprod(X, w * X)
  b <- solve(A, crossprod(X, w * yi), tol = 0)
  r <- yi - c(X %*% b)
  -0.5 * (sum(log(vi + tau2)) + (if (restricted) c(determinant(A)$modulus) else 0) + sum(w * r^2))
}

without_constant <- function(X) sum(qr.resid(qr(X), rep(1, nrow(X)))^2) > 1e-9

score <- function(tau2, yi, vi, X) {
  W <- diag(1 / (vi + tau2)); P <- W - W %*% X %*% solve(t(X) %*% W %*% X, t(X) %*% W, tol = 0)
  sum((P %*% yi)^2) - sum(diag(P))
}

fit_without_constant <- function(yi, vi, X, test) {
  many <- rma.mv(yi, vi, mods = X, intercept = FALSE, random = ~ 1 | id, data = data.frame(id = seq_along(yi)))
  tau2 <- uniroot(score, c(many$sigma2 / 2, many$sigma2 * 2), yi = yi, vi = vi, X = X, tol = 1e-16, maxiter = 1e4)$root
  stopifnot(abs(tau2 / many$sigma2 - 1) < 1e-3)
  fit <- rma(yi, vi, mods = X, intercept = FALSE, tau2 = tau2, test = test)
  fit$QE <- many$QE; fit$QEp <- many$QEp
  fit
}

fit_at <- function(yi, vi, X, method, test) {
  if (without_constant(X)) { stopifnot(method == "REML"); return(fit_without_constant(yi, vi, X, test)) }
  go <- function(control) rma(yi, vi, mods = X, intercept = FALSE, method = method, test = test, control = control)
  fit <- tryCatch(go(TIGHT), error = function(e) go(c(TIGHT, stepadj = 0.5)))
  if (method %in% c("REML", "ML")) {
    Q <- qr.Q(qr(X)); restricted <- method == "REML"
    spread <- sum(qr.resid(qr(X), yi)^2)
    grid <- c(0, exp(seq(log(min(vi) * 1e-3), log(4 * spread + 10 * max(vi)), length.out = 600)))
    heights <- sapply(grid, function(tau2) likelihood(tau2, yi, vi, Q, restricted))
    if (max(heights) > likelihood(fit$tau2, yi, vi, Q, restricted) + 1e-9) {
      fit <- go(c(TIGHT, list(tau2.init = grid[which.max(heights)])))
      stopifnot(max(heights) <= likelihood(fit$tau2, yi, vi, Q, restricted) + 1e-9)
    }
  }
  fit
}

one_case <- function(case) {
  message("  ", case$id)
  data <- case$data
  frame <- model.frame(as.formula(case$formula), data, na.action = na.pass)
  X <- model.matrix(as.formula(case$formula), frame)
  used <- complete.cases(X) & !is.na(data$yi) & !is.na(data$vi)
  yi <- data$yi[used]; vi <- data$vi[used]; X <- X[used, , drop = FALSE]
  attr(X, "assign") <- attr(X, "contrasts") <- NULL
  colnames(X) <- paste0("c", seq_len(ncol(X))); rownames(X) <- NULL
  stopifnot(qr(X)$rank == ncol(X))
  unit <- case$unit
  new <- NULL
  if (!is.null(case$newdata)) {
    terms <- delete.response(terms(frame))
    new <- model.matrix(terms, model.frame(terms, case$newdata, xlev = .getXlevels(terms, frame)))
    colnames(new) <- NULL
  }
  fits <- list()
  for (method in case$methods) {
    for (test in if (method == "EE") c("z", "t") else if (method == case$methods[1]) TESTS else c("z", "knha")) {
      fit <- fit_at(yi, vi, X, method, test)
      has_intercept <- any(apply(X, 2, function(x) all(x == 1)))
      moderators <- which(!apply(X, 2, function(x) all(x == 1)))
      out <- list(
        method = method, test = test, tau2 = fit$tau2 * unit^2, beta = I(c(fit$beta) * unit), se = I(fit$se * unit),
        pval = I(fit$pval), ci.lb = I(fit$ci.lb * unit), ci.ub = I(fit$ci.ub * unit),
        I2 = fit$I2, H2 = fit$H2, QE = fit$QE, QEp = fit$QEp
      )
      if (length(moderators)) {
        omnibus <- anova(fit, btt = moderators)
        out <- c(out, list(QM = omnibus$QM, QMp = omnibus$QMp, QMdf = I(omnibus$QMdf)))
      }
      if (method != "EE") {
        alone <- fit_at(yi, vi, matrix(1, length(yi), 1), method, test)
        out$tau2.without <- alone$tau2 * unit^2
        if (test == "z" && !without_constant(X)) {
          interval <- confint(fit, control = list(tol = 1e-14 * max(vi), maxiter = 1e5, tau2.max = 1e6 * max(vi)))$random
          out$tau2.lb <- interval["tau^2", "ci.lb"] * unit^2; out$tau2.ub <- interval["tau^2", "ci.ub"] * unit^2
        }
      }
      if (!is.null(new) && method == case$methods[1]) {
        inside <- if (has_intercept) new[, -1, drop = FALSE] else new
        p <- predict(fit, newmods = inside)
        stopifnot(max(abs(p$pred - c(new %*% fit$beta)) / p$se) < 1e-9)
        out$predicted <- list(pred = I(p$pred * unit), se = I(p$se * unit), ci.lb = I(p$ci.lb * unit), ci.ub = I(p$ci.ub * unit))
      }
      if (!is.null(case$contrast) && method == case$methods[1]) {
        a <- anova(fit, X = case$contrast)
        out$contrasts <- list(estimate = I(c(a$Xb) * unit), se = I(a$se * unit), pval = I(a$pval),
                              QM = if (is.null(a$QM)) NA_real_ else a$QM, QMp = if (is.null(a$QMp)) NA_real_ else a$QMp)
      }
      fits <- c(fits, list(out))
    }
  }
  columns <- lapply(data[setdiff(names(data), c("yi", "vi"))], function(x) {
    x <- if (is.factor(x)) as.character(x) else x
    if (is.character(x)) ifelse(is.na(x), "", x) else I(x)
  })
  list(
    id = case$id, formula = case$ours, by_matrix = case$matrix, unit = unit, k = length(yi), p = ncol(X),
    yi = I(data$yi * unit), vi = I(data$vi * unit^2), columns = lapply(columns, I2),
    X = X, newdata = if (is.null(case$newdata)) NULL else lapply(as.list(case$newdata), I2),
    contrast = case$contrast, fits = fits
  )
}
I2 <- function(x) if (is.character(x)) I(x) else I(as.numeric(x))

REGRESSIONS <- unname(lapply(CASES, one_case))

# -------------------------------------------------------------------------------------- permutations

permuted <- function(id, data, formula, ours, method, test) {
  message("  ", id)
  fit <- rma(yi, vi, mods = as.formula(formula), data = data, method = method, test = test, control = TIGHT)
  found <- permutest(fit, exact = TRUE, progbar = FALSE)
  list(id = id, formula = ours, method = method, test = test, yi = I(data$yi), vi = I(data$vi),
       columns = lapply(data[setdiff(names(data), c("yi", "vi"))], I2),
       pval = I(found$pval), QMp = found$QMp, permutations = length(found$zval.perm[, 1]))
}
five <- made(5, 0.1, 0.8); six <- made(6, 0.1, 0.8); nine <- made(9, 0.2, 0.5); nine$g <- rep(c("a", "b"), c(4, 5))
tied <- made(7, 0.1); tied$x <- c(1, 1, 2, 2, 3, 3, 3)
PERMUTATIONS <- list(
  permuted("five_knha", five, "~ x", "~ x", "REML", "knha"),
  permuted("five_adhoc", five, "~ x", "~ x", "REML", "adhoc"),
  permuted("five_wald", five, "~ x", "~ x", "REML", "z"),
  permuted("five_two", five, "~ x + z", "~ x + z", "DL", "knha"),
  permuted("six_knha", six, "~ x", "~ x", "REML", "knha"),
  permuted("six_wald_dl", six, "~ x + z", "~ x + z", "DL", "z"),
  permuted("groups", nine, "~ g", "~ C(g)", "REML", "knha"),
  permuted("groups_wald", nine, "~ g", "~ C(g)", "PM", "z"),
  permuted("groups_common", nine, "~ g", "~ C(g)", "EE", "z"),
  permuted("ties", tied, "~ x", "~ x", "REML", "knha"),
  permuted("ties_factor", transform(tied, g = c("a", "b", "c")[x]), "~ g", "~ C(g)", "REML", "adhoc")
)

# ----------------------------------------------------------------------------------------- subgroups

# Subgroups with a tau² of their own, put together as metafor's documentation advises: each is
# pooled, and their means are compared by a model without further heterogeneity.
separate <- function(id, data, group, method) {
  parts <- split(data, data[[group]])
  fits <- lapply(parts, function(d) rma(yi, vi, data = d, method = method, control = TIGHT))
  knha <- lapply(parts, function(d) rma(yi, vi, data = d, method = method, test = "knha", control = TIGHT))
  means <- sapply(fits, coef); errors <- sapply(fits, function(f) f$se)
  between <- rma(means, sei = errors, mods = ~ names(parts), method = "FE", control = TIGHT)
  welch <- list(means = means, se = sapply(knha, function(f) f$se), df = sapply(parts, nrow) - 1)
  list(id = id, method = method, groups = names(parts), yi = I(data$yi), vi = I(data$vi), of = I2(as.character(data[[group]])),
       k = I(unname(sapply(parts, nrow))), estimate = I(unname(means)), se = I(unname(errors)),
       tau2 = I(unname(sapply(fits, function(f) f$tau2))), QM = between$QM, QMp = between$QMp, se.knha = I(unname(welch$se)))
}
SUBGROUPS <- list(
  separate("bcg", bcg, "alloc", "REML"),
  separate("bcg_dl", bcg, "alloc", "DL"),
  separate("teachers", teachers, "setting", "REML"),
  separate("writing", writing, "grade", "PM"),
  separate("made", made(20, 0.1), "g", "REML")
)

# Welch's test on data whose subgroup means and errors are those of plain samples equals oneway.test.
set.seed(99)
WELCH <- lapply(1:5, function(i) {
  g <- rep(letters[1:(2 + i %% 3)], times = sample(3:9, 2 + i %% 3)); x <- rnorm(length(g), as.integer(factor(g)) / 3)
  test <- oneway.test(x ~ g)
  parts <- split(x, g)
  list(id = paste0("welch_", i), means = I(unname(sapply(parts, mean))), se = I(unname(sapply(parts, function(p) sd(p) / sqrt(length(p))))),
       df = I(unname(sapply(parts, length)) - 1), F = unname(test$statistic), denominator = unname(test$parameter[2]), p = test$p.value)
})

# ------------------------------------------------------------------------------------ location-scale

ls_likelihood <- function(alpha, yi, vi, X, Z, restricted) {
  w <- 1 / (vi + exp(c(Z %*% alpha))); A <- crossprod(X, w * X)
  r <- yi - c(X %*% solve(A, crossprod(X, w * yi), tol = 0))
  k <- length(yi)
  full <- -0.5 * (k * log(2 * pi) - sum(log(w)) + sum(w * r^2))
  if (!restricted) return(full)
  full + 0.5 * ncol(X) * log(2 * pi) + 0.5 * c(determinant(crossprod(X))$modulus) - 0.5 * c(determinant(A)$modulus)
}

# Its gradient, with dense matrices: Z' t (y'P'P y - P) / 2 on the diagonal, P = W for the full likelihood.
ls_gradient <- function(alpha, yi, vi, X, Z, restricted) {
  t <- exp(c(Z %*% alpha)); W <- diag(1 / (vi + t))
  P <- W - W %*% X %*% solve(t(X) %*% W %*% X, t(X) %*% W, tol = 0)
  c(t(Z) %*% (t * (c(P %*% yi)^2 - diag(if (restricted) P else W)))) / 2
}

scale_case <- function(id, data, mods, scale, ours, ours_scale, method, test = "t", unit = 1) {
  message("  ", id)
  fit <- rma(yi, vi, mods = as.formula(mods), scale = as.formula(scale), data = data, method = method, test = test)
  X <- fit$X; Z <- fit$Z; restricted <- method == "REML"
  f <- function(a) ls_likelihood(a, c(fit$yi), fit$vi, X, Z, restricted)
  stopifnot(abs(f(c(fit$alpha)) - c(logLik(fit))) < 1e-8)
  # Moderators of any size: the steps are taken along orthonormal columns.
  R <- qr.R(qr(Z)); back <- solve(R)
  g <- function(b) f(back %*% b)
  slope <- function(b) c(t(back) %*% ls_gradient(back %*% b, c(fit$yi), fit$vi, X, Z, restricted))
  bend <- function(b) { H <- jacobian(slope, b, method = "complex"); (H + t(H)) / 2 }
  b <- c(R %*% fit$alpha)
  stopifnot(max(abs(slope(b) - grad(g, b, method.args = list(r = 8)))) < 1e-6)
  for (i in 1:8) { H <- bend(b); step <- solve(H, slope(b)); b <- b - step }
  stopifnot(max(abs(step) / sqrt(diag(solve(-H)))) < 1e-9, all(eigen(H)$values < 0))
  alpha <- c(back %*% b)
  message(sprintf("    polished: %g higher, %g standard errors away", f(alpha) - c(logLik(fit)), max(abs(alpha - fit$alpha) / fit$se.alpha)))
  stopifnot(f(alpha) >= c(logLik(fit)) - 1e-9, f(alpha) <= c(logLik(fit)) + 1e-4)
  for (i in 1:40) { # no higher maximum from other starts
    other <- optim(b + rnorm(length(b), 0, 3), function(x) { v <- tryCatch(-g(x), error = function(e) 1e10); if (is.finite(v)) v else 1e10 }, method = "Nelder-Mead", control = list(maxit = 2000))
    if (-other$value > f(alpha) + 1e-6) stop(id, ": a higher maximum, ", -other$value, " over ", f(alpha))
  }
  V <- back %*% solve(-bend(b)) %*% t(back)
  tau2 <- exp(c(Z %*% alpha))
  w <- 1 / (fit$vi + tau2); beta <- solve(crossprod(X, w * X), crossprod(X, w * c(fit$yi)), tol = 0)
  one <- rma(yi, vi, mods = as.formula(mods), data = data, method = method, control = TIGHT)
  shift <- alpha; first <- which(apply(Z, 2, function(z) all(z == 1)))
  if (unit != 1) { stopifnot(length(first) == 1); shift[first] <- shift[first] + 2 * log(unit) }
  k <- fit$k; p <- if (restricted) fit$p else 0
  list(
    id = id, formula = ours, scale = ours_scale, method = method, test = test, unit = unit,
    yi = I(data$yi * unit), vi = I(data$vi * unit^2), columns = lapply(data[setdiff(names(data), c("yi", "vi"))], I2),
    metafor = list(beta = I(c(fit$beta) * unit), se = I(fit$se * unit), pval = I(fit$pval), alpha = I(c(fit$alpha)), se.alpha = I(fit$se.alpha),
                   pval.alpha = I(fit$pval.alpha), QS = fit$QS, QSp = fit$QSp, QM = fit$QM, QMp = fit$QMp, ll = c(logLik(fit)) - (k - p) * log(unit)),
    polished = list(alpha = I(shift), se = I(sqrt(diag(V))), beta = I(c(beta) * unit), tau2 = I(tau2 * unit^2),
                    ll = f(alpha) - (k - p) * log(unit), LRT = max(0, 2 * (f(alpha) - c(logLik(one)))))
  )
}
writing100 <- transform(writing, ni100 = ni / 100)
loud <- made(60, 0, 0.2); loud$yi <- round(loud$yi + rnorm(60, 0, sqrt(exp(-3 + 0.4 * loud$z))), 5)
SCALES <- list(
  scale_case("writing", writing100, "~ ni100", "~ ni100", "~ ni100", "~ ni100", "REML"),
  scale_case("writing_ml", writing100, "~ ni100", "~ ni100", "~ ni100", "~ ni100", "ML"),
  scale_case("writing_z", writing100, "~ 1", "~ ni100", "~ 1", "~ ni100", "REML", "z"),
  scale_case("writing_knha", writing100, "~ ni100", "~ ni100", "~ ni100", "~ ni100", "REML", "knha"),
  scale_case("writing_adhoc", writing100, "~ ni100", "~ ni100", "~ ni100", "~ ni100", "REML", "adhoc"),
  scale_case("writing_only_intercept", writing100, "~ ni100", "~ 1", "~ ni100", "~ 1", "REML"),
  scale_case("writing_only_intercept_ml", writing100, "~ ni100", "~ 1", "~ ni100", "~ 1", "ML"),
  scale_case("bcg_ablat", bcg, "~ ablat", "~ ablat", "~ ablat", "~ ablat", "REML"),
  scale_case("bcg_alloc", bcg, "~ 1", "~ alloc", "~ 1", "~ C(alloc)", "REML"),
  scale_case("bcg_alloc_ml", bcg, "~ 1", "~ alloc", "~ 1", "~ C(alloc)", "ML", "z"),
  scale_case("bcg_alloc_each", bcg, "~ alloc", "~ 0 + alloc", "~ C(alloc)", "~ 0 + C(alloc)", "REML", "z"),
  scale_case("bcg_year", bcg, "~ 1", "~ year", "~ 1", "~ year", "REML", "z"),
  scale_case("bcg_large_unit", bcg, "~ ablat", "~ ablat", "~ ablat", "~ ablat", "REML", "t", 2^27),
  scale_case("bcg_small_unit", bcg, "~ ablat", "~ ablat", "~ ablat", "~ ablat", "REML", "t", 2^-27),
  scale_case("loud", loud, "~ x", "~ z", "~ x", "~ z", "REML"),
  scale_case("loud_ml", loud, "~ x", "~ z", "~ x", "~ z", "ML"),
  scale_case("loud_two", loud, "~ x", "~ z + x", "~ x", "~ z + x", "REML"),
  scale_case("loud_factor", loud, "~ x", "~ g", "~ x", "~ C(g)", "REML"),
  scale_case("wide_factor", wide, "~ x", "~ g", "~ x", "~ C(g)", "REML"),
  scale_case("mcdaniel", mcdaniel[!is.na(mcdaniel$type), ], "~ type", "~ type", "~ C(type)", "~ C(type)", "REML", "z")
)

write_fixture(list(cases = REGRESSIONS, permutations = PERMUTATIONS, subgroups = SUBGROUPS,
                   welch = WELCH, location_scale = SCALES), "regression.json", c("metafor", "metadat", "numDeriv"))
