"""One step of suppression in words: who meets whom, the areas, and what comes of it."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import QColor

from explorer.gui import theme
from explorer.gui.numerals import figure, fixed
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.xray_theatre_scene import GONE, KEPT, Scene
from explorer.gui.panels.xray_theatre_view import INTERSECTION, UNION
from explorer.i18n import N_, tr
from explorer.records.suppression import areas
from explorer.records.xray import SuppressionStage

METHODS = {"greedy": N_("greedy"), "linear": N_("soft, linear"), "gaussian": N_("soft, gaussian")}


def name_of(scene: Scene, row: int) -> str:
    """ "3 · person"."""
    return f"{row + 1} · {tr(scene.boxes.label(row))}"


def step_html(scene: Scene, how: SuppressionStage, confidence: float) -> str:
    """Two lines: who meets whom, and the calculation."""
    step = scene.step
    if step is None:
        return ""
    if step.keeps:
        text = tr("{box} has the best score of those left, {score}: it stays.")
        said = text.format(box=name_of(scene, step.row), score=percent(step.after))
        count = tr("Round {round} of {all}.").format(round=step.round + 1, all=len(scene.trace.starts))
        rest = tr("Now it meets the boxes that it overlaps.") if not scene.over else tr("Nobody is left.")
        return f"<b>{escape(said)}</b><br>{escape(count)} {escape(rest)}"
    said = tr("{box} meets {other}.").format(box=name_of(scene, step.by), other=name_of(scene, step.row))
    inter, union = areas(scene.boxes.xyxy[step.by], scene.boxes.xyxy[step.row])
    top, below = _chip(INTERSECTION, tr("intersection"), inter), _chip(UNION, tr("union"), union)
    line = f"IoU = {top} / {below} = <b>{fixed(step.iou, 3)}</b>"
    return f"<b>{escape(said)}</b> {escape(_end(scene, step.gone))}<br>{line} {_rule(scene, how, confidence)}"


def _end(scene: Scene, gone: bool) -> str:
    step = scene.step
    assert step is not None
    if gone:
        return tr("{box} goes.").format(box=name_of(scene, step.row))
    if step.after < step.before:
        score = percent(step.after)
        return tr("The score of {box} sinks to {score}.").format(box=name_of(scene, step.row), score=score)
    return tr("Both stay.")


def _rule(scene: Scene, how: SuppressionStage, confidence: float) -> str:
    step, method = scene.step, scene.trace.method
    assert step is not None
    limit = figure(how.threshold)
    if method == "greedy":
        return f"&gt; {limit}" if step.gone else f"≤ {limit}"
    if method == "linear" and step.factor == 1:
        return f"≤ {limit}"
    power = f"e<sup>−{fixed(step.iou, 3)}² / {figure(how.sigma)}</sup>"
    factor = f"(1 − {fixed(step.iou, 3)})" if method == "linear" else power
    first = f"&gt; {limit}; " if method == "linear" else "; "
    after = f"{percent1(step.before)} · {factor} = <b>{percent1(step.after)}</b>"
    below = f" &lt; {percent1(confidence)}" if step.gone and step.factor > 0 else ""
    return f"{first}{after}{below}"


def percent1(score: float) -> str:
    """ "53.2 %"."""
    return tr("{number} %").format(number=fixed(100 * score))


def _chip(colour: tuple[int, int, int], name: str, value: float) -> str:
    """A number of pixels squared with the mark of its area."""
    mark = f"<span style='color:{QColor(*colour).name()}'>■</span>"
    number = figure(value, 4)
    return f"{mark}&nbsp;{number}&nbsp;px² <span style='color:{theme.tokens().muted}'>{escape(name)}</span>"


def state_text(scene: Scene, row: int) -> str:
    """What has become of a box, in a word."""
    if scene.state[row] == KEPT:
        return tr("stays")
    if scene.state[row] == GONE:
        return tr("gone")
    return tr("waits")


def row_text(scene: Scene, row: int) -> str:
    """A box under the mouse: name, score, overlap with the current one."""
    iou = scene.iou(row)
    now, start = float(scene.scores[row]), float(scene.boxes.score[row])
    score = percent1(start) if now in (start, 0.0) else f"{percent1(start)} → {percent1(now)}"
    parts = [name_of(scene, row), score, state_text(scene, row)]
    if iou is not None:
        parts.append(tr("IoU with {box}: {iou}").format(box=name_of(scene, scene.current), iou=fixed(iou, 3)))
    return " · ".join(parts)


def table_text(scene: Scene) -> str:
    """All steps, tab-separated with a head line."""
    lines = ["step\tround\tby\trow\tiou\tfactor\tbefore\tafter\tgone"]
    for at in range(len(scene.trace)):
        one = scene.trace.step(at)
        lines.append(
            f"{at}\t{one.round}\t{one.by}\t{one.row}\t{one.iou!r}\t{one.factor!r}\t{one.before!r}\t{one.after!r}\t{int(one.gone)}"
        )
    return "\n".join(lines)
