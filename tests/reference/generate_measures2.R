#!/usr/bin/env Rscript
# Writes measures2.json: standardisers, pre-post-control designs and hazard ratios, for the tests of
# `evidence` to compare with.
#
#   Rscript tests/reference/generate_measures2.R [FOLDER]
#
# metafor's escalc runs as the oracle ("by": "escalc"). What version 3.8.1 does not have is computed here
# by hand from the paper's formula ("by": "formula"). `datasets` are published data without known slips:
# nothing in them should look wrong.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))

cases <- list()

add_case <- function(id, what, inputs, yi, vi, by) {
  cases[[length(cases) + 1]] <<- list(id = id, what = what, by = by, inputs = as.list(inputs),
                                      yi = as.numeric(yi), vi = as.numeric(vi))
}

# `map` gives escalc's name of each input.
from_escalc <- function(what, measure, map, situations, vtype = "LS") {
  for (situation in names(situations)) {
    inputs <- setNames(as.list(situations[[situation]]), names(map))
    effect <- do.call(escalc, c(list(measure = measure, vtype = vtype), setNames(inputs, unname(map))))
    stopifnot(is.finite(effect$yi), is.finite(effect$vi))
    add_case(paste(what, situation, sep = "-"), what, inputs, effect$yi, effect$vi, "escalc")
  }
}

from_formula <- function(what, columns, situations, compute) {
  for (situation in names(situations)) {
    inputs <- setNames(as.list(situations[[situation]]), columns)
    effect <- do.call(compute, unname(inputs))
    add_case(paste(what, situation, sep = "-"), what, inputs, effect[1], effect[2], "formula")
  }
}

# Hedges 1981, equation 6e
correction <- function(m) exp(lgamma(m / 2) - log(sqrt(m / 2)) - lgamma((m - 1) / 2))

# ------------------------------------------------------------------- two groups, three standardisers

means <- c(mean_treatment = "m1i", sd_treatment = "sd1i", n_treatment = "n1i",
           mean_control = "m2i", sd_control = "sd2i", n_control = "n2i")
groups <- list(
  ordinary        = c(55, 47, 155, 75, 64, 156),
  ordinary_small  = c(12.3, 3.1, 14, 10.9, 2.7, 16),
  three_per_arm   = c(4.1, 1.3, 3, 3.2, 0.9, 3),
  two_and_three   = c(4.1, 1.3, 2, 3.2, 0.9, 3),
  three_and_four  = c(4.1, 1.3, 3, 3.2, 0.9, 4),
  very_unequal_n  = c(21.5, 6, 4, 18.2, 7.5, 4000),
  unequal_n_other = c(21.5, 6, 4000, 18.2, 7.5, 4),
  wide_treatment  = c(21.5, 75, 30, 18.2, 0.02, 25),
  wide_control    = c(21.5, 0.02, 30, 18.2, 75, 25),
  equal_means     = c(7.25, 2, 20, 7.25, 3, 25),
  equal_sds       = c(7.25, 2, 20, 9.5, 2, 25),
  negative_means  = c(-7.25, 2, 20, -4.5, 3, 25),
  still_treatment = c(7.25, 0, 20, 9.5, 2, 25),
  huge_effect     = c(5000, 1.5, 12, -5000, 2.5, 15),
  tiny_scale      = c(2.4e-8, 1.1e-8, 18, 1.9e-8, 0.8e-8, 22),
  huge_scale      = c(2.4e8, 1.1e8, 18, 1.9e8, 0.8e8, 22)
)
two_people <- list(two_per_arm = c(4.1, 1.3, 2, 3.2, 0.9, 2))

from_escalc("pooled-borenstein", "SMD", means, c(groups, two_people), "LS2")
from_escalc("control-large-sample", "SMD1", means, groups)
from_escalc("control-unbiased", "SMD1", means, groups, "UB")
from_escalc("control-borenstein", "SMD1", means, groups, "LS2")
from_escalc("control-unequal-variances", "SMD1H", means, groups)
from_escalc("average-unequal-variances", "SMDH", means, c(groups, two_people))

# Bonett 2008: his variance of the uncorrected estimate, times the square of the correction.
from_formula("average-bonett", names(means), c(groups, two_people), function(m1, s1, n1, m2, s2, n2) {
  v <- (s1^2 + s2^2) / 2
  d <- (m1 - m2) / sqrt(v)
  j <- correction(n1 + n2 - 2)
  c(j * d, j^2 * (d^2 * (s1^4 / (n1 - 1) + s2^4 / (n2 - 1)) / (8 * v^2) +
                  (s1^2 / (n1 - 1) + s2^2 / (n2 - 1)) / v))
})
from_formula("control-bonett", names(means), groups, function(m1, s1, n1, m2, s2, n2) {
  d <- (m1 - m2) / s2
  j <- correction(n2 - 1)
  c(j * d, j^2 * (d^2 / (2 * (n2 - 1)) + s1^2 / (s2^2 * (n1 - 1)) + 1 / (n2 - 1)))
})

# The averaged variance takes all studies together. For SMD1 escalc divides by 2(n1 + n2) here, though its
# own large-sample variance of SMD1 divides by 2 n2; the latter is computed from its estimates.
together <- list()
used <- c("ordinary", "ordinary_small", "three_and_four", "very_unequal_n", "equal_means", "negative_means",
          "tiny_scale")
columns <- lapply(setNames(seq_along(means), names(means)), function(i) unname(sapply(groups[used], `[`, i)))
for (standardiser in c("pooled", "control")) {
  effects <- do.call(escalc, c(list(measure = if (standardiser == "pooled") "SMD" else "SMD1", vtype = "AV"),
                               setNames(columns, unname(means))))
  n <- columns$n_treatment + columns$n_control
  if (standardiser == "pooled") vi <- effects$vi else
    vi <- 1 / columns$n_treatment + 1 / columns$n_control +
      (sum(n * effects$yi) / sum(n))^2 / (2 * columns$n_control)
  together[[standardiser]] <- list(id = paste0(standardiser, "-averaged"), inputs = columns,
                                   yi = as.numeric(effects$yi), vi = as.numeric(vi))
}

# ------------------------------------------------------------------------ one group, before and after

twice <- c(mean_after = "m1i", sd_before = "sd1i", mean_before = "m2i", sd_after = "sd2i",
           n = "ni", correlation = "ri")
pairs <- list(
  ordinary        = c(12.4, 4.2, 10.1, 4.9, 34, 0.62),
  fall            = c(8.4, 4.2, 10.1, 3.9, 34, 0.35),
  three_people    = c(4.1, 1.3, 3.2, 0.9, 3, 0.4),
  four_people     = c(4.1, 1.3, 3.2, 0.9, 4, 0.4),
  no_change       = c(7, 2, 7, 3, 20, 0.5),
  r_zero          = c(12.4, 4.2, 10.1, 4.9, 34, 0),
  r_negative      = c(12.4, 4.2, 10.1, 4.9, 34, -0.4),
  r_nearly_one    = c(12.4, 4.2, 10.1, 4.9, 34, 0.999),
  r_one           = c(12.4, 4.2, 10.1, 4.9, 34, 1),
  r_minus_one     = c(12.4, 4.2, 10.1, 4.9, 34, -1),
  wide_after      = c(12.4, 0.2, 10.1, 49, 34, 0.3),
  still_after     = c(12.4, 4.2, 10.1, 0, 34, 0.3),
  huge_effect     = c(5000, 1.5, -5000, 2.5, 15, 0.5),
  tiny_scale      = c(2.4e-8, 1.1e-8, 1.9e-8, 0.8e-8, 22, 0.5),
  huge_scale      = c(2.4e8, 1.1e8, 1.9e8, 0.8e8, 22, 0.5),
  twelve_thousand = c(2.4, 1.1, 2.3, 1.2, 12000, 0.8)
)
from_escalc("change-borenstein", "SMCC", twice, pairs, "LS2")
from_escalc("before-borenstein", "SMCR", twice, pairs, "LS2")
from_escalc("before-unequal-variances", "SMCRH", twice, pairs)

# ------------------------------------------------------------------- two groups, before and after

# The first five studies are the example of Morris 2008.
both <- c("mean_before_t", "sd_before_t", "mean_after_t", "sd_after_t", "n_t",
          "mean_before_c", "sd_before_c", "mean_after_c", "sd_after_c", "n_c", "correlation")
designs <- list(
  morris_1      = c(30.6, 15.0, 38.5, 11.6, 20, 23.1, 13.8, 19.7, 14.8, 20, 0.47),
  morris_2      = c(23.5, 3.1, 26.8, 4.1, 50, 24.9, 4.1, 25.3, 3.3, 42, 0.64),
  morris_3      = c(0.5, 0.1, 0.7, 0.1, 9, 0.6, 0.2, 0.6, 0.2, 9, 0.77),
  morris_4      = c(53.4, 14.5, 75.9, 4.4, 10, 55.7, 17.3, 60.7, 17.9, 11, 0.89),
  morris_5      = c(35.6, 4.7, 36.0, 4.6, 14, 34.8, 3.1, 33.4, 6.9, 14, 0.44),
  three_a_group = c(4.1, 1.3, 5.2, 0.9, 3, 4.4, 1.1, 4.3, 1.2, 3, 0.4),
  same_change   = c(10, 2, 12, 3, 20, 11, 4, 13, 2, 30, 0.5),
  r_zero        = c(10, 2, 13, 3, 20, 11, 4, 12, 2, 30, 0),
  r_negative    = c(10, 2, 13, 3, 20, 11, 4, 12, 2, 30, -0.5),
  r_nearly_one  = c(10, 2, 13, 2, 20, 11, 2, 12, 2.1, 30, 0.999),
  tiny_scale    = c(1e-8, 2e-9, 1.3e-8, 3e-9, 20, 1.1e-8, 4e-9, 1.2e-8, 2e-9, 30, 0.6),
  huge_scale    = c(1e8, 2e7, 1.3e8, 3e7, 20, 1.1e8, 4e7, 1.2e8, 2e7, 30, 0.6),
  unequal_n     = c(10, 2, 13, 3, 4, 11, 4, 12, 2, 900, 0.6)
)
two_a_group <- list(two_and_three = c(4.1, 1.3, 5.2, 0.9, 2, 4.4, 1.1, 4.3, 1.2, 3, 0.4))

ppc2 <- function(b1, s1, a1, x1, n1, b2, s2, a2, x2, n2, r, exact) {
  m <- n1 + n2 - 2
  j <- correction(m)
  g <- j * ((a1 - b1) - (a2 - b2)) / sqrt(((n1 - 1) * s1^2 + (n2 - 1) * s2^2) / m)
  # Morris 2008, or the large-sample variance in the place of it
  c(g, if (exact) 2 * j^2 * (1 - r) * (n1 + n2) / (n1 * n2) * m / (m - 2) *
         (1 + n1 * n2 / (n1 + n2) * g^2 / (2 * (1 - r))) - g^2 else
       2 * (1 - r) * (1 / n1 + 1 / n2) + g^2 / (2 * (n1 + n2)))
}
from_formula("ppc2-large-sample", both, c(designs, two_a_group), function(...) ppc2(..., exact = FALSE))
from_formula("ppc2-morris", both, c(designs, two_a_group), function(...) ppc2(..., exact = TRUE))

for (measure in c("MC", "SMCC", "SMCR", "SMCRH")) {
  for (situation in names(designs)) {
    x <- designs[[situation]]
    one <- escalc(measure, m1i = x[3], sd1i = x[2], m2i = x[1], sd2i = x[4], ni = x[5], ri = x[11])
    two <- escalc(measure, m1i = x[8], sd1i = x[7], m2i = x[6], sd2i = x[9], ni = x[10], ri = x[11])
    add_case(paste("difference", measure, situation, sep = "-"), paste("difference", measure, sep = "-"),
             setNames(as.list(x), both), one$yi - two$yi, one$vi + two$vi, "escalc")
  }
}

# ---------------------------------------------------------------------------------- hazard ratios

ratios <- list(
  ordinary    = c(0.72, 0.031),
  above_one   = c(1.9, 0.002),
  large_p     = c(0.97, 0.93),
  tiny_p      = c(0.4, 1e-12),
  very_tiny_p = c(0.2, 1e-200),
  near_one    = c(1.0001, 0.5)
)
from_formula("hazard-ratio-p", c("hazard_ratio", "p_value"), ratios, function(hr, p)
  c(log(hr), (log(hr) / qnorm(p / 2))^2))

# --------------------------------------------------------------------- published data, nothing wrong

arms <- function(data) list(
  mean_treatment = data$m1i, sd_treatment = data$sd1i, n_treatment = data$n1i,
  mean_control = data$m2i, sd_control = data$sd2i, n_control = data$n2i)
complete <- function(data) data[complete.cases(data[c("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")]), ]
tables <- function(data) list(
  events_treatment = data$tpos, total_treatment = data$tpos + data$tneg,
  events_control = data$cpos, total_control = data$cpos + data$cneg)
counted <- function(data) list(
  events_treatment = data$ai, total_treatment = data$n1i, events_control = data$ci, total_control = data$n2i)
datasets <- list(
  list(id = "dat.normand1999", kind = "one unit", inputs = arms(dat.normand1999)),
  list(id = "dat.gibson2002", kind = "several units", inputs = arms(complete(dat.gibson2002))),
  list(id = "dat.curtis1998", kind = "ratio of means", inputs = arms(dat.curtis1998)),
  list(id = "dat.bcg", kind = "counts", inputs = tables(dat.bcg)),
  list(id = "dat.nielweise2007", kind = "counts", inputs = counted(dat.nielweise2007)),
  list(id = "dat.nielweise2008", kind = "rates", inputs = list(
    events_treatment = dat.nielweise2008$x1i, time_treatment = dat.nielweise2008$t1i,
    events_control = dat.nielweise2008$x2i, time_control = dat.nielweise2008$t2i)),
  list(id = "dat.li2007", kind = "counts", inputs = counted(dat.li2007))
)

write_fixture(list(cases = cases, together = unname(together), datasets = datasets), "measures2.json",
              c("metafor", "metadat"))
