"""Causal graphs of other programs, read into models and written from them."""
