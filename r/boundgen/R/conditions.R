# Errors and warnings of boundgen as conditions of R: the words of Python's error, and its class's name.

boundgen_condition <- function(class, message, ...) {
  structure(class = c("boundgen_error", class, "error", "condition"), list(message = message, call = NULL, ...))
}

abort <- function(class, ..., derived = "") {
  stop(boundgen_condition(class, paste0(...), derived = derived))
}

warn <- function(message) {
  warning(structure(class = c("boundgen_warning", "warning", "condition"), list(message = message, call = NULL)))
}

# A value that a message quotes.
quoted <- function(x) paste0("'", substr(toString(x), 1, 80), "'")
