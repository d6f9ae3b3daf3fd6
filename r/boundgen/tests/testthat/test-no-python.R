script <- c(
  "error <- tryCatch(derive('iv_ate'), boundgen_error = identity)",
  "cat(class(error)[2], '\\n', conditionMessage(error), '\\n', sep = '')",
  "cat('available:', boundgen_available(), '\\n')",
  "form <- closed_form('mediation_mmr')",
  "counts <- setNames(c(104, 26, 40, 30, 70, 18, 42, 70), form$cells)",
  "found <- withCallingHandlers(evaluate('mediation_mmr', counts, estimands = 'delta1'),",
  "  boundgen_warning = function(w) { cat('warned\\n'); invokeRestart('muffleWarning') })",
  "cat(found$lower, found$upper, '\\n')",
  "cat(unlist(as.function(form, 'delta1')(counts / 200)), '\\n')"
)

expect_told <- function(said, words) {
  expect_true("PythonError" %in% said, info = paste(said, collapse = "\n"))
  expect_match(paste(said, collapse = "\n"), words, fixed = TRUE)
  expect_match(paste(said, collapse = "\n"), "install_boundgen()", fixed = TRUE)
  expect_true("available: FALSE " %in% said)
  expect_identical(utils::tail(said, 3), c("warned", "-0.09 0.16 ", "-0.09 0.16 "))
}

test_that("without a Python there are words, and closed forms still evaluate", {
  said <- in_r(script, c("RETICULATE_PYTHON=/nowhere/python", "PYTHONPATH="))
  expect_told(said, "there is no Python that R can use")
})

test_that("with no Python on the path there are words, and closed forms still evaluate", {
  skip_on_os("windows")
  # The tools that R's own scripts need, and nothing else.
  path <- tempfile("bin")
  dir.create(path)
  on.exit(unlink(path, recursive = TRUE))
  tools <- Sys.which(c("sh", "sed", "uname", "rm", "dirname", "basename", "which", "ls", "cat", "grep", "expr", "env"))
  file.symlink(tools[tools != ""], file.path(path, names(tools)[tools != ""]))
  said <- in_r(script, c(
    paste0("PATH=", path), "RETICULATE_PYTHON=", "PYTHONPATH=", "VIRTUAL_ENV=", paste0("WORKON_HOME=", path)
  ))
  # A Python that reticulate finds elsewhere, such as the system's, has no boundgen.
  expect_told(said, "Python that R")
})

test_that("a Python without boundgen is named", {
  python <- Sys.glob(c("/usr/bin/python3", "/usr/local/bin/python3"))[1]
  skip_if(is.na(python))
  skip_if(system2(python, c("-c", shQuote("import boundgen")), stdout = FALSE, stderr = FALSE, env = "PYTHONPATH=") == 0)
  said <- in_r(script, c(paste0("RETICULATE_PYTHON=", python), "PYTHONPATH="))
  expect_true("PythonError" %in% said)
  expect_match(paste(said, collapse = "\n"), "has no package boundgen|needs Python 3.11|no Python that R can use")
})
