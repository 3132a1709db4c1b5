"""What was said of frames, as it is written: the endings of the files, the JSON object of a frame, the rows of a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.i18n import N_
from explorer.records.vision import Detections, Mask, TopK

FILMS = (".mp4", ".gif")
LINES, TABLE, COCO = ".jsonl", ".csv", ".json"
ENDINGS: dict[str, str] = {  # ending -> what it is called in a menu
    ".mp4": N_("Film (MP4)"),
    ".gif": N_("Animation (GIF)"),
    LINES: N_("JSON lines, one for each picture"),
    TABLE: N_("Table (CSV), one row for each object"),
    COCO: N_("COCO annotations (JSON)"),
}
FOREGROUND = "object"  # the class of what a segmenter separates


@dataclass(frozen=True)
class Place:
    """Where a frame stands: its number in its source, from 0, its time there (s), the source's name, its size."""

    frame: int
    time: float
    source: str = ""
    size: tuple[int, int] = (0, 0)  # width, height


def described(records: Sequence[object], at: Place, *, named: bool = False) -> dict[str, Any]:
    """What was said of a frame as one JSON object; the same on the command line and in a recording.

    {"frame", "time", "size": [width, height]}, with `named` "source" as well; of Detections "detections": [{"label", "score",
    "xyxy", and where objects are followed "track"}], best first; of a Mask "share" (the part of the picture above one half) and
    "xyxy" (its box, or null); of a TopK "top": [{"index", "label", "score"}].
    """
    said: dict[str, Any] = {"frame": at.frame, "time": round(at.time, 4)}
    if named:
        said["source"] = at.source
    said["size"] = list(at.size)
    for record in records:
        if isinstance(record, Detections):
            said.setdefault("detections", []).extend(_object(record, index) for index in range(len(record)))
        elif isinstance(record, Mask):
            inside = record.alpha > 0.5
            box = box_of(inside)
            said |= {"share": figures(float(inside.mean())), "xyxy": None if box is None else list(box)}
        elif isinstance(record, TopK):
            said["top"] = [{"index": one.index, "label": one.label, "score": figures(one.score)} for one in record.top]
    return said


def _object(found: Detections, index: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "label": found.label(index),
        "score": figures(float(found.score[index])),
        "xyxy": [round(edge, 2) for edge in found.xyxy[index].tolist()],
    }
    if found.track is not None:
        said["track"] = int(found.track[index])
    return said


def box_of(inside: npt.NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the True pixels of (H, W), right and bottom just outside; None without any."""
    if not inside.any():
        return None
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def figures(value: float, digits: int = 6) -> float:
    """`value` with so many significant digits."""
    return float(f"{value:.{digits}g}")


COLUMNS = ("frame", "time", "source", "label", "score", "x0", "y0", "x1", "y1", "track")


def table_rows(records: Sequence[object], at: Place) -> list[tuple[Any, ...]]:
    """A row of COLUMNS for each object; of a mask one row, its share as the score; of classes one row each, without a box."""
    rows: list[tuple[Any, ...]] = []
    where = (at.frame, round(at.time, 4), at.source)
    for record in records:
        if isinstance(record, Detections):
            for index in range(len(record)):
                edges = [float(edge) for edge in record.xyxy[index]]
                track = "" if record.track is None else int(record.track[index])
                rows.append((*where, record.label(index), float(record.score[index]), *edges, track))
        elif isinstance(record, Mask):
            inside = record.alpha > 0.5
            rows.append((*where, FOREGROUND, float(inside.mean()), *(box_of(inside) or ("",) * 4), ""))
        elif isinstance(record, TopK):
            rows.extend((*where, one.label, one.score, "", "", "", "", "") for one in record.top)
    return rows
