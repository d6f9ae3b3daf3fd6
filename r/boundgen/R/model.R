bounds_model <- function(x, ...) UseMethod("bounds_model")

bounds_model.bounds_model <- function(x, ...) {
  take_no_more(...)
  x
}

bounds_model.bounds <- function(x, ...) {
  take_no_more(...)
  x$model
}

# Refuse arguments that nothing takes: a misspelt one would go unseen.
take_no_more <- function(...) {
  if (...length() > 0) {
    said <- ...names()
    said <- if (is.null(said) || said[1] %in% c("", NA)) "one more argument" else paste("an argument", quoted(said[1]))
    abort("CallError", "there is no use for ", said, "\n  The help page says which arguments there are.")
  }
}

bounds_model.character <- function(x, ..., name = NULL, randomized = NULL, levels = NULL, observe = NULL) {
  take_no_more(...)
  read_model(paste(x, collapse = "\n"), name, randomized, levels, observe)
}

# dagitty's graphs are texts.
bounds_model.dagitty <- function(x, ...) bounds_model(as.character(unclass(x)), ...)

bounds_model.boundgen_part <- function(x, ..., name = "built", title = NULL) {
  parts <- list(x, ...)
  if (!all(vapply(parts, inherits, NA, "boundgen_part"))) {
    abort(
      "ModelError", "a model is built of statements\n",
      "  variable(), observe(), assume(), define(), parameter(), estimand(), confounded(), unconfounded(), source_of()."
    )
  }
  title <- if (is.null(title)) "" else paste0(" ", in_quotes(title))
  text <- paste(c(paste0("model ", name, title), unlist(lapply(parts, unclass))), collapse = "\n")
  read_model(paste0(text, "\n"), NULL, NULL, NULL, NULL)
}

bounds_model.igraph <- function(x, ..., name = NULL, randomized = NULL, levels = NULL, observe = NULL) {
  take_no_more(...)
  given <- igraph_levels(x)
  given[names(levels)] <- levels
  read_model(igraph_text(x), name, randomized, if (length(given) > 0) given, observe)
}

# A graph of igraph in the words of dagitty. What is latent, exposure or outcome says an attribute of vertices; an
# unmeasured cause of two variables is a latent vertex, or a pair of edges with the description "U", as in causaleffect.
igraph_text <- function(graph) {
  if (!requireNamespace("igraph", quietly = TRUE)) {
    abort("LibraryError", "a graph of igraph needs the package igraph\n  Install it, or give the graph as text.")
  }
  attributes <- igraph::vertex_attr(graph)
  names <- attributes$name
  if (is.null(names) || !igraph::is_directed(graph)) {
    abort("GraphError", "the graph has no directed edges between named vertices\n  igraph::graph_from_literal(A -+ B) has.")
  }
  marks <- vapply(seq_along(names), function(i) {
    marked <- vapply(list(
      latent = c("latent", "hidden", "unobserved"), exposure = "exposure", outcome = "outcome"
    ), function(called) any(vapply(attributes[called], function(a) !is.null(a) && is_yes(a[[i]]), NA)), NA)
    paste0("\"", names[i], "\" [", paste(names(marked)[marked], collapse = ","), "]")
  }, "")
  ends <- igraph::as_edgelist(graph, names = TRUE)
  described <- igraph::edge_attr(graph, "description")
  shared <- if (is.null(described)) rep(FALSE, nrow(ends)) else described %in% "U"
  if (any(igraph::edge_attr(graph, "edge.monotone") %in% c(1, TRUE))) {
    warn("Monotone edges of the graph are not in the model: assume() says what holds of each unit.")
  }
  pairs <- unique(t(apply(ends[shared, , drop = FALSE], 1, sort)))
  edges <- c(arrows(ends[!shared, , drop = FALSE], "->"), arrows(pairs, "<->"))
  paste0("dag {\n", paste(c(sub(" \\[\\]$", "", marks), edges), collapse = "\n"), "\n}\n")
}

arrows <- function(ends, arrow) if (length(ends) > 0) paste0("\"", ends[, 1], "\" ", arrow, " \"", ends[, 2], "\"")

is_yes <- function(value) !is.na(value) && tolower(as.character(value)) %in% c("true", "1", "yes")

# How many values variables have, as causaloptim says it.
igraph_levels <- function(graph) {
  numbers <- igraph::vertex_attr(graph, "nvals")
  if (is.null(numbers)) {
    return(list())
  }
  latent <- igraph::vertex_attr(graph, "latent")
  seen <- if (is.null(latent)) rep(TRUE, length(numbers)) else !vapply(latent, is_yes, NA)
  as.list(stats::setNames(numbers, igraph::vertex_attr(graph, "name")))[seen & !is.na(numbers)]
}

bounds_model.default <- function(x, ...) {
  abort(
    "ModelError", class(x)[1], " is no model\n",
    "  Give a name of catalogue(), a file, a text, a graph of dagitty or igraph, or statements such as variable(\"X\")."
  )
}

read_model <- function(given, name, randomized, levels, observe) {
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
    list(name = said$name, text = said$text, file = said$file, object = as_raw(said$object)),
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
