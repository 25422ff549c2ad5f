# What the generators of fixtures share: where to write, and JSON with 17 significant digits.
# A generator begins with
#
#   script <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
#   source(file.path(dirname(normalizePath(script)), "common.R"))
#
# and ends with write_fixture(list(cases = ...), "topic.json", c("metafor", ...)).

suppressPackageStartupMessages(library(jsonlite))

folder <- commandArgs(TRUE)
folder <- if (length(folder)) folder[1] else dirname(normalizePath(script))
stopifnot(dir.exists(folder))

# jsonlite writes 15 significant digits at most; a double needs 17. JSON has no infinity: it is text.
number <- function(x) {
  ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, '"Inf"', '"-Inf"'), sprintf("%.17g", x)))
}

as_json <- function(x) {
  if (is.null(x)) return(structure("null", class = "json"))
  if (is.list(x)) return(lapply(x, as_json))
  if (is.character(x) || is.logical(x)) return(if (length(x) == 1 && !inherits(x, "AsIs")) unbox(x) else x)
  stopifnot(is.numeric(x))
  if (is.matrix(x)) return(lapply(seq_len(nrow(x)), function(i) as_json(I(x[i, ]))))
  text <- number(as.vector(x))
  several <- length(x) != 1 || inherits(x, "AsIs")
  structure(if (several) paste0("[", paste(text, collapse = ", "), "]") else text, class = "json")
}

# `content` is a named list; lists of cases lose their names (each case carries its `id`).
write_fixture <- function(content, name, packages = "metafor") {
  versions <- list(R = paste(R.version$major, R.version$minor, sep = "."))
  for (package in c(packages, "jsonlite")) versions[[package]] <- as.character(packageVersion(package))
  content <- c(list(written_by = paste0("tests/reference/", basename(script)), versions = versions), content)
  json <- toJSON(as_json(content), json_verbatim = TRUE, pretty = 1)
  writeLines(json, file.path(folder, name))
  message(name)
}
