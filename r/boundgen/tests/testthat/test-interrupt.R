# Three values of three variables: minutes of enumeration.
long <- function() {
  bounds_model(
    variable("Z", 0:3, randomized = TRUE), variable("X", 0:2, parents = "Z"), variable("Y", 0:2, parents = "X"),
    observe("P(X, Y | Z)"), estimand("ate", "E[Y(1) - Y(0)]")
  )
}

later <- function(seconds, signal, pid) system(sprintf("(sleep %s; kill -%s %s)", seconds, signal, pid), wait = FALSE)

test_that("an interrupt ends the child, and the next call starts another one", {
  skip_without_python()
  skip_on_os("windows")
  # An engine that takes Ctrl-C for itself, when it is imported into R's process.
  python("found = boundgen.derive('mediation_mmr', 'delta1', engine='auto').text()")
  model <- long()
  first <- boundgen:::state$child$pid()
  later(2, "INT", Sys.getpid())
  outcome <- tryCatch(
    {
      suppressWarnings(derive(model, limits = c(seconds = 100)))
      "finished"
    },
    interrupt = function(i) "interrupted", LimitError = function(e) "out of time"
  )
  expect_identical(outcome, "interrupted")
  expect_null(boundgen:::state$child)
  expect_identical(tools::pskill(first, 0), FALSE)
  expect_match(derive("mediation_mmr", "delta1")$text, "ATM")
})

test_that("a child that dies is said, and replaced", {
  skip_without_python()
  skip_on_os("windows")
  model <- long()
  later(1, "KILL", boundgen:::state$child$pid())
  expect_error(derive(model, limits = c(seconds = 100)), "the Python process ended before it answered", class = "PythonError")
  expect_match(derive("mediation_mmr", "delta1")$text, "ATM")
})

test_that("time that is over is an error, or leaves valid bounds with a warning", {
  skip_without_python()
  found <- tryCatch(derive(long(), limits = c(seconds = 1)), condition = identity)
  expect_true(inherits(found, c("boundgen_warning", "LimitError")))
})

test_that("progress is shown where it is wanted", {
  skip_without_python()
  skip_on_os("windows")
  said <- in_r(c(
    "options(boundgen.progress = TRUE)",
    "model <- bounds_model(variable('Z', 0:3, randomized = TRUE), variable('X', 0:2, parents = 'Z'),",
    "  variable('Y', 0:2, parents = 'X'), observe('P(X, Y | Z)'), estimand('ate', 'E[Y(1) - Y(0)]'))",
    "try(suppressWarnings(derive(model, limits = c(seconds = 3))), silent = TRUE)"
  ), character())
  expect_match(paste(said, collapse = "\n"), "[a-z]+: [0-9]+ of [0-9]+")
})
