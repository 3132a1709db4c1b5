"""Heats of several methods on one sheet, with titles, colour bars, curves of trust and stages of forgetting, for files."""

from __future__ import annotations

import textwrap

import numpy as np

from explorer.i18n import figures, tr
from explorer.picture import ink
from explorer.picture.colour import Colour, paint
from explorer.picture.heat import heat_rgba, map_for, over, scale_end
from explorer.picture.opencv import cv2
from explorer.records.attribution import Attribution, AttributionSet, Randomisation, TrustCurve, TrustCurves
from explorer.records.frame import RGB

GROUND: Colour = (18, 20, 23)
TEXT: Colour = (233, 235, 238)
MUTED: Colour = (169, 176, 186)
CURVES: tuple[tuple[str, Colour, tuple[int, ...]], ...] = (
    ("deletion", (213, 94, 0), ()),
    ("insertion", (86, 180, 233), ()),
    ("random_deletion", (213, 94, 0), (2, 2)),
    ("random_insertion", (86, 180, 233), (2, 2)),
)
WIDE, NARROW, HEAD, FOOT, PAD = 420, 230, 38, 30, 12
CHART = 150


def heat_sheet(
    rgb: RGB,
    found: AttributionSet,
    *,
    trust: TrustCurves | None = None,
    checks: tuple[Randomisation, ...] = (),
    opacity: float = 0.75,
) -> RGB:
    """(H, W, 3) uint8: a head line, one tile a method, below it its curve, then a row of stages for each check."""
    tall = max(24, round(WIDE * rgb.shape[0] / rgb.shape[1]))
    curves = {curve.method: curve for curve in trust.items} if trust is not None else {}
    tiles = [_tile(rgb, item, tall, opacity, curves.get(item.method), trust is not None) for item in found.items]
    columns = min(len(tiles), max(1, round(np.sqrt(len(tiles) * tiles[0].shape[0] / WIDE * 1.3))))
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    for check in checks:
        stages = [_stage(rgb, check.original, tr("trained"), opacity)]
        for stage in check.stages:
            said = tr("{layers} layers random").format(layers=stage.layers)
            if stage.correlation is not None:
                said += figures(f" · ρ = {stage.correlation:.2f}")
            stages.append(_stage(rgb, stage.attribution, said, opacity))
        at_once = max(1, columns * (WIDE + PAD) // (NARROW + PAD))
        rows += [stages[start : start + at_once] for start in range(0, len(stages), at_once)]
    return _paste(rows, _head_line(found))


def _head_line(found: AttributionSet) -> str:
    sure = "" if found.confidence is None else figures(f" {100 * found.confidence:.1f} %")
    return tr("Why “{target}”?").format(target=found.target.text()) + sure


def _tile(rgb: RGB, item: Attribution, tall: int, opacity: float, curve: TrustCurve | None, with_chart: bool) -> RGB:
    height = HEAD + tall + FOOT + (CHART if with_chart else 0)
    tile = np.full((height, WIDE, 3), GROUND, np.uint8)
    ink.text(tile, tr(item.title), 0, 22, TEXT, 17, bold=True)
    note = item.layer or figures(f"{item.seconds:.2f} s")
    ink.text(tile, note, WIDE, 22, MUTED, 13, align=1.0)
    tile[HEAD : HEAD + tall] = _drawn(rgb, item, (WIDE, tall), opacity)
    if item.empty is None:
        _bar(tile, HEAD + tall + 8, item)
    if curve is not None:
        _chart(tile[HEAD + tall + FOOT :], curve)
    return tile


def _stage(rgb: RGB, item: Attribution, said: str, opacity: float) -> RGB:
    tall = max(20, round(NARROW * rgb.shape[0] / rgb.shape[1]))
    tile = np.full((HEAD + tall, NARROW, 3), GROUND, np.uint8)
    ink.text(tile, tr(item.title), 0, 14, TEXT, 13, bold=True)
    ink.text(tile, said, 0, 30, MUTED, 12)
    tile[HEAD:] = _drawn(rgb, item, (NARROW, tall), opacity)
    return tile


def _drawn(rgb: RGB, item: Attribution, size: tuple[int, int], opacity: float) -> RGB:
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    if item.empty is not None:
        dim = np.asarray(small // 3, np.uint8)
        for line, words in enumerate(textwrap.wrap(item.empty.text(), size[0] // 8)[: max(1, size[1] // 20)]):
            ink.text(dim, words, 10, 22 + 19 * line, TEXT, 14)
        return dim
    heat = cv2.resize(item.heat, size, interpolation=cv2.INTER_LINEAR)
    rgba = heat_rgba(np.asarray(heat), scale_end(item.heat), map_for(item.signed), signed=item.signed, opacity=opacity)
    return over(np.asarray(small, np.uint8), rgba)


def _bar(tile: RGB, top: int, item: Attribution) -> None:
    ramp = np.linspace(1 if item.signed else 0, 255, 160).astype(np.uint8)
    tile[top : top + 8, 60 : 60 + 160] = paint(ramp, map_for(item.signed))[None]
    end = scale_end(item.heat)
    ink.text(tile, figures(f"{-end:.2g}") if item.signed else "0", 54, top + 9, MUTED, 12, align=1.0)
    ink.text(tile, figures(f"{end:.2g}"), 226, top + 9, MUTED, 12)


def _chart(area: RGB, curve: TrustCurve) -> None:
    left, top, width, height = 44, 22, WIDE - 60, CHART - 50
    most = max(1e-9, *(float(np.max(getattr(curve, name))) for name, _, _ in CURVES))
    most = 1.0 if 0.2 < most <= 1.0 else most
    low = min(0.0, *(float(np.min(getattr(curve, name))) for name, _, _ in CURVES))
    for name, colour, dash in CURVES:
        if curve.empty is not None and not name.startswith("random"):
            continue
        values = getattr(curve, name)
        points = np.stack([left + curve.share * width, top + height - (values - low) / (most - low) * height], 1)
        ink.line(area, points, colour, 1 if dash else 2, dash)
    axis = np.array([[left, top], [left, top + height], [left + width, top + height]], np.float64)
    ink.line(area, axis, MUTED, 1)
    ink.text(area, figures(f"{most:.2g}"), left - 4, top + 6, MUTED, 12, align=1.0)
    areas = curve.areas
    words = tr(
        "deletion {deletion:.2f} (chance {random_deletion:.2f}), insertion {insertion:.2f} (chance {random_insertion:.2f})"
    )
    ink.text(area, words.format(**areas), left, top + height + 18, MUTED, 12)


def _paste(rows: list[list[RGB]], head: str) -> RGB:
    width = max(sum(tile.shape[1] + PAD for tile in row) for row in rows) + PAD
    height = 44 + sum(row[0].shape[0] + PAD for row in rows)
    sheet = np.full((height, width, 3), GROUND, np.uint8)
    ink.text(sheet, head, PAD, 30, TEXT, 20, bold=True)
    top = 44
    for row in rows:
        left = PAD
        for tile in row:
            sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
            left += tile.shape[1] + PAD
        top += row[0].shape[0] + PAD
    return sheet
