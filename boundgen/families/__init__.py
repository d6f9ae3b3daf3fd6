"""Closed forms for every number of levels of a variable."""
