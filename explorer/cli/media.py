"""What a command reads: pictures, videos, folders of both, and by name: samples, the clip, cameras, streams, plugins' sources.

camera:0   camera:NAME   camera:0@640x480@30   stream:ADDRESS   plugin:NAME[:ARGUMENT]   clip   FILE
FILE#t=START,END (seconds of a video)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.cli.ending import say, sentence
from explorer.i18n import N_
from explorer.records.errors import MediaError, Trouble

if TYPE_CHECKING:
    from explorer.records.frame import Frame
    from explorer.records.source import CameraInfo
    from explorer.requests.source import SourceRequest

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".flv", ".ogv"})
CLIP = "clip"
FPS = 25.0  # written for what does not say
_CAMERA = re.compile(r"(?P<who>.+?)(?:@(?P<width>\d{2,4})x(?P<height>\d{2,4})(?:@(?P<rate>\d{1,3}))?)?", re.DOTALL)
_NAMED = re.compile(r"(camera|stream|plugin):(.+)", re.DOTALL)
_PART = re.compile(r"#t=(?P<start>[\d.]*)(?:,(?P<end>[\d.]+))?$")  # as in the addresses of media fragments
_typed: dict[str, str] = {}  # addresses of streams without their secrets -> as they were typed


def is_video(name: str) -> bool:
    """Whether `name` has more than one frame: the clip, a camera, a stream, a plugin's source, a file that is a video."""
    request = source_named(name)
    return request is not None and request.kind != "file"


def is_film(name: str) -> bool:
    """Whether `name` is a video file, or a part of one."""
    request = source_named(name)
    return request is not None and request.kind == "video"


def source_named(name: str) -> SourceRequest | None:
    """The moving source that `name` means; None for a picture or anything that is no video. Raises MediaError."""
    from explorer.requests.base import changed
    from explorer.requests.source import SourceRequest

    if _is_file(name):
        return SourceRequest(kind="video", path=name, loop=False) if _is_film(name) else None
    if name == CLIP:
        return SourceRequest(kind="clip", loop=False)
    named = _NAMED.fullmatch(name)
    if named is not None and named[1] == "camera":
        return _camera(named[2])
    if named is not None:
        address = _typed.get(named[2], named[2])
        return SourceRequest(kind="stream" if named[1] == "stream" else "plugin", path=address, loop=False)
    part = _PART.search(name)
    if part is None:
        return None
    whole = source_named(name[: part.start()])
    try:
        points = {point: float(text) for point, text in part.groupdict().items() if text}
        return whole and changed(whole, **points)
    except ValueError:
        reason = N_("{part} is no part of a video.")
        raise MediaError(
            Trouble("source.points", reason, {"part": part[0]}, N_("As in film.mp4#t=10,25 (seconds)."), 2)
        ) from None


def _camera(text: str) -> SourceRequest:
    """By its number, or by its name or the beginning of it."""
    from explorer.jobs import result_of
    from explorer.requests.source import CamerasRequest, SourceRequest

    match = _CAMERA.fullmatch(text)
    assert match is not None  # all of it is the name then
    text = match["who"]
    asked: dict[str, Any] = {key: int(match[key]) for key in ("width", "height", "rate") if match[key]}
    if text.isdecimal() and len(text) <= 2:
        return SourceRequest(kind="camera", index=min(int(text), 63), **asked)
    cameras: tuple[CameraInfo, ...] = result_of(CamerasRequest()).cameras
    wanted = text.casefold()
    found = [camera for camera in cameras if camera.name.casefold() == wanted]
    found = found or [camera for camera in cameras if camera.name.casefold().startswith(wanted)]
    if not found:
        known = ", ".join(f"camera:{camera.index} ({camera.name})" for camera in cameras)
        hint = N_("There are: {known}.") if known else N_("Play the sample clip or open a file instead.")
        raise MediaError(Trouble("camera.unknown", N_("There is no camera {name}."), {"name": text, "known": known}, hint))
    return SourceRequest(kind="camera", index=found[0].index, device=found[0].name if found[0].known else "", **asked)


def printable(name: str) -> str:
    """`name` as it may be printed and written: a stream's without its password, which is remembered for the opening."""
    from explorer.requests.source import shown_address

    if not name.startswith("stream:") or _is_file(name):
        return name
    address = name.removeprefix("stream:")
    _typed[shown_address(address)] = address
    return f"stream:{shown_address(address)}"


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except (OSError, ValueError):  # a zero byte, a name that is too long
        return False


def _is_film(name: str) -> bool:
    from explorer.picture.recognise import HEAD_BYTES, STILLS, VIDEOS, kind_of

    try:
        with open(name, "rb") as handle:
            return kind_of(handle.read(HEAD_BYTES)) in VIDEOS - STILLS
    except (OSError, ValueError):  # no such file: whoever opens it says so; ValueError: a zero byte in the name
        return False


def expand(names: Iterable[str]) -> list[str]:
    """Files as given; a folder becomes its pictures and videos in order of name, a sample's name its file."""
    found: list[str] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            inside = [item for item in sorted(path.iterdir()) if item.suffix.lower() in PICTURES | VIDEOS]
            if not inside:
                raise MediaError(Trouble("media.empty-folder", N_("There is no picture or video in {path}."), {"path": name}))
            found += [str(item) for item in inside]
        elif not path.exists() and "." not in name and "/" not in name:
            found.append(_sample(name))
        else:
            found.append(printable(name))
    return found


def _sample(name: str) -> str:
    from explorer.picture.sources import sample_names, sample_path

    return str(sample_path(name)) if name in sample_names() else name


def still(name: str) -> Frame:
    """A picture, or the first frame of a video. Raises MediaError."""
    name = expand([name])[0]
    for frame in frames(name, 1):
        return frame
    raise MediaError(Trouble("media.empty", N_("There is no picture in {path}."), {"path": name}))


def frames(name: str, limit: int | None = None) -> Iterator[Frame]:
    """The one frame of a picture, or at most `limit` frames of whatever moves; `seq` is its number in its source, from 0.

    Raises MediaError.
    """
    request = source_named(name)
    if request is not None:
        yield from _from_source(request, limit)
    else:
        from explorer.picture.stills import read_rgb
        from explorer.records.frame import Frame

        yield Frame(read_rgb(name), source=Path(name).name)


def _from_source(request: SourceRequest, limit: int | None) -> Iterator[Frame]:
    from explorer.picture.sources import open_source
    from explorer.records.frame import Frame

    with closing(open_source(request)) as source:
        for number in count():
            frame = source.read() if limit is None or number < limit else None
            if frame is None:
                break
            yield Frame(frame.rgb, source.index, frame.time, frame.source)
        if source.trouble is not None and frame is None and (limit is None or number < limit):
            if request.kind == "plugin":
                raise MediaError(source.trouble)
            say(sentence(source.trouble))  # a damaged file: what could be read was, and it is said how much


def fps_of(name: str) -> float:
    """Frames a second of a video file; 25 where it does not say, 10 for pictures."""
    request = source_named(name)
    if request is None:
        return 10.0
    if request.kind != "video":
        return FPS
    from explorer.picture.sources import video_fps

    return video_fps(request.path)
