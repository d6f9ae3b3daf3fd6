#' @rdname bounds_model
bounds_model <- function(x, ...) UseMethod("bounds_model")

bounds_model.bounds_model <- function(x, ...) x

bounds_model.bounds <- function(x, ...) x$model

bounds_model.character <- function(x, ..., name = NULL, randomized = NULL, levels = NULL, observe = NULL) {
  read_model("text", paste(x, collapse = "\n"), name, randomized, levels, observe)
}

bounds_model.boundgen_part <- function(x, ..., name = "built", title = NULL) {
  parts <- list(x, ...)
  if (!all(vapply(parts, inherits, NA, "boundgen_part"))) {
    abort(
      "ModelError", "a model is built of statements\n",
      "  variable(), observe(), assume(), define(), parameter(), estimand(), confounded(), unconfounded(), source_of()."
    )
  }
  title <- if (is.null(title)) "" else paste0(" \"", title, "\"")
  text <- paste(c(paste0("model ", name, title), unlist(lapply(parts, unclass))), collapse = "\n")
  read_model("text", paste0(text, "\n"), NULL, NULL, NULL, NULL)
}

bounds_model.igraph <- function(x, ..., name = NULL, randomized = NULL, levels = NULL, observe = NULL) {
  read_model("text", igraph_text(x), name, randomized, c(igraph_levels(x), levels), observe)
}

bounds_model.default <- function(x, ...) {
  abort(
    "ModelError", class(x)[1], " is no model\n",
    "  Give a name of catalogue(), a file, a text, a graph of dagitty or igraph, or statements such as variable(\"X\")."
  )
}

read_model <- function(kind, given, name, randomized, levels, observe) {
  options <- list(
    name = name,
    randomized = if (!is.null(randomized)) as.list(randomized),
    levels = if (!is.null(levels)) lapply(as.list(levels), as.integer),
    observe = if (!is.null(observe)) as.list(observe)
  )
  said <- run_python("read", list(given = given, options = options[!vapply(options, is.null, NA)]))
  made_model(said)
}

made_model <- function(said) {
  structure(
    list(name = said$name, text = said$text, file = said$file, object = as_raw(said$object), summary = said$summary),
    class = "bounds_model"
  )
}

# A model as Python is told of it.
python_model <- function(model) {
  model <- bounds_model(model)
  list(text = model$text, file = model$file)
}

as.character.bounds_model <- function(x, ...) x$text

format.bounds_model <- function(x, ...) x$text

print.bounds_model <- function(x, ...) {
  cat(ended(x$text))
  invisible(x)
}
