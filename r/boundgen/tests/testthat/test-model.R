test_that("statements of R and the text that they write are one model", {
  skip_without_python()
  built <- bounds_model(
    source_of("Somebody (2020)"),
    variable("A", randomized = TRUE),
    variable("M", c(0, 1), parents = "A"),
    variable("Y", c("low", "1st class"), parents = c("A", "M")),
    parameter("g", 0, Inf),
    observe("P(Y, M | A)"),
    define("ATM", "P(M=1 | A=1) - P(M=1 | A=0)"),
    assume("M(1) >= M(0)", name = "mmr"),
    estimand("high", "P(Y(A=1)=\"1st class\")", label = "High in arm 1"),
    name = "mine", title = "A title"
  )
  text <- "model mine \"A title\"
source \"Somebody (2020)\"
variable A in {0, 1} randomized
variable M(A) in {0, 1}
variable Y(A, M) in {low, \"1st class\"}
observe P(Y, M | A)
parameter g in [0, inf)
define ATM = P(M=1 | A=1) - P(M=1 | A=0)
assume mmr: M(1) >= M(0)
estimand high \"High in arm 1\" = P(Y(A=1)=\"1st class\")
"
  expect_identical(as.character(built), as.character(bounds_model(text)))
  expect_identical(as.character(bounds_model(built)), as.character(built))
  expect_output(print(built), "model mine \"A title\"", fixed = TRUE)
})

test_that("bounded outcomes and causes are statements too", {
  skip_without_python()
  built <- bounds_model(
    variable("X"), variable("M", parents = "X"), variable("Y", parents = "M", between = c(-1.5, 2)),
    confounded("X", "Y"), observe("P(X, M, Y)"), estimand("mean", "E[Y(1)]")
  )
  expect_match(as.character(built), "variable Y(M) in [-3/2, 2]", fixed = TRUE)
  expect_match(as.character(built), "confounded X, Y", fixed = TRUE)
  alone <- bounds_model(variable("X"), unconfounded(), observe("P(X)"), estimand("mean", "E[X]"))
  expect_match(as.character(alone), "unconfounded", fixed = TRUE)
})

test_that("a name of the catalogue, a file and a text are models", {
  skip_without_python()
  named <- bounds_model("iv_ate")
  file <- tempfile(fileext = ".bounds")
  on.exit(unlink(file))
  writeLines(as.character(named), file)
  expect_identical(as.character(bounds_model(file)), as.character(named))
  expect_identical(as.character(bounds_model(readLines(file))), as.character(named))
  expect_identical(as.character(named), python("found = str(boundgen.catalogue.load('iv_ate'))"))
})

test_that("graphs of dagitty are models, with what was chosen in warnings", {
  skip_without_python()
  graph <- structure("dag {\nX [exposure]\nY [outcome]\nX -> Y\nX <-> Y\n}\n", class = "dagitty")
  expect_warning(bounds_model(graph), class = "boundgen_warning")
  model <- suppressWarnings(bounds_model("Z -> X -> Y; X <-> Y", randomized = "Z", levels = c(Z = 3), name = "iv"))
  expect_match(as.character(model), "model iv\n", fixed = TRUE)
  expect_match(as.character(model), "variable Z in {0, 1, 2} randomized", fixed = TRUE)
  expect_match(as.character(model), "observe P(X, Y | Z)", fixed = TRUE)
})

test_that("graphs of igraph are models: latent vertices, levels, and causes that edges describe", {
  skip_without_python()
  skip_if_not_installed("igraph")
  graph <- igraph::graph_from_literal(Z -+ X, X -+ Y, U -+ X, U -+ Y)
  igraph::V(graph)$latent <- c(0, 0, 0, 1)
  igraph::V(graph)$nvals <- c(3, 2, 2, 2)
  one <- suppressWarnings(bounds_model(graph, randomized = "Z"))
  expect_match(as.character(one), "variable Z in {0, 1, 2} randomized", fixed = TRUE)
  expect_match(as.character(one), "confounded X, Y", fixed = TRUE)

  graph <- igraph::make_graph(c("Z", "X", "X", "Y", "X", "Y", "Y", "X"))
  igraph::E(graph)$description <- c(NA, NA, "U", "U")
  two <- suppressWarnings(bounds_model(graph, randomized = "Z", levels = c(Z = 3)))
  expect_identical(as.character(two), as.character(one))

  expect_error(bounds_model(igraph::make_ring(3)), class = "GraphError")
})

test_that("a model survives being saved", {
  skip_without_python()
  file <- tempfile(fileext = ".rds")
  on.exit(unlink(file))
  model <- bounds_model("iv_ate")
  saveRDS(model, file)
  again <- readRDS(file)
  expect_identical(as.character(again), as.character(model))
  expect_identical(derive(again, "ate")$text, derive(model, "ate")$text)
  expect_s3_class(reticulate::r_to_py(again), "boundgen.language.model.Model")
})

test_that("texts that cannot stand between quotes are refused", {
  skip_without_python()
  refused <- function(call) expect_error(call, "double quote or a new line", class = "ModelError")
  refused(variable("X", c("a", "say \"b\"")))
  refused(estimand("e", "P(X=1)", label = "one\ntwo"))
  refused(source_of("A \"Study\" (2020)"))
  refused(bounds_model(variable("X"), observe("P(X)"), estimand("e", "P(X=1)"), title = "t\"\nassume X = 1"))
  expect_identical(unclass(variable("X", c(FALSE, TRUE))), "variable X in {FALSE, TRUE}")
  label <- estimand("e", "P(X=1)", label = "it's \u2013 50% \\ so")
  expect_identical(unclass(label), "estimand e \"it's \u2013 50% \\ so\" = P(X=1)")
})

test_that("numbers are written with a point, whatever the session's decimal mark", {
  skip_without_python()
  kept <- options(OutDec = ",")
  on.exit(options(kept))
  expect_identical(unclass(parameter("g", 0, 0.25)), "parameter g in [0, 0.25]")
  expect_identical(unclass(variable("Y", between = c(-1.5, 2))), "variable Y in [-1.5, 2]")
  expect_identical(exact_text(0.1), "0.1")
  expect_identical(recoded(list(A = c(low = 0, high = 0.5))), list(A = c(low = "0", high = "0.5")))
  expect_s3_class(ask("mediation_mmr", "delta0", value = 0.5), "bounds_answers")
})
