"""Where the picture comes from."""

from __future__ import annotations

from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from pydantic import field_serializer

from explorer.i18n import N_
from explorer.requests.base import Place, Request, parameter

SourceKind = Literal["sample", "file", "files", "folder", "video", "camera", "clip", "stream", "plugin"]
SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "rtmps", "rtp", "udp", "tcp", "srt")  # of a stream's address
SIZES = ((1280, 720), (640, 480), (1920, 1080), (320, 240), (0, 0))  # offered for a camera; 0: as it likes
RATES = (0.0, 15.0, 30.0, 60.0)
_SECRETS = ("pass", "pwd", "pw", "token", "key", "auth", "secret", "sig", "user", "usr", "login", "session", "credential")


class SourceRequest(Request):
    """Open a source in the capture child. One Picture strip feeds every panel.

    `kind`: "sample" (a name of assets/samples), "file" (a still), "files" (several stills, a path a line), "folder",
    "video", "camera" (`index`), "clip" (the bundled clip), "stream" (`path` is a network address that a person typed for
    "Open stream"), "plugin" (a source that a plugin adds: `path` is its name, or "name:argument"). Everywhere but in a stream
    network addresses and FFmpeg protocols are refused (reliability.md row 9). As JSON, in logs and in its own text a
    stream's address is without name, password and key, so nothing that is saved or shown carries them; such a stream has to
    be typed again.
    """

    job: ClassVar[str] = "explorer.host.capture:open_source"
    place: ClassVar[Place] = "capture"
    title: ClassVar[str] = N_("Picture")
    kind: SourceKind = parameter("sample", N_("Source"), N_("Where the picture comes from."))
    path: str = parameter("coffee", N_("File"), N_("Name of a sample, or path of a file or folder."))
    index: int = parameter(0, N_("Camera"), N_("Number of the camera."), ge=0, le=63, step=1)
    device: str = parameter(
        "",
        N_("Name of the camera"),
        N_("What its maker calls it; it is found by it again when its number has changed."),
        hidden=True,
        max_length=200,
    )
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

    @property
    def opening(self) -> tuple[object, ...]:
        """What has to be opened; two requests that share it differ only in how that is played."""
        asked = (self.index, self.device, self.width, self.height, self.rate) if self.kind == "camera" else ()
        return (self.kind, "" if self.kind == "camera" else self.path, *asked)

    def same_as(self, other: SourceRequest) -> bool:
        """Whether it shows the same pictures, perhaps faster, in a loop, or a part of them."""
        mine, others = ((one.kind, one.path, one.index, one.device, one.mirror) for one in (self, other))
        return mine == others

    @property
    def label(self) -> str:
        """The source in a word or two, for people; nothing secret is in it."""
        if self.kind == "camera":
            return self.device or f"Camera {self.index}"
        return shown_address(self.path) if self.kind == "stream" else self.path

    @field_serializer("path", when_used="json")
    def _saved_path(self, path: str) -> str:
        return shown_address(path) if self.kind == "stream" else path

    def __repr_args__(self) -> Any:
        """Without secrets: a request is written to logs."""
        for name, value in super().__repr_args__():
            yield name, self.label if name == "path" and self.kind == "stream" else value


class CamerasRequest(Request):
    """List the cameras of this machine by name. No camera is opened where the system tells their names without that."""

    job: ClassVar[str] = "explorer.host.peek_cameras:cameras"
    place: ClassVar[Place] = "calc"
    title: ClassVar[str] = N_("Cameras")


def shown_address(address: str) -> str:
    """A network address without name, password and whatever else looks like a key, for logs, notices and files."""
    try:
        parts = urlsplit(address.strip())
        host = parts.netloc.rpartition("@")[2]
        query = [pair for pair in parse_qsl(parts.query, True) if not any(word in pair[0].lower() for word in _SECRETS)]
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, host, parts.path, urlencode(query), ""))


def is_address(text: str) -> bool:
    """Whether `text` is a network address that may be opened as a stream."""
    try:
        parts = urlsplit(text.strip())
        return parts.scheme.lower() in SCHEMES and bool(parts.hostname or parts.port)
    except ValueError:
        return False
