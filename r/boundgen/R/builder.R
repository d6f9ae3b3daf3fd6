# Statements of the model language, written by functions; bounds_model() puts them together.

part <- function(...) structure(paste0(...), class = "boundgen_part")

print.boundgen_part <- function(x, ...) {
  cat(x, sep = "\n")
  invisible(x)
}

text_of_value <- function(value) {
  if (!is.numeric(value)) {
    value <- as.character(value)
    plain <- grepl("^[A-Za-z_][A-Za-z0-9_]*$", value)
    return(if (plain) value else in_quotes(value))
  }
  exact_text(value)
}

# One number as the decimal text of 15 digits, which is exact, whatever options() say of decimals.
exact_text <- function(value) {
  if (is.numeric(value)) format(value, digits = 15, trim = TRUE, scientific = FALSE, decimal.mark = ".") else value
}

# The language has no sign by which a quote or a new line could stand between quotes.
in_quotes <- function(text) {
  if (any(grepl("[\"\r\n]", text))) {
    abort("ModelError", "a text holds a double quote or a new line: ", quoted(text), "\n  Write it without, on one line.")
  }
  paste0("\"", text, "\"")
}

variable <- function(name, values = c(0, 1), parents = NULL, randomized = FALSE, between = NULL) {
  inside <- if (length(parents) > 0) paste0("(", paste(parents, collapse = ", "), ")")
  domain <- if (is.null(between)) {
    paste0("{", paste(vapply(values, text_of_value, ""), collapse = ", "), "}")
  } else {
    paste0("[", paste(vapply(between, text_of_value, ""), collapse = ", "), "]")
  }
  part("variable ", name, inside, " in ", domain, if (isTRUE(randomized)) " randomized")
}

observe <- function(distribution) part("observe ", distribution)

assume <- function(assumption, name = NULL) part("assume ", if (!is.null(name)) paste0(name, ": "), assumption)

define <- function(name, expression) part("define ", name, " = ", expression)

parameter <- function(name, from = 0, to = 1) {
  ends <- vapply(c(from, to), function(end) if (is.infinite(end)) sub("Inf", "inf", end) else text_of_value(end), "")
  brackets <- ifelse(is.infinite(c(from, to)), c("(", ")"), c("[", "]"))
  part("parameter ", name, " in ", brackets[1], ends[1], ", ", ends[2], brackets[2])
}

estimand <- function(name, expression, label = NULL) {
  part("estimand ", name, if (!is.null(label)) paste0(" ", in_quotes(label)), " = ", expression)
}

confounded <- function(...) part("confounded ", paste(c(...), collapse = ", "))

unconfounded <- function() part("unconfounded")

source_of <- function(citation) part("source ", in_quotes(citation))
