install_boundgen <- function(package = "boundgen[all]", python = NULL, envname = "r-boundgen", ...) {
  if (!reticulate::virtualenv_exists(envname)) reticulate::virtualenv_create(envname, python = python, ...)
  reticulate::virtualenv_install(envname, package, ignore_installed = FALSE)
  message("boundgen is installed in the virtual environment ", envname, ". Restart R where Python was in use already.")
  invisible(envname)
}
