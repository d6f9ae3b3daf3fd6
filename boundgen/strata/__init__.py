"""Model to linear program: principal strata, found on demand."""
