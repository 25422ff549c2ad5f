#!/usr/bin/env Rscript
# Writes measures.json: effect sizes of the further measures by R's metafor, for the tests of
# `evidence` to compare with.
#
#   Rscript tests/reference/generate_measures.R [FOLDER]
#
# Without FOLDER the file goes beside this script. metafor is the oracle that runs here. Each case
# names metafor's measure, the arguments of escalc (beside the inputs) that were set, and the inputs
# under the names of `evidence`.

suppressPackageStartupMessages({
  library(metafor)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- commandArgs(TRUE)
folder <- if (length(folder)) folder[1] else dirname(normalizePath(script))
stopifnot(dir.exists(folder))

# jsonlite writes 15 significant digits at most; a double needs 17.
as_json <- function(x) {
  if (is.list(x)) return(lapply(x, as_json))
  if (is.character(x)) return(unbox(x))
  stopifnot(is.numeric(x), length(x) == 1, is.finite(x))
  structure(sprintf("%.17g", x), class = "json")
}

cases <- list()

# `map` gives escalc's name of each input.
add_cases <- function(measure, map, situations, options = list(), variant = "LS") {
  for (situation in names(situations)) {
    inputs <- setNames(as.list(situations[[situation]]), names(map))
    arguments <- setNames(inputs, unname(map))
    effect <- summary(do.call(escalc, c(list(measure = measure, vtype = variant), arguments, options)))
    cases[[length(cases) + 1]] <<- list(
      id = paste(measure, variant, situation, sep = "-"), measure = measure, variant = variant,
      inputs = inputs, yi = as.numeric(effect$yi), vi = effect$vi, sei = effect$sei,
      ci.lb = effect$ci.lb, ci.ub = effect$ci.ub)
  }
}

# ------------------------------------------------------------------- two groups, continuous

means <- c(mean_treatment = "m1i", sd_treatment = "sd1i", n_treatment = "n1i",
           mean_control = "m2i", sd_control = "sd2i", n_control = "n2i")
positive <- list(
  ordinary        = c(55, 47, 155, 75, 64, 156),
  ordinary_small  = c(12.3, 3.1, 14, 10.9, 2.7, 16),
  two_per_arm     = c(4.1, 1.3, 2, 3.2, 0.9, 2),
  two_and_three   = c(4.1, 1.3, 2, 3.2, 0.9, 3),
  very_unequal_n  = c(21.5, 6, 4, 18.2, 7.5, 4000),
  very_unequal_sd = c(21.5, 0.02, 30, 18.2, 75, 25),
  equal_means     = c(7.25, 2, 20, 7.25, 3, 25),
  equal_sds       = c(7.25, 2, 20, 9.5, 2, 25),
  huge_ratio      = c(5e6, 1.5, 12, 2e-6, 2.5e-7, 15),
  tiny_scale      = c(2.4e-8, 1.1e-8, 18, 1.9e-8, 0.8e-8, 22),
  huge_scale      = c(2.4e8, 1.1e8, 18, 1.9e8, 0.8e8, 22),
  million_per_arm = c(2.4, 1.1, 1e6, 2.3, 1.2, 1e6)
)
add_cases("ROM", means, positive)
add_cases("ROM", means, positive, variant = "HO")
add_cases("CVR", means, positive)
add_cases("VR", means[c(2, 3, 5, 6)], lapply(positive, function(x) x[c(2, 3, 5, 6)]))

# ------------------------------------------------------------------------ the same people twice

twice <- c(mean_after = "m1i", sd_before = "sd1i", mean_before = "m2i", sd_after = "sd2i",
           n = "ni", correlation = "ri")
pairs <- list(
  ordinary         = c(12.4, 4.2, 10.1, 4.9, 34, 0.62),
  fall             = c(8.4, 4.2, 10.1, 3.9, 34, 0.35),
  three_people     = c(4.1, 1.3, 3.2, 0.9, 3, 0.4),
  four_people      = c(4.1, 1.3, 3.2, 0.9, 4, 0.4),
  no_change        = c(7, 2, 7, 3, 20, 0.5),
  r_zero           = c(12.4, 4.2, 10.1, 4.9, 34, 0),
  r_negative       = c(12.4, 4.2, 10.1, 4.9, 34, -0.4),
  r_nearly_one     = c(12.4, 4.2, 10.1, 4.9, 34, 0.999),
  r_one            = c(12.4, 4.2, 10.1, 4.9, 34, 1),
  r_minus_one      = c(12.4, 4.2, 10.1, 4.9, 34, -1),
  equal_sds        = c(12.4, 4.2, 10.1, 4.2, 34, 0.7),
  huge_effect      = c(5000, 1.5, -5000, 2.5, 15, 0.5),
  tiny_scale       = c(2.4e-8, 1.1e-8, 1.9e-8, 0.8e-8, 22, 0.5),
  huge_scale       = c(2.4e8, 1.1e8, 1.9e8, 0.8e8, 22, 0.5),
  twelve_thousand  = c(2.4, 1.1, 2.3, 1.2, 12000, 0.8)
)
for (measure in c("MC", "SMCC", "SMCR")) add_cases(measure, twice, pairs)
add_cases("MC", twice, list(two_people = c(4.1, 1.3, 3.2, 0.9, 2, 0.4)))

# ------------------------------------------------------------------------- two groups, counts

counts <- c(events_treatment = "ai", total_treatment = "n1i", events_control = "ci", total_control = "n2i")
tables <- list(
  ordinary              = c(4, 123, 11, 139),
  ordinary_common_event = c(60, 131, 75, 136),
  equal_risks           = c(10, 50, 20, 100),
  no_events_treatment   = c(0, 116, 3, 117),
  no_events_control     = c(5, 40, 0, 43),
  all_events_treatment  = c(30, 30, 22, 28),
  all_events_control    = c(22, 28, 30, 30),
  none_against_all      = c(0, 12, 15, 15),
  one_event_each        = c(1, 100, 1, 90),
  all_but_one           = c(99, 100, 89, 90),
  large_counts          = c(505, 88391, 499, 88391),
  very_large_counts     = c(123456789, 1e9, 123999999, 1e9),
  very_unequal_n        = c(2, 7, 812, 45000),
  one_person_each       = c(1, 1, 0, 1),
  one_against_many      = c(0, 1, 30, 80)
)
silent <- list(
  no_events_in_both = c(0, 20, 0, 25),
  all_events_in_both = c(12, 12, 15, 15)
)
nothing_added <- list(add = 0, to = "none", drop00 = FALSE)
add_cases("PETO", counts, tables, nothing_added)
add_cases("AS", counts, c(tables, silent), nothing_added)

# -------------------------------------------------------------------------- two groups, rates

half_to_empty <- list(add = 1 / 2, to = "only0")
over_time <- c(events_treatment = "x1i", time_treatment = "t1i", events_control = "x2i", time_control = "t2i")
rates <- list(
  ordinary             = c(18, 1210.5, 31, 1187.25),
  equal_rates          = c(10, 100, 20, 200),
  one_event_each       = c(1, 310, 1, 290),
  no_events_treatment  = c(0, 310, 4, 290),
  no_events_control    = c(3, 310, 0, 290),
  no_events_in_both    = c(0, 310, 0, 290),
  many_events_a_person = c(812, 40, 911, 42),
  tiny_time            = c(5, 1e-6, 7, 2e-6),
  huge_time            = c(5, 1e9, 7, 2e9),
  very_unequal_time    = c(2, 7.5, 812, 45000)
)
for (measure in c("IRR", "IRD")) add_cases(measure, over_time, rates, half_to_empty)

# ------------------------------------------------------------------------------------ one group

share <- c(events = "xi", total = "ni")
shares <- list(
  ordinary     = c(12, 87),
  half         = c(40, 80),
  none         = c(0, 20),
  all          = c(20, 20),
  one_of_many  = c(1, 100000),
  all_but_one  = c(99999, 100000),
  one_of_one   = c(1, 1),
  none_of_one  = c(0, 1),
  large_counts = c(123456789, 1e9)
)
for (measure in c("PR", "PLN", "PLO")) add_cases(measure, share, shares, half_to_empty)
for (measure in c("PAS", "PFT")) add_cases(measure, share, shares, list(add = 0, to = "none"))

one_mean <- c(mean = "mi", sd = "sdi", n = "ni")
one_means <- list(
  ordinary   = c(6.8, 1.9, 42),
  two_people = c(6.8, 1.9, 2),
  near_zero  = c(0.1, 1.9, 42),
  tiny_scale = c(2.4e-8, 1.1e-8, 18),
  huge_scale = c(2.4e8, 1.1e8, 18),
  large_n    = c(2.4, 1.1, 1e6)
)
add_cases("MN", one_mean, c(one_means, list(negative = c(-6.8, 1.9, 42), zero = c(0, 1.9, 42))))
add_cases("MNLN", one_mean, one_means)

one_rate <- c(events = "xi", person_time = "ti")
one_rates <- list(
  ordinary  = c(18, 1210.5),
  none      = c(0, 310),
  one       = c(1, 310),
  many      = c(812, 40),
  tiny_time = c(5, 1e-6),
  huge_time = c(5, 1e9)
)
for (measure in c("IR", "IRLN")) add_cases(measure, one_rate, one_rates, half_to_empty)
add_cases("IRS", one_rate, one_rates, list(add = 0, to = "none"))

# --------------------------------------------------------------------------------- correlations

pearson <- c(correlation = "ri", n = "ni")
correlations <- list(
  ordinary     = c(0.31, 58),
  zero         = c(0, 58),
  negative     = c(-0.72, 19),
  nearly_one   = c(0.9999, 19),
  four_pairs   = c(0.5, 4),
  tiny         = c(1e-9, 30),
  large_n      = c(0.12, 1e6)
)
for (measure in c("COR", "ZCOR")) add_cases(measure, pearson, correlations)

# ------------------------------------------------------------- odds ratios as standardised ones

without_empty <- tables[c("ordinary", "ordinary_common_event", "equal_risks", "one_event_each",
                          "all_but_one", "large_counts", "very_unequal_n")]
for (measure in c("OR2DL", "OR2DN")) add_cases(measure, counts, without_empty)

# ------------------------------------------------------- the inverse of Freeman and Tukey's scale

inverse <- list()
for (total in c(1, 2, 10, 87, 100000)) {
  for (value in c(0, 0.02, 0.1, 0.4, pi / 4, 1.1, 1.5, 1.55, pi / 2)) {
    inverse[[length(inverse) + 1]] <- list(
      id = sprintf("%g-%.4f", total, value), value = value, total = total,
      proportion = transf.ipft(value, total))
  }
}

versions <- list(
  R = paste(R.version$major, R.version$minor, sep = "."),
  metafor = as.character(packageVersion("metafor")),
  jsonlite = as.character(packageVersion("jsonlite"))
)
content <- list(written_by = "tests/reference/generate_measures.R", versions = versions,
                cases = cases, inverse = inverse)
writeLines(toJSON(as_json(content), json_verbatim = TRUE, pretty = 1), file.path(folder, "measures.json"))
message("measures.json: ", length(cases), " cases and ", length(inverse), " inverses")
