"""The stages of an X-ray as picture files: what the window shows of them, one picture a stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import figures, tr
from explorer.picture import ink
from explorer.picture.colour import Colour, class_colour, paint, to_index
from explorer.picture.grid import grid_for, sheet_of
from explorer.picture.heat import heat_rgba, over
from explorer.picture.opencv import cv2
from explorer.picture.overlay import draw_detections
from explorer.records.frame import RGB
from explorer.records.xray import (
    BoxesStage,
    CandidatesStage,
    Maps,
    MapsStage,
    PictureStage,
    Stage,
    SuppressionStage,
    XrayRecord,
)
from explorer.records.xray_cells import GridStage, TermsStage

GROUND: Colour = (18, 20, 23)
TEXT: Colour = (233, 235, 238)
MUTED: Colour = (169, 176, 186)
LINE: Colour = (255, 255, 255)
GONE: Colour = (187, 187, 187)
HATCH: Colour = (204, 121, 167)
SIDE, PAD, HEAD, LETTER = 640, 14, 58, 16
Box = Sequence[float] | npt.NDArray[np.floating]


def stage_picture(stage: Stage, record: XrayRecord, frame: RGB) -> RGB:
    """(H, W, 3) uint8 RGB of one stage: a head line, what it does, and what there is to see."""
    body = DRAWN[type(stage)](stage, record, frame) if type(stage) in DRAWN else _plate("")
    width = max(body.shape[1] + 2 * PAD, SIDE)
    lines = _wrapped(stage.about.text(), width - 2 * PAD)
    if stage.empty is not None:
        lines += _wrapped(stage.empty.text(), width - 2 * PAD)
    top = HEAD + (len(lines) - 1) * (LETTER + 4) + PAD // 2
    sheet = np.full((top + body.shape[0] + PAD, width, 3), GROUND, np.uint8)
    ink.text(sheet, f"{tr(stage.title)} · {record.title}", PAD, 28, TEXT, 20, bold=True)
    for number, words in enumerate(lines):
        ink.text(sheet, words, PAD, 50 + number * (LETTER + 4), MUTED, 14)
    sheet[top : top + body.shape[0], PAD : PAD + body.shape[1]] = body
    return sheet


def _wrapped(words: str, width: float) -> list[str]:
    """Lines that fit."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and ink.text_width(longer, 14) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _plate(words: str, width: int = SIDE, height: int = 40) -> RGB:
    plate = np.full((height, width, 3), GROUND, np.uint8)
    ink.text(plate, words, 0, height - 14, TEXT, 14)
    return plate


def _input(record: XrayRecord, side: int = SIDE) -> RGB:
    """The network's picture, `side` pixels a side; grey where the record has none."""
    stage = record.first(PictureStage)
    if stage is None:
        return np.full((side, side, 3), 90, np.uint8)
    return np.asarray(cv2.resize(stage.rgb, (side, side), interpolation=cv2.INTER_LINEAR), np.uint8)


def _factor(record: XrayRecord, side: int = SIDE) -> float:
    """Pixels drawn for one input pixel."""
    stage = record.first(PictureStage)
    return side / stage.rgb.shape[0] if stage is not None else 1.0


def _rectangle(rgb: RGB, box: Box, factor: float, colour: Colour, width: int = 2, dash: tuple[int, ...] = ()) -> None:
    left, top, right, bottom = (float(edge) * factor for edge in box)
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]])
    if np.isfinite(corners).all() and np.abs(corners).max() < 1e5:
        if not dash:
            ink.line(rgb, corners, (0, 0, 0), max(2, width) + 1)
        ink.line(rgb, corners, colour, max(2, width) if dash else width, dash)


def _beside(parts: Sequence[RGB], gap: int = PAD) -> RGB:
    """Pictures in a row, their tops in line."""
    height = max(part.shape[0] for part in parts)
    row = np.full((height, sum(part.shape[1] for part in parts) + gap * (len(parts) - 1), 3), GROUND, np.uint8)
    left = 0
    for part in parts:
        row[: part.shape[0], left : left + part.shape[1]] = part
        left += part.shape[1] + gap
    return row


def _below(parts: Sequence[RGB], gap: int = PAD) -> RGB:
    """Pictures in a column."""
    turned = [np.ascontiguousarray(part.swapaxes(0, 1)) for part in parts]
    return np.ascontiguousarray(_beside(turned, gap).swapaxes(0, 1))


# -- one function a kind ---------------------------------------------------------------------------------------------------
def _picture(stage: PictureStage, record: XrayRecord, frame: RGB) -> RGB:
    rgb = _input(record)
    _rectangle(rgb, stage.inside, _factor(record), class_colour(0), 2, (6, 4))
    return rgb


def _maps(stage: MapsStage, record: XrayRecord, frame: RGB) -> RGB:
    rows = []
    for scale in stage.scales:
        name = f"{scale.layer} · {scale.size}"
        if stage.each == "channel":
            tiles = [_heat(scale, scale.mean(), record, tr("mean of {count} channels").format(count=len(scale.values)))]
            tiles.append(_mosaic(scale))
        else:
            said = tr("anchor {number}")
            tiles = [_heat(scale, one, record, said.format(number=at + 1)) for at, one in enumerate(scale.values)]
        rows.append(_below([_plate(name, tiles[0].shape[1], 30), _beside(tiles)], 0))
    return _below(rows) if rows else _plate("")


def _heat(scale: Maps, values: npt.NDArray[np.float32], record: XrayRecord, said: str, side: int = SIDE // 2) -> RGB:
    """A map over the picture, its cells crisp, numbers that are none hatched."""
    good = np.isfinite(values)
    low, high = scale.ends or (float(values[good].min(initial=0)), float(values[good].max(initial=0)))
    level = np.where(good, (np.where(good, values, low) - low) / ((high - low) or 1.0), 0.0).astype(np.float32)
    rgba = heat_rgba(level, 1.0, "magma", signed=False, opacity=0.85)
    rgba = cv2.resize(rgba, (side, side), interpolation=cv2.INTER_NEAREST_EXACT)
    picture = over(_input(record, side), np.asarray(rgba, np.uint8))
    bad = cv2.resize((~good).astype(np.uint8), (side, side), interpolation=cv2.INTER_NEAREST_EXACT).astype(bool)
    stripes = np.add.outer(np.arange(side), np.arange(side)) % 8 < 2
    picture[bad & stripes] = HATCH
    return _below([picture, _plate(figures(f"{said} · {low:.3g} ... {high:.3g}"), side, 26)], 0)


def _mosaic(scale: Maps, side: int = SIDE) -> RGB:
    """All maps of a scale as tiles, each stretched over its own range."""
    values = scale.values
    with np.errstate(invalid="ignore"):
        good = np.where(np.isfinite(values), values, np.nan)
        flat = good.reshape(len(values), -1)
        low, high = np.nan_to_num(np.fmin.reduce(flat, 1)), np.nan_to_num(np.fmax.reduce(flat, 1))
    reach = np.where(high > low, high - low, 1.0)[:, None, None]
    tiles = to_index((good - low[:, None, None]) / reach, 0.0, 1.0)
    grid = grid_for(len(tiles), *values.shape[1:], aspect=1.6)
    sheet = paint(sheet_of(tiles, grid), "viridis")
    return np.asarray(sheet.repeat(max(1, side // sheet.shape[1]), 0).repeat(max(1, side // sheet.shape[1]), 1), np.uint8)


def _grid(stage: GridStage, record: XrayRecord, frame: RGB) -> RGB:
    parts = []
    for at, scale in enumerate(stage.scales):
        rgb, factor = _input(record), _factor(record)
        for step in range(1, max(scale.rows, scale.columns)):
            place = round(step * scale.stride * factor)
            rgb[place : place + 1, :] = rgb[place : place + 1, :] // 2 + 90
            rgb[:, place : place + 1] = rgb[:, place : place + 1] // 2 + 90
        if record.cell is not None and record.cell[0] == at:
            _cell(rgb, record, scale.cell_box(record.cell[1], record.cell[2]))
            for anchor in range(len(scale.anchors)):
                box = scale.anchor_box(record.cell[1], record.cell[2], anchor)
                _rectangle(rgb, box, factor, class_colour(anchor), 3 if anchor == record.cell[3] else 1, (6, 4))
        parts.append(_below([_plate(f"{scale.layer} · {scale.rows} × {scale.columns} · {scale.stride} px", SIDE, 30), rgb], 0))
    return _beside(parts) if parts else _plate("")


def _cell(rgb: RGB, record: XrayRecord, box: Box) -> None:
    """The followed cell, filled."""
    left, top, right, bottom = (round(float(edge) * _factor(record)) for edge in box)
    part = rgb[top:bottom, left:right]
    part[:] = part // 2 + np.array(class_colour(3), np.uint8) // 2


def _terms(stage: TermsStage, record: XrayRecord, frame: RGB) -> RGB:
    rgb, factor = _input(record), _factor(record)
    grid, table = record.first(GridStage), stage.table
    if table is None or record.cell is None or grid is None:
        return rgb
    scale = grid.scales[record.cell[0]]
    _cell(rgb, record, scale.cell_box(record.cell[1], record.cell[2]))
    _rectangle(rgb, scale.anchor_box(*record.cell[1:]), factor, class_colour(stage.chosen), 1, (6, 4))
    for at, one in enumerate(stage.tables):
        _rectangle(rgb, one.xyxy, factor, class_colour(at), 4 if at == stage.chosen else 2)
    x, y = table.values["bx"] * factor, table.values["by"] * factor
    if np.isfinite([x, y]).all():
        ink.marker(rgb, "o", x, y, 5, class_colour(3), (0, 0, 0))
    lines, group = [], ""
    for term in table.lines:
        if term.group != group:
            group = term.group
            lines.append((tr(group), True))
        lines.append((figures(f"{term.symbol} = {term.formula} = {term.filled} = {term.value:.5g} {term.unit}"), False))
    wide = round(max(ink.text_width(words, 14, bold=bold) for words, bold in lines)) + 10
    text = np.full((max(SIDE, 30 + 24 * len(lines)), wide, 3), GROUND, np.uint8)
    ink.text(text, table.title.text(), 0, 18, TEXT, 16, bold=True)
    for number, (words, bold) in enumerate(lines):
        ink.text(text, words, 0, 44 + 24 * number, TEXT if bold else MUTED, 14, bold=bold)
    return _beside([rgb, text])


def _candidates(stage: CandidatesStage, record: XrayRecord, frame: RGB) -> RGB:
    rgb, factor = _input(record), _factor(record)
    for row in reversed(range(len(stage))):
        _rectangle(rgb, stage.xyxy[row], factor, class_colour(int(stage.class_index[row])), 4 if row == record.candidate else 2)
    return rgb


def _suppression(stage: SuppressionStage, record: XrayRecord, frame: RGB) -> RGB:
    rgb, factor = _input(record), _factor(record)
    boxes = record.first(CandidatesStage)
    if boxes is None:
        return rgb
    for row in np.argsort(stage.kept, kind="stable").tolist():  # what went lies below
        if stage.kept[row]:
            _rectangle(rgb, boxes.xyxy[row], factor, class_colour(int(boxes.class_index[row])), 3)
        else:
            _rectangle(rgb, boxes.xyxy[row], factor, GONE, 1, (4, 4))
    lines = []
    for row in range(min(len(boxes), 24)):
        said = tr("goes")
        if stage.kept[row]:
            said = tr("stays, {score}").format(score=figures(f"{stage.after[row]:.1%}"))
        elif stage.by[row] >= 0:
            said = tr("goes because of {number}, IoU {overlap}")
            said = said.format(number=stage.by[row] + 1, overlap=f"{stage.overlap[row]:.2f}")
        lines.append(f"{row + 1}  {tr(boxes.label(row))} {figures(f'{boxes.score[row]:.1%}')}: {said}")
    return _beside([rgb, _list(lines)]) if lines else rgb


def _list(lines: list[str]) -> RGB:
    wide = round(max(ink.text_width(words, 14) for words in lines)) + 10
    text = np.full((SIDE, wide, 3), GROUND, np.uint8)
    for number, words in enumerate(lines):
        ink.text(text, words, 0, 20 + 24 * number, MUTED, 14)
    return text


def _boxes(stage: BoxesStage, record: XrayRecord, frame: RGB) -> RGB:
    found = stage.detections
    return draw_detections(frame, found, tuple(tr(name) for name in found.labels))


DRAWN: dict[type[Stage], Callable[[Any, XrayRecord, RGB], RGB]] = {
    PictureStage: _picture,
    MapsStage: _maps,
    GridStage: _grid,
    TermsStage: _terms,
    CandidatesStage: _candidates,
    SuppressionStage: _suppression,
    BoxesStage: _boxes,
}
