# Bounds estimated at a sample, with intervals.

#' @rdname estimate
estimate <- function(b, data, ...) UseMethod("estimate")

estimate.default <- function(b, data, map = NULL, ..., weights = NULL, cluster = NULL, within = NULL, level = 0.95,
                             at = NULL, estimands = NULL, law = NULL, method = "intersection", seed = 1, draws = 1e5,
                             robust = "auto", project = FALSE, limits = NULL) {
  name <- name_of(substitute(data))
  put <- with_columns(data, weights = weights, cluster = cluster, within = within)
  given <- c(
    said_beside(b, estimands, put, name, map, list(...)),
    list(at = parameter_values(at)), estimator(level, method, seed, draws), list(robust = robust, project = project, law = law),
    list(limits = written_limits(limits))
  )
  if (!is.null(law)) given$derived <- NULL
  found <- do.call(run_result, c(list("estimate", bounds_model(b)), given, list(class = "bounds_estimate")))
  found <- with_picture(if (is.null(law)) found else with_usual_names(found))
  # What another level is asked with.
  found$options <- list(robust = robust, project = project)
  found
}

# What a sample's bounds are asked with: which bounds, data, columns and rows, values of parameters by keyword.
said_beside <- function(b, estimands, put, name, map, more) {
  if (length(more) && (is.null(names(more)) || !all(nzchar(names(more))))) {
    abort("CallError", "an argument has no name\n  Columns are map = c(A = \"treat\"), parameters gamma = 0.1.")
  }
  known <- names(more) %in% names(formals(reading_options))
  if (!is.null(more$recode)) more$recode <- recoded(more$recode)
  reading <- do.call(reading_options, c(list(map = map), put$options, more[known]))
  sent <- python_data(put$data)
  if (is.list(sent) && !is.null(sent$columns)) sent$name <- name
  c(
    list(derived = derived_of(b, estimands), estimands = as_names(estimands), data = sent),
    reading, lapply(more[!known], parameter_value)
  )
}

estimator <- function(level, method, seed, draws) {
  list(level = level, method = method, seed = whole_number(seed, "seed"), draws = whole_number(draws, "draws"))
}

# Bounds that are derived already need not be derived again.
derived_of <- function(b, estimands) if (inherits(b, "bounds") && is.null(estimands)) b$object

# What the data are called in what is printed: their name in R, if they have one.
name_of <- function(expression) {
  text <- if (is.symbol(expression)) as.character(expression) else ""
  if (nzchar(text) && text != ".") text else "data frame"
}

whole_number <- function(value, what) {
  if (!is.numeric(value) || length(value) != 1L || is.na(value) || value != round(value)) {
    abort("DataError", what, " is ", quoted(value), ", not a whole number\n  Give one number.")
  }
  # R's own whole numbers end here.
  if (abs(value) > .Machine$integer.max) {
    abort("DataError", what, " is ", quoted(value), ", too large\n  Give a number up to ", .Machine$integer.max, ".")
  }
  as.integer(value)
}

# Numbers of R are decimals of 15 digits: seq(0, 0.3, 0.1) holds 0.3.
parameter_values <- function(at) if (!is.null(at)) lapply(as.list(at), parameter_value)

parameter_value <- function(value) {
  if (is.numeric(value)) value <- signif(value, 15)
  if (length(value) > 1L) as.list(value) else value
}

# What values become: 0 and not 0.0, as R prints it.
recoded <- function(recode) {
  if (is.list(recode)) lapply(recode, recoded) else if (is.numeric(recode)) vapply(recode, exact_text, "") else recode
}

# Columns said as names, as a formula (~ village), or as values beside the data, which become a column.
with_columns <- function(data, ...) {
  said <- list(...)
  options <- list()
  for (what in names(said)) {
    value <- said[[what]]
    if (inherits(value, "formula")) {
      value <- all.vars(value)
    } else if (is.data.frame(data) && NROW(value) == nrow(data) && !is_names(value, data)) {
      column <- utils::tail(make.unique(c(names(data), what)), 1)
      data[[column]] <- value
      value <- column
    }
    options[[what]] <- value
  }
  list(data = data, options = options)
}

is_names <- function(value, data) is.character(value) && all(value %in% names(data))

with_picture <- function(found) {
  found$picture <- if (!is.null(found$picture)) jsonlite::fromJSON(found$picture, simplifyVector = FALSE)
  found
}

# The one interval by a whole law covers both bounds, and so the parameter: it stands where the others do, too.
with_usual_names <- function(found) {
  rows <- found$rows
  for (side in c("lower", "upper")) {
    rows[[paste0("plug_in_", side)]] <- rows[[side]]
    rows[[paste0("half_median_unbiased_", side)]] <- NA_real_
    for (name in INTERVALS) rows[[paste0(name, "_", side)]] <- rows[[paste0("interval_", side)]]
  }
  rows$crossed <- ""
  rows$violations <- NA
  rows$contradicted <- rows$distance > 1e-6
  found$rows <- rows
  found
}

# ---------------------------------------------------------------- forms
INTERVALS <- c(parameter = "parameter_interval", set = "set_interval")
ESTIMATES <- c(plug_in = "plug_in", half_median_unbiased = "half_median_unbiased")

# A name for each row: the estimand, with the values of parameters and covariates, where there are several.
term_names <- function(x) {
  rows <- x$rows
  names <- rows$estimand
  for (parameter in parameter_names(x)) {
    names <- paste0(names, ", ", parameter, " = ", vapply(rows[[parameter]], format, "", digits = 6))
  }
  if (!is.null(rows$within)) names <- paste0(names, ifelse(nzchar(rows$within), paste(" within", rows$within), ""))
  names
}

parameter_names <- function(x) as.character(unlist(x$picture$parameters))

ends_of <- function(x, name) {
  matrix(
    as.numeric(c(x$rows[[paste0(name, "_lower")]], x$rows[[paste0(name, "_upper")]])),
    ncol = 2, dimnames = list(term_names(x), c("lower", "upper"))
  )
}

coef.bounds_estimate <- function(object, type = c("plug_in", "half_median_unbiased"), ...) {
  ends_of(object, ESTIMATES[[match.arg(type)]])
}

confint.bounds_estimate <- function(object, parm, level = NULL, type = c("parameter", "set"), ...) {
  object <- at_level(object, level)
  found <- ends_of(object, INTERVALS[[match.arg(type)]])
  level <- object$json$level
  colnames(found) <- paste(format(100 * c((1 - level) / 2, (1 + level) / 2), digits = 3, trim = TRUE), "%")
  if (missing(parm)) found else found[chosen_rows(object, parm), , drop = FALSE]
}

# Rows by number, by estimand, or by their whole name.
chosen_rows <- function(x, parm) {
  if (!is.character(parm)) {
    return(parm)
  }
  unknown <- setdiff(parm, c(x$rows$estimand, term_names(x)))
  if (length(unknown)) {
    abort(
      "CallError", "there is no estimate of ", quoted(unknown[1]), "\n",
      "  It has: ", toString(unique(x$rows$estimand)), "."
    )
  }
  which(x$rows$estimand %in% parm | term_names(x) %in% parm)
}

# The same estimates with intervals of another level.
at_level <- function(x, level) {
  if (is.null(level) || isTRUE(all.equal(level, x$json$level, tolerance = 1e-12))) {
    return(x)
  }
  said <- run_python("again", c(list(object = x$object, level = level), x$options))
  found <- with_picture(as_result(said, "bounds_estimate"))
  found$options <- x$options
  found
}

nobs.bounds_estimate <- function(object, ...) object$json$n

tidy.bounds_estimate <- function(x, conf.int = TRUE, conf.level = NULL, type = c("parameter", "set"),
                                 estimate = c("plug_in", "half_median_unbiased"), ...) {
  type <- match.arg(type)
  x <- at_level(x, conf.level)
  ends <- coef.bounds_estimate(x, match.arg(estimate))
  found <- data.frame(term = x$rows$estimand, stringsAsFactors = FALSE)
  for (name in c(parameter_names(x), intersect("within", names(x$rows)))) found[[name]] <- x$rows[[name]]
  found$estimate.lower <- unname(ends[, "lower"])
  found$estimate.upper <- unname(ends[, "upper"])
  if (isTRUE(conf.int)) {
    interval <- ends_of(x, INTERVALS[[type]])
    found$conf.low <- unname(interval[, "lower"])
    found$conf.high <- unname(interval[, "upper"])
  }
  as_tibble_if(found)
}

glance.bounds_estimate <- function(x, ...) {
  p <- as.numeric(unlist(x$picture$p_values))
  as_tibble_if(data.frame(
    model = x$json$model,
    nobs = x$json$n,
    conf.level = x$json$level,
    method = x$json$method,
    draws = if (is.null(x$json$draws)) NA_integer_ else x$json$draws,
    seed = x$json$seed,
    # Of the testable implications: the smallest, over estimands and values of parameters.
    p.value = if (length(p)) min(p) else NA_real_,
    contradicted = any(as.logical(x$rows$contradicted)),
    stringsAsFactors = FALSE
  ))
}

as_tibble_if <- function(frame) {
  if (requireNamespace("tibble", quietly = TRUE)) tibble::as_tibble(frame) else frame
}

summary.bounds_estimate <- function(object, ...) {
  structure(
    list(
      model = object$json$model, title = object$picture$title, source = object$picture$source,
      labels = unlist(object$picture$labels), level = object$json$level, method = object$json$method,
      n = object$json$n, bounds = coef(object), unbiased = coef(object, "half_median_unbiased"),
      interval = confint(object), notes = unlist(object$picture$notes), fit = glance.bounds_estimate(object)
    ),
    class = "summary.bounds_estimate"
  )
}

print.summary.bounds_estimate <- function(x, digits = 4L, ...) {
  cat(x$title, "\n", x$source, "\n\n", sep = "")
  shown <- cbind(x$bounds, x$interval)
  print(round(shown, digits), ...)
  cat("\nIntervals of the parameter at level ", format(x$level), " by the method ", x$method, ".\n", sep = "")
  if (!is.na(x$fit$p.value)) cat("Testable implications: p = ", format.pval(x$fit$p.value, digits = 3), ".\n", sep = "")
  if (x$fit$contradicted) cat("Assumptions and data disagree: see print().\n")
  for (note in x$notes) cat(strwrap(paste0("Note: ", note, "."), 80, exdent = 2), sep = "\n")
  invisible(x)
}
