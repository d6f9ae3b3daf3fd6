test_that("a mediate object has the sharp bounds of its data beside its estimates", {
  skip_without_python()
  data <- data.frame(
    treat = as.integer(framing$news) - 1L, upset = as.integer(framing$upset), message = as.integer(framing$message) - 1L
  )
  object <- made_mediate(
    glm(upset ~ treat, binomial, data), glm(message ~ treat * upset, binomial, data), "treat", "upset"
  )
  found <- mediate_bounds(object, draws = DRAWS)
  tidied <- as.data.frame(found)
  expect_identical(unique(tidied$term), c("acme_0", "acme_1", "ade_0", "ade_1", "total"))
  given <- tidied[tidied$assumptions == "sequential ignorability", ]
  expect_identical(given$estimate.lower, c(object$d0, object$d1, object$z0, object$z1, object$tau.coef))
  expect_identical(given$conf.high[1], object$d0.ci[[2]])
  for (set in c("randomization", "mmr")) {
    rows <- python_rows(paste0("mediation_", set), "framing")
    rows <- rows[match(c("delta0", "delta1", "zeta0", "zeta1", "ate"), rows$estimand), ]
    mine <- tidied[tidied$assumptions == c(randomization = "randomization", mmr = "monotonic mediator response")[[set]], ]
    expect_equal(mine$estimate.lower, rows$plug_in_lower, tolerance = 1e-12)
    expect_equal(mine$estimate.upper, rows$plug_in_upper, tolerance = 1e-12)
    # Critical values are simulated, and which estimands come before is part of the seed's stream.
    expect_equal(mine$conf.low, rows$parameter_interval_lower, tolerance = 0.05)
  }
  expect_false(any(grepl("Note: mediator|Note: outcome", format(found))))
  if (l10n_info()[["UTF-8"]]) {
    expect_match(format(found), "ACME \\(treated\\)  \u03b4\\(1\\) +0.0600 +\\[0.0300, 0.1000\\]")
    expect_match(format(found), "  sharp, randomization +\\[\u22120.3046, 0.6954\\]")
  }
  expect_match(format(found, "ascii"), "delta0 .*\\[-0.3046, 0.6954\\]")
  expect_match(format(found, "latex"), "ACME (control), $\\delta(0)$ & $0.0500$ & $[0.0200, 0.0900]$", fixed = TRUE)
  expect_match(format(found, "latex"), "\\quad sharp, randomization & $[-0.3046, 0.6954]$", fixed = TRUE)
  expect_output(print(found), "Sharp bounds beside a mediation analysis: treat -> upset -> message", fixed = TRUE)
  expect_identical(glance(found)$nobs, 265L)
  skip_if_not_installed("ggplot2")
  picture <- ggplot2::autoplot(found)
  built <- ggplot2::ggplot_build(picture)
  geometries <- vapply(picture$layers, function(layer) class(layer$geom)[1], "")
  points <- built$data[geometries == "GeomPoint"]
  expect_equal(points[[length(points)]]$x, given$estimate.lower)
  bars <- built$data[geometries == "GeomRect"][[1]]
  open <- tidied$assumptions != "sequential ignorability" & tidied$estimate.upper - tidied$estimate.lower > 1e-12
  expect_equal(sort(bars$xmin), sort(tidied$estimate.lower[open]))
})

test_that("a numeric outcome keeps its units, a mediator of many values is cut, and both are said", {
  skip_without_python()
  counts <- units_of("framing_scale")
  set.seed(1)
  counts$feeling <- ifelse(counts$M == 1, 8, 3) + sample(0:2, nrow(counts), TRUE)
  object <- made_mediate(lm(feeling ~ A, counts), lm(Y ~ A + feeling, counts), "A", "feeling")
  found <- mediate_bounds(object, cut = 7, assumptions = "mmr", draws = DRAWS)
  text <- paste(
    "model scale \"scale\"", "variable A in {0, 1} randomized", "variable M(A) in {0, 1}", "variable Y(A, M) in [1, 4]",
    "observe P(Y, M | A)", "assume mmr: M(1) >= M(0)", "estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]", sep = "\n"
  )
  file <- tempfile(fileext = ".bounds")
  on.exit(unlink(file))
  writeLines(text, file)
  rows <- python_rows(file, "framing_scale")
  mine <- subset(as.data.frame(found), term == "acme_1" & assumptions == "monotonic mediator response")
  expect_equal(c(mine$estimate.lower, mine$estimate.upper), c(rows$plug_in_lower, rows$plug_in_upper), tolerance = 1e-12)
  expect_true(any(grepl("mediator feeling is cut at 7", found$notes, fixed = TRUE)))
  expect_true(any(grepl("outcome Y lies between 1 and 4", found$notes, fixed = TRUE)))
  wider <- subset(as.data.frame(mediate_bounds(object, cut = 7, range = c(0, 5), assumptions = "mmr", draws = DRAWS)),
    term == "acme_1" & assumptions == "monotonic mediator response")
  expect_lt(wider$estimate.lower, mine$estimate.lower)
  at_median <- mediate_bounds(object, assumptions = "mmr", draws = DRAWS)
  expect_true(any(grepl(paste("its median,", median(counts$feeling)), at_median$notes, fixed = TRUE)))
  three <- mediate_bounds(made_mediate(lm(I(M + A * M) ~ A, counts), lm(Y ~ A + I(M + A * M), counts), "A", "I(M + A * M)"),
    assumptions = "randomization", draws = DRAWS)
  expect_identical(three$bounds$randomization$json$model, "mediation_randomization")
})

test_that("what the sample contradicts is said", {
  skip_without_python()
  # Three levels: the treatment moves units out of the middle, so that neither direction fits all.
  data <- data.frame(A = rep(0:1, each = 120), M = c(rep(0:2, c(20, 80, 20)), rep(0:2, c(50, 5, 65))), Y = rep(0:1, 120))
  found <- mediate_bounds(M ~ A, Y ~ A + M, data = data, draws = DRAWS)
  expect_true(any(grepl("a testable implication of monotonic mediator response fails in the sample", found$notes)))
  expect_lt(glance(found)$p.value.mmr, 0.01)
})

test_that("clusters and other arms of a mediate object are taken into account", {
  skip_without_python()
  data <- data.frame(
    arm = rep(1:3, length.out = 265), upset = as.integer(framing$upset), message = as.integer(framing$message) - 1L
  )
  village <- paste("village", seq_len(265) %% 50)
  object <- made_mediate(lm(upset ~ arm, data), lm(message ~ arm + upset, data), "arm", "upset", cluster = village,
    control.value = 3, treat.value = 1)
  found <- mediate_bounds(object, assumptions = "mmr", draws = DRAWS)
  kept <- data$arm != 2
  coded <- data.frame(A = as.integer(data$arm == 1), M = data$upset, Y = data$message, village)[kept, ]
  mine <- subset(as.data.frame(found), term == "total" & assumptions == "monotonic mediator response")
  ate <- estimate("mediation_mmr", coded, cluster = "village", estimands = "ate", draws = DRAWS)
  expect_equal(mine$estimate.lower, ate$rows$plug_in_lower, tolerance = 1e-12)
  expect_identical(found$n, sum(kept))
  expect_match(found$bounds$mmr$text, "cluster", fixed = TRUE)
  expect_true(any(grepl("89 units with other treatments|88 units with other treatments", found$notes)))
})

test_that("estimates outside the sharp bounds are pointed out", {
  skip_without_python()
  data <- data.frame(
    treat = as.integer(framing$news) - 1L, upset = as.integer(framing$upset), message = as.integer(framing$message) - 1L
  )
  object <- made_mediate(lm(upset ~ treat, data), lm(message ~ treat + upset, data), "treat", "upset", c(0.9, 0, 0, 0, 0.1))
  found <- mediate_bounds(object, draws = DRAWS)
  expect_true(any(grepl("the estimate of ACME (control) lies outside the sharp bounds", found$notes, fixed = TRUE)))
})

test_that("formulas do, with factors, covariates, weights and missing values", {
  skip_without_python()
  data <- transform(framing, age = 20 + seq_len(265) %% 50, w = 1 + seq_len(265) %% 2)
  data$message[4] <- NA
  found <- mediate_bounds(upset ~ news + age, message ~ news + upset + age, data = data, draws = DRAWS)
  expect_identical(found$n, 264L)
  expect_identical(unname(found$names), c("news", "upset", "message"))
  expect_true(any(grepl("1 units are left out", found$notes)))
  expect_true(any(grepl("treatment news: negative against neutral", found$notes)))
  weighted <- mediate_bounds(upset ~ news, message ~ news + upset, data = data, weights = ~w, draws = DRAWS)
  expect_false(isTRUE(all.equal(weighted$estimates, found$estimates)))
  turned <- mediate_bounds(upset ~ news, message ~ news + upset, data = data, control.value = "negative",
    treat.value = "neutral", draws = DRAWS)
  expect_true(any(grepl("M(1) <= M(0) is assumed", turned$notes, fixed = TRUE)))
  skip_if_not(reticulate::py_module_available("pandas"))
  python <- reticulate::import("boundgen")
  kept <- data[-4, ]
  frame <- reticulate::import("pandas")$DataFrame(list(
    A = as.integer(kept$news) - 1L, M = as.integer(kept$upset), Y = as.integer(kept$message) - 1L, age = kept$age
  ))
  rows <- python$mediate("ignorability", frame, X = list("age"))$rows()
  expect_identical(found$by, "ignorability")
  expect_equal(found$estimates$estimate, vapply(rows[1:5], function(row) row$value, 0), tolerance = 1e-12)
})

test_that("fitted models do, and strata of their covariates", {
  skip_without_python()
  data <- transform(framing, sex = rep(c("f", "m"), length.out = 265), news = as.integer(news) - 1L,
    message = as.integer(message) - 1L)
  found <- mediate_bounds(lm(upset ~ news + sex, data), lm(message ~ news + upset + sex, data), treat = "news",
    mediator = "upset", within = ~sex, assumptions = "mmr", draws = DRAWS)
  direct <- estimate("mediation_mmr", data, framing_map, within = "sex", estimands = "delta0", draws = DRAWS)
  mine <- as.data.frame(found)
  expect_equal(mine$estimate.lower[mine$term == "acme_0"][2], direct$rows$plug_in_lower[2], tolerance = 1e-12)
})

test_that("covariates may be called as variables of the model; matrices leave no estimate", {
  skip_without_python()
  data <- transform(framing, M = rep(1:5, 53), A = rep(1:53, 5))
  plain <- transform(data, m = M, a = A)
  named <- mediate_bounds(upset ~ news + M, message ~ news + upset + M + A, data = data, draws = DRAWS)
  other <- mediate_bounds(upset ~ news + m, message ~ news + upset + m + a, data = plain, draws = DRAWS)
  expect_equal(named$estimates, other$estimates, tolerance = 1e-12)
  expect_equal(as.data.frame(named), as.data.frame(other), tolerance = 1e-12)
  curved <- mediate_bounds(lm(upset ~ news + poly(A, 2), data), lm(as.integer(message) ~ news + upset + poly(A, 2), data),
    treat = "news", mediator = "upset", draws = DRAWS)
  expect_null(curved$estimates)
  expect_true(any(grepl("no estimates under sequential ignorability", curved$notes, fixed = TRUE)))
})

test_that("what has no bounds is refused in words", {
  skip_without_python()
  refused <- function(x, ...) expect_error(mediate_bounds(x, ...), class = "boundgen_error")
  expect_match(conditionMessage(refused(structure(list(), class = c("psych", "mediate")))), "package mediation")
  refused(structure(list(), class = "mediate.order"))
  refused(3)
  refused(upset ~ news)
  formulas <- function(m, y, ...) refused(m, y, data = framing, draws = DRAWS, ...)
  expect_match(conditionMessage(formulas(upsett ~ news, message ~ news + upset)), "no 'upsett'")
  expect_match(conditionMessage(formulas(upset ~ news, message ~ news + upset, cutt = 1)), "takes no 'cutt'")
  expect_match(conditionMessage(formulas(upset ~ news, message ~ news + upset, treat.value = "bad")), "is never")
  expect_match(conditionMessage(formulas(upset ~ news, message ~ news + upset, assumptions = "iv")), "no assumptions 'iv'")
  words <- transform(framing, message = rep(c("a", "b", "c"), length.out = 265))
  expect_match(
    conditionMessage(refused(upset ~ news, message ~ news + upset, data = words)), "3 levels that are no numbers"
  )
})

test_that("treat and mediator are columns, or stand in a formula: no other text is run", {
  data <- data.frame(a = rep(0:1, 4), m = rep(0:1, each = 4), y = c(0, 0, 1, 1, 0, 1, 0, 1), `b c` = rep(0:1, 4), check.names = FALSE)
  roles <- function(treat = NULL, mediator = NULL, model.m = m ~ a, model.y = y ~ a + m) {
    formula_frame(model.m, model.y, data, formula_roles(model.m, model.y, treat, mediator), NULL)
  }
  ran <- FALSE
  data_error <- function(call) expect_error(call, "neither data nor formulas have", class = "DataError")
  data_error(roles(treat = "{ran <<- TRUE; a}"))
  data_error(roles(mediator = "{ran <<- TRUE; m}"))
  data_error(mediate_bounds(m ~ a, y ~ a + m, data, treat = "stop('RAN')"))
  expect_false(ran)
  expect_error(mediate_bounds(m ~ a, y ~ a + m, data, treat = c("a", "m")), "one name each", class = "CallError")
  expect_identical(roles(treat = "b c")$treatment, data[["b c"]])
  expect_identical(roles(model.m = m ~ `b c`, model.y = y ~ `b c` + m)$treatment, data[["b c"]])
  expect_identical(roles(model.m = m ~ I(1 - a), model.y = y ~ I(1 - a) + m)$treatment, I(1 - data$a))
  expect_identical(roles(treat = "I(1 - a)", model.m = m ~ I(1 - a))$treatment, I(1 - data$a))
})
