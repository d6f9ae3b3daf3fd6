"""Texts in every language that boundgen writes: escaping, tables, numbers and signs; knows no result."""
