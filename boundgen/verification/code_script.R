# A function of R at laws of the data: its file, its name and the laws in, a line for each value out.
# What stands on standard input: file, function, side, "mapped" or "given", names, then the values at each law;
# names and values are parted by tabs.
lines <- readLines(file("stdin"), encoding = "UTF-8")
out <- local({
  said <- function(kind, text = "") paste0("refused\t", kind, "\t", gsub("[[:space:]]+", " ", text))
  reason <- function(error) conditionMessage(error)
  sink(nullfile())
  on.exit(sink())
  path <- lines[[1]]
  names_of <- strsplit(paste0(lines[[5]], "\t."), "\t", fixed = TRUE)[[1]]
  names_of <- names_of[-length(names_of)]
  if (grepl("[.][Rr]$", path) && !file.exists(path)) return(said("file"))
  room <- new.env(parent = globalenv())
  loaded <- tryCatch({
    if (grepl("[.][Rr]$", path)) sys.source(path, room, chdir = TRUE) else room <- asNamespace(path)
    NULL
  }, error = reason)
  if (!is.null(loaded)) return(said("import", loaded))
  if (!exists(lines[[2]], room, inherits = FALSE)) return(said("missing", paste(sort(ls(room)), collapse = ", ")))
  f <- get(lines[[2]], room)
  if (!is.function(f)) return(said("call", class(f)[[1]]))
  at <- function(line) {
    values <- as.numeric(strsplit(line, "\t", fixed = TRUE)[[1]])
    found <- if (lines[[4]] == "mapped") {
      f(setNames(values, names_of))
    } else {
      arguments <- as.list(values)
      names(arguments) <- names_of
      do.call(f, arguments)
    }
    if (length(found) == 2) found <- found[[if (lines[[3]] == "lower") 1 else 2]]
    if (!is.numeric(found) || length(found) != 1) return(said("kind", class(found)[[1]]))
    sprintf("%.17g", found)
  }
  each <- function(line) tryCatch(suppressWarnings(at(line)), error = function(e) said("raises", reason(e)))
  laws <- lines[-(1:5)]
  found <- vapply(laws, each, "", USE.NAMES = FALSE)
  if (any(vapply(head(laws, 3), each, "", USE.NAMES = FALSE) != head(found, 3))) return(said("changes"))
  found
})
writeLines(out)
