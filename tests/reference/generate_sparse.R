#!/usr/bin/env Rscript
# Writes sparse.json: what R says of sparse counts, for the tests of `evidence` to compare with.
#
#   Rscript tests/reference/generate_sparse.R [FOLDER]
#
# metafor (rma.mh, rma.peto), mantelhaen.test, fisher.test, binom.test and prop.test run as they are.
# R's exact odds ratios stop at a tolerance of about 1e-4, so every one of their limits is also
# solved here, tightly, from the definition and R's own hypergeometric density ("tight" in the JSON),
# and checked against R's looser one; so are Miettinen-Nurminen limits, of which base R has none, with
# the constrained likelihood maximised by its score.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
  library(jsonlite)
})

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- commandArgs(TRUE)
folder <- if (length(folder)) folder[1] else dirname(normalizePath(script))
stopifnot(dir.exists(folder))

number <- function(x) ifelse(is.na(x) | is.infinite(x), ifelse(is.na(x), "null", sprintf('"%g"', x)), sprintf("%.17g", x))

as_json <- function(x) {
  if (is.list(x)) return(lapply(x, as_json))
  if (is.null(x)) return(structure("null", class = "json"))
  if (is.character(x) || is.logical(x)) return(if (length(x) == 1) unbox(x) else x)
  text <- number(as.vector(x))
  several <- length(x) > 1 || inherits(x, "AsIs")
  structure(if (several) paste0("[", paste(text, collapse = ", "), "]") else text, class = "json")
}

# ------------------------------------------------------------------------------------------ the data

tables <- function(a, n1, c, n2) list(a = a, n1 = rep_len(n1, length(a)), c = c, n2 = rep_len(n2, length(a)))
bcg <- dat.bcg
niel <- dat.nielweise2007
yusuf <- dat.yusuf1985[dat.yusuf1985$table == "6" & !is.na(dat.yusuf1985$ai), ]
set.seed(20240)
random <- function(k, p1, p2, n) {
  n1 <- sample(n, k, TRUE); n2 <- sample(n, k, TRUE)
  tables(rbinom(k, n1, p1), n1, rbinom(k, n2, p2), n2)
}
DATA <- list(
  bcg = tables(bcg$tpos, bcg$tpos + bcg$tneg, bcg$cpos, bcg$cpos + bcg$cneg),
  catheters = tables(niel$ai, niel$n1i, niel$ci, niel$n2i),
  beta_blockers = tables(yusuf$ai, yusuf$n1i, yusuf$ci, yusuf$n2i),
  collins = tables(dat.collins1985b$pre.xti, dat.collins1985b$pre.nti, dat.collins1985b$pre.xci, dat.collins1985b$pre.nci),
  hart = tables(c(9, 0, 14, 3), c(211, 40, 190, 88), c(19, 2, 30, 9), c(205, 44, 200, 90)),
  one_study = tables(7, 20, 3, 22),
  one_study_zero = tables(c(0, 3), c(20, 30), c(5, 6), c(22, 31)),
  two_studies = tables(c(4, 6), c(30, 50), c(8, 5), c(31, 44)),
  three_studies = tables(c(4, 1, 0), c(12, 10, 10), c(7, 2, 3), c(11, 10, 10)),
  zero_one_arm = tables(c(0, 0, 3, 2), 40, c(3, 1, 5, 2), 41),
  zero_other_arm = tables(c(3, 1, 5, 2), 40, c(0, 0, 3, 2), 41),
  double_zero = tables(c(0, 0, 3, 2), c(40, 100, 35, 60), c(0, 1, 5, 3), c(45, 98, 30, 66)),
  double_zero_several = tables(c(0, 0, 0, 2, 1), c(400, 100, 35, 60, 51), c(0, 0, 0, 3, 4), c(390, 98, 30, 66, 55)),
  all_events_some = tables(c(10, 9, 8, 12), c(10, 12, 11, 20), c(12, 11, 10, 15), c(12, 12, 12, 22)),
  all_events_one_arm = tables(c(10, 12, 8), c(10, 12, 10), c(7, 11, 9), c(11, 13, 12)),
  both_kinds_silent = tables(c(0, 10, 3, 7), c(12, 10, 20, 22), c(0, 9, 5, 6), c(13, 9, 21, 20)),
  single_zero_both_sides = tables(c(0, 2), c(30, 30), c(2, 0), c(30, 30)),
  unbalanced = tables(c(1, 0, 3), c(10, 5, 20), c(40, 30, 90), c(2000, 1500, 3000)),
  unbalanced_other = tables(c(40, 30, 90), c(2000, 1500, 3000), c(1, 0, 3), c(10, 5, 20)),
  large = tables(c(51234, 203, 9100), c(1e6, 5e4, 4e5), c(49876, 250, 9400), c(1e6, 5.1e4, 4.1e5)),
  large_rare = tables(c(3, 0, 7), c(1e6, 5e5, 2e6), c(9, 2, 8), c(1e6, 5e5, 2e6)),
  tiny_groups = tables(c(1, 0, 1, 1), c(1, 1, 2, 2), c(0, 1, 1, 0), c(1, 2, 1, 2)),
  identical = tables(rep(3, 4), 50, rep(6, 4), 50),
  no_effect = tables(c(5, 3), 50, c(5, 3), 50),
  rare_peto = tables(c(1, 2, 0, 3), c(500, 450, 300, 800), c(2, 3, 1, 4), c(510, 440, 305, 790)),
  strong_effect = tables(c(30, 18, 25), c(40, 25, 30), c(3, 1, 2), c(42, 24, 31)),
  heterogeneous = tables(c(20, 2, 15), c(40, 40, 50), c(4, 18, 14), c(41, 39, 52))
)
for (i in 1:14) {
  DATA[[paste0("random_rare_", i)]] <- random(sample(3:9, 1), 0.02, 0.03, 20:200)
  DATA[[paste0("random_common_", i)]] <- random(sample(2:7, 1), runif(1, 0.1, 0.9), runif(1, 0.1, 0.9), 5:60)
}

# ------------------------------------------------------------------------------- metafor and the tests

fit_list <- function(f, extra = character()) {
  keep <- c("se", "ci.lb", "ci.ub", "pval", "QE", "QEp", "I2", "k.yi", extra)
  c(list(beta = as.vector(f$beta)), setNames(lapply(keep, function(n) as.vector(f[[n]])), keep))
}

quietly <- function(e) suppressWarnings(tryCatch(e, error = function(err) NULL))

silent <- function(d) d$a + d$c == 0 | d$a + d$c == d$n1 + d$n2

as_array <- function(d) {
  d <- lapply(d, `[`, !silent(d))
  array(rbind(d$a, d$c, d$n1 - d$a, d$n2 - d$c), c(2, 2, length(d$a)))
}

cmh <- function(d, correct) {
  if (sum(!silent(d)) < 2) return(NULL)
  m <- quietly(mantelhaen.test(as_array(d), correct = correct))
  list(statistic = unname(m$statistic), p = m$p.value)
}

# Every limit at a tolerance far below R's own, from the density of the sum given the margins.
log_density <- function(d) {
  d <- lapply(d, `[`, !silent(d))
  whole <- 0; low <- 0
  for (i in seq_along(d$a)) {
    m <- d$a[i] + d$c[i]
    x <- max(0, m - d$n2[i]):min(m, d$n1[i])
    part <- dhyper(x, d$n1[i], d$n2[i], m, log = TRUE)
    low <- low + x[1]
    sums <- matrix(-Inf, length(whole), length(whole) + length(part) - 1)
    for (j in seq_along(whole)) sums[j, j + seq_along(part) - 1] <- whole[j] + part
    top <- apply(sums, 2, max)
    whole <- top + log(colSums(exp(sweep(sums, 2, top))))
  }
  list(x = low + seq_along(whole) - 1, w = whole)
}

exact <- function(d, mid) {
  f <- log_density(d); x <- sum(d$a[!silent(d)]); alpha <- 0.05
  share <- if (mid) 0.5 else 1
  p <- function(t) { u <- f$w + t * (f$x - x); u <- exp(u - max(u)); u / sum(u) }
  upper <- function(t) { q <- p(t); sum(q[f$x > x]) + share * q[f$x == x] }
  lower <- function(t) { q <- p(t); sum(q[f$x < x]) + share * q[f$x == x] }
  solve <- function(g) suppressWarnings(uniroot(g, c(-3, 3), extendInt = "yes", tol = 1e-14, maxiter = 1e5))$root
  list(
    estimate = if (x == min(f$x)) -Inf else if (x == max(f$x)) Inf else solve(function(t) sum(p(t) * (f$x - x))),
    low = if (x == min(f$x)) -Inf else solve(function(t) log(upper(t) / (alpha / 2))),
    high = if (x == max(f$x)) Inf else solve(function(t) log((alpha / 2) / lower(t))),
    p = min(1, 2 * min(lower(0), upper(0)))
  )
}

near <- function(ours, theirs) {
  # R stops at 1.2e-4 in the odds ratio below 1 and in its inverse above; an end of 0 or infinity has
  # to be the same.
  apart <- pmin(abs(exp(ours) - theirs), abs(exp(-ours) - 1 / theirs))
  stopifnot(all(ifelse(is.finite(log(theirs)), apart < 5e-4, ours == log(theirs))))
}

pooled_case <- function(name) {
  d <- DATA[[name]]
  arguments <- list(ai = d$a, n1i = d$n1, ci = d$c, n2i = d$n2)
  rma <- function(f, ...) quietly(do.call(f, c(arguments, list(...))))
  case <- list(id = name, inputs = list(events_treatment = I(d$a), total_treatment = I(d$n1),
                                        events_control = I(d$c), total_control = I(d$n2)))
  tests <- c("MH", "MHp", "BD", "BDp", "TA", "TAp")
  case$odds_ratio <- { f <- rma(rma.mh, measure = "OR", correct = FALSE); if (!is.null(f)) fit_list(f, tests) }
  case$risk_ratio <- { f <- rma(rma.mh, measure = "RR"); if (!is.null(f)) fit_list(f) }
  case$risk_difference <- { f <- rma(rma.mh, measure = "RD"); if (!is.null(f)) fit_list(f) }
  case$peto <- { f <- rma(rma.peto); if (!is.null(f)) fit_list(f) }
  case$cmh <- cmh(d, FALSE)
  case$cmh_corrected <- cmh(d, TRUE)
  if (sum(d$a + d$c) < 1500) {
    case$exact <- exact(d, FALSE)
    case$exact_mid <- exact(d, TRUE)
    if (sum(!silent(d)) > 1) {
      m <- quietly(mantelhaen.test(as_array(d), exact = TRUE))
      near(c(case$exact$estimate, case$exact$low, case$exact$high), c(m$estimate, m$conf.int))
    }
  }
  case
}

# -------------------------------------------------------------------------------------------- rates

rates <- function(x1, t1, x2, t2) list(x1 = x1, t1 = rep_len(t1, length(x1)), x2 = x2, t2 = rep_len(t2, length(x1)))
hart <- dat.hart1999
RATES <- list(
  warfarin = rates(hart$x1i, hart$t1i, hart$x2i, hart$t2i),
  catheters = with(dat.nielweise2008, rates(x1i, t1i, x2i, t2i)),
  one_study = rates(5, 100.5, 9, 98.25),
  two_studies = rates(c(5, 2), c(100.5, 33), c(9, 4), c(98.25, 31)),
  zeros = rates(c(0, 1, 0), 10, c(0, 2, 3), 10),
  zero_other_arm = rates(c(3, 1, 2), c(12, 15, 9), c(0, 0, 1), c(13, 14, 11)),
  double_zero = rates(c(0, 0, 4, 2), c(50, 70, 300, 90), c(0, 0, 7, 2), c(60, 75, 310, 88)),
  unbalanced = rates(c(1, 3), c(10, 12), c(400, 350), c(9000, 7000)),
  large = rates(c(51234, 20311), c(1e7, 5e6), c(49876, 21044), c(1e7, 5.2e6)),
  long_time = rates(c(3, 5), c(3e9, 4e9), c(6, 4), c(3.1e9, 4.1e9)),
  short_time = rates(c(3, 5), c(3e-6, 4e-6), c(6, 4), c(3.1e-6, 4.1e-6)),
  identical = rates(rep(3, 4), 50, rep(6, 4), 50)
)
for (i in 1:10) {
  k <- sample(2:8, 1); t1 <- runif(k, 20, 400); t2 <- runif(k, 20, 400)
  RATES[[paste0("random_", i)]] <- rates(rpois(k, 0.02 * t1), t1, rpois(k, 0.03 * t2), t2)
}

rate_case <- function(name) {
  d <- RATES[[name]]
  fit <- function(measure, extra = character()) {
    f <- quietly(rma.mh(measure = measure, x1i = d$x1, t1i = d$t1, x2i = d$x2, t2i = d$t2, correct = FALSE))
    if (!is.null(f)) fit_list(f, extra)
  }
  list(id = name,
       inputs = list(events_treatment = I(d$x1), time_treatment = I(d$t1),
                     events_control = I(d$x2), time_control = I(d$t2)),
       ratio = fit("IRR", c("MH", "MHp")), difference = fit("IRD"))
}

# ------------------------------------------------------------------------------------- single studies

SINGLE <- list(
  c(7, 20, 3, 22), c(0, 10, 5, 10), c(5, 10, 0, 10), c(10, 10, 0, 10), c(0, 10, 10, 10), c(3, 10, 10, 10),
  c(10, 10, 3, 10), c(0, 1000, 5, 1000), c(1, 50, 0, 4000), c(56, 70, 48, 80), c(9, 10, 3, 10), c(6, 7, 2, 7),
  c(5, 56, 0, 29), c(1, 1, 0, 1), c(1, 2, 1, 1), c(500, 1000, 510, 1000), c(5000, 10000, 5100, 10000),
  c(2, 5000, 9, 20), c(3, 50, 3, 50), c(49, 50, 48, 50), c(1, 3, 2, 900), c(12, 15, 14, 18)
)

# The risk in the control group that is likeliest under the constraint: where the score is 0.
constrained <- function(count, n, p1_of, slope, low, high) {
  score <- function(p2) {
    p <- c(p1_of(p2), p2)
    s <- ifelse(count > 0, count / p, 0) - ifelse(n - count > 0, (n - count) / (1 - p), 0)
    sum(s * c(slope, 1))
  }
  edge <- (high - low) * 1e-14
  if (!(score(low + edge) > 0)) return(low)
  if (!(score(high - edge) < 0)) return(high)
  uniroot(score, c(low + edge, high - edge), tol = 1e-17, maxiter = 1e4)$root
}

miettinen_nurminen <- function(x, ratio) {
  count <- x[c(1, 3)]; n <- x[c(2, 4)]; p <- count / n
  factor <- qchisq(0.95, 1) * sum(n) / (sum(n) - 1)
  off <- function(theta) {
    if (ratio) {
      p2 <- constrained(count, n, function(q) theta * q, theta, 0, min(1, 1 / theta)); q <- c(theta * p2, p2)
      gap <- p[1] - theta * p[2]; v <- q[1] * (1 - q[1]) / n[1] + theta^2 * q[2] * (1 - q[2]) / n[2]
    } else {
      p2 <- constrained(count, n, function(q) q + theta, 1, max(0, -theta), min(1, 1 - theta)); q <- c(p2 + theta, p2)
      gap <- p[1] - p[2] - theta; v <- sum(q * (1 - q) / n)
    }
    gap^2 - factor * v
  }
  root <- function(f, ends) uniroot(f, ends, tol = 1e-15, maxiter = 1e4)$root
  if (!ratio) {
    estimate <- p[1] - p[2]
    return(list(estimate = estimate,
                low = if (estimate <= -1) -1 else root(off, c(-1 + 1e-13, estimate - 1e-9)),
                high = if (estimate >= 1) 1 else root(off, c(estimate + 1e-9, 1 - 1e-13))))
  }
  g <- function(t) off(exp(t))
  estimate <- p[1] / p[2]
  inside <- if (estimate == 0) -log(1e7) else if (is.infinite(estimate)) log(1e7) else log(estimate)
  list(estimate = estimate,
       low = if (estimate == 0) 0 else exp(root(g, c(-20, inside - 1e-9))),
       high = if (is.infinite(estimate)) Inf else exp(root(g, c(inside + 1e-9, 20))))
}

single_case <- function(x) {
  d <- tables(x[1], x[2], x[3], x[4])
  m <- matrix(c(x[1], x[3], x[2] - x[1], x[4] - x[3]), 2)
  fisher <- fisher.test(m)
  tight <- exact(d, FALSE)
  near(c(tight$estimate, tight$low, tight$high), c(fisher$estimate, fisher$conf.int))
  list(id = paste0(x[1], "of", x[2], "-", x[3], "of", x[4]),
       inputs = list(events_treatment = x[1], total_treatment = x[2], events_control = x[3], total_control = x[4]),
       fisher = list(estimate = unname(fisher$estimate), low = fisher$conf.int[1], high = fisher$conf.int[2]),
       tight = tight, mid = exact(d, TRUE),
       risk_difference = miettinen_nurminen(x, FALSE), risk_ratio = miettinen_nurminen(x, TRUE),
       chisq_p = suppressWarnings(prop.test(x[c(1, 3)], x[c(2, 4)], correct = FALSE)$p.value))
}

PROPORTIONS <- list(c(0, 10), c(10, 10), c(3, 10), c(1, 1), c(0, 1), c(1, 1000), c(999, 1000), c(50, 100), c(12, 1e6), c(77, 155))

proportion_case <- function(x) {
  list(id = paste0(x[1], "of", x[2]), events = x[1], total = x[2],
       clopper_pearson = as.vector(binom.test(x[1], x[2])$conf.int),
       wilson = as.vector(suppressWarnings(prop.test(x[1], x[2], correct = FALSE))$conf.int))
}

# ------------------------------------------------------------------------------------------- writing

content <- list(
  written_by = "tests/reference/generate_sparse.R",
  versions = list(
    R = paste(R.version$major, R.version$minor, sep = "."),
    metafor = as.character(packageVersion("metafor")),
    metadat = as.character(packageVersion("metadat")),
    jsonlite = as.character(packageVersion("jsonlite"))
  ),
  pooled = lapply(names(DATA), pooled_case),
  rates = lapply(names(RATES), rate_case),
  single = lapply(SINGLE, single_case),
  proportions = lapply(PROPORTIONS, proportion_case)
)
writeLines(toJSON(as_json(content), json_verbatim = TRUE, pretty = 1), file.path(folder, "sparse.json"))
message("sparse.json: ", length(DATA), " pooled, ", length(RATES), " rates, ", length(SINGLE), " single, ",
        length(PROPORTIONS), " proportions")
