#!/usr/bin/env Rscript
# Writes dependence.json: what R says of dependent effects, for the tests of `evidence` to compare with.
#
#   Rscript tests/reference/generate_dependence.R [FOLDER]
#
# metafor's rma.mv, vcalc and aggregate, clubSandwich's vcovCR, coef_test and Wald_test, and robumeta's
# robu run as they are. rma.mv maximises by general-purpose optimisers on the likelihood's value, which
# leaves the fourth to seventh digit of a variance open. So every fit is polished here: Fisher scoring
# written from the definition of the model (dense matrices), started at rma.mv's estimate and at other
# places, until the score vanishes; then rma.mv runs again with the variances held at the polished
# values, and everything else is its own. The script stops where the polished likelihood, computed by
# rma.mv itself, is lower than that of rma.mv's own estimate.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
  library(clubSandwich)
  library(robumeta)
})
source(file.path(dirname(normalizePath(script)), "common.R"))

# --------------------------------------------------------------------------------- a dense likelihood

# model: y, X, V, REML, sigma(theta), slopes(theta): a list of derivatives of Sigma, inside(theta)
at <- function(model, theta, derivatives = TRUE) {
  Sigma <- model$sigma(theta)
  R <- try(chol(Sigma), silent = TRUE)
  if (inherits(R, "try-error")) return(list(value = -Inf))
  W <- chol2inv(R)
  WX <- W %*% model$X
  A <- crossprod(model$X, WX)
  B <- solve(A)
  P <- W - WX %*% B %*% t(WX)
  Py <- P %*% model$y
  k <- length(model$y); q <- ncol(model$X)
  value <- -0.5 * (k * log(2 * pi) + 2 * sum(log(diag(R))) + sum(model$y * Py))
  if (model$REML) {
    value <- value - 0.5 * (determinant(A)$modulus - determinant(crossprod(model$X))$modulus - q * log(2 * pi))
  }
  value <- as.numeric(value)
  if (!derivatives) return(list(value = value))
  M <- if (model$REML) P else W
  slopes <- model$slopes(theta)
  MS <- lapply(slopes, function(S) M %*% S)
  n <- length(slopes)
  score <- sapply(seq_len(n), function(i) 0.5 * (sum(Py * (slopes[[i]] %*% Py)) - sum(diag(MS[[i]]))))
  info <- matrix(0, n, n)
  for (i in seq_len(n)) for (j in seq_len(n)) info[i, j] <- 0.5 * sum(MS[[i]] * t(MS[[j]]))
  list(value = value, score = score, info = info)
}

polish <- function(model, theta, free = rep(TRUE, length(theta)), steps = 3000) {
  now <- at(model, theta)
  if (!is.finite(now$value)) return(NULL)
  if (!any(free)) return(list(theta = theta, value = now$value, size = 0, score = now$score))
  for (step in seq_len(steps)) {
    info <- now$info[free, free, drop = FALSE]
    direction <- try(solve(info + diag(1e-12 * diag(info), nrow(info)), now$score[free]), silent = TRUE)
    if (inherits(direction, "try-error")) return(NULL)
    size <- sum(direction * now$score[free])
    if (size < 1e-24) break
    share <- 1
    repeat {
      there <- theta
      there[free] <- there[free] + share * direction
      if (model$inside(there)) {
        new <- at(model, there)
        if (is.finite(new$value) && (new$value > now$value ||
          (new$value > now$value - 1e-12 && max(abs(new$score[free])) < max(abs(now$score[free]))))) break
      }
      share <- share / 2
      if (share < 1e-12) { share <- 0; break }
    }
    if (share == 0) break
    theta <- there; now <- new
  }
  list(theta = theta, value = now$value, size = size, score = now$score)
}

# With every set of variances at 0, and the best of them: the boundary is tried, not approached.
polish_best <- function(model, starts, parts) {
  best <- NULL
  choices <- lapply(parts, function(on) if (on) c(TRUE, FALSE) else FALSE)
  sets <- as.matrix(expand.grid(choices))
  for (row in seq_len(nrow(sets))) for (start in starts) {
    free <- as.vector(sets[row, ]); start <- ifelse(free, pmax(start, 1e-10), 0)
    found <- polish(model, start, free)
    if (is.null(found) || found$size > 1e-13) next
    if (is.null(best) || found$value > best$value + 1e-10) best <- found
  }
  best
}

# Where the profile likelihood has dropped by half a chi-square quantile.
profile_ci <- function(model, best, which, zeros) {
  target <- best$value - qchisq(0.95, 1) / 2
  others <- setdiff(zeros, which)
  prof <- function(value) {
    start <- best$theta; start[which] <- value
    top <- -Inf
    for (set in c(list(integer(0)), as.list(others))) {
      for (shift in c(1, 4)) {
        s <- start; s[others] <- pmax(s[others], 1e-4 * mean(diag(model$V))) * shift; s[set] <- 0
        free <- rep(FALSE, length(s)); free[setdiff(others, set)] <- TRUE
        found <- polish(model, s, free)
        if (!is.null(found)) top <- max(top, found$value)
      }
    }
    top - target
  }
  estimate <- best$theta[which]
  high <- max(2 * estimate, mean(diag(model$V)))
  while (prof(high) > 0) high <- 2 * high
  ub <- uniroot(prof, c(max(estimate, 0), high), tol = 1e-13 * high, maxiter = 1000)$root
  lb <- if (estimate == 0 || prof(0) >= 0) 0 else uniroot(prof, c(0, estimate), tol = 1e-13 * estimate, maxiter = 1000)$root
  c(lb, ub)
}

# ----------------------------------------------------------------------------------- what fits have

robust <- function(fit, cluster, types = c("CR0", "CR1", "CR1p", "CR1S", "CR2")) {
  q <- length(coef(fit))
  out <- lapply(types, function(type) {
    vr <- vcovCR(fit, cluster = cluster, type = type)
    test <- coef_test(fit, vcov = vr)
    ci <- conf_int(fit, vcov = vr)
    joint <- if (q > 1) try(Wald_test(fit, constraints = constrain_zero(seq_len(q)), vcov = vr, test = "HTZ"), silent = TRUE)
    if (inherits(joint, "try-error")) joint <- NULL
    list(
      kind = type, se = I(test$SE), df = I(test$df_Satt), p = I(test$p_Satt),
      low = I(ci$CI_L), high = I(ci$CI_U), vcov = if (type == "CR2") unname(as.matrix(vr)),
      htz = if (!is.null(joint)) list(f = joint$Fstat, df = joint$df_denom, p = joint$p_val)
    )
  })
  out
}

common <- function(fit, best, own, cluster) {
  stopifnot(as.numeric(logLik(fit)) >= own$value - 1e-7, abs(as.numeric(logLik(fit)) - best$value) < 1e-6 * max(1, abs(best$value)))
  list(
    log_likelihood = best$value, log_likelihood_fixed = as.numeric(logLik(fit)), log_likelihood_own = own$value,
    beta = I(as.vector(coef(fit))), se = I(fit$se), vcov = unname(vcov(fit)),
    low = I(fit$ci.lb), high = I(fit$ci.ub), p = I(fit$pval), QE = fit$QE, QEp = fit$QEp,
    robust = robust(fit, cluster)
  )
}

blocks <- function(V, cluster) {
  lapply(unique(cluster), function(c) unname(as.matrix(V)[cluster == c, cluster == c, drop = FALSE]))
}

CASES <- list()

# ------------------------------------------------------------------------------------- three levels

multilevel <- function(id, yi, vi, cluster, X = NULL, r = NULL, methods = "REML", parts = c(TRUE, TRUE), ci = FALSE) {
  cluster <- as.character(cluster)
  gone <- is.na(yi) | is.na(vi)
  kept <- !gone
  given <- list(yi = I(yi), vi = I(vi), cluster = I(cluster), X = X)
  yi <- yi[kept]; vi <- vi[kept]; cl <- cluster[kept]
  XX <- if (is.null(X)) matrix(1, length(yi)) else X[kept, , drop = FALSE]
  k <- length(yi); q <- ncol(XX)
  V <- if (is.null(r)) diag(vi, k) else as.matrix(vcalc(vi, cluster = cl, obs = seq_len(k), rho = r))
  Z <- outer(cl, cl, "==") * 1
  parts_of <- list(Z, diag(k))
  data <- data.frame(yi = yi, cl = cl, row = seq_len(k))
  for (method in methods) {
    model <- list(
      y = yi, X = XX, V = V, REML = method == "REML",
      sigma = function(theta) V + theta[1] * Z + theta[2] * diag(k),
      slopes = function(theta) parts_of, inside = function(theta) all(theta >= 0)
    )
    run <- function(sigma2) {
      suppressWarnings(rma.mv(yi, V, mods = XX, intercept = FALSE, random = list(~ 1 | cl, ~ 1 | row), sigma2 = sigma2,
        data = data, method = method, sparse = FALSE, dfs = "contain",
        control = list(optimizer = "nlminb", iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-11)))
    }
    held <- ifelse(parts, NA, 0)
    own <- try(run(held), silent = TRUE)
    if (inherits(own, "try-error")) own <- suppressWarnings(rma.mv(yi, V, mods = XX, intercept = FALSE, random = list(~ 1 | cl, ~ 1 | row), sigma2 = held, data = data, method = method, sparse = FALSE))
    scale <- median(vi)
    s <- own$sigma2
    starts <- if (!any(parts)) list(c(0, 0)) else lapply(list(s, pmax(s, 0.1 * scale), c(scale, scale), c(10, 0.1) * var(yi), c(0.1, 10) * var(yi), c(30, 30) * var(yi)), function(x) x * parts)
    axis <- c(0, exp(seq(log(0.01 * min(vi)), log(20 * var(yi) + 10 * max(vi)), length.out = 14)))
    grid <- as.matrix(expand.grid(if (parts[1]) axis else 0, if (parts[2]) axis else 0))
    height <- apply(grid, 1, function(theta) at(model, theta, FALSE)$value)
    starts <- c(starts, lapply(order(-height)[seq_len(min(4, length(height)))], function(i) grid[i, ]))
    best <- if (!any(parts)) list(theta = c(0, 0), value = at(model, c(0, 0), FALSE)$value, score = c(0, 0)) else {
      polish_best(model, starts, parts)
    }
    fit <- run(best$theta)
    W <- solve(V); P <- W - W %*% XX %*% solve(t(XX) %*% W %*% XX) %*% t(XX) %*% W
    typical <- (k - q) / sum(diag(P))
    M <- solve(fit$M)
    share <- sapply(unique(cl), function(c) {
      on <- cl == c
      info <- t(XX[on, , drop = FALSE]) %*% M[on, on, drop = FALSE] %*% XX[on, , drop = FALSE]
      diag(vcov(fit) %*% info %*% vcov(fit)) / diag(vcov(fit))
    })
    CASES[[length(CASES) + 1]] <<- c(
      list(id = paste(id, method, sep = "_"), kind = "multilevel", method = method, parts = I(parts), correlation = r),
      given, list(sigma2 = I(best$theta), ddf = I(as.vector(unlist(fit$ddf))),
        I2 = I(100 * best$theta / (sum(best$theta) + typical)), share = if (q == 1) I(as.vector(share)) else unname(share),
        weights = if (q == 1) I(as.vector(tapply(weights(fit, type = "rowsum"), factor(cl, unique(cl)), sum))),
        prediction_se = if (q == 1) sqrt(fit$se^2 + sum(best$theta))),
      if (ci) list(intervals = lapply(which(parts), function(i) I(profile_ci(model, best, i, which(parts))))),
      common(fit, best, list(value = as.numeric(logLik(own))), cl)
    )
  }
}

kon <- dat.konstantopoulos2011
assink <- dat.assink2016
ishak <- reshape(dat.ishak2007, direction = "long", idvar = "study", v.names = c("yi", "vi"), varying = list(c(2, 4, 6, 8), c(3, 5, 7, 9)))
ishak <- ishak[order(ishak$study, ishak$time), ]
ishak <- ishak[!is.na(ishak$yi), ]
kalaian <- dat.kalaian1996
bornmann <- escalc(measure = "OR", ai = waward, n1i = wtotal, ci = maward, n2i = mtotal, data = dat.bornmann2007)
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
raudenbush <- dat.raudenbush1985
one <- function(n, ...) unname(cbind(1, ...))
both <- c("REML", "ML")
cent <- function(x) x - mean(x)

multilevel("konstantopoulos", kon$yi, kon$vi, kon$district, methods = both, ci = TRUE)
multilevel("konstantopoulos_year", kon$yi, kon$vi, kon$district, X = one(56, cent(kon$year)), methods = both, ci = TRUE)
multilevel("konstantopoulos_r6", kon$yi, kon$vi, kon$district, r = 0.6, methods = both, ci = TRUE)
multilevel("konstantopoulos_cluster", kon$yi, kon$vi, kon$district, parts = c(TRUE, FALSE))
multilevel("konstantopoulos_row", kon$yi, kon$vi, kon$district, parts = c(FALSE, TRUE))
multilevel("konstantopoulos_none_r8", kon$yi, kon$vi, kon$district, r = 0.8, parts = c(FALSE, FALSE))
multilevel("assink", assink$yi, assink$vi, assink$study, methods = both, ci = TRUE)
multilevel("assink_r6", assink$yi, assink$vi, assink$study, r = 0.6)
multilevel("assink_moderators_r6", assink$yi, assink$vi, assink$study, r = 0.6,
  X = one(100, assink$deltype == "covert", assink$deltype == "overt", assink$year), methods = both)
multilevel("ishak", ishak$yi, ishak$vi, ishak$study)
multilevel("ishak_time_r5", ishak$yi, ishak$vi, ishak$study, X = one(nrow(ishak), ishak$time), r = 0.5)
multilevel("kalaian", kalaian$yi, kalaian$vi, kalaian$study, ci = TRUE)
multilevel("kalaian_moderators_r7", kalaian$yi, kalaian$vi, kalaian$study, r = 0.7,
  X = one(67, kalaian$outcome == "verbal", cent(kalaian$year)), methods = both)
multilevel("bornmann", bornmann$yi, bornmann$vi, bornmann$study, methods = both)
multilevel("bornmann_moderators", bornmann$yi, bornmann$vi, bornmann$study,
  X = one(66, bornmann$type == "Grant", cent(bornmann$year)))
multilevel("bcg_three_clusters", bcg$yi, bcg$vi, bcg$alloc, methods = both, ci = TRUE)
multilevel("bcg_two_clusters", bcg$yi, bcg$vi, ifelse(bcg$ablat > 33, "far", "near"), ci = TRUE)
multilevel("raudenbush_weeks", raudenbush$yi, raudenbush$vi, raudenbush$weeks)
multilevel("berkey_rows", dat.berkey1998$yi, dat.berkey1998$vi, dat.berkey1998$trial, r = 0.3)
multilevel("missing", replace(kon$yi, c(3, 17), NA), replace(kon$vi, 40, NA), kon$district)
dominated <- kon$vi; dominated[10] <- 1e-6
multilevel("one_row_dominates", kon$yi, dominated, kon$district)
multilevel("identical_within", rep(c(0.1, 0.5, 0.3, 0.7), each = 4), rep(c(0.02, 0.05), 8), rep(1:4, each = 4))
multilevel("identical", rep(0.4, 9), seq(0.01, 0.09, 0.01), rep(1:3, 3))
multilevel("two_clusters_one_row", c(0.2, 0.9, 0.4), c(0.02, 0.03, 0.04), c("a", "a", "b"))
multilevel("interleaved", c(0.3, 0.1, -0.2, 0.8, 0.5, 0.05, 0.6, 0.2), c(2, 3, 4, 5, 3, 2, 6, 4) / 100, c("x", "y", "z", "x", "y", "z", "w", "w"), ci = TRUE)
multilevel("negative_r", c(0.3, 0.1, -0.2, 0.8, 0.5, 0.05), c(2, 3, 4, 5, 3, 2) / 100, rep(c("x", "y", "z"), 2), r = -0.4)
multilevel("unbalanced", c(rnorm_fixed <- c(0.41, -0.1, 0.23, 0.77, 0.12, 0.5, 0.38, 0.02, 0.66, 0.18, 0.3, 0.27), -0.6, 1.1, 0.9), c(rep(0.03, 12), 0.1, 0.2, 0.05), c(rep("big", 12), "a", "b", "c"), ci = TRUE)
multilevel("precise_and_vague", c(0.2, 0.21, 1.5, -2, 0.6, 0.1), c(1e-6, 1e-5, 4, 9, 0.01, 0.02), c(1, 1, 2, 2, 3, 3))

set.seed(30917)
for (i in 1:16) {
  m <- c(2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 6, 4, 9, 7, 5, 25)[i]
  size <- sample(1:6, m, TRUE); size[1] <- 3
  cl <- rep(seq_len(m), size); n <- length(cl)
  vi <- round(exp(runif(n, -5, -1)), 4)
  tau <- c(0, 0.1, 0.3, 1)[1 + i %% 4]; omega <- c(0, 0.2, 0.5)[1 + i %% 3]
  yi <- round(rnorm(m, 0.3, tau)[cl] + rnorm(n, 0, omega) + rnorm(n, 0, sqrt(vi)), 4)
  X <- if (i %% 4 == 3) one(n, round(rnorm(m)[cl], 2)) else if (i %% 4 == 2 && m > 4) one(n, round(rnorm(n), 2))
  multilevel(paste0("random_", i), yi, vi, cl, X = X, r = if (i %% 2) 0.5, methods = if (i %% 5 == 0) both else "REML", ci = i <= 6)
}

# --------------------------------------------------------------------------------- several outcomes

STRUCTURES <- c("UN", "CS", "HCS", "DIAG", "ID", "AR", "HAR")

# Parameters are standard deviations, then correlations: G = D R D.
structured <- function(struct, p) {
  n_sd <- if (struct %in% c("CS", "ID", "AR")) 1 else p
  pairs <- which(upper.tri(diag(p)), arr.ind = TRUE); pairs <- pairs[order(pairs[, 1], pairs[, 2]), , drop = FALSE]
  n_r <- switch(struct, UN = nrow(pairs), CS = 1, HCS = 1, AR = 1, HAR = 1, 0)
  lag <- abs(outer(1:p, 1:p, "-"))
  R <- function(r) {
    M <- diag(p)
    if (struct == "UN") { M[pairs] <- r; M[pairs[, 2:1, drop = FALSE]] <- r }
    if (struct %in% c("CS", "HCS")) { M[] <- r; diag(M) <- 1 }
    if (struct %in% c("AR", "HAR")) { M <- r^lag; diag(M) <- 1 }
    M
  }
  dR <- function(r, i) {
    M <- matrix(0, p, p)
    if (struct == "UN") { M[pairs[i, 1], pairs[i, 2]] <- 1; M[pairs[i, 2], pairs[i, 1]] <- 1 }
    if (struct %in% c("CS", "HCS")) { M[] <- 1; diag(M) <- 0 }
    if (struct %in% c("AR", "HAR")) { M <- lag * r^pmax(lag - 1, 0); diag(M) <- 0 }
    M
  }
  list(
    n_sd = n_sd, n_r = n_r,
    G = function(theta) { sd <- rep_len(theta[1:n_sd], p); outer(sd, sd) * R(theta[-(1:n_sd)]) },
    dG = function(theta) {
      sd <- rep_len(theta[1:n_sd], p); r <- theta[-(1:n_sd)]; M <- R(r)
      first <- lapply(1:n_sd, function(j) {
        d <- if (n_sd == 1) rep(1, p) else (1:p == j) * 1
        (outer(d, sd) + outer(sd, d)) * M
      })
      c(first, lapply(seq_len(n_r), function(i) outer(sd, sd) * dR(r, i)))
    },
    inside = function(theta) all(theta[1:n_sd] >= 0) && all(abs(theta[-(1:n_sd)]) <= 1) &&
      min(eigen(R(theta[-(1:n_sd)]), TRUE, TRUE)$values) > -1e-12
  )
}

multivariate <- function(id, yi, V, study, outcome, structs = STRUCTURES, methods = "REML", X = NULL) {
  study <- as.character(study); outcome <- as.character(outcome)
  levels <- unique(outcome); p <- length(levels); kind <- match(outcome, levels)
  k <- length(yi); V <- as.matrix(V)
  XX <- if (is.null(X)) outer(kind, seq_len(p), "==") * 1 else X
  colnames(XX) <- paste0("x", seq_len(ncol(XX)))
  Z <- outer(study, study, "==") * 1
  data <- data.frame(yi = yi, study = study, outcome = factor(outcome, levels), time = kind)
  for (struct in structs) for (method in methods) {
    S <- structured(struct, p)
    model <- list(
      y = yi, X = XX, V = V, REML = method == "REML",
      sigma = function(theta) V + Z * S$G(theta)[kind, kind],
      slopes = function(theta) lapply(S$dG(theta), function(D) Z * D[kind, kind]), inside = S$inside
    )
    inner <- if (struct %in% c("AR", "HAR")) ~ time | study else ~ outcome | study
    run <- function(tau2 = NULL, rho = NULL) {
      args <- list(yi, V, mods = XX, intercept = FALSE, random = inner, struct = struct, data = data, method = method, sparse = FALSE)
      if (!is.null(tau2)) { args$tau2 <- tau2; if (S$n_r) args$rho <- rho }
      suppressWarnings(do.call(rma.mv, args))
    }
    own <- try(run(), silent = TRUE)
    if (inherits(own, "try-error")) { message("skipped ", id, " ", struct, " ", method); next }
    r_own <- if (S$n_r) own$rho[seq_len(S$n_r)] else numeric(0)
    start <- c(sqrt(own$tau2[seq_len(S$n_sd)]), r_own)
    starts <- list(start, c(pmax(start[1:S$n_sd], 0.05), pmin(pmax(r_own, -0.3), 0.9)), c(rep(sd(yi), S$n_sd), rep(0.2, S$n_r)), c(rep(0.1 * sd(yi), S$n_sd), rep(0.4, S$n_r)))
    best <- NULL
    for (s in starts) {
      found <- if (S$inside(s)) polish(model, s)
      if (!is.null(found) && found$size < 1e-13 && (is.null(best) || found$value > best$value + 1e-10)) best <- found
    }
    settled <- !is.null(best) && best$value >= as.numeric(logLik(own)) - 1e-7
    base <- list(
      id = paste(id, struct, method, sep = "_"), kind = "multivariate", method = method, structure = struct,
      yi = I(yi), study = I(study), outcome = I(outcome), X = X, blocks = blocks(V, study), settled = settled,
      log_likelihood_own = as.numeric(logLik(own))
    )
    if (!settled) { CASES[[length(CASES) + 1]] <<- base; message("on an edge: ", base$id); next }
    theta <- best$theta
    fit <- run(rep_len(theta[1:S$n_sd]^2, if (S$n_sd == 1) 1 else p), theta[-(1:S$n_sd)])
    base$log_likelihood_own <- NULL
    CASES[[length(CASES) + 1]] <<- c(base, list(tau2 = I(theta[1:S$n_sd]^2), rho = I(theta[-(1:S$n_sd)])),
      common(fit, best, list(value = as.numeric(logLik(own))), study))
  }
}

berkey <- dat.berkey1998
berkey_V <- vcalc(vi = 1, cluster = author, rvars = c(v1i, v2i), data = berkey)
multivariate("berkey", berkey$yi, berkey_V, berkey$author, berkey$outcome, methods = both)
multivariate("berkey_year", berkey$yi, berkey_V, berkey$author, berkey$outcome, c("UN", "CS", "DIAG"), both,
  X = unname(cbind(berkey$outcome == "AL", berkey$outcome == "PD", (berkey$outcome == "AL") * (berkey$year - 1983), (berkey$outcome == "PD") * (berkey$year - 1983)) * 1))
kalaian_V <- vcalc(vi, cluster = study, type = outcome, rho = 0.66, data = kalaian)
multivariate("kalaian", kalaian$yi, kalaian_V, kalaian$study, kalaian$outcome, methods = both)
ishak_V <- vcalc(vi, cluster = study, time1 = time, phi = 0.97, data = ishak)
multivariate("ishak", ishak$yi, ishak_V, ishak$study, ishak$time, c("UN", "HAR", "AR", "CS", "HCS", "DIAG"))
set.seed(8812)
for (i in 1:6) {
  m <- c(8, 12, 20, 15, 10, 30)[i]; p <- c(2, 3, 3, 2, 3, 4)[i]
  full <- expand.grid(outcome = letters[1:p], study = seq_len(m))
  G <- diag(seq(0.3, 0.6, length.out = p)) %*% (0.5 + 0.5 * diag(p)) %*% diag(seq(0.3, 0.6, length.out = p))
  true <- as.vector(t(chol(G)) %*% matrix(rnorm(m * p), p))
  full$vi <- round(exp(runif(m * p, -5, -2.5)), 4)
  V <- as.matrix(vcalc(vi, cluster = study, type = outcome, rho = 0.4, data = full))
  full$yi <- round(true + as.vector(t(chol(V)) %*% rnorm(m * p)), 4)
  on <- runif(m * p) < 0.8; on[seq_len(2 * p)] <- TRUE
  multivariate(paste0("random_", i), full$yi[on], V[on, on], full$study[on], full$outcome[on], c("UN", "HCS", "CS", "DIAG", "HAR")[if (i < 4) 1:5 else 1:3])
}

# -------------------------------------------------------------------- robust variances, plain weights

PLAIN <- list()
plain <- function(id, yi, vi, cluster, X = NULL, method = "REML") {
  control <- if (method == "REML") list(threshold = 1e-14, maxiter = 1e5) else list()
  fit <- if (is.null(X)) rma(yi, vi, method = method, control = control) else rma(yi, vi, mods = X, intercept = FALSE, method = method, control = control)
  PLAIN[[length(PLAIN) + 1]] <<- list(id = id, yi = I(yi), vi = I(vi), cluster = I(as.character(cluster)), method = method,
    tau2 = fit$tau2, beta = I(as.vector(coef(fit))), robust = robust(fit, cluster))
}
plain("konstantopoulos", kon$yi, kon$vi, kon$district)
plain("konstantopoulos_common", kon$yi, kon$vi, kon$district, method = "EE")
plain("assink", assink$yi, assink$vi, assink$study)
plain("kalaian", kalaian$yi, kalaian$vi, kalaian$study)
plain("bcg_three_clusters", bcg$yi, bcg$vi, bcg$alloc)
plain("bcg_each_its_own", bcg$yi, bcg$vi, bcg$trial)

ROBU <- list()
robu_case <- function(id, yi, vi, cluster, X = NULL, rho = 0.8) for (weights in c("CORR", "HIER")) {
  d <- data.frame(yi = yi, vi = vi, cluster = cluster)
  terms <- "1"
  if (!is.null(X)) { for (j in 2:ncol(X)) d[[paste0("x", j)]] <- X[, j]; terms <- paste0("x", 2:ncol(X), collapse = " + ") }
  fit <- robu(as.formula(paste("yi ~", terms)), data = d, studynum = cluster, var.eff.size = vi, rho = rho, modelweights = weights, small = TRUE)
  t <- fit$reg_table
  ROBU[[length(ROBU) + 1]] <<- list(id = paste(id, weights, sep = "_"), yi = I(yi), vi = I(vi), cluster = I(as.character(cluster)), X = X,
    weights = weights, rho = rho, tau2 = as.vector(fit$mod_info$tau.sq), omega2 = if (weights == "HIER") as.vector(fit$mod_info$omega.sq),
    beta = I(t$b.r), se = I(t$SE), df = I(t$dfs), p = I(t$prob), low = I(t$CI.L), high = I(t$CI.U))
}
robu_case("konstantopoulos", kon$yi, kon$vi, kon$district)
robu_case("konstantopoulos_year", kon$yi, kon$vi, kon$district, one(56, cent(kon$year)))
robu_case("konstantopoulos_r0", kon$yi, kon$vi, kon$district, rho = 0)
robu_case("assink", assink$yi, assink$vi, assink$study)
robu_case("assink_moderators", assink$yi, assink$vi, assink$study, one(100, (assink$deltype == "covert") * 1, (assink$deltype == "overt") * 1))
robu_case("kalaian", kalaian$yi, kalaian$vi, kalaian$study)
robu_case("bornmann", bornmann$yi, bornmann$vi, bornmann$study)

# ---------------------------------------------------------------------- covariances and aggregation

COVARIANCES <- list()
covariance <- function(id, vi, cluster, V, ...) {
  COVARIANCES[[length(COVARIANCES) + 1]] <<- c(list(id = id, vi = I(vi), cluster = I(as.character(cluster)), blocks = blocks(V, cluster)), list(...))
}
first <- assink[1:20, ]
covariance("constant", first$vi, first$study, vcalc(vi, cluster = study, obs = esid, rho = 0.6, data = first), correlation = 0.6)
covariance("zero", first$vi, first$study, vcalc(vi, cluster = study, obs = esid, rho = 0, data = first), correlation = 0)
covariance("decay", ishak$vi, ishak$study, ishak_V, correlation = 1, time = I(ishak$time), autocorrelation = 0.97)
some <- kalaian[1:20, ]
between <- matrix(c(1, 0.66, 0.66, 1), 2, dimnames = rep(list(c("verbal", "math")), 2))
covariance("outcomes", some$vi, some$study, vcalc(vi, cluster = study, type = outcome, rho = between, data = some), outcome = I(as.character(some$outcome)), between = 0.66)
long <- expand.grid(time = c(1, 2, 5), outcome = c("a", "b"), study = 1:3); long$vi <- seq(0.01, 0.18, length.out = 18)
covariance("outcomes_and_time", long$vi, long$study, vcalc(vi, cluster = study, type = outcome, time1 = time, rho = 0.5, phi = 0.8, data = long),
  correlation = 0.5, outcome = I(as.character(long$outcome)), time = I(long$time), autocorrelation = 0.8)
AGGREGATED <- list()
for (r in c(0, 0.3, 0.8)) for (weighted in c(TRUE, FALSE)) {
  d <- escalc(measure = "GEN", yi = yi, vi = vi, data = assink)
  a <- aggregate(d, cluster = study, struct = "CS", rho = r, weighted = weighted)
  AGGREGATED[[length(AGGREGATED) + 1]] <- list(id = paste("assink", r, if (weighted) "gls" else "equal", sep = "_"), yi = I(d$yi), vi = I(d$vi),
    cluster = I(as.character(d$study)), correlation = r, weighted = weighted, label = I(as.character(a$study)), estimate = I(as.vector(a$yi)), variance = I(a$vi))
}

write_fixture(list(cases = CASES, plain = PLAIN, robu = ROBU, covariances = COVARIANCES, aggregated = AGGREGATED),
  "dependence.json", c("metafor", "metadat", "clubSandwich", "robumeta"))
