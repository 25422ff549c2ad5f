#!/usr/bin/env Rscript
# Writes trial_counts.json: what base R says of the counts, means and periods of one trial.
#
#   Rscript tests/reference/generate_trial_counts.R [FOLDER]
#
# fisher.test, chisq.test and t.test run as they are. What hangs on many of them (fragility by
# brute force, people moved one after the other) is looped here from its definition.

script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
source(file.path(dirname(normalizePath(script)), "common.R"))

p_of <- function(a, n1, c, n2, test) {
  table <- matrix(c(a, n1 - a, c, n2 - c), nrow = 2, byrow = TRUE)
  if (test == "Fisher") return(fisher.test(table)$p.value)
  if (a + c == 0 || a + c == n1 + n2) return(1)
  suppressWarnings(chisq.test(table, correct = test == "chi-square, Yates")$p.value)
}

# The group with the smaller risk gains events, or loses them and then the other one gains.
one_group <- function(a, n1, c, n2, test) {
  together <- p_of(a, n1, c, n2, test) < 0.05
  events <- c(a, c); n <- c(n1, n2)
  low <- if (a * n2 <= c * n1) 1 else 2
  for (step in 1:500) {
    group <- low; change <- 1
    if (!together) {
      if (events[low] > 0) change <- -1 else group <- 3 - low
    }
    if (change > 0 && events[group] == n[group]) return(NA)
    events[group] <- events[group] + change
    if ((p_of(events[1], n1, events[2], n2, test) < 0.05) != together) return(step)
  }
  NA
}

# The fewest changes among all tables with these groups.
any_change <- function(a, n1, c, n2, test) {
  start <- p_of(a, n1, c, n2, test) < 0.05
  all <- expand.grid(i = 0:n1, j = 0:n2)
  all$away <- abs(all$i - a) + abs(all$j - c)
  all <- all[order(all$away), ]
  for (row in seq_len(nrow(all))) {
    if ((p_of(all$i[row], n1, all$j[row], n2, test) < 0.05) != start) return(all$away[row])
  }
  NA
}

tables <- list(
  c(1, 100, 9, 100), c(15, 40, 6, 40), c(10, 50, 20, 50), c(3, 3, 4, 15), c(0, 30, 7, 30),
  c(2, 77, 7, 76), c(2, 75, 7, 78), c(2, 76, 7, 77), c(8, 77, 13, 78), c(0, 20, 0, 20),
  c(20, 20, 20, 20), c(5, 5, 0, 6), c(12, 40, 11, 60), c(1, 1, 0, 1), c(30, 45, 12, 45)
)
counts <- list()
for (t in tables) for (test in c("Fisher", "chi-square", "chi-square, Yates")) {
  counts[[length(counts) + 1]] <- list(
    id = paste(c(t, test), collapse = "-"), a = t[1], n1 = t[2], c = t[3], n2 = t[4], test = test,
    p = do.call(p_of, c(as.list(t), test)), one_group = do.call(one_group, c(as.list(t), test)),
    any = do.call(any_change, c(as.list(t), test))
  )
}

# Continuous fragility from people's values: the value nearest above the mean goes over.
moved <- function(x, y) {
  if (mean(x) < mean(y)) { keep <- x; x <- y; y <- keep }
  for (step in 1:length(x)) {
    above <- which(x > mean(x))
    nearest <- above[which.min(x[above])]
    y <- c(y, x[nearest]); x <- x[-nearest]
    if (t.test(x, y)$p.value >= 0.05) return(step)
  }
}
set.seed(1)
values <- list(list(x = rnorm(50, mean = 70, sd = 10), y = rnorm(50, mean = 50, sd = 10)))
set.seed(20250)
for (case in 1:12) {
  n <- sample(5:80, 2)
  shift <- runif(1, 0.3, 1.5)
  x <- rnorm(n[1], shift, runif(1, 0.6, 1.6)); y <- rnorm(n[2], 0, 1)
  while (t.test(x, y)$p.value >= 0.05) x <- x + 0.1
  values[[length(values) + 1]] <- if (case %% 2) list(x = x, y = y) else list(x = y, y = x)
}
values <- lapply(seq_along(values), function(i) {
  v <- values[[i]]
  list(id = paste("values", i), x = v$x, y = v$y, p = t.test(v$x, v$y)$p.value, moved = moved(v$x, v$y))
})

# One person: the paired t test.
periods <- list(
  list(x = c(5, 6, 7, 6.5), y = c(4, 5.5, 6, 6)), list(x = c(1.2, 0.4), y = c(0.3, 0.1)),
  list(x = c(10, 12, 9, 15, 11, 13), y = c(11, 10, 12, 13, 12, 10))
)
periods <- lapply(seq_along(periods), function(i) {
  fit <- with(periods[[i]], t.test(x, y, paired = TRUE, conf.level = 0.9))
  list(
    id = paste("periods", i), x = periods[[i]]$x, y = periods[[i]]$y,
    estimate = unname(fit$estimate), se = fit$stderr, low = fit$conf.int[1], high = fit$conf.int[2],
    p = fit$p.value
  )
})

write_fixture(list(counts = counts, values = values, periods = periods), "trial_counts.json", character())
