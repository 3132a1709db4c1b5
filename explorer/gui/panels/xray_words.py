"""The numbers of a stage as typeset lines (HTML) for the side of the X-ray, and as a table for the clipboard."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np

from explorer.gui import theme
from explorer.gui.numerals import localised
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.xray_paint import Look, grid_of
from explorer.gui.widgets.number_label import shown
from explorer.i18n import figures, listed, tr
from explorer.picture.colour import class_colour
from explorer.records.xray import (
    BoxesStage,
    CandidatesStage,
    MapsStage,
    PictureStage,
    Stage,
    SuppressionStage,
    XrayRecord,
    bad_count,
    label_of,
)
from explorer.records.xray_cells import Grid, GridStage, TermsStage

Row = tuple[str, str]


def typeset(formula: str) -> str:
    """`b_x = p · e^{t_w}` with real indices and powers, as HTML."""
    text = escape(formula)
    text = re.sub(r"\^\{([^}]*)\}", lambda found: f"<sup>{found[1].replace('_', '')}</sup>", text)
    return re.sub(r"_(\w)", r"<sub>\1</sub>", text)


def side_html(record: XrayRecord, stage: Stage, look: Look) -> str:
    """What stands beside the picture: how it comes about, in numbers."""
    parts = []
    if stage.empty is not None:
        parts.append(f"<p style='color:{theme.tokens().warn}'>{escape(stage.empty.text())}</p>")
    if isinstance(stage, PictureStage):
        parts.append(_way(record, stage))
    elif isinstance(stage, MapsStage):
        parts.append(_maps(record, stage, look))
    elif isinstance(stage, GridStage):
        parts.append(_grid(record, stage, look))
    elif isinstance(stage, TermsStage):
        parts.append(_terms(record, stage))
    elif isinstance(stage, CandidatesStage):
        parts.append(_candidate(record, stage))
    elif isinstance(stage, SuppressionStage):
        parts.append(_suppression(record, stage))
    elif isinstance(stage, BoxesStage):
        parts.append(_boxes(record, stage))
    parts += [f"<p>{escape(note.text())}</p>" for note in record.notes]
    return "".join(parts)


def _heading(text: str) -> str:
    return f"<p style='color:{theme.tokens().muted}; margin-top:8px; margin-bottom:2px'><b>{escape(text)}</b></p>"


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows of HTML cells."""
    whole = [[cell.replace(" × ", "&nbsp;×&nbsp;") for cell in row] for row in rows]  # sizes stay on one line
    cells = ["".join(f"<td style='padding-right:7px'>{cell}</td>" for cell in row) for row in whole]
    lines = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<table cellspacing=0 cellpadding=1>{lines}</table>"


def _line(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _muted(html: str) -> str:
    return f"<span style='color:{theme.tokens().muted}'>{html}</span>"


def _box(xyxy: tuple[float, ...] | np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> str:
    return listed(shown(float(edge), 4) for edge in xyxy)


def _place(record: XrayRecord) -> str:
    """The followed cell in words."""
    if record.cell is None:
        return ""
    scale, row, column, anchor = record.cell
    grid = grid_of(record, scale)
    cells = "" if grid is None else f"{grid.rows} × {grid.columns}, "
    return cells + tr("row {row}, column {column}, anchor {anchor}").format(row=row, column=column, anchor=anchor + 1)


def _way(record: XrayRecord, stage: PictureStage) -> str:
    height, width = stage.frame_hw
    side = stage.rgb.shape[0]
    rows = [
        (_muted(tr("frame")), f"{width} × {height} px"),
        (_muted(tr("input")), f"{side} × {side} px"),
        (typeset("f_x, f_y"), listed(shown(one, 4) for one in stage.scale)),
        (typeset("o_x, o_y"), listed(shown(one, 4) for one in stage.offset) + " px"),
    ]
    lines = [_table(rows), _heading(tr("There")), f"<p>{typeset('x = X · f_x + o_x')}<br>{typeset('y = Y · f_y + o_y')}</p>"]
    lines += [_heading(tr("And back")), f"<p>{typeset('X = (x − o_x) / f_x')}<br>{typeset('Y = (y − o_y) / f_y')}</p>"]
    boxes = record.first(CandidatesStage)
    if boxes is not None and record.candidate is not None:
        lines.append(_heading(tr("The followed box")))
        both = [(_muted(tr("input")), _box(boxes.xyxy[record.candidate]) + " px")]
        both.append((_muted(tr("frame")), _box(boxes.frame_xyxy[record.candidate]) + " px"))
        lines.append(_table(both))
    return "".join(lines)


def _maps(record: XrayRecord, stage: MapsStage, look: Look) -> str:
    if not stage.scales:
        return ""
    one = stage.scales[min(look.scale, len(stage.scales) - 1)]
    good = one.values[np.isfinite(one.values)]
    span = f"{shown(float(good.min()), 3)} … {shown(float(good.max()), 3)}" if good.size else "–"
    count, height, width = one.values.shape
    rows = [
        (_muted(tr("layer")), escape(one.layer)),
        (_muted(tr("shape")), f"{count} × {height} × {width}"),
        (_muted(tr("a number stands for")), localised(f"{one.stride:g} × {one.stride:g} px")),
        (_muted(tr("range")), span),
    ]
    if bad_count(one.values):
        rows.append((_muted(tr("not a number")), str(bad_count(one.values))))
    lines = [_table(rows)]
    if record.cell is None:
        return lines[0]
    scale, row, column, _ = record.cell
    if scale < len(stage.scales) and stage.each == "anchor":
        lines.append(_heading(tr("At the followed cell") + f" ({_place(record)})"))
        lines.append(_at_cell(record, stage, stage.scales[scale].values[:, row, column]))
    elif scale < len(stage.scales):
        here = stage.scales[scale].values[:, row, column]
        best = np.argsort(-np.nan_to_num(here, nan=-np.inf), kind="stable")[:5].tolist()
        lines.append(_heading(tr("Strongest channels at the followed cell")))
        link = [(f"<a href='map:{at}'>{at}</a>", shown(float(here[at]), 4)) for at in best]
        lines.append(_table(link))
    return "".join(lines)


def _at_cell(record: XrayRecord, stage: MapsStage, values: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> str:
    assert record.cell is not None
    grid, chosen = grid_of(record, record.cell[0]), record.cell[3]
    rows = []
    for anchor, value in enumerate(values):
        name = tr("anchor {number}").format(number=anchor + 1)
        if grid is not None:
            name += localised(f" ({grid.anchors[anchor][0]:g} × {grid.anchors[anchor][1]:g})")
        number = shown(float(value), 4)
        mark = _chip(anchor)
        rows.append((mark, _cell_link(record, anchor, name), f"<b>{number}</b>" if anchor == chosen else number))
    return _table(rows)


def fixed(value: float) -> str:
    """Two decimals, a real minus sign: numbers under each other."""
    return localised(f"{value:.2f}") if abs(value) < 1e4 else shown(value, 3)


def _chip(index: int) -> str:
    red, green, blue = class_colour(index)
    return f"<span style='color:#{red:02x}{green:02x}{blue:02x}'>■</span>"


def _cell_link(record: XrayRecord, anchor: int, text: str) -> str:
    assert record.cell is not None
    place = ",".join(map(str, (*record.cell[:3], anchor)))
    return f"<b>{escape(text)}</b>" if anchor == record.cell[3] else f"<a href='cell:{place}'>{escape(text)}</a>"


def _grid(record: XrayRecord, stage: GridStage, look: Look) -> str:
    rows = [tuple(_muted(tr(word)) for word in ("cells", "cell", "anchors"))]
    for one in stage.scales:
        anchors = listed(figures(f"{width:g}×{height:g}") for width, height in one.anchors.tolist())
        rows.append((f"{one.rows} × {one.columns}", f"{one.stride} px", anchors))
    total = sum(one.rows * one.columns * len(one.anchors) for one in stage.scales)
    asked = tr("Boxes that are asked in all: {count}").format(count=total)
    lines = [_table(rows), _line(asked)]
    if record.cell is not None:
        grid = stage.scales[record.cell[0]]
        lines.append(_heading(tr("At the followed cell") + f" ({_place(record)})"))
        lines.append(_raw(record, grid))
    return "".join(lines)


def _raw(record: XrayRecord, grid: Grid) -> str:
    """The raw numbers at the followed cell: a column for each anchor, so that they fit beside the picture."""
    assert record.cell is not None
    _, row, column, _ = record.cell
    anchors = [f"{_chip(anchor)}&nbsp;{_cell_link(record, anchor, str(anchor + 1))}" for anchor in range(len(grid.anchors))]
    rows: list[tuple[str, ...]] = [("", *anchors)]
    for at, name in enumerate(("t_x", "t_y", "t_w", "t_h", "t_o")):
        rows.append((_muted(typeset(name)), *(fixed(float(value)) for value in grid.raw[:, at, row, column])))
    said = tr("and {count} numbers for the classes, each").format(count=grid.raw.shape[1] - 5)
    return _table(rows) + f"<p>{_muted(escape(said))}</p>"


def _terms(record: XrayRecord, stage: TermsStage) -> str:
    table = stage.table
    if table is None or record.cell is None:
        return ""
    anchors = " · ".join(f"{_chip(at)} {_cell_link(record, at, one.title.text())}" for at, one in enumerate(stage.tables))
    lines = [f"<p>{escape(_place(record))}<br>{anchors}</p>"]
    group = ""
    for term in table.lines:
        if term.group != group:
            group = term.group
            lines.append(_heading(tr(group)))
        value = f"<b>{shown(term.value, 5)}</b> {_muted(escape(term.unit))}"
        head = f"{typeset(term.symbol)} = {typeset(term.formula)} {_muted('· ' + escape(term.says.text()))}"
        filled = typeset(figures(term.filled))
        lines.append(f"<p style='margin:3px 0 0 0'>{head}</p><p style='margin:0 0 0 14px'>= {filled} = {value}</p>")
    lines.append(_heading(tr("Most probable classes")))
    rows = [(f"<a href='class:{at}'>{escape(tr(label_of(record.labels, at)))}</a>", shown(p, 4)) for at, p in table.classes]
    return "".join([*lines, _table(rows)])


def _candidate(record: XrayRecord, stage: CandidatesStage) -> str:
    row = record.candidate
    if row is None:
        return "" if not len(stage) else _line(tr("The followed cell made no candidate."))
    name, score = tr(stage.label(row)), percent(float(stage.score[row]))
    lines = [f"<p><b>{row + 1} · {escape(name)} {score}</b></p>"]
    if record.cell is not None:
        said = tr("said by")
        lines.append(f"<p>{_muted(escape(said))} {escape(_place(record))}</p>")
    rows = [(_muted(tr("input")), _box(stage.xyxy[row]) + " px"), (_muted(tr("frame")), _box(stage.frame_xyxy[row]) + " px")]
    return "".join([*lines, _table(rows)])


def _suppression(record: XrayRecord, stage: SuppressionStage) -> str:
    boxes = record.first(CandidatesStage)
    row = record.candidate
    if boxes is None or row is None:
        return ""
    name = f"{row + 1} · {tr(boxes.label(row))} {percent(float(boxes.score[row]))}"
    lines = [f"<p><b>{escape(name)}</b></p>"]
    by = int(stage.by[row])
    other = f"<a href='candidate:{by}'>{by + 1} · {escape(tr(boxes.label(by)))}</a>" if by >= 0 else ""
    if stage.kept[row] and by < 0:
        lines.append(_line(tr("It stays: no better box overlaps it too much.")))
    elif stage.kept[row]:
        text = tr("It stays with {score}: its score was lowered by {other}, IoU {iou}.")
        score = percent(float(stage.after[row]))
        lines.append(f"<p>{text.format(score=score, other=other, iou=shown(float(stage.overlap[row]), 3))}</p>")
    elif by >= 0:
        text = tr("It goes because of {other}: their IoU is {iou}.")
        lines.append(f"<p>{text.format(other=other, iou=shown(float(stage.overlap[row]), 3))}</p>")
    else:
        lines.append(_line(tr("It goes: there are more boxes than are shown at most.")))
    mine = np.flatnonzero(stage.by == row).tolist()
    if mine:
        lines.append(_heading(tr("Because of it")))
        rows = [
            (
                f"<a href='candidate:{at}'>{at + 1} · {escape(tr(boxes.label(at)))}</a>",
                f"IoU {shown(float(stage.overlap[at]), 3)}",
                tr("goes") if not stage.kept[at] else f"→ {percent(float(stage.after[at]))}",
            )
            for at in mine[:40]
        ]
        lines.append(_table(rows))
    return "".join(lines)


def _boxes(record: XrayRecord, stage: BoxesStage) -> str:
    at = record.object
    if at is None:
        return ""
    found = stage.detections
    lines = [f"<p><b>{escape(tr(found.label(at)))} {percent(float(found.score[at]))}</b></p>"]
    rows = [(_muted(tr("frame")), _box(found.xyxy[at]) + " px")]
    if record.cell is not None:
        rows.append((_muted(tr("said by")), escape(_place(record))))
    if record.candidate is not None:
        rows.append((_muted(tr("candidate")), f"<a href='candidate:{record.candidate}'>{record.candidate + 1}</a>"))
    return "".join([*lines, _table(rows)])


def numbers_text(record: XrayRecord | None, stage: Stage | None) -> str:
    """The stage's numbers, tab-separated with a head line: terms, boxes, or what the maps say at the followed cell."""
    if record is None or stage is None:
        return ""
    if isinstance(stage, TermsStage) and stage.table is not None:
        lines = [(one.symbol, one.formula, one.filled, repr(one.value), one.unit) for one in stage.table.lines]
        return "\n".join("\t".join(line) for line in [("symbol", "formula", "filled", "value", "unit"), *lines])
    if isinstance(stage, BoxesStage):
        found = stage.detections
        rows = [(found.label(at), found.score[at], *found.xyxy[at]) for at in range(len(found))]
        return _lines(("label", "score", "x0", "y0", "x1", "y1"), rows)
    boxes = record.first(CandidatesStage)
    if isinstance(stage, (CandidatesStage, SuppressionStage)) and boxes is not None:
        head = ["label", "score", "x0", "y0", "x1", "y1"]
        rows = [(boxes.label(at), boxes.score[at], *boxes.xyxy[at]) for at in range(len(boxes))]
        if isinstance(stage, SuppressionStage):
            head += ["kept", "by", "overlap", "after"]
            rows = [
                (*row, int(stage.kept[at]), int(stage.by[at]), stage.overlap[at], stage.after[at])
                for at, row in enumerate(rows)
            ]
        return _lines(tuple(head), rows)
    if isinstance(stage, MapsStage) and record.cell is not None and record.cell[0] < len(stage.scales):
        scale, row, column, _ = record.cell
        values = stage.scales[scale].values[:, row, column]
        return _lines((stage.each, "value"), [(at, value) for at, value in enumerate(values)])
    return "\n".join(f"{name}\t{value}" for name, value in stage.facts().items())


def _lines(head: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> str:
    return "\n".join(["\t".join(head), *("\t".join(str(cell) for cell in row) for row in rows)])
