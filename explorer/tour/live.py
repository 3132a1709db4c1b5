"""Chapters of the tour about detectors from inside and about teaching: the stages of one box, classes of one's own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from explorer.cli import saving
from explorer.cli.media import still
from explorer.i18n import N_, tr
from explorer.requests.teach import TeachRequest
from explorer.requests.xray import XrayRequest
from explorer.tour.rooms import Chapter, Exhibit, Room

if TYPE_CHECKING:
    from explorer.records.teach import Taught
    from explorer.records.xray import XrayRecord

STAGES = ("features", "grid", "objectness", "decode", "suppression")
CLASSES = ("coffee", "chelsea", "rocket")
SMALL = (320, 180)


def xray(room: Room) -> Iterator[Exhibit]:
    """How a box comes about: the stages with the most to see. More candidates than usual, so that some have to go."""
    from explorer.picture.xray_sheet import stage_picture

    frame = still("coffee")
    record: XrayRecord = room.here.run(XrayRequest(confidence=0.05), frame)
    for stage in record.stages:
        if stage.name in (STAGES[-2:] if room.quick else STAGES):
            file = f"xray-{stage.name}.png"
            saving.picture(room.path(file), stage_picture(stage, record, frame.rgb), stage.facts())
            yield Exhibit(file, tr(stage.title), ((stage.about.text(), ""),))


def teach(room: Room) -> Iterator[Exhibit]:
    """Three classes from a camera that moves over three photographs; how well pictures are told that it had not seen."""
    from explorer.picture.clip import Clip

    count = 4 if room.quick else 12
    folder = Path(room.path("teach"))
    rows = []
    for name in CLASSES:
        (folder / name).mkdir(parents=True, exist_ok=True)
        clip = Clip(still(name).rgb, SMALL)
        seen = [clip.frame(place * clip.frames // count) for place in range(count)]
        for place, rgb in enumerate(seen):
            saving.picture(str(folder / name / f"{place:02d}.png"), rgb)
        rows.append(np.hstack(seen[:4]))
    taught: Taught = room.here.run(TeachRequest(folder=str(folder)))
    taught.save(room.path("taught.safetensors"))
    saving.picture(room.path("teach.jpg"), np.vstack(rows))
    facts = [
        (name, tr("{right} of {tried} right").format(right=int(row[at]), tried=int(row.sum())))
        for at, (name, row) in enumerate(zip(taught.classes, taught.confusion, strict=True))
    ]
    yield Exhibit("teach.jpg", "squeezenet1_1", tuple(facts))


XRAY = Chapter(
    N_("How does a box come about?"),
    N_("Feature maps, cells and anchors, the arithmetic of one box, and who has to go because a better one is there."),
    "explorer xray yolov3_tiny coffee --confidence 0.05 -o xray/",
    xray,
)
TEACH = Chapter(
    N_("Can I teach it something new?"),
    N_("A small head on frozen features learns new classes in seconds; each picture is told by one that had not seen it."),
    "explorer teach teach/ -o mine.safetensors",
    teach,
)
