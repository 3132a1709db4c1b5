"""A comparison in words: kinds of pairs with their marks, the table of what each side costs."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from explorer.gui import theme
from explorer.gui.numerals import figure, fixed
from explorer.gui.panels.live_overlay import percent
from explorer.i18n import N_, tr
from explorer.records.arena import ArenaResult, ArenaSideResult, Pair
from explorer.records.vision import Detections

# kind -> mark, name, colour (see CLASS_COLOURS: they survive deuteranopia); never the colour alone
KINDS: dict[str, tuple[str, str, tuple[int, int, int]]] = {
    "agreed": ("=", N_("agreed"), (0, 158, 115)),
    "moved": ("↔", N_("moved"), (86, 180, 233)),
    "rescored": ("±", N_("other score"), (240, 228, 66)),
    "renamed": ("≠", N_("other name"), (204, 121, 167)),
    "only_a": ("A", N_("only in A"), (213, 94, 0)),
    "only_b": ("B", N_("only in B"), (230, 159, 0)),
}
NAMES = 2  # rows of figures_html that hold names
STAGES = {"prepare": N_("prepare"), "forward": N_("forward"), "decode": N_("decode")}


def megabytes(count: int | None) -> str:
    """ "35.4 MB", "–" where nobody knows."""
    return "–" if count is None else tr("{number} MB").format(number=figure(count / 1e6, 3))


def milliseconds(value: float) -> str:
    """ "12.3 ms"."""
    return tr("{number} ms").format(number=figure(value, 3))


def pair_name(result: ArenaResult, pair: Pair) -> str:
    """ "cup", or "cup → bowl" where the sides name it differently."""
    names = []
    for side, number in zip(result.sides, (pair.a, pair.b), strict=True):
        if number is not None and isinstance(side.answer, Detections):
            names.append(tr(side.answer.label(number)))
    return " → ".join(dict.fromkeys(names))


def score_text(side: ArenaSideResult, number: int | None) -> str:
    """The score of an object, "–" where there is none."""
    if number is None or not isinstance(side.answer, Detections):
        return "–"
    return percent(float(side.answer.score[number]))


def pair_text(result: ArenaResult, pair: Pair) -> str:
    """One object in a sentence."""
    mark, kind, _ = KINDS[pair.kind]
    parts = [f"{mark} {pair_name(result, pair)}", tr(kind)]
    parts += [
        f"{name} {score_text(side, number)}" for name, side, number in zip("AB", result.sides, (pair.a, pair.b), strict=True)
    ]
    if pair.a is not None and pair.b is not None:
        parts.append(f"IoU {fixed(pair.iou, 3)}")
    return " · ".join(parts)


def side_title(name: str, side: ArenaSideResult) -> str:
    """ "A · YOLOv3-tiny · cpu · torch · float32"."""
    edits = [tr("edits: {count}").format(count=side.runs_on.edits)] if side.runs_on.edits else []
    return " · ".join([name, side.title, side.runs_on.short(), *edits])


def figures_html(result: ArenaResult) -> str:
    """What each side is and costs, with the ratio where a ratio says something."""
    a, b = result.sides
    rows: list[tuple[str, str, str, str]] = [
        (tr("network"), escape(a.title), escape(b.title), ""),
        (tr("weights"), escape(a.weights), escape(b.weights), ""),
        (tr("runtime"), escape(a.runs_on.runtime), escape(b.runs_on.runtime), ""),
        (tr("precision"), escape(a.runs_on.precision), escape(b.runs_on.precision), ""),
        (tr("device, threads"), _where(a), _where(b), ""),
        (tr("input"), f"{a.input_size} × {a.input_size} px", f"{b.input_size} × {b.input_size} px", ""),
        _row(tr("one picture, median"), a.laps.median, b.laps.median, milliseconds, bold=True),
        (tr("fastest, slowest (ms)"), _span(a), _span(b), ""),
    ]
    stages = [dict(one.laps.stages) for one in (a, b)]
    rows += [_row(tr(STAGES[name]), stages[0][name], stages[1].get(name, 0.0), milliseconds) for name in stages[0]]
    rows += [
        _row(tr("learnable numbers"), a.parameters, b.parameters, lambda value: figure(value / 1e6, 3) + " M"),
        _row(tr("weights, as held"), a.weights_bytes, b.weights_bytes, lambda value: megabytes(int(value))),
        _row(tr("maps of a pass"), a.maps_bytes, b.maps_bytes, lambda value: megabytes(int(value))),
        (tr("growth, measured"), megabytes(a.pass_bytes), megabytes(b.pass_bytes), ""),
    ]
    muted = theme.tokens().muted
    cell, grey = "<td style='padding-right:8px;white-space:nowrap'>", f"<span style='color:{muted}'>"
    name_cell = "<td style='padding-right:8px'>"  # a name may take two lines, a number may not
    lines = [f"<tr><td></td>{cell}<b>A</b></td>{cell}<b>B</b></td>{cell}{grey}B / A</span></td></tr>"]
    for at, (name, one, other, ratio) in enumerate(rows):
        here = name_cell if at < NAMES else cell
        lines.append(
            f"<tr>{cell}{grey}{escape(name)}</span></td>{here}{one}</td>{here}{other}</td>{cell}{grey}{ratio}</span></td></tr>"
        )
    return f"<table cellspacing='0' cellpadding='1'>{''.join(lines)}</table>{_small(result)}"


def _row(name: str, one: float, other: float, write: Callable[[float], str], bold: bool = False) -> tuple[str, str, str, str]:
    ratio = f"{figure(other / one, 3)}×" if one else ""
    first, second = (f"<b>{write(value)}</b>" if bold else write(value) for value in (one, other))
    return name, first, second, ratio


def _where(side: ArenaSideResult) -> str:
    return f"{escape(side.runs_on.device)}, {side.runs_on.threads}"


def _span(side: ArenaSideResult) -> str:
    totals = side.laps.totals
    return f"{figure(min(totals), 3)} … {figure(max(totals), 3)}" if totals else "–"


def _small(result: ArenaResult) -> str:
    """How it was measured, and what the fast runtimes promise."""
    runs = len(result.a.laps.runs)
    told = [
        tr("Runs: {count} of each side in turns, after one that is not counted.").format(count=runs),
        tr("Maps of a pass: all outputs of all layers, counted; a runtime that lets them go early needs less."),
        tr("Growth: by how much this process grew during its first pass here, measured; the rest was there before."),
    ]
    for name, side in zip("AB", result.sides, strict=True):
        if side.runs_on.agreement:
            told.append(
                tr("{side} against float32 on the probe pictures: {text}.").format(side=name, text=side.runs_on.agreement)
            )
    told += [note.text() for note in result.notes]
    muted = theme.tokens().muted
    return "".join(f"<p style='color:{muted};margin:4px 0 0 0'>{escape(text)}</p>" for text in told)


def table_text(result: ArenaResult) -> str:
    """The pairs or classes, then the figures, tab-separated."""
    lines: list[tuple[object, ...]] = []
    if result.pairs:
        lines.append(("kind", "name", "score A", "score B", "IoU"))
        for pair in result.pairs:
            scores = [
                "" if at is None or not isinstance(side.answer, Detections) else float(side.answer.score[at])
                for side, at in zip(result.sides, (pair.a, pair.b), strict=True)
            ]
            lines.append((pair.kind, pair_name(result, pair), *scores, pair.iou))
    elif result.scores:
        lines.append(("class", "A", "B"))
        lines += [(one.label, one.score, other.score) for one, other in result.scores]
    elif result.iou is not None:
        lines += [("IoU", result.iou), ("difference", result.difference)]
    lines.append(("figure", "A", "B"))
    for name in ("title", "weights", "parameters", "weights_bytes", "maps_bytes", "pass_bytes"):
        lines.append((name, *(getattr(side, name) for side in result.sides)))
    lines.append(("runs_on", *(side.runs_on.short() for side in result.sides)))
    lines.append(("median ms", *(side.laps.median for side in result.sides)))
    return "\n".join("\t".join(str(cell) for cell in line) for line in lines)
