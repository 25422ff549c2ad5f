#!/usr/bin/env Rscript
# Writes trial.json: what R says of one trial. Bayes factors by BayesFactor's ttest.tstat(), sample
# sizes by pwr's pwr.t.test(); everything else from R's own distributions and integrate(), with the
# formulas written out from the papers.
#
#   Rscript tests/reference/generate_trial.R [FOLDER]

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages({
  library(BayesFactor)
  library(pwr)
})
tight <- function(f, low, high) integrate(f, low, high, rel.tol = 1e-11, subdivisions = 5000L)$value

# Rouder et al. 2009: Bayes factors of t, one and two groups, three scales.
jzs <- list()
for (n in list(c(20, 0), c(80, 0), c(18, 18), c(77, 78), c(40, 120), c(5, 6), c(400, 380)))
  for (t in c(0, 0.5, -1.3, 2.03, 3.4, 6)) for (scale in c(sqrt(2) / 2, 1, sqrt(2))) {
    found <- ttest.tstat(t = t, n1 = n[1], n2 = n[2], rscale = scale)
    jzs[[length(jzs) + 1]] <- list(id = paste(n[1], n[2], t, signif(scale, 3), sep = "_"), t = t,
                                   n1 = n[1], n2 = n[2], scale = scale, log_factor = found$bf)
  }

# Gronau, Ly and Wagenmakers 2020: a t or normal prior of the standardised effect, by direct
# integration of the noncentral t density over the effect.
informed <- list()
for (n in list(c(53, 57), c(30, 30), c(12, 15))) for (t in c(0.4, 1.9, -2.2, 3.1))
  for (prior in list(c(0.35, 0.102, 3), c(0.2, 0.3, 5), c(0, 0.707, 1), c(0.5, 0.25, Inf), c(-0.3, 0.4, Inf))) {
    people <- prod(n) / sum(n)
    df <- sum(n) - 2
    density <- function(d) if (is.finite(prior[3])) dt((d - prior[1]) / prior[2], prior[3]) / prior[2] else
      dnorm(d, prior[1], prior[2])
    both <- function(d) suppressWarnings(dt(t, df, ncp = d * sqrt(people))) * density(d)
    middle <- t / sqrt(people)
    cuts <- sort(c(-8, middle + c(-1, 0, 1), prior[1] + c(-1e-3, 0.5), 8))
    marginal <- sum(mapply(function(low, high) tight(both, low, high), head(cuts, -1), tail(cuts, -1)))
    informed[[length(informed) + 1]] <- list(
      id = paste(c(n, t, prior), collapse = "_"), t = t, n1 = n[1], n2 = n[2], location = prior[1],
      scale = prior[2], prior_df = if (is.finite(prior[3])) prior[3] else NULL,
      log_factor = log(marginal / dt(t, df)))
  }

# Cohen 1988: people in each group, before they are rounded up; and power of a t test.
sizes <- list()
for (d in c(0.1, 0.2, 0.34, 0.5, 0.8, 1.5)) for (power in c(0.5, 0.8, 0.9)) for (alpha in c(0.05, 0.01))
  sizes[[length(sizes) + 1]] <- list(id = paste(d, power, alpha, sep = "_"), d = d, power = power, alpha = alpha,
                                     n = pwr.t.test(d = d, power = power, sig.level = alpha)$n)
powers <- list()
for (df in c(3, 10, 30, 153)) for (delta in c(0.1, 0.5, 1, 2, 3.5)) {
  critical <- qt(0.975, df)
  power <- pt(-critical, df, ncp = delta) + pt(critical, df, ncp = delta, lower.tail = FALSE)
  # Errors of size and sign: the estimate is delta + Z, significant beyond the critical value times
  # the estimated over the true standard error.
  spread <- function(u) 2 * u * df * dchisq(u^2 * df, df)
  size <- function(u) sapply(u, function(s) {
    c <- critical * s
    spread(s) * (integrate(function(x) x * dnorm(x, delta), c, Inf, rel.tol = 1e-10)$value -
                   integrate(function(x) x * dnorm(x, delta), -Inf, -c, rel.tol = 1e-10)$value)
  })
  wrong <- pt(-critical, df, ncp = delta) / power
  powers[[length(powers) + 1]] <- list(id = paste(df, delta, sep = "_"), df = df, delta = delta, power = power,
                                       type_s = wrong, type_m = tight(size, 0, 12) / (power * delta))
}

# Colquhoun 2017: likelihood ratio of an effect of one SD against none, p-equals.
risks <- list()
for (n in c(4, 8, 16, 60)) for (p in c(0.05, 0.03, 0.01, 0.001)) for (d in c(0.5, 1)) {
  df <- 2 * n - 2
  t <- qt(p / 2, df, lower.tail = FALSE)
  delta <- d * sqrt(n / 2)
  with <- dt(t, df, ncp = delta) + dt(-t, df, ncp = delta)
  risks[[length(risks) + 1]] <- list(
    id = paste(n, p, d, sep = "_"), n = n, p = p, d = d, t = t, likelihood_ratio = with / (2 * dt(t, df)),
    power = pt(-t, df, ncp = delta) + pt(t, df, ncp = delta, lower.tail = FALSE))
}

# van Zwet, Schwab and Senn 2021: the posterior by integration of prior times likelihood.
weight <- c(0.32, 0.31, 0.30, 0.07)
sd <- c(0.61, 1.42, 2.16, 5.64)
prior <- function(x) rowSums(mapply(function(w, s) w * dnorm(x, 0, s), weight, sd))
shrunken <- list()
for (z in c(0.2, 1, 1.96, 2.5, 3.29, 5)) {
  post <- function(x) prior(x) * dnorm(z, x)
  all <- tight(post, -30, 40)
  mean_of <- function(f) tight(function(x) f(x) * post(x), -30, 40) / all
  beyond <- function(x) pnorm(x - qnorm(0.975)) + pnorm(-x - qnorm(0.975))
  shrunken[[length(shrunken) + 1]] <- list(
    id = as.character(z), z = z, mean = mean_of(identity), right_sign = tight(post, 0, 40) / all,
    repeat_ = mean_of(beyond), low = uniroot(function(q) tight(post, -30, q) / all - 0.025, c(-15, 15), tol = 1e-12)$root,
    high = uniroot(function(q) tight(post, -30, q) / all - 0.975, c(-15, 25), tol = 1e-12)$root)
}

# Held 2020: the sceptical z value from its defining equation.
sceptical <- list()
for (z1 in c(1.5, 2.1, 3, 5)) for (z2 in c(0.8, 2, 4)) for (c in c(0.3, 1, 2.5)) {
  root <- uniroot(function(x) (z1^2 / x - 1) * (z2^2 / x - 1) - c, c(1e-6, min(z1, z2)^2 * (1 - 1e-13)), tol = 1e-14)$root
  sceptical[[length(sceptical) + 1]] <- list(id = paste(z1, z2, c, sep = "_"), z1 = z1, z2 = z2, c = c, z = sqrt(root))
}

write_fixture(list(jzs = jzs, informed = informed, sizes = sizes, powers = powers, risks = risks,
                   shrunken = shrunken, sceptical = sceptical), "trial.json", c("BayesFactor", "pwr"))
