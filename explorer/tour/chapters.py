"""Every job once on the sample pictures, and one page that shows it all.

The page holds its pictures inside itself, so that it can be sent to a friend as one file. A chapter that cannot be done
(weights not fetched, no network) says why on the page, and the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.atomic import write_text
from explorer.cli import output as out
from explorer.cli import saving, shapes
from explorer.cli.ending import fault, say, sentence
from explorer.cli.media import CLIP, frames, still
from explorer.i18n import N_, tr
from explorer.jobs import Cancelled, Work
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest
from explorer.requests.race import RaceRequest, export_of
from explorer.tour.inside import INSIDE
from explorer.tour.live import TEACH, XRAY
from explorer.tour.rooms import Chapter, Exhibit, Room

if TYPE_CHECKING:
    from explorer.cli.running import Runner
    from explorer.records.picture import Mosaic
    from explorer.records.vision import Detections


@dataclass
class Told:
    """A chapter that was done, or the reason why not."""

    chapter: Chapter
    exhibits: list[Exhibit] = field(default_factory=list)
    trouble: str = ""
    seconds: float = 0.0


def take(here: Runner, folder: str, quick: bool = False, as_json: bool = False) -> int:
    """Do all chapters, write `folder`/index.html; the exit code is the gravest chapter's. Raises Cancelled."""
    from explorer.tour.page import page

    room = Room(here, Path(folder), quick)
    room.folder.mkdir(parents=True, exist_ok=True)
    told: list[Told] = []
    code = 0
    for chapter in CHAPTERS:
        begin = time.monotonic()
        done = Told(chapter)
        try:
            done.exhibits.extend(chapter.work(room))
        except (Cancelled, KeyboardInterrupt, out.ReaderGone):
            raise
        except Exception as error:
            trouble = fault(error)
            done.trouble = sentence(trouble)
            code = max(code, trouble.exit_code)
        done.seconds = time.monotonic() - begin
        told.append(done)
        _tell(done, as_json)
    target = room.folder / "index.html"
    write_text(target, page(told, room.folder))
    if as_json:
        out.line({"page": str(target), "chapters": len(told), "failed": sum(bool(item.trouble) for item in told)})
    else:
        out.text(tr("The gallery is {path}").format(path=target))
    return code


def _tell(done: Told, as_json: bool) -> None:
    if as_json:
        files = [exhibit.file for exhibit in done.exhibits]
        out.line(
            {"chapter": done.chapter.title, "seconds": round(done.seconds, 2), "files": files, "trouble": done.trouble or None}
        )
    elif done.trouble:
        say(f"{tr(done.chapter.title)}: {done.trouble}")
    else:
        out.text(f"{tr(done.chapter.title):<34} {len(done.exhibits)}  {done.seconds:5.1f} s")


def classify(room: Room) -> Iterator[Exhibit]:
    """What two networks call the coffee and the cat."""
    for model in ("squeezenet1_1", "efficientnet_lite0"):
        for name in ("coffee", "chelsea"):
            frame = still(name)
            record = room.here.run(ClassifyRequest(model=model), frame)
            file = f"classify-{name}.jpg"
            saving.picture(room.path(file), frame.rgb)
            facts = tuple((item.label, f"{item.score:.1%}") for item in record.top)
            yield Exhibit(file, f"{name}, {model}", facts)


def filters(room: Room) -> Iterator[Exhibit]:
    """The first convolution of two networks, and a deeper one."""
    for model, layer in (("squeezenet1_1", ""), ("efficientnet_lite0", ""), ("squeezenet1_1", "features.3.expand3x3")):
        record = room.here.run(FiltersRequest(model=model, layer=layer))
        yield _sheet(room, record, f"filters-{model}-{layer or 'first'}.png", f"{model} {layer}".strip())


def activations(room: Room) -> Iterator[Exhibit]:
    """Early and late maps of one picture."""
    frame = still("coffee")
    for layer in ("features.1", "features.6", "features.12"):
        record = room.here.run(ActivationsRequest(model="squeezenet1_1", layer=layer), frame)
        yield _sheet(room, record, f"activations-{layer}.png", f"coffee, squeezenet1_1 {layer}")


def _sheet(room: Room, record: Mosaic, file: str, caption: str) -> Exhibit:
    from explorer.picture.grid import mosaic_rgb

    shape = shapes.mosaic(record)
    saving.picture(room.path(file), mosaic_rgb(record, longest=1200), shape)
    size = " x ".join(str(side) for side in shape["shape"])
    return Exhibit(file, caption, ((tr("tiles"), str(shape["tiles"])), (tr("each"), size)), crisp=True)


def dream(room: Room) -> Iterator[Exhibit]:
    """Channels from noise, then a dream on a picture."""
    steps = 16 if room.quick else 160
    word = tr("channel")
    for layer, channel in DREAMS[: 1 if room.quick else None]:
        request = DreamRequest(model="squeezenet1_1", layer=layer, channel=channel, steps=steps)
        record = room.here.run(request)
        yield _dreamt(room, record, f"dream-{layer}-{channel}.png", f"squeezenet1_1 {layer}, {word} {channel}")
    frame = still("rocket")
    wide = DreamRequest(
        model="efficientnet_lite0", start="picture", steps=4 if room.quick else 24, size=224 if room.quick else 512
    )
    yield _dreamt(room, room.here.run(wide, frame), "dream-rocket.jpg", tr("a dream on the rocket, efficientnet_lite0"))


DREAMS = (("features.6", 5), ("features.9", 60), ("features.11", 200))


def _dreamt(room: Room, record: Any, file: str, caption: str) -> Exhibit:
    saving.picture(room.path(file), record.rgb, record.facts)
    facts = record.facts
    growth = f"{facts['before']:.3g} -> {facts['after']:.3g}"
    return Exhibit(file, caption, ((tr("mean activation"), growth), (tr("seed"), str(facts["seed"]))))


def detect(room: Room) -> Iterator[Exhibit]:
    """Boxes on a picture; on the clip, a camera moving over it, objects are followed and leave trails."""
    from explorer.picture.overlay import draw_detections, draw_records
    from explorer.records.trails import Trails
    from explorer.vision.stream import watch

    frame = still("coffee")
    record = room.here.run(DetectRequest(), frame)
    saving.picture(room.path("detect-coffee.jpg"), draw_detections(frame.rgb, record))
    yield Exhibit("detect-coffee.jpg", "coffee, yolov3_tiny", _found(record))
    shown = 0
    with saving.Film(room.path("detect-clip.mp4"), 10.0) as film:
        trails, shots = Trails(), islice(frames(CLIP), 0, 20 if room.quick else None, 5)
        for moving, found in watch(DetectRequest(track=True), shots, Work(room.here.engine, token=room.here.token)):
            trails.add(found, moving.time)
            film.write(draw_records(moving.rgb, (found,), trails=trails.lines())[::2, ::2])
            shown += 1
    yield Exhibit("detect-clip.mp4", "clip, yolov3_tiny", ((tr("frames"), str(shown)),))


def _found(record: Detections) -> tuple[tuple[str, str], ...]:
    return tuple((record.label(index), f"{record.score[index]:.0%}") for index in range(len(record)))


def segment(room: Room) -> Iterator[Exhibit]:
    """Masks over three pictures."""
    from explorer.picture.overlay import draw_mask

    for name in ("chelsea", "astronaut", "rocket"):
        frame = still(name)
        record = room.here.run(SegmentRequest(), frame)
        file = f"segment-{name}.jpg"
        saving.picture(room.path(file), draw_mask(frame.rgb, record))
        share = float((record.alpha > 0.5).mean())
        yield Exhibit(file, f"{name}, u2netp", ((tr("covered"), f"{share:.0%}"),))


def race(room: Room) -> Iterator[Exhibit]:
    """Six optimizers on three surfaces."""
    from explorer.labs.race_file import write

    for surface, start in (("saddle", (-1.0, 0.001)), ("rosenbrock", None), ("himmelblau", None)):
        file = f"race-{surface}.gif"
        request = RaceRequest(surface=surface, start=start, steps=300)
        record = room.here.run(request)
        for _ in write(record, export_of(request, str(room.path(file)), frames=8 if room.quick else 60)):
            pass
        facts = tuple((run.optimizer, f"f = {run.values[-1]:.3g}, {tr(run.status)}") for run in record.runs)
        yield Exhibit(file, surface, facts)


def lenet(room: Room) -> Iterator[Exhibit]:
    """The network that comes with the program."""
    record = room.here.run(FiltersRequest(model="lenet5"))
    yield _sheet(room, record, "filters-lenet5.png", "lenet5")


CHAPTERS = (
    Chapter(
        N_("What is in the picture?"),
        N_("A classifier gives each of its thousand classes a share of certainty; these are the five largest."),
        "explorer classify efficientnet_lite0 coffee --json",
        classify,
    ),
    Chapter(
        N_("What does it look for?"),
        N_("The kernels of a convolution. The first layer sees colours, so its kernels are small coloured pictures."),
        "explorer filters squeezenet1_1 -o filters.png",
        filters,
    ),
    Chapter(
        N_("What does it answer?"),
        N_("One small map for each channel of a layer: bright where the channel found what it looks for."),
        "explorer activations squeezenet1_1 coffee --layer features.6 -o maps.png",
        activations,
    ),
    Chapter(
        N_("What does it dream of?"),
        N_("Gradient ascent on the picture itself: from noise it paints what a channel wants, on a photograph it dreams."),
        "explorer dream squeezenet1_1 --layer features.9 --channel 60 -o dream.png",
        dream,
    ),
    *INSIDE,
    Chapter(
        N_("What is where?"),
        N_("A detector draws a box around every object that it knows, with its certainty."),
        "explorer detect clip --model yolov3_tiny --trails -o boxes.mp4",
        detect,
    ),
    XRAY,
    Chapter(
        N_("Object and background"),
        N_("A segmentation network decides for every pixel whether it belongs to the main object."),
        "explorer segment chelsea --model u2netp -o mask.png",
        segment,
    ),
    TEACH,
    Chapter(
        N_("How does it learn?"),
        N_("Six methods leave the same point of an error surface. Plain descent lingers where momentum does not."),
        "explorer race saddle --start=-1,0.001 -o race.gif",
        race,
    ),
    Chapter(
        N_("The smallest one"),
        N_("LeNet-5 reads handwritten digits. It was trained for this program and needs no download."),
        "explorer filters lenet5 -o lenet.png",
        lenet,
    ),
)
