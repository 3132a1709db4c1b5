"""What a command reads: pictures, videos, folders of both, a camera, a plugin's source, samples and the clip by name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.i18n import N_
from explorer.records.errors import MediaError, Trouble

if TYPE_CHECKING:
    from explorer.picture.sources import Source
    from explorer.records.frame import Frame

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".flv", ".ogv"})
CLIP = "clip"
_CAMERA = re.compile(r"camera:(\d{1,2})")
_PLUGIN = re.compile(r"plugin:(.+)", re.DOTALL)  # plugin:NAME or plugin:NAME:ARGUMENT


def is_video(name: str) -> bool:
    """Whether `name` has more than one frame: the clip, a camera, a plugin's source, or a file that is a video by content."""
    if _moving(name):
        return True
    from explorer.picture.recognise import HEAD_BYTES, STILLS, VIDEOS, kind_of

    try:
        with open(name, "rb") as handle:
            return kind_of(handle.read(HEAD_BYTES)) in VIDEOS - STILLS
    except (OSError, ValueError):  # no such file: whoever opens it says so; ValueError: a zero byte in the name
        return False


def _moving(name: str) -> bool:
    return (name == CLIP and not Path(name).exists()) or any(form.fullmatch(name) for form in (_CAMERA, _PLUGIN))


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
            found.append(name)
    return found


def _sample(name: str) -> str:
    from explorer.picture.sources import sample_names, sample_path

    return str(sample_path(name)) if name in sample_names() else name


def still(name: str) -> Frame:
    """A picture, or the first frame of a video. Raises MediaError."""
    for frame in frames(expand([name])[0], 1):
        return frame
    raise MediaError(Trouble("media.empty", N_("There is no picture in {path}."), {"path": name}))


def frames(name: str, limit: int | None = None) -> Iterator[Frame]:
    """The one frame of a picture, or at most `limit` frames of a video, clip, camera or plugin's source. Raises MediaError."""
    if _moving(name):
        yield from _from_source(name, limit)
    elif is_video(name):
        from explorer.picture.sources import video_frames

        yield from video_frames(name, limit)
    else:
        from explorer.picture.stills import read_rgb
        from explorer.records.frame import Frame

        yield Frame(read_rgb(name), source=Path(name).name)


def _from_source(name: str, limit: int | None) -> Iterator[Frame]:
    from explorer.picture.clip import FRAMES
    from explorer.picture.sources import open_source
    from explorer.requests.source import SourceRequest

    camera = _CAMERA.fullmatch(name)
    plugin = _PLUGIN.fullmatch(name)
    if camera:
        request = SourceRequest(kind="camera", index=int(camera[1]))
    elif plugin:
        request = SourceRequest(kind="plugin", path=plugin[1], loop=False)
    else:
        request = SourceRequest(kind="clip", loop=False)
    most = limit if camera or plugin else min(limit or FRAMES, FRAMES)
    source: Source = open_source(request)
    with closing(source):
        taken = 0
        while most is None or taken < most:
            frame = source.read()
            if frame is None:
                if source.trouble is not None:
                    raise MediaError(source.trouble)
                return
            taken += 1
            yield frame


def fps_of(name: str) -> float:
    """Frames a second of a video file; 25 for the clip, a camera and a plugin's source, 10 for pictures."""
    if _moving(name):
        return 25.0
    if not is_video(name):
        return 10.0
    from explorer.picture.sources import video_fps

    return video_fps(name)
