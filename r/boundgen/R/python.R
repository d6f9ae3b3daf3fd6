# The bridge. All work of boundgen is done by a child process of Python, which the Python inside R's process starts and
# listens to (inst/python/boundgen_r.py). Not in R's process itself, because
#  - it can be ended: an enumeration or an optimizer in C does not look for Ctrl-C, a process can be killed;
#  - R stays at hand while it waits: progress is shown, and R's own event loop runs;
#  - libraries of numpy, SciPy and SCIP do not meet those that R and its packages have loaded.
# The child is kept for the session, so that boundgen is imported once (about a second). What comes back are values of R:
# texts, JSON, and the result pickled as raw bytes, so that everything survives saveRDS().
#
# A verb written in R calls run_python(verb, arguments). For a function of boundgen that takes a model, perhaps data, and
# gives a result with text(), json(), latex() and rows(), that is
#   run_result("call", model, `function` = "estimate", data = python_data(data), level = 0.95, ...)
# which gives an object of class "boundgen_result": a list with text, ascii, latex, json (a text), rows (a data frame),
# object (pickled; reticulate::r_to_py() has it as a Python object). Errors and warnings have become conditions on the way.

python_host <- function() {
  if (is.null(state$host)) {
    path <- system.file("python", package = "boundgen", mustWork = TRUE)
    start_python()
    sys <- reticulate::import("sys", convert = TRUE)
    kept <- sys$dont_write_bytecode
    # The library of R may be of somebody else.
    sys$dont_write_bytecode <- TRUE
    on.exit(sys$dont_write_bytecode <- kept)
    state$host <- reticulate::import_from_path("boundgen_r", path = path, convert = TRUE, delay_load = FALSE)
  }
  state$host
}

install_words <- "  install_boundgen() installs it into a virtual environment of its own; RETICULATE_PYTHON names another Python."

# Python in this process, with boundgen at hand; else words.
start_python <- function() {
  if (!reticulate::py_available()) {
    kept <- Sys.getenv("RETICULATE_MINICONDA_ENABLED", unset = NA)
    # Nothing is to be downloaded unasked.
    Sys.setenv(RETICULATE_MINICONDA_ENABLED = "FALSE")
    on.exit(if (is.na(kept)) {
      Sys.unsetenv("RETICULATE_MINICONDA_ENABLED")
    } else {
      Sys.setenv(RETICULATE_MINICONDA_ENABLED = kept)
    })
    own <- Sys.getenv("RETICULATE_PYTHON") == "" && has_environment()
    started <- tryCatch(
      suppressWarnings({
        if (own) reticulate::use_virtualenv(environment_name, required = TRUE)
        reticulate::py_available(initialize = TRUE)
      }),
      error = function(e) FALSE
    )
    if (!isTRUE(started)) {
      abort("PythonError", "there is no Python that R can use, and boundgen derives bounds in Python\n", install_words)
    }
  }
  version <- numeric_version(as.character(reticulate::py_config()$version))
  if (version < "3.11") {
    abort(
      "PythonError", "boundgen needs Python 3.11 or newer, and this is ", format(version), ": ",
      reticulate::py_config()$python, "\n", install_words
    )
  }
  if (!reticulate::py_module_available("boundgen")) {
    abort(
      "PythonError", "the Python that R uses has no package boundgen: ", reticulate::py_config()$python, "\n",
      install_words
    )
  }
}

environment_name <- "r-boundgen"

has_environment <- function() {
  tryCatch(environment_name %in% reticulate::virtualenv_list(), error = function(e) FALSE)
}

python_child <- function() {
  if (is.null(state$child) || !state$child$is_alive()) {
    state$child <- python_host()$Host(reticulate::py_config()$python)
  }
  state$child
}

end_child <- function() {
  if (!is.null(state$child)) try(state$child$end(), silent = TRUE)
  state$child <- NULL
}

# The answer of the child as a list. An interrupt of R ends the child.
run_python <- function(verb, arguments = list()) {
  child <- python_child()
  answered <- FALSE
  line <- progress_line()
  on.exit({
    line$clear()
    child$rest()
    if (!answered) end_child()
  })
  said <- if (child$ask(verb, arguments)) NULL else list(kind = "ended", status = NA)
  while (is.null(said) || said$kind == "progress") {
    if (!is.null(said)) line$show(said$text)
    said <- wait_for(child)
  }
  if (said$kind == "ended") {
    abort("PythonError", "the Python process ended before it answered (status ", said$status, ")\n  Was memory used up?")
  }
  answered <- TRUE
  line$clear()
  for (each in unlist(said$warnings)) warn(each)
  if (said$kind == "error") abort(said$class, said$message, derived = said$derived)
  for (each in unlist(said$remarks)) warn(each)
  said
}

wait_for <- function(child) {
  tryCatch(child$answer(0.1), error = function(e) {
    # Where Python took the signal that was for R.
    if (!grepl("KeyboardInterrupt", conditionMessage(e), fixed = TRUE)) stop(e)
    signalCondition(structure(class = c("interrupt", "condition"), list(message = "", call = NULL)))
    invokeRestart("abort")
  })
}

# A line that is written over, for who looks at it, when work has taken a while.
progress_line <- function() {
  begun <- proc.time()[["elapsed"]]
  width <- 0
  wanted <- isTRUE(getOption("boundgen.progress", interactive()))
  write <- function(text) {
    cat("\r", formatC(text, width = -width), sep = "", file = stderr())
    width <<- nchar(text)
  }
  list(
    show = function(text) {
      if (wanted && proc.time()[["elapsed"]] - begun > 0.7) write(substr(text, 1, getOption("width") - 1))
    },
    clear = function() {
      if (width > 0) {
        write("")
        cat("\r", file = stderr())
      }
      width <<- 0
    }
  )
}

# The verb's result as an object of R; NULL arguments are left out.
run_result <- function(verb, model, ..., class = NULL) {
  given <- list(...)
  given <- given[!vapply(given, is.null, NA)]
  said <- run_python(verb, c(list(model = python_model(model)), given))
  as_result(said, class)
}

as_result <- function(said, class = NULL) {
  said$rows <- rows_frame(said$rows)
  said$json_text <- said$json
  said$json <- if (!is.null(said$json)) jsonlite::fromJSON(said$json, simplifyVector = FALSE)
  said$object <- if (!is.null(said$object)) as_raw(said$object)
  said$remarks <- as.character(unlist(said$remarks))
  said$warnings <- said$kind <- NULL
  structure(said, class = c(class, "boundgen_result"))
}

as_raw <- function(x) if (is.raw(x)) x else as.raw(unlist(x))

# The tidy table, its columns sent as JSON.
rows_frame <- function(json) {
  if (is.null(json)) {
    return(NULL)
  }
  columns <- lapply(jsonlite::fromJSON(json, simplifyVector = FALSE), function(column) {
    column <- lapply(column, function(value) if (is.null(value)) NA else value)
    values <- unlist(column)
    special <- values %in% c("Inf", "-Inf", "NaN", NA)
    numbers <- vapply(column, is.numeric, NA)
    if (is.character(values) && any(numbers) && all(numbers | special)) as.numeric(values) else values
  })
  as.data.frame(columns, optional = TRUE, stringsAsFactors = FALSE)
}

# A result or a model as Python has it, in R's process: what reticulate::r_to_py() gives.
r_to_py.boundgen_result <- function(x, convert = FALSE) {
  if (is.null(x$object)) {
    abort("CallError", "a result of class ", class(x)[1], " is no object of Python\n  format(x, \"json\") is its text.")
  }
  python_host()
  reticulate::import("boundgen_r", convert = convert)$unpickled(x$object)
}

r_to_py.bounds_model <- r_to_py.boundgen_result

boundgen_available <- function() {
  is.function(tryCatch(python_host()$in_r, boundgen_error = function(e) NULL))
}
