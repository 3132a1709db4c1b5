"""Chapters of the tour that ask what a network sees: why an answer, what one unit can see, which channels carry a class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from explorer.cli import saving
from explorer.cli.media import still
from explorer.i18n import N_, tr
from explorer.requests.ablation import AblateRequest
from explorer.requests.attribution import AttributeRequest
from explorer.requests.receptive import ReceptiveRequest
from explorer.tour.rooms import Chapter, Exhibit, Room

if TYPE_CHECKING:
    from explorer.records.attribution import AttributionSet

CARRIERS = 5  # channels of the ranking that are muted together and named


def why(room: Room) -> Iterator[Exhibit]:
    """Several methods about one answer, side by side."""
    from explorer.picture.heat_sheet import heat_sheet

    methods = ("gradcam", "saliency") if room.quick else ("gradcam", "integrated_gradients", "saliency", "occlusion")
    for name in ("coffee", "chelsea"):
        frame = still(name)
        found: AttributionSet = room.here.run(AttributeRequest(model="squeezenet1_1", methods=methods), frame)
        file = f"why-{name}.jpg"
        saving.picture(room.path(file), heat_sheet(frame.rgb, found))
        sure = "-" if found.confidence is None else f"{found.confidence:.1%}"
        yield Exhibit(file, f"{name}, squeezenet1_1", ((found.target.text(), sure),))


def sight(room: Room) -> Iterator[Exhibit]:
    """What the middle unit of three layers can see of the picture, and what it looks at."""
    from explorer.cli.lens import drawn

    frame = still("coffee")
    for layer in ("features.3", "features.7", "features.12"):
        record = room.here.run(ReceptiveRequest(model="squeezenet1_1", layer=layer), frame)
        file = f"sight-{layer}.jpg"
        saving.picture(room.path(file), drawn(record, frame))
        box = record.box or (0, 0, 0, 0)
        seen = tr("{width} x {height} px").format(width=box[2] - box[0], height=box[3] - box[1])
        used = tr("{side} px across").format(side=round(record.side))
        yield Exhibit(file, f"coffee, squeezenet1_1 {layer}", ((tr("can see"), seen), (tr("95 % of the gradient"), used)))


def surgery(room: Room) -> Iterator[Exhibit]:
    """Which channels carry the answer, found by muting each."""
    frame = still("coffee")
    record = room.here.run(AblateRequest(model="squeezenet1_1", layer="features.7" if room.quick else "features.12"), frame)
    saving.picture(room.path("surgery-coffee.jpg"), frame.rgb)
    facts = [(record.label, f"{record.probability:.1%}")]
    for place, channel in enumerate(record.channels[:CARRIERS].tolist()):
        facts.append((tr("without channel {channel}").format(channel=channel), f"{record.probabilities[place]:.1%}"))
    facts.append((tr("without the first {count}").format(count=record.together_count), f"{record.together:.1%}"))
    yield Exhibit("surgery-coffee.jpg", f"coffee, squeezenet1_1 {record.layer}", tuple(facts))


INSIDE = (
    Chapter(
        N_("Why does it say so?"),
        N_("Bright where the answer comes from. The methods do not agree: that is why they stand side by side."),
        "explorer attribute squeezenet1_1 coffee --method gradcam --method saliency -o why.png",
        why,
    ),
    Chapter(
        N_("What can one unit see?"),
        N_("The box is what the unit in the middle of a layer can see at all, the heat what it looks at in this picture."),
        "explorer receptive squeezenet1_1 coffee --layer features.7 -o sight.png",
        sight,
    ),
    Chapter(
        N_("What happens without it?"),
        N_("Every channel of a layer is muted in turn; those whose loss costs the answer most carry it."),
        "explorer ablate squeezenet1_1 coffee --layer features.12",
        surgery,
    ),
)
