"""What the Live panel says in words and tables: about an object, about all of them, about the picture source."""

from __future__ import annotations

from explorer.gui.numerals import fixed
from explorer.gui.panels.live_answers import share_of
from explorer.gui.panels.live_overlay import percent
from explorer.host.messages import SourceState
from explorer.i18n import tr
from explorer.records.vision import Detections, Mask, TopK
from explorer.session import LiveTask


def objects_head(found: Detections) -> str:
    """The head of a table of objects."""
    return "label\tscore\tx0\ty0\tx1\ty1" + ("\ttrack" if found.track is not None else "")


def object_row(found: Detections, number: int) -> str:
    """One object as a line of that table."""
    values = [found.label(number), f"{found.score[number]:.4f}", *(f"{value:.1f}" for value in found.xyxy[number])]
    return "\t".join([*values, *([] if found.track is None else [str(int(found.track[number]))])])


def numbers_text(record: Detections | Mask | TopK | None) -> str:
    """The answer as a table; "" for none."""
    if isinstance(record, Detections):
        return "\n".join([objects_head(record), *(object_row(record, number) for number in range(len(record)))])
    if isinstance(record, TopK):
        return "\n".join(["label\tscore", *(f"{row.label}\t{row.score:.4f}" for row in record.top)])
    if isinstance(record, Mask):
        return f"label\tshare\nobject\t{share_of(record):.4f}"
    return ""


def details_text(found: Detections, number: int, age_s: float | None) -> str:
    """ "cup 53 %, 40 x 30 pixels, number 3, seen for 12 s"."""
    x0, y0, x1, y1 = (float(edge) for edge in found.xyxy[number])
    size = f"{x1 - x0:.0f} x {y1 - y0:.0f}"
    text = tr("{name} {score}, {size} pixels").format(
        name=tr(found.label(number)), score=percent(float(found.score[number])), size=size
    )
    if found.track is not None and found.track[number] > 0:
        text += ", " + tr("number {number}").format(number=int(found.track[number]))
        if age_s is not None:
            text += ", " + tr("seen for {seconds} s").format(seconds=fixed(age_s))
    return text


def heading(task: LiveTask, record: Detections | Mask | TopK | None) -> str:
    """What stands over the list."""
    if task == "segment":
        return tr("Share of the object")
    if task == "classify":
        return tr("What the network says")
    return tr("Objects") if not isinstance(record, Detections) else tr("Objects: {count}").format(count=len(record))


def nothing_text(confidence: float, only: tuple[str, ...]) -> str:
    """Why the list is empty."""
    if only:
        return tr("None of the chosen classes is seen with {score} or more.").format(score=percent(confidence))
    return tr("Nothing is seen with a score of {score} or more. A lower confidence shows more.").format(
        score=percent(confidence)
    )


def moves(source: SourceState | None) -> bool:
    """Whether the source is a camera, a stream or a film."""
    return source is not None and (source.info.live or source.info.frames != 1) and source.info.fps > 0
