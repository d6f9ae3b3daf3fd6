"""A chain of four whose second and fourth variable share a cause: the data meet an equation of Verma's kind."""

VERMA = """model verma
variable A in {0, 1}
variable B(A) in {0, 1}
variable C(B) in {0, 1}
variable D(C) in {0, 1}
confounded B, D
observe P(A, B, C, D)
"""
