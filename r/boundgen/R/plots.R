# Pictures by ggplot2, in grey: bounds are thick bars, corrected bounds lines in them, intervals thin lines.
# As boundgen's own pictures, which follow Figures 2 and 4 of Blackwell, Ma & Opacic (2024).

INK <- "black"
SHADE <- "grey55"
PALE <- "grey85"
LIGHT <- "grey93"
REFUTED <- "grey75"
FILLS <- c("grey78", "white", "grey55", "grey90", "grey66", "grey97")
BAR <- 0.62
# Between rows, in heights of a bar.
GAP <- 0.6
MOST_BARS <- 60L
MOST_PANELS <- 12L
LONGEST_LABEL <- 34L
LONGEST_NOTE <- 115L
# Where two ends are the same but for rounding.
SAME <- 1e-12

plot.bounds_estimate <- function(x, ...) drawn(autoplot.bounds_estimate(x, ...))
plot.bounds_sensitivity <- function(x, ...) drawn(autoplot.bounds_sensitivity(x, ...))
plot.bounds_side_by_side <- function(x, ...) drawn(autoplot.bounds_side_by_side(x, ...))
plot.bounds_evaluations <- function(x, ...) drawn(autoplot.bounds_evaluations(x, ...))
plot.mediate_bounds <- function(x, ...) drawn(autoplot.mediate_bounds(x, ...))

drawn <- function(picture) {
  print(picture)
  invisible(picture)
}

need_ggplot2 <- function(is_there = requireNamespace("ggplot2", quietly = TRUE)) {
  if (!is_there) {
    abort("LibraryError", "pictures need ggplot2, which is not installed\n  Install it: install.packages(\"ggplot2\").")
  }
}

autoplot.bounds_estimate <- function(object, total = NULL, title = NULL, ...) {
  need_ggplot2()
  said <- object$picture
  title <- if (is.null(title)) said$title else title
  if (!is.null(said$parameter)) {
    return(curves_picture(said, object$rows, title, total))
  }
  bars <- estimate_bars(object)
  if (nrow(bars) > MOST_BARS) {
    abort("DataError", "a picture of ", nrow(bars), " estimates\n  At most ", MOST_BARS, ": ask for fewer values.")
  }
  line <- if (is.null(total)) said$total else total
  label <- if (is.null(total) && !is.null(said$total_label)) said$total_label else "total effect"
  picture <- ggplot2::ggplot() +
    bar_layers(bars) +
    zero_line(upright = TRUE) +
    total_line(line, upright = TRUE) +
    row_scale(bars) +
    group_scale(bars) +
    ggplot2::labs(
      x = sprintf("bounds (%s)", said$unit),
      y = NULL,
      title = title,
      subtitle = lines_of(said$source, endless_text(object)),
      caption = lines_of(
        bars_text(bars, "plug-in bounds", said$outer_label),
        if (!is.null(line)) sprintf("Grey dashes: %s (%s).", label, short(line)),
        note_lines(said$notes)
      )
    ) +
    boundgen_theme()
  picture
}

# Bounds at given shares, without sampling error.
autoplot.bounds_evaluations <- function(object, title = NULL, ...) {
  need_ggplot2()
  rows <- object$rows
  label <- rows$estimand
  for (parameter in parameters_before(rows, "lower")) {
    label <- sprintf("%s, %s = %s", label, parameter, vapply(rows[[parameter]], short, ""))
  }
  lower <- as.numeric(rows$lower)
  upper <- as.numeric(rows$upper)
  bars <- data.frame(
    label = label, group = "", estimand = rows$estimand, lower = lower, upper = upper, inner_lower = NA_real_,
    inner_upper = NA_real_, outer_lower = NA_real_, outer_upper = NA_real_,
    refuted = (!is.na(rows$violations) & rows$violations > 0) | (lower > upper + SAME) %in% TRUE
  )
  drawable <- is.finite(lower) & is.finite(upper)
  undrawn <- unique(label[!drawable])
  bars <- placed(bars[drawable, , drop = FALSE])
  if (nrow(bars) == 0L) abort("DataError", "there are no bounds with finite ends to draw\n  Name other estimands.")
  ggplot2::ggplot() +
    bar_layers(bars) +
    zero_line(upright = TRUE) +
    row_scale(bars) +
    group_scale(bars) +
    ggplot2::labs(
      x = "bounds", y = NULL, title = title,
      caption = lines_of(
        bars_text(bars, "bounds at the shares of the data", ""),
        if (length(undrawn)) sprintf("%s: not drawn.", undrawn)
      )
    ) +
    boundgen_theme()
}

# The columns of a tidy table that hold values of parameters.
parameters_before <- function(rows, column) {
  before <- names(rows)[seq_len(which(names(rows) == column) - 1L)]
  setdiff(before, "estimand")
}

# ---------------------------------------------------------------- bars
# A bar for each estimate, and one more where it was averaged over strata.
estimate_bars <- function(object) {
  said <- object$picture
  rows <- object$rows
  label <- unname(unlist(said$labels)[rows$estimand])
  for (parameter in said$parameters) {
    label <- sprintf("%s, %s = %s", label, parameter, vapply(rows[[parameter]], short, ""))
  }
  within <- if (is.null(rows$within)) "" else rows$within
  group <- ifelse(nzchar(within), paste("within", within), if (any(nzchar(within))) "all units" else "")
  placed(bars_of(rows, label, group, said$outer))
}

# Ends of bars and lines as they may be drawn: what is crossed is no interval, and what has no end is left out.
bars_of <- function(rows, label, group, outer) {
  crossed <- strsplit(as.character(rows$crossed), " ", fixed = TRUE)
  ends <- function(name) {
    low <- as.numeric(rows[[paste0(name, "_lower")]])
    high <- as.numeric(rows[[paste0(name, "_upper")]])
    drawn <- is.finite(low) & is.finite(high) & !vapply(crossed, function(names) name %in% names, NA)
    list(low = ifelse(drawn, low, NA), high = ifelse(drawn, high, NA))
  }
  inner <- ends("half_median_unbiased")
  thin <- ends(outer)
  bars <- data.frame(
    label = as.character(label),
    group = as.character(group),
    estimand = rows$estimand,
    lower = rows$plug_in_lower,
    upper = rows$plug_in_upper,
    inner_lower = inner$low,
    inner_upper = inner$high,
    outer_lower = thin$low,
    outer_upper = thin$high,
    refuted = as.logical(rows$contradicted) | (!is.na(rows$violations) & rows$violations > 0) |
      rows$plug_in_lower > rows$plug_in_upper + SAME,
    stringsAsFactors = FALSE
  )
  bars[is.finite(bars$lower) & is.finite(bars$upper), , drop = FALSE]
}

# The height at which each bar stands: rows from above, in each row a bar for each group.
placed <- function(bars, labels = unique(bars$label), groups = unique(bars$group)) {
  height <- length(groups) + GAP
  bars$row <- match(bars$label, labels)
  bars$place <- -((bars$row - 1) * height + match(bars$group, groups) - 1)
  bars$group <- factor(bars$group, groups)
  attr(bars, "labels") <- labels
  attr(bars, "middles") <- -((seq_along(labels) - 1) * height + (length(groups) - 1) / 2)
  attr(bars, "height") <- height
  bars
}

bar_layers <- function(bars) {
  whole <- bars[!bars$refuted & bars$upper - bars$lower > SAME, , drop = FALSE]
  refuted <- bars[bars$refuted, , drop = FALSE]
  point <- bars[!bars$refuted & abs(bars$upper - bars$lower) <= SAME, , drop = FALSE]
  inner <- bars[!is.na(bars$inner_lower), , drop = FALSE]
  outer <- bars[!is.na(bars$outer_lower), , drop = FALSE]
  aes <- ggplot2::aes
  box <- aes(
    xmin = .data$lower, xmax = .data$upper, ymin = .data$place - BAR / 2, ymax = .data$place + BAR / 2,
    fill = .data$group
  )
  across <- function(low, high) aes(x = .data[[low]], xend = .data[[high]], y = .data$place, yend = .data$place)
  ends <- rbind(data.frame(x = outer$outer_lower, outer[side_columns(outer)]),
                data.frame(x = outer$outer_upper, outer[side_columns(outer)]))
  layers <- list(
    ggplot2::geom_rect(box, whole, colour = INK, linewidth = 0.3),
    ggplot2::geom_rect(
      aes(xmin = pmin(.data$lower, .data$upper), xmax = pmax(.data$lower, .data$upper),
          ymin = .data$place - BAR / 2, ymax = .data$place + BAR / 2),
      refuted, fill = NA, colour = INK, linewidth = 0.3, linetype = "22"
    ),
    ggplot2::geom_segment(across("outer_lower", "outer_upper"), outer, colour = INK, linewidth = 0.35),
    ggplot2::geom_point(aes(x = .data$x, y = .data$place), ends, shape = "|", size = 2.5, colour = INK),
    ggplot2::geom_segment(across("inner_lower", "inner_upper"), inner, colour = INK, linewidth = 1.1),
    ggplot2::geom_point(aes(x = .data$lower, y = .data$place), point, shape = 18, size = 2.6, colour = INK)
  )
  layers[c(nrow(whole), nrow(refuted), nrow(outer), nrow(outer), nrow(inner), nrow(point)) > 0]
}

side_columns <- function(bars) setdiff(names(bars), "x")

row_scale <- function(bars) {
  height <- attr(bars, "height")
  middles <- attr(bars, "middles")
  list(ggplot2::scale_y_continuous(
    breaks = middles,
    labels = vapply(attr(bars, "labels"), wrapped, "", width = LONGEST_LABEL),
    limits = c(min(middles) - height / 2, max(middles) + height / 2),
    expand = ggplot2::expansion(0, 0)
  ))
}

group_scale <- function(bars) {
  groups <- levels(bars$group)
  fills <- stats::setNames(rep_len(FILLS, length(groups)), groups)
  alone <- length(groups) == 1L && !nzchar(groups)
  list(ggplot2::scale_fill_manual(
    values = fills, name = NULL, guide = if (alone) "none" else ggplot2::guide_legend(nrow = 2)
  ))
}

zero_line <- function(upright) {
  line <- if (upright) ggplot2::geom_vline(xintercept = 0, linetype = "13") else
    ggplot2::geom_hline(yintercept = 0, linetype = "13")
  list(line)
}

total_line <- function(value, upright) {
  if (is.null(value)) {
    return(list())
  }
  line <- if (upright) ggplot2::geom_vline else ggplot2::geom_hline
  at <- stats::setNames(list(value), if (upright) "xintercept" else "yintercept")
  list(do.call(line, c(at, list(linetype = "22", colour = SHADE, linewidth = 0.9))))
}

boundgen_theme <- function() {
  list(
    ggplot2::theme_minimal(base_size = 10),
    ggplot2::theme(
      panel.grid.minor = ggplot2::element_blank(),
      panel.grid.major.y = ggplot2::element_blank(),
      plot.title.position = "plot",
      plot.caption.position = "plot",
      plot.title = ggplot2::element_text(size = 10),
      plot.subtitle = ggplot2::element_text(size = 9),
      plot.caption = ggplot2::element_text(hjust = 0, size = 7.5),
      strip.text = ggplot2::element_text(hjust = 0),
      legend.position = "bottom"
    )
  )
}

# ---------------------------------------------------------------- words
bars_text <- function(bars, bounds, outer) {
  named <- any(nzchar(levels(bars$group)))
  lines_of(
    sprintf(
      "Bars: %s%s%s.",
      bounds,
      if (any(!is.na(bars$inner_lower))) "; thick lines: half-median-unbiased bounds" else "",
      if (any(!is.na(bars$outer_lower))) sprintf("; thin lines: %s", outer) else ""
    ),
    if (any(bars$refuted)) "Dashed frames: narrow because assumptions and data disagree.",
    if (named && any(abs(bars$upper - bars$lower) <= SAME)) "Diamonds: lower = upper."
  )
}

endless_text <- function(object) {
  rows <- object$rows
  columns <- grep("^(plug_in|half_median_unbiased|set_interval|parameter_interval)_(lower|upper)$", names(rows))
  endless <- rowSums(vapply(rows[columns], function(x) is.infinite(as.numeric(x)), logical(nrow(rows))) |
    matrix(FALSE, nrow(rows), length(columns))) > 0
  names <- unique(rows$estimand[endless])
  if (length(names)) sprintf("%s: what has no end is not drawn", names)
}

note_lines <- function(notes) {
  if (length(notes)) vapply(notes, function(note) wrapped(paste0("Note: ", note, "."), LONGEST_NOTE), "")
}

lines_of <- function(...) {
  lines <- unlist(list(...))
  lines <- lines[!is.na(lines) & nzchar(lines)]
  if (length(lines)) paste(vapply(lines, wrapped, "", width = LONGEST_NOTE), collapse = "\n")
}

wrapped <- function(text, width) {
  lines <- strsplit(text, "\n", fixed = TRUE)[[1]]
  paste(unlist(lapply(lines, strwrap, width = width + 1L)), collapse = "\n")
}

# A number as pictures print it.
short <- function(number) format(signif(number, 3), digits = 3)

# ---------------------------------------------------------------- curves
# Bounds against a parameter: exact lines with kinks, the interval as a band, where the data refute the assumptions.
curves_picture <- function(said, rows, title, total = NULL) {
  panels <- said$panels
  if (length(panels) > MOST_PANELS) {
    abort(
      "DataError", "a picture of ", length(panels), " curves against ", said$parameter, "\n  At most ", MOST_PANELS,
      ": name estimands, or give the other parameters one value."
    )
  }
  names <- vapply(panels, panel_name, "", labels = said$labels)
  parts <- function(make) {
    found <- lapply(seq_along(panels), function(i) in_panel(make(panels[[i]]), names[i], names))
    do.call(rbind, found)
  }
  units <- unique(vapply(panels, function(panel) panel$unit, ""))
  bounds <- parts(bound_lines)
  band <- parts(between_bounds)
  refuted <- parts(refuted_ranges)
  kinks <- parts(kink_points)
  lost <- parts(lost_points)
  interval <- if (!is.null(rows)) parts(function(panel) runs(panel, rows, said, said$outer))
  corrected <- if (!is.null(rows)) parts(function(panel) runs(panel, rows, said, "half_median_unbiased"))
  where_lost <- parts(lost_interval)
  aes <- ggplot2::aes
  have <- function(frame) !is.null(frame) && nrow(frame) > 0
  lost_line <- function() {
    list(
      ggplot2::geom_segment(aes(x = .data$low, xend = .data$high, y = 0, yend = 0), where_lost, linewidth = 1),
      ggplot2::geom_point(aes(x = .data$low, y = 0), where_lost, shape = "|", size = 4)
    )
  }
  picture <- ggplot2::ggplot()
  if (have(refuted)) {
    box <- aes(xmin = .data$low, xmax = .data$high, ymin = -Inf, ymax = Inf)
    picture <- picture + ggplot2::geom_rect(box, refuted, fill = REFUTED)
  }
  ribbon <- aes(x = .data$x, ymin = .data$lower, ymax = .data$upper, group = .data$line)
  if (have(interval)) {
    picture <- picture + ggplot2::geom_ribbon(ribbon, interval, fill = LIGHT, colour = SHADE, linewidth = 0.25)
  }
  if (have(band)) picture <- picture + ggplot2::geom_ribbon(ribbon, band, fill = PALE)
  picture <- picture + zero_line(upright = FALSE) + total_line(total, upright = FALSE)
  if (have(corrected)) {
    side <- function(end) aes(x = .data$x, y = .data[[end]], group = .data$line)
    picture <- picture +
      ggplot2::geom_line(side("lower"), corrected, linetype = "42", linewidth = 0.4) +
      ggplot2::geom_line(side("upper"), corrected, linetype = "42", linewidth = 0.4)
  }
  if (have(bounds)) {
    picture <- picture + ggplot2::geom_line(
      aes(x = .data$x, y = .data$y, group = .data$line, linewidth = .data$allowed), bounds
    ) + ggplot2::scale_linewidth_manual(values = c(`TRUE` = 0.8, `FALSE` = 0.3), guide = "none")
  }
  if (have(kinks)) picture <- picture + ggplot2::geom_point(aes(.data$x, .data$y), kinks, shape = 21, fill = "white")
  if (have(where_lost)) picture <- picture + lost_line()
  if (have(lost)) picture <- picture + ggplot2::geom_point(aes(.data$x, .data$y), lost, shape = 18, size = 3)
  picture +
    ggplot2::facet_wrap("panel", ncol = 1, scales = if (length(units) == 1) "fixed" else "free_y") +
    ggplot2::labs(
      x = sprintf("sensitivity parameter %s", said$parameter),
      y = sprintf("bounds (%s)", paste(units, collapse = " or ")),
      title = title,
      subtitle = lines_of(said$source),
      caption = lines_of(
        curves_text(have(bounds), have(kinks), have(lost), have(refuted)),
        if (have(corrected)) "Dashed: half-median-unbiased bounds.",
        if (have(interval)) sprintf("Lighter band: %s.", said$outer_label),
        if (have(where_lost)) "Line along zero: interval of where the sign is lost.",
        if (any(vapply(panels, function(panel) length(panel$lower$endless) + length(panel$upper$endless) > 0, NA))) {
          "Where there is no line the bound has no end."
        },
        if (!is.null(total)) sprintf("Grey dashes: total effect (%s).", short(total)),
        note_lines(said$notes)
      )
    ) +
    boundgen_theme() +
    ggplot2::theme(panel.grid.major.y = ggplot2::element_line())
}

curves_text <- function(bounds, kinks, lost, refuted) {
  said <- c(
    if (bounds) "Lines: bounds at the sample's shares",
    if (kinks) "circles: kinks",
    if (lost) "diamond: the sign is lost",
    if (refuted) "dark: a testable implication fails, the data contradict the assumptions"
  )
  if (length(said)) paste0(paste(said, collapse = "; "), ".")
}

panel_name <- function(panel, labels) {
  label <- labels[[panel$estimand]]
  fixed <- unlist(panel$fixed)
  if (!length(fixed)) {
    return(label)
  }
  at <- sprintf("%s = %s", names(fixed), vapply(fixed, short, ""))
  paste(c(label, at), collapse = ", ")
}

in_panel <- function(frame, name, names) {
  if (is.null(frame) || nrow(frame) == 0) {
    return(NULL)
  }
  frame$panel <- factor(name, unique(names))
  if (!is.null(frame$line)) frame$line <- paste(match(name, names), frame$line)
  frame
}

# Pairs of numbers as a frame.
points_of <- function(pairs) {
  data.frame(x = vapply(pairs, function(p) as.numeric(p[[1]]), 0), y = vapply(pairs, function(p) as.numeric(p[[2]]), 0))
}

# Where the data allow the assumptions: nowhere, if nothing is said.
allowed_range <- function(panel) {
  if (is.null(panel$allowed)) c(panel$high, panel$high) else as.numeric(unlist(panel$allowed))
}

# The part of a line between two places.
part_of <- function(line, low, high) {
  low <- max(low, line$x[1])
  high <- min(high, line$x[nrow(line)])
  if (low >= high) {
    return(NULL)
  }
  x <- c(low, line$x[line$x > low & line$x < high], high)
  data.frame(x = x, y = stats::approx(line$x, line$y, x, ties = "ordered")$y)
}

bound_lines <- function(panel) {
  range <- allowed_range(panel)
  found <- list()
  for (side in c("lower", "upper")) {
    for (line in lapply(panel[[side]]$lines, points_of)) {
      for (piece in list(c(panel$low, range[1]), range, c(range[2], panel$high))) {
        part <- part_of(line, piece[1], piece[2])
        if (is.null(part)) next
        part$side <- side
        part$allowed <- identical(piece, range)
        part$line <- length(found) + 1L
        found[[length(found) + 1L]] <- part
      }
    }
  }
  do.call(rbind, found)
}

between_bounds <- function(panel) {
  range <- allowed_range(panel)
  found <- list()
  for (below in lapply(panel$lower$lines, points_of)) {
    for (above in lapply(panel$upper$lines, points_of)) {
      low <- max(range[1], below$x[1], above$x[1])
      high <- min(range[2], max(below$x), max(above$x))
      if (low >= high) next
      x <- sort(unique(c(low, high, below$x, above$x)))
      x <- x[x >= low & x <= high]
      at <- function(line) stats::approx(line$x, line$y, x, ties = "ordered")$y
      found[[length(found) + 1L]] <- data.frame(x = x, lower = at(below), upper = at(above), line = length(found) + 1L)
    }
  }
  do.call(rbind, found)
}

refuted_ranges <- function(panel) {
  range <- allowed_range(panel)
  found <- data.frame(low = c(panel$low, range[2]), high = c(range[1], panel$high))
  found[found$low < found$high, , drop = FALSE]
}

kink_points <- function(panel) {
  range <- allowed_range(panel)
  found <- points_of(c(panel$lower$kinks, panel$upper$kinks))
  found[found$x >= range[1] & found$x <= range[2], , drop = FALSE]
}

lost_points <- function(panel) {
  places <- as.numeric(unlist(c(panel$lower$sign_lost, panel$upper$sign_lost)))
  data.frame(x = places, y = rep(0, length(places)))
}

lost_interval <- function(panel) {
  ends <- panel$lost_interval
  if (is.null(ends) || is.null(ends[[1]])) {
    return(NULL)
  }
  data.frame(low = as.numeric(ends[[1]]), high = if (is.null(ends[[2]])) panel$high else as.numeric(ends[[2]]))
}

# The intervals of one panel by rising values of the parameter; where one is none there is a gap.
runs <- function(panel, rows, said, name) {
  mine <- rows$estimand == panel$estimand & (if (is.null(rows$within)) TRUE else !nzchar(rows$within))
  for (other in names(panel$fixed)) mine <- mine & abs(rows[[other]] - panel$fixed[[other]]) <= SAME
  rows <- rows[mine, , drop = FALSE]
  rows <- rows[order(rows[[said$parameter]]), , drop = FALSE]
  low <- as.numeric(rows[[paste0(name, "_lower")]])
  high <- as.numeric(rows[[paste0(name, "_upper")]])
  drawn <- is.finite(low) & is.finite(high) & low <= high
  line <- cumsum(c(TRUE, diff(drawn) != 0))
  data.frame(x = rows[[said$parameter]], lower = low, upper = high, line = line)[drawn, , drop = FALSE]
}

# ---------------------------------------------------------------- the founding paper's figure
autoplot.bounds_side_by_side <- function(object, title = NULL, ...) {
  need_ggplot2()
  said <- object$picture
  shown <- side_by_side_bars(object)
  left <- side_by_side_effects(object, attr(shown, "middles"))
  panels <- c(if (!is.null(left)) said$effect_title, unname(unlist(said$labels)))
  panels <- vapply(panels, wrapped, "", width = LONGEST_LABEL, USE.NAMES = FALSE)
  title_of <- function(text) factor(vapply(text, wrapped, "", width = LONGEST_LABEL, USE.NAMES = FALSE), panels)
  shown$panel <- title_of(unlist(said$labels)[shown$estimand])
  totals <- side_by_side_totals(object, shown, title_of(unlist(said$labels)))
  aes <- ggplot2::aes
  picture <- ggplot2::ggplot() + bar_layers(shown) + zero_line(upright = TRUE)
  if (nrow(totals)) {
    picture <- picture + ggplot2::geom_segment(
      aes(x = .data$x, xend = .data$x, y = .data$bottom, yend = .data$top), totals,
      linetype = "22", colour = SHADE, linewidth = 0.9
    )
  }
  if (!is.null(left)) {
    left$panel <- title_of(rep(said$effect_title, nrow(left)))
    picture <- picture +
      ggplot2::geom_segment(
        aes(x = .data$low, xend = .data$high, y = .data$place, yend = .data$place),
        left[!is.na(left$low), , drop = FALSE], linewidth = 0.35
      ) +
      ggplot2::geom_point(aes(x = .data$value, y = .data$place), left, size = 1.8)
  }
  # One scale for the panels that are compared.
  ends <- range(c(shown$lower, shown$upper, shown$outer_lower, shown$outer_upper, totals$x, 0), na.rm = TRUE)
  every <- expand.grid(x = ends, panel = title_of(unlist(said$labels)))
  every$y <- attr(shown, "middles")[1]
  picture +
    ggplot2::geom_blank(aes(x = .data$x, y = .data$y), every) +
    ggplot2::facet_wrap("panel", nrow = 1, scales = "free_x", drop = FALSE) +
    row_scale(shown) +
    group_scale(shown) +
    ggplot2::labs(
      x = if (!is.null(left) && said$mediator_unit != said$unit) {
        sprintf("%s; bounds in %s", said$mediator_unit, said$unit)
      } else {
        said$unit
      },
      y = NULL,
      title = title,
      subtitle = lines_of(said$source),
      caption = lines_of(
        bars_text(shown, "bounds", said$outer_label),
        if (!is.null(left)) "Points: estimated effects with confidence intervals.",
        if (nrow(totals)) sprintf("Grey dashes: %s.", said$total_title),
        note_lines(said$notes)
      )
    ) +
    boundgen_theme()
}

# Bars of all choices of columns, under each set of assumptions.
side_by_side_bars <- function(object) {
  said <- object$picture
  rows <- object$rows
  label <- rep(unlist(said$rows), unlist(said$lengths))
  sets <- stats::setNames(unlist(said$sets), unlist(said$models))
  group <- unname(sets[rows$model])
  known <- c("model", "estimand")
  before <- names(rows)[seq(which(names(rows) == "estimand") + 1L, which(names(rows) == "plug_in_lower"))]
  for (parameter in setdiff(before, c(known, "plug_in_lower"))) {
    value <- rows[[parameter]]
    group <- ifelse(is.na(value), group, sprintf("%s, %s = %s", group, parameter, vapply(value, short, "")))
  }
  placed(bars_of(rows, label, group, said$outer), unique(unlist(said$rows)), unique(group))
}

side_by_side_effects <- function(object, middles) {
  said <- object$picture
  found <- numbers_of(said$effects)
  if (is.null(said$effect_title) || all(is.na(found$value))) {
    return(NULL)
  }
  found$place <- middles
  found[!is.na(found$value), , drop = FALSE]
}

# The total effect in each row, in each panel of bounds.
side_by_side_totals <- function(object, bars, panels) {
  found <- numbers_of(object$picture$totals)
  half <- attr(bars, "height") / 2
  found <- data.frame(x = found$value, bottom = attr(bars, "middles") - half, top = attr(bars, "middles") + half)
  found <- found[!is.na(found$x), , drop = FALSE]
  do.call(rbind, lapply(seq_along(panels), function(i) {
    if (nrow(found)) cbind(found, panel = panels[i]) else found
  }))
}

numbers_of <- function(triples) {
  number <- function(i) vapply(triples, function(t) if (is.null(t[[i]])) NA_real_ else as.numeric(t[[i]]), 0)
  data.frame(value = number(1), low = number(2), high = number(3))
}
