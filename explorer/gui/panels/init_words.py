"""What first weights do, in words that follow from the measured numbers."""

from __future__ import annotations

import math

import numpy as np

from explorer.gui.numerals import percent
from explorer.i18n import tr
from explorer.picture.race_chart import number
from explorer.records.neural import Initialisation, Initialised, LinearRegions

FADED = 10.0  # times less, or more, than in the first layer: no longer the same size
EDGE = 0.5  # share of activations in the outermost bins: saturated


def verdict(one: Initialised, activation: str) -> str:
    """In a few words what became of the activations."""
    spread = one.spread
    if not np.isfinite(spread).all():
        return tr("the numbers overflow")
    if max(int(one.different[1:-1].max(initial=0)), int(one.different_after[1:-1].max(initial=0))) <= 1:
        return tr("symmetry is not broken")
    if saturated(one, activation) > EDGE:
        return tr("saturates")
    if spread[-1] <= 0.0 or spread[1] / max(spread[-1], 1e-300) > FADED:
        return tr("fades")
    if spread[-1] / spread[1] > FADED:
        return tr("explodes")
    return tr("keeps its size")


def saturated(one: Initialised, activation: str) -> float:
    """The share of the last layer's activations in the two outermost bins, where the function has two ends."""
    if activation not in {"tanh", "sigmoid"}:
        return 0.0
    counts = one.counts[-1]
    return float((counts[0] + counts[-1]) / max(1, counts.sum()))


def lesson_text(record: Initialisation | None) -> str:
    """What one sees, in a sentence."""
    if record is None:
        return tr("Six ways of choosing the first weights are being measured.")
    text = tr(
        "{width} units a layer, {depth} layers of {activation}, no biases, seed {seed}. Columns are layers from the input on, "
        "bright where many activations are. Below, on a logarithmic axis: their spread (solid) and the gradient that comes "
        "back (dashed)."
    )
    return text.format(width=record.width, depth=record.depth, activation=record.activation, seed=record.seed)


def layer_text(record: Initialisation, scheme: int, layer: int) -> str:
    """The numbers of one layer of one way."""
    one = record.schemes[scheme]
    if layer == 0:
        name = tr("{way}, the input").format(way=tr(one.title))
    else:
        name = tr("{way}, layer {layer}").format(way=tr(one.title), layer=layer)
    text = tr(
        "{name}: mean {mean}, spread {spread}, gradient {gradient}; {silent} of the units say the same to every sample; "
        "{count} of {width} units differ, {later} after some steps"
    )
    numbers = {"mean": one.mean[layer], "spread": one.spread[layer], "gradient": one.slopes[layer]}
    said = {key: number(float(value), 3) if math.isfinite(value) else "–" for key, value in numbers.items()}
    silent = float(one.silent[layer])
    return text.format(
        name=name, silent=percent(silent, 0) if math.isfinite(silent) else "–", count=int(one.different[layer]),
        later=int(one.different_after[layer]), width=record.width, **said,
    )  # fmt: skip


def pieces_text(record: LinearRegions | None) -> str:
    """How many pieces there are, after each layer."""
    if record is None:
        return tr("The pieces are being cut.")
    by_layer = " → ".join(str(count) for count in record.by_layer)
    text = tr("A random ReLU network {sizes}, seed {seed}: {count} linear pieces in this square ({by}).")
    text += " " + tr("The hue says which way the output rises, the strength how steeply.")
    sizes = "-".join(str(size) for size in record.sizes)
    return text.format(sizes=sizes, seed=record.seed, count=record.count, by=by_layer)


def piece_text(record: LinearRegions, piece: int) -> str:
    """The line that the network is on one piece."""
    (a, b), c = record.slopes[piece], record.offsets[piece]
    text = tr("Piece {piece} of {count}: f(x, y) = {a} x {b} y {c}")
    signed = [("+ " if value >= 0 else "− ") + number(abs(float(value)), 3) for value in (b, c)]
    return text.format(piece=piece + 1, count=record.count, a=number(float(a), 3), b=signed[0], c=signed[1])
