"""Error surfaces of small networks: the lecture's experiments 2b and 3a, and a plane through all weights of a trained one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache

import numpy as np

from explorer.descent.finite_sum import F64, FiniteSum
from explorer.descent.fullspace import Space
from explorer.descent.ground import Domain, Parameter, Points, Surface, refusal
from explorer.descent.network import Network, Plane, random_directions
from explorer.descent.surfaces_classic import defaults
from explorer.descent.surfaces_marks import rates, with_found
from explorer.i18n import N_
from explorer.records.descent import Landmark

SIDE = 10.0  # half the side of the plots over two weights
FINE = 65  # points along each side of the grid on which landmarks are looked for
LAYERS = (4, 5, 8, 2)
SEED = Parameter("seed", N_("Weights"), N_("Which random weights the network has."), 4.0, 0.0, 999.0, whole=True)
SCALE = Parameter("scale", N_("Size of the weights"), N_("Standard deviation of the random weights."), 3.0, 0.1, 10.0, log=True)
RESPONSE = Parameter(
    "response", N_("Desired response"),
    N_("Random answers, which no weights give, or the network's own, which its own two weights give without any error."),
    0.0, 0.0, 1.0, choices=(N_("random"), N_("its own")), whole=True,
)  # fmt: skip
UNIT_X = Parameter("unit_x", N_("Unit of x"), N_("Unit of the first layer that x leads to."), 1.0, 1.0, 5.0, whole=True)
INPUT_X = Parameter("input_x", N_("Input of x"), N_("Input that x comes from."), 1.0, 1.0, 4.0, whole=True)
UNIT_Y = Parameter("unit_y", N_("Unit of y"), N_("Unit of the first layer that y leads to."), 2.0, 1.0, 5.0, whole=True)
INPUT_Y = Parameter("input_y", N_("Input of y"), N_("Input that y comes from."), 1.0, 1.0, 4.0, whole=True)
CHOICE = (UNIT_X, INPUT_X, UNIT_Y, INPUT_Y)


def patterns() -> F64:
    """(16, 4) all patterns of -1 and 1: the data of both experiments."""
    return np.array(list(itertools.product((-1.0, 1.0), repeat=4)))


def two_weights(sizes: tuple[int, ...], seed: int, scale: float, own: bool, first: int, second: int) -> tuple[Plane, F64]:
    """The plane of two weights (places in the flat vector) of a random sigmoid network, and their own values (2,).

    The slides give neither the data nor the weights nor the desired responses: these are ours, and drawn by `seed`. On the
    plane x and y are the two weights themselves; the others stay as they are.
    """
    rng = np.random.default_rng(seed)
    inputs = patterns()
    blank = Network(sizes, "sigmoid", "squares", inputs, np.zeros((len(inputs), sizes[-1])))
    weights = scale * rng.standard_normal(blank.count)
    random = rng.integers(0, 2, (len(inputs), sizes[-1])).astype(np.float64)
    network = replace(blank, targets=blank.forward(weights)[-1] if own else random)
    directions = np.zeros((2, network.count))
    directions[0, first] = directions[1, second] = 1.0
    origin = weights.copy()
    origin[[first, second]] = 0.0
    return Plane(network, origin, directions), weights[[first, second]]


def over_weights(plane: Plane, known: F64 | None, name: str, title: str, formula: str, about: str) -> Surface:
    """The surface of a plane of two weights, without parameters; `known` (2,): weights without any error, if there are any."""
    at = () if known is None or np.abs(known).max() > SIDE else (Landmark(float(known[0]), float(known[1]), 0.0, "minimum"),)

    def residuals(x: float, y: float) -> list[float]:
        output = plane.network.forward(plane.at(x, y))[-1]
        off: list[float] = ((output - plane.network.targets).ravel() / np.sqrt(output.size)).tolist()
        return off

    def jacobian(x: float, y: float) -> list[tuple[float, float]]:
        slopes = plane.output_slopes(x, y) / np.sqrt(plane.network.targets.size)
        return [(a, b) for a, b in slopes.reshape(2, -1).T.tolist()]

    return replace(
        _on(plane, name, title, formula, (-SIDE, SIDE, -SIDE, SIDE), (-7.0, 7.5), about),
        rates=rates(10.0, 2.0, 2.0, 0.8, 0.1, 0.2), residuals=residuals, jacobian=jacobian, landmarks=at,
    )  # fmt: skip


def _on(plane: Plane, name: str, title: str, formula: str, domain: Domain, start: tuple[float, float], about: str) -> Surface:
    return Surface(
        name, title, formula, domain, start, plane.value, plane.gradient, plane.values, plane.gradients, about=about,
        curvature=plane.curvature, curvatures=plane.curvatures, terms=FiniteSum(len(plane.network.inputs), plane.each),
    )  # fmt: skip


def _unit(values: Mapping[str, float]) -> Surface:
    first, second = int(values["input_x"]) - 1, int(values["input_y"]) - 1
    if first == second:
        raise refusal("surface.weights", N_("x and y must be two different weights."), {})
    own = values["response"] == 1.0
    plane, weights = two_weights((4, 1), int(values["seed"]), values["scale"], own, first, second)
    return over_weights(
        plane, weights if own else None, "sigmoid_unit", N_("One sigmoid unit (experiment 2b)"),
        "f(x, y) = mean of (σ(w · u) − d)²,  w₁ = x, w₂ = y",
        N_("Mean squared error of a single sigmoid unit with 4 inputs over two of its weights: plateaus, a cliff, no bowl."),
    )  # fmt: skip


def _network(values: Mapping[str, float]) -> Surface:
    units, inputs = (values["unit_x"], values["unit_y"]), (values["input_x"], values["input_y"])
    first, second = (int(4 * (unit - 1) + source - 1) for unit, source in zip(units, inputs, strict=True))
    if first == second:
        raise refusal("surface.weights", N_("x and y must be two different weights."), {})
    own = values["response"] == 1.0
    plane, weights = two_weights(LAYERS, int(values["seed"]), values["scale"], own, first, second)
    return over_weights(
        plane, weights if own else None, "sigmoid_network", N_("Sigmoid network 4-5-8-2 (experiment 3a)"),
        "f(x, y) = mean of |net(u) − d|² / 2,  x and y two weights of layer 1",
        N_("Mean squared error over two weights of the first layer, all others random: plateaus, cliffs, many optima."),
    )  # fmt: skip


UNIT_PARAMETERS = (replace(SEED, default=7.0), SCALE, RESPONSE, INPUT_X, replace(INPUT_Y, default=2.0))
NETWORK_PARAMETERS = (SEED, SCALE, RESPONSE, *CHOICE)

WIDTH = Parameter("width", N_("Hidden units"), N_("Units in each of the two hidden layers."), 8.0, 2.0, 16.0, whole=True)
FIRST = Parameter("seed", N_("First weights"), N_("Which random weights the training began with."), 0.0, 0.0, 999.0, whole=True)
DIRECTION = Parameter(
    "directions", N_("Directions"),
    N_("Plain random directions, or such whose part for every unit is as long as that unit's weights (filter-normalised)."),
    1.0, 0.0, 1.0, choices=(N_("random"), N_("filter-normalised")), whole=True,
)  # fmt: skip
TURN = Parameter("plane", N_("Plane"), N_("Which two random directions span the plane."), 0.0, 0.0, 999.0, whole=True)
TRAINING = 400  # steps of Adam
DATA = 40


def rings() -> tuple[F64, F64]:
    """(40, 2) points and (40, 1) classes 0 and 1: two half moons that reach into each other, with noise."""
    rng = np.random.default_rng(2)
    turn = np.linspace(0.0, np.pi, DATA // 2)
    upper = np.stack([np.cos(turn) - 0.5, np.sin(turn) - 0.25], axis=1)
    points = np.concatenate([upper, -upper]) + 0.15 * rng.standard_normal((DATA, 2))
    return points, np.repeat([[1.0], [0.0]], DATA // 2, axis=0)


@lru_cache(maxsize=16)
def trained(seed: int, width: int) -> tuple[Network, F64]:
    """A network 2-width-width-1 (tanh) on two half moons, and its weights after 400 steps of Adam."""
    points, classes = rings()
    network = Network((2, width, width, 1), "tanh", "logistic", points, classes)
    rng = np.random.default_rng(seed)
    weights = np.zeros(network.count)
    for matrix, _ in network.layers(weights):
        matrix[:] = rng.standard_normal(matrix.shape) / np.sqrt(matrix.shape[1])
    mean, squares = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, TRAINING + 1):
        gradient = network.gradient(weights)
        mean = 0.9 * mean + 0.1 * gradient
        squares = 0.999 * squares + 0.001 * gradient * gradient
        weights = weights - 0.02 * mean / (1 - 0.9**step) / (np.sqrt(squares / (1 - 0.999**step)) + 1e-8)
    return network, weights


@lru_cache(maxsize=16)
def _plane(seed: int, width: int, turn: int, by_filter: bool) -> Plane:
    network, weights = trained(seed, width)
    return Plane(network, weights, random_directions(network, weights, turn, by_filter))


def plane_of(values: Mapping[str, float]) -> Plane:
    """The plane around the trained network that the values mean."""
    return _plane(int(values["seed"]), int(values["width"]), int(values["plane"]), values["directions"] == 1.0)


def _mlp(values: Mapping[str, float]) -> Surface:
    """Nothing is trained before somebody asks for a number."""

    def space() -> Space:
        plane = plane_of(values)
        return Space(plane.origin, plane.directions, plane.network.value, plane.network.gradient)

    width = int(values["width"])
    return Surface(
        "mlp_plane", N_("Plane through a trained network"),
        f"f(x, y) = loss(θ + x d₁ + y d₂),  network 2-{width}-{width}-1", (-1.0, 1.0, -1.0, 1.0), (-0.8, 0.75),
        lambda x, y: plane_of(values).value(x, y), lambda x, y: plane_of(values).gradient(x, y),
        lambda x, y: plane_of(values).values(x, y), lambda x, y: plane_of(values).gradients(x, y),
        rates(0.02, 0.004, 0.004, 0.08, 0.004, 0.015), (),
        N_("Loss around a trained network over two random directions. Real training leaves this plane."),
        lambda x, y: plane_of(values).curvature(x, y), curvatures=lambda x, y: plane_of(values).curvatures(x, y),
        terms=FiniteSum(DATA, lambda x, y, which: plane_of(values).each(x, y, which)), space=space,
    )  # fmt: skip


MLP_PARAMETERS = (FIRST, WIDTH, DIRECTION, TURN)
MAKERS = {
    "sigmoid_unit": (_unit, UNIT_PARAMETERS),
    "sigmoid_network": (_network, NETWORK_PARAMETERS),
    "mlp_plane": (_mlp, MLP_PARAMETERS),
}


@lru_cache(maxsize=32)
def _made(name: str, items: tuple[tuple[str, float], ...]) -> Surface:
    maker, parameters = MAKERS[name]
    values = dict(items)
    plain = maker(values)
    return replace(plain, landmarks=with_found(plain, FINE), parameters=parameters, factory=_again(name), chosen=values)


def _row(name: str) -> Surface:
    """For the table: its landmarks are looked for when it is asked for."""
    maker, parameters = MAKERS[name]
    values = defaults(*parameters)
    return replace(maker(values), parameters=parameters, factory=_again(name), chosen=values, ready=False)


def _again(name: str) -> Callable[[Mapping[str, float], Points], Surface]:
    def factory(others: Mapping[str, float], points: Points) -> Surface:
        return _made(name, tuple(others.items()))

    return factory


def surfaces() -> tuple[Surface, ...]:
    """The surfaces of small networks."""
    return tuple(_row(name) for name in MAKERS)
