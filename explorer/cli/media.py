"""What a command reads: pictures, videos, folders of pictures, and the samples by their name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.assets import assets_dir
from explorer.i18n import N_
from explorer.records.errors import MediaError, Trouble

if TYPE_CHECKING:
    from explorer.records.frame import Frame

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
VIDEOS = frozenset({".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".mpg", ".mpeg", ".ts", ".wmv", ".gif", ".mjpg", ".mjpeg"})


def is_video(name: str) -> bool:
    """Whether the file's ending is a video's (the content decides whether it really opens)."""
    return Path(name).suffix.lower() in VIDEOS


def samples() -> dict[str, Path]:
    """Sample name -> file, of the pictures that come with the program."""
    folder = assets_dir() / "samples"
    return {path.stem: path for path in sorted(folder.glob("*")) if path.suffix.lower() in PICTURES}


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
        elif not path.exists() and name in samples():
            found.append(str(samples()[name]))
        else:
            found.append(name)
    return found


def still(name: str) -> Frame:
    """A picture, or the first frame of a video. Raises MediaError."""
    for frame in frames(expand([name])[0], 1):
        return frame
    raise MediaError(Trouble("media.empty", N_("There is no picture in {path}."), {"path": name}))


def frames(name: str, limit: int | None = None) -> Iterator[Frame]:
    """The one frame of a picture, or the frames of a video, at most `limit`. Raises MediaError."""
    if is_video(name):
        from explorer.picture.sources import video_frames

        yield from video_frames(name, limit)
        return
    from explorer.picture.stills import read_rgb
    from explorer.records.frame import Frame

    yield Frame(read_rgb(name), source=Path(name).name)
