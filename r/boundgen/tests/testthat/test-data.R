people <- data.frame(
  treat = rep(c(0L, 1L), c(200, 200)),
  M = rep(c(0, 1, 0, 1, 0, 1, 0, 1), c(104, 26, 40, 30, 70, 18, 42, 70)),
  Y = rep(c(0, 0, 1, 1, 0, 0, 1, 1), c(104, 26, 40, 30, 70, 18, 42, 70))
)
at <- function(data, ...) as.data.frame(evaluate("mediation_mmr", data, estimands = "delta1", ...))[c("lower", "upper")]
expected <- data.frame(lower = -0.09, upper = 0.16)

test_that("data frames, tibbles, factors, labels, tables and cells say the same", {
  skip_without_python()
  map <- c(A = "treat")
  expect_equal(at(people, map = map), expected, tolerance = 1e-12)
  expect_equal(at(transform(people, Y = factor(Y), treat = factor(treat)), map = map), expected, tolerance = 1e-12)
  expect_equal(at(transform(people, Y = Y == 1), map = map), expected, tolerance = 1e-12)
  expect_equal(at(table(people), map = map), expected, tolerance = 1e-12)
  counts <- c(104, 26, 40, 30, 70, 18, 42, 70)
  names(counts) <- closed_form("mediation_mmr")$cells
  expect_equal(at(counts), expected, tolerance = 1e-12)
  expect_equal(at(counts / 200), expected, tolerance = 1e-12)
  expect_equal(at(as.list(counts / 200)), expected, tolerance = 1e-12)
  skip_if_not_installed("tibble")
  expect_equal(at(tibble::as_tibble(people), map = map), expected, tolerance = 1e-12)
  skip_if_not_installed("haven")
  labelled <- transform(people, A = haven::labelled(treat, c(control = 0L, treated = 1L)))
  expect_equal(at(labelled), expected, tolerance = 1e-12)
  missing <- rbind(people, data.frame(treat = 1L, M = 9, Y = 1))
  missing$M <- haven::labelled_spss(missing$M, na_values = 9)
  expect_error(at(missing, map = map), "1 of 401 rows miss a value", class = "DataError")
  expect_equal(at(missing, map = map, drop_missing = TRUE), expected, tolerance = 1e-12)
})

test_that("words are recoded, rows chosen, values cut, missing ones refused or left out", {
  skip_without_python()
  worded <- transform(people, A = ifelse(treat == 1, "treated", "control"), age = 40)
  expect_equal(at(worded, recode = list(A = c(treated = 1, control = 0))), expected, tolerance = 1e-12)
  worded <- rbind(worded, data.frame(treat = 1, M = 1, Y = 1, A = "treated", age = 20))
  expect_equal(at(worded, map = c(A = "treat"), where = "age>30"), expected, tolerance = 1e-12)
  expect_equal(at(transform(people, M = M * 10), map = c(A = "treat"), dichotomize = c(M = ">7")), expected, tolerance = 1e-12)
  gaps <- rbind(people, data.frame(treat = NA, M = 1, Y = 1))
  expect_error(at(gaps, map = c(A = "treat")), "drop_missing = TRUE", class = "DataError")
  expect_equal(at(gaps, map = c(A = "treat"), drop_missing = TRUE), expected, tolerance = 1e-12)
})

test_that("weights count", {
  skip_without_python()
  tallied <- as.data.frame(table(people), responseName = "w", stringsAsFactors = FALSE)
  expect_equal(at(tallied, map = c(A = "treat"), weights = "w", kind = "microdata"), expected, tolerance = 1e-12)
})

test_that("several values of a parameter give a row each", {
  skip_without_python()
  found <- as.data.frame(evaluate("mediation_limited_defiers", "jobs", at = list(gamma = c(0, 0.1)), estimands = "delta1"))
  expect_identical(found$gamma, c(0, 0.1))
  expect_true(diff(found$upper) > 0)
})

test_that("what is no data is refused", {
  skip_without_python()
  expect_error(at(mean), class = "DataError")
  expect_error(at(data.frame(x = I(list(1, 2)))), "column 'x'", class = "DataError")
  expect_error(at(people, map = c(A = "trt")), "Did you mean 'treat'? Say where A is: map = c(A = COLUMN)", fixed = TRUE)
})
