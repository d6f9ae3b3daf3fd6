# Data as Python reads them: names of files or of shipped data, cells by name, data frames, or a list of these, one for
# each `observe` statement of the model.

python_data <- function(data) {
  if (inherits(data, "table")) data <- as.data.frame(data, stringsAsFactors = FALSE)
  if (is.character(data) && is.null(names(data))) {
    return(if (length(data) == 1) path.expand(data) else lapply(data, path.expand))
  }
  if (is.data.frame(data)) {
    return(list(columns = Map(python_column, data, names(data), USE.NAMES = FALSE)))
  }
  if (is.numeric(data) && !is.null(names(data)) && is.null(dim(data))) {
    return(list(cells = as.list(data)))
  }
  if (is.list(data) && length(data) > 0) {
    if (!is.null(names(data)) && all(vapply(data, function(x) is.numeric(x) && length(x) == 1, NA))) {
      return(list(cells = data))
    }
    return(list(sources = lapply(unname(data), python_data), numbers = as.list(statement_numbers(names(data)))))
  }
  abort(
    "DataError", class(data)[1], " is not a source of data\n",
    "  Give a data frame, a named vector of counts or probabilities, the name of a file, or a name of catalogue(data = TRUE)."
  )
}

# Of which `observe` statement each source of a list is: its name is the number.
statement_numbers <- function(names) {
  wrong <- names[!grepl("^[0-9]{1,9}$", names)]
  if (length(wrong) > 0) {
    abort(
      "DataError", "a list of data has the name ", quoted(wrong[1]), ", which is no number of an observe statement\n",
      "  Write list(`1` = a, `2` = b), or leave the names out."
    )
  }
  if (!is.null(names)) as.integer(names)
}

# The different values of a column, and for each row the place of its value, from 0; -1 where it is missing.
python_column <- function(x, name) {
  if (!is.atomic(x) || !is.null(dim(x))) {
    abort("DataError", "data frame: column ", quoted(name), " is no vector\n  Leave it out, or make it one.")
  }
  labels <- attr(x, "labels", exact = TRUE)
  missing <- is.na(x) | is_user_missing(x)
  levels <- if (is.factor(x)) levels(droplevels(x))
  if (is.factor(x)) x <- as.character(x)
  if (inherits(x, c("Date", "POSIXt", "difftime"))) x <- as.character(x)
  x <- as.vector(unclass(x))
  if (is.integer(x)) x <- as.numeric(x)
  values <- unique(x[!missing])
  codes <- match(x, values) - 1L
  codes[missing] <- -1L
  list(
    name = name,
    codes = codes,
    values = values,
    levels = if (length(levels) > 1) as.list(levels),
    labels = if (length(labels) > 0) list(as.list(as.vector(unclass(labels))), as.list(names(labels)))
  )
}

# Values that SPSS declares as missing, as haven keeps them where it is not asked to drop them.
is_user_missing <- function(x) {
  values <- attr(x, "na_values", exact = TRUE)
  range <- attr(x, "na_range", exact = TRUE)
  x <- as.vector(unclass(x))
  found <- if (is.null(values)) FALSE else x %in% values
  if (!is.null(range)) found <- found | (x >= range[1] & x <= range[2])
  found
}

# What is said of columns and rows, as Python takes it; the names are those of R's arguments.
reading_options <- function(map = NULL, where = NULL, dichotomize = NULL, recode = NULL, weights = NULL, cluster = NULL,
                            within = NULL, thin_strata = NULL, kind = NULL, counts = NULL, probabilities = NULL,
                            events = NULL, totals = NULL, drop_missing = FALSE) {
  list(
    columns = written_option(map),
    where = written_option(where),
    dichotomize = written_option(dichotomize),
    recode = if (is.list(recode)) lapply(recode, as_given) else written_option(recode),
    weights = weights,
    cluster = cluster,
    within = written_option(within),
    thin_strata = thin_strata,
    kind = kind,
    counts = counts,
    probabilities = probabilities,
    events = written_option(events),
    totals = totals,
    drop_missing = if (isTRUE(drop_missing)) TRUE
  )
}

# The same from the dots of a verb, of which none may be misspelt.
said_of_data <- function(...) {
  known <- names(formals(reading_options))
  said <- ...names()
  unknown <- if (...length() > 0) setdiff(if (is.null(said)) "" else said, known)
  if (length(unknown) > 0) {
    abort("CallError", "there is no use for an argument ", quoted(unknown[1]), "\n  Of data may be said: ", toString(known))
  }
  reading_options(...)
}

# A named vector is a mapping; texts stay texts.
written_option <- function(x) if (is.null(names(x))) as_given(x) else as.list(x)

as_given <- function(x) if (is.null(names(x))) { if (length(x) > 1) as.list(x) else x } else as.list(x)

# Values of parameters: a number, or several to be combined.
written_parameters <- function(at) {
  if (!is.null(at)) lapply(as.list(at), function(value) if (length(value) > 1) as.list(value) else value)
}
