test_that("estimates at shipped counts are Python's", {
  skip_without_python()
  pairs <- list(
    c("mediation_mmr", "framing"), c("mediation_randomization", "jobs"), c("iv_ate", "jobs_take_up"),
    c("mediation_encouragement", "boundsdata_encouragement"), c("mediation_parallel", "boundsdata_parallel"),
    c("risk_ratio_iv", "jobs_take_up"), c("iv_treated", "jobs_take_up")
  )
  for (pair in pairs) {
    found <- estimate(pair[1], pair[2], draws = DRAWS)
    expect_same_rows(found, python_rows(pair[1], pair[2]))
  }
})

test_that("parameters, strata and options of the method are Python's", {
  skip_without_python()
  found <- estimate("mediation_limited_defiers", "jobs", gamma = seq(0, 0.3, 0.1), draws = DRAWS)
  expect_same_rows(found, python_rows("mediation_limited_defiers", "jobs", gamma = "0:0.3:0.1"))
  expect_identical(unique(found$rows$gamma), c(0, 0.1, 0.2, 0.3))
  found <- estimate("mediation_mmr", "jobs_sex", within = ~sex, level = 0.9, draws = DRAWS, estimands = "delta0")
  expect_same_rows(found, python_rows("mediation_mmr", "jobs_sex", within = "sex", level = 0.9, estimands = "delta0"))
  expect_identical(found$rows$within, c("", "sex"))
  found <- estimate("mediation_mmr", "framing", method = "cox-shi", draws = DRAWS)
  expect_same_rows(found, python_rows("mediation_mmr", "framing", method = "cox-shi"))
})

test_that("units, in whatever columns R has them, give the numbers of their counts", {
  skip_without_python()
  counts <- estimate("mediation_mmr", "framing", draws = DRAWS)
  same <- function(data, ..., map = framing_map) {
    found <- estimate("mediation_mmr", data, map, ..., draws = DRAWS)
    numbers <- grep("_(lower|upper)$", names(counts$rows))
    expect_equal(found$rows[numbers], counts$rows[numbers], tolerance = 1e-12)
    found
  }
  factors <- same(framing)
  expect_match(factors$text, "neutral becomes 0, negative becomes 1", fixed = TRUE)
  plain <- data.frame(A = as.integer(framing$news) - 1L, M = framing$upset, Y = as.integer(framing$message) - 1)
  same(plain, map = NULL)
  if (requireNamespace("tibble", quietly = TRUE)) same(tibble::as_tibble(framing))
  same(transform(framing, news = as.character(news)), recode = list(A = c(neutral = 0, negative = 1)))
  same(transform(framing, upset = 5 + 3 * upset), dichotomize = c(M = ">7"))
  # Levels in another order are other values, as in glm(); said, they are not.
  turned <- transform(framing, news = factor(news, c("negative", "neutral")))
  same(turned, dichotomize = c(A = "negative"))
  expect_match(estimate("mediation_mmr", turned, framing_map, draws = DRAWS)$text, "negative becomes 0", fixed = TRUE)
  same(as.data.frame(table(plain)), map = NULL)
  same(table(plain), map = NULL)
  same(plain, map = NULL, weights = rep(2, 265))
})

test_that("labels of haven are the words of values", {
  skip_without_python()
  skip_if_not_installed("haven")
  labelled <- data.frame(
    treat = haven::labelled(as.double(framing$news), c(neutral = 1, negative = 2)),
    upset = haven::labelled_spss(ifelse(framing$upset, 1, 0), c(no = 0, yes = 1, refused = 9), na_values = 9),
    message = haven::labelled(as.integer(framing$message) - 1L, c(no = 0L, yes = 1L))
  )
  map <- c(A = "treat", M = "upset", Y = "message")
  recode <- list(A = c(neutral = 0, negative = 1))
  found <- estimate("mediation_mmr", labelled, map, recode = recode, draws = DRAWS)
  numbers <- estimate("mediation_mmr", framing, framing_map, draws = DRAWS)
  expect_equal(coef(found), coef(numbers), tolerance = 1e-12)
  words <- bounds_model("model w \"words\"\nvariable A in {neutral, negative} randomized\nvariable Y(A) in {no, yes}\nobserve P(Y | A)\nestimand d = P(Y=yes | A=negative) - P(Y=yes | A=neutral)\n")
  expect_equal(coef(estimate(words, labelled, c(A = "treat", Y = "message"), draws = DRAWS))[[1]], coef(numbers)["ate", 1])
  # What SPSS declares missing is missing.
  labelled$upset[3] <- 9
  expect_error(estimate("mediation_mmr", labelled, map, recode = recode), class = "boundgen_error")
  found <- estimate("mediation_mmr", labelled, map, recode = recode, drop_missing = TRUE, draws = DRAWS)
  expect_identical(nobs(found), 264L)
})

test_that("missing values are refused, and left out where that is said, with their number", {
  skip_without_python()
  holes <- data.frame(A = c(NA, rep(0:1, 30)), M = c(1L, rep(c(TRUE, FALSE, FALSE), 20)), Y = c(1, NA, rep(0:1, length.out = 59)))
  holes$M <- as.logical(holes$M)
  holes$M[5] <- NA
  refused <- expect_error(estimate("mediation_mmr", holes), class = "boundgen_error")
  expect_s3_class(refused, "DataError")
  expect_match(conditionMessage(refused), "drop_missing = TRUE", fixed = TRUE)
  found <- estimate("mediation_mmr", holes, drop_missing = TRUE, draws = DRAWS)
  expect_identical(nobs(found), 58L)
  expect_match(found$text, "3 dropped: they miss", fixed = TRUE)
  texts <- data.frame(lapply(holes, as.character))
  expect_equal(coef(estimate("mediation_mmr", texts, drop_missing = TRUE, draws = DRAWS)), coef(found))
})

test_that("weights and clusters are names, formulas or values", {
  skip_without_python()
  data <- transform(framing, w = 1 + seq_len(265) %% 3, village = seq_len(265) %% 40)
  asked <- function(...) coef_and_intervals(estimate("mediation_mmr", data, framing_map, ..., draws = DRAWS))
  named <- asked(weights = "w", cluster = "village")
  expect_identical(asked(weights = ~w, cluster = ~village), named)
  expect_identical(asked(weights = data$w, cluster = data$village), named)
  expect_identical(asked(weights = data$w, cluster = paste("village", data$village)), named)
  expect_false(isTRUE(all.equal(named, asked())))
  skip_if_not(reticulate::py_module_available("pandas"))
  units <- units_of("framing")
  frame <- reticulate::import("pandas")$DataFrame(list(
    A = as.list(units$A), M = as.list(units$M), Y = as.list(units$Y), w = as.list(data$w), v = as.list(data$village)
  ))
  rows <- python_rows("mediation_mmr", frame, weights = "w", cluster = "v")
  expect_equal(unname(named[, 1:2]), unname(cbind(rows$plug_in_lower, rows$plug_in_upper)), tolerance = 1e-12)
})

test_that("the forms of an estimate are those that R knows", {
  skip_without_python()
  bounds <- derive("mediation_mmr", c("delta0", "ate"))
  found <- estimate(bounds, framing, framing_map, draws = DRAWS)
  rows <- found$rows
  expect_equal(coef(found), matrix(
    c(rows$plug_in_lower, rows$plug_in_upper), 2, dimnames = list(c("delta0", "ate"), c("lower", "upper"))
  ))
  expect_equal(unname(confint(found)[1, ]), c(rows$parameter_interval_lower[1], rows$parameter_interval_upper[1]))
  expect_identical(colnames(confint(found)), c("2.5 %", "97.5 %"))
  expect_equal(unname(confint(found, "ate", type = "set")[1, ]), c(rows$set_interval_lower[2], rows$set_interval_upper[2]))
  other <- estimate(bounds, framing, framing_map, level = 0.8, draws = DRAWS)
  expect_equal(confint(found, level = 0.8), confint(other))
  tidied <- tidy(found)
  expect_identical(names(tidied), c("term", "estimate.lower", "estimate.upper", "conf.low", "conf.high"))
  expect_equal(tidied$conf.high, unname(confint(found)[, 2]))
  expect_equal(tidy(found, conf.level = 0.8)$conf.low, unname(confint(other)[, 1]))
  expect_equal(tidy(found, estimate = "half_median_unbiased")$estimate.upper, rows$half_median_unbiased_upper)
  expect_identical(names(tidy(found, conf.int = FALSE)), c("term", "estimate.lower", "estimate.upper"))
  glanced <- glance(found)
  expect_identical(c(nrow(glanced), glanced$nobs), c(1L, 265L))
  expect_equal(glanced$p.value, min(vapply(found$json$estimates, function(e) e$conditions_p_value, 0)))
  expect_identical(as.data.frame(found), rows)
  expect_match(format(found, "latex"), "\\begin{tabular}{lrrrr}", fixed = TRUE)
  expect_identical(paste(toLatex(found), collapse = "\n"), sub("\n$", "", format(found, "latex")))
  expect_output(print(summary(found)), "Testable implications: p = 1", fixed = TRUE)
  python <- reticulate::import("boundgen")$estimate("mediation_mmr", "framing", estimands = list("delta0"), draws = DRAWS)
  shipped <- estimate("mediation_mmr", "framing", estimands = "delta0", draws = DRAWS)
  expect_identical(shipped$text, python$text())
  expect_identical(paste0(paste(capture.output(print(shipped)), collapse = "\n"), "\n"), shown_text(shipped))
  # It is a value: it outlives the session.
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  saveRDS(found, file)
  expect_equal(tidy(readRDS(file)), tidied)
  expect_equal(confint(readRDS(file), level = 0.8), confint(other))
})

test_that("an estimate in several values of a parameter names its rows", {
  skip_without_python()
  found <- estimate("mediation_limited_defiers", "jobs", gamma = c(0, 0.1), estimands = "delta0", draws = DRAWS)
  expect_identical(rownames(coef(found)), c("delta0, gamma = 0", "delta0, gamma = 0.1"))
  expect_identical(tidy(found)$gamma, c(0, 0.1))
  expect_identical(nrow(confint(found, "delta0")), 2L)
  expect_equal(estimate("mediation_limited_defiers", "jobs", at = c(gamma = 0.1), estimands = "delta0", draws = DRAWS)$rows,
    found$rows[2, ], ignore_attr = TRUE)
})

test_that("errors are conditions with boundgen's words", {
  skip_without_python()
  error <- expect_error(estimate("mediation_mmr", framing, c(A = "new", M = "upset", Y = "message")), class = "boundgen_error")
  expect_match(conditionMessage(error), "framing: no column 'new' for A\n  Did you mean 'news'?", fixed = TRUE)
  expect_error(estimate("mediation_mmr", framing, framing_map, gama = 1), "there is no option 'gama'.*at, estimands, map", class = "boundgen_error")
  expect_error(estimate("mediation_mmr", 1:3), class = "boundgen_error")
  expect_error(estimate("mediation_mmr", framing, framing_map, level = 2), class = "boundgen_error")
  expect_error(estimate("mediation_mmr", framing, framing_map, seed = 1.5), "not a whole number", class = "boundgen_error")
  expect_error(estimate("mediation_mmr", framing, framing_map, 3), "has no name", class = "boundgen_error")
  found <- estimate("mediation_mmr", "framing", estimands = "delta0", draws = DRAWS)
  expect_error(confint(found, "delta9"), "no estimate of 'delta9'", class = "boundgen_error")
})

test_that("the whole law of an outcome has one interval, in the usual forms", {
  skip_without_python()
  units <- units_of("training")
  model <- bounds_model(paste(
    "model training \"Wages\"", "variable A in {0, 1} randomized", "variable S(A) in {0, 1}", "variable Y(A) in [0, 40]",
    "observe P(S=1, Y | A)", "assume monotone: S(1) >= S(0)",
    "estimand effect \"on the always employed\" = E[Y(1) - Y(0) | S(0)=1, S(1)=1]", sep = "\n"
  ))
  found <- estimate(model, units, law = "Y")
  # The guide's numbers, docs/guide/whole-law.md.
  expect_equal(coef(found), matrix(c(-0.3390, 1.6231), 1, dimnames = list("effect", c("lower", "upper"))), tolerance = 1e-4)
  expect_true(all(confint(found)[, 1] < coef(found)[, 1], confint(found)[, 2] > coef(found)[, 2]))
  expect_identical(confint(found), confint(found, type = "set"))
  expect_identical(glance(found)$nobs, 800L)
  expect_error(confint(found, level = 0.5), "level", class = "boundgen_error")
  skip_if_not_installed("ggplot2")
  expect_match(ggplot2::autoplot(found)$labels$caption, "95% interval of the bounds", fixed = TRUE)
})

test_that("side by side is Python's report", {
  skip_without_python()
  models <- c("mediation_randomization", "mediation_mmr")
  data <- transform(framing, calm = !upset)
  found <- side_by_side(models, data, "delta0", list(A = "news", M = c("upset", "calm"), Y = "message"), draws = DRAWS)
  expect_identical(found$rows$column_M, rep(c("upset", "calm"), each = 2))
  same <- side_by_side(models, data, "delta0", c(A = "news", M = "upset", M = "calm", Y = "message"), draws = DRAWS)
  expect_identical(found$rows, same$rows)
  python <- reticulate::import("boundgen")$side_by_side(as.list(models), "framing", list("delta0"), draws = DRAWS)
  lower <- vapply(python$rows(), function(row) row$plug_in_lower, 0)
  expect_equal(found$rows$plug_in_lower[1:2], lower, tolerance = 1e-12)
  tidied <- tidy(found)
  expect_identical(names(tidied)[1:3], c("column_M", "assumptions", "term"))
  expect_equal(tidied$conf.low, found$rows$parameter_interval_lower)
  expect_equal(found$rows$effect_on_mediator, rep(c(1, -1), each = 2) * python$rows()[[1]]$effect_on_mediator)
})

test_that("limits are those of Python, and unknown ones are refused", {
  skip_without_python()
  expect_error(estimate("iv_ate", "jobs_take_up", limits = c(nonsense = 1), draws = DRAWS), "nonsense", class = "CallError")
  expect_error(estimate("iv_ate", "jobs_take_up", limits = 60, draws = DRAWS), "a limit has no name", class = "CallError")
  expect_error(
    estimate("iv_ate", "jobs_take_up", limits = c(cells = 5), draws = DRAWS), "more than 5 observed cells",
    class = "LimitError"
  )
  found <- estimate("iv_ate", "jobs_take_up", limits = c(cells = 8, seconds = 60), draws = DRAWS)
  expect_same_rows(found, python_rows("iv_ate", "jobs_take_up"))
  found <- estimate("mediation_mmr", "framing", estimands = "delta0", limits = c(seconds = 60), draws = DRAWS)
  expect_identical(found$rows$estimand, "delta0")
  expect_error(
    estimate("mediation_mmr", "framing_scale", law = "Y", limits = c(seconds = 60), draws = DRAWS), "take no limits",
    class = "CallError"
  )
  curves <- function(...) sensitivity("mediation_limited_defiers", "jobs", "gamma", points = 3, draws = DRAWS, ...)
  expect_error(curves(limits = c(nonsense = 1)), "nonsense", class = "CallError")
  expect_error(curves(limits = c(cells = 5)), "more than 5 observed cells", class = "LimitError")
  expect_identical(curves(limits = c(seconds = 60), estimands = "delta1")$text, curves(estimands = "delta1")$text)
})
