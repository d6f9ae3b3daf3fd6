skip_if_not_installed("ggplot2")

# What a layer of a picture draws, by the class of its geometry.
drawn_by <- function(picture, geometry) {
  built <- ggplot2::ggplot_build(picture)
  geometries <- vapply(picture$layers, function(layer) class(layer$geom)[1], "")
  built$data[geometries == geometry]
}

test_that("bars, lines and diamonds stand at the estimates", {
  skip_without_python()
  found <- estimate("mediation_mmr", framing, framing_map, draws = DRAWS)
  picture <- ggplot2::autoplot(found)
  rows <- found$rows
  open <- rows$plug_in_upper - rows$plug_in_lower > 1e-12
  bars <- drawn_by(picture, "GeomRect")[[1]]
  expect_equal(bars$xmin, rows$plug_in_lower[open])
  expect_equal(bars$xmax, rows$plug_in_upper[open])
  # From above, in the order of the model.
  expect_true(all(diff(bars$ymin) < 0))
  segments <- drawn_by(picture, "GeomSegment")
  expect_equal(segments[[1]]$x, rows$parameter_interval_lower)
  expect_equal(segments[[1]]$xend, rows$parameter_interval_upper)
  expect_equal(segments[[2]]$x, rows$half_median_unbiased_lower)
  points <- drawn_by(picture, "GeomPoint")
  expect_equal(points[[2]]$x, rows$plug_in_lower[!open])
  lines <- drawn_by(picture, "GeomVline")
  expect_identical(lines[[1]]$xintercept, 0)
  expect_equal(lines[[2]]$xintercept, rows$plug_in_lower[rows$estimand == "ate"])
  expect_match(picture$labels$subtitle, "framing: 265 units", fixed = TRUE)
  expect_match(picture$labels$caption, "95% interval of the parameter", fixed = TRUE)
  file <- tempfile(fileext = ".pdf")
  on.exit(unlink(file))
  grDevices::pdf(file)
  # No letter is missing in the fonts of a plain device.
  expect_silent(shown <- plot(found))
  expect_identical(class(shown), class(picture))
  grDevices::dev.off()
})

test_that("what is crossed is no interval, and refuted bars are frames", {
  skip_without_python()
  falling <- data.frame(A = rep(0:1, each = 100), M = rep(c(1, 0, 1, 0), c(80, 20, 20, 80)), Y = rep(0:1, 100))
  found <- estimate("mediation_mmr", falling, estimands = c("delta0", "ate"), draws = DRAWS)
  expect_true(as.logical(found$rows$contradicted[1]))
  picture <- ggplot2::autoplot(found)
  rects <- drawn_by(picture, "GeomRect")
  expect_length(rects, 1)
  expect_true(all(is.na(rects[[1]]$fill)))
  expect_match(picture$labels$caption, "assumptions and data disagree", fixed = TRUE)
  expect_output(print(summary(found)), "Assumptions and data disagree", fixed = TRUE)
})

test_that("rows within strata stand beside those without", {
  skip_without_python()
  found <- estimate("mediation_mmr", "jobs_sex", within = "sex", estimands = c("delta0", "zeta0"), draws = DRAWS)
  bars <- drawn_by(ggplot2::autoplot(found), "GeomRect")[[1]]
  expect_equal(bars$xmin, found$rows$plug_in_lower)
  expect_length(unique(bars$fill), 2)
})

test_that("against a parameter lines are exact and bands are the intervals", {
  skip_without_python()
  found <- sensitivity("mediation_limited_defiers", "bursztyn", "gamma", high = 0.2, estimands = "zeta0", points = 5,
    draws = DRAWS)
  boundgen <- reticulate::import("boundgen")
  model <- boundgen$catalogue$load("mediation_limited_defiers")
  data <- boundgen$read_data(model, "bursztyn")
  curves <- reticulate::import("boundgen.evaluation.curves")
  exact <- curves$sensitivity(model$bound("zeta0"), reticulate::py_get_attr(data, "probabilities"), "gamma", 0L, "1/5")
  float <- reticulate::import_builtins()$float
  corners <- function(curve) t(vapply(curve$points, function(point) c(float(point[[1]]), float(point[[2]])), c(0, 0)))
  frame <- as.data.frame(found)
  lower <- frame[frame$side == "lower", ]
  expect_equal(unname(as.matrix(lower[c("gamma", "bound")])), corners(exact$lower), tolerance = 1e-12)
  upper <- frame[frame$side == "upper", ]
  expect_equal(unname(as.matrix(upper[c("gamma", "bound")])), corners(exact$upper), tolerance = 1e-12)
  picture <- ggplot2::autoplot(found)
  ribbons <- drawn_by(picture, "GeomRibbon")
  rows <- python_rows("mediation_limited_defiers", "bursztyn", gamma = "0:0.2:0.05", estimands = "zeta0")
  expect_equal(ribbons[[1]]$x, rows$gamma)
  expect_equal(ribbons[[1]]$ymin, rows$parameter_interval_lower)
  expect_equal(ribbons[[1]]$ymax, rows$parameter_interval_upper)
  expect_equal(range(ribbons[[2]]$ymin), range(lower$bound))
  points <- drawn_by(picture, "GeomPoint")
  kinks <- c(float(exact$lower$kinks[[1]][[1]]), float(exact$upper$kinks[[1]][[1]]))
  expect_equal(points[[1]]$x, kinks)
  # The last is the diamond, where the lower bound is zero.
  expect_equal(points[[length(points)]]$x, float(exact$lower$sign_lost[[1]]))
  segment <- drawn_by(picture, "GeomSegment")[[1]]
  lost <- boundgen$breakdown(model$bound("zeta0"), data, "gamma", low = 0L, high = "1/5", draws = DRAWS)
  expect_equal(c(segment$x, segment$xend), unlist(lost$breakdowns[[1]]$interval))
  expect_match(found$text, "breakdown values", fixed = TRUE)
  # An estimate in several values is drawn so too, without the interval of the parameter.
  estimated <- estimate("mediation_limited_defiers", "bursztyn", gamma = seq(0, 0.2, 0.05), estimands = "zeta0",
    draws = DRAWS)
  expect_equal(drawn_by(ggplot2::autoplot(estimated), "GeomRibbon")[[1]]$ymin, rows$parameter_interval_lower)
})

test_that("probabilities have curves without bands; what the data exclude is marked", {
  skip_without_python()
  cells <- c("P(Y=0,M=0|A=0)" = 0.2, "P(Y=1,M=1|A=0)" = 0.8, "P(Y=0,M=0|A=1)" = 0.5, "P(Y=1,M=1|A=1)" = 0.5)
  found <- sensitivity("mediation_limited_defiers", cells, "gamma", estimands = "delta1")
  picture <- ggplot2::autoplot(found)
  expect_length(drawn_by(picture, "GeomRibbon"), 1)
  refuted <- drawn_by(picture, "GeomRect")[[1]]
  # The mediator falls by 0.3: fewer defiers than that there cannot be.
  expect_equal(c(refuted$xmin, refuted$xmax), c(0, 0.3))
  # Each value of the other parameters has a panel of its own.
  paid <- bounds_model(paste(
    "model paid \"Pay-offs\"", "variable A in {0, 1} randomized", "variable M(A) in {0, 1}", "observe P(M | A)",
    "parameter g in [0, 1]", "parameter h in [0, inf)", "assume P(M(1) < M(0)) <= g",
    "estimand w = h * P(M(1) > M(0))", sep = "\n"
  ))
  cells <- c("P(M=0|A=0)" = 0.7, "P(M=1|A=0)" = 0.3, "P(M=0|A=1)" = 0.5, "P(M=1|A=1)" = 0.5)
  panels <- ggplot2::ggplot_build(ggplot2::autoplot(sensitivity(paid, cells, "g", h = c(1, 2), high = 0.5)))
  expect_identical(as.character(panels$layout$layout$panel), c("w, h = 1", "w, h = 2"))
  expect_error(sensitivity("mediation_limited_defiers", "jobs", "gama"), "Did you mean 'gamma'", class = "boundgen_error")
})

test_that("the founding paper's figure has effects at left and bounds at right", {
  skip_without_python()
  data <- transform(framing, calm = !upset)
  map <- list(A = "news", M = c("upset", "calm"), Y = "message")
  found <- side_by_side(c("mediation_randomization", "mediation_mmr"), data, c("delta0", "delta1"), map, draws = DRAWS)
  picture <- ggplot2::autoplot(found)
  built <- ggplot2::ggplot_build(picture)
  expect_identical(levels(built$layout$layout$panel)[1], "effect of A on M")
  expect_identical(nrow(built$layout$layout), 3L)
  bars <- drawn_by(picture, "GeomRect")
  rows <- found$rows
  whole <- rows[!as.logical(rows$contradicted), ]
  expect_setequal(round(bars[[1]]$xmin, 10), round(whole$plug_in_lower, 10))
  expect_true(all(bars[[1]]$PANEL != 1))
  points <- Filter(function(layer) all(layer$PANEL == 1), drawn_by(picture, "GeomPoint"))
  expect_equal(points[[1]]$x, unique(rows$effect_on_mediator))
  totals <- Filter(function(layer) "22" %in% layer$linetype, drawn_by(picture, "GeomSegment"))[[1]]
  expect_equal(unique(totals$x), unique(rows$effect_on_outcome))
  # Panels of bounds have one scale.
  ranges <- lapply(built$layout$panel_params[2:3], function(panel) panel$x.range)
  expect_equal(ranges[[1]], ranges[[2]])
})

test_that("bounds at given shares are bars", {
  skip_without_python()
  found <- evaluate("mediation_limited_defiers", "framing", at = list(gamma = c(0, 0.1)), estimands = c("delta0", "ate"))
  picture <- ggplot2::autoplot(found)
  rows <- found$rows
  open <- rows$upper - rows$lower > 1e-12
  bars <- drawn_by(picture, "GeomRect")[[1]]
  expect_equal(bars$xmin, rows$lower[open])
  expect_equal(drawn_by(picture, "GeomPoint")[[1]]$x, rows$lower[!open])
})

test_that("pictures say that they need ggplot2", {
  expect_error(need_ggplot2(FALSE), "pictures need ggplot2", class = "boundgen_error")
  expect_null(need_ggplot2())
})
