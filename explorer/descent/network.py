"""A small fully connected network in numpy float64: backpropagation by hand, and its loss on a plane of weights.

Weights are one flat vector (P,): for each layer its matrix (units, inputs) row by row, then its biases (units,). On a plane
of weights the derivatives are carried forward with the values (jets), so that gradient and Hessian on the plane are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from explorer.descent.finite_sum import F64, I64

CHUNK = 1 << 14  # numbers in an array of one chunk: an eighth of a megabyte, which a processor keeps near
Layer: TypeAlias = tuple[F64, F64]
Loss = Literal["squares", "logistic"]


def sigmoid(z: F64) -> F64:
    """1 / (1 + exp(-z)) without overflow."""
    answer: F64 = np.tanh(0.5 * z)
    answer *= 0.5
    answer += 0.5
    return answer


def _sigmoid_slopes(h: F64) -> tuple[F64, F64]:
    first = h * (1.0 - h)
    return first, first * (1.0 - 2.0 * h)


def _tanh_slopes(h: F64) -> tuple[F64, F64]:
    first = 1.0 - h * h
    return first, -2.0 * h * first


def _tanh(z: F64) -> F64:
    answer: F64 = np.tanh(z)
    return answer


# name -> (the function, its first and second derivative from its value)
ACTIVATIONS: dict[str, tuple[Callable[[F64], F64], Callable[[F64], tuple[F64, F64]]]] = {
    "sigmoid": (sigmoid, _sigmoid_slopes),
    "tanh": (_tanh, _tanh_slopes),
}


@dataclass(frozen=True, eq=False)
class Network:
    """Layers of `sizes` with one activation, on the data `inputs` (N, sizes[0]) and `targets` (N, sizes[-1]).

    `loss` "squares": the mean of squared errors over samples and outputs, the output units have the activation too;
    "logistic": the mean of log(1 + exp(-m)) or log(1 + exp(m)) for targets 1 and 0, m a linear output.
    """

    sizes: tuple[int, ...]
    activation: str
    loss: Loss
    inputs: F64
    targets: F64

    @property
    def count(self) -> int:
        """Number of weights and biases."""
        return sum((before + 1) * units for before, units in zip(self.sizes, self.sizes[1:], strict=False))

    def layers(self, weights: F64) -> list[Layer]:
        """(matrix (units, inputs), biases (units,)) of each layer, as views; `weights` (P,)."""
        found, at = [], 0
        for before, units in zip(self.sizes, self.sizes[1:], strict=False):
            end = at + units * before
            found.append((weights[at:end].reshape(units, before), weights[end : end + units]))
            at = end + units
        return found

    def forward(self, weights: F64, inputs: F64 | None = None) -> list[F64]:
        """What goes into each layer and comes out of the last: arrays (N, units), the first one the inputs."""
        function = ACTIVATIONS[self.activation][0]
        seen = [self.inputs if inputs is None else inputs]
        for number, (matrix, bias) in enumerate(self.layers(weights), start=1):
            z = seen[-1] @ matrix.T + bias
            linear = self.loss == "logistic" and number == len(self.sizes) - 1
            seen.append(z if linear else function(z))
        return seen

    def losses(self, output: F64, targets: F64) -> F64:
        """(..., outputs): the first of `error` alone."""
        if self.loss == "squares":
            off = output - targets
            return off * off
        loss = np.abs(output)
        np.negative(loss, out=loss)
        np.exp(loss, out=loss)
        np.log1p(loss, out=loss)
        loss += np.maximum(output, 0.0)
        loss -= targets * output
        return loss

    def error(self, output: F64, targets: F64) -> tuple[F64, F64, F64 | float]:
        """(loss, its first and second derivative after the output), (..., outputs), not yet averaged."""
        if self.loss == "squares":
            off = output - targets
            return off * off, 2.0 * off, 2.0
        likely = sigmoid(output)
        loss = np.maximum(output, 0.0) + np.log1p(np.exp(-np.abs(output))) - targets * output
        return loss, likely - targets, likely * (1.0 - likely)

    def value(self, weights: F64) -> float:
        """The loss at `weights` (P,)."""
        return float(self.error(self.forward(weights)[-1], self.targets)[0].mean())

    def gradient(self, weights: F64, which: I64 | None = None) -> F64:
        """(P,) the gradient of the loss by backpropagation, of all samples or the mean of some."""
        inputs = self.inputs if which is None else self.inputs[which]
        targets = self.targets if which is None else self.targets[which]
        seen = self.forward(weights, inputs)
        slopes = ACTIVATIONS[self.activation][1]
        back = self.error(seen[-1], targets)[1] / targets.size
        if self.loss == "squares":
            back = back * slopes(seen[-1])[0]
        parts: list[F64] = []
        layers = self.layers(weights)
        for number in range(len(layers) - 1, -1, -1):
            parts += [back.sum(axis=0), (back.T @ seen[number]).ravel()]
            if number:
                back = (back @ layers[number][0]) * slopes(seen[number])[0]
        return np.concatenate(parts[::-1])


@dataclass(frozen=True, eq=False)
class Plane:
    """The loss of `network` at origin + x directions[0] + y directions[1]; `origin` (P,), `directions` (2, P)."""

    network: Network
    origin: F64
    directions: F64

    def at(self, x: float, y: float) -> F64:
        """The weights (P,) at (x, y)."""
        weights: F64 = self.origin + x * self.directions[0] + y * self.directions[1]
        return weights

    def value(self, x: float, y: float) -> float:
        """The loss at (x, y)."""
        return self.network.value(self.at(x, y))

    def gradient(self, x: float, y: float) -> tuple[float, float]:
        """Its gradient on the plane: backpropagation in all weights, seen along the two directions."""
        gx, gy = (self.directions @ self.network.gradient(self.at(x, y))).tolist()
        return gx, gy

    def curvature(self, x: float, y: float) -> tuple[float, float, float]:
        """Its exact Hessian on the plane."""
        jets = self._jets(np.array([x]), np.array([y]), 2).mean(axis=2)[:, 0].tolist()
        return jets[3], jets[4], jets[5]

    def each(self, x: float, y: float, which: I64) -> F64:
        """(n, 2) gradients of single samples."""
        return np.ascontiguousarray(self._jets(np.array([x]), np.array([y]), 1, which)[1:, 0].T)

    def output_slopes(self, x: float, y: float) -> F64:
        """(2, N, outputs): d/dx and d/dy of the network's outputs."""
        return np.stack([part[0] for part in self._carried(np.array([x]), np.array([y]), 1, self.network.inputs)[1:]])

    def values(self, x: F64, y: F64) -> F64:
        """The loss on arrays."""
        loss: F64 = self._pieces(x, y, 0)[0]
        return loss

    def gradients(self, x: F64, y: F64) -> tuple[F64, F64]:
        """The gradient on arrays."""
        _, gx, gy = self._pieces(x, y, 1)
        return gx, gy

    def curvatures(self, x: F64, y: F64) -> tuple[F64, F64, F64]:
        """The Hessian on arrays."""
        _, _, _, xx, xy, yy = self._pieces(x, y, 2)
        return xx, xy, yy

    def _pieces(self, x: F64, y: F64, order: int) -> F64:
        flat_x, flat_y = np.ravel(x).astype(np.float64), np.ravel(y).astype(np.float64)
        width = len(self.network.inputs) * max(self.network.sizes)
        step = max(1, CHUNK // width)
        parts = [
            self._jets(flat_x[at : at + step], flat_y[at : at + step], order).mean(axis=2) for at in range(0, len(flat_x), step)
        ]
        return np.concatenate(parts, axis=1).reshape(-1, *np.shape(x))

    def _jets(self, x: F64, y: F64, order: int, which: I64 | None = None) -> F64:
        """(1, 3 or 6, K, N): loss of each sample at K points; with order 1 its d/dx, d/dy, with 2 also d2/dx2, dxdy, dy2."""
        network = self.network
        inputs = network.inputs if which is None else network.inputs[which]
        targets = network.targets if which is None else network.targets[which]
        h = self._carried(x, y, order, inputs)
        if not order:
            losses: F64 = network.losses(h[0], targets).mean(axis=2)
            return losses[None]
        loss, once, twice = network.error(h[0], targets)
        jets = [loss]
        if order:
            jets += [once * h[1], once * h[2]]
        if order == 2:
            jets += [twice * h[1] * h[1] + once * h[3], twice * h[1] * h[2] + once * h[4], twice * h[2] * h[2] + once * h[5]]
        return np.stack([np.broadcast_to(jet, h[0].shape).mean(axis=2) for jet in jets])

    def _carried(self, x: F64, y: F64, order: int, inputs: F64) -> list[F64]:
        """The jets of the outputs, each (K, N, outputs).

        On the way they are (K, units, N): the weights of a point are one small matrix, its product with all samples one call.
        """
        network = self.network
        function, slopes = ACTIVATIONS[network.activation]
        across, up = x[:, None, None], y[:, None, None]
        h: list[F64] = [np.ascontiguousarray(inputs.T)[None]]
        triples = zip(*(network.layers(one) for one in (self.origin, *self.directions)), strict=True)
        for number, ((w0, b0), (wx, bx), (wy, by)) in enumerate(triples, start=1):
            z = _affine(h, (w0, wx, wy), (b0, bx, by), across, up, order)
            if network.loss == "logistic" and number == len(network.sizes) - 1:
                h = z
                continue
            value = function(z[0])
            h = [value]
            if order:
                first, second = slopes(value)
                h += [first * z[1], first * z[2]]
            if order == 2:
                h += [
                    second * z[1] * z[1] + first * z[3],
                    second * z[1] * z[2] + first * z[4],
                    second * z[2] * z[2] + first * z[5],
                ]
        return [part.swapaxes(1, 2) for part in h]


def _affine(h: list[F64], matrices: tuple[F64, ...], biases: tuple[F64, ...], x: F64, y: F64, order: int) -> list[F64]:
    """The jets of (w0 + x wx + y wy) h + b from the jets of h, each (K, units, N); directions that are zero cost nothing."""
    (w0, wx, wy), (b0, bx, by) = matrices, (one[:, None] for one in biases)
    moves_x, moves_y = bool(wx.any() or bx.any()), bool(wy.any() or by.any())
    here, shift = w0[None], b0[None]
    for moves, place, matrix, bias in ((moves_x, x, wx, bx), (moves_y, y, wy, by)):
        if moves:
            here, shift = here + place * matrix, shift + place * bias

    def along(part: F64, matrix: F64, moves: bool) -> F64 | float:
        return matrix @ part if moves else 0.0

    first = here @ h[0]
    first += shift
    z = [first]
    if order:
        inner = len(h) > 1  # the inputs themselves do not move
        z += [
            along(h[0], wx, moves_x) + bx + (here @ h[1] if inner else 0.0),
            along(h[0], wy, moves_y) + by + (here @ h[2] if inner else 0.0),
        ]
    if order == 2:
        still = np.zeros((1, 1, 1))
        z += (
            [
                2.0 * along(h[1], wx, moves_x) + here @ h[3],
                along(h[1], wy, moves_y) + along(h[2], wx, moves_x) + here @ h[4],
                2.0 * along(h[2], wy, moves_y) + here @ h[5],
            ]
            if len(h) > 1
            else [still, still, still]
        )
    return z


Directions: TypeAlias = npt.NDArray[np.float64]


def random_directions(network: Network, origin: F64, seed: int, by_filter: bool) -> Directions:
    """Two random directions (2, P) in the space of weights; biases stay.

    `by_filter`: every row of a matrix (the weights into one unit, a filter) has the length of that row of `origin` (Li et
    al. 2018, arXiv:1712.09913); else the direction as a whole has the length of all matrices together.
    """
    rng = np.random.default_rng(seed)
    directions = rng.standard_normal((2, network.count))
    for direction in directions:
        total = 0.0
        for (matrix, bias), (own, _) in zip(network.layers(direction), network.layers(origin), strict=True):
            bias[:] = 0.0
            total += float(np.square(own).sum())
            if by_filter:
                matrix *= np.linalg.norm(own, axis=1, keepdims=True) / np.linalg.norm(matrix, axis=1, keepdims=True)
        if not by_filter:
            direction *= np.sqrt(total) / np.linalg.norm(direction)
    return directions
