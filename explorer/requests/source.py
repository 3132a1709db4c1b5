"""Where the picture comes from."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

SourceKind = Literal["sample", "file", "folder", "video", "camera", "clip", "plugin"]


class SourceRequest(Request):
    """Open a source in the capture child. One Picture strip feeds every panel.

    `kind`: "sample" (a name of assets/samples), "file" (a still), "folder", "video", "camera" (`index`), "clip" (the
    bundled clip), "plugin" (a source that a plugin adds: `path` is its name, or "name:argument").
    Network addresses and FFmpeg protocols are refused (reliability.md row 9).
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

    @property
    def plugin(self) -> tuple[str, str]:
        """Of kind "plugin": the name of the source and its argument, which may be empty and may itself contain colons."""
        name, _, argument = self.path.partition(":")
        return name, argument
