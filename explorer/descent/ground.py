"""What a method walks on: one surface in plain floats (the path) and in numpy (the picture), and the tables of this process.

Plain floats, because two coordinates are cheaper as two Python floats than as an array: a step costs about a microsecond,
a numpy call alone as much. The same formula in numpy draws the picture and values a whole path at once.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from explorer.descent.finite_sum import Batches, FiniteSum
from explorer.i18n import N_
from explorer.records.descent import F64, Landmark, SurfaceSamples
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.plugins import PluginRow
from explorer.requests.race import SurfaceRequest
from explorer.tables import Table, Tables, UnknownNameError

if TYPE_CHECKING:
    from explorer.descent.fullspace import Space
    from explorer.descent.optimizers import Optimizer

Point: TypeAlias = tuple[float, float]
Value: TypeAlias = Callable[[float, float], float]
Gradient: TypeAlias = Callable[[float, float], Point]
Curvature: TypeAlias = Callable[[float, float], tuple[float, float, float]]
Residuals: TypeAlias = Callable[[float, float], Sequence[float]]
Jacobian: TypeAlias = Callable[[float, float], Sequence[Point]]
Domain: TypeAlias = tuple[float, float, float, float]
Points: TypeAlias = tuple[tuple[float, ...], ...]
# What plain-float arithmetic raises where numpy says inf or NaN.
HOLES = (ArithmeticError, ValueError)


@dataclass(frozen=True)
class Parameter:
    """One number that shapes a surface, a method or a schedule. `whole`: only whole numbers make sense.

    `low`, `high` bound the slider, and a surface's value too; a method's value may lie beyond: a rate of 1e9 is a lesson, no
    error. `choices`: message keys where the number is the index of one of them.
    """

    name: str
    label: str
    help: str
    default: float
    low: float
    high: float
    log: bool = False
    choices: tuple[str, ...] = ()
    whole: bool = False


@dataclass(frozen=True)
class Surface:
    """An error surface z = f(x, y).

    `value`, `gradient`: plain floats in and out; they may raise ArithmeticError or ValueError where f has a hole, or return
    NaN. `values`, `gradients`: the same on float64 arrays of one shape (gradients returns two arrays); left out, the plain
    functions are asked point by point. `domain`: x low, x high, y low, y high of the plot. `rates`: the learning rate that
    suits a method here, by name; a method that is not listed keeps its own. `formula` is for people. `curvature`: the exact
    Hessian (f_xx, f_xy, f_yy) in plain floats, `curvatures` on arrays; left out, differences of the gradient take its place.
    `residuals`: the r_i of a least-squares surface f = Σ r_i², and `jacobian` their gradients, one (x, y) each; both or
    neither.

    `terms`: f as a mean of terms, whose batches are the noise of stochastic descent. `space`: the many weights of which this
    is a plane. `parameters` shape it, `chosen` are their values here, `factory(values, points)` makes it for others
    (`with_values`). A surface that costs time to prepare stands in the table not `ready`, and `surface_named` has its
    factory make it. `drawn`: it is made of points that a person may draw, (x, y) or (x, y, class); `points` are the present.
    `facts`: what else is shown of it (formula.facts); they go into the samples. `family`: the group it is listed under,
    "classic", "rough", "data" or "neural"; a plugin's has none.
    """

    name: str
    title: str
    formula: str
    domain: Domain
    start: Point
    value: Value
    gradient: Gradient
    values: Callable[[F64, F64], F64] | None = None
    gradients: Callable[[F64, F64], tuple[F64, F64]] | None = None
    rates: Mapping[str, float] = field(default_factory=dict)
    landmarks: tuple[Landmark, ...] = ()
    about: str = ""
    curvature: Curvature | None = None
    residuals: Residuals | None = None
    jacobian: Jacobian | None = None
    curvatures: Callable[[F64, F64], tuple[F64, F64, F64]] | None = None
    terms: FiniteSum | None = None
    space: Callable[[], Space] | None = None
    parameters: tuple[Parameter, ...] = ()
    factory: Callable[[Mapping[str, float], Points], Surface] | None = None
    chosen: Mapping[str, float] = field(default_factory=dict)
    ready: bool = True
    drawn: bool = False
    points: Points = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    family: str = ""

    def __post_init__(self) -> None:
        x0, x1, y0, y1 = self.domain
        if not (math.isfinite(x0 + x1 + y0 + y1) and x0 < x1 and y0 < y1):
            raise ValueError(f"surface {self.name}: the domain {self.domain} is no rectangle")
        if not all(math.isfinite(number) for number in self.start):
            raise ValueError(f"surface {self.name}: the start {self.start} is not finite")

    @property
    def diagonal(self) -> float:
        """Length of the plot's diagonal, the scale that "close" is measured with."""
        x0, x1, y0, y1 = self.domain
        return math.hypot(x1 - x0, y1 - y0)

    def array(self, x: F64, y: F64) -> F64:
        """f on arrays of one shape, float64; NaN where f is undefined or not finite."""
        with np.errstate(all="ignore"):
            z = self._one_by_one(x, y) if self.values is None else np.asarray(self.values(x, y), dtype=np.float64)
        z = np.broadcast_to(z, np.shape(x))
        return np.where(np.isfinite(z), z, np.nan)

    def _one_by_one(self, x: F64, y: F64) -> F64:
        flat = [height(self.value, float(a), float(b)) for a, b in zip(np.ravel(x), np.ravel(y), strict=True)]
        return np.array(flat, dtype=np.float64).reshape(np.shape(x))

    def hessian(self, x: float, y: float) -> tuple[float, float, float]:
        """(f_xx, f_xy, f_yy), exact where the surface knows it, else by central differences of the gradient; NaN at a hole."""
        if self.curvature is not None:
            try:
                return self.curvature(x, y)
            except HOLES:
                return math.nan, math.nan, math.nan
        step = 1e-5 * self.diagonal
        right, left = slope(self.gradient, x + step, y), slope(self.gradient, x - step, y)
        up, down = slope(self.gradient, x, y + step), slope(self.gradient, x, y - step)
        xx, yy = (right[0] - left[0]) / (2 * step), (up[1] - down[1]) / (2 * step)
        xy = (right[1] - left[1] + up[0] - down[0]) / (4 * step)
        return xx, xy, yy

    def with_values(self, values: Mapping[str, float], points: Points = ()) -> Surface:
        """This surface with other values of its parameters, the rest at their defaults, and with points drawn by a person.

        Raises BadRequestError for a name it does not have, a value out of range, or points where there can be none.
        """
        complete = {one.name: one.default for one in self.parameters}
        for name, value in values.items():
            one = next((one for one in self.parameters if one.name == name), None)
            if one is None:
                known = {"surface": self.name, "name": name, "known": ", ".join(complete) or "-"}
                raise refusal("surface.parameter", N_("{surface} has no parameter {name}; it has: {known}."), known)
            if not one.low <= value <= one.high:
                facts = {"name": name, "value": value, "low": one.low, "high": one.high}
                raise refusal("surface.value", N_("{name} = {value} is not between {low} and {high}."), facts)
            complete[name] = float(round(value)) if one.whole else float(value)
        if points and not self.drawn:
            raise refusal("surface.points", N_("{surface} is not made of points."), {"surface": self.name})
        if self.factory is None or (self.ready and complete == dict(self.chosen) and points in {(), self.points}):
            return self
        return self.factory(complete, points)

    def sampled_gradient(self, batch: int, rng: np.random.Generator, noise: float = 0.0) -> Gradient:
        """A gradient that differs from the true one by chance: fresh at every call, the true one on average.

        `batch` terms of the sum at a time, each epoch in a new order (0, or no terms: all of them); `noise` is the standard
        deviation of what is added to each component.
        """
        exact = self.gradient
        if self.terms is not None and 0 < batch < self.terms.count:
            exact = Batches(self.terms, batch, rng).gradient
        if noise == 0.0:
            return exact

        def noisy(x: float, y: float) -> Point:
            gx, gy = exact(x, y)
            return gx + noise * float(rng.standard_normal()), gy + noise * float(rng.standard_normal())

        return noisy

    def samples(self, resolution: int) -> SurfaceSamples:
        """The surface on a grid of `resolution` x `resolution` points that spans the domain."""
        x0, x1, y0, y1 = self.domain
        x, y = np.linspace(x0, x1, resolution), np.linspace(y0, y1, resolution)
        grid_x, grid_y = np.meshgrid(x, y)
        return SurfaceSamples(self.name, x, y, self.array(grid_x, grid_y), self.landmarks, self.formula, self._told())

    def _told(self) -> dict[str, Any]:
        """`facts`, and what every surface has: "title", "values", "rates", "eigenvalues" at each landmark or None, "points"."""
        pairs = [eigenvalues(*self.hessian(mark.x, mark.y)) for mark in self.landmarks]
        known = [pair if math.isfinite(pair[0] + pair[1]) else None for pair in pairs]
        told = {"title": self.title, "values": dict(self.chosen), "rates": dict(self.rates), "eigenvalues": known}
        return {**self.facts, **told, **({"points": self.points} if self.drawn else {})}


def eigenvalues(xx: float, xy: float, yy: float) -> Point:
    """Of a symmetric 2 x 2 matrix, the smaller one first."""
    middle, spread = 0.5 * (xx + yy), math.hypot(0.5 * (xx - yy), xy)
    return middle - spread, middle + spread


def height(value: Value, x: float, y: float) -> float:
    """f(x, y) as a float; NaN where it has none."""
    try:
        return float(value(x, y))
    except HOLES:
        return math.nan


def slope(gradient: Gradient, x: float, y: float) -> Point:
    """The gradient at (x, y); (NaN, NaN) where there is none."""
    try:
        gx, gy = gradient(x, y)
        return float(gx), float(gy)
    except HOLES:
        return math.nan, math.nan


_here: Tables | None = None
_late = True  # plugins may still be asked for names that nobody knows


def known() -> Tables:
    """The tables that the jobs of this process look names up in: the built-ins and loaded plugins, or what `use` was given."""
    global _here
    if _here is None:
        from explorer.descent import optimizers, surfaces

        tables = Tables()
        surfaces.register(tables)
        optimizers.register(tables)
        _here = tables
    return _here


def use(tables: Tables | None) -> None:
    """Look names up in `tables` and nowhere else from now on; None goes back to the built-ins (and plugins)."""
    global _here, _late
    _here, _late = tables, tables is None


def load_plugins() -> tuple[PluginRow, ...]:
    """Load the plugins afresh beside the built-ins of this process; rows say how each fared.

    By name, as a child imports its job: this room does not depend on that one, and works without it.
    """
    global _late
    use(None)
    _late = False
    rows: tuple[PluginRow, ...] = importlib.import_module("explorer.plugins").load_all()
    return rows


def surface_named(name: str) -> Surface:
    """The surface `name` of this process. Raises BadRequestError with near names."""
    return cast(Surface, _named("surfaces", name)).with_values({})


def surface_of(request: SurfaceRequest) -> Surface:
    """The surface that a request means, with its values, points and domain. Raises BadRequestError, FormulaError."""
    if request.formula:
        from explorer.descent.formula import formula_surface

        return formula_surface(request.formula, request.values, request.domain)
    surface = cast(Surface, _named("surfaces", request.surface)).with_values(request.values, request.points)
    if request.domain is None:
        return surface
    x0, x1, y0, y1 = request.domain
    inside = tuple(mark for mark in surface.landmarks if x0 <= mark.x <= x1 and y0 <= mark.y <= y1)
    return replace(surface, domain=request.domain, landmarks=inside)


def refusal(code: str, text: str, values: Mapping[str, object]) -> BadRequestError:
    """A request that cannot be followed; `text` is a marked template."""
    return BadRequestError(Trouble(code, text, dict(values), exit_code=2))


def optimizer_named(name: str) -> Optimizer:
    """The optimizer `name` of this process. Raises BadRequestError with near names."""
    return cast("Optimizer", _named("optimizers", name))


def _named(kind: str, name: str) -> object:
    """A row of a table; plugins are only loaded when a name is asked for that the program itself does not have."""
    if name not in getattr(known(), kind) and _late:
        load_plugins()
    table: Table[object] = getattr(known(), kind)
    try:
        return table[name]
    except UnknownNameError as error:
        raise BadRequestError(Trouble(f"{table.kind}.unknown", "{text}", {"text": str(error)}, exit_code=2)) from None
