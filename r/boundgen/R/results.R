# What every result can be shown as: the same words as in the terminal.

# The text, in characters that the session can show.
shown_text <- function(x) if (l10n_info()[["UTF-8"]]) x$text else x$ascii

ended <- function(text) if (endsWith(text, "\n")) text else paste0(text, "\n")

print.boundgen_result <- function(x, ...) {
  cat(ended(shown_text(x)))
  invisible(x)
}

format.boundgen_result <- function(x, type = c("text", "ascii", "latex", "json"), ...) {
  switch(match.arg(type),
    text = x$text,
    ascii = x$ascii,
    latex = x$latex,
    json = x$json_text
  )
}

toLatex.boundgen_result <- function(object, ...) {
  if (is.null(object$latex)) abort("CallError", "this result has no LaTeX\n  print() shows it.")
  structure(strsplit(object$latex, "\n", fixed = TRUE)[[1]], class = "Latex")
}

as.data.frame.boundgen_result <- function(x, row.names = NULL, optional = FALSE, ...) x$rows
