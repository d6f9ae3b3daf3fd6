# What the session keeps: Python's host, its child, and which shipped modules were read.
state <- new.env(parent = emptyenv())

.onLoad <- function(libname, pkgname) {
  # Nothing of Python is touched before it is needed.
  reg.finalizer(state, function(e) end_child(), onexit = TRUE)
  invisible()
}

.onUnload <- function(libpath) end_child()
