"""A model file as it stands in somebody else's repository: one published bound, with its verdict."""

MODEL = """model iv
variable Z in {0, 1} randomized
variable X(Z) in {0, 1}
variable Y(X) in {0, 1}
observe P(X, Y | Z)
estimand ate = E[Y(1) - Y(0)]
claim "Robins (1989)" for ate
  lower P(X=1, Y=1 | Z=1) - P(X=1 | Z=1) - P(X=0, Y=1 | Z=1)
  expect valid
"""
