#!/usr/bin/env Rscript
# Writes mixed_counts.json: what R says of counts with random effects, for the tests of `evidence`.
#
#   Rscript tests/reference/generate_mixed_counts.R [FOLDER]
#
# metafor's rma.glmm runs as it is, with the tightest controls that converge ("metafor" in the JSON).
# It is not the last word beyond four digits: glmer's optimisers stop early, its standard errors are
# those of a finite-difference Hessian, with random study effects it has the Laplace approximation only,
# and CM.EL goes over log(tau2), which has no maximum where tau2 is 0. So every fit is also done here from
# its definition ("tight"): the likelihood as a plain sum over a fixed fine grid of normal quantiles,
# with R's own densities where they are stable, maximised by optim and then by Newton steps with
# numDeriv's extrapolated derivatives. metafor needs the package BiasedUrn for CM.EL.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
})

for (package in c("BiasedUrn", "lme4", "numDeriv")) {
  if (!requireNamespace(package, quietly = TRUE)) stop("The package ", package, " is not installed.")
}
script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))

# ------------------------------------------------------------------------------------------ the data

tables <- function(a, n1, c, n2) {
  list(a = a, n1 = rep_len(n1, length(a)), c = c, n2 = rep_len(n2, length(a)))
}
rates <- function(x1, t1, x2, t2) {
  list(x1 = x1, t1 = rep_len(t1, length(x1)), x2 = x2, t2 = rep_len(t2, length(x1)))
}
bcg <- dat.bcg
niel <- dat.nielweise2007
yusuf <- dat.yusuf1985[dat.yusuf1985$table == "6" & !is.na(dat.yusuf1985$ai), ]
collins <- na.omit(dat.collins1985a[, c("b.xti", "nti", "b.xci", "nci")])
set.seed(1918)
heterogeneous <- function(k, n, p, effect, tau, sigma = 0.5) {
  n1 <- sample(n, k, TRUE); n2 <- sample(n, k, TRUE)
  base <- qlogis(p) + sigma * rnorm(k)
  theta <- effect + tau * rnorm(k)
  tables(rbinom(k, n1, plogis(base + theta)), n1, rbinom(k, n2, plogis(base)), n2)
}
TABLES <- list(
  bcg = tables(bcg$tpos, bcg$tpos + bcg$tneg, bcg$cpos, bcg$cpos + bcg$cneg),
  nielweise2007 = tables(niel$ai, niel$n1i, niel$ci, niel$n2i),
  yusuf = tables(yusuf$ai, yusuf$n1i, yusuf$ci, yusuf$n2i),
  collins1985a = tables(collins$b.xti, collins$nti, collins$b.xci, collins$nci),
  two_studies = tables(c(4, 6), c(30, 50), c(8, 5), c(31, 44)),
  two_apart = tables(c(14, 6), c(30, 50), c(4, 15), c(31, 44)),
  three_studies = tables(c(4, 1, 0), c(12, 10, 10), c(7, 2, 3), c(11, 10, 10)),
  three_apart = tables(c(9, 1, 3), c(30, 30, 40), c(2, 8, 12), c(30, 33, 39)),
  zero_one_arm = tables(c(0, 0, 3, 2), 40, c(3, 1, 5, 2), 41),
  zero_both_arms = tables(c(0, 3, 5, 2, 0), c(40, 50, 60, 35, 100), c(2, 6, 9, 3, 0), c(41, 49, 62, 36, 98)),
  zero_nearly_all = tables(c(0, 1, 0, 0, 2, 0, 0), 100, c(1, 0, 0, 2, 1, 3, 0), 100),
  all_events = tables(c(10, 9, 8, 12), c(10, 12, 11, 20), c(12, 11, 10, 15), c(12, 12, 12, 22)),
  homogeneous = tables(rep(5, 6), 50, rep(9, 6), 50),
  large_tau = tables(c(20, 2, 15, 1, 30), c(40, 40, 50, 45, 42), c(4, 18, 14, 16, 3), c(41, 39, 52, 44, 40)),
  unbalanced = tables(c(1, 0, 3, 2), c(10, 5, 20, 12), c(40, 30, 90, 20), c(2000, 1500, 3000, 900)),
  big = tables(c(1234, 203, 910), c(2e4, 5e3, 1e4), c(1376, 250, 840), c(2e4, 5.1e3, 1.1e4)),
  sparse_random = heterogeneous(9, 30:120, 0.05, -0.6, 0.9),
  common_random = heterogeneous(7, 20:90, 0.35, 0.4, 0.6),
  rare_random = heterogeneous(12, 50:300, 0.015, -0.4, 0.5)
)
hart <- dat.hart1999
niel8 <- dat.nielweise2008
RATES <- list(
  nielweise2008 = rates(niel8$x1i, niel8$t1i, niel8$x2i, niel8$t2i),
  hart1999 = rates(hart$x1i, hart$t1i, hart$x2i, hart$t2i),
  two_studies = rates(c(5, 2), c(100.5, 33), c(9, 4), c(98.25, 31)),
  three_apart = rates(c(14, 2, 6), c(100, 80, 90), c(4, 12, 9), c(98, 85, 88)),
  double_zero = rates(c(0, 0, 4, 2), c(50, 70, 300, 90), c(0, 1, 7, 6), c(60, 75, 310, 88)),
  zero_one_arm = rates(c(0, 1, 0, 6), 10, c(3, 2, 4, 5), 10),
  small_unit = rates(c(3, 5, 9), c(3e-6, 4e-6, 5e-6), c(6, 4, 2), c(3.1e-6, 4.1e-6, 5.1e-6))
)

# ---------------------------------------------------------------- likelihoods from their definitions

normal_grid <- function(nodes, reach = 9) {
  u <- seq(-reach, reach, length.out = nodes)
  list(u = u, w = log(u[2] - u[1]) + dnorm(u, log = TRUE))
}
log_sum <- function(m) { top <- apply(m, 1, max); top + log(rowSums(exp(m - top))) }
binomial <- function(y, n, eta) y * eta - n * (pmax(eta, 0) + log1p(exp(-abs(eta)))) + lchoose(n, y)
poisson <- function(x, t, eta) dpois(x, exp(eta + log(t)), log = TRUE)

# Each model gives a function of its parameters; `scale` are the places of standard deviations, `own` the
# number of study effects (at the end). `grid` serves the integral over standard normal effects.
conditional_exact <- function(d, grid) {
  m <- d$a + d$c
  keep <- pmin(d$n1, m) > pmax(0, m - d$n2)
  d <- lapply(d, `[`, keep); m <- m[keep]
  support <- lapply(seq_along(m), function(i) {
    x <- max(0, m[i] - d$n2[i]):min(m[i], d$n1[i])
    list(x = x, w = lchoose(d$n1[i], x) + lchoose(d$n2[i], m[i] - x))
  })
  one <- function(i, eta) {
    s <- support[[i]]
    s$w[s$x == d$a[i]] + d$a[i] * eta - log_sum(outer(eta, s$x) + rep(s$w, each = length(eta)))
  }
  list(scale = 2, own = 0, start = c(log(0.8), 0.4), f = function(p) {
    if (p[2] == 0) return(sum(sapply(seq_along(m), one, p[1])))
    sum(log_sum(t(sapply(seq_along(m), function(i) one(i, p[1] + p[2] * grid$u) + grid$w))))
  })
}
one_record <- function(density, y, n, offset, grid) {
  list(scale = 2, own = 0, start = c(log(sum(y) / sum(n)) - mean(offset) / 2, 0.4), f = function(p) {
    eta <- function(u) outer(offset + p[1], p[2] * u, `+`)
    if (p[2] == 0) return(sum(density(y, n, eta(0))))
    sum(log_sum(density(y, n, eta(grid$u)) + rep(grid$w, each = length(y))))
  })
}
fixed_studies <- function(density, y, n, coding, grid) {
  k <- nrow(y)
  list(scale = 2, own = k, start = c(-0.1, 0.4, log((rowSums(y) + 0.5) / (rowSums(n) + 1))), f = function(p) {
    own <- p[-(1:2)]
    u <- if (p[2] == 0) 0 else grid$u
    e1 <- outer(own + p[1], coding[1] * p[2] * u, `+`)
    e2 <- outer(own, coding[2] * p[2] * u, `+`)
    parts <- density(y[, 1], n[, 1], e1) + density(y[, 2], n[, 2], e2)
    if (p[2] == 0) sum(parts) else sum(log_sum(parts + rep(grid$w, each = k)))
  })
}
# Parameters: effect, mean baseline, its SD, then the SD of the effects (or its two Cholesky parts).
random_studies <- function(density, y, n, coding, correlated, grid) {
  k <- nrow(y)
  pairs <- expand.grid(i = seq_along(grid$u), j = seq_along(grid$u))
  w <- grid$w[pairs$i] + grid$w[pairs$j]
  pairs <- pairs[w > -60, ]; w <- w[w > -60]
  u <- grid$u[pairs$i]; v <- grid$u[pairs$j]
  base <- log((colSums(y) + 0.5) / colSums(n))
  f <- function(p) {
    if (all(p[-(1:3)] == 0)) {
      eta <- outer(rep(p[2], k), p[3] * grid$u, `+`)
      return(sum(log_sum(density(y[, 1], n[, 1], eta + p[1]) + density(y[, 2], n[, 2], eta) +
                           rep(grid$w, each = k))))
    }
    effect <- if (correlated) p[4] * u + p[5] * v else p[4] * v
    e1 <- outer(rep(p[1] + p[2], k), p[3] * u + coding[1] * effect, `+`)
    e2 <- outer(rep(p[2], k), p[3] * u + coding[2] * effect, `+`)
    sum(log_sum(density(y[, 1], n[, 1], e1) + density(y[, 2], n[, 2], e2) + rep(w, each = k)))
  }
  list(scale = if (correlated) 3:5 else 3:4, own = 0, f = f,
       start = c(base[1] - base[2], base[2], 0.5, if (correlated) c(0.1, 0.4) else 0.4))
}

# Newton steps with numDeriv's derivatives over the free parameters, from optim's maximum. numDeriv's
# steps are shares of the parameter's own size, so the parameters are moved to 1 for it.
around <- function(f, g, x) {
  f(function(z) g(x + z - 1), rep(1, length(x)), method.args = list(d = 0.05, r = 5))
}
polish <- function(f, p, free) {
  g <- function(x) { q <- p; q[free] <- x; f(q) }
  run <- optim(p[free], g, method = "BFGS", control = list(fnscale = -1, reltol = 1e-13, maxit = 2000))
  x <- run$par
  for (i in 1:4) {
    step <- solve(-around(numDeriv::hessian, g, x), around(numDeriv::grad, g, x))
    x <- x + step
    if (max(abs(step)) < 1e-9) break
  }
  p[free] <- x
  list(p = p, value = f(p), hessian = around(numDeriv::hessian, g, x))
}

# The best over several starts and with each scale at 0; scales that end up at 0 are set there.
tight_fit <- function(m, random, tau = m$scale[length(m$scale)]) {
  free <- seq_along(m$start)
  taus <- if (length(m$scale) == 3) 4:5 else tau
  zero <- m$start; zero[taus] <- 0
  best <- polish(m$f, zero, setdiff(free, taus)); best$free <- setdiff(free, taus)
  common <- best$value
  if (random) for (size in c(0.3, 1.2)) {
    p <- best$p; p[taus] <- size; p[m$scale] <- pmax(abs(p[m$scale]), 0.2)
    if (length(taus) == 2) p[4] <- 0.3 * size
    now <- try(polish(m$f, p, free), silent = TRUE)
    if (inherits(now, "try-error") || any(diag(solve(-now$hessian)) <= 0)) next
    now$free <- free
    if (now$value > best$value + 1e-9) best <- now
  }
  spread <- solve(-best$hessian)
  p <- best$p
  result <- list(beta = p[1], se = sqrt(spread[1, 1]), tau2 = sum(p[taus]^2), ll = best$value, ll.common = common)
  if (result$tau2 > 0) {
    slope <- numeric(length(p)); slope[taus] <- 2 * p[taus]; slope <- slope[best$free]
    result$se.tau2 <- sqrt(drop(slope %*% spread %*% slope))
  }
  if (length(m$scale) > 1) result$sigma2 <- p[3]^2
  if (length(m$scale) == 3 && result$tau2 > 0) result$rho <- sign(p[3]) * p[4] / sqrt(result$tau2)
  result
}

# -------------------------------------------------------------------------------------- metafor's own

quietly <- function(e) suppressMessages(suppressWarnings(tryCatch(e, error = function(err) NULL)))

GLMER <- list(optimizer = "bobyqa", optCtrl = list(rhobeg = 0.02, rhoend = 1e-11, maxfun = 1e6), tolPwrss = 1e-11)
CONTROL <- list(glmerCtrl = GLMER, optCtrl = list(rel.tol = 1e-12, iter.max = 1000, eval.max = 2000),
                intCtrl = list(rel.tol = 1e-11, subdivisions = 1000))

metafor_fit <- function(..., test = "z", method = "ML", controls = list(CONTROL, list(glmerCtrl = GLMER), list())) {
  f <- NULL
  for (control in controls) {
    f <- quietly(rma.glmm(..., test = test, method = method, control = control))
    if (!is.null(f)) break
  }
  if (is.null(f)) return(NULL)
  list(beta = as.vector(f$beta), se = f$se, pval = f$pval, ci.lb = f$ci.lb, ci.ub = f$ci.ub, tau2 = f$tau2,
       sigma2 = if (is.null(f$sigma2)) NA else f$sigma2, rho = if (is.null(f$rho)) NA else f$rho,
       k = f$k, QE.Wld = f$QE.Wld, QE.LRT = f$QE.LRT, QE.df = f$QE.df)
}

# ------------------------------------------------------------------------------------------- the cases

HALVES <- c(0.5, -0.5)
CODING <- list(halves = HALVES, treatment = c(1, 0), control = c(0, 1))
CODES <- list(halves = 1 / 2, treatment = 1, control = 0)
cases <- list()
add <- function(id, kind, model, inputs, metafor, tight, effects = "random", coding = "halves",
                correlated = FALSE, test = "z") {
  message(id)
  case <- list(id = id, kind = kind, model = model, effects = effects, coding = coding, correlated = correlated,
               test = test, inputs = lapply(inputs, I), metafor = metafor, tight = tight)
  cases[[length(cases) + 1]] <<- case
}
both <- function(id, kind, model, inputs, call, tight, more = list()) {
  for (effects in c("random", "common")) {
    random <- effects == "random"
    fit <- do.call(metafor_fit, c(call, list(method = if (random) "ML" else "EE"),
                                  if (!is.null(more$test)) list(test = more$test)))
    solved <- if (is.null(tight)) NULL else tight_fit(tight, random)
    do.call(add, c(list(paste(id, effects, sep = "-"), kind, model, inputs, fit, solved, effects = effects), more))
  }
}
inputs_of <- function(d) {
  list(events_treatment = d$a, total_treatment = d$n1, events_control = d$c, total_control = d$n2)
}
inputs_of_rates <- function(d) {
  list(events_treatment = d$x1, time_treatment = d$t1, events_control = d$x2, time_control = d$t2)
}
informative <- function(d) lapply(d, `[`, d$a + d$c > 0 & d$a + d$c < d$n1 + d$n2)
nodes_for <- function(events) if (max(events) > 2000) 3001 else if (max(events) > 100) 1001 else 501

for (name in names(TABLES)) {
  d <- TABLES[[name]]; s <- informative(d)
  call <- c(list(measure = "OR"), list(ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2))
  grid <- normal_grid(nodes_for(s$a + s$c))
  wide <- conditional_exact(s, normal_grid(if (max(s$a + s$c) > 100) 401 else 301))
  both(paste0("exact-", name), "logistic", "conditional", inputs_of(d), c(call, model = "CM.EL"), wide)
  both(paste0("approximate-", name), "logistic", "conditional-approximate", inputs_of(d),
       c(call, model = "CM.AL", nAGQ = 100), one_record(binomial, s$a, s$a + s$c, log(s$n1 / s$n2), grid))
  both(paste0("fixed-", name), "logistic", "fixed-studies", inputs_of(d), c(call, model = "UM.FS", nAGQ = 100),
       if (length(s$a) > 7) NULL else fixed_studies(binomial, cbind(s$a, s$c), cbind(s$n1, s$n2), HALVES, grid))
}
small <- normal_grid(169, 8.4)
for (name in c("zero_one_arm", "zero_both_arms", "three_studies", "two_apart", "sparse_random", "large_tau", "bcg")) {
  d <- TABLES[[name]]
  call <- list(measure = "OR", drop00 = FALSE, ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2, model = "UM.RS", nAGQ = 1)
  y <- cbind(d$a, d$c); n <- cbind(d$n1, d$n2)
  tight <- if (name == "bcg") NULL else random_studies(binomial, y, n, HALVES, FALSE, small)
  both(paste0("random-", name), "logistic", "random-studies", inputs_of(d), call, tight)
}
for (coding in c("treatment", "control")) {
  for (name in c("three_apart", "large_tau")) {
    d <- TABLES[[name]]
    call <- list(measure = "OR", ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2, coding = CODES[[coding]])
    y <- cbind(d$a, d$c); n <- cbind(d$n1, d$n2)
    add(paste("fixed", name, coding, sep = "-"), "logistic", "fixed-studies", inputs_of(d),
        do.call(metafor_fit, c(call, model = "UM.FS", nAGQ = 100)),
        tight_fit(fixed_studies(binomial, y, n, CODING[[coding]], normal_grid(1001)), TRUE), coding = coding)
    add(paste("random", name, coding, sep = "-"), "logistic", "random-studies", inputs_of(d),
        do.call(metafor_fit, c(call, model = "UM.RS", nAGQ = 1)),
        tight_fit(random_studies(binomial, y, n, CODING[[coding]], FALSE, small), TRUE), coding = coding)
  }
  d <- TABLES$large_tau
  add(paste("random-large_tau", coding, "correlated", sep = "-"), "logistic", "random-studies", inputs_of(d),
      metafor_fit(measure = "OR", ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2, coding = CODES[[coding]], cor = TRUE,
                  model = "UM.RS", nAGQ = 1),
      tight_fit(random_studies(binomial, cbind(d$a, d$c), cbind(d$n1, d$n2), CODING[[coding]], TRUE, small), TRUE),
      coding = coding, correlated = TRUE)
}
for (name in c("bcg", "nielweise2007", "two_apart")) {
  d <- TABLES[[name]]
  add(paste0("t-", name), "logistic", "conditional-approximate", inputs_of(d),
      metafor_fit(measure = "OR", ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2, model = "CM.AL", nAGQ = 100, test = "t"),
      NULL, test = "t")
}

for (name in names(RATES)) {
  d <- RATES[[name]]
  s <- lapply(d, `[`, d$x1 + d$x2 > 0)
  call <- list(measure = "IRR", x1i = d$x1, t1i = d$t1, x2i = d$x2, t2i = d$t2)
  grid <- normal_grid(1001)
  both(paste0("rates-conditional-", name), "rates", "conditional", inputs_of_rates(d),
       c(call, model = "CM.EL", nAGQ = 100), one_record(binomial, s$x1, s$x1 + s$x2, log(s$t1 / s$t2), grid))
  both(paste0("rates-fixed-", name), "rates", "fixed-studies", inputs_of_rates(d),
       c(call, model = "UM.FS", nAGQ = 100),
       if (length(s$x1) > 7) NULL else fixed_studies(poisson, cbind(s$x1, s$x2), cbind(s$t1, s$t2), HALVES, grid))
  if (name %in% c("double_zero", "three_apart", "zero_one_arm"))
    both(paste0("rates-random-", name), "rates", "random-studies", inputs_of_rates(d),
         c(call, model = "UM.RS", nAGQ = 1, drop00 = FALSE),
         random_studies(poisson, cbind(d$x1, d$x2), cbind(d$t1, d$t2), HALVES, FALSE, small))
}

groups <- c("bcg", "nielweise2007", "zero_both_arms", "zero_nearly_all", "all_events", "large_tau", "homogeneous")
for (name in groups) {
  d <- TABLES[[name]]
  both(paste0("proportion-", name), "proportion", "one group", list(events = d$a, total = d$n1),
       list(measure = "PLO", xi = d$a, ni = d$n1, nAGQ = 100),
       one_record(binomial, d$a, d$n1, 0 * d$a, normal_grid(2001)))
}
for (name in c("nielweise2008", "hart1999", "double_zero", "small_unit")) {
  d <- RATES[[name]]
  both(paste0("incidence-", name), "incidence", "one group", list(events = d$x2, time = d$t2),
       list(measure = "IRLN", xi = d$x2, ti = d$t2, nAGQ = 100),
       one_record(poisson, d$x2, d$t2, 0 * d$x2, normal_grid(2001)))
}

write_fixture(list(cases = cases), "mixed_counts.json", c("metafor", "metadat", "lme4"))
