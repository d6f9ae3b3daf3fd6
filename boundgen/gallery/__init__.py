"""The page of published bounds."""
