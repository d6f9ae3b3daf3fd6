catalogue <- function(data = FALSE) {
  found <- run_python("catalogue", list(data = isTRUE(data)))
  rows_frame(found$rows)
}
