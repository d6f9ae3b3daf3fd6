# One row for each respondent, from the counts that boundgen ships (boundgen/catalogue/data/framing.csv).
framing <- local({
  cells <- expand.grid(Y = 0:1, M = 0:1, A = 0:1)
  count <- c(104, 28, 33, 32, 20, 7, 20, 21)
  units <- cells[rep(seq_len(nrow(cells)), count), ]
  data.frame(
    news = factor(units$A, 0:1, c("neutral", "negative")),
    upset = units$M == 1L,
    message = factor(units$Y, 0:1, c("no", "yes")),
    row.names = NULL
  )
})
