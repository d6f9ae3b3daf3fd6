counts <- c(104, 26, 40, 30, 70, 18, 42, 70)

test_that("a shipped closed form takes counts and probabilities", {
  form <- closed_form("mediation_mmr")
  expect_output(print(form), "Closed forms of mediation_mmr")
  found <- evaluate(form, stats::setNames(counts, form$cells), estimands = "delta1")
  expect_equal(found[c("lower", "upper")], data.frame(lower = -0.09, upper = 0.16), tolerance = 1e-12)
  laws <- rbind(counts, counts[c(5:8, 1:4)]) / 200
  colnames(laws) <- form$cells
  expect_identical(evaluate(form, laws, estimands = "delta1")$violations, c(0, 1))
  expect_identical(nrow(evaluate(form, laws)), 12L)
})

test_that("parameters are arguments", {
  form <- closed_form("mediation_limited_defiers")
  f <- as.function(form, "delta1")
  expect_identical(names(formals(f)), c("p", "gamma"))
  expect_equal(f(counts / 200, gamma = c(0, 0.1)), data.frame(lower = c(-0.09, -0.19), upper = c(0.16, 0.36)), tolerance = 1e-12)
  found <- evaluate(form, stats::setNames(counts, form$cells), at = list(gamma = c(0, 0.1)), estimands = "delta1")
  expect_equal(found$upper, c(0.16, 0.36), tolerance = 1e-12)
  expect_error(evaluate(form, stats::setNames(counts, form$cells)), "parameter gamma has no value", class = "DataError")
})

test_that("a function is plain R and survives being saved", {
  f <- as.function(closed_form("iv_ate"), "ate")
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(f, file)
  script <- sprintf("f <- readRDS('%s'); print(f(c(.3, .2, .1, .4, .25, .25, .25, .25))); cat('boundgen' %%in%% loadedNamespaces())", file)
  rscript <- file.path(R.home("bin"), "Rscript")
  said <- system2(rscript, c("--vanilla", "-e", shQuote(script)), stdout = TRUE)
  expect_match(said[2], "-0.3   0.5", fixed = TRUE)
  expect_identical(said[3], "FALSE")
})

test_that("what is no distribution is refused, where that is asked for", {
  form <- closed_form("iv_ate")
  bad <- rep(1, 8)
  expect_error(as.function(form, "ate")(bad), "must sum to 1")
  expect_error(as.function(form, "ate")(c(Inf, rep(0, 7))), "is Inf; it must be a probability")
  expect_identical(as.function(form, "ate", check = FALSE)(bad), data.frame(lower = 1, upper = -1))
  expect_error(evaluate(form, c(a = 1)), "Give a number for each of", class = "DataError")
  expect_error(as.function(form), "no estimand is named", class = "ModelError")
  expect_error(closed_form("nix"), class = "FileError")
})

test_that("all shipped modules are read, and say what they are of", {
  for (name in boundgen:::shipped_modules()) {
    form <- closed_form(name)
    expect_identical(form$name, name)
    expect_gt(length(form$cells), 0)
  }
})

test_that("a million laws take at most twice what R written by hand takes", {
  skip_unless_slow()
  n <- 1e6
  arm <- function() {
    shares <- matrix(stats::rexp(4 * n), n)
    as.data.frame(shares / rowSums(shares))
  }
  seconds <- function(f, p) min(vapply(1:7, function(i) sum(system.time(f(p))[1:2]), 0))
  set.seed(1)
  form <- closed_form("iv_ate")
  p <- stats::setNames(c(arm(), arm()), form$cells)
  p <- as.data.frame(p, optional = TRUE)
  by_hand <- function(p) {
    names(p) <- c("a00", "a01", "a10", "a11", "b00", "b01", "b10", "b11")
    with(p, data.frame(
      lower = pmax(
        -a01 - a10, -b01 - b10, a00 + b11 - 1, a11 + b00 - 1, b00 - a00 - a10 - b01 - b10, a00 - a01 - a10 - b00 - b10,
        a11 - a01 - a10 - b01 - b11, b11 - a01 - a11 - b01 - b10
      ),
      upper = pmin(
        a00 + a11, b00 + b11, 1 - a01 - b10, 1 - a10 - b01, a00 + a11 + b01 + b11 - a01, a00 + a11 + b00 + b10 - a10,
        a00 + a10 + b00 + b11 - b10, a01 + a11 + b00 + b11 - b01
      )
    ))
  }
  names(p) <- c(
    "P(X=0,Y=0|Z=0)", "P(X=0,Y=1|Z=0)", "P(X=1,Y=0|Z=0)", "P(X=1,Y=1|Z=0)",
    "P(X=0,Y=0|Z=1)", "P(X=0,Y=1|Z=1)", "P(X=1,Y=0|Z=1)", "P(X=1,Y=1|Z=1)"
  )
  f <- as.function(form, "ate")
  expect_equal(f(p), by_hand(p), tolerance = 1e-12)
  expect_lt(seconds(f, p) / seconds(by_hand, p), 2)

  # The shortest formula of all, where looking at the data would take longer than the formula.
  form <- closed_form("mediation_mmr")
  p <- stats::setNames(p, form$cells)
  short <- function(p) {
    atm <- p[["P(Y=0,M=1|A=1)"]] + p[["P(Y=1,M=1|A=1)"]] - p[["P(Y=0,M=1|A=0)"]] - p[["P(Y=1,M=1|A=0)"]]
    data.frame(lower = pmax(-atm, -p[["P(Y=0,M=1|A=1)"]]), upper = pmin(atm, p[["P(Y=1,M=1|A=1)"]]))
  }
  unchecked <- as.function(form, "delta1", check = FALSE)
  expect_equal(unchecked(p), short(p), tolerance = 1e-12)
  expect_lt(seconds(unchecked, p) / seconds(short, p), 2)
})

test_that("counts are divided by the sum of their arm, of which there may be several at one value", {
  skip_without_python()
  model <- bounds_model("model two
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X | Z)
observe P(Y | Z)
estimand ate = E[Y(1) - Y(0)]
")
  form <- closed_form(derive(model))
  counts <- stats::setNames(c(10, 30, 20, 30, 25, 75, 30, 70), form$cells)
  arm <- paste(sub("=[^|]*", "", form$cells), sub("^[^|]*", "", form$cells))
  found <- evaluate(form, counts)
  shares <- counts / stats::ave(counts, arm, FUN = sum)
  expect_equal(found, evaluate(form, shares), tolerance = 1e-12)
  python <- as.data.frame(evaluate(model, counts))
  expect_equal(c(found$lower, found$upper), c(python$lower, python$upper), tolerance = 1e-12)
})

test_that("counts of some of the units have no total, and probabilities need none", {
  form <- closed_form("outcome_selection")
  counts <- stats::setNames(c(30, 20, 10, 20), form$cells)
  expect_error(evaluate(form, counts), "have no total", class = "DataError")
  expect_s3_class(evaluate(form, counts / 100), "data.frame")
})

test_that("what has no closed form and no object of Python is refused in words", {
  for (x in list(42, NULL, mean, c("iv_ate", "iv_late"))) expect_error(closed_form(x), class = "CallError")
  skip_without_python()
  certificate <- certify("iv_ate", estimands = "ate")
  expect_error(reticulate::r_to_py(certificate), "bounds_certificate is no object of Python", class = "CallError")
  expect_match(format(certificate, "json"), "^\\{")
})
