"""Multinomial logistic regression: the same numbers from the same rows, with numpy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


def softmax(z: Array) -> Array:
    """Probabilities of logits, along the last axis."""
    e = np.exp(z - z.max(-1, keepdims=True))
    p: Array = e / e.sum(-1, keepdims=True)
    return p


def logistic(x: Array, y: Array, *, penalty: float, steps: int) -> tuple[Array, Array]:
    """Weights (features, classes) and biases (classes) that tell rows `x` as `y`: shares, (rows, classes).

    `penalty`: on the square of the weights. Accelerated gradient descent, always this many steps, from zero:
    no randomness in it.
    """
    ones = np.hstack([x, np.ones((len(x), 1))])
    penalties = np.full((ones.shape[1], 1), penalty)
    penalties[-1] = 1e-3  # the biases are free to go where the classes are
    # How large a step is safe follows from the largest eigenvalue, found by going along its direction.
    direction = np.ones(ones.shape[1])
    largest = 1.0
    for _ in range(30):
        direction = ones.T @ (ones @ direction)
        largest = float(np.linalg.norm(direction)) or 1.0
        direction /= largest
    rate = 1 / (0.5 * 1.05 * largest + penalty)
    weights = ahead = np.zeros((ones.shape[1], y.shape[1]))
    momentum = 1.0
    for _ in range(steps):
        stepped = ahead - rate * (ones.T @ (softmax(ones @ ahead) - y) + penalties * ahead)
        following = (1 + (1 + 4 * momentum * momentum) ** 0.5) / 2
        ahead = stepped + (momentum - 1) / following * (stepped - weights)
        weights, momentum = stepped, following
    return weights[:-1], weights[-1]


def in_span(x: Array, y: Array, *, penalty: float, steps: int) -> tuple[Array, Array]:
    """`logistic` in the space that the rows span: the same, and quicker where features outnumber rows."""
    if len(x) >= x.shape[1]:
        return logistic(x, y, penalty=penalty, steps=steps)
    basis = np.linalg.qr(x.T)[0]
    weights, biases = logistic(x @ basis, y, penalty=penalty, steps=steps)
    return basis @ weights, biases


def shares(levels: Whole, count: int) -> Array:
    """Rows of shares for levels 0 .. count - 1: all of it at the level."""
    return np.eye(count)[levels]


def stretch(classes: int, count: int) -> Array:
    """(classes, count): how logits of so many classes are read as those of `count` levels.

    The lowest is the lowest and the highest the highest; what lies between is mixed from its neighbours.
    """
    places = np.linspace(0, classes - 1, count)
    mixed: Array = np.maximum(0, 1 - np.abs(np.arange(classes)[:, None] - places[None, :]))
    return mixed


def temperature(z: Array, levels: Whole) -> float:
    """What logits are to be divided by, that the probabilities be as often right as they say."""
    choices = np.geomspace(0.3, 3, 60)
    rows = np.arange(len(levels))
    losses = [-np.log(softmax(z / one)[rows, levels] + 1e-12).mean() for one in choices]
    return float(choices[int(np.argmin(losses))])


def threshold(certain: Array, right: npt.NDArray[np.bool_], wanted: float) -> float:
    """The lowest certainty from which on the share `wanted` is right; above 1 where there is none."""
    order = np.argsort(-certain, kind="stable")
    so_far = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(so_far >= wanted)
    return float(certain[order[enough.max()]]) if len(enough) else 1.01
