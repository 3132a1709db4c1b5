"""Stages of detectors that answer in cells: the grid with its anchors and raw numbers, and the calculation at one cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from explorer.records.attribution import Said
from explorer.records.xray import F32, Cell, Stage


@dataclass(frozen=True, eq=False)
class Grid:
    """What one scale says. `raw`: (A, 5 + C, H, W) float32: tx, ty, tw, th, objectness, classes, nothing applied yet.

    `anchors`: (A, 2) float64 width and height in input pixels; `stride`: input pixels per cell; `scale_xy`: see Head.
    """

    layer: str
    stride: int
    anchors: npt.NDArray[np.float64]
    raw: F32
    scale_xy: float = 1.0

    @property
    def rows(self) -> int:
        """Cells from top to bottom."""
        return int(self.raw.shape[2])

    @property
    def columns(self) -> int:
        """Cells from left to right."""
        return int(self.raw.shape[3])

    def cell_box(self, row: int, column: int) -> tuple[float, float, float, float]:
        """A cell's place, input pixels."""
        s = self.stride
        return column * s, row * s, (column + 1) * s, (row + 1) * s

    def best_anchor(self, row: int, column: int) -> int:
        """The anchor of a cell that is surest of something being there."""
        there = self.raw[:, 4, row, column]
        return int(np.where(np.isfinite(there), there, -np.inf).argmax())

    def anchor_box(self, row: int, column: int, anchor: int) -> tuple[float, float, float, float]:
        """An anchor put in the middle of a cell, input pixels."""
        x, y = (column + 0.5) * self.stride, (row + 0.5) * self.stride
        half_w, half_h = (float(side) / 2 for side in self.anchors[anchor])
        return x - half_w, y - half_h, x + half_w, y + half_h


@dataclass(frozen=True, eq=False)
class GridStage(Stage):
    """The cells and anchors of every scale, with the raw numbers that the decoding reads."""

    kind: ClassVar[str] = "grid"
    scales: tuple[Grid, ...]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """`raw0`, `anchors0`, ..."""
        found = super().arrays()
        for at, one in enumerate(self.scales):
            found |= {f"raw{at}": one.raw, f"anchors{at}": one.anchors}
        return found

    def facts(self) -> dict[str, Any]:
        """Cells, strides, anchors."""
        scales = [
            {"layer": one.layer, "stride": one.stride, "cells": [one.rows, one.columns], "anchors": one.anchors.tolist()}
            for one in self.scales
        ]
        return {**super().facts(), "scales": scales}


@dataclass(frozen=True)
class Term:
    """One line of a calculation: `symbol` = `formula` = `filled` = `value` `unit`. `says`: what it is.

    `group`: an English message key, the heading it stands under; `unit`: "px" or "". In symbols and formulas `_x` is an
    index, `^{...}` a power.
    """

    group: str
    symbol: str
    formula: str
    filled: str
    value: float
    unit: str
    says: Said


@dataclass(frozen=True, eq=False)
class Terms:
    """How one answer of one cell is worked out. `values`: every number by name, float64; `lines`: the same for reading.

    `xyxy`: the box in input pixels, float64; `frame_xyxy`: in frame pixels, clipped to it, float32. `classes`: (class,
    probability), the best first.
    """

    cell: Cell
    title: Said
    lines: tuple[Term, ...]
    values: dict[str, float]
    xyxy: tuple[float, float, float, float]
    frame_xyxy: tuple[float, float, float, float]
    classes: tuple[tuple[int, float], ...]

    @property
    def score(self) -> float:
        """Objectness times the probability of the best class."""
        return self.values["score"]


@dataclass(frozen=True, eq=False)
class TermsStage(Stage):
    """The calculation at one cell, one for each of its anchors. `chosen`: which of them is followed."""

    kind: ClassVar[str] = "terms"
    tables: tuple[Terms, ...]
    chosen: int

    @property
    def table(self) -> Terms | None:
        """The followed one."""
        return self.tables[self.chosen] if self.tables else None

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """`names`, and (A, names) float64 `values`; `xyxy`, `frame_xyxy` (A, 4)."""
        names = list(self.tables[0].values) if self.tables else []
        return {
            **super().arrays(),
            "names": np.array(names, dtype=str),
            "values": np.array([[one.values[name] for name in names] for one in self.tables]).reshape(-1, len(names)),
            "xyxy": np.array([one.xyxy for one in self.tables]).reshape(-1, 4),
            "frame_xyxy": np.array([one.frame_xyxy for one in self.tables]).reshape(-1, 4),
        }

    def facts(self) -> dict[str, Any]:
        """Every term of every anchor."""
        tables = [{"cell": list(one.cell), **one.values, "xyxy": list(one.xyxy)} for one in self.tables]
        return {**super().facts(), "chosen": self.chosen, "tables": tables}
