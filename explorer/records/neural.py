"""What small networks show: activations by depth, linear regions, paths that leave their plane."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.records.descent import Race, SurfaceSamples, Trajectory

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Initialised:
    """A network initialised in one way, layer by layer; index 0 is the input, L the number of layers.

    `mean`, `spread`: (L + 1,) mean and standard deviation of the activations; `slopes`: (L + 1,) root mean square of the
    gradient that comes back to them; `silent`: (L + 1,) share of units that say the same to every sample; `different`,
    `different_after`: (L + 1,) how many units of a layer differ from each other, before and after some steps of gradient
    descent (1 where all are equal: symmetry is not broken); `counts`: (L + 1, B) histogram between `low` and `high`.
    NaN where numbers overflow (`different_after` is 0 then). `weights`: (L,) standard deviation of the weights.
    """

    name: str
    title: str
    formula: str
    weights: F64
    mean: F64
    spread: F64
    slopes: F64
    silent: F64
    different: I64
    different_after: I64
    counts: I64
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Initialisation:
    """The same network initialised in several ways, on the same random inputs."""

    activation: str
    depth: int
    width: int
    schemes: tuple[Initialised, ...]
    seed: int = 0

    def scheme(self, name: str) -> Initialised:
        """The scheme called `name`. Raises KeyError."""
        for one in self.schemes:
            if one.name == name:
                return one
        raise KeyError(name)


@dataclass(frozen=True, eq=False)
class LinearRegions:
    """The pieces of the plane on which a ReLU network with two inputs and one output is linear.

    `polygons`: one (n, 2) float64 outline for each piece, counter-clockwise, cut off at `extent` to each side; `slopes`:
    (R, 2) and `offsets`: (R,) of the output on each. `labels`: (H, W) int32, the piece at each grid point, row 0 at the low
    end of y; `values`: (H, W) the output. `by_layer`: pieces after each hidden layer.
    """

    extent: float
    polygons: tuple[F64, ...]
    slopes: F64
    offsets: F64
    labels: npt.NDArray[np.int32]
    values: F64
    by_layer: tuple[int, ...]
    sizes: tuple[int, ...] = ()
    seed: int = 0

    @property
    def count(self) -> int:
        """Number of pieces."""
        return len(self.polygons)


@dataclass(frozen=True, eq=False)
class FullPath:
    """A method that walked in all weights, seen from a plane of two directions.

    `points`: (K + 1, 2) nearest points of the plane; `distance`: (K + 1,) how far from the plane; `values`: (K + 1,) the loss
    where it really is; `shadow`: (K + 1,) the loss at `points`.
    """

    optimizer: str
    points: F64
    distance: F64
    values: F64
    shadow: F64
    hyper: dict[str, float] = field(default_factory=dict)
    halted: bool = False


@dataclass(frozen=True, eq=False)
class FullRace:
    """Several of them from one start on the plane. `weights`: how many numbers the network has."""

    surface: SurfaceSamples
    paths: tuple[FullPath, ...]
    start: tuple[float, float]
    weights: int

    def shadows(self) -> Race:
        """The paths as they look on the plane, with the loss where they really are: for pictures of races."""
        runs = tuple(
            Trajectory(
                path.optimizer, path.points, path.values, np.full(path.points.shape, np.nan), {}, path.hyper,
                "not finite" if path.halted else "running", len(path.values) - (0 if path.halted else 1),
            )
            for path in self.paths
        )  # fmt: skip
        return Race(self.surface, runs, self.start, facts={"title": self.surface.facts.get("title", self.surface.name)})
