library(testthat)
library(boundgen)

test_check("boundgen")
