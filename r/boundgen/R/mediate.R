# The sharp bounds beside a mediation analysis: what is left of its estimates without sequential ignorability.

# The effects by the names of the package mediation, of broom, and of boundgen.
EFFECTS <- data.frame(
  term = c("acme_0", "acme_1", "ade_0", "ade_1", "total"),
  field = c("d0", "d1", "z0", "z1", "tau"),
  estimand = c("delta0", "delta1", "zeta0", "zeta1", "tau"),
  label = c("ACME (control)", "ACME (treated)", "ADE (control)", "ADE (treated)", "Total effect"),
  symbol = c("\u03b4(0)", "\u03b4(1)", "\u03b6(0)", "\u03b6(1)", "\u03c4"),
  ascii = c("delta0", "delta1", "zeta0", "zeta1", "tau"),
  stringsAsFactors = FALSE
)
SETS <- c(randomization = "randomization", mmr = "monotonic mediator response")
# A mediator with more values is cut.
MOST_LEVELS <- 4L
MEDIATION <- "variable A in {0, 1} randomized
variable M(A) in {%s}
variable Y(A, M) in %s
observe P(Y, M | A)
%s
estimand delta0 = E[Y(0, M(1)) - Y(0, M(0))]
estimand delta1 = E[Y(1, M(1)) - Y(1, M(0))]
estimand zeta0 = E[Y(1, M(0)) - Y(0, M(0))]
estimand zeta1 = E[Y(1, M(1)) - Y(0, M(1))]
estimand tau = E[Y(A=1) - Y(A=0)]
"

#' @rdname mediate_bounds
mediate_bounds <- function(x, ...) UseMethod("mediate_bounds")

mediate_bounds.mediate <- function(x, ..., cluster = x$cluster, level = x$conf.level) {
  if (inherits(x, "psych") || is.null(x$model.y) || is.null(x$treat)) {
    abort(
      "DataError", "this is no mediation analysis by the package mediation\n",
      "  Give what mediation::mediate() returned, or its formulas."
    )
  }
  frame <- mediation_frame(x$model.m, x$model.y, x$treat, x$mediator)
  given <- given_estimates(x)
  sample <- coded_sample(frame, control = x$control.value, treated = x$treat.value, ...)
  bounded(sample, given, level, cluster, ...)
}

mediate_bounds.mediate.order <- mediate_bounds.mediate.mer <- function(x, ...) {
  abort(
    "DataError", "bounds stand beside objects of class mediate, and this is of class ", class(x)[1], "\n",
    "  An ordered outcome needs numbers for its levels, groups are a cluster: give the formulas, and cluster =."
  )
}

mediate_bounds.formula <- function(x, model.y, data, treat = NULL, mediator = NULL, ..., weights = NULL,
                                   cluster = NULL, control.value = 0, treat.value = 1, level = 0.95) {
  if (missing(model.y) || !inherits(model.y, "formula") || missing(data)) {
    abort(
      "CallError", "mediate_bounds: the formulas of mediator and outcome, and data, are needed\n",
      "  Call mediate_bounds(mediator ~ treatment, outcome ~ treatment + mediator, data = d)."
    )
  }
  roles <- formula_roles(x, model.y, treat, mediator)
  frame <- formula_frame(x, model.y, data, roles, weights)
  sample <- coded_sample(frame, control = control.value, treated = treat.value, ...)
  bounded(sample, NULL, level, if (inherits(cluster, "formula")) data[[all.vars(cluster)]] else cluster, ...)
}

mediate_bounds.default <- function(x, model.y, treat, mediator, ..., cluster = NULL, control.value = 0,
                                   treat.value = 1, level = 0.95) {
  if (is.null(tryCatch(stats::terms(x), error = function(e) NULL)) || missing(model.y)) {
    abort(
      "CallError", "bounds do not stand beside an object of class ", class(x)[1], "\n",
      "  Give a fitted mediate object, two fitted models with treat and mediator, or two formulas with data."
    )
  }
  frame <- mediation_frame(x, model.y, treat, mediator)
  sample <- coded_sample(frame, control = control.value, treated = treat.value, ...)
  bounded(sample, NULL, level, cluster, ...)
}

# ---------------------------------------------------------------- the sample
# Treatment, mediator, outcome, covariates and weights of the units that the models were fitted to.
mediation_frame <- function(model.m, model.y, treat, mediator) {
  held <- frame_of(model.y)
  outcome <- stats::model.response(held)
  weights <- stats::model.weights(held)
  for (name in c(treat, mediator)) {
    if (!name %in% names(held)) {
      abort("DataError", "the outcome's model has no variable ", quoted(name), "\n  It has: ", toString(names(held)), ".")
    }
  }
  others <- frame_of(model.m)
  if (nrow(others) != nrow(held)) {
    abort(
      "DataError", "the mediator's model has ", nrow(others), " units, and the outcome's ", nrow(held), "\n",
      "  Fit both to the same rows."
    )
  }
  covariates <- setdiff(c(names(held)[-1], names(others)[-1]), c(treat, mediator, special))
  held <- cbind(held, others[setdiff(covariates, names(held))])
  list(
    treatment = held[[treat]], mediator = held[[mediator]], outcome = outcome, weights = weights,
    covariates = held[covariates],
    names = c(A = treat, M = mediator, Y = names(held)[1]), dropped = 0L
  )
}

special <- c("(weights)", "(offset)")

# The units that a model was fitted to.
frame_of <- function(model) {
  tryCatch(stats::model.frame(model), error = function(e) {
    abort(
      "DataError", "a model of class ", class(model)[1], " does not say what it was fitted to\n",
      "  Give the formulas of both models, and data."
    )
  })
}

# Who is who: the mediator is explained by its formula, of which the treatment is the first variable.
formula_roles <- function(model.m, model.y, treat, mediator) {
  if (length(model.m) != 3L || length(model.y) != 3L) {
    abort("CallError", "a formula has no left side\n  Write mediator ~ treatment and outcome ~ treatment + mediator.")
  }
  if (length(treat) > 1L || length(mediator) > 1L) {
    abort("CallError", "treat and mediator are one name each\n  Call mediate_bounds() for each of several.")
  }
  c(
    A = if (is.null(treat)) attr(stats::terms(model.m), "term.labels")[1] else treat,
    M = if (is.null(mediator)) deparse(model.m[[2]]) else mediator,
    Y = deparse(model.y[[2]])
  )
}

# A role as an expression: a column of the data, or what the formulas say. Other text is never run as R.
role_expression <- function(role, model.m, model.y, data) {
  if (role %in% names(data)) {
    return(as.name(role))
  }
  said <- lapply(list(model.m, model.y), function(formula) {
    as.list(attr(stats::terms(formula, data = data), "variables"))[-1]
  })
  said <- unlist(said, recursive = FALSE)
  found <- said[vapply(said, function(each) role %in% c(deparse(each), deparse(each, backtick = TRUE)), NA)]
  if (length(found) == 0L) {
    abort("DataError", "neither data nor formulas have ", quoted(role), "\n  Columns: ", toString(names(data)), ".")
  }
  found[[1]]
}

formula_frame <- function(model.m, model.y, data, roles, weights) {
  written <- lapply(roles, role_expression, model.m, model.y, data)
  variables <- unique(c(all.vars(model.m[[3]]), all.vars(model.y[[3]])))
  covariates <- setdiff(variables, unlist(lapply(written, all.vars)))
  values <- lapply(written, function(role) {
    tryCatch(eval(role, data, environment(model.y)), error = function(e) {
      abort("DataError", "the data have no ", quoted(deparse(role)), "\n  Columns: ", toString(names(data)), ".")
    })
  })
  if (inherits(weights, "formula")) weights <- data[[all.vars(weights)]]
  if (is.character(weights) && length(weights) == 1L) weights <- data[[weights]]
  whole <- stats::complete.cases(cbind(data.frame(values), data[covariates]))
  list(
    treatment = values$A[whole], mediator = values$M[whole], outcome = values$Y[whole], weights = weights[whole],
    covariates = data[whole, covariates, drop = FALSE], names = roles, dropped = sum(!whole), whole = whole
  )
}

# The sample as the model has it: treatment 0 or 1, mediator in levels, the outcome in its own units.
coded_sample <- function(frame, control = 0, treated = 1, cut = NULL, range = NULL, levels = MOST_LEVELS, ...) {
  treatment <- coded_treatment(frame$treatment, control, treated, frame$names[["A"]])
  kept <- !is.na(treatment$values)
  mediator <- coded_mediator(frame$mediator[kept], cut, levels, frame$names[["M"]])
  outcome <- coded_outcome(frame$outcome, kept, range, frame$names[["Y"]])
  notes <- c(
    if (frame$dropped > 0) sprintf("%d units are left out: they miss a value", frame$dropped),
    treatment$note, mediator$note, outcome$note
  )
  list(
    data = data.frame(A = treatment$values[kept], M = mediator$values, Y = outcome$values),
    levels = mediator$levels, ordered = mediator$ordered, domain = outcome$domain, names = frame$names,
    weights = if (!is.null(frame$weights)) frame$weights[kept], kept = kept, whole = frame$whole,
    covariates = named_apart(frame$covariates[kept, , drop = FALSE]), notes = notes
  )
}

# A covariate may be called as a variable of the model is.
named_apart <- function(covariates) {
  names(covariates) <- make.unique(c("A", "M", "Y", names(covariates)))[-(1:3)]
  covariates
}

coded_treatment <- function(x, control, treated, name) {
  text <- as.character(if (is.logical(x)) as.integer(x) else x)
  ends <- as.character(c(control, treated))
  found <- sort(unique(text[!is.na(text)]))
  # Where nothing is said of them, as mediate() does.
  unsaid <- identical(ends, c("0", "1")) && !all(ends %in% found) && length(found) == 2L
  if (unsaid) ends <- if (is.factor(x)) levels(droplevels(x)) else found
  if (!all(ends %in% found)) {
    abort(
      "DataError", "the treatment ", quoted(name), " is never ", quoted(ends[!ends %in% found][1]), "\n",
      "  Say which values are compared: control.value = and treat.value =; it has: ", toString(utils::head(found, 8)), "."
    )
  }
  other <- sum(!text %in% ends)
  list(
    values = match(text, ends) - 1L,
    note = c(
      if (!identical(ends, c("0", "1"))) sprintf("treatment %s: %s against %s", name, ends[2], ends[1]),
      if (other > 0) sprintf("%d units with other treatments are left out", other)
    )
  )
}

# In levels, from 0; where there are more than a few, above its median or not.
coded_mediator <- function(x, cut, most, name) {
  if (!is.null(cut)) {
    return(cut_mediator(x, cut, name, as_said = TRUE))
  }
  factor <- if (is.factor(x)) droplevels(x) else factor(x)
  count <- nlevels(factor)
  if (count < 2L) abort("DataError", "the mediator ", quoted(name), " has one value\n  Its effects cannot be told.")
  if (count > most && !is.numeric(x)) {
    abort(
      "DataError", "the mediator ", quoted(name), " has ", count, " levels that are no numbers\n",
      "  Merge some of them, or raise levels =."
    )
  }
  if (count > most) {
    return(cut_mediator(x, stats::median(x), name, as_said = FALSE))
  }
  shown <- levels(factor)
  list(
    values = as.integer(factor) - 1L, levels = count,
    ordered = count == 2L || is.ordered(x) || is.numeric(x),
    note = if (!identical(shown, c("0", "1"))) sprintf("mediator %s: %s", name, coding_text(shown))
  )
}

coding_text <- function(levels) paste(sprintf("%s is %d", levels, seq_along(levels) - 1L), collapse = ", ")

cut_mediator <- function(x, cut, name, as_said) {
  if (!is.numeric(x)) {
    abort("DataError", "the mediator ", quoted(name), " is no number that could be cut\n  Leave cut = out.")
  }
  cut <- sort(cut)
  values <- findInterval(x, cut, left.open = TRUE)
  if (length(unique(values)) < 2L) {
    abort(
      "DataError", "the mediator ", quoted(name), " is never on both sides of ", toString(cut), "\n",
      "  It goes from ", format(min(x)), " to ", format(max(x)), ": name another cut ="
    )
  }
  where <- if (as_said) toString(cut) else paste("its median,", format(cut))
  list(
    values = match(values, sort(unique(values))) - 1L, levels = length(unique(values)), ordered = TRUE,
    note = sprintf(
      "mediator %s is cut at %s%s; the bounds are of the effect through this, and what %s does otherwise counts as direct",
      name, where, if (length(cut) == 1L) ": 1 above it" else sprintf(", into %d levels", length(unique(values))), name
    )
  )
}

# Two values are 0 and 1; other numbers keep their units, between two ends.
coded_outcome <- function(x, kept, range, name) {
  if (!is.null(dim(x)) || inherits(x, "Surv")) {
    abort("DataError", "the outcome ", quoted(name), " is no vector of numbers\n  Bounds need one number for each unit.")
  }
  x <- x[kept]
  if (is.numeric(x) && !all(x %in% c(0, 1))) {
    return(numeric_outcome(as.numeric(x), range, name))
  }
  factor <- if (is.factor(x)) droplevels(x) else factor(x)
  if (nlevels(factor) != 2L) {
    abort(
      "DataError", "the outcome ", quoted(name), " has ", nlevels(factor), " levels that are no numbers\n",
      "  Make it 0 and 1, or numbers."
    )
  }
  shown <- levels(factor)
  note <- if (!identical(shown, c("0", "1"))) sprintf("outcome %s: %s", name, coding_text(shown))
  list(values = as.integer(factor) - 1L, domain = "{0, 1}", note = note)
}

numeric_outcome <- function(x, range, name) {
  ends <- if (is.null(range)) base::range(x) else sort(as.numeric(range))
  if (length(ends) != 2L || !all(is.finite(ends)) || any(x < ends[1] | x > ends[2])) {
    abort(
      "DataError", "the outcome ", quoted(name), " has values outside ", toString(ends), "\n",
      "  range = is the smallest and the largest value that it can have."
    )
  }
  text <- vapply(ends, exact_text, "")
  list(
    values = x, domain = sprintf("[%s, %s]", text[1], text[2]),
    note = sprintf(
      "outcome %s lies between %s and %s%s: bounds are in its units and depend on these ends", name, text[1], text[2],
      if (is.null(range)) ", the smallest and largest value in the data (range says others)" else ""
    )
  )
}

# ---------------------------------------------------------------- the bounds
bounded <- function(sample, given, level, cluster, within = NULL, assumptions = names(SETS), seed = 1, draws = 1e5, ...) {
  check_known(list(...), c("cut", "range", "levels"))
  unknown <- setdiff(assumptions, names(SETS))
  if (length(unknown)) {
    abort("CallError", "there are no assumptions ", quoted(unknown[1]), "\n  There are: ", toString(names(SETS)), ".")
  }
  notes <- sample$notes
  if (!sample$ordered && "mmr" %in% assumptions) {
    assumptions <- setdiff(assumptions, "mmr")
    notes <- c(notes, "the mediator's levels have no order, so that it cannot respond monotonically")
  }
  data <- sample$data
  within <- if (inherits(within, "formula")) all.vars(within) else within
  for (name in within) {
    if (is.null(sample$covariates[[name]])) abort("DataError", "no covariate ", quoted(name), "\n  There are: ",
      toString(names(sample$covariates)), ".")
    data[[name]] <- sample$covariates[[name]]
  }
  if (is.data.frame(cluster)) cluster <- cluster[[1]]
  if (!is.null(cluster)) cluster <- of_sample(cluster, sample)
  falls <- effect_on(data$M, data$A, sample$weights) < 0
  found <- lapply(stats::setNames(assumptions, assumptions), function(set) {
    model <- bounds_model(mediation_text(sample, set, falls))
    asked <- list(model, data, weights = sample$weights, cluster = cluster, within = within)
    do.call(estimate, c(asked, list(level = level, seed = seed, draws = draws)))
  })
  if (falls && "mmr" %in% assumptions) notes <- c(notes, "the treatment lowers the mediator, so that M(1) <= M(0) is assumed")
  unused <- setdiff(names(sample$covariates), within)
  if (length(unused)) {
    notes <- c(notes, paste0(
      "the bounds take the treatment to be randomized, and do without ", toString(unused),
      if (is.null(within)) "; within averages them over strata of covariates"
    ))
  }
  if (is.null(given)) given <- ignorability_estimates(sample, level, cluster, seed)
  new_mediate_bounds(found, given, sample, level, c(notes, given$note), within)
}

of_sample <- function(values, sample) {
  if (!is.null(sample$whole) && length(values) == length(sample$whole)) values <- values[sample$whole]
  if (length(values) != length(sample$kept)) {
    abort("DataError", length(values), " clusters for ", length(sample$kept), " units\n  Give one for each unit.")
  }
  values[sample$kept]
}

check_known <- function(more, known) {
  unknown <- setdiff(names(more), known)
  if (length(unknown)) {
    abort(
      "CallError", "mediate_bounds takes no ", quoted(unknown[1]), "\n",
      "  It takes: cut, range, levels, within, cluster, assumptions, level, seed, draws."
    )
  }
}

effect_on <- function(m, a, weights) {
  weights <- if (is.null(weights)) rep(1, length(m)) else weights
  stats::weighted.mean(m[a == 1], weights[a == 1]) - stats::weighted.mean(m[a == 0], weights[a == 0])
}

mediation_text <- function(sample, set, falls) {
  levels <- paste(seq_len(sample$levels) - 1L, collapse = ", ")
  assumption <- if (set == "mmr") sprintf("assume mmr: M(1) %s M(0)", if (falls) "<=" else ">=") else ""
  paste0(
    "model mediation_", set, " \"Randomized treatment", if (set == "mmr") ", monotonic mediator response", "\"\n",
    sprintf(MEDIATION, levels, sample$domain, assumption)
  )
}

# ---------------------------------------------------------------- the estimates
given_estimates <- function(x) {
  value <- function(field) {
    found <- x[[if (field == "tau") "tau.coef" else field]]
    if (length(found) == 1L) as.numeric(found) else NA_real_
  }
  end <- function(i) {
    vapply(EFFECTS$field, function(field) {
      ends <- x[[paste0(field, ".ci")]]
      if (length(ends) == 2L) as.numeric(ends[i]) else NA_real_
    }, 0, USE.NAMES = FALSE)
  }
  list(
    values = vapply(EFFECTS$field, value, 0, USE.NAMES = FALSE), low = end(1), high = end(2),
    by = "mediate", words = sprintf("mediate() of the package mediation, n = %s", format(x$nobs)), note = NULL
  )
}

# Where there is no mediate object: boundgen's own estimates under sequential ignorability given the covariates.
ignorability_estimates <- function(sample, level, cluster, seed) {
  none <- list(values = NA_real_, low = NA_real_, high = NA_real_)
  frame <- cbind(sample$data, sample$covariates)
  if (!is.null(sample$weights)) frame$weights_ <- sample$weights
  asked <- function() {
    said <- list(
      method = "ignorability", data = python_data(frame), weights = if (!is.null(sample$weights)) "weights_",
      X = if (length(sample$covariates)) as.list(names(sample$covariates)), level = level, seed = as.integer(seed)
    )
    rows_frame(run_python("companion", said[!vapply(said, is.null, NA)])$rows)
  }
  found <- tryCatch(asked(), boundgen_error = function(e) e)
  if (inherits(found, "boundgen_error")) {
    why <- sub("\n.*", "", conditionMessage(found))
    return(c(lapply(none, rep, 5L), list(by = NULL, note = paste("no estimates under sequential ignorability:", why))))
  }
  names <- ifelse(EFFECTS$estimand == "tau", "total", EFFECTS$estimand)
  rows <- found[found$kind == "estimate", ]
  rows <- rows[match(names, rows$name), ]
  list(
    values = rows$value, low = rows$lower, high = rows$upper, by = "ignorability",
    words = "the mediation formula under sequential ignorability (Imai, Keele & Yamamoto 2010)",
    note = if (!is.null(cluster)) "the estimates beside the bounds take units to be independent"
  )
}

new_mediate_bounds <- function(found, given, sample, level, notes, within) {
  outside <- if (!is.null(given$by)) outside_notes(found, given)
  sampled <- unique(unlist(lapply(found, function(each) unlist(each$picture$notes))))
  structure(
    list(
      estimates = if (!is.null(given$by)) {
        data.frame(EFFECTS[c("term", "estimand")], estimate = given$values, conf.low = given$low, conf.high = given$high)
      },
      by = given$by, words = given$words, bounds = found, level = level, n = found[[1]]$json$n, names = sample$names,
      notes = c(notes, contradicted_notes(found), outside, sampled), within = within
    ),
    class = "mediate_bounds"
  )
}

# Which rows of an estimate are meant: those within strata, where there are any.
effect_rows <- function(estimate) {
  rows <- estimate$rows
  if (!is.null(rows$within)) rows <- rows[nzchar(rows$within), , drop = FALSE]
  rows[match(EFFECTS$estimand, rows$estimand), , drop = FALSE]
}

# A testable implication that fails makes bounds narrow, or crossed.
contradicted_notes <- function(found) {
  fails <- vapply(found, function(each) any(as.logical(each$rows$contradicted) | each$rows$violations %in% seq_len(99)), NA)
  p <- vapply(found, function(each) glance.bounds_estimate(each)$p.value, 0)
  words <- "a testable implication of %s fails in the sample (p = %s): its bounds are narrow because assumption and data disagree"
  if (any(fails)) sprintf(words, unname(SETS[names(found)[fails]]), format.pval(p[fails], digits = 3))
}

# An estimate that no population gives which has these shares: its model is wrong, or what it is of is another effect.
# Said for the weakest assumptions under which it is so.
outside_notes <- function(found, given) {
  notes <- character()
  said <- rep(FALSE, nrow(EFFECTS))
  for (set in names(found)) {
    rows <- effect_rows(found[[set]])
    far <- given$values < rows$plug_in_lower - SAME | given$values > rows$plug_in_upper + SAME
    new <- far & !is.na(far) & !said & EFFECTS$estimand != "tau"
    said <- said | new
    words <- "the estimate of %s lies outside the sharp bounds under %s"
    if (any(new)) notes <- c(notes, sprintf(words, EFFECTS$label[new], SETS[[set]]))
  }
  notes
}

# ---------------------------------------------------------------- forms
tidy.mediate_bounds <- function(x, conf.int = TRUE, type = c("parameter", "set"), ...) {
  type <- match.arg(type)
  points <- x$estimates
  given <- if (!is.null(points)) {
    data.frame(
      points[c("term", "estimand")], assumptions = "sequential ignorability", estimate.lower = points$estimate,
      estimate.upper = points$estimate, conf.low = points$conf.low, conf.high = points$conf.high
    )
  }
  sets <- lapply(names(x$bounds), function(set) {
    rows <- effect_rows(x$bounds[[set]])
    interval <- INTERVALS[[type]]
    data.frame(
      EFFECTS[c("term", "estimand")], assumptions = SETS[[set]], estimate.lower = rows$plug_in_lower,
      estimate.upper = rows$plug_in_upper, conf.low = as.numeric(rows[[paste0(interval, "_lower")]]),
      conf.high = as.numeric(rows[[paste0(interval, "_upper")]])
    )
  })
  found <- do.call(rbind, c(list(given), sets))
  found <- found[order(match(found$term, EFFECTS$term)), , drop = FALSE]
  rownames(found) <- NULL
  if (!isTRUE(conf.int)) found <- found[setdiff(names(found), c("conf.low", "conf.high"))]
  as_tibble_if(found)
}

as.data.frame.mediate_bounds <- function(x, row.names = NULL, optional = FALSE, ...) {
  as.data.frame(tidy.mediate_bounds(x, ...))
}

glance.mediate_bounds <- function(x, ...) {
  p <- vapply(x$bounds, function(each) glance.bounds_estimate(each)$p.value, 0)
  mmr <- if ("mmr" %in% names(p)) p[["mmr"]] else NA_real_
  as_tibble_if(data.frame(nobs = x$n, conf.level = x$level, estimates = if (is.null(x$by)) NA else x$by, p.value.mmr = mmr))
}

format.mediate_bounds <- function(x, type = c("text", "ascii", "latex"), digits = 4L, ...) {
  type <- match.arg(type)
  if (type == "latex") paste(mediate_latex(x, digits), collapse = "\n") else paste(mediate_text(x, digits, type), collapse = "\n")
}

toLatex.mediate_bounds <- function(object, digits = 4L, ...) structure(mediate_latex(object, digits), class = "Latex")

print.mediate_bounds <- function(x, digits = 4L, ...) {
  cat(format.mediate_bounds(x, if (l10n_info()[["UTF-8"]]) "text" else "ascii", digits), "\n", sep = "")
  invisible(x)
}

number_text <- function(x, digits, minus) {
  text <- formatC(x, format = "f", digits = digits)
  sub("^-(?=0*\\.?0*$)", "", text, perl = TRUE) |> sub(pattern = "^-", replacement = minus)
}

interval_text <- function(low, high, digits, minus) {
  ifelse(is.na(low) | is.na(high), "", ifelse(
    low > high + SAME,
    sprintf("crossed: %s, %s", number_text(low, digits, minus), number_text(high, digits, minus)),
    sprintf("[%s, %s]", number_text(low, digits, minus), number_text(high, digits, minus))
  ))
}

# Rows: each effect with its estimate, and below it the sharp bounds of each set of assumptions.
mediate_cells <- function(x, digits, minus, effects) {
  points <- x$estimates
  value <- if (is.null(points)) rep("", nrow(EFFECTS)) else {
    ifelse(is.na(points$estimate), "", number_text(points$estimate, digits, minus))
  }
  around <- if (is.null(points)) rep("", nrow(EFFECTS)) else interval_text(points$conf.low, points$conf.high, digits, minus)
  blocks <- list(data.frame(name = effects, value = value, interval = around))
  for (set in names(x$bounds)) {
    rows <- effect_rows(x$bounds[[set]])
    ends <- function(name) {
      low <- as.numeric(rows[[paste0(name, "_lower")]])
      interval_text(low, as.numeric(rows[[paste0(name, "_upper")]]), digits, minus)
    }
    block <- data.frame(name = paste("  sharp,", SETS[[set]]), value = ends("plug_in"), interval = ends("parameter_interval"))
    blocks <- c(blocks, list(block))
  }
  found <- do.call(rbind, blocks)
  found$effect <- rep(seq_along(effects), length(blocks))
  # The total effect is identified: its bounds say the same under all assumptions.
  once <- !(found$effect == nrow(EFFECTS) & duplicated(found[c("effect", "value", "interval")]))
  found[once, , drop = FALSE][order(found$effect[once]), , drop = FALSE]
}

interval_head <- function(x) paste0(format(100 * x$level, digits = 4), "% interval")

mediate_text <- function(x, digits, type) {
  symbols <- if (type == "text") EFFECTS$symbol else EFFECTS$ascii
  cells <- mediate_cells(x, digits, if (type == "text") "\u2212" else "-", paste0(EFFECTS$label, "  ", symbols))
  by <- if (is.null(x$by)) "bounds" else paste0(x$by, ", bounds")
  columns <- list(c("", cells$name), c(by, cells$value), c(interval_head(x), cells$interval))
  padded <- lapply(columns, function(column) formatC(column, width = -max(nchar(column)), flag = "-"))
  lines <- sub(" +$", "", do.call(paste, c(padded, sep = "  ")))
  wrap <- function(text) strwrap(text, 92, indent = 2, exdent = 4)
  strata <- if (!is.null(x$within)) sprintf(" Bounds are averages over strata of %s.", toString(x$within)) else ""
  found <- c(
    sprintf("Sharp bounds beside a mediation analysis: %s -> %s -> %s", x$names[["A"]], x$names[["M"]], x$names[["Y"]]),
    "", sprintf("  %d units", x$n), "", paste0("  ", lines), "",
    if (!is.null(x$by)) wrap(paste0(x$by, ": ", x$words, ".")),
    wrap(paste0(
      "Sharp: the shares of the sample are compatible with every value between the bounds, and with no other, whether ",
      "or not sequential ignorability holds. Their intervals are of the effect (Chernozhukov, Lee & Rosen 2013).", strata
    ))
  )
  notes <- if (length(x$notes)) unlist(lapply(x$notes, function(note) wrap(paste0("Note: ", note, "."))))
  c(found, if (length(notes)) "", notes)
}

mediate_latex <- function(x, digits) {
  symbols <- c("\\delta(0)", "\\delta(1)", "\\zeta(0)", "\\zeta(1)", "\\tau")
  cells <- mediate_cells(x, digits, "-", paste0(EFFECTS$label, ", $", symbols, "$"))
  math <- function(column) ifelse(nzchar(column), paste0("$", column, "$"), "")
  rows <- paste0(sub("^  ", "\\\\quad ", cells$name), " & ", math(cells$value), " & ", math(cells$interval), " \\\\")
  head <- gsub("%", "\\%", interval_head(x), fixed = TRUE)
  c(
    "\\begin{tabular}{lrr}", "\\toprule",
    sprintf(" & %s & %s \\\\", if (is.null(x$by)) "Bounds" else "Estimate, bounds", head),
    "\\midrule", rows, "\\bottomrule", "\\end{tabular}"
  )
}

# ---------------------------------------------------------------- the picture
autoplot.mediate_bounds <- function(object, title = NULL, ...) {
  need_ggplot2()
  bars <- do.call(rbind, lapply(names(object$bounds), function(set) {
    rows <- effect_rows(object$bounds[[set]])
    bars_of(rows, EFFECTS$label, SETS[[set]], object$bounds[[set]]$picture$outer)
  }))
  groups <- unname(SETS[names(object$bounds)])
  if (!is.null(object$estimates)) groups <- c("", groups)
  bars <- placed(bars, EFFECTS$label, groups)
  said <- object$bounds[[1]]$picture
  points <- object$estimates
  if (!is.null(points)) points$place <- -(match(points$term, EFFECTS$term) - 1) * attr(bars, "height")
  aes <- ggplot2::aes
  shown <- droplevels(bars$group)
  attr(bars, "shown") <- shown
  picture <- ggplot2::ggplot() + bar_layers(bars) + zero_line(upright = TRUE)
  if (!is.null(points)) {
    picture <- picture +
      ggplot2::geom_segment(
        aes(x = .data$conf.low, xend = .data$conf.high, y = .data$place, yend = .data$place),
        points[!is.na(points$conf.low), , drop = FALSE], linewidth = 0.35
      ) +
      ggplot2::geom_point(aes(x = .data$estimate, y = .data$place), points[!is.na(points$estimate), , drop = FALSE],
        size = 1.8
      )
  }
  picture +
    row_scale(bars) +
    ggplot2::scale_fill_manual(
      values = stats::setNames(FILLS[seq_along(levels(shown))], levels(shown)), name = NULL, breaks = levels(shown)
    ) +
    ggplot2::labs(
      x = said$unit, y = NULL, title = title,
      subtitle = sprintf("%s -> %s -> %s: %d units", object$names[["A"]], object$names[["M"]],
        object$names[["Y"]], object$n
      ),
      caption = lines_of(
        if (!is.null(points)) sprintf("Points: %s.", object$words),
        bars_text(bars, "sharp bounds", said$outer_label),
        note_lines(object$notes)
      )
    ) +
    boundgen_theme()
}
