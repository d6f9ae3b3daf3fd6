verify <- function(model, ...) UseMethod("verify")

verify.default <- function(model, engine = "auto", limits = NULL, ...) {
  run_result("call", bounds_model(model, ...),
    `function` = "verify", engine = engine, limits = written_limits(limits), class = "bounds_verification"
  )
}

ask <- function(model, ...) UseMethod("ask")

ask.default <- function(model, estimands = NULL, value = 0, engine = "auto", limits = NULL, ...) {
  run_result("call", bounds_model(model, ...),
    `function` = "ask", estimands = as_names(estimands), value = exact_text(value), engine = engine,
    limits = written_limits(limits), class = "bounds_answers"
  )
}

compare <- function(a, b, ...) UseMethod("compare")

compare.default <- function(a, b, estimands = NULL, engine = "auto", limits = NULL, ...) {
  run_result("compare", bounds_model(a),
    other = python_model(b), estimands = as_names(estimands), engine = engine, limits = written_limits(limits),
    class = "bounds_comparison"
  )
}

evaluate <- function(model, data, ...) UseMethod("evaluate")

evaluate.default <- function(model, data, at = NULL, estimands = NULL, law = NULL, limits = NULL, ...) {
  if (is_shipped(model) && !boundgen_available()) {
    warn(paste0("Python with boundgen is not there: the shipped closed forms of ", model, " are evaluated in R."))
    return(evaluate(closed_form(model), data, at = at, estimands = estimands))
  }
  arguments <- c(
    list("evaluate", bounds_model(model),
      data = python_data(data), at = written_parameters(at), estimands = as_names(estimands), law = law,
      limits = written_limits(limits), class = "bounds_evaluations"
    ),
    said_of_data(...)
  )
  do.call(run_result, arguments)
}

is_shipped <- function(model) is.character(model) && length(model) == 1 && !file.exists(model) && shipped_module(model) != ""

certify <- function(model, ...) UseMethod("certify")

certify.default <- function(model, file = NULL, estimands = NULL, engine = "auto", limits = NULL, ...) {
  found <- run_result("certify", bounds_model(model, ...),
    estimands = as_names(estimands), engine = engine, limits = written_limits(limits), class = "bounds_certificate"
  )
  if (!is.null(file)) writeLines(enc2utf8(found$json_text), file, useBytes = TRUE)
  found
}
