"""Where the picture comes from."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

SourceKind = Literal["sample", "file", "folder", "video", "camera", "clip", "stream", "plugin"]


class SourceRequest(Request):
    """Open a source in the capture child. One Picture strip feeds every panel.

    `kind`: "sample" (a name of assets/samples), "file" (a still), "folder", "video", "camera" (`index`), "clip" (the
    bundled clip), "stream" (`path` is a network address that a person typed for "Open stream"), "plugin" (a source that a
    plugin adds: `path` is its name, or "name:argument"). Everywhere but in a stream network addresses and FFmpeg protocols
    are refused (reliability.md row 9).
    """

    job: ClassVar[str] = "explorer.host.capture:open_source"
    place: ClassVar[Place] = "capture"
    title: ClassVar[str] = N_("Picture")
    kind: SourceKind = parameter("sample", N_("Source"), N_("Where the picture comes from."))
    path: str = parameter("coffee", N_("File"), N_("Name of a sample, or path of a file or folder."))
    index: int = parameter(0, N_("Camera"), N_("Number of the camera."), ge=0, le=63, step=1)
    mirror: bool = parameter(False, N_("Mirror"), N_("Flip left and right, as in a mirror."))
    loop: bool = parameter(True, N_("Loop"), N_("Start again at the end of a video or folder."))
    speed: float = parameter(1.0, N_("Speed"), N_("Playing speed of a video."), ge=0.1, le=8.0, step=0.1, unit=N_("x"))
    start: float = parameter(
        0.0, N_("From"), N_("Where a video begins."), ge=0.0, le=360_000.0, step=0.1, unit=N_("s"), more=True
    )
    end: float = parameter(
        0.0, N_("To"), N_("Where a video ends; 0: at its end."), ge=0.0, le=360_000.0, step=0.1, unit=N_("s"), more=True
    )
    width: int = parameter(
        1280,
        N_("Width"),
        N_("Asked of a camera; it gives the nearest that it can."),
        ge=0,
        le=7680,
        step=1,
        unit=N_("pixels"),
        more=True,
    )
    height: int = parameter(
        720,
        N_("Height"),
        N_("Asked of a camera; it gives the nearest that it can."),
        ge=0,
        le=4320,
        step=1,
        unit=N_("pixels"),
        more=True,
    )
    rate: float = parameter(
        0.0,
        N_("Pictures a second"),
        N_("Asked of a camera; 0: as it likes."),
        ge=0.0,
        le=240.0,
        step=1.0,
        more=True,
    )

    @property
    def plugin(self) -> tuple[str, str]:
        """Of kind "plugin": the name of the source and its argument, which may be empty and may itself contain colons."""
        name, _, argument = self.path.partition(":")
        return name, argument
