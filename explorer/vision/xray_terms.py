"""One cell of a YOLO head worked out term by term, in the same float64 steps as vision/yolo.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_
from explorer.records.attribution import Said
from explorer.records.xray import Cell
from explorer.records.xray_cells import Grid, Term, Terms
from explorer.vision.yolo import LARGEST_EXPONENT, sigmoid

if TYPE_CHECKING:
    from explorer.engine.prepare import Geometry

CLASSES_TOLD = 5
PX = "px"
CUT_LEFT, CUT_TOP = N_("left edge; {whole}, cut at the frame's border"), N_("top edge; {whole}, cut at the frame's border")
CUT_RIGHT = N_("right edge; {whole}, cut at the frame's border")
CUT_BOTTOM = N_("bottom edge; {whole}, cut at the frame's border")
WHERE, HOW_LARGE = N_("Where, in the input's pixels"), N_("How large, in the input's pixels")
HOW_SURE, BACK = N_("How sure"), N_("Back in the frame, in its pixels")


def terms_of(grid: Grid, cell: Cell, labels: tuple[str, ...], geometry: Geometry) -> Terms:
    """How the answer of `cell` comes about. `values` hold every number; what is not a number stays NaN."""
    _, row, column, anchor = cell
    raw = grid.raw[anchor, :, row, column].astype(np.float64)
    values = _values(raw, grid, cell)
    best = int(values["class"])
    xyxy = (values["x0"], values["y0"], values["x1"], values["y1"])
    frame = geometry.to_frame_xyxy(np.array([xyxy], np.float32))[0]
    left, top, right, bottom = (float(edge) for edge in frame)
    probabilities = sigmoid(raw[5:])
    order = np.argsort(-probabilities, kind="stable")[:CLASSES_TOLD]
    size = {"width": f"{values['pw']:g}", "height": f"{values['ph']:g}"}
    label = labels[best] if best < len(labels) else str(best)
    return Terms(
        cell=cell,
        title=Said(N_("Anchor {number}: {width} × {height}"), {"number": str(anchor + 1), **size}),
        lines=(*_box_lines(values, grid.scale_xy), *_score_lines(values, label), *_frame_lines(values, geometry, frame)),
        values=values,
        xyxy=xyxy,
        frame_xyxy=(left, top, right, bottom),
        classes=tuple((int(at), float(probabilities[at])) for at in order),
    )


def _values(raw: npt.NDArray[np.float64], grid: Grid, cell: Cell) -> dict[str, float]:
    """Every number by name. `class` is the class with the largest raw number."""
    with np.errstate(all="ignore"):  # infinite raw numbers are shown as what they give
        return {name: float(value) for name, value in _numbers(raw, grid, cell).items()}


def _numbers(raw: npt.NDArray[np.float64], grid: Grid, cell: Cell) -> dict[str, Any]:
    _, row, column, anchor = cell
    pw, ph = (float(side) for side in grid.anchors[anchor])
    best = int(raw[5:].argmax())
    tx, ty, tw, th, to = raw[:5]
    sx, sy = sigmoid(raw[:2])
    k, s = grid.scale_xy, grid.stride
    bx, by = (sx * k - (k - 1) / 2 + column) * s, (sy * k - (k - 1) / 2 + row) * s
    half_w, half_h = np.exp(np.clip(raw[2:4], None, LARGEST_EXPONENT)) * grid.anchors[anchor] / 2
    objectness, probability = sigmoid(raw[[4, 5 + best]])
    return {
        "tx": tx, "ty": ty, "tw": tw, "th": th, "to": to, "tc": raw[5 + best],
        "sx": sx, "sy": sy, "cx": column, "cy": row, "stride": s, "k": k, "pw": pw, "ph": ph,
        "bx": bx, "by": by, "bw": 2 * half_w, "bh": 2 * half_h,
        "x0": bx - half_w, "y0": by - half_h, "x1": bx + half_w, "y1": by + half_h,
        "objectness": objectness, "class": best, "probability": probability, "score": objectness * probability,
    }  # fmt: skip


def digits(value: float) -> str:
    """Four figures that count, a real minus sign: as a number stands in a formula."""
    return f"{value:.4g}".replace("-", "−") if abs(value) < 1e5 else f"{value:.3e}".replace("-", "−")


def _inner(value: float) -> str:
    """A number inside a formula: in brackets where it is negative."""
    return f"({digits(value)})" if value < 0 else digits(value)


def _box_lines(v: dict[str, float], k: float) -> list[Term]:
    lines = []
    for axis, offset, said in (("x", "cx", N_("middle of the box, across")), ("y", "cy", N_("middle of the box, down"))):
        t, s, c = v["t" + axis], v["s" + axis], v[offset]
        index = "_" + axis
        says = Said(N_("a place within the cell, 0 to 1"))
        lines.append(Term(WHERE, f"σ(t{index})", f"1 / (1 + e^{{−t{index}}})", f"1 / (1 + e^{{{digits(-t)}}})", s, "", says))
        if k == 1.0:
            formula, filled = f"(σ(t{index}) + c{index}) · s", f"({digits(s)} + {digits(c)}) · {digits(v['stride'])}"
        else:
            formula = f"(σ(t{index}) · k − (k − 1) / 2 + c{index}) · s"
            filled = f"({digits(s)} · {digits(k)} − {digits((k - 1) / 2)} + {digits(c)}) · {digits(v['stride'])}"
        lines.append(Term(WHERE, f"b{index}", formula, filled, v["b" + axis], PX, Said(said)))
    for axis, said in (("w", N_("width: the anchor's, stretched")), ("h", N_("height: the anchor's, stretched"))):
        filled = f"{digits(v['p' + axis])} · e^{{{digits(v['t' + axis])}}}"
        formula = f"p_{axis} · e^{{t_{axis}}}"
        lines.append(Term(HOW_LARGE, f"b_{axis}", formula, filled, v["b" + axis], PX, Said(said)))
    for name, axis, side, sign, said in (
        ("x0", "x", "w", "−", N_("left edge")),
        ("y0", "y", "h", "−", N_("top edge")),
        ("x1", "x", "w", "+", N_("right edge")),
        ("y1", "y", "h", "+", N_("bottom edge")),
    ):
        filled = f"{digits(v['b' + axis])} {sign} {digits(v['b' + side])} / 2"
        symbol = f"{name[0]}_{name[1]}"
        lines.append(Term(HOW_LARGE, symbol, f"b_{axis} {sign} b_{side} / 2", filled, v[name], PX, Said(said)))
    return lines


def _score_lines(v: dict[str, float], label: str) -> list[Term]:
    return [
        Term(
            HOW_SURE, "p_o", "σ(t_o)", f"σ({digits(v['to'])})", v["objectness"], "",
            Said(N_("objectness: is something here?")),
        ),
        Term(
            HOW_SURE, "p_c", "σ(t_c)", f"σ({digits(v['tc'])})", v["probability"], "",
            Said(N_("if so, is it this: {label}? Each class is asked for itself (no softmax)."), {"label": label}),
        ),
        Term(
            HOW_SURE, "p", "p_o · p_c", f"{digits(v['objectness'])} · {digits(v['probability'])}", v["score"], "",
            Said(N_("score: compared with the confidence")),
        ),
    ]  # fmt: skip


def _frame_lines(v: dict[str, float], geometry: Geometry, frame: npt.NDArray[np.float32]) -> list[Term]:
    """The way back through the letterbox; what lies outside the frame is cut at its border."""
    lines = []
    offsets, scales = (geometry.left, geometry.top), (geometry.scale_x, geometry.scale_y)
    edges = (
        (N_("left edge"), CUT_LEFT),
        (N_("top edge"), CUT_TOP),
        (N_("right edge"), CUT_RIGHT),
        (N_("bottom edge"), CUT_BOTTOM),
    )
    for at, (name, (said, cut)) in enumerate(zip(("x0", "y0", "x1", "y1"), edges, strict=True)):
        axis = "xy"[at % 2]
        whole = (v[name] - offsets[at % 2]) / scales[at % 2]
        filled = f"({digits(v[name])} − {_inner(offsets[at % 2])}) / {digits(scales[at % 2])}"
        formula = f"({name[0]}_{name[1]} − o_{axis}) / f_{axis}"
        says = Said(said if abs(whole - float(frame[at])) < 0.01 else cut, {"whole": digits(whole)})
        lines.append(Term(BACK, f"{name[0].upper()}_{name[1]}", formula, filled, float(frame[at]), PX, says))
    return lines
