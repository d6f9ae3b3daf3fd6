# Tests that need Python are skipped where it is not there; BOUNDGEN_R_NEEDS_PYTHON says that it must be.
skip_without_python <- function() {
  if (Sys.getenv("BOUNDGEN_R_NEEDS_PYTHON") == "") skip_if_not(boundgen_available(), "boundgen is not there in Python")
}

skip_unless_slow <- function() skip_if(Sys.getenv("BOUNDGEN_SLOW") == "", "slow")

# boundgen in R's own process, without the bridge: what the bridge is compared with.
python <- function(code) {
  boundgen_available()
  reticulate::py_run_string(paste("import boundgen, json", code, sep = "\n"), local = TRUE, convert = TRUE)$found
}

# The output of a script in an R of its own, in which these variables are set.
in_r <- function(script, environment) {
  file <- tempfile(fileext = ".R")
  on.exit(unlink(file))
  paths <- paste0(".libPaths(", paste(deparse(.libPaths()), collapse = ""), ")")
  writeLines(c(paths, "library(boundgen)", script), file)
  rscript <- file.path(R.home("bin"), "Rscript")
  suppressWarnings(system2(rscript, c("--vanilla", shQuote(file)), stdout = TRUE, stderr = TRUE, env = environment))
}
