# Tests that need Python are skipped where it is not there; CI says that they must not be.
skip_without_python <- function() {
  if (Sys.getenv("BOUNDGEN_R_NEEDS_PYTHON") != "") {
    return(invisible())
  }
  skip_if_not(boundgen_available(), "boundgen is not installed in Python")
}
