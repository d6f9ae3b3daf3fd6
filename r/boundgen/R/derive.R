derive <- function(model, ...) UseMethod("derive")

derive.default <- function(model, estimands = NULL, conditions = TRUE, engine = "auto", limits = NULL, ...) {
  model <- bounds_model(model, ...)
  found <- run_result("derive", model,
    estimands = as_names(estimands), conditions = isTRUE(conditions), engine = engine, limits = written_limits(limits),
    class = "bounds"
  )
  found$model <- model
  found$form <- forms(found)
  found
}

as_names <- function(x) if (!is.null(x)) as.list(as.character(x))

# Limits of size, time and memory; those that are not named are the usual ones.
written_limits <- function(limits) {
  if (length(limits) == 0) {
    return(NULL)
  }
  if (is.null(names(limits)) || !all(nzchar(names(limits)))) {
    abort("CallError", "a limit has no name\n  Say what it limits: limits = c(seconds = 60).")
  }
  as.list(limits)
}

# Of each estimand, the terms of each side: their texts, and the coefficients of those that are linear.
forms <- function(found) {
  names <- c("constant", unlist(found$json$cells), unlist(found$json$parameters))
  forms <- lapply(found$json$estimands, function(estimand) {
    sides <- lapply(c(lower = "lower", upper = "upper"), function(side) {
      said <- found$rows$term[found$rows$estimand %in% estimand$name & found$rows$side == side]
      terms <- estimand[[side]]$terms
      list(op = estimand[[side]]$op, terms = said, coefficients = if (!is.null(terms)) coefficients(terms, names))
    })
    c(sides, list(identified = isTRUE(estimand$identified), denominator = estimand$denominator))
  })
  stats::setNames(forms, vapply(found$json$estimands, function(estimand) estimand$name, ""))
}

coefficients <- function(terms, names) {
  rows <- lapply(terms, function(term) {
    row <- stats::setNames(numeric(length(names)), names)
    row["constant"] <- fraction(term$constant)
    given <- vapply(term$coefficients, fraction, 0)
    row[names(given)] <- given
    row
  })
  do.call(rbind, rows)
}

# "1/3" as a number.
fraction <- function(text) {
  parts <- as.numeric(strsplit(as.character(text), "/", fixed = TRUE)[[1]])
  if (length(parts) == 2) parts[1] / parts[2] else parts
}

print.bounds <- function(x, ...) {
  cat(ended(shown_text(x)))
  invisible(x)
}

format.bounds <- function(x, type = c("text", "ascii", "latex", "json"), ...) {
  format.boundgen_result(x, type)
}

toLatex.bounds <- function(object, ...) toLatex.boundgen_result(object)

coef.bounds <- function(object, estimand = NULL, side = NULL, ...) {
  form <- if (is.null(estimand)) object$form else object$form[as.character(estimand)]
  if (anyNA(names(form))) {
    abort("ModelError", object$model$name, ": no closed form of ", quoted(estimand), "\n  Those with one: ",
          paste(names(object$form), collapse = ", "))
  }
  sides <- if (is.null(side)) c("lower", "upper") else match.arg(side, c("lower", "upper"), several.ok = TRUE)
  found <- lapply(form, function(each) lapply(each[sides], function(terms) terms$coefficients))
  without <- vapply(found, function(each) any(vapply(each, is.null, NA)), NA)
  if (any(without)) {
    warn(paste0(
      object$model$name, ": the bounds of ", paste(names(found)[without], collapse = ", "),
      " have terms that are not linear, and so no coefficients: NULL stands there.\n  as.function() computes them."
    ))
  }
  if (length(estimand) == 1) found <- found[[1]]
  if (length(estimand) == 1 && length(side) == 1) found[[1]] else found
}

summary.bounds <- function(object, ...) {
  rows <- lapply(names(object$form), function(name) {
    each <- object$form[[name]]
    data.frame(
      estimand = name, identified = each$identified, linear = !is.null(each$lower$coefficients),
      lower_terms = length(each$lower$terms), upper_terms = length(each$upper$terms)
    )
  })
  structure(
    list(
      model = object$model$name, cells = unlist(object$json$cells), parameters = unlist(object$json$parameters),
      conditions = sum(object$rows$side == "condition"), estimands = do.call(rbind, rows),
      unanswered = vapply(object$json$unanswered, function(each) paste0(each$name, ": ", each$reason), "")
    ),
    class = "summary.bounds"
  )
}

print.summary.bounds <- function(x, ...) {
  cat("Bounds of ", x$model, ": ", length(x$cells), " cells, ", x$conditions, " testable implications", sep = "")
  if (length(x$parameters) > 0) cat(", parameters ", paste(x$parameters, collapse = ", "), sep = "")
  cat("\n\n")
  print(x$estimands, row.names = FALSE)
  for (each in x$unanswered) cat("\nnot answered: ", each, "\n", sep = "")
  invisible(x)
}
