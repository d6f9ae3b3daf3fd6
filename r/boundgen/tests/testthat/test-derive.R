test_that("bounds print what the terminal shows", {
  skip_without_python()
  for (name in c("mediation_mmr", "late_nomono", "napkin", "miv_v3", "two_confounders")) {
    b <- suppressWarnings(derive(name))
    expect_identical(b$text, python(sprintf("found = boundgen.derive('%s', partial=True).text()", name)))
    expect_identical(format(b, "ascii"), python(sprintf("found = boundgen.derive('%s', partial=True).text(False)", name)))
  }
  expect_output(print(derive("mediation_mmr", "delta1")), "ATM")
})

test_that("LaTeX and JSON are those of Python", {
  skip_without_python()
  b <- derive("iv_ate")
  expect_identical(paste0(c(toLatex(b), ""), collapse = "\n"), python("found = boundgen.derive('iv_ate').latex()"))
  expect_identical(format(b, "latex"), python("found = boundgen.derive('iv_ate').latex()"))
  expect_identical(format(b, "json"), python("found = json.dumps(boundgen.derive('iv_ate').json())"))
  expect_s3_class(toLatex(b), "Latex")
})

test_that("coefficients and cells give the bounds", {
  skip_without_python()
  b <- derive("iv_ate")
  p <- c(0.3, 0.2, 0.1, 0.4, 0.25, 0.15, 0.35, 0.25)
  for (name in names(b$form)) {
    terms <- coef(b, name)
    expect_identical(colnames(terms$lower), c("constant", unlist(b$json$cells)))
    bounds <- as.function(b, name)(p)
    expect_equal(max(terms$lower %*% c(1, p)), bounds$lower, tolerance = 1e-12)
    expect_equal(min(terms$upper %*% c(1, p)), bounds$upper, tolerance = 1e-12)
  }
  expect_identical(coef(b, "ate", "upper"), coef(b)$ate$upper)
  expect_no_warning(coef(b))
  expect_warning(none <- coef(derive("late_nomono"), "late", "lower"), "not linear", class = "boundgen_warning")
  expect_null(none)
  expect_error(coef(b, "nix"), class = "ModelError")
})

test_that("a summary counts terms", {
  skip_without_python()
  found <- summary(derive("iv_ate"))
  expect_identical(found$estimands$lower_terms, c(8L, 4L, 4L))
  expect_identical(found$conditions, 4L)
  expect_output(print(found), "Bounds of iv_ate: 8 cells, 4 testable implications", fixed = TRUE)
})

test_that("an estimand without an answer is a warning, and the others stand", {
  skip_without_python()
  expect_warning(derive("two_confounders", "ate"), "ate: not answered: .*evaluate\\(\\) gives", class = "boundgen_warning")
})

test_that("bounds survive being saved", {
  skip_without_python()
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(derive("mediation_mmr"), file)
  b <- readRDS(file)
  expect_identical(toLatex(b), toLatex(derive("mediation_mmr")))
  expect_identical(as.function(b, "delta1")(rep(0.25, 8)), data.frame(lower = 0, upper = 0))
  expect_s3_class(reticulate::r_to_py(b), "boundgen.bounds.derived.Derivation")
})
