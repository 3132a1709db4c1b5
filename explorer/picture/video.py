"""Writing videos: MP4 (H.264, fragmented, so that a cut-off file still plays) and GIF (one palette for the whole film)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from explorer.atomic import replacing
from explorer.i18n import N_
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import RGB

ENDINGS = (".mp4", ".gif")
_MILLI = Fraction(1, 1000)
_CENTI = Fraction(1, 100)  # the clock of a GIF
# The presets of x264. At the same rate factor the fast one takes a third of the work for twice the bytes, with no more error
# (720p on two cores: 3.7 ms a frame for 10.6, 48 dB for 45).
_SMALL, _FAST = {"preset": "veryfast", "crf": "20"}, {"preset": "ultrafast", "crf": "20"}
_FRAGMENTED = {"movflags": "+frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}


class VideoWriter:
    """MP4 or GIF by the ending of `path`; appears under its name only when it is complete.

    `size`: (width, height) of the frames; MP4 needs even numbers, so an odd edge is repeated once. Without an explicit time
    frames follow each other at `fps`. `fast`: little work for each frame and a larger file, for what happens now. Use it as a
    context manager: an exception inside leaves nothing behind. Raises MediaError for another ending and for a frame of
    another size, OSError when the disk is full.
    """

    def __init__(self, path: Path | str, fps: float, size: tuple[int, int], *, fast: bool = False) -> None:
        self.path = Path(path)
        self.fps = min(max(float(fps), 0.1), 240.0)
        self.size = size
        self.frames = 0
        self.part: Path | None = None  # where the bytes are until the film is complete
        ending = self.path.suffix.lower()
        if ending not in ENDINGS:
            raise MediaError(
                Trouble(
                    "video.ending",
                    N_("A video cannot be written as {ending}."),
                    {"ending": ending or "?"},
                    N_("Use .mp4 or .gif."),
                    2,
                )
            )
        self._gif = ending == ".gif"
        self._coding = _FAST if fast else _SMALL
        self._stack = contextlib.ExitStack()
        self._last = -1
        self._to_yuv = VideoReformatter()

    def __enter__(self) -> VideoWriter:
        self.part = part = self._stack.enter_context(replacing(self.path))
        if self._gif:
            self._spool = part.with_suffix(".nut")
            self._stack.callback(self._spool.unlink, missing_ok=True)
            self._open(self._spool, "ffv1", "bgr0", {}, {})
        else:
            codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
            quality = self._coding if codec == "libx264" else {"qscale": "3"}
            self._open(part, codec, "yuv420p", quality, _FRAGMENTED)
        return self

    def _open(self, path: Path, codec: str, pixels: str, quality: dict[str, str], options: dict[str, str]) -> None:
        self._output: Any = av.open(str(path), "w", options=options)
        self._stack.callback(_close, self._output)
        stream = self._stream = self._output.add_stream(codec, rate=Fraction(self.fps).limit_denominator(1001), options=quality)
        width, height = self.size
        even = pixels == "yuv420p"
        stream.width, stream.height = (width + width % 2, height + height % 2) if even else (width, height)
        stream.pix_fmt = pixels
        stream.codec_context.time_base = _MILLI
        stream.codec_context.gop_size = max(1, round(self.fps))
        stream.codec_context.max_b_frames = 0  # with them a fragmented file begins late
        if even:
            context = stream.codec_context
            context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 1, 1, 1

    def write(self, rgb: RGB, seconds: float | None = None) -> None:
        """Append a frame, (H, W, 3) uint8 RGB of the writer's size, shown from `seconds` on (rising; None: by `fps`)."""
        if rgb.shape != (self.size[1], self.size[0], 3):
            shape = f"{rgb.shape[1]} x {rgb.shape[0]}"
            raise MediaError(Trouble("video.size", N_("A frame of {shape} does not fit the video."), {"shape": shape}))
        at = self.frames / self.fps if seconds is None else seconds
        self._last = max(self._last + 1, round(at * 1000))
        self.frames += 1
        if not self._gif and (rgb.shape[0] % 2 or rgb.shape[1] % 2):
            rgb = np.pad(rgb, ((0, rgb.shape[0] % 2), (0, rgb.shape[1] % 2), (0, 0)), mode="edge")
        picture = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(rgb), format="rgb24")
        if not self._gif:
            mean = Interpolation.AREA  # of four pixels' colours, as fast as taking one of them
            picture = self._to_yuv.reformat(
                picture, format="yuv420p", dst_colorspace=Colorspace.ITU709, interpolation=mean, threads=1
            )
        picture.pts, picture.time_base = self._last, _MILLI
        self._mux(picture)

    def _mux(self, picture: Any) -> None:
        for packet in self._stream.encode(picture):
            self._output.mux(packet)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None or not self.frames:
            if error is None:
                error = MediaError(Trouble("video.empty", N_("The video has no frame.")))
            self._stack.__exit__(type(error), error, trace)  # the part file goes, the old file stays
            if kind is None:
                raise error
            return
        with self._stack:
            self._mux(None)
            self._output.close()
            if self._gif:
                self._make_gif()

    def _make_gif(self) -> None:
        palette = _palette(self._spool)
        with av.open(str(self.part), "w", format="gif") as output:
            stream: Any = output.add_stream("gif", rate=100)
            stream.width, stream.height = self.size
            stream.pix_fmt, stream.codec_context.time_base = "pal8", _CENTI
            last = -1
            for picture in _painted(self._spool, palette):
                last = max(last + 1, round(picture.pts * float(picture.time_base) * 100))
                picture.pts, picture.time_base = last, _CENTI
                for packet in stream.encode(picture):
                    packet.duration = max(1, round(100 / self.fps))
                    output.mux(packet)
            for packet in stream.encode(None):
                output.mux(packet)


def _close(output: Any) -> None:
    with contextlib.suppress(av.FFmpegError):
        output.close()


def _spooled(path: Path) -> Iterator[Any]:
    with av.open(str(path)) as source:
        yield from source.decode(source.streams.video[0])


def _palette(spool: Path) -> Any:
    """The 256 colours that serve all frames best, as FFmpeg's palette picture."""
    graph: Any = None
    end: Any = None
    for picture in _spooled(spool):
        if graph is None:
            graph = av.filter.Graph()
            start = graph.add_buffer(
                width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
            )
            maker = graph.add("palettegen", "stats_mode=full:reserve_transparent=0")
            end = graph.add("buffersink")
            start.link_to(maker)
            maker.link_to(end)
            graph.configure()
        graph.push(picture)
    graph.push(None)
    return end.pull()


def _painted(spool: Path, palette: Any) -> Iterator[Any]:
    """The frames with their colours replaced by the palette's; ordered dithering, so that still areas stay still."""
    graph: Any = None
    for picture in _spooled(spool):
        if graph is None:
            graph = av.filter.Graph()
            frames = graph.add_buffer(
                width=picture.width, height=picture.height, format=picture.format, time_base=picture.time_base
            )
            colours = graph.add_buffer(width=16, height=16, format=palette.format, time_base=picture.time_base)
            painter = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
            end = graph.add("buffersink")
            frames.link_to(painter, 0, 0)
            colours.link_to(painter, 0, 1)
            painter.link_to(end)
            graph.configure()
            palette.pts = 0
            colours.push(palette)
            colours.push(None)
        frames.push(picture)
        yield from _ready(end)
    frames.push(None)
    yield from _ready(end)


def _ready(end: Any) -> Iterator[Any]:
    while True:
        try:
            yield end.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
