# The R peer on instruments of several levels: one line "name,seconds" for each; nothing where it is not installed.
if (requireNamespace("causaloptim", quietly = TRUE) && requireNamespace("igraph", quietly = TRUE)) {
  suppressPackageStartupMessages({
    library(causaloptim)
    library(igraph)
  })
  for (levels in 3:6) {
    graph <- graph_from_literal(Z -+ X, X -+ Y, Ur -+ X, Ur -+ Y)
    V(graph)$leftside <- c(1, 0, 0, 0)
    V(graph)$latent <- c(0, 0, 0, 1)
    V(graph)$nvals <- c(levels, 2, 2, 2)
    E(graph)$rlconnect <- c(0, 0, 0, 0)
    E(graph)$edge.monotone <- c(0, 0, 0, 0)
    seconds <- system.time({
      problem <- analyze_graph(graph, constraints = NULL, effectt = "p{Y(X = 1) = 1} - p{Y(X = 0) = 1}")
      optimize_effect_2(problem)
    })[["elapsed"]]
    cat(sprintf("instrument, %d levels,%.3f\n", levels, seconds))
    flush.console()
  }
}
