# Closed forms as functions of R: modules that boundgen generates, loaded into an environment of their own. Neither
# Python nor this package is needed once they are made, so that they survive saveRDS().

closed_form <- function(x, ...) UseMethod("closed_form")

closed_form.default <- function(x, ...) {
  abort(
    "CallError", "there is no closed form of an object of class ", class(x)[1], "\n",
    "  Give derive(model), the name of a shipped module, or a file that generate(model, \"r\") wrote."
  )
}

closed_form.closed_form <- function(x, ...) x

closed_form.bounds <- function(x, ...) {
  if (x$module == "") {
    abort("NoClosedFormError", x$model$name, ": no estimand has a closed form\n  evaluate() solves the program that data make.")
  }
  loaded_form(x$module)
}

closed_form.character <- function(x, ...) {
  if (length(x) != 1L) abort("CallError", "closed_form() takes one name, and here are ", length(x), "\n  Call it for each.")
  shipped <- shipped_module(x)
  file <- if (file.exists(x)) x else shipped
  if (file == "") {
    abort(
      "FileError", x, ": there is no such file, and no shipped module of this name\n  Shipped are: ",
      paste(shipped_modules(), collapse = ", ")
    )
  }
  loaded_form(paste(readLines(file, encoding = "UTF-8", warn = FALSE), collapse = "\n"))
}

shipped_module <- function(name) system.file("modules", paste0(name, ".R"), package = "boundgen")

shipped_modules <- function() sub("\\.R$", "", list.files(system.file("modules", package = "boundgen")))

loaded_form <- function(text) {
  module <- module_environment(text)
  prefix <- sub("_cells$", "", grep("_cells$", ls(module), value = TRUE))
  if (length(prefix) != 1) {
    abort("FileError", "this is no module that boundgen has generated\n  generate(model, \"r\") writes one.")
  }
  of <- function(what) module[[paste0(prefix, "_", what)]]
  structure(
    list(
      name = prefix, text = text, cells = of("cells"), parameters = of("parameters"), estimands = of("estimands"),
      conditions = of("conditions")
    ),
    class = "closed_form"
  )
}

# A module's functions; they see the packages stats and base, and nothing of the session.
module_environment <- function(text) {
  module <- new.env(parent = asNamespace("stats"))
  for (expression in parse(text = text, keep.source = FALSE, encoding = "UTF-8")) eval(expression, module)
  module
}

as.function.bounds <- function(x, estimand = NULL, check = TRUE, ...) {
  as.function(closed_form(x), estimand, check)
}

as.function.closed_form <- function(x, estimand = NULL, check = TRUE, ...) {
  estimand <- chosen_estimand(x, estimand)
  module <- module_environment(x$text)
  if (!isTRUE(check)) assign(paste0(".", x$name, "_check"), function(cells) NULL, module)
  parameters <- names(x$parameters)
  bounds <- as.name(paste0(x$name, "_bounds"))
  passed <- lapply(stats::setNames(parameters, parameters), as.name)
  made <- as.function(c(
    list(p = quote(expr = )), stats::setNames(rep(list(NULL), length(parameters)), parameters),
    as.call(c(list(bounds, as.name("p"), estimand), passed))
  ))
  environment(made) <- module
  made
}

chosen_estimand <- function(x, estimand) {
  names <- names(x$estimands)
  if (is.null(estimand) && length(names) == 1) {
    return(names)
  }
  if (!(is.character(estimand) && length(estimand) == 1 && estimand %in% names)) {
    said <- if (is.null(estimand)) "no estimand is named" else paste("no closed form of", quoted(estimand))
    abort("ModelError", x$name, ": ", said, "\n  Those with a closed form: ", paste(names, collapse = ", "))
  }
  estimand
}

print.closed_form <- function(x, ...) {
  cat("Closed forms of ", x$name, "\n\n", sep = "")
  cat(paste0("  ", names(x$estimands), " = ", x$estimands, "\n"), sep = "")
  cat("\nas functions of ", length(x$cells), " cells", sep = "")
  for (name in names(x$parameters)) {
    cat(" and ", name, " in [", paste(format(x$parameters[[name]], trim = TRUE), collapse = ", "), "]", sep = "")
  }
  cat(":\n\n", paste0("  ", x$cells, "\n"), "\nas.function() gives each; evaluate() puts probabilities or counts in.\n", sep = "")
  invisible(x)
}

evaluate.closed_form <- function(model, data, at = NULL, estimands = NULL, ...) {
  estimands <- if (is.null(estimands)) names(model$estimands) else estimands
  at <- if (is.null(at)) list() else as.list(at)
  at <- as.list(expand.grid(at, KEEP.OUT.ATTRS = FALSE))
  laws <- laws_of(model, data)
  if (length(at) > 0 && nrow(laws) == 1) laws <- laws[rep(1, length(at[[1]])), , drop = FALSE]
  found <- lapply(estimands, function(name) {
    bounds <- in_words(do.call(as.function(model, name), c(list(laws), at)))
    as.data.frame(c(list(estimand = name), at, as.list(bounds)), optional = TRUE)
  })
  failing <- in_words(do.call(violations_of(model), c(list(laws), at)))
  cbind(do.call(rbind, found), violations = rowSums(failing > rounding))
}

# Of what a testable implication fails by, what is no more than this is rounding.
rounding <- 1e-12

violations_of <- function(form) module_environment(form$text)[[paste0(form$name, "_violations")]]

# A module's refusal as a condition of boundgen.
in_words <- function(value) {
  tryCatch(value, simpleError = function(e) abort("DataError", conditionMessage(e)))
}

# Probabilities of cells, a row for each law; counts are divided by the sum of their arm. Which cells are an arm says the
# module: P(X | Z) and P(Y | Z) are two at each value of Z.
laws_of <- function(form, data) {
  laws <- if (is.data.frame(data) || is.matrix(data)) as.data.frame(data, optional = TRUE) else as.data.frame(as.list(data), optional = TRUE)
  if (!all(form$cells %in% names(laws)) || !all(vapply(laws, is.numeric, NA))) {
    abort(
      "DataError", "a closed form is evaluated at the cells of its model\n  Give a number for each of: ",
      paste(form$cells, collapse = ", ")
    )
  }
  laws <- laws[form$cells]
  values <- as.matrix(laws)
  if (nrow(laws) == 0 || !all(is.finite(values)) || any(values != round(values)) || all(values <= 1)) {
    return(laws)
  }
  module <- module_environment(form$text)
  partial <- module[[paste0(".", form$name, "_incomplete_arms")]]
  if (length(partial) > 0) {
    abort(
      "DataError", "counts of ", form$cells[partial[[1]][1]], " and the like have no total: they are of some of the units\n",
      "  Give probabilities."
    )
  }
  for (arm in module[[paste0(".", form$name, "_complete_arms")]]) {
    values[, arm] <- values[, arm] / rowSums(values[, arm, drop = FALSE])
  }
  as.data.frame(values, optional = TRUE)
}
