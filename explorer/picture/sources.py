"""Where pictures come from: sample, file, folder, video, camera, stream, the clip. One interface for the window's capture
child and the command line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Protocol, cast

from explorer.assets import assets_dir
from explorer.i18n import N_
from explorer.picture.camera import Camera, live_camera
from explorer.picture.clip import FPS as CLIP_FPS
from explorer.picture.clip import Clip
from explorer.picture.film import Decoded, Film
from explorer.picture.foreign import Foreign
from explorer.picture.later import LaterFrame
from explorer.picture.listing import ENDINGS, natural, stills_in
from explorer.picture.played import Played
from explorer.picture.recognise import HEAD_BYTES, STILLS, VIDEOS, kind_of
from explorer.picture.stills import read_rgb
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import Frame
from explorer.records.source import SourceInfo
from explorer.requests.source import SourceRequest
from explorer.tables import Table, Tables

FOLDER_S = 2.0  # how long a playing folder shows each picture
_seqs = count()


class Source(Protocol):
    """`info` is complete after the first frame. `index` is the place of the last frame, from 0; `trouble` a notice about it
    or, at the end, about the whole source (a damaged file)."""

    @property
    def info(self) -> SourceInfo:
        """See above."""

    @property
    def index(self) -> int:
        """See above."""

    @property
    def trouble(self) -> Trouble | None:
        """See above."""

    def read(self) -> Frame | None:
        """The next frame, or None at the end. `frame.time` rises in a video's own seconds. Raises MediaError."""

    def seek(self, index: int) -> Frame | None:
        """The frame number `index`, if `info.seekable`."""

    def close(self) -> None:
        """Let go of files and devices. By the thread that opened it."""


Factory = Callable[[SourceRequest], Source]
SOURCES: Table[object] = Table("source")  # name -> Factory, of every `SourceRequest.kind`


class Pictures:
    """Stills one after the other: a sample, a file, a folder. A folder steps over what cannot be read, with a notice."""

    def __init__(self, paths: list[Path], name: str) -> None:
        self._paths = paths
        self.index = -1
        self.trouble: Trouble | None = None
        several = len(paths) > 1
        self.info = SourceInfo(name, fps=1 / FOLDER_S if several else 0.0, frames=len(paths), seekable=several)

    def read(self) -> Frame | None:
        """The next picture that can be read."""
        while self.index + 1 < len(self._paths):
            self.index += 1
            path = self._paths[self.index]
            try:
                rgb = read_rgb(path)
            except MediaError as error:
                if len(self._paths) == 1:
                    raise
                self.trouble = error.trouble
                continue
            self.info = _sized(self.info, *rgb.shape[:2])
            return Frame(rgb, next(_seqs), self.index * FOLDER_S, path.stem if len(self._paths) == 1 else path.name)
        return None

    def seek(self, index: int) -> Frame | None:
        """Picture number `index`."""
        self.index = min(max(index, 0), len(self._paths) - 1) - 1
        return self.read()

    def close(self) -> None:
        """Nothing is open."""


class Video:
    """A video file. The pixels of its frames are made when they are looked at."""

    def __init__(self, path: Path) -> None:
        self._film = Film(path)
        film = self._film
        self.info = SourceInfo(film.name, film.width, film.height, film.fps, film.frames, film.fps > 0 and film.frames > 1)
        self.index = -1
        self.trouble: Trouble | None = None

    def read(self) -> Frame | None:
        """The next frame; at the end `trouble` says whether the file was whole."""
        return self._frame(self._film.next())

    def seek(self, index: int) -> Frame | None:
        """Frame number `index`."""
        return self._frame(self._film.find(index))

    def _frame(self, found: Decoded | None) -> Frame | None:
        if found is None:
            if self._film.index < 0:
                raise MediaError(
                    Trouble("video.empty", N_("There is no picture that can be read in {name}."), {"name": self.info.name})
                )
            self.trouble = self._film.trouble
            return None
        self.index = self._film.index
        self.info = _sized(self.info, found.height, found.width)
        return LaterFrame(found.rgb, next(_seqs), found.time, self.info.name)

    def close(self) -> None:
        """Close the file."""
        self._film.close()


class Moving:
    """The bundled clip, made by moving over a sample picture; as endless as it is looped."""

    def __init__(self, clip: Clip, name: str) -> None:
        self._clip = clip
        self.index = -1
        self.trouble: Trouble | None = None
        self.info = SourceInfo(name, clip.width, clip.height, CLIP_FPS, clip.frames, True)

    def read(self) -> Frame | None:
        """The next frame."""
        return self.seek(self.index + 1)

    def seek(self, index: int) -> Frame | None:
        """Frame number `index`."""
        if not 0 <= index < self._clip.frames:
            return None
        self.index = index
        return Frame(self._clip.frame(index), next(_seqs), index / CLIP_FPS, self.info.name)

    def close(self) -> None:
        """Nothing is open."""


class Live:
    """A camera or stream; `frame.time` is time.monotonic()."""

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.index = -1
        self.trouble: Trouble | None = None
        self.info = SourceInfo(camera.name, fps=camera.fps, live=True)

    def read(self) -> Frame | None:
        """The next frame. Raises MediaError when the camera gives none."""
        rgb = self.camera.read()
        self.trouble = self.camera.take_notice()
        self.index += 1
        self.info = _sized(self.info, *rgb.shape[:2])
        return Frame(rgb, next(_seqs), time.monotonic(), self.info.name)

    @property
    def frozen_s(self) -> float:
        """Seconds for which the picture has stayed exactly the same."""
        return self.camera.frozen_s

    def seek(self, index: int) -> Frame | None:
        """A camera has no places."""
        return None

    def close(self) -> None:
        """Release the camera."""
        self.camera.close()


def open_source(request: SourceRequest, camera: Callable[[SourceRequest], Camera] = live_camera) -> Played:
    """The source a request names; `camera` makes one of a camera or stream. Raises MediaError."""
    if request.kind in ("camera", "stream"):
        source: Source = Live(camera(request))
    else:
        source = cast(Factory, SOURCES[request.kind])(request)
    return Played(source, request)


def _file(request: SourceRequest) -> Source:
    path = Path(request.path)
    return Video(path) if _kind(path) in VIDEOS - STILLS else Pictures([path], path.name)


def _folder(request: SourceRequest) -> Source:
    folder = Path(request.path)
    return Pictures(stills_in(folder), folder.name or str(folder))


def _files(request: SourceRequest) -> Source:
    paths = sorted((Path(line) for line in request.path.split("\n") if line), key=lambda path: natural(path.name))
    if not paths:
        raise MediaError(Trouble("picture.none", N_("There is no picture to look at.")))
    return Pictures(paths, f"{paths[0].name} +{len(paths) - 1}")


def _sample(request: SourceRequest) -> Source:
    return Pictures([sample_path(request.path)], request.path)


def _clip(request: SourceRequest) -> Source:
    name = request.path if request.path in sample_names() else sample_names()[0]
    return Moving(Clip(read_rgb(sample_path(name))), name)


def sample_names() -> tuple[str, ...]:
    """Names of the sample pictures that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in (assets_dir() / "samples").glob("*") if path.suffix.lower() in ENDINGS))


def sample_path(name: str) -> Path:
    """The file of a sample. Raises MediaError."""
    for path in sorted((assets_dir() / "samples").glob("*")):
        if path.stem == name and path.suffix.lower() in ENDINGS:
            return path
    known = ", ".join(sample_names())
    raise MediaError(
        Trouble(
            "sample.unknown", N_("There is no sample called {name}."), {"name": name, "known": known}, N_("There are: {known}.")
        )
    )


def video_frames(path: Path | str, limit: int | None = None) -> Iterator[Frame]:
    """The frames of a video file, at most `limit`; `seq` counts from 0 here.

    Raises MediaError, also at the end of a file of which nothing could be read.
    """
    video = Video(Path(path))
    try:
        for number in count():
            frame = video.read() if limit is None or number < limit else None
            if frame is None:
                return
            yield Frame(frame.rgb, number, frame.time, frame.source)
    finally:
        video.close()


def video_fps(path: Path | str) -> float:
    """Pictures a second of a video file, 25 where it does not say. Raises MediaError."""
    with Film(path) as film:
        return film.fps or 25.0


def _kind(path: Path) -> str:
    try:
        with open(path, "rb") as handle:
            return kind_of(handle.read(HEAD_BYTES))
    except (OSError, ValueError):
        return ""


def _sized(info: SourceInfo, height: int, width: int) -> SourceInfo:
    if (info.width, info.height) == (width, height):
        return info
    return SourceInfo(info.name, width, height, info.fps, info.frames, info.seekable, info.live)


_FACTORIES: dict[str, Factory] = {
    "sample": _sample,
    "file": _file,
    "files": _files,
    "folder": _folder,
    "video": lambda request: Video(Path(request.path)),
    "clip": _clip,
    "camera": lambda request: Live(live_camera(request)),
    "stream": lambda request: Live(live_camera(request)),
    "plugin": lambda request: Foreign(request, _seqs),
}
BUILT_IN = frozenset(_FACTORIES)


def register(tables: Tables) -> None:
    """Enter the built-in sources."""
    for name, factory in _FACTORIES.items():
        tables.sources.add(name, factory)


register(Tables(sources=SOURCES))
