#' @rdname derive
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
written_limits <- function(limits) if (length(limits) > 0) as.list(limits)

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

as.function.bounds <- function(x, estimand = NULL, ...) stop("later")
coef.bounds <- function(object, ...) lapply(object$form, function(f) lapply(f[c("lower", "upper")], `[[`, "coefficients"))
summary.bounds <- function(object, ...) structure(list(rows = object$rows), class = "summary.bounds")
print.summary.bounds <- function(x, ...) print(x$rows)
