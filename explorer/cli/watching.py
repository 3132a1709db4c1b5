"""Running a network over every frame of every file and writing what it says: lines for people or JSON, drawings, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli import output, saving
from explorer.cli.media import expand, fps_of, frames, is_film, is_video
from explorer.cli.running import Bar, Runner, runner
from explorer.i18n import tr
from explorer.jobs import Cancelled

if TYPE_CHECKING:
    from explorer.picture.behind import Behind
    from explorer.picture.findings import Findings
    from explorer.records.export import Place
    from explorer.records.frame import RGB, Frame
    from explorer.records.network import NetworkInfo
    from explorer.requests.live import LiveLook
    from explorer.requests.network import NetworkRequest


class Boxes:
    """Detections: text and drawing."""

    endings = (saving.PICTURE, saving.VIDEO, saving.FOUND)

    @staticmethod
    def text(said: dict[str, Any]) -> str:
        """One line for a person."""
        found = ", ".join(
            " ".join([item["label"], *([str(item["track"])] if item.get("track") else []), f"{item['score']:.2f}"])
            for item in said["detections"]
        )
        return f"{said['frame']:5d}  " + (found or tr("nothing found"))

    @staticmethod
    def drawing(look: LiveLook) -> Callable[[RGB, Sequence[object]], RGB] | None:
        """Boxes on their own frame, as recordings have them."""
        return None


class Masks:
    """A mask as a grey picture: white is the object."""

    endings = (saving.PICTURE, saving.VIDEO, saving.ARRAYS, saving.FOUND)

    @staticmethod
    def text(said: dict[str, Any]) -> str:
        """One line for a person."""
        return f"{said['frame']:5d}  " + tr("object covers {share:.1%}").format(share=said["share"])

    @staticmethod
    def drawing(look: LiveLook) -> Callable[[RGB, Sequence[object]], RGB] | None:
        """Grey, 255 where the object is."""
        import numpy as np

        def grey(rgb: RGB, records: Sequence[Any]) -> RGB:
            return np.repeat(np.rint(np.clip(records[0].alpha, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)

        return grey


class Overlay(Masks):
    """A mask over its picture."""

    @staticmethod
    def drawing(look: LiveLook) -> Callable[[RGB, Sequence[object]], RGB] | None:
        """The mask tinted over the frame, as recordings have it."""
        return None


class Classes:
    """The best classes, written into the picture."""

    endings = (saving.PICTURE, saving.VIDEO, saving.TABLE, saving.LINES)
    drawing = Boxes.drawing

    @staticmethod
    def text(said: dict[str, Any]) -> str:
        """A line for each class."""
        lines = [f"{item['score']:7.2%}  {item['label']}" for item in said["top"]]
        return "\n".join(["", *lines]) if "file" in said else "\n".join(lines)


def is_live(name: str) -> bool:
    """Whether the frames come as they happen, without an end."""
    return name.startswith(("camera:", "stream:")) and not Path(name).exists()


def _described(record: Any, name: str, at: Place) -> dict[str, Any]:
    from explorer.records.export import described

    return described((record,), at)


Kind = type[Boxes] | type[Masks] | type[Classes]


class Watch:
    """One command: `request` on all frames of `files`, written to `outputs`.

    `shape(record, place)` is the JSON object of a frame; `check(info)` looks at the network before the first frame; `each(name,
    place, record)` hears of every answer.
    """

    def __init__(
        self, request: NetworkRequest, files: Sequence[str], outputs: Sequence[str], kind: Kind, as_json: bool
    ) -> None:
        self.request, self.kind, self.as_json = request, kind, as_json
        self.limit: int | None = None
        self.look: LiveLook | None = None
        self.check: Callable[[NetworkInfo], None] | None = None
        self.shape: Callable[[Any, str, Place], dict[str, Any]] = _described
        self.each: Callable[[str, Place, Any], None] | None = None
        self._loaded = False
        self._outputs = saving.Outputs(outputs, ".png", *kind.endings)
        self.names = expand(files)
        self._wanted = self._outputs.targets(self.names)

    def run(self) -> int:
        """Everything; the exit code."""
        with runner() as here, ExitStack() as stack:
            if self.check is not None:
                self._ready(here)
            joint = self._open(stack, self._outputs.joint, 0.0)
            return here.each(self.names, lambda name: self._one(here, name, joint))

    def _open(self, stack: ExitStack, paths: Sequence[str], fps: float, *, ours: bool = False) -> Findings | Behind | None:
        if not paths:
            return None
        from explorer.picture.behind import Behind
        from explorer.picture.findings import Findings
        from explorer.requests.live import LiveLook

        look = self.look or LiveLook()
        found = Findings(paths, fps, look, draw=self.kind.drawing(look), ours=ours)
        films = any(Path(path).suffix.lower() in saving.VIDEO for path in paths)
        return stack.enter_context(Behind(found)) if films else stack.enter_context(found)

    def _one(self, here: Runner, name: str, joint: Findings | Behind | None) -> None:
        from explorer.records.export import Place

        wanted = self._wanted[name]
        pictures = [path for path in wanted if Path(path).suffix.lower() in saving.PICTURE]
        arrays = [path for path in wanted if Path(path).suffix.lower() in saving.ARRAYS]
        kept: list[tuple[int, Any]] = []
        with ExitStack() as stack:
            ours = is_film(name) and joint is None and not pictures  # each frame is made for us, and nobody else wants it
            written = [path for path in wanted if path not in (*pictures, *arrays)]
            films = self._open(stack, written, fps_of(name), ours=ours)
            first: float | None = None
            for frame, record in self._answers(here, name):
                first = frame.time if first is None else first
                at = Place(frame.seq, frame.time, frame.source or name, (frame.width, frame.height))
                self._say(self.shape(record, name, at), name)
                if self.each is not None:
                    self.each(name, at, record)
                if films is not None:
                    films.write(frame.rgb, (record,), at, frame.time - first if is_live(name) else None)
                if joint is not None:
                    joint.write(frame.rgb, (record,), at)
                for path in pictures:
                    saving.picture(path, self._drawn(frame, record), {"source": name})
                if arrays:
                    kept.append((frame.seq, record.alpha))
        for path in arrays:
            import numpy as np

            saving.arrays(path, frame=np.array([row[0] for row in kept]), alpha=np.stack([row[1] for row in kept]))

    def _drawn(self, frame: Frame, record: Any) -> RGB:
        from explorer.picture.overlay import draw_records
        from explorer.requests.live import LiveLook

        look = self.look or LiveLook()
        draw = self.kind.drawing(look)
        return draw(frame.rgb, (record,)) if draw is not None else draw_records(frame.rgb, (record,), look)

    def _say(self, said: dict[str, Any], name: str) -> None:
        """One answer on standard output. With several files each line says which."""
        several = len(self.names) > 1
        if self.as_json:
            output.line({"file": name, **said} if several else said)
        else:
            output.text((f"{name}: " if several else "") + self.kind.text({"file": name, **said} if several else said))

    def _ready(self, here: Runner) -> None:
        """Load the network, plugins included, and let the command look at it."""
        if not self._loaded:
            from explorer.requests.network import LoadRequest

            request = self.request
            info = here.run(LoadRequest(model=request.model, weights=request.weights, device=request.device))
            if self.check is not None:
                self.check(info)
            self._loaded = True

    def _answers(self, here: Runner, name: str) -> Iterator[tuple[Frame, Any]]:
        """(frame, record) in order; a video is decoded ahead of the network. Ctrl-C ends a camera's film in good order."""
        from explorer.jobs import Work
        from explorer.vision.stream import watch

        if not is_video(name):
            for frame in frames(name, self.limit):
                if self.check is not None:
                    self._ready(here)
                yield frame, here.run(self.request, frame)
            return
        self._ready(here)
        bar = Bar(name)
        try:
            for index, answer in enumerate(watch(self.request, frames(name, self.limit), Work(here.engine, token=here.token))):
                bar.show(index + 1, self.limit or 0)
                yield answer
        except Cancelled:
            if not is_live(name):
                raise
        finally:
            bar.done()
