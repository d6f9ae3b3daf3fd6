"""The exact linear program over the principal strata, and its reductions: one pass, one file."""
