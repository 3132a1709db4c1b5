"""What a map of the loss and a path in all weights say, in words."""

from __future__ import annotations

import math

import numpy as np

from explorer.gui.widgets.video_bar import clock
from explorer.i18n import tr
from explorer.picture.race_chart import number
from explorer.records.frame import Frame
from explorer.records.landscape import Descent, Landscape

LIVE = ("camera", "stream", "plugin")  # kinds of sources whose own clock says nothing to people


def frame_name(frame: Frame, kind: str, now: str) -> str:
    """What the picture is called: a video's with its position, a camera's with the time of the day (`now`)."""
    if kind in LIVE:
        return tr("{source} at {time}").format(source=frame.source, time=now)
    if kind in ("video", "clip") or frame.time > 0.0:
        return tr("{source} at {time}").format(source=frame.source, time=clock(frame.time))
    return frame.source


def stale_text(drawn: Frame | None, seen: Frame | None, changed: bool) -> str:
    """Why the map should be drawn again; "" where it is what would be drawn now."""
    if drawn is None or seen is None:
        return ""
    if changed:
        return tr("Changed. Draw the map again (R).")
    if seen.source != drawn.source or seen.rgb.shape != drawn.rgb.shape:
        return tr("Another picture is shown. Draw the map again (R).")
    if seen.time != drawn.time:
        return tr("The picture has moved on: R draws the map anew.")
    return ""


def detail_text(record: Landscape | None, name: str = "") -> str:
    """One line on what is measured; `name` of the picture it is measured with."""
    if record is None:
        return tr("How the loss changes when the weights do: two of millions of directions around the loaded network.")
    text = tr("{source} · {loss} for {target} · {weights} weights · seed {seed}")
    if not record.target:
        text = tr("{source} · {loss} · {weights} weights · seed {seed}")
    facts = {"source": name or record.source, "loss": tr(record.loss), "target": record.target}
    return text.format(weights=grouped(record.weights), seed=record.seed, **facts)


def grouped(count: int) -> str:
    """A large whole number for people: "1 235 496", in both languages the same."""
    return f"{count:,}".replace(",", "\u2009")


def map_lines(record: Landscape | None) -> list[str]:
    """What the map tells, a sentence each."""
    if record is None:
        return []
    good = record.surface.z[np.isfinite(record.surface.z)]
    said = []
    if good.size:
        text = tr("The network itself: {origin}. In this plane from {low} to {high}.")
        numbers = {
            "origin": number(record.origin, 4),
            "low": number(float(good.min()), 3),
            "high": number(float(good.max()), 3),
        }
        said.append(text.format(**numbers))
    if good.size < record.surface.z.size:
        said.append(tr("In places without colour the loss is no number any more."))
    if record.step > 1:
        said.append(tr("Coarse so far: every {step}th place.").format(step=record.step))
    text = tr("1 on an axis is as far from the network as its weights are long ({length}).")
    said.append(text.format(length=number(record.length[2], 4)))
    views = tr("Simplified: the loss is the mean over {views} views of one picture, not over a data set.")
    said.append(views.format(views=record.views))
    if record.target:
        said.append(tr("Wanted is {target}.").format(target=record.target))
    return said


def descent_lines(record: Descent | None) -> list[str]:
    """What the path tells, a sentence each."""
    if record is None or not len(record.run.points):
        return []
    run, last = record.run, len(record.run.points) - 1
    text = tr("{method}: from {first} to {last} in {steps} steps, in all {weights} weights.")
    first = {"method": run.optimizer, "first": number(float(run.values[0]), 3), "last": number(float(run.values[last]), 3)}
    said = ["", text.format(steps=last, weights=grouped(record.weights), **first)]
    away = float(record.distance[last])
    moved = float(np.hypot(*(run.points[last] - run.points[0])))
    text = tr("It ends {away} away from this plane and moved {moved} within it: what the map shows of the path is a shadow.")
    said.append(text.format(away=number(away, 3), moved=number(moved, 3)))
    shadow = float(record.shadow[last])
    if math.isfinite(shadow):
        text = tr("Under its end the plane has a loss of {shadow}.")
        said.append(text.format(shadow=number(shadow, 3)))
    if run.status == "not finite":
        said.append(tr("Then the loss was no number any more: the steps are too long."))
    return said
