"""The linear pieces of a ReLU network with two inputs, cut exactly: every unit folds the plane along a line in each piece.

Montufar, Pascanu, Cho, Bengio 2014 count them; here they are outlines, found by cutting the square layer by layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from explorer.descent.finite_sum import F64
from explorer.jobs import CancelToken, Progress, Result, Step, Work
from explorer.records.neural import LinearRegions
from explorer.requests.neural import LinearRegionsRequest

TINY = 1e-9  # of the extent: cuts that leave a narrower piece are none

Layers = list[tuple[F64, F64]]


@dataclass(frozen=True, eq=False)
class Cell:
    """A convex piece (n, 2) on which the layer's answers are matrix (units, 2) @ point + offset (units,)."""

    outline: F64
    matrix: F64
    offset: F64


def linear_regions(request: LinearRegionsRequest, work: Work) -> Iterator[Step]:
    """Job of LinearRegionsRequest: LinearRegions. One Progress a layer."""
    layers = random_layers(request.width, request.depth, request.extent, request.seed)
    cells, counts = square(request.extent), []
    for number, layer in enumerate(layers[:-1]):
        cells = cut(cells, layer, TINY * request.extent, work.token)
        counts.append(len(cells))
        yield Progress(number + 1, len(layers), f"{len(cells)}")
    matrix, offset = layers[-1]
    slopes = np.array([(matrix @ cell.matrix)[0] for cell in cells])
    offsets = np.array([float((matrix @ cell.offset + offset)[0]) for cell in cells])
    axis = np.linspace(-request.extent, request.extent, request.resolution)
    points = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    values = output(layers, points).reshape(request.resolution, request.resolution)
    labels = label(layers, cells, points).reshape(request.resolution, request.resolution)
    sizes = (2, *([request.width] * request.depth), 1)
    outlines = tuple(cell.outline for cell in cells)
    yield Result(LinearRegions(request.extent, outlines, slopes, offsets, labels, values, tuple(counts), sizes, request.seed))


def random_layers(width: int, depth: int, extent: float, seed: int) -> Layers:
    """(matrix, biases) of each layer: He's weights, biases such that the first folds cross the square."""
    rng = np.random.default_rng(seed)
    sizes = (2, *([width] * depth), 1)
    layers = []
    for number, (before, units) in enumerate(pairwise(sizes)):
        matrix = rng.standard_normal((units, before)) * np.sqrt(2.0 / before)
        reach = extent if number == 0 else 0.5 * extent
        layers.append((matrix, 0.5 * reach * rng.standard_normal(units)))
    return layers


def square(extent: float) -> list[Cell]:
    """The whole plane as one piece, the inputs being what they are."""
    corners = extent * np.array([(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)])
    return [Cell(corners, np.eye(2), np.zeros(2))]


def cut(cells: list[Cell], layer: tuple[F64, F64], tiny: float, token: CancelToken | None = None) -> list[Cell]:
    """The pieces after one more layer of ReLU units."""
    found = []
    for cell in cells:
        if token is not None:
            token.check()
        matrix, offset = layer[0] @ cell.matrix, layer[0] @ cell.offset + layer[1]
        parts = [cell.outline]
        for direction, shift in zip(matrix, offset, strict=True):
            parts = [piece for part in parts for piece in halves(part, direction, float(shift), tiny)]
        for part in parts:
            alive = matrix @ part.mean(axis=0) + offset > 0.0
            found.append(Cell(part, matrix * alive[:, None], offset * alive))
    return found


def halves(outline: F64, direction: F64, shift: float, tiny: float) -> list[F64]:
    """A convex outline cut along direction · p + shift = 0; one piece where the line misses it."""
    length = float(np.hypot(direction[0], direction[1]))
    if length == 0.0:
        return [outline]
    heights = ((outline @ direction + shift) / length).tolist()
    if min(heights) >= -tiny or max(heights) <= tiny:
        return [outline]
    sides: tuple[list[list[float]], list[list[float]]] = ([], [])
    corners = outline.tolist()
    for index, (corner, height) in enumerate(zip(corners, heights, strict=True)):
        after, above = corners[(index + 1) % len(corners)], heights[(index + 1) % len(corners)]
        if height >= 0.0:
            sides[0].append(corner)
        if height <= 0.0:
            sides[1].append(corner)
        if height * above < 0.0:
            share = height / (height - above)
            crossing = [a + share * (b - a) for a, b in zip(corner, after, strict=True)]
            sides[0].append(crossing)
            sides[1].append(crossing)
    return [np.array(side) for side in sides]


def folds(layers: Layers, points: F64) -> npt.NDArray[np.bool_]:
    """(n, units of all hidden layers) which units are on at points (n, 2): equal rows are one linear piece."""
    on, h = [], points
    for matrix, bias in layers[:-1]:
        z = h @ matrix.T + bias
        on.append(z > 0.0)
        h = np.maximum(z, 0.0)
    return np.concatenate(on, axis=1)


def output(layers: Layers, points: F64) -> F64:
    """(n,) what the network says at points (n, 2)."""
    h = points
    for matrix, bias in layers[:-1]:
        h = np.maximum(h @ matrix.T + bias, 0.0)
    answer: F64 = (h @ layers[-1][0].T + layers[-1][1])[:, 0]
    return answer


def label(layers: Layers, cells: list[Cell], points: F64) -> npt.NDArray[np.int32]:
    """(n,) the piece that each point lies in; -1 on a sliver too narrow to be a piece."""
    known = {row.tobytes(): index for index, row in enumerate(np.packbits(folds(layers, _middles(cells)), axis=1))}
    rows, which = np.unique(np.packbits(folds(layers, points), axis=1), axis=0, return_inverse=True)
    names = np.array([known.get(row.tobytes(), -1) for row in rows], dtype=np.int32)
    return names[which.reshape(-1)]


def _middles(cells: list[Cell]) -> F64:
    return np.array([cell.outline.mean(axis=0) for cell in cells])
