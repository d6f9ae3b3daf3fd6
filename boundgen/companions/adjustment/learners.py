"""Regressions that stand for nuisances: multinomial logit by Newton's method, and least squares; both with weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from boundgen.data.columns import Codes
from boundgen.exact.arrays import Array

# Of the sum of weights; it gives a separated logit a maximum, and a singular one a unique one.
RIDGE = 1e-9
MOST_STEPS = 100
SMALL_STEP = 1e-10
HALVINGS = 30


@dataclass(frozen=True, eq=False)
class Learned:
    """A fitted regression.

    Parameters
    ----------
    coefficients : array of shape (regressors, classes - 1), or (regressors, 1) for least squares
        Of a logit: log odds of each class against the first.
    bread : array of shape (size, size)
        The inverse of the matrix of second derivatives, for the coefficients in the order of their rows by class.
    logit : bool
    """

    coefficients: Array
    bread: Array
    logit: bool

    def shares(self, design: Array) -> Array:
        """The probability of each class, shape (n, classes)."""
        return _softmax(np.column_stack([np.zeros(len(design)), design @ self.coefficients]))

    def mean(self, design: Array) -> Array:
        """The mean of the outcome, shape (n,); of a logit the probability of the second of two classes."""
        found: Array = self.shares(design)[:, 1] if self.logit else (design @ self.coefficients)[:, 0]
        return found

    def slope(self, design: Array) -> Array:
        """The derivative of the mean by the linear predictor."""
        if not self.logit:
            return np.ones(len(design))
        p = self.mean(design)
        return p * (1 - p)

    def influences(self, design: Array, residuals: Array, weights: Array) -> Array:
        """What each unit adds to the error of each coefficient, shape (n, size); residuals are (n, classes - 1)."""
        scores = (weights[:, None] * residuals)[:, :, None] * design[:, None, :]
        found: Array = scores.reshape(len(design), -1) @ self.bread
        return found


def least_squares(design: Array, left: Array, weights: Array) -> Learned:
    """Weighted least squares; of regressors that depend on each other the shortest solution."""
    root = np.sqrt(weights)
    coefficients: Array = np.asarray(np.linalg.lstsq(root[:, None] * design, root * left, rcond=None)[0])
    bread = np.asarray(np.linalg.pinv((weights[:, None] * design).T @ design, hermitian=True), dtype=np.float64)
    return Learned(coefficients[:, None], bread, False)


def logit(design: Array, codes: Array | Codes, classes: int, weights: Array) -> Learned:
    """A multinomial logit of classes 0, 1, ... on the regressors."""
    regressors = design.shape[1]
    ridge = RIDGE * float(weights.sum())
    chosen = (codes[:, None] == np.arange(1, classes)).astype(np.float64)
    found = np.zeros((regressors, classes - 1))
    value = _loss(design, chosen, weights, ridge, found)
    for _ in range(MOST_STEPS):
        p = _softmax(np.column_stack([np.zeros(len(design)), design @ found]))[:, 1:]
        gradient = design.T @ (weights[:, None] * (chosen - p)) - ridge * found
        step = np.linalg.solve(_curvature(design, p, weights, ridge), gradient.T.ravel())
        step = step.reshape(classes - 1, regressors).T
        found, value, moved = _moved(design, chosen, weights, ridge, found, step, value)
        if moved < SMALL_STEP:
            break
    p = _softmax(np.column_stack([np.zeros(len(design)), design @ found]))[:, 1:]
    bread = np.asarray(np.linalg.inv(_curvature(design, p, weights, ridge)), dtype=np.float64)
    return Learned(found, bread, True)


def _moved(
    design: Array, chosen: Array, weights: Array, ridge: float, start: Array, step: Array, value: float
) -> tuple[Array, float, float]:
    """A Newton step, halved until the loss does not rise: coefficients, their loss, and the largest change."""
    for halving in range(HALVINGS):
        tried = start + step / 2**halving
        loss = _loss(design, chosen, weights, ridge, tried)
        if loss <= value:
            return tried, loss, float(np.abs(tried - start).max())
    return start, value, 0.0


def _loss(design: Array, chosen: Array, weights: Array, ridge: float, coefficients: Array) -> float:
    predictor = np.column_stack([np.zeros(len(design)), design @ coefficients])
    top = predictor.max(axis=1)
    logs = top + np.log(np.exp(predictor - top[:, None]).sum(axis=1))
    of_chosen = (chosen * predictor[:, 1:]).sum(axis=1)
    return float(weights @ (logs - of_chosen)) + ridge / 2 * float((coefficients**2).sum())


def _curvature(design: Array, p: Array, weights: Array, ridge: float) -> Array:
    """The matrix of second derivatives of the loss, in blocks of classes."""
    classes = p.shape[1]
    blocks = [
        [design.T @ ((weights * p[:, j] * ((j == k) - p[:, k]))[:, None] * design) for k in range(classes)]
        for j in range(classes)
    ]
    found = np.block(blocks)
    return np.asarray(found + ridge * np.eye(len(found)))


def _softmax(predictor: Array) -> Array:
    powers = np.exp(predictor - predictor.max(axis=1, keepdims=True))
    found: Array = powers / powers.sum(axis=1, keepdims=True)
    return found
