generate <- function(model, ...) UseMethod("generate")

generate.default <- function(model, target = c("r", "python", "stata", "js"), file = NULL, engine = "auto",
                             limits = NULL, ...) {
  target <- match.arg(target)
  found <- run_python("generate", c(
    list(model = python_model(bounds_model(model, ...)), target = target, engine = engine),
    if (length(limits) > 0) list(limits = written_limits(limits))
  ))
  file <- if (is.null(file)) found$file else if (dir.exists(file)) file.path(file, found$file) else file
  writeLines(enc2utf8(found$text), file, sep = "", useBytes = TRUE)
  invisible(file)
}
