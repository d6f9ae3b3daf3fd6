"""Exact polyhedra: the dual, its vertices and rays, and exact linear optima. Only this room imports cdd and ppl."""
