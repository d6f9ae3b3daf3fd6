DRAWS <- 1000L

# The same estimates asked for in Python, in R's process and not through the child: a frame of its rows.
python_rows <- function(model, data, ..., draws = DRAWS) {
  boundgen <- reticulate::import("boundgen")
  found <- boundgen$estimate(model, data, ..., draws = draws)
  rows <- found$rows()
  columns <- lapply(names(rows[[1]]), function(name) {
    unlist(lapply(rows, function(row) if (is.null(row[[name]])) NA else row[[name]]))
  })
  as.data.frame(stats::setNames(columns, names(rows[[1]])), optional = TRUE)
}

expect_same_rows <- function(found, rows) {
  numbers <- names(rows)[vapply(rows, is.numeric, NA)]
  expect_identical(found$rows$estimand, rows$estimand)
  for (name in numbers) expect_equal(as.numeric(found$rows[[name]]), as.numeric(rows[[name]]), tolerance = 1e-12)
}

# One row for each unit of shipped counts.
units_of <- function(name) {
  catalogue <- reticulate::import("boundgen")$catalogue
  table <- utils::read.csv(text = catalogue$data(name), comment.char = "#")
  table[rep(seq_len(nrow(table)), table$count), setdiff(names(table), "count"), drop = FALSE]
}

framing_map <- c(A = "news", M = "upset", Y = "message")

# A fitted mediation analysis, as mediation::mediate() 4.5 returns it (long = FALSE), with made-up estimates.
made_mediate <- function(model.m, model.y, treat, mediator, values = c(0.05, 0.06, 0.04, 0.05, 0.1), ...) {
  ends <- function(value) c(`2.5%` = value - 0.03, `97.5%` = value + 0.04)
  structure(
    utils::modifyList(
      list(
        d0 = values[1], d1 = values[2], d0.ci = ends(values[1]), d1.ci = ends(values[2]), d0.p = 0, d1.p = 0,
        z0 = values[3], z1 = values[4], z0.ci = ends(values[3]), z1.ci = ends(values[4]), z0.p = 0, z1.p = 0,
        n0 = 0.5, n1 = 0.6, n0.ci = c(0, 1), n1.ci = c(0, 1), n0.p = 0, n1.p = 0,
        tau.coef = values[5], tau.ci = ends(values[5]), tau.p = 0,
        d.avg = mean(values[1:2]), z.avg = mean(values[3:4]), n.avg = 0.5,
        boot = FALSE, boot.ci.type = "perc", treat = treat, mediator = mediator, covariates = NULL, INT = FALSE,
        conf.level = 0.95, model.y = model.y, model.m = model.m, control.value = 0, treat.value = 1,
        nobs = nrow(stats::model.frame(model.y)), sims = 100, robustSE = FALSE, cluster = NULL
      ),
      list(...)
    ),
    class = "mediate"
  )
}

coef_and_intervals <- function(found) cbind(coef(found), confint(found))
