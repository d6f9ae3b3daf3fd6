mediate_bounds <- function(x, ...) UseMethod("mediate_bounds")
mediate_bounds.default <- mediate_bounds.formula <- mediate_bounds.mediate <- function(x, ...) NULL
as.data.frame.mediate_bounds <- format.mediate_bounds <- glance.mediate_bounds <- tidy.mediate_bounds <- autoplot.mediate_bounds <- print.mediate_bounds <- toLatex.mediate_bounds <- function(x, ...) NULL
