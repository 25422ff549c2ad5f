#!/usr/bin/env Rscript
# Times metafor on the inputs of the benchmarks. Called by run.py:
#
#   Rscript benchmark.R INPUTS.json RESULTS.json FULL
#
# Work that takes metafor minutes is done in part and scaled, unless FULL is TRUE; fits are independent
# of each other, so their time is proportional to their number. Everything is timed warm.

suppressPackageStartupMessages({
  library(jsonlite)
  library(metafor)
})
arguments <- commandArgs(TRUE)
inputs <- fromJSON(arguments[1])
full <- identical(arguments[3], "TRUE")

best <- function(work, repeats = 3) {
  work()
  min(vapply(seq_len(repeats), function(i) {
    begin <- proc.time()[["elapsed"]]
    work()
    proc.time()[["elapsed"]] - begin
  }, numeric(1)))
}
# The clock has milliseconds, so short work is repeated.
short <- function(work, times = 50) best(function() for (i in seq_len(times)) work()) / times
scaled <- function(work, part, whole) {
  begin <- proc.time()[["elapsed"]]
  work(if (full) whole else part)
  took <- proc.time()[["elapsed"]] - begin
  if (full) took else took * whole / part
}
fit <- function(yi, vi, ...) suppressWarnings(rma(yi, vi, ...))

y <- inputs$bcg$effects
v <- inputs$bcg$variances
thousand <- inputs$thousand
results <- list()
say <- function(name, seconds, value = NULL, note = "") {
  results[[name]] <<- list(seconds = unbox(seconds), value = unbox(value), note = unbox(note))
}

say("fit", short(function() fit(y, v, test = "adhoc")), as.numeric(fit(y, v)$beta))
say("fit_all", short(function() {
  one <- fit(y, v, test = "adhoc")
  confint(one)
  predict(one)
}), as.numeric(fit(y, v)$beta))
say("thousand", best(function() fit(thousand$effects, thousand$variances), 1),
    as.numeric(fit(thousand$effects, thousand$variances)$beta))
if (full) {
  ten <- inputs$ten_thousand
  say("ten_thousand", scaled(function(n) fit(ten$effects, ten$variances), 1, 1))
} else {
  two <- lapply(inputs$ten_thousand, function(x) x[1:2000])
  say("ten_thousand", best(function() fit(two$effects, two$variances), 1) * 125,
      note = "2,000 studies, times 5 cubed: it inverts a matrix of studies by studies")
}
many <- inputs$many
over <- function(method) function(n) {
  for (i in seq_len(n)) fit(many$effects[i, ], many$variances[i, ], method = method)
}
part <- if (full) "" else "300 fits, scaled"
say("many_reml", scaled(over("REML"), 300, 10000), note = part)
say("many_dl", scaled(over("DL"), 300, 10000), note = part)
say("bootstrap", scaled(function(n) {
  for (i in seq_len(n)) {
    chosen <- inputs$samples[i, ] + 1
    fit(y[chosen], v[chosen], control = list(maxiter = 1000, stepadj = 0.5))
  }
}, 300, 10000), note = if (full) "" else "300 samples, scaled")
clustered <- inputs$clustered
clustered$row <- seq_along(clustered$effects)
three <- function() {
  rma.mv(effects, variances, random = ~ 1 | cluster / row, data = as.data.frame(clustered), sparse = TRUE)
}
say("three_level", best(three, 1), as.numeric(three()$beta), "sparse = TRUE")
arms <- as.data.frame(inputs$arms)
say("million", best(function() {
  escalc(measure = "SMD", m1i = mean_treatment, sd1i = sd_treatment, n1i = n_treatment,
         m2i = mean_control, sd2i = sd_control, n2i = n_control, data = arms)
}, 1) * 1e6 / nrow(arms), note = sprintf("%s rows, scaled", format(nrow(arms), big.mark = ",")))
one <- fit(y, v)
if (full) {
  subsets <- best(function() gosh(one, progbar = FALSE), 1)
  say("subsets_13", subsets)
  say("permutation", best(function() permutest(one, exact = TRUE, progbar = FALSE), 1))
} else {
  subsets <- best(function() gosh(one, progbar = FALSE, subsets = 500), 1) * 8191 / 500
  say("subsets_13", subsets, note = "500 subsets, scaled")
  say("permutation", best(function() permutest(one, iter = 500, progbar = FALSE), 1) * 8192 / 500,
      note = "500 arrangements, scaled")
}
say("subsets_20", subsets * (2^20 - 1) / 8191, note = "the subsets of 13 studies, scaled to their number")
hundred <- fit(inputs$hundred$effects, inputs$hundred$variances)
say("influence", best(function() {
  leave1out(hundred)
  influence(hundred)
}, 1), as.numeric(leave1out(hundred)$estimate[1]))
selected <- function() selmodel(hundred, type = "stepfun", steps = 0.025)
say("selection", best(selected), as.numeric(suppressWarnings(selected())$beta))
results$versions <- list(R = unbox(paste(R.version$major, R.version$minor, sep = ".")),
                         metafor = unbox(as.character(packageVersion("metafor"))))
writeLines(toJSON(results, digits = NA, pretty = TRUE), arguments[2])
