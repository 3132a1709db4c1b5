"""A surface as triangles and level lines in a box, and where its points lie on the screen. numpy only, no OpenGL."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.picture.race_chart import BANDS, LevelScale, bands, level_scale, levels_of, shown_steps
from explorer.records.descent import F64, Race, SurfaceSamples, Trajectory

F32 = npt.NDArray[np.float32]
U32 = npt.NDArray[np.uint32]
SIDE = 128  # grid points of the mesh along each side, at most
LINES = 96  # of the level lines
TALL = 1.0  # height of the box; it goes from -1 to 1 along x and y
LIGHT = np.array([-0.45, -0.35, 0.82])
NEAR, DEEPER = 9.0, 0.12  # pixels and half sides of the box: what is so near hides what is so much deeper
LIFT = 0.006  # of lines over the surface


@dataclass(frozen=True, eq=False)
class Frame:
    """From points of the surface to the box: x, y in [-1, 1], height 0..TALL by levels."""

    x0: float
    x1: float
    y0: float
    y1: float
    scale: LevelScale

    def place(self, points: F64, values: F64) -> F32:
        """(K, 3) places of (K, 2) points with values (K,). NaN stays."""
        x = (points[:, 0] - self.x0) / (self.x1 - self.x0) * 2.0 - 1.0
        y = (points[:, 1] - self.y0) / (self.y1 - self.y0) * 2.0 - 1.0
        return np.stack([x, y, self.scale.of(values) / BANDS * TALL], axis=1).astype(np.float32)

    def point(self, place: tuple[float, float]) -> tuple[float, float]:
        """The point of the surface at (x, y) of the box."""
        x, y = place
        return self.x0 + (x + 1) / 2 * (self.x1 - self.x0), self.y0 + (y + 1) / 2 * (self.y1 - self.y0)


@dataclass(frozen=True, eq=False)
class Mesh:
    """`vertices`: (N, 3), `colours`: (N, 4) 0..1, `faces`: (F, 3); `lines`: (2 L, 3) ends of level lines; `grid`: (M, 3) places
    that the mouse can meet."""

    frame: Frame
    vertices: F32
    colours: F32
    faces: U32
    lines: F32
    grid: F32


def frame_of(samples: SurfaceSamples) -> Frame:
    """The frame of a surface."""
    x, y = samples.x, samples.y
    return Frame(float(x[0]), float(x[-1]), float(y[0]), float(y[-1]), level_scale(samples))


def mesh_of(samples: SurfaceSamples, dark: bool) -> Mesh:
    """Triangles in the colours of the contour, a little light from one side; none where the surface has a hole."""
    frame = frame_of(samples)
    level = _thinned(levels_of(samples), SIDE)
    height, width = level.shape
    x, y = np.meshgrid(np.linspace(-1.0, 1.0, width), np.linspace(-1.0, 1.0, height))
    z = level / BANDS * TALL
    vertices = np.stack([x, y, np.nan_to_num(z)], axis=-1).reshape(-1, 3).astype(np.float32)
    table, _ = bands("cividis", dark)
    at = np.clip(np.nan_to_num(level), 0.0, BANDS - 1e-3)
    rgb = table[at.astype(np.int64)] / 255.0
    rgb = np.clip(rgb * _shade(z, 2.0 / (width - 1), 2.0 / (height - 1))[..., None], 0.0, 1.0)
    colours = np.concatenate([rgb, np.ones((*level.shape, 1))], axis=-1).reshape(-1, 4).astype(np.float32)
    return Mesh(
        frame, vertices, colours, _faces(np.isfinite(level)), _level_lines(levels_of(samples)), _meeting(vertices, level)
    )


def _thinned(level: F64, most: int) -> F64:
    """Every so many rows and columns, the last ones included."""
    rows = np.unique(np.linspace(0, level.shape[0] - 1, min(most, level.shape[0])).round().astype(np.int64))
    columns = np.unique(np.linspace(0, level.shape[1] - 1, min(most, level.shape[1])).round().astype(np.int64))
    return np.asarray(level[np.ix_(rows, columns)])


def _shade(z: F64, dx: float, dy: float) -> F64:
    """0.72 to 1.25: how much light falls on each place."""
    solid = np.where(np.isfinite(z), z, 0.0)
    down, across = np.gradient(solid, dy, dx)
    length = np.sqrt(1.0 + across**2 + down**2)
    return np.asarray(np.clip(0.72 + 0.62 * (LIGHT[2] - LIGHT[0] * across - LIGHT[1] * down) / length, 0.6, 1.25))


def _faces(there: npt.NDArray[np.bool_]) -> U32:
    """Two triangles for each cell whose corners all exist."""
    height, width = there.shape
    corner = np.arange(height * width, dtype=np.uint32).reshape(height, width)
    solid = there[:-1, :-1] & there[1:, :-1] & there[:-1, 1:] & there[1:, 1:]
    a, b, c, d = (part[solid] for part in (corner[:-1, :-1], corner[:-1, 1:], corner[1:, :-1], corner[1:, 1:]))
    return np.concatenate([np.stack([a, b, c], axis=1), np.stack([b, d, c], axis=1)]).astype(np.uint32)


def _level_lines(level: F64) -> F32:
    """(2 L, 3) ends of pieces of the level lines 1 .. BANDS - 1, by triangles: each is cut in one straight piece."""
    level = _thinned(level, LINES)
    height, width = level.shape
    x, y = np.meshgrid(np.linspace(-1.0, 1.0, width), np.linspace(-1.0, 1.0, height))
    solid = np.stack([x, y, level], axis=-1)
    a, b, c, d = solid[:-1, :-1], solid[:-1, 1:], solid[1:, :-1], solid[1:, 1:]
    corners = np.concatenate([np.stack([a, b, c], axis=-2).reshape(-1, 3, 3), np.stack([b, d, c], axis=-2).reshape(-1, 3, 3)])
    corners = corners[np.isfinite(corners[:, :, 2]).all(axis=1)]
    lowest, highest = corners[:, :, 2].min(axis=1), corners[:, :, 2].max(axis=1)
    pieces = []
    for number in range(1, BANDS):
        cut = corners[(lowest < number) & (highest >= number)]
        if len(cut):
            pieces.append(_cut(cut, float(number)))
    if not pieces:
        return np.zeros((0, 3), np.float32)
    ends = np.concatenate(pieces)
    ends[:, 2] = ends[:, 2] / BANDS * TALL + LIFT
    return ends.astype(np.float32)


def _cut(corners: F64, level: float) -> F64:
    """(2 K, 3): where `level` enters and leaves K triangles that it cuts."""
    above = corners[:, :, 2] >= level
    alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), (~above).argmax(axis=1))
    rows = np.arange(len(corners))
    tip = corners[rows, alone]
    ends = []
    for turn in (1, 2):
        other = corners[rows, (alone + turn) % 3]
        part = (level - tip[:, 2]) / (other[:, 2] - tip[:, 2])
        ends.append(tip + part[:, None] * (other - tip))
    return np.stack(ends, axis=1).reshape(-1, 3)


def _meeting(vertices: F32, level: F64) -> F32:
    """Every other vertex that exists."""
    grid = vertices.reshape(*level.shape, 3)[::2, ::2]
    return np.asarray(grid[np.isfinite(level[::2, ::2])], dtype=np.float32)


def trail_of(frame: Frame, run: Trajectory) -> F32:
    """(K, 3) places of a path as far as it is shown, kept inside the box."""
    last = shown_steps(run) + 1
    places = frame.place(run.points[:last], run.values[:last])
    places[:, :2] = np.clip(places[:, :2], -1.0, 1.0)
    places[:, 2] = np.nan_to_num(places[:, 2]) + 2 * LIFT
    return places


def landmarks_of(frame: Frame, race: Race) -> F32:
    """(K, 3) places of the known points."""
    marks = race.surface.landmarks
    points = np.array([(mark.x, mark.y) for mark in marks], dtype=np.float64).reshape(-1, 2)
    return frame.place(points, np.array([mark.value for mark in marks], dtype=np.float64))


def on_screen(places: F32, matrix: F64, width: float, height: float) -> tuple[F64, F64]:
    """((K, 2) pixels, (K,) depth, smaller is nearer) of (K, 3) places under a 4 x 4 projection; behind the eye: far away."""
    flat = np.concatenate([places, np.ones((len(places), 1))], axis=1) @ matrix.T
    w = np.where(flat[:, 3] > 1e-9, flat[:, 3], np.nan)
    across, up = flat[:, 0] / w, flat[:, 1] / w
    pixels = np.stack([(across + 1) / 2 * width, (1 - up) / 2 * height], axis=1)
    return np.nan_to_num(pixels, nan=1e6), np.nan_to_num(w, nan=1e6)


def met(places: F32, matrix: F64, size: tuple[float, float], at: tuple[float, float], reach: float) -> int | None:
    """The place that a person points at: of those near the cursor the one nearest to the eye; None where there is none."""
    if not len(places):
        return None
    pixels, depth = on_screen(places, matrix, *size)
    away = np.hypot(pixels[:, 0] - at[0], pixels[:, 1] - at[1])
    near = np.flatnonzero(away <= reach)
    if not len(near):
        return None
    front = near[depth[near] <= depth[near].min() + 0.15]
    return int(front[np.argmin(away[front])])


def behind(grid: F32, places: F32, matrix: F64, size: tuple[float, float]) -> list[bool]:
    """For each of `places` whether a part of the surface is seen in front of it."""
    if not len(grid) or not len(places):
        return [False] * len(places)
    pixels, depth = on_screen(grid, matrix, *size)
    mine, far = on_screen(places, matrix, *size)
    answer = []
    for (x, y), own in zip(mine.tolist(), far.tolist(), strict=True):
        close = np.hypot(pixels[:, 0] - x, pixels[:, 1] - y) < NEAR
        answer.append(bool((depth[close] < own - DEEPER).any()))
    return answer
