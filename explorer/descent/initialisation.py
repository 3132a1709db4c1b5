"""What the first weights do to a deep network: activations fade, explode, saturate or stay, and equal units stay equal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from explorer.descent.finite_sum import F64, I64
from explorer.descent.network import sigmoid
from explorer.i18n import N_
from explorer.jobs import CancelToken, Progress, Result, Step, Work
from explorer.records.neural import Initialisation, Initialised
from explorer.requests.neural import InitialisationRequest

BINS = 41
RATE = 0.05  # of the steps of gradient descent after which equal units are counted
SAME = 1e-9  # units whose answers differ by less, measured by the largest answer of the layer, are equal

# name -> (title, formula of the weight's standard deviation or value)
SCHEMES = {
    "zero": (N_("All zero"), "w = 0"),
    "constant": (N_("All the same"), "w = c"),
    "small": (N_("Small random"), "w ~ N(0, s²)"),
    "large": (N_("Large random"), "w ~ N(0, S²)"),
    "xavier": (N_("Xavier (Glorot)"), "w ~ N(0, 2 / (in + out))"),
    "he": (N_("He"), "w ~ N(0, 2 / in)"),
}
# name -> (the function, its slope from sum and value)
FUNCTIONS: dict[str, tuple[Callable[[F64], F64], Callable[[F64, F64], F64]]] = {
    "tanh": (lambda z: np.asarray(np.tanh(z)), lambda z, h: 1.0 - h * h),
    "sigmoid": (sigmoid, lambda z, h: h * (1.0 - h)),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z, h: (z > 0.0).astype(np.float64)),
    "linear": (lambda z: z, lambda z, h: np.ones_like(z)),
}


def initialisation(request: InitialisationRequest, work: Work) -> Iterator[Step]:
    """Job of InitialisationRequest: Initialisation. One Progress a way."""
    rng = np.random.default_rng(request.seed)
    inputs = rng.standard_normal((request.samples, request.width))
    targets = rng.standard_normal((request.samples, request.width))
    found = []
    for number, name in enumerate(SCHEMES):
        work.token.check()
        found.append(initialised(request, name, inputs, targets, work.token))
        yield Progress(number + 1, len(SCHEMES), name)
    yield Result(Initialisation(request.activation, request.depth, request.width, tuple(found), request.seed))


def first_weights(request: InitialisationRequest, name: str) -> list[F64]:
    """One matrix (width, width) for each layer; there are no biases. Every random way stretches the same random numbers."""
    shape, width = (request.width, request.width), request.width
    rng = np.random.default_rng(request.seed + 1)
    spread = {"small": request.small, "large": request.large, "xavier": np.sqrt(2 / (2 * width)), "he": np.sqrt(2 / width)}
    same = {"zero": 0.0, "constant": request.constant}
    if name in same:
        return [np.full(shape, same[name]) for _ in range(request.depth)]
    return [spread[name] * rng.standard_normal(shape) for _ in range(request.depth)]


def initialised(request: InitialisationRequest, name: str, inputs: F64, targets: F64, token: CancelToken) -> Initialised:
    """Measure one way on `inputs` and `targets`, each (N, width). Raises Cancelled."""
    weights = first_weights(request, name)
    with np.errstate(all="ignore"):
        sums, seen = forward(weights, inputs, request.activation)
        back = backward(weights, sums, seen, targets, request.activation)
        spread = np.array([h.std() for h in seen])
        slopes = np.array([np.sqrt(np.mean(part * part)) for part in back[1]])
        before = _different(seen)
        scale = np.array([w.std() for w in weights])
        later = [w.copy() for w in weights]
        for _ in range(request.steps):
            token.check()
            now = forward(later, inputs, request.activation)
            for matrix, change in zip(later, backward(later, *now, targets, request.activation)[0], strict=True):
                matrix -= RATE * change
        after = _different(forward(later, inputs, request.activation)[1])
        counts, low, high = _histograms(seen, request.activation)
        silent = np.array([float((np.ptp(h, axis=0) <= SAME * np.abs(h).max()).mean()) for h in seen])
        mean = np.array([h.mean() for h in seen])
    title, formula = SCHEMES[name]
    return Initialised(name, title, formula, scale, mean, spread, slopes, silent, before, after, counts, low, high)


def forward(weights: list[F64], inputs: F64, activation: str) -> tuple[list[F64], list[F64]]:
    """(sums of each layer, activations with the inputs first), each (N, width)."""
    function = FUNCTIONS[activation][0]
    sums: list[F64] = []
    seen = [inputs]
    for matrix in weights:
        sums.append(seen[-1] @ matrix.T)
        seen.append(function(sums[-1]))
    return sums, seen


def backward(
    weights: list[F64], sums: list[F64], seen: list[F64], targets: F64, activation: str
) -> tuple[list[F64], list[F64]]:
    """Gradients of half the mean squared distance from `targets`: (of each matrix, of each layer's activations)."""
    slope = FUNCTIONS[activation][1]
    back = (seen[-1] - targets) / len(targets)
    matrices: list[F64] = []
    layers = [back]
    for number in range(len(weights) - 1, -1, -1):
        inner = back * slope(sums[number], seen[number + 1])
        matrices.append(inner.T @ seen[number])
        back = inner @ weights[number]
        layers.append(back)
    return matrices[::-1], layers[::-1]


def _different(seen: list[F64]) -> I64:
    """How many units of each layer say something else than every other; 0 where there are no numbers any more."""
    found = []
    for h in seen:
        size = float(np.abs(h).max())
        if not np.isfinite(size):
            found.append(0)
            continue
        found.append(len({row.tobytes() for row in np.round(h.T / (size * SAME)) + 0.0}) if size > 0 else 1)
    return np.array(found, dtype=np.int64)


def _histograms(seen: list[F64], activation: str) -> tuple[I64, float, float]:
    """Counts of the activations in BINS equal bins over what the function can say, or over three times the input's spread."""
    low, high = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "relu": (0.0, 3.0)}.get(activation, (-3.0, 3.0))
    rows = [np.histogram(np.clip(h[np.isfinite(h)], low, high), BINS, (low, high))[0] for h in seen]
    return np.array(rows, dtype=np.int64), low, high
