#!/usr/bin/env Rscript
# Writes selection_models.json: step-function and beta selection models by metafor's selmodel.
#
#   Rscript tests/reference/generate_selection_models.R [FOLDER]
#
# Every step function is fitted twice, by BFGS (by Nelder-Mead or nlminb where that fails) and, from
# where that ended, by nlminb, with stopping rules as tight as they go; the higher likelihood is kept.
# The integrals of the beta density are R's, to 1e-8; the cases at and near the edge of what its
# parameters can be (a or b of 0) are fitted by nlminb, which gets there. A model that metafor refuses is a case too.

suppressPackageStartupMessages({
  library(metafor)
  library(metadat)
})
invisible(Sys.setlocale("LC_COLLATE", "C"))

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))
TIGHT <- list(threshold = 1e-14, maxiter = 5000, stepadj = 0.5)

plain <- function(d) list(yi = c(d$yi), vi = c(d$vi))
selected <- function(seed, k, effect, tau) { # few of the results that are not significant
  set.seed(seed)
  se <- runif(20 * k, 0.05, 0.5)
  y <- rnorm(20 * k, effect, sqrt(se^2 + tau^2))
  keep <- which(y / se > qnorm(.975) | runif(20 * k) < 0.2)[1:k]
  list(yi = y[keep], vi = se[keep]^2)
}
DATA <- list(
  smoke = plain(dat.hackshaw1998),
  facilitation = with(dat.baskerville2012, list(yi = smd, vi = se^2)),
  writing = plain(dat.bangertdrowns2004),
  teachers = plain(dat.raudenbush1985),
  molloy = plain(escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.molloy2014)),
  ratings = plain(escalc(measure = "ZCOR", ri = ri, ni = ni, data = dat.cohen1981)),
  bcg = plain(escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)),
  dorn = plain(escalc(measure = "RR", ai = x.a, n1i = n.a, ci = x.p, n2i = n.p, data = dat.dorn2007)),
  selected_40 = selected(21, 40, 0.2, 0.1),
  selected_100 = selected(22, 100, 0.1, 0.2)
)
even <- function(low, high, v) list(yi = seq(low, high, length.out = 12), vi = rep(v, 12))
EDGES <- list( # of a beta density; alternative, method
  list("edge_a", even(-0.03, 0.53, 0.02), "greater", "ML"),
  list("edge_a_less", even(-0.53, 0.03, 0.02), "less", "ML"),
  list("edge_a_tau2", even(-0.03, 0.83, 0.04), "greater", "ML"),
  list("edge_a_common", even(-0.3, 0.53, 0.02), "greater", "EE"),
  list("edge_b_common", even(-0.03, 0.53, 0.01), "greater", "EE"),
  list("edge_b_two_sided", even(0, 0.6, 0.01), "two.sided", "ML"),
  list("near_both", even(-0.5, 0.5, 0.01), "greater", "EE"),
  list("near_a", even(-0.03, 0.53, 0.021), "greater", "ML"),
  list("inside", even(-0.03, 0.53, 0.04), "greater", "ML")
)
for (edge in EDGES) DATA[[edge[[1]]]] <- edge[[2]]
AT_EDGES <- vapply(EDGES, function(edge) edge[[1]], "")
WEIGHTS <- list(moderate = c(1, 0.95, 0.8, 0.6, 0.5), severe = c(1, 0.9, 0.6, 0.3, 0.1))
FIXED <- c(0.01, 0.05, 0.25, 0.75)

fit <- function(d, method, type, alternative, edge = FALSE, ...) {
  res <- rma(d$yi, d$vi, method = method, control = TIGHT)
  beta <- type == "beta"
  one <- function(control) {
    if (beta) control$intCtrl <- list(rel.tol = 1e-8, subdivisions = 500)
    setTimeLimit(elapsed = if (beta) 600 else 60, transient = TRUE)
    on.exit(setTimeLimit())
    tryCatch(suppressWarnings(selmodel(res, type = type, alternative = alternative, control = control, ...)), error = function(e) NULL)
  }
  if (edge) return(one(list(optimizer = "nlminb")))
  first <- one(if (beta) list() else list(optimizer = "BFGS", reltol = 1e-16, maxit = 1e4))
  if (is.null(first) && !beta) first <- one(list(optimizer = "Nelder-Mead", reltol = 1e-14, maxit = 1e4))
  if (is.null(first) && !beta) first <- one(list(optimizer = "nlminb"))
  if (is.null(first)) return(NULL)
  again <- list(optimizer = "nlminb", rel.tol = 1e-14, iter.max = 1000, eval.max = 2000)
  if (method != "EE") again$tau2.init <- max(first$tau2, 1e-6)
  again$beta.init <- c(first$beta)
  second <- if (beta) NULL else one(again)
  if (is.null(second) || c(logLik(second)) < c(logLik(first))) second <- first
  second
}

cases <- list()
add <- function(id, name, type, alternative = "greater", method = "ML", cuts = NULL, weights = NULL, edge = FALSE) {
  d <- DATA[[name]]
  more <- if (edge) list(edge = TRUE) else list()
  if (type == "stepfun") more$steps <- c(cuts, 1)
  if (!is.null(weights)) more$delta <- weights
  x <- do.call(fit, c(list(d, method, type, alternative), more))
  found <- if (is.null(x)) NULL else {
    free <- if (is.null(weights)) x$se.delta else NA
    list(estimate = c(x$beta), standard_error = x$se, tau2 = x$tau2, tau2_standard_error = x$se.tau2, delta = I(x$delta),
         delta_standard_error = I(free), log_likelihood = c(logLik(x)), lrt = x$LRT, lrt_tau2 = x$LRT.tau2)
  }
  message(id, if (is.null(x)) " refused" else "")
  cases[[length(cases) + 1]] <<- list(id = id, data = name, type = type, alternative = sub("two.sided", "two-sided", alternative),
       model = if (method == "EE") "common" else "random", cuts = if (is.null(cuts)) NULL else I(cuts), weights = if (is.null(weights)) NULL else I(weights), found = found)
}
for (name in setdiff(names(DATA), AT_EDGES)) {
  side <- if (sum(DATA[[name]]$yi / DATA[[name]]$vi) < 0) "less" else "greater"
  add(paste0(name, "_three"), name, "stepfun", side, cuts = 0.025)
  add(paste0(name, "_half"), name, "stepfun", side, cuts = c(0.025, 0.5))
  add(paste0(name, "_four"), name, "stepfun", side, cuts = c(0.025, 0.1, 0.5))
  add(paste0(name, "_two_sided"), name, "stepfun", "two.sided", cuts = 0.05)
  add(paste0(name, "_two_sided_three"), name, "stepfun", "two.sided", cuts = c(0.05, 0.3))
  add(paste0(name, "_common"), name, "stepfun", side, "EE", cuts = 0.025)
  for (how in names(WEIGHTS)) add(paste0(name, "_", how), name, "stepfun", side, cuts = FIXED, weights = WEIGHTS[[how]])
}
for (name in c("facilitation", "ratings", "bcg")) {
  add(paste0(name, "_beta"), name, "beta", if (name == "bcg") "less" else "greater")
}
add("facilitation_beta_common", "facilitation", "beta", method = "EE")
add("ratings_beta_two_sided", "ratings", "beta", "two.sided")
for (edge in EDGES) add(paste0(edge[[1]], "_beta"), edge[[1]], "beta", edge[[3]], edge[[4]], edge = TRUE)

data <- lapply(DATA, function(d) list(yi = I(d$yi), vi = I(d$vi)))
write_fixture(list(data = data, cases = cases), "selection_models.json", c("metafor", "metadat"))
