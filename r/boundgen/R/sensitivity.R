# Bounds against a parameter of the assumptions, and several sets of assumptions side by side.

#' @rdname sensitivity
sensitivity <- function(b, data, ...) UseMethod("sensitivity")

sensitivity.default <- function(b, data, parameter, map = NULL, ..., low = NULL, high = NULL, points = 21, at = NULL,
                                estimands = NULL, level = 0.95, seed = 1, draws = 1e5, weights = NULL, cluster = NULL,
                                limits = NULL) {
  name <- name_of(substitute(data))
  put <- with_columns(data, weights = weights, cluster = cluster)
  given <- c(
    said_beside(b, estimands, put, name, map, list(...)),
    list(
      parameter = parameter, low = exact_text(low), high = exact_text(high),
      points = whole_number(points, "points"), at = parameter_values(at), level = level,
      seed = whole_number(seed, "seed"), draws = whole_number(draws, "draws"), limits = written_limits(limits)
    )
  )
  found <- do.call(run_result, c(list("sensitivity", bounds_model(b)), given, list(class = "bounds_sensitivity")))
  found <- with_picture(found)
  found$estimates <- rows_frame(found$estimates)
  found
}

# The corners of the exact bounds, between which they are straight, or nearly.
as.data.frame.bounds_sensitivity <- function(x, row.names = NULL, optional = FALSE, ...) {
  found <- lapply(x$picture$panels, function(panel) {
    lines <- bound_lines(panel)
    frame <- data.frame(
      estimand = panel$estimand, side = lines$side, value = lines$x, bound = lines$y, allowed = lines$allowed
    )
    names(frame)[3] <- x$picture$parameter
    if (length(panel$fixed)) frame <- cbind(frame, as.data.frame(panel$fixed))
    unique(frame)
  })
  do.call(rbind, found)
}

autoplot.bounds_sensitivity <- function(object, total = NULL, title = NULL, ...) {
  need_ggplot2()
  said <- object$picture
  curves_picture(said, object$estimates, if (is.null(title)) said$title else title, total)
}

#' @rdname side_by_side
side_by_side <- function(models, data, ...) UseMethod("side_by_side")

side_by_side.default <- function(models, data, estimands = NULL, map = NULL, ..., weights = NULL, cluster = NULL,
                                 level = 0.95, at = NULL, method = "intersection", seed = 1, draws = 1e5,
                                 limits = NULL) {
  name <- name_of(substitute(data))
  several <- if (inherits(models, c("bounds_model", "bounds", "boundgen_part"))) list(models) else as.list(models)
  if (length(several) == 0L) abort("ModelError", "there is no model\n  Give one at least.")
  put <- with_columns(data, weights = weights, cluster = cluster)
  given <- c(
    said_beside(NULL, estimands, put, name, several_columns(map), list(...)),
    list(models = unname(lapply(several, python_model)), at = parameter_values(at)),
    estimator(level, method, seed, draws), list(limits = written_limits(limits))
  )
  found <- do.call(run_result, c(list("side_by_side", several[[1]]), given, list(class = "bounds_side_by_side")))
  found <- with_picture(found)
  # A single row is called by the column of its mediator, where that is said.
  mediator <- several_columns(map)[[found$picture$mediator %||% ""]]
  if (length(found$picture$rows) == 1L && is.character(mediator)) found$picture$rows <- list(mediator)
  found
}

`%||%` <- function(x, y) if (is.null(x)) y else x

# Of a variable several columns: c(M = "fear", M = "anger"), or list(M = c("fear", "anger")).
several_columns <- function(map) {
  if (is.null(names(map))) {
    return(map)
  }
  names <- unique(names(map))
  found <- lapply(names, function(name) as.list(unname(unlist(unname(map[names(map) == name])))))
  stats::setNames(lapply(found, function(columns) if (length(columns) == 1L) columns[[1]] else columns), names)
}

tidy.bounds_side_by_side <- function(x, conf.int = TRUE, type = c("parameter", "set"), ...) {
  interval <- INTERVALS[[match.arg(type)]]
  rows <- x$rows
  beside <- c(
    "model", "estimand", "effect_on_mediator", "effect_on_mediator_lower", "effect_on_mediator_upper",
    "effect_on_outcome", "effect_on_outcome_lower", "effect_on_outcome_upper"
  )
  chosen <- setdiff(names(rows)[seq_len(which(names(rows) == "plug_in_lower") - 1L)], beside)
  found <- data.frame(
    rows[chosen], assumptions = rows$model, term = rows$estimand, estimate.lower = rows$plug_in_lower,
    estimate.upper = rows$plug_in_upper, check.names = FALSE
  )
  if (isTRUE(conf.int)) {
    found$conf.low <- as.numeric(rows[[paste0(interval, "_lower")]])
    found$conf.high <- as.numeric(rows[[paste0(interval, "_upper")]])
  }
  as_tibble_if(found)
}
