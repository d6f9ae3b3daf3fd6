"""Texts of users in every language that boundgen writes: one module, and one way of escaping, for each."""
