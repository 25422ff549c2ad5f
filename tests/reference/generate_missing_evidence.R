# Checks for missing evidence that metafor has not: the formulas written out, with R's distributions, lm
# and uniroot; tau2 is metafor's.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
suppressPackageStartupMessages(library(metafor))
library(metadat)
set.seed(20)

# ------------------------------------------------------------------------- effects: limit meta-analysis

simulated <- function(k, tau2, alpha, from = 0.05, to = 0.6) {
  s <- exp(runif(k, log(from), log(to)))
  list(yi = 0.2 + sqrt(s^2 + tau2) * (rnorm(k) + alpha), vi = s^2)
}
of <- function(data) list(yi = as.vector(data$yi), vi = as.vector(data$vi))
EFFECTS <- list(
  bcg = of(escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  passive_smoking = of(dat.hackshaw1998),
  writing = of(dat.bangertdrowns2004),
  teachers = of(dat.raudenbush1985),
  homogeneous = simulated(15, 0, 0),
  asymmetric = simulated(20, 0.05, 1.2),
  symmetric = simulated(40, 0.1, 0),
  heterogeneous = simulated(12, 2, 0.5),
  reversed = simulated(25, 0.05, -1),
  large = simulated(200, 0.04, 0.6),
  five = simulated(5, 0.1, 1),
  three = simulated(3, 0.1, 1, 0.1, 0.5),
  huge_scale = with(simulated(14, 0.05, 1), list(yi = 1e8 * yi, vi = 1e16 * vi)),
  tiny_scale = with(simulated(14, 0.05, 1), list(yi = 1e-8 * yi, vi = 1e-16 * vi))
)

limit <- function(data) {
  y <- data$yi; v <- data$vi; k <- length(y)
  # metafor on units of the effects' spread, since its search has thresholds of its own
  unit <- sqrt(median(v))
  fit <- rma(y / unit, v / unit^2, method = "REML", control = list(threshold = 1e-14, maxiter = 1e5, tau2.max = 1e4))
  tau2 <- fit$tau2 * unit^2
  s <- sqrt(v + tau2)
  line <- lm(I(y / s) ~ I(1 / s))  # the generalised radial plot: alpha where it starts, beta its slope
  b <- coef(line); C <- summary(line)$cov.unscaled
  x <- c(sqrt(tau2), 1)
  radial <- lm(I(y / sqrt(v)) ~ I(1 / sqrt(v)))
  Q <- sum((y - weighted.mean(y, 1 / v))^2 / v)
  R <- sum(residuals(radial)^2)
  z <- b[1] / sqrt(C[1, 1])
  list(
    tau2 = tau2, mean = as.vector(fit$beta) * unit, alpha = b[[1]], alpha.se = sqrt(C[1, 1]), beta = b[[2]], beta.se = sqrt(C[2, 2]),
    z = z[[1]], p = 2 * pnorm(-abs(z[[1]])), adjusted = sum(x * b), adjusted.se = sqrt(as.vector(t(x) %*% C %*% x)),
    q = Q, q.small = Q - R, q.resid = R, q.small.p = pchisq(Q - R, 1, lower.tail = FALSE), q.resid.p = pchisq(R, k - 2, lower.tail = FALSE),
    limits = b[[2]] + sqrt(tau2) * (y - b[[2]]) / s
  )
}
limits <- lapply(names(EFFECTS), function(id) c(list(id = paste0("limit_", id)), EFFECTS[[id]], limit(EFFECTS[[id]])))

# ------------------------------------------------------------------------------------ counts: Macaskill

tables <- function(a, n1, c, n2) data.frame(a = a, n1 = n1, c = c, n2 = n2)
random <- function(k, p1, p2, most) {
  n1 <- round(exp(runif(k, log(15), log(most)))); n2 <- pmax(10, round(n1 * runif(k, 0.6, 1.6)))
  tables(rbinom(k, n1, p1), n1, rbinom(k, n2, p2), n2)
}
yusuf <- dat.yusuf1985[dat.yusuf1985$table == "6" & !is.na(dat.yusuf1985$ai), ]
niel <- dat.nielweise2007
COUNTS <- list(
  bcg = with(dat.bcg, tables(tpos, tpos + tneg, cpos, cpos + cneg)),
  beta_blockers = with(yusuf, tables(ai, n1i, ci, n2i)),
  catheters = with(niel, tables(ai, n1i, ci, n2i)),
  common_events = random(16, 0.35, 0.45, 600),
  rare_events = random(22, 0.03, 0.05, 400),
  very_common = random(14, 0.9, 0.93, 300),
  five = random(5, 0.2, 0.3, 500),
  double_zero = rbind(random(12, 0.2, 0.3, 500), tables(c(0, 20), c(30, 20), c(0, 25), c(31, 25))),
  forty = random(40, 0.15, 0.2, 1000),
  large = random(12, 0.4, 0.4, 20000)
)
macaskill <- function(d) {
  d <- as.data.frame(lapply(d[d$a + d$c > 0 & d$a + d$c < d$n1 + d$n2, ], as.numeric))
  N <- d$n1 + d$n2; e <- d$a + d$c
  y <- as.vector(escalc("OR", ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2)$yi)
  s <- summary(lm(y ~ N, weights = e * (N - e) / N))
  b <- s$coefficients
  list(used = nrow(d), slope = b[2, 1], se = b[2, 2], statistic = b[2, 3], p = b[2, 4], df = s$df[2], start = b[1, 1], start.se = b[1, 2])
}
counts <- lapply(names(COUNTS), function(id) c(list(id = paste0("macaskill_", id)), as.list(COUNTS[[id]]), macaskill(COUNTS[[id]])))

# ------------------------------------------------------------------------------------- z values: p-curve

significant <- function(n, ncp) {
  z <- numeric(0)
  while (length(z) < n) {
    x <- abs(rnorm(4 * n, sample(ncp, 4 * n, replace = TRUE)))
    z <- c(z, x[x > qnorm(0.975)])
  }
  z[seq_len(n)]
}
Z <- list(
  no_effect = significant(20, 0),
  low_power = significant(20, 1.5),
  good_power = significant(25, 2.8),
  high_power = significant(30, 4.5),
  mixed = significant(60, c(0, 1, 3, 5)),
  hacked = qnorm(1 - c(0.049, 0.045, 0.048, 0.041, 0.039, 0.0475, 0.031, 0.044, 0.028, 0.0499, 0.021, 0.046) / 2),
  no_half = qnorm(1 - c(0.049, 0.045, 0.048, 0.041, 0.039, 0.0475, 0.031, 0.044, 0.028, 0.0499) / 2),
  very_large = c(significant(10, 3), 12, 20, 37),
  with_others = c(significant(15, 2), runif(10, 0, 1.95)),
  ten = significant(10, 2.2),
  three = significant(3, 2.2),
  hundred = significant(100, c(1, 2))
)

log_tail <- function(z, d) {
  a <- pnorm(d - z, log.p = TRUE); b <- pnorm(-d - z, log.p = TRUE)
  pmax(a, b) + log1p(exp(-abs(a - b)))
}
critical <- function(p) qnorm(p / 2, lower.tail = FALSE)
ncp_of <- function(power) uniroot(function(d) exp(log_tail(critical(0.05), d)) - power, c(0, 10), tol = 1e-15)$root
stouffer <- function(z, d, below) -sum(qnorm(log_tail(z, d) - log_tail(critical(below), d), log.p = TRUE)) / sqrt(length(z))
p_curve <- function(all) {
  z <- all[all > critical(0.05)]; half <- z[z > critical(0.025)]; low <- ncp_of(1 / 3)
  stats <- list(
    skew.full = -stouffer(z, 0, 0.05), flat.full = stouffer(z, low, 0.05),
    skew.half = if (length(half)) -stouffer(half, 0, 0.025) else NULL, flat.half = if (length(half)) stouffer(half, low, 0.025) else NULL
  )
  share <- 3 * exp(log_tail(critical(0.025), low))
  fits <- function(target) {
    gap <- function(d) stouffer(z, d, 0.05) - target
    if (gap(0) <= 0) return(0.05)
    if (gap(ncp_of(0.99)) >= 0) return(0.99)
    exp(log_tail(critical(0.05), uniroot(gap, c(0, ncp_of(0.99)), tol = 1e-15)$root))
  }
  bins <- exp(log_tail(critical(seq(0.01, 0.05, 0.01)), low)) * 3
  c(stats, list(
    p = lapply(stats, function(s) if (is.null(s)) NULL else pnorm(s)),
    binomial = pbinom(length(half) - 1, length(z), 0.5, lower.tail = FALSE), binomial.flat = pbinom(length(half), length(z), share),
    power = fits(0), power.lb = fits(qnorm(0.95)), power.ub = fits(-qnorm(0.95)),
    counts = as.vector(table(cut(2 * pnorm(-z), seq(0, 0.05, 0.01)))), low = 100 * diff(c(0, bins))
  ))
}
p_curves <- lapply(names(Z), function(id) c(list(id = paste0("p_curve_", id), z = Z[[id]]), p_curve(Z[[id]])))

# ------------------------------------------------------------------------------------- z values: z-curve

Z2 <- list(
  no_effect = significant(80, 0), one_power = significant(120, 2.5), between = significant(60, 3.3),
  mixed = significant(300, c(0, 1, 2, 3, 4, 5)), strong = significant(100, c(3, 5, 6)),
  two = significant(500, c(0, 4)), ten = significant(10, 2), some_others = c(significant(70, c(1, 3)), runif(50, 0, 1.9))
)
z_curve <- function(all) {
  a <- qnorm(0.975); b <- 5; mu <- 0:6
  z <- all[all > a]; inside <- z[z <= b]; h <- 1 - length(inside) / length(z)
  beyond <- function(x) pnorm(mu - x) + pnorm(-mu - x)
  D <- t(sapply(inside, function(x) (dnorm(x - mu) + dnorm(x + mu)) / (beyond(a) - beyond(b))))
  n <- nrow(D)
  # The maximum over weights that sum to 1 is that of this function over weights of at least 0.
  value <- function(w) -mean(log(D %*% w)) + sum(w)
  slope <- function(w) 1 - as.vector(crossprod(D, 1 / (D %*% w))) / n
  curve <- function(w) { E <- D / as.vector(D %*% w); crossprod(E) / n }
  # Which components have weight: every set of them is tried, with damped Newton steps (the function is
  # self-concordant, so that they arrive), and the one kept for which all slopes are at least 0.
  inside_set <- function(keep) {
    w <- ifelse(keep, 1 / sum(keep), 0)
    for (i in 1:300) {
      g <- slope(w)[keep]
      step <- tryCatch(solve(curve(w)[keep, keep, drop = FALSE], g), error = function(e) NULL)
      if (is.null(step)) return(NULL)
      decrement <- sqrt(max(0, n * sum(g * step)))
      if (!is.finite(decrement)) return(NULL)
      w[keep] <- w[keep] - step * (if (decrement < 0.25) 1 else 1 / (1 + decrement))
    }
    if (any(w < 0)) NULL else w
  }
  fits <- lapply(1:127, function(set) inside_set(as.logical(bitwAnd(set, 2^(0:6)))))
  good <- Filter(function(w) !is.null(w) && min(slope(w)) > -1e-10 && abs(sum(w) - 1) < 1e-10, fits)
  stopifnot(length(good) > 0)
  w <- good[[which.min(sapply(good, value))]]
  edr <- 1 / (sum((1 - h) * w / beyond(a)) + h)
  list(loglik = sum(log(D %*% w)), err = sum((1 - h) * w * pnorm(mu - a)) + h, edr = edr, fdr = (1 / edr - 1) * 0.05 / 0.95, weights = w)
}
z_curves <- lapply(names(Z2), function(id) c(list(id = paste0("z_curve_", id), z = Z2[[id]]), z_curve(Z2[[id]])))

# ----------------------------------------------------------------------------------- albatross: contours

SIZES <- c(5, 12, 50, 200, 3000, 1e5)
contour <- function(id, measure, effect, ratio = 1, baseline = NULL) {
  n0 <- SIZES / (1 + ratio); n1 <- SIZES - n0
  p <- switch(measure,
    "standardised mean difference" = 2 * pt(-abs(effect) * sqrt(n1 * n0 / SIZES), SIZES - 2),
    "correlation" = 2 * pt(-abs(effect) * sqrt((SIZES - 2) / (1 - effect^2)), SIZES - 2),
    "odds ratio" = {
      risk <- plogis(qlogis(baseline) + log(effect))
      2 * pnorm(-abs(log(effect)) / sqrt(1 / (n1 * risk) + 1 / (n1 * (1 - risk)) + 1 / (n0 * baseline) + 1 / (n0 * (1 - baseline))))
    }
  )
  list(id = paste0("contour_", id), measure = measure, effect = effect, ratio = ratio, baseline = baseline, n = SIZES, p = p)
}
contours <- list(
  contour("small_difference", "standardised mean difference", 0.2),
  contour("large_difference", "standardised mean difference", -0.8, 2),
  contour("correlation", "correlation", 0.3),
  contour("strong_correlation", "correlation", -0.7),
  contour("odds_ratio", "odds ratio", 1.5, 1, 0.2),
  contour("protective", "odds ratio", 0.5, 0.5, 0.05)
)

write_fixture(
  list(limit = limits, macaskill = counts, p_curve = p_curves, z_curve = z_curves, contours = contours),
  "missing_evidence.json", c("metafor", "metadat")
)
