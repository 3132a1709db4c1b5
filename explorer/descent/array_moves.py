"""The steps of the methods for many starts at once: the same arithmetic in the same order as the plain-float steps.

Every step works in place on (2, n) float64 arrays, x in the first row and y in the second. Hyper-parameters are numbers, or
arrays (n,) where every path has its own (the stability map).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np

from explorer.descent.array_plans import newton, polyak
from explorer.descent.ground import Surface
from explorer.descent.method import chosen
from explorer.descent.methods_adaptive import rectified
from explorer.records.descent import F64

Value: TypeAlias = float | F64
Values: TypeAlias = Mapping[str, Value]
# (points, gradient, memory (m, 2, n), number of the step from 1, out, two scratch arrays (2, 2, n)): the new points go into
# `out`; the memory changes in place, the gradient may be overwritten.
ArrayMove: TypeAlias = Callable[[F64, F64, F64, int, F64, F64], None]
Maker: TypeAlias = Callable[[Values, Surface, "Draws"], ArrayMove]  # hyper-parameters, surface, chance of its own


class Draws:
    """Pairs of normal numbers, the same for every path: `at(k)` is (2, 1), the k-th that `seed` gives, from 1."""

    def __init__(self, seed: int | tuple[int, ...]) -> None:
        self._chance = np.random.default_rng(seed)
        self._pairs: F64 = np.empty((0, 2))

    def at(self, k: int) -> F64:
        """One pair; asked for in any order."""
        while len(self._pairs) < k:
            more = self._chance.standard_normal((max(512, len(self._pairs)), 2))
            self._pairs = np.concatenate([self._pairs, more])
        pair: F64 = self._pairs[k - 1]
        return pair.reshape(2, 1)


def gd(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Gradient descent."""
    lr = hyper["lr"]

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        np.multiply(slopes, lr, out=slopes)
        np.subtract(points, slopes, out=out)

    return step


def sgd(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Descent with noise: every path meets the same chance, as every race with this seed does."""
    lr = hyper["lr"]
    spread = hyper["noise"] / np.sqrt(max(1, int(min(float(hyper["batch"]), 1e6))))

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        slopes += spread * draws.at(k)
        np.multiply(slopes, lr, out=slopes)
        np.subtract(points, slopes, out=out)

    return step


def momentum(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Heavy ball, in both views."""
    lr, mu = hyper["lr"], hyper["momentum"]
    rest = 1.0 - mu if chosen({"view": float(hyper["view"])}, "view", 2) else None

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        velocity = memory[0]
        velocity *= mu
        if rest is not None:
            slopes *= rest
        velocity += slopes
        np.multiply(velocity, lr, out=slopes)
        np.subtract(points, slopes, out=out)

    return step


def nesterov(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Momentum that looks ahead."""
    lr, mu = hyper["lr"], hyper["momentum"]

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        velocity, ahead = memory[0], scratch[0]
        velocity *= mu
        velocity += slopes
        np.multiply(velocity, mu, out=ahead)
        slopes += ahead
        slopes *= lr
        np.subtract(points, slopes, out=out)

    return step


def adagrad(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Rates that shrink with the sum of squared gradients."""
    lr, tiny = hyper["lr"], hyper["eps"]

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        squares, root = memory[0], scratch[0]
        np.multiply(slopes, slopes, out=root)
        squares += root
        _divided(points, slopes, squares, lr, tiny, out, root)

    return step


def _divided(points: F64, slopes: F64, squares: F64, lr: Value, tiny: Value, out: F64, root: F64) -> None:
    """points - lr slopes / (sqrt(squares) + tiny)."""
    np.sqrt(squares, out=root)
    root += tiny
    slopes *= lr
    slopes /= root
    np.subtract(points, slopes, out=out)


def _fading(squares: F64, slopes: F64, keep: Value, rest: Value, part: F64) -> None:
    """squares = keep squares + rest slopes slopes."""
    squares *= keep
    np.multiply(slopes, rest, out=part)
    part *= slopes
    squares += part


def rmsprop(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Rates divided by a fading mean of squared gradients."""
    lr, keep, tiny = hyper["lr"], hyper["beta"], hyper["eps"]
    rest = 1.0 - keep

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        _fading(memory[0], slopes, keep, rest, scratch[0])
        _divided(points, slopes, memory[0], lr, tiny, out, scratch[0])

    return step


def adadelta(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """AdaGrad that forgets, its numerator the mean size of its own steps."""
    lr, rho, tiny = hyper["lr"], hyper["rho"], hyper["eps"]
    rest = 1.0 - rho

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        squares, changes = memory[0], memory[1]
        move, part = scratch[0], scratch[1]
        _fading(squares, slopes, rho, rest, part)
        np.add(changes, tiny, out=move)
        np.sqrt(move, out=move)
        np.add(squares, tiny, out=part)
        np.sqrt(part, out=part)
        move /= part
        move *= slopes
        _fading(changes, move, rho, rest, part)
        move *= lr
        np.subtract(points, move, out=out)

    return step


def _means(hyper: Values) -> Callable[[F64, F64, F64], None]:
    """Both fading means of Adam and its relatives, of gradients and of their squares."""
    beta1, beta2 = hyper["beta1"], hyper["beta2"]
    rest1, rest2 = 1.0 - beta1, 1.0 - beta2

    def update(slopes: F64, memory: F64, part: F64) -> None:
        mean = memory[0]
        mean *= beta1
        np.multiply(slopes, rest1, out=part)
        mean += part
        _fading(memory[1], slopes, beta2, rest2, part)

    return update


def adam(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Adam; AdamW where there is a weight decay."""
    lr, beta1, beta2, tiny = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"]
    shrink = 1.0 - lr * hyper["decay"] if "decay" in hyper else None
    correct = bool(chosen({"correction": float(hyper["correction"])}, "correction", 2))
    update = _means(hyper)

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        move, root = scratch[0], scratch[1]
        update(slopes, memory, root)
        np.sqrt(memory[1], out=root)
        size = lr
        if correct:
            size = lr / (1.0 - beta1**k)
            root /= np.sqrt(1.0 - beta2**k)
        root += tiny
        np.multiply(memory[0], size, out=move)
        move /= root
        if shrink is not None:
            np.multiply(points, shrink, out=root)
            np.subtract(root, move, out=out)
        else:
            np.subtract(points, move, out=out)

    return step


def nadam(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Adam with Nesterov's look ahead."""
    lr, beta1, beta2, tiny, warm = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"], hyper["warm"]
    update = _means(hyper)

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        move, root = scratch[0], scratch[1]
        now = beta1 * (1.0 - 0.5 * 0.96 ** (k * warm))
        then = beta1 * (1.0 - 0.5 * 0.96 ** ((k + 1) * warm))
        kept = memory[2, 0]
        if k == 1:
            kept[:] = 1.0
        kept *= now
        memory[2, 1] = kept
        varies = np.ndim(now) > 0
        product = kept if varies else kept[:1]
        update(slopes, memory, root)
        fresh, old = lr * (1.0 - now) / (1.0 - product), lr * then / (1.0 - product * then)
        np.divide(memory[1], 1.0 - beta2**k, out=root)
        np.sqrt(root, out=root)
        root += tiny
        slopes *= fresh
        np.multiply(memory[0], old, out=move)
        slopes += move
        slopes /= root
        np.subtract(points, slopes, out=out)

    return step


def _trust(beta2: Value, k: int) -> Value:
    """RAdam's factor, of one number or of many."""
    if isinstance(beta2, np.ndarray):
        each, place = np.unique(beta2, return_inverse=True)
        return np.array([rectified(one, k) for one in each.tolist()])[place]
    return rectified(beta2, k)


def radam(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Adam that starts as momentum."""
    lr, beta1, beta2, tiny = hyper["lr"], hyper["beta1"], hyper["beta2"], hyper["eps"]
    update = _means(hyper)

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        move, root = scratch[0], scratch[1]
        update(slopes, memory, root)
        size, trust = lr / (1.0 - beta1**k), _trust(beta2, k)
        np.sqrt(memory[1], out=root)
        root += tiny
        if np.ndim(trust):
            rough = trust == 0.0
            size = np.where(rough, size, size * (trust * np.sqrt(1.0 - beta2**k)))
            root[:, rough] = 1.0
        elif trust:
            size = size * (trust * np.sqrt(1.0 - beta2**k))
        else:
            root[:] = 1.0
        np.multiply(memory[0], size, out=move)
        move /= root
        np.subtract(points, move, out=out)

    return step


def lion(hyper: Values, surface: Surface, draws: Draws) -> ArrayMove:
    """Only the sign of a mean of gradients."""
    lr, beta1, beta2 = hyper["lr"], hyper["beta1"], hyper["beta2"]
    rest1, rest2, shrink = 1.0 - beta1, 1.0 - beta2, 1.0 - lr * hyper["decay"]

    def step(points: F64, slopes: F64, memory: F64, k: int, out: F64, scratch: F64) -> None:
        mean, sign, part = memory[0], scratch[0], scratch[1]
        np.multiply(mean, beta1, out=sign)
        np.multiply(slopes, rest1, out=part)
        sign += part
        np.sign(sign, out=sign)
        mean *= beta2
        slopes *= rest2
        mean += slopes
        sign *= lr
        np.multiply(points, shrink, out=part)
        np.subtract(part, sign, out=out)

    return step


MAKERS: dict[str, Maker] = {
    "gd": gd,
    "sgd": sgd,
    "momentum": momentum,
    "nesterov": nesterov,
    "polyak": polyak,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adadelta": adadelta,
    "adam": adam,
    "adamw": adam,
    "nadam": nadam,
    "radam": radam,
    "lion": lion,
    "newton": newton,
}
