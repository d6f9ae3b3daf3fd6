test_that("errors are conditions with Python's class and words", {
  skip_without_python()
  error <- tryCatch(bounds_model("model a\nvariable X in {0, 1}\nobserve P(Z)\n"), error = identity)
  expect_identical(class(error), c("boundgen_error", "ModelError", "error", "condition"))
  expect_identical(
    conditionMessage(error),
    "<text>:3:11: unknown variable 'Z' in observe\n  observe P(Z)\n            ^\n  declared: X"
  )
  expect_null(conditionCall(error))
})

test_that("arguments are written as R writes them", {
  skip_without_python()
  expect_error(derive("iv_ate", limits = c(cells = 5)), "Raise the limit with cells =", class = "LimitError")
  expect_error(evaluate("mediation_limited_defiers", "jobs"), "at = c(gamma = 0.1)", fixed = TRUE)
  expect_error(bounds_model("mediation_mmmr"), "catalogue() lists the shipped models", fixed = TRUE)
  expect_error(evaluate("mediation_mmr", "jbos"), "catalogue(data = TRUE) lists the shipped data", fixed = TRUE)
  expect_error(derive("iv_ate", engine = "nix"), class = "EngineError")
  expect_error(derive("iv_ate", "nix"), "has no estimand 'nix'", class = "ModelError")
})

test_that("no message holds a traceback or an option of the command line", {
  skip_without_python()
  calls <- list(
    quote(derive("iv_ate", limits = list(seconds = 1e-9))), quote(derive("iv_ate", limits = list(strata = 2))),
    quote(derive("iv_ate", limits = list(cells = "many"))), quote(bounds_model("model a\nvariable X(")),
    quote(bounds_model("A -> B; B -> A")), quote(evaluate("iv_ate", "jobs")), quote(evaluate("iv_ate", c(a = 1))),
    quote(compare("iv_ate", "mediation_mmr")), quote(ask("iv_ate", value = "x")), quote(bounds_model(""))
  )
  for (call in calls) {
    error <- tryCatch(eval(call), error = identity)
    expect_s3_class(error, "boundgen_error")
    expect_no_match(conditionMessage(error), "Traceback|--[a-z]|File \"")
  }
})

test_that("arguments that nothing takes are refused", {
  skip_without_python()
  expect_error(derive("iv_ate", conditionss = FALSE), "'conditionss'", class = "CallError")
  expect_error(derive(bounds_model("iv_ate"), nix = 1), class = "CallError")
  expect_error(evaluate("mediation_mmr", "jobs", weigths = "w"), "'weigths'", class = "CallError")
  expect_error(bounds_model(1:3), class = "ModelError")
  expect_error(bounds_model(variable("X"), "observe P(X)"), class = "ModelError")
})

test_that("numbers and names that R cannot hold or Python cannot read are refused", {
  skip_without_python()
  expect_error(estimate("mediation_mmr", "framing", seed = 1e10), "seed is '1e\\+10', too large", class = "DataError")
  expect_error(estimate("mediation_mmr", "framing", draws = Inf), "draws is 'Inf', too large", class = "DataError")
  frame <- data.frame(A = 1, M = 1, Y = 1)
  for (names in list(c("a", "b"), c("1", ""), c("1", "1.5"), c("1", "99999999999"))) {
    data <- stats::setNames(list(frame, frame), names)
    expect_no_warning(expect_error(evaluate("mediation_mmr", data), "no number of an observe statement", class = "DataError"))
  }
})
