# Models with shipped counts, and values of their parameters.
shipped <- list(
  list("mediation_mmr", "framing"), list("mediation_mmr", "jobs"), list("mediation_mmr", "boundsdata"),
  list("mediation_limited_defiers", "jobs", c(gamma = 0.1)), list("mediation_encouragement", "boundsdata_encouragement"),
  list("mediation_parallel", "boundsdata_parallel"), list("napkin", "napkin"), list("nonresponse", "nonresponse"),
  list("proportion_mediated", "framing")
)

test_that("bounds at shipped counts are those of Python", {
  skip_without_python()
  for (case in shipped) {
    at <- if (length(case) > 2) case[[3]]
    ours <- as.data.frame(suppressWarnings(evaluate(case[[1]], case[[2]], at = at)))
    theirs <- python(sprintf(
      "found = [[e.estimand, str(e.lower), str(e.upper)] for e in boundgen.evaluate('%s', '%s', %s)]", case[[1]], case[[2]],
      if (is.null(at)) "None" else sprintf("{'%s': '%s'}", names(at), at)
    ))
    exact <- function(i) vapply(theirs, function(row) as.numeric(eval(str2lang(row[[i]]))), 0)
    expect_identical(ours$estimand, vapply(theirs, `[[`, "", 1), info = case[[1]])
    expect_equal(ours$lower, exact(2), tolerance = 1e-12, info = case[[1]])
    expect_equal(ours$upper, exact(3), tolerance = 1e-12, info = case[[1]])
  }
})

test_that("functions of R at shipped counts are as exact values", {
  skip_without_python()
  for (case in shipped[c(1, 2, 3, 5, 6, 9)]) {
    b <- derive(case[[1]])
    cells <- python(sprintf(
      "found = {k: float(v) for k, v in boundgen.read_data('%s', '%s').probabilities.items()}", case[[1]], case[[2]]
    ))
    exact <- as.data.frame(evaluate(case[[1]], case[[2]]))
    for (i in seq_len(nrow(exact))) {
      found <- as.function(b, exact$estimand[i])(unlist(cells))
      expect_equal(unlist(found), c(lower = exact$lower[i], upper = exact$upper[i]), tolerance = 1e-12)
    }
  }
})

test_that("verdicts, answers and comparisons are those of Python", {
  skip_without_python()
  expect_identical(verify("mediation_limited_defiers")$text, python("found = boundgen.verify('mediation_limited_defiers').text()"))
  expect_identical(ask("mediation_mmr", "delta1")$text, python("found = boundgen.ask('mediation_mmr', 'delta1').text()"))
  expect_identical(
    ask("confounded_treatment", "ate", value = 0.5)$text,
    python("found = boundgen.ask('confounded_treatment', 'ate', value='1/2').text()")
  )
  expect_identical(
    compare("mediation_randomization", "mediation_mmr", "delta1")$text,
    python("found = boundgen.compare('mediation_randomization', 'mediation_mmr', 'delta1').text()")
  )
  expect_setequal(as.data.frame(verify("mediation_limited_defiers"))$verdict, c("sharp", "invalid"))
})

test_that("a certificate is written and checked", {
  skip_without_python()
  file <- tempfile(fileext = ".json")
  on.exit(unlink(file))
  found <- certify("mediation_mmr", file, "delta1")
  expect_match(found$text, "Every step holds.", fixed = TRUE)
  expect_identical(paste(readLines(file), collapse = "\n"), found$json_text)
  expect_error(toLatex(found), class = "CallError")
})

test_that("a generated file is read without boundgen", {
  skip_without_python()
  file <- tempfile(fileext = ".R")
  on.exit(unlink(file))
  expect_identical(generate("iv_ate", "r", file), file)
  alone <- new.env(parent = globalenv())
  sys.source(file, alone)
  p <- c(0.3, 0.2, 0.1, 0.4, 0.25, 0.15, 0.35, 0.25)
  expect_identical(alone$iv_ate_bounds(p, "ate"), as.function(derive("iv_ate"), "ate")(p))
  expect_identical(as.function(closed_form(file), "ate")(p), alone$iv_ate_bounds(p, "ate"))
  expect_identical(basename(generate("iv_ate", "python", tempdir())), "iv_ate.py")
})

test_that("the catalogue lists models and data", {
  skip_without_python()
  expect_true(all(boundgen:::shipped_modules() %in% catalogue()$name))
  expect_identical(catalogue(data = TRUE)$name, unlist(python("found = list(boundgen.catalogue.data_names())")))
})
