#!/usr/bin/env Rscript
# Writes effects.json and pool.json: what R's metafor says, for the tests of `evidence` to compare with.
#
#   Rscript tests/reference/generate.R [FOLDER]
#
# VERBOSE=1 in the environment prints every attempt that missed its own equation and why.
# Without FOLDER the files go beside this script. metafor is the oracle that runs here; where its
# stopping rules are not met on the scale of the data, the data are multiplied by a power of two
# (exact in binary), fitted, and the result is scaled back; the fit's "note" says so. Every iterative
# result is checked against its own estimating equation before it is written, and the script stops
# when one does not hold.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- commandArgs(TRUE)
folder <- if (length(folder)) folder[1] else dirname(normalizePath(script))
stopifnot(dir.exists(folder))
VERBOSE <- Sys.getenv("VERBOSE") != ""

# ---------------------------------------------------------------------------------------- writing

# jsonlite writes 15 significant digits at most; a double needs 17.
number <- function(x) ifelse(is.na(x), "null", sprintf("%.17g", x))

as_json <- function(x) {
  if (is.list(x)) return(lapply(x, as_json))
  if (is.null(x)) return(structure("null", class = "json"))
  if (is.character(x) || is.logical(x)) return(if (length(x) == 1) unbox(x) else x)
  stopifnot(is.numeric(x), !any(is.infinite(x)))
  text <- number(as.vector(x))
  several <- length(x) > 1 || inherits(x, "AsIs")
  structure(if (several) paste0("[", paste(text, collapse = ", "), "]") else text, class = "json")
}

write_fixture <- function(cases, name) {
  versions <- list(
    R = paste(R.version$major, R.version$minor, sep = "."),
    metafor = as.character(packageVersion("metafor")),
    metadat = as.character(packageVersion("metadat")),
    jsonlite = as.character(packageVersion("jsonlite"))
  )
  content <- list(written_by = "tests/reference/generate.R", versions = versions, cases = unname(cases))
  json <- toJSON(as_json(content), json_verbatim = TRUE, pretty = 1)
  writeLines(json, file.path(folder, name))
  message(name, ": ", length(cases), " cases")
}

# ---------------------------------------------------------------------------------- effect sizes

effect_case <- function(measure, vtype, situation, inputs) {
  arguments <- if (measure %in% c("MD", "SMD")) {
    list(m1i = inputs$mean_treatment, sd1i = inputs$sd_treatment, n1i = inputs$n_treatment,
         m2i = inputs$mean_control, sd2i = inputs$sd_control, n2i = inputs$n_control)
  } else {
    list(ai = inputs$events_treatment, n1i = inputs$total_treatment,
         ci = inputs$events_control, n2i = inputs$total_control,
         add = 1 / 2, to = "only0", drop00 = FALSE)
  }
  effect <- summary(do.call(escalc, c(list(measure = measure, vtype = vtype), arguments)))
  list(id = paste(measure, vtype, situation, sep = "-"),
       measure = measure, vtype = vtype, inputs = inputs,
       yi = as.numeric(effect$yi), vi = effect$vi, sei = effect$sei,
       ci.lb = effect$ci.lb, ci.ub = effect$ci.ub)
}

continuous <- function(...) {
  setNames(as.list(c(...)), c("mean_treatment", "sd_treatment", "n_treatment",
                              "mean_control", "sd_control", "n_control"))
}

continuous_situations <- list(
  ordinary           = continuous(55, 47, 155, 75, 64, 156),
  ordinary_small     = continuous(12.3, 3.1, 14, 10.9, 2.7, 16),
  negative_means     = continuous(-3.9, 5.1, 76, -2.3, 5.2, 77),
  two_per_arm        = continuous(4.1, 1.3, 2, 3.2, 0.9, 2),
  three_per_arm      = continuous(4.1, 1.3, 3, 3.2, 0.9, 3),
  two_and_three      = continuous(4.1, 1.3, 2, 3.2, 0.9, 3),
  very_unequal_n     = continuous(21.5, 6, 4, 18.2, 7.5, 4000),
  very_unequal_sd    = continuous(21.5, 0.02, 30, 18.2, 75, 25),
  equal_means        = continuous(7.25, 2, 20, 7.25, 3, 25),
  nearly_equal_means = continuous(7.25 + 1e-9, 2, 20, 7.25, 3, 25),
  huge_effect        = continuous(5000, 1.5, 12, -5000, 2.5, 15),
  tiny_scale         = continuous(2.4e-8, 1.1e-8, 18, 1.9e-8, 0.8e-8, 22),
  huge_scale         = continuous(2.4e8, 1.1e8, 18, 1.9e8, 0.8e8, 22),
  large_n            = continuous(2.4, 1.1, 12000, 2.3, 1.2, 11000),
  million_per_arm    = continuous(2.4, 1.1, 1e6, 2.3, 1.2, 1e6)
)

binary <- function(...) {
  setNames(as.list(c(...)), c("events_treatment", "total_treatment", "events_control", "total_control"))
}

binary_situations <- list(
  ordinary                    = binary(4, 123, 11, 139),
  ordinary_common_event       = binary(60, 131, 75, 136),
  equal_risks                 = binary(10, 50, 20, 100),
  no_events_treatment         = binary(0, 116, 3, 117),
  no_events_control           = binary(5, 40, 0, 43),
  no_events_in_both           = binary(0, 20, 0, 25),
  no_events_in_both_equal_n   = binary(0, 20, 0, 20),
  all_events_treatment        = binary(30, 30, 22, 28),
  all_events_control          = binary(22, 28, 30, 30),
  all_events_in_both          = binary(12, 12, 15, 15),
  none_against_all            = binary(0, 12, 15, 15),
  one_event_each              = binary(1, 100, 1, 90),
  all_but_one                 = binary(99, 100, 89, 90),
  large_counts                = binary(505, 88391, 499, 88391),
  very_large_counts           = binary(123456789, 1e9, 123999999, 1e9),
  very_unequal_n              = binary(2, 7, 812, 45000),
  one_person_each_none        = binary(0, 1, 0, 1),
  one_person_each_one         = binary(1, 1, 0, 1),
  one_person_each_both        = binary(1, 1, 1, 1),
  one_person_against_many     = binary(1, 1, 30, 80),
  one_person_none_against_many = binary(0, 1, 30, 80)
)

effects <- list()
for (kind in list(c("MD", "LS"), c("MD", "HO"), c("SMD", "LS"), c("SMD", "UB"))) {
  for (situation in names(continuous_situations)) {
    effects[[length(effects) + 1]] <-
      effect_case(kind[1], kind[2], situation, continuous_situations[[situation]])
  }
}
for (measure in c("RR", "OR", "RD")) {
  for (situation in names(binary_situations)) {
    effects[[length(effects) + 1]] <-
      effect_case(measure, "LS", situation, binary_situations[[situation]])
  }
}
write_fixture(effects, "effects.json")

# --------------------------------------------------------- estimating equations, to check fits with

ACCURACY <- 1e-10  # of tau2, relative to tau2 plus the typical sampling variance

q_at <- function(tau2, yi, vi) {
  w <- 1 / (vi + tau2)
  sum(w * (yi - sum(w * yi) / sum(w))^2)
}

q_slope_at <- function(tau2, yi, vi) {
  w <- 1 / (vi + tau2)
  -sum(w^2 * (yi - sum(w * yi) / sum(w))^2)
}

reml_loglik_at <- function(tau2, yi, vi) {
  w <- 1 / (vi + tau2)
  -0.5 * (sum(log(vi + tau2)) + log(sum(w)) + sum(w * (yi - sum(w * yi) / sum(w))^2))
}

reml_newton_step_at <- function(tau2, yi, vi) {
  w <- 1 / (vi + tau2)
  residual <- yi - sum(w * yi) / sum(w)
  score <- 0.5 * (sum(w^2 * residual^2) - sum(w) + sum(w^2) / sum(w))
  information <- 0.5 * (sum(w^2) - 2 * sum(w^3) / sum(w) + (sum(w^2) / sum(w))^2)
  score / information
}

typical_variance <- function(vi) {
  w <- 1 / vi
  (length(vi) - 1) * sum(w) / (sum(w)^2 - sum(w^2))
}

dersimonian_laird <- function(yi, vi) {
  w <- 1 / vi
  max(0, (q_at(0, yi, vi) - (length(yi) - 1)) / (sum(w) - sum(w^2) / sum(w)))
}

tau2_grid <- function(yi, vi) {
  c(0, 10^seq(log10(min(vi)) - 4, log10(1e4 * (max(vi) + diff(range(yi))^2)), length.out = 800))
}

# How far off, relative to tau2 plus the typical variance, is this tau2? 0 is perfect.
tau2_error <- function(tau2, method, yi, vi) {
  scale <- tau2 + typical_variance(vi)
  k <- length(yi)
  if (method == "DL") return(abs(tau2 - dersimonian_laird(yi, vi)) / scale)
  if (method == "PM") {
    if (tau2 == 0) return(if (q_at(0, yi, vi) <= k - 1) 0 else Inf)
    return(abs((q_at(tau2, yi, vi) - (k - 1)) / q_slope_at(tau2, yi, vi)) / scale)
  }
  step <- reml_newton_step_at(tau2, yi, vi)
  highest <- max(sapply(tau2_grid(yi, vi), reml_loglik_at, yi = yi, vi = vi))
  if (highest > reml_loglik_at(tau2, yi, vi) + 1e-8) return(Inf)  # a local maximum only
  if (step < 0) step <- max(step, -tau2)                          # cannot go below 0
  abs(step) / scale
}

# ---------------------------------------------------------------------------------------- pooling

TESTS <- c("z", "knha", "adhoc")

control_for <- function(start) {
  control <- list(threshold = 1e-14, maxiter = 1e5, tol = 1e-14, stepadj = start$step)
  if (!is.null(start$tau2)) control$tau2.init <- start$tau2
  control
}

power_of_two_near <- function(x) 2^round(log2(x))

# The Q-profile interval from metafor's confint(), or a message where it is not accurate.
q_profile <- function(fit, scale, yi, vi) {
  upper <- 1e6 * max(vi * scale^2, diff(range(yi * scale))^2)
  interval <- confint(fit, control = list(tol = 1e-14, tau2.max = upper, maxiter = 1e5))
  stopifnot(interval$ub.sign %in% c("", "<"), interval$lb.sign %in% c("", "<"))
  bounds <- interval$random["tau^2", c("ci.lb", "ci.ub")] / scale^2
  targets <- qchisq(c(0.975, 0.025), length(yi) - 1)
  for (end in 1:2) {
    bound <- bounds[[end]]
    error <- if (bound == 0) {
      if (q_at(0, yi, vi) <= targets[end]) 0 else Inf
    } else {
      abs((q_at(bound, yi, vi) - targets[end]) / q_slope_at(bound, yi, vi))
    }
    error <- error / (bound + typical_variance(vi))
    if (error > ACCURACY) return(sprintf("Q-profile bound %d off by %.2g", end, error))
  }
  list(tau2.lb = bounds[[1]], tau2.ub = bounds[[2]], tau2.ci.empty = interval$ci.null)
}

# metafor's fit by one method, on the first scale and from the first start that passes the checks.
search_fit <- function(yi, vi, method) {
  grid <- tau2_grid(yi, vi)
  best <- grid[which.max(sapply(grid, reml_loglik_at, yi = yi, vi = vi))]
  scales <- unique(c(1,
                     power_of_two_near(1 / sqrt(typical_variance(vi))),
                     power_of_two_near(1 / sqrt(typical_variance(vi) + dersimonian_laird(yi, vi))),
                     power_of_two_near(1 / sqrt(median(vi)))))
  failures <- c()
  starts <- list(list(from_grid = FALSE, step = 1))
  if (method == "REML") {
    starts <- c(starts, list(list(from_grid = TRUE, step = 1), list(from_grid = TRUE, step = 0.5)))
  }
  for (start in starts) {
    for (scale in scales) {
      start$tau2 <- if (start$from_grid) best * scale^2 else NULL
      attempt <- tryCatch({
        fit <- suppressWarnings(rma(yi * scale, vi * scale^2, method = method, control = control_for(start)))
        error <- tau2_error(fit$tau2 / scale^2, method, yi, vi)
        if (error > ACCURACY) sprintf("tau2 %.10g off by %.2g", fit$tau2 / scale^2, error)
        else q_profile(fit, scale, yi, vi)
      }, error = function(e) sub("\n.*", "", conditionMessage(e)))
      if (is.list(attempt)) {
        notes <- c(
          if (scale != 1) sprintf("fitted after multiplying effects by 2^%d, scaled back", log2(scale)),
          if (start$from_grid) "started from the best point of a grid: metafor's own start fails here",
          if (start$step < 1) sprintf("Fisher scoring steps shortened by %g to converge", start$step))
        return(list(scale = scale, start = start, note = paste(notes, collapse = "; "),
                    tau2_interval = attempt, failures = failures))
      }
      failures <- c(failures, sprintf("2^%d%s: %s", log2(scale), if (start$from_grid) " from grid" else "",
                                      attempt))
    }
  }
  stop("no accurate ", method, " fit: ", paste(failures, collapse = " | "))
}

test_results <- function(fit, scale) {
  values <- list(test = fit$test,
                 beta = as.numeric(fit$beta) / scale, se = fit$se / scale,
                 ci.lb = fit$ci.lb / scale, ci.ub = fit$ci.ub / scale, pval = fit$pval,
                 ddf = if (fit$test == "z") NA_real_ else fit$ddf)
  if (fit$k >= 3 && fit$method != "EE") {
    # Higgins, Thompson & Spiegelhalter (2009), with this test's own standard error. metafor 3.8's own
    # predict() takes the quantile of the test instead: normal for z, t on k - 1 for knha and adhoc.
    half <- qt(0.975, fit$k - 2) * sqrt(values$se^2 + fit$tau2 / scale^2)
    own <- predict(fit)
    values$prediction.lb <- values$beta - half
    values$prediction.ub <- values$beta + half
    values$prediction.ddf <- fit$k - 2
    values$metafor.pi.lb <- own$pi.lb / scale
    values$metafor.pi.ub <- own$pi.ub / scale
    values$metafor.pi.ddf <- if (is.null(own$pi.ddf)) NA_real_ else own$pi.ddf  # null: normal
  }
  values
}

fit_results <- function(yi, vi, method) {
  how <- if (method == "EE") list(scale = 1, start = list(step = 1), note = "") else search_fit(yi, vi, method)
  for (failure in how$failures) if (VERBOSE) message("  ", method, " ", failure)
  scale <- how$scale
  refit <- function(test) {
    suppressWarnings(rma(yi * scale, vi * scale^2, method = method, test = test,
                         control = control_for(how$start)))
  }
  fits <- setNames(lapply(TESTS, refit), TESTS)
  fit <- fits$z
  results <- list(method = method, note = how$note,
                  tau2 = fit$tau2 / scale^2, I2 = fit$I2, H2 = fit$H2, QE = fit$QE, QEp = fit$QEp,
                  weights = I(as.numeric(weights(fit))))
  if (method != "EE") results <- c(results, how$tau2_interval)
  c(results, list(tests = lapply(unname(fits), test_results, scale = scale)))
}

# Move a fit of (yi - shift) back to yi.
shift_back <- function(fit, shift) {
  places <- c("beta", "ci.lb", "ci.ub", "prediction.lb", "prediction.ub", "metafor.pi.lb", "metafor.pi.ub")
  fit$tests <- lapply(fit$tests, function(test) {
    for (place in intersect(places, names(test))) test[[place]] <- test[[place]] + shift
    statistic <- -abs(test$beta / test$se)
    test$pval <- if (test$test == "z") 2 * pnorm(statistic) else 2 * pt(statistic, test$ddf)
    test
  })
  fit$note <- paste(c(sprintf("fitted after subtracting %g (exactly) from the effects, added back; p recomputed", shift),
                      fit$note[fit$note != ""]), collapse = "; ")
  fit
}

# shift: taken off before fitting where the effects lie far from zero compared with their spread
# (metafor's Q-profile bounds lose digits there).
pool_case <- function(id, label, yi, vi, labels = paste("study", seq_along(yi)), shift = 0) {
  yi <- as.numeric(yi)
  vi <- as.numeric(vi)
  case <- list(id = id, label = label, k = length(yi), yi = I(yi), vi = I(vi), labels = as.list(labels))
  if (length(yi) == 1) {
    fit <- rma(yi, vi, method = "EE")
    return(c(case, list(single = list(beta = as.numeric(fit$beta), se = fit$se,
                                      ci.lb = fit$ci.lb, ci.ub = fit$ci.ub))))
  }
  stopifnot((yi - shift) + shift == yi)
  if (VERBOSE) message(id)
  case$fits <- lapply(c("EE", "REML", "DL", "PM"), function(method) {
    fit <- tryCatch(fit_results(yi - shift, vi, method),
                    error = function(e) stop(id, ": ", conditionMessage(e)))
    if (shift == 0) fit else shift_back(fit, shift)
  })
  case
}

from_escalc <- function(id, label, data, labels) pool_case(id, label, data$yi, data$vi, as.character(labels))

counts <- function(measure, data) {
  escalc(measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = data, add = 1 / 2, to = "only0")
}

bcg <- function(measure) escalc(measure, ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
bcg_labels <- paste(dat.bcg$author, dat.bcg$year)
stroke <- function(measure) {
  escalc(measure, m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i,
         data = dat.normand1999)
}
chemotherapy <- data.frame(yi = dat.pignon2000$OmE / dat.pignon2000$V, vi = 1 / dat.pignon2000$V)
ratings <- escalc("ZCOR", ri = ri, ni = ni, data = dat.molloy2014)

RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20240607)
vi_60 <- round(exp(rnorm(60, -2.5, 1)), 6)
yi_60 <- round(rnorm(60, 0.3, sqrt(0.05 + vi_60)), 6)
vi_spread <- signif(10^seq(-6, 4, length.out = 12), 3)
yi_spread <- round(rnorm(12, 1, sqrt(0.2 + vi_spread)), 6)

base_yi <- c(0.42, -0.11, 0.65, 0.20, 0.93, -0.35)
base_vi <- c(0.040, 0.055, 0.120, 0.031, 0.200, 0.085)

pooled <- list(
  from_escalc("bcg", "BCG vaccine, log risk ratio", bcg("RR"), bcg_labels),
  from_escalc("bcg_log_odds_ratio", "BCG vaccine, log odds ratio", bcg("OR"), bcg_labels),
  from_escalc("bcg_risk_difference", "BCG vaccine, risk difference", bcg("RD"), bcg_labels),
  from_escalc("normand1999_smd", "Length of stay after stroke, SMD", stroke("SMD"), dat.normand1999$source),
  from_escalc("normand1999_md", "Length of stay after stroke, mean difference in days", stroke("MD"),
              dat.normand1999$source),
  from_escalc("raudenbush1985", "Teacher expectancy, SMD", dat.raudenbush1985, dat.raudenbush1985$author),
  from_escalc("hackshaw1998", "Passive smoking and lung cancer, log odds ratio", dat.hackshaw1998,
              dat.hackshaw1998$author),
  from_escalc("bangertdrowns2004", "Writing to learn, SMD", dat.bangertdrowns2004,
              dat.bangertdrowns2004$author),
  from_escalc("konstantopoulos2011", "Modified school calendars, SMD, 56 schools", dat.konstantopoulos2011,
              paste("school", dat.konstantopoulos2011$study)),
  from_escalc("li2007_magnesium", "Intravenous magnesium in myocardial infarction, log odds ratio",
              counts("OR", dat.li2007), paste(dat.li2007$study, dat.li2007$year)),
  from_escalc("hine1989", "Lidocaine in myocardial infarction, risk difference", counts("RD", dat.hine1989),
              dat.hine1989$source),
  from_escalc("nielweise2007", "Catheter infection, log risk ratio, zero cells",
              counts("RR", dat.nielweise2007), paste(dat.nielweise2007$author, dat.nielweise2007$year)),
  from_escalc("lee2004", "P6 stimulation and nausea, log risk ratio", counts("RR", dat.lee2004),
              paste(dat.lee2004$study, dat.lee2004$year)),
  from_escalc("molloy2014", "Conscientiousness and adherence, Fisher's z", ratings,
              paste(dat.molloy2014$authors, dat.molloy2014$year)),
  from_escalc("pignon2000", "Chemotherapy in head and neck cancer, log hazard ratio", chemotherapy,
              dat.pignon2000$trial),

  pool_case("k1", "One study", 0.31, 0.0262),
  pool_case("k1_zero_effect", "One study, effect exactly 0", 0, 0.5),
  pool_case("k2", "Two studies that differ somewhat", c(0.10, 0.75), c(0.04, 0.06)),
  pool_case("k2_close", "Two studies that agree", c(0.30, 0.35), c(0.04, 0.09)),
  pool_case("k2_opposed", "Two studies that contradict each other", c(-2.0, 3.0), c(0.01, 0.02)),
  pool_case("k2_symmetric", "Two opposite effects, pooled estimate exactly 0", c(-0.5, 0.5), c(0.05, 0.05)),
  pool_case("k3", "Three studies", c(0.10, 0.75, 0.42), c(0.04, 0.06, 0.02)),
  pool_case("k3_heterogeneous", "Three studies, large heterogeneity", c(-0.8, 0.9, 2.1), c(0.05, 0.06, 0.04)),
  pool_case("k3_unequal", "Three studies, one far more precise", c(0.50, 0.02, -0.60), c(0.20, 0.001, 0.35)),

  pool_case("identical_effects", "Identical effects: Q = 0, tau2 = 0", rep(0.25, 5),
            c(0.03, 0.05, 0.08, 0.02, 0.11)),
  pool_case("identical_everything", "Identical effects and variances", rep(0.25, 4), rep(0.0625, 4)),
  pool_case("nearly_identical_effects", "Effects that differ in the ninth decimal",
            0.25 + c(1, -2, 0.5, 3, -1.5) * 1e-9, c(0.03, 0.05, 0.08, 0.02, 0.11), shift = 0.25),
  pool_case("effects_differ_in_sixth_decimal", "Effects that differ in the sixth decimal",
            0.25 + c(1, -2, 0.5, 3, -1.5) * 1e-6, c(0.03, 0.05, 0.08, 0.02, 0.11), shift = 0.25),
  pool_case("homogeneous_below_q_profile", "Q so small that the Q-profile interval is empty",
            c(0.30, 0.31, 0.29, 0.305, 0.297, 0.302), c(0.04, 0.05, 0.06, 0.045, 0.07, 0.055)),
  pool_case("equal_variances", "Equal variances: REML, DL and PM agree",
            c(0.1, 0.5, -0.3, 0.9, 0.2), rep(0.04, 5)),
  pool_case("tau2_huge", "Heterogeneity far above the sampling variance",
            c(-900, 350, 1200, -40, 610, -1500, 80), c(0.010, 0.020, 0.015, 0.030, 0.012, 0.025, 0.018)),
  pool_case("one_study_99_percent", "One study with 99% of the common-effect weight",
            c(0.12, 0.80, -0.55, 0.61, -0.20), c(0.001, 0.35, 0.42, 0.40, 0.45)),
  pool_case("mixed_variances", "Variances from 1e-6 to 1e4", yi_spread, vi_spread),
  pool_case("shifted_far_from_zero", "Effects near 1000 that differ in the first decimal",
            1000 + base_yi, base_vi, shift = 1000),
  pool_case("ordinary", "Six ordinary studies", base_yi, base_vi),
  pool_case("tiny_scale", "The six ordinary studies in units 1e8 times as large", base_yi * 1e-8, base_vi * 1e-16),
  pool_case("huge_scale", "The six ordinary studies in units 1e-8 times as large", base_yi * 1e8, base_vi * 1e16),
  from_escalc("bcg_tiny_scale", "BCG vaccine, log risk ratio times 1e-8",
              data.frame(yi = bcg("RR")$yi * 1e-8, vi = bcg("RR")$vi * 1e-16), bcg_labels),
  from_escalc("bcg_huge_scale", "BCG vaccine, log risk ratio times 1e8",
              data.frame(yi = bcg("RR")$yi * 1e8, vi = bcg("RR")$vi * 1e16), bcg_labels),
  pool_case("k60_simulated", "Sixty simulated studies, tau2 = 0.05", yi_60, vi_60),
  pool_case("reml_zero_others_positive", "REML's maximum is at 0 although Q exceeds its degrees of freedom",
            c(2.6, 0.1, -0.05, 0.08, 0.0, 0.12), c(0.9, 0.01, 0.012, 0.008, 0.011, 0.009)),
  pool_case("reml_two_maxima_positive", "REML likelihood with a local maximum at 0 and the global one above",
            c(0.26, 10.34, 0.2), c(0.064, 4.6, 0.018)),
  pool_case("reml_two_maxima_zero", "REML likelihood with the global maximum at 0 and a local one above",
            c(5.03, 0.1, 0.1, -0.36, 0.2), c(1.7, 0.0096, 0.061, 0.12, 0.0099)),
  pool_case("reml_two_maxima_inside", "REML likelihood with two maxima above 0",
            c(-0.73, -1.46, 7.25, -0.21, -0.28), c(0.035, 1, 4.2, 0.17, 0.21)),
  pool_case("reml_trap_far_above", "REML: Fisher scoring from metafor's own start ends at 58, the maximum is at 0.33",
            c(0.91, 0.46, -0.05, 1.37, 26.69, 0.46), c(0.24, 0.0051, 0.046, 0.0036, 31, 0.28)),
  pool_case("reml_trap_at_zero", "REML: Fisher scoring from metafor's own start ends at 0, the maximum is at 1.7",
            c(0.5, -2.26, 0.44, 0.2), c(0.029, 0.53, 0.0028, 21)),
  pool_case("reml_no_tight_convergence", "REML: Fisher scoring does not settle to 1e-14 unless its steps are shortened",
            c(0.07, -0.29, 0.16, 0.25, 0.19, 21.89), c(0.39, 0.14, 0.022, 0.009, 0.051, 9.2))
)

# The published values of the BCG example must come out.
reml <- Filter(function(fit) fit$method == "REML", pooled[[1]]$fits)[[1]]
stopifnot(
  abs(reml$tests[[1]]$beta - -0.7145) < 5e-5, abs(reml$tests[[1]]$se - 0.1798) < 5e-5,
  abs(reml$tau2 - 0.3132) < 5e-5, abs(reml$I2 - 92.22) < 5e-3,
  abs(reml$tau2.lb - 0.1197) < 5e-5, abs(reml$tau2.ub - 1.1115) < 5e-5
)

write_fixture(pooled, "pool.json")
