#!/usr/bin/env Rscript
# Writes intervals.json: intervals of tau2, of the mean, of a further setting and of a share.
#
#   Rscript tests/reference/generate_intervals.R [FOLDER]
#
# The data sets are those of pool.json, by their id, and the further ones below. metafor's fits go
# through its confint(type = "PL"), hc() and predict(), clubSandwich's through vcovCR().
# Where metafor cannot be tightened, or needs a package that Debian does not have, the same quantity
# is also found here by another algorithm, written from the papers:
#   generalised Q      metafor needs CompQuadForm; here the mixture of chi-squares of Ruben (1962) and
#                      Farebrother (1984) over the eigenvalues of a matrix
#   hc()               its integral has a relative tolerance of 1e-4; here one of 1e-12
#   profile likelihood of the mean   not in metafor; here a search over tau2 for each mean
# Every profile likelihood bound of metafor is checked against the likelihood before it is written.

suppressPackageStartupMessages({
  library(metafor)
  library(clubSandwich)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))

TIGHT <- list(threshold = 1e-14, maxiter = 1e5)
MOST_TERMS <- 4000
ACCURACY <- 1e-9

# ------------------------------------------------------------------------------------------ data

pool <- fromJSON(file.path(dirname(normalizePath(script)), "pool.json"), simplifyVector = FALSE)$cases
names(pool) <- sapply(pool, function(case) case$id)
pool <- Filter(function(case) case$k > 1, pool)
data <- lapply(pool, function(case) list(yi = unlist(case$yi), vi = unlist(case$vi)))

RNGkind("Mersenne-Twister", "Inversion", "Rejection")
set.seed(20250611)
vi_120 <- round(exp(rnorm(120, -3, 0.8)), 6)
yi_120 <- round(rnorm(120, -0.2, sqrt(0.02 + vi_120)), 6)

further <- list(
  two_equally_precise = list(yi = c(0.1, 0.9), vi = c(0.04, 0.04)),
  two_one_far_more_precise = list(yi = c(0.1, 0.9), vi = c(1e-6, 0.4)),
  two_tiny_scale = list(yi = c(0.1, 0.9) * 1e-8, vi = c(0.04, 0.09) * 1e-16),
  three_huge_scale = list(yi = c(0.1, 0.9, 0.4) * 1e8, vi = c(0.04, 0.09, 0.05) * 1e16),
  one_dominating_a_million_times = list(yi = c(0.2, 0.9, -0.5, 0.4, 1.3), vi = c(1e-6, 0.9, 1.1, 0.7, 1.4)),
  two_camps = list(yi = c(0.02, -0.01, 0.03, 2.05, 1.97, 2.01), vi = c(0.01, 0.02, 0.015, 0.012, 0.02, 0.01)),
  one_outlier = list(yi = c(0.1, 0.12, 0.09, 0.11, 4), vi = c(0.01, 0.02, 0.015, 0.012, 0.02)),
  k120_simulated = list(yi = yi_120, vi = vi_120)
)
sets <- c(data, further)

# Effects from their most precise study, in units of a power of two near its standard error.
prepared <- function(set) {
  first <- which.min(set$vi)
  unit <- 2^round(log2(sqrt(median(set$vi))))
  list(yi = (set$yi - set$yi[first]) / unit, vi = set$vi / unit^2, unit = unit, origin = set$yi[first])
}

# ----------------------------------------------------------------------------------- likelihoods

likelihood <- function(tau2, yi, vi, method, mu = NULL) {
  w <- 1 / (vi + tau2)
  if (is.null(mu)) mu <- sum(w * yi) / sum(w)
  found <- -0.5 * (sum(log(vi + tau2)) + sum(w * (yi - mu)^2))
  if (method == "REML") found <- found - 0.5 * log(sum(w))
  found
}

tau2_grid <- function(yi, vi, mu = mean(yi)) {
  c(0, exp(seq(log(1e-4 * min(vi)), log(1e6 * (sum((yi - mu)^2) + max(vi))), length.out = 900)))
}

highest <- function(yi, vi, method, mu = NULL) {
  grid <- tau2_grid(yi, vi)
  values <- sapply(grid, likelihood, yi = yi, vi = vi, method = method, mu = mu)
  best <- which.max(values)
  ends <- grid[c(max(best - 1, 1), min(best + 1, length(grid)))]
  found <- optimize(likelihood, ends, yi = yi, vi = vi, method = method, mu = mu, maximum = TRUE,
                    tol = 1e-12 * (1 + ends[2]))
  if (found$objective < values[best]) list(tau2 = grid[best], value = values[best])
  else list(tau2 = found$maximum, value = found$objective)
}

root <- function(f, low, high, ...) uniroot(f, c(low, high), tol = 1e-15 * high, maxiter = 1e5, ...)$root

# All parts of the set of tau2 that the likelihood does not exclude.
pieces_of_tau2 <- function(yi, vi, method, level) {
  cut <- highest(yi, vi, method)$value - qchisq(level, 1) / 2
  above <- function(tau2) likelihood(tau2, yi, vi, method) - cut
  grid <- tau2_grid(yi, vi)
  values <- sapply(grid, above)
  ends <- if (values[1] >= 0) 0 else c()
  for (i in which(diff(values >= 0) != 0)) ends <- c(ends, root(above, grid[i], grid[i + 1]))
  stopifnot(length(ends) %% 2 == 0)
  matrix(ends, ncol = 2, byrow = TRUE)
}

profile_tau2 <- function(set, method, level) {
  use <- prepared(set)
  pieces <- pieces_of_tau2(use$yi, use$vi, method, level)
  ends <- c(pieces[1, 1], pieces[nrow(pieces), 2])
  best <- highest(use$yi, use$vi, method)$tau2
  values <- list(tau2.lb = ends[1] * use$unit^2, tau2.ub = ends[2] * use$unit^2,
                 pieces = pieces * use$unit^2)
  by_metafor <- tryCatch({
    fit <- suppressWarnings(rma(use$yi, use$vi, method = method, control = c(TIGHT, tau2.init = best)))
    bounds <- confint(fit, type = "PL", level = 100 * level,
                      control = list(tol = 1e-14, maxiter = 1e5, tau2.max = 10 * ends[2]))
    as.numeric(bounds$random[1, c("ci.lb", "ci.ub")])
  }, error = function(e) NULL)
  agrees <- !is.null(by_metafor) && all(abs(by_metafor - ends) <= ACCURACY * (ends + min(use$vi)))
  values$metafor <- if (agrees) by_metafor * use$unit^2 else NULL
  values$note <- if (agrees) "" else "metafor's fit or bounds do not meet the likelihood's own equation"
  values
}

# The set of means: its ends by a search over tau2 for each mean.
profile_mean <- function(set, level) {
  use <- prepared(set)
  best <- highest(use$yi, use$vi, "ML")
  w <- 1 / (use$vi + best$tau2)
  centre <- sum(w * use$yi) / sum(w)
  cut <- best$value - qchisq(level, 1) / 2
  above <- function(mu) highest(use$yi, use$vi, "ML", mu)$value - cut
  end <- function(sign) {
    step <- 1 / sqrt(sum(w))
    while (above(centre + sign * step) > 0) step <- 2 * step
    # the outermost crossing: the set may be in pieces
    grid <- centre + sign * step * seq(4, 0, length.out = 25)
    outside <- sapply(grid, above) < 0
    first <- which(!outside)[1]
    range <- sort(grid[c(first - 1, first)])
    uniroot(above, range, tol = 1e-14 * max(abs(range)), maxiter = 1000)$root
  }
  list(ci.lb = use$origin + use$unit * end(-1), ci.ub = use$origin + use$unit * end(1),
       beta = use$origin + use$unit * centre)
}

# --------------------------------------------------------------------------------- generalised Q

# P(Q <= q) for Q = sum(lambda * chi-square(1)); NULL where the series needs too many terms.
chi_square_mixture <- function(q, lambda) {
  beta <- min(lambda)
  n <- length(lambda)
  terms <- ceiling(q / (2 * beta) + 12 * sqrt(q / beta) + 60)
  if (terms > MOST_TERMS) return(NULL)
  b <- sapply(seq_len(terms), function(r) sum((1 - beta / lambda)^r))
  a <- numeric(terms + 1)
  a[1] <- exp(0.5 * sum(log(beta / lambda)))
  for (r in seq_len(terms)) a[r + 1] <- sum(b[r:1] * a[1:r]) / (2 * r)
  sum(a * pchisq(q / beta, n + 2 * (0:terms)))
}

generalised_q <- function(set, weights, level) {
  use <- prepared(set)
  a <- if (weights == "1/v") 1 / use$vi else 1 / sqrt(use$vi)
  centring <- diag(a) - outer(a, a) / sum(a)
  q <- sum(a * (use$yi - sum(a * use$yi) / sum(a))^2)
  k <- length(a)
  chance <- function(tau2) {
    root_v <- sqrt(use$vi + tau2)
    lambda <- eigen(outer(root_v, root_v) * centring, symmetric = TRUE, only.values = TRUE)$values[seq_len(k - 1)]
    chi_square_mixture(q, lambda)
  }
  tail <- (1 - level) / 2
  solve <- function(target) {
    start <- chance(0)
    if (is.null(start)) return(NULL)
    if (start <= target) return(0)
    high <- min(use$vi)
    repeat {
      at <- chance(high)
      if (is.null(at)) return(NULL)
      if (at < target) break
      high <- 2 * high
    }
    root(function(tau2) chance(tau2) - target, 0, high)
  }
  start <- chance(0)
  if (is.null(start)) return(NULL)
  bounds <- list(tau2.lb = if (start < tail) 0 else solve(1 - tail), tau2.ub = solve(tail))
  if (is.null(bounds$tau2.lb) || is.null(bounds$tau2.ub)) return(NULL)
  list(tau2.lb = bounds$tau2.lb * use$unit^2, tau2.ub = bounds$tau2.ub * use$unit^2,
       empty = start < tail, lower.tail.at.0 = start)
}

# --------------------------------------------------------------------------------- Henmi and Copas

henmi_copas <- function(set, level) {
  use <- prepared(set)
  w <- 1 / use$vi
  k <- length(w)
  mu <- sum(w * use$yi) / sum(w)
  contrast <- sum(w) - sum(w^2) / sum(w)
  tau2 <- max(0, (sum(w * (use$yi - mu)^2) - (k - 1)) / contrast)
  A <- diag(w) - outer(w, w) / sum(w)
  S <- diag(use$vi + tau2)
  m <- as.vector(S %*% w) / sqrt(sum(w^2 * diag(S)))
  C <- S - outer(m, m)
  AC <- A %*% C
  of_mean <- c(sum(diag(AC)), as.numeric(t(m) %*% A %*% m))
  of_variance <- c(2 * sum(AC * t(AC)), 4 * as.numeric(t(m) %*% A %*% C %*% A %*% m))
  inflated <- sum(w) + tau2 * sum(w^2)
  beyond <- function(x) {
    start <- x * sqrt(sum(w) / inflated)
    f <- function(r) {
      mean <- of_mean[1] + of_mean[2] * r^2
      variance <- of_variance[1] + of_variance[2] * r^2
      limit <- k - 1 + contrast * ((r / x)^2 * inflated - sum(w)) / sum(w^2)
      2 * dnorm(r) * pgamma(limit, shape = mean^2 / variance, scale = variance / mean)
    }
    edges <- start + c(0, 0.05, 0.1, 0.2, 0.4, 0.7, 1, 1.5, 2, 3, 4, 6, 9, 14)
    sum(mapply(function(from, to) integrate(f, from, to, rel.tol = 1e-12, abs.tol = 0, subdivisions = 1000)$value,
               edges[-length(edges)], edges[-1]))
  }
  high <- 2
  while (beyond(high) > 1 - level) high <- 2 * high
  x <- uniroot(function(x) beyond(x) - (1 - level), c(high / 4, high), tol = 1e-14, maxiter = 1e4)$root
  se <- use$unit * sqrt(inflated) / sum(w)
  mu <- use$origin + use$unit * mu
  values <- list(beta = mu, se = se, ci.lb = mu - x * se, ci.ub = mu + x * se)
  # Its search for the quantile does not reach those of two or three studies that differ greatly.
  options(show.error.messages = FALSE)
  metafor <- tryCatch(hc(suppressWarnings(rma(use$yi, use$vi, method = "DL", level = 100 * level)),
                         control = list(tol = 1e-14, maxiter = 1e5)), error = function(e) NULL)
  if (is.null(metafor)) return(values)
  c(values, list(metafor = list(beta = use$origin + use$unit * as.numeric(metafor$beta), se = use$unit * metafor$se,
                      ci.lb = use$origin + use$unit * metafor$ci.lb, ci.ub = use$origin + use$unit * metafor$ci.ub)))
}

# ------------------------------------------------------------------------------ t, predictions, shares

# tau2 by DerSimonian and Laird, so that nothing here is iterative.
predictions <- function(set, level) {
  use <- prepared(set)
  fit <- function(test) suppressWarnings(rma(use$yi, use$vi, method = "DL", test = test, level = 100 * level))
  place <- function(at) use$origin + use$unit * as.numeric(at)
  bounds <- function(test, type) {
    found <- if (type == "riley") predict(fit(test), pi.type = "riley") else predict(fit(test))
    list(variance = c(t = "Wald", knha = "HKSJ", adhoc = "HKSJ-adhoc")[[test]],
         df = if (type == "riley") "k-2" else "k-1", pi.lb = place(found$pi.lb), pi.ub = place(found$pi.ub))
  }
  plain <- fit("t")
  robust <- sqrt(as.numeric(vcovCR(fit("z"), cluster = seq_along(use$yi), type = "CR2")))
  half <- qt((1 + level) / 2, length(use$yi) - 2) * sqrt(plain$tau2 + robust^2)
  sj <- list(variance = "SJ", df = "k-2", pi.lb = place(plain$beta - half), pi.ub = place(plain$beta + half))
  both <- c("riley", "")
  se <- use$unit * plain$se
  list(tau2 = use$unit^2 * plain$tau2,
       t = list(beta = place(plain$beta), se = se, ci.lb = place(plain$ci.lb), ci.ub = place(plain$ci.ub),
                pval = 2 * pt(-abs(place(plain$beta) / se), length(use$yi) - 1)),
       intervals = c(unlist(lapply(c("t", "knha", "adhoc"), function(test) lapply(both, function(type) bounds(test, type))),
                            recursive = FALSE), list(sj)))
}

shares <- function(set, tau2, threshold, level) {
  use <- prepared(set)
  w <- 1 / (use$vi + tau2 / use$unit^2)
  mu <- sum(w * use$yi) / sum(w)
  calibrated <- mu + sqrt(tau2 / (tau2 + set$vi)) * (use$yi - mu)
  cut <- (threshold - use$origin) / use$unit
  values <- list(threshold = threshold, tau2 = tau2, calibrated = I(use$origin + use$unit * calibrated),
                 share.above = mean(calibrated > cut))
  fit <- tryCatch(suppressWarnings(rma(use$yi, use$vi, method = "REML",
                                       control = c(TIGHT, tau2.init = tau2 / use$unit^2))), error = function(e) NULL)
  if (is.null(fit) || tau2 == 0 || abs(fit$tau2 * use$unit^2 / tau2 - 1) > ACCURACY) return(values)
  z <- (cut - as.numeric(fit$beta)) / sqrt(fit$tau2)
  values$normal <- pnorm(-z)
  values$normal.se <- dnorm(z) * sqrt(fit$se^2 / fit$tau2 + fit$se.tau2^2 * z^2 / (4 * fit$tau2^2))
  values
}

# ------------------------------------------------------------------------------------------ cases

case <- function(kind, id, level, content, ...) {
  if (is.null(content)) return(NULL)
  suffix <- paste(c(kind, ..., if (level != 0.95) level), collapse = " ")
  c(list(id = paste(id, suffix, sep = ": "), kind = kind, set = id, level = level), content)
}

tau2_of <- function(id) {
  if (is.null(pool[[id]])) {
    use <- prepared(sets[[id]])
    return(highest(use$yi, use$vi, "REML")$tau2 * use$unit^2)
  }
  tau2 <- Filter(function(fit) fit$method == "REML", pool[[id]]$fits)[[1]]$tau2
  # metafor stops a rounding error short of 0, and the share depends on the root of tau2
  if (tau2 < 1e-12 * min(sets[[id]]$vi)) 0 else tau2
}

cases_of <- function(id, level) {
  set <- sets[[id]]
  k <- length(set$yi)
  tau2 <- tau2_of(id)
  content <- list()
  for (weights in c("1/v", "1/sqrt(v)")) {
    content <- c(content, list(case("generalised Q", id, level, c(list(weights = weights), generalised_q(set, weights, level)), weights)))
  }
  for (method in c("REML", "ML")) {
    content <- c(content, list(case("profile tau2", id, level, c(list(method = method), profile_tau2(set, method, level)), method)))
  }
  content <- c(content, list(case("Henmi-Copas", id, level, henmi_copas(set, level)),
                             case("profile mean", id, level, profile_mean(set, level))))
  if (k >= 3) {
    content <- c(content, list(case("prediction", id, level, predictions(set, level)),
                               case("share", id, level, shares(set, tau2, mean(set$yi) + sd(set$yi) / 3, level))))
  }
  Filter(function(case) case$kind != "generalised Q" || !is.null(case$tau2.ub), Filter(Negate(is.null), content))
}

cases <- unlist(lapply(names(sets), function(id) {
  levels <- if (id %in% c("bcg", "k3", "ordinary")) c(0.95, 0.9, 0.99) else 0.95
  unlist(lapply(levels, function(level) cases_of(id, level)), recursive = FALSE)
}), recursive = FALSE)

message(length(cases), " cases")
write_fixture(list(data = lapply(names(further), function(id) c(list(id = id), lapply(further[[id]], I))), cases = cases),
              "intervals.json", c("metafor", "clubSandwich"))
