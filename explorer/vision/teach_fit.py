"""Softmax regression by L-BFGS in float64, with one hidden layer on request. Whole batch, no chance but the seed.

Loss = mean cross entropy + decay / 2 * sum of squared weights (not of biases), on features of mean 0 and variance 1. Without a
hidden layer it is convex: there is one solution, and any good method finds it (tests compare with another one).
L-BFGS after Nocedal and Wright 2006, algorithm 7.4, with a backtracking line search that also asks for curvature.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

from explorer.engine.device import one_thread
from explorer.records.teach import F32, F64, I64

MEMORY = 10
LEVEL = 1e-5  # norm of the gradient at which the loss counts as level
LEAST_GAIN = 1e-9  # of the loss, over PATIENCE steps
PATIENCE = 5


@dataclass(frozen=True)
class Scaling:
    """Features to mean 0 and variance 1: (F,) float64. A feature that never changes tells nothing and becomes 0."""

    mean: F64
    scale: F64

    @classmethod
    def of(cls, x: F32) -> Scaling:
        """The scaling of (N, F) features."""
        spread = x.std(axis=0, dtype=np.float64)
        alive = spread > 1e-6 * max(float(spread.max(initial=0.0)), 1e-12)
        return cls(x.mean(axis=0, dtype=np.float64), np.where(alive, 1.0 / np.where(alive, spread, 1.0), 0.0))

    def __call__(self, x: F32) -> F64:
        """(N, F) float32 -> (N, F) float64."""
        scaled: F64 = (x - self.mean) * self.scale
        return scaled


@dataclass(frozen=True)
class Shape:
    """How many features, hidden units (0: none) and classes; how parameters lie in one (P,) vector."""

    features: int
    hidden: int
    classes: int

    @property
    def size(self) -> int:
        """Parameters altogether."""
        inside = self.hidden or self.features
        return self.classes * (inside + 1) + self.hidden * (self.features + 1)

    def parts(self, vector: F64) -> dict[str, F64]:
        """Views of a vector by the names of the model's file."""
        inside = self.hidden or self.features
        table: list[tuple[str, tuple[int, ...]]] = []
        if self.hidden:
            table += [("hidden.weight", (self.hidden, self.features)), ("hidden.bias", (self.hidden,))]
        table += [("output.weight", (self.classes, inside)), ("output.bias", (self.classes,))]
        found, at = {}, 0
        for name, shape in table:
            length = int(np.prod(shape))
            found[name] = vector[at : at + length].reshape(shape)
            at += length
        return found

    def start(self, seed: int) -> F64:
        """Zeros; with a hidden layer its weights after He et al. 2015, those of the output small."""
        vector = np.zeros(self.size)
        if self.hidden:
            random = np.random.default_rng(seed)
            parts = self.parts(vector)
            parts["hidden.weight"][:] = random.normal(0, np.sqrt(2 / self.features), (self.hidden, self.features))
            parts["output.weight"][:] = random.normal(0, np.sqrt(1 / self.hidden), (self.classes, self.hidden))
        return vector


def log_softmax(logits: F64) -> F64:
    """(N, C) -> (N, C), without overflow."""
    low = logits - logits.max(axis=1, keepdims=True)
    out: F64 = low - np.log(np.exp(low).sum(axis=1, keepdims=True))
    return out


def logits_of(shape: Shape, vector: F64, x: F64) -> F64:
    """(N, C) scores of (N, F) scaled features."""
    parts = shape.parts(vector)
    with one_thread():
        inside = np.maximum(times(x, parts["hidden.weight"].T) + parts["hidden.bias"], 0.0) if shape.hidden else x
        return times(inside, parts["output.weight"].T) + parts["output.bias"]


def times(one: F64, other: F64) -> F64:
    """The matrix product by torch, whose threads can be counted: numpy's wait for each other on a busy machine."""
    product: F64 = (torch.from_numpy(one) @ torch.from_numpy(other)).numpy()
    return product


def dot(one: F64, other: F64) -> float:
    """The inner product, in this thread."""
    return float((one * other).sum())


def loss_and_gradient(shape: Shape, vector: F64, x: F64, y: I64, decay: float) -> tuple[float, F64]:
    """The loss at a parameter vector and its (P,) gradient. In one thread: the same bytes on any number of them."""
    with one_thread():
        return _loss_and_gradient(shape, vector, x, y, decay)


def _loss_and_gradient(shape: Shape, vector: F64, x: F64, y: I64, decay: float) -> tuple[float, F64]:
    parts = shape.parts(vector)
    before = times(x, parts["hidden.weight"].T) + parts["hidden.bias"] if shape.hidden else None
    inside = x if before is None else np.maximum(before, 0.0)
    logs = log_softmax(times(inside, parts["output.weight"].T) + parts["output.bias"])
    rows = np.arange(len(y))
    weights = [array for name, array in parts.items() if name.endswith("weight")]
    loss = float(-logs[rows, y].mean()) + decay / 2 * float(sum((array * array).sum() for array in weights))
    error = np.exp(logs)
    error[rows, y] -= 1.0
    error /= len(y)
    gradient = np.zeros(shape.size)
    into = shape.parts(gradient)
    into["output.weight"][:] = times(error.T, inside) + decay * parts["output.weight"]
    into["output.bias"][:] = error.sum(axis=0)
    if before is not None:
        back = times(error, parts["output.weight"]) * (before > 0)
        into["hidden.weight"][:] = times(back.T, x) + decay * parts["hidden.weight"]
        into["hidden.bias"][:] = back.sum(axis=0)
    return loss, gradient


@dataclass(frozen=True)
class Step:
    """Where the training stands after a step: the parameters and the loss they have; `level`: there is no more to gain."""

    vector: F64
    loss: float
    level: bool


def fit(shape: Shape, x: F64, y: I64, decay: float, seed: int, most: int) -> Iterator[Step]:
    """The start and then each step, at most `most`. x: (N, F) scaled, y: (N,) classes."""
    vector = shape.start(seed)
    loss, gradient = loss_and_gradient(shape, vector, x, y, decay)
    yield Step(vector, loss, False)
    past: deque[tuple[F64, F64, float]] = deque(maxlen=MEMORY)
    losses = [loss]
    for _ in range(most):
        direction = -_inverse_times(past, gradient)
        slope = dot(direction, gradient)
        if slope >= 0:
            past.clear()
            direction, slope = -gradient, -dot(gradient, gradient)
        found = _search(shape, vector, x, y, decay, loss, direction, slope, first=not past)
        if found is None:
            yield Step(vector, loss, True)
            return
        new, new_loss, new_gradient = found
        change, turn = new - vector, new_gradient - gradient
        curvature = dot(change, turn)
        if curvature > 1e-12 * dot(turn, turn):
            past.append((change, turn, 1.0 / curvature))
        vector, loss, gradient = new, new_loss, new_gradient
        losses.append(loss)
        small = dot(gradient, gradient) <= LEVEL**2
        tired = len(losses) > PATIENCE and losses[-1 - PATIENCE] - loss <= LEAST_GAIN * max(1.0, loss)
        yield Step(vector, loss, small or tired)
        if small or tired:
            return


def _inverse_times(past: deque[tuple[F64, F64, float]], gradient: F64) -> F64:
    """The inverse Hessian, as the last steps tell it, times the gradient (two loops)."""
    q = gradient.copy()
    kept = []
    for change, turn, rho in reversed(past):
        alpha = rho * dot(change, q)
        q -= alpha * turn
        kept.append(alpha)
    if past:
        change, turn, rho = past[-1]
        q *= 1.0 / (rho * dot(turn, turn))
    for (change, turn, rho), alpha in zip(past, reversed(kept), strict=True):
        q += change * (alpha - rho * dot(turn, q))
    return q


def _search(
    shape: Shape,
    vector: F64,
    x: F64,
    y: I64,
    decay: float,
    loss: float,
    direction: F64,
    slope: float,
    first: bool,
) -> tuple[F64, float, F64] | None:
    """A point along `direction` that lowers the loss enough (weak Wolfe conditions, by bisection); None where there is none."""
    low, high = 0.0, np.inf
    step = min(1.0, 1.0 / max(dot(direction, direction) ** 0.5, 1e-12)) if first else 1.0
    best: tuple[F64, float, F64] | None = None
    for _ in range(40):
        here = vector + step * direction
        value, gradient = loss_and_gradient(shape, here, x, y, decay)
        if not np.isfinite(value) or value > loss + 1e-4 * step * slope:
            high = step
        else:
            if value < loss:
                best = (here, value, gradient)
            if dot(direction, gradient) >= 0.9 * slope:
                return best
            low = step
        step = 2 * low if np.isinf(high) else (low + high) / 2
    return best


def unscaled(shape: Shape, vector: F64, scaling: Scaling) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """The parameters for features as they are, float32: the scaling goes into the first layer."""
    parts = {name: array.copy() for name, array in shape.parts(vector).items()}
    first = "hidden" if shape.hidden else "output"
    weight = parts[f"{first}.weight"] * scaling.scale
    parts[f"{first}.bias"] = parts[f"{first}.bias"] - (weight * scaling.mean).sum(axis=1)
    parts[f"{first}.weight"] = weight
    return {name: array.astype(np.float32) for name, array in parts.items()}
