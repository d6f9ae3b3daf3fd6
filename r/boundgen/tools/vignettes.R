# The vignettes with their results, from their sources in tools/, so that they build where Python is not installed.
# Run in r/boundgen, with the package installed: Rscript tools/vignettes.R [--check]
check <- "--check" %in% commandArgs(TRUE)
sources <- list.files("tools", "[.]Rmd$", full.names = TRUE)
changed <- character()
for (source in normalizePath(sources)) {
  folder <- if (check) tempfile("vignettes") else "vignettes"
  dir.create(folder, showWarnings = FALSE)
  kept <- setwd(folder)
  knitr::knit(source, basename(source), quiet = TRUE, envir = new.env())
  setwd(kept)
  made <- readLines(file.path(folder, basename(source)), encoding = "UTF-8")
  # Pictures differ by fonts; the text is compared.
  if (check && !identical(made, readLines(file.path("vignettes", basename(source)), encoding = "UTF-8"))) {
    changed <- c(changed, basename(source))
  }
}
if (length(changed)) {
  message("not up to date: ", toString(changed), "; run Rscript tools/vignettes.R in r/boundgen")
  quit(status = 1)
}
