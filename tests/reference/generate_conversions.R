#!/usr/bin/env Rscript
# Writes conversions.json: what R says of conversions, for the tests of `evidence` to compare with.
#
#   Rscript tests/reference/generate_conversions.R [FOLDER]
#
# metafor 3.8.1 has no conversions (conv.* came later), so the truth is made instead of converted:
# R draws people, computes their summaries and tests with its own functions (t.test, aov, chisq.test,
# cor.test, sd), and a conversion of the tests has to give the summaries back. The estimators of mean
# and SD from quantiles are written here from the papers; the quantile estimation method is solved by
# nested one-dimensional searches, and each solution is checked against its estimating equation.

suppressPackageStartupMessages(library(metafor))
script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))

set.seed(20250)
cases <- list()
add <- function(kind, id, inputs, expected) {
  cases[[length(cases) + 1]] <<- list(id = paste(kind, id), kind = kind, inputs = inputs, expected = expected)
}

# ------------------------------------------------------------------------- one group, and two groups

for (n in c(2, 3, 5, 12, 60, 400)) {
  x <- rnorm(n, 1e3 * runif(1), 10)
  level <- sample(c(0.9, 0.95, 0.99), 1)
  add("interval", n, list(ci = as.vector(t.test(x, conf.level = level)$conf.int), n = n, level = level), sd(x))
}

for (i in 1:10) {
  n1 <- c(2, 3, 5, 8, 20, 33, 50, 120, 400, 7)[i]; n2 <- c(2, 4, 3, 30, 20, 21, 48, 90, 410, 90)[i]
  scale <- c(1, 1e-8, 1e8, 1, 1, 1, 1, 1, 1, 1)[i]
  x <- scale * rnorm(n1, 0.4 * (i %% 3), 1.3); y <- scale * rnorm(n2)
  t <- t.test(x, y, var.equal = TRUE)
  group <- factor(rep(c("x", "y"), c(n1, n2)))
  f <- summary(aov(c(x, y) ~ group))[[1]][1, ]
  g <- escalc("SMD", m1i = mean(x), sd1i = sd(x), n1i = n1, m2i = mean(y), sd2i = sd(y), n2i = n2, vtype = "LS")
  u <- escalc("SMD", m1i = mean(x), sd1i = sd(x), n1i = n1, m2i = mean(y), sd2i = sd(y), n2i = n2, vtype = "UB")
  add("two groups", i,
      list(n_treatment = n1, n_control = n2, mean_difference = mean(x) - mean(y), t = unname(t$statistic),
           f = f[["F value"]], p = t$p.value, ci = as.vector(t$conf.int), se = t$stderr),
      list(sd = sqrt(((n1 - 1) * var(x) + (n2 - 1) * var(y)) / (n1 + n2 - 2)), g = as.vector(g$yi),
           variance = g$vi, variance_unbiased = u$vi))
  groups <- list(x, y, scale * rnorm(n1 + 3, 2, 0.5))
  add("combined", i,
      list(n = lengths(groups), mean = sapply(groups, mean), sd = sapply(groups, sd)),
      list(n = length(unlist(groups)), mean = mean(unlist(groups)), sd = sd(unlist(groups))))
}

for (n in c(3, 5, 10, 40, 300)) {
  x <- rnorm(n); y <- 0.6 * x + rnorm(n)
  test <- cor.test(x, y)
  add("correlation", n, list(t = unname(test$statistic), df = unname(test$parameter), p = test$p.value),
      list(r = cor(x, y), sd_change = sd(y - x), sd_before = sd(x), sd_after = sd(y)))
}

# -------------------------------------------------------------------------------------------- ranges

for (n in c(2, 3, 5, 10, 25, 50, 200, 1e4)) {
  range <- integrate(function(x) 1 - pnorm(x)^n - pnorm(x, lower.tail = FALSE)^n, -40, 0, rel.tol = 1e-13, subdivisions = 2000)$value +
    integrate(function(x) 1 - pnorm(x)^n - pnorm(x, lower.tail = FALSE)^n, 0, 40, rel.tol = 1e-13, subdivisions = 2000)$value
  add("range", n, list(minimum = 2, maximum = 9, median = 5, n = n),
      list(wan = 7 / (2 * qnorm((n - 0.375) / (n + 0.25))), expected = 7 / range,
           hozo = if (n <= 15) sqrt(((2 - 10 + 9)^2 / 4 + 49) / 12) else if (n <= 70) 7 / 4 else 7 / 6))
}

# -------------------------------------------------------------------------------------- five numbers

five <- list(
  small = c(1, 4, 6, 9, 15, 9), middle = c(-3, 0.5, 2, 3.5, 8, 41), large = c(10, 40, 50, 61, 130, 1001),
  skewed = c(0.1, 1, 2, 6, 40, 60), left = c(2, 30, 38, 41, 44, 60), tiny = c(1e-8, 2e-8, 3e-8, 4e-8, 9e-8, 25),
  huge = c(1e8, 3e8, 4e8, 6e8, 1.2e9, 33), ties = c(3, 5, 5, 7, 9, 17), far = c(990, 998, 1000, 1003, 1011, 80),
  six = c(1, 2, 3, 5, 6, 6))

luo_wan_shi <- function(a, q1, m, q3, b, n, scenario) {
  xi <- 2 * qnorm((n - 0.375) / (n + 0.25)); eta <- 2 * qnorm((0.75 * n - 0.125) / (n + 0.25))
  t1 <- abs(a + b - 2 * m) / (b - a); t2 <- abs(q1 + q3 - 2 * m) / (q3 - q1)
  switch(scenario,
    S1 = { w <- 4 / (4 + n^0.75)
      list(mean = w * (a + b) / 2 + (1 - w) * m, sd = (b - a) / xi, sd_wan = (b - a) / xi, mean_wan = (a + 2 * m + b) / 4,
           test = t1, critical = 1.01 / log(n + 9) + 2.43 / (n + 1)) },
    S2 = { w <- 0.7 + 0.39 / n
      list(mean = w * (q1 + q3) / 2 + (1 - w) * m, sd = (q3 - q1) / eta, sd_wan = (q3 - q1) / eta, mean_wan = (q1 + m + q3) / 3,
           test = t2, critical = 2.65 / sqrt(n) - 6 / n^2) },
    S3 = { w1 <- 2.2 / (2.2 + n^0.75); w2 <- 0.7 - 0.72 / n^0.55
      theta1 <- (2 + 0.14 * n^0.6) * qnorm((n - 0.375) / (n + 0.25))
      theta2 <- (2 + 2 / (0.07 * n^0.6)) * qnorm((0.75 * n - 0.125) / (n + 0.25))
      list(mean = w1 * (a + b) / 2 + w2 * (q1 + q3) / 2 + (1 - w1 - w2) * m, sd = (b - a) / theta1 + (q3 - q1) / theta2,
           sd_wan = (b - a) / (2 * xi) + (q3 - q1) / (2 * eta), mean_wan = (a + 2 * q1 + 2 * m + 2 * q3 + b) / 8,
           test = max(2.65 * log(0.6 * n) / sqrt(n) * t1, t2), critical = 2.97 / sqrt(n) - 39.1 / n^3) })
}

# The quantile estimation method: for each shape the best scale is linear least squares; the shape is
# scanned, then solved as the zero of the derivative of the distance (by Richardson's differences).
shapes <- list(
  "log-normal" = list(q = function(u, p) qlnorm(p, 0, exp(u)), mean = function(u) exp(exp(2 * u) / 2), cv = function(u) sqrt(expm1(exp(2 * u)))),
  gamma = list(q = function(u, p) qgamma(p, exp(-2 * u)) * exp(2 * u), mean = function(u) 1, cv = exp),
  Weibull = list(q = function(u, p) qweibull(p, exp(-u)), mean = function(u) gamma(1 + exp(u)),
                 cv = function(u) sqrt(gamma(1 + 2 * exp(u)) / gamma(1 + exp(u))^2 - 1)))

fit <- function(family, p, q) {
  unit <- max(q); q <- q / unit
  rest <- function(u) { s <- family$q(u, p); k <- sum(s * q) / sum(s^2); list(k = k, r = k * s - q) }
  distance <- function(u) sum(rest(u)$r^2)
  slope <- function(u) { # of the distance over u, by residuals times their derivative
    h <- 1e-3; d <- function(h) (rest(u + h)$r - rest(u - h)$r) / (2 * h)
    sum(rest(u)$r * (64 * d(h / 4) - 20 * d(h / 2) + d(h)) / 45) / sum(q^2)
  }
  grid <- seq(log(1e-4), log(6), length.out = 300)
  place <- grid[which.min(sapply(grid, distance))]
  width <- diff(grid)[1]
  u <- uniroot(slope, place + c(-1.01, 1.01) * width, tol = 1e-15)$root
  stopifnot(distance(u) <= min(sapply(grid, distance)) * (1 + 1e-12))
  mean <- unit * rest(u)$k * family$mean(u)
  list(mean = mean, sd = mean * family$cv(u), distance = unit^2 * distance(u))
}

for (name in names(five)) for (scenario in c("S1", "S2", "S3")) {
  v <- five[[name]]
  known <- list(S1 = c(1, 3, 5), S2 = 2:4, S3 = 1:5)[[scenario]]
  expected <- do.call(luo_wan_shi, c(as.list(v), scenario))
  p <- c(1 / v[6], 0.25, 0.5, 0.75, 1 - 1 / v[6])[known]; q <- v[1:5][known]
  z <- qnorm(p)
  normal <- lm(q ~ z)
  fits <- list(normal = list(mean = coef(normal)[[1]], sd = coef(normal)[[2]], distance = sum(residuals(normal)^2)))
  if (q[1] > 0) for (family in names(shapes)) fits[[family]] <- fit(shapes[[family]], p, q)
  expected$fits <- fits
  add("five numbers", paste(name, scenario), list(values = v[1:5], n = v[6], scenario = scenario), expected)
}

# -------------------------------------------------------------------------------------------- tables

tables <- list(c(9, 11, 5, 25), c(1, 19, 0.5, 30.5), c(40, 60, 22, 80), c(3, 200, 9, 190), c(150, 3, 120, 40),
               c(7, 13, 7, 13), c(2, 2, 1, 3), c(51234, 948766, 49876, 950124), c(28, 44, 0, 28), c(1, 999, 30, 470))
for (i in seq_along(tables)) {
  v <- tables[[i]]; m <- matrix(v, 2, byrow = TRUE)
  plain <- suppressWarnings(chisq.test(m, correct = FALSE)); yates <- suppressWarnings(chisq.test(m, correct = TRUE))
  # An empty cell gives an infinite ratio, which escalc records as missing with a warning.
  escalc <- function(...) suppressWarnings(metafor::escalc(...))
  or <- escalc("OR", ai = v[1], bi = v[2], ci = v[3], di = v[4], add = 0)
  rr <- escalc("RR", ai = v[1], bi = v[2], ci = v[3], di = v[4], add = 0)
  rd <- escalc("RD", ai = v[1], bi = v[2], ci = v[3], di = v[4], add = 0)
  phi <- escalc("PHI", ai = v[1], bi = v[2], ci = v[3], di = v[4], add = 0)
  add("table", i, list(a = v[1], n1 = v[1] + v[2], c = v[3], n2 = v[3] + v[4]),
      list("odds ratio" = exp(as.vector(or$yi)), "risk ratio" = exp(as.vector(rr$yi)), "risk difference" = as.vector(rd$yi),
           phi = as.vector(phi$yi), "chi-square" = unname(plain$statistic), "chi-square, Yates" = unname(yates$statistic),
           log_odds_ratio = as.vector(or$yi), variance = or$vi,
           standard_errors = list("odds ratio" = sqrt(or$vi), "risk ratio" = sqrt(rr$vi), "risk difference" = sqrt(rd$vi))))
}

write_fixture(list(cases = cases), "conversions.json", "metafor")
