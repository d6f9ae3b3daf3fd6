install_boundgen <- function(package = "boundgen[all]", python = NULL, envname = "r-boundgen", ...) {
  # A folder of source brings what parts of boundgen ask for, too.
  if (dir.exists(package)) package <- paste0(normalizePath(package), "[all]")
  if (!reticulate::virtualenv_exists(envname)) reticulate::virtualenv_create(envname, python = python, ...)
  reticulate::virtualenv_install(envname, package, ignore_installed = FALSE)
  message("boundgen is installed in the virtual environment ", envname, ". Restart R where Python was in use already.")
  invisible(envname)
}
