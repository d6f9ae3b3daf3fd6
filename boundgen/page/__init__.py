"""The page of `boundgen serve`: its server, the children that answer, and what a browser is given."""
