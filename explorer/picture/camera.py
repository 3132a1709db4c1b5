"""The one place that opens a camera or a stream. Created, read and released by one thread, in a process that can be killed:
a release during a blocked read is a segmentation fault, and a driver's read cannot be interrupted (reliability.md M4, M5)."""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from explorer.i18n import N_
from explorer.picture.camera_list import number_of
from explorer.picture.normal import to_rgb
from explorer.picture.opencv import cv2
from explorer.picture.trial import size_given
from explorer.records.errors import MediaError, Trouble
from explorer.records.frame import RGB
from explorer.requests.source import SourceRequest, is_address

log = logging.getLogger(__name__)
FROZEN_S = 10.0
OPEN_MS, READ_MS = 1500, 1000  # for streams; cameras have the driver's own
MANY_PIXELS = 640 * 480  # more than these a camera sends compressed, or too slowly
# What FFmpeg may reach from a stream's address: the network, never a file, whatever the list that it finds there says.
REACH = "protocol_whitelist;http,https,tcp,tls,udp,rtp,rtsp,rtmp,rtmps,srt,crypto,httpproxy|rtsp_flags;prefer_tcp"


class Capture(Protocol):
    """What we use of cv2.VideoCapture; tests bring their own."""

    def isOpened(self) -> bool:
        """Whether frames may be read."""

    def read(self) -> tuple[bool, Any]:
        """(success, picture in BGR, grey, ...)."""

    def get(self, prop: int) -> float:
        """A property."""

    def set(self, prop: int, value: float) -> bool:
        """Ask for another value of a property."""

    def release(self) -> None:
        """Let the device go."""


class Camera:
    """The camera that a request names, or whatever `opener` opens under its number.

    It is asked for the request's size and rate; `notice` says once what it gives instead, and later what changed ("The
    source is now 640 x 480 grey"). `frozen_s` counts how long the picture has stayed exactly the same. Raises MediaError
    "camera.absent" if it does not open, "camera.silent" if a read gives nothing.
    """

    def __init__(self, request: SourceRequest, opener: Callable[[int], Capture] | None = None) -> None:
        self.request = request
        self.name = request.label
        self._thread = threading.get_ident()
        self._notice: Trouble | None = None
        self._form: tuple[int, int, bool] | None = None
        self._last: RGB | None = None
        self._changed_at = time.monotonic()
        try:
            self._capture = self._opened(opener)
        except cv2.error:
            raise self._absent() from None
        if not self._capture.isOpened():
            self._capture.release()
            raise self._absent()
        self.fps = _sane(self._capture.get(cv2.CAP_PROP_FPS))

    def _opened(self, opener: Callable[[int], Capture] | None) -> Capture:
        request = self.request
        capture = (opener or open_device)(number_of(request.device, request.index) if opener is None else request.index)
        if capture.isOpened():
            ask(capture, request)
        return capture

    def read(self) -> RGB:
        """The next frame, normalised. Raises MediaError "camera.silent"; empty and odd frames are skipped a few times."""
        assert threading.get_ident() == self._thread, "a capture belongs to one thread"
        for _ in range(5):
            try:
                good, picture = self._capture.read()
            except cv2.error as error:
                log.info("%s: %s", self.name, error)
                good, picture = False, None
            if not good:
                raise self._silent()
            try:
                array = None if picture is None else np.asarray(picture)
                rgb = to_rgb(array, "bgr")
            except MediaError:
                continue
            self._look(array if array is not None else rgb, rgb)
            return rgb
        raise self._silent()

    def _look(self, array: Any, rgb: RGB) -> None:
        grey = array.ndim == 2 or array.shape[2] == 1
        form = (rgb.shape[1], rgb.shape[0], grey)
        if self._form is None:
            self._notice = size_given(self.request, form[:2])
        elif form != self._form:
            template = N_("The source is now {form}, grey.") if grey else N_("The source is now {form}.")
            self._notice = Trouble("camera.changed", template, {"form": f"{form[0]} x {form[1]}"})
        self._form = form
        last = self._last  # every sixteenth row tells nearly always
        if last is None or not np.array_equal(last[::16], rgb[::16]) or not np.array_equal(last, rgb):
            self._changed_at = time.monotonic()
            self._last = rgb

    def take_notice(self) -> Trouble | None:
        """What changed since the last call."""
        notice, self._notice = self._notice, None
        return notice

    @property
    def frozen_s(self) -> float:
        """Seconds for which the picture has not changed."""
        return time.monotonic() - self._changed_at

    def close(self) -> None:
        """Release the device; by the thread that opened it."""
        assert threading.get_ident() == self._thread, "a capture belongs to one thread"
        self._capture.release()

    def _absent(self) -> MediaError:
        reason = N_("Camera {index} is not available (in use, unplugged or blocked).")
        values = {"index": self.request.index}
        return MediaError(Trouble("camera.absent", reason, values, N_("Play the sample clip or open a file instead.")))

    def _silent(self) -> MediaError:
        return MediaError(Trouble("camera.silent", N_("Camera {index} gives no picture."), {"index": self.request.index}))


class Stream(Camera):
    """A network stream, read like a camera. Raises MediaError "stream.address" for what is no network address."""

    def _opened(self, opener: Callable[[int], Capture] | None) -> Capture:
        address = self.request.path.strip()
        if not is_address(address):
            reason = N_("{address} is not a network address of a stream.")
            hint = N_("It begins with http://, https://, rtsp://, rtmp:// or udp://.")
            raise MediaError(Trouble("stream.address", reason, {"address": self.name or "?"}, hint, 2))
        return open_stream(address)

    def _absent(self) -> MediaError:
        reason = N_("The stream {address} does not answer.")
        hint = N_("Check the address, the name and password in it, and the network.")
        return MediaError(Trouble("stream.absent", reason, {"address": self.name}, hint))

    def _silent(self) -> MediaError:
        return MediaError(Trouble("stream.silent", N_("The stream {address} stopped."), {"address": self.name}))


def live_camera(request: SourceRequest, opener: Callable[[int], Capture] | None = None) -> Camera:
    """The camera or stream of a request."""
    return Stream(request) if request.kind == "stream" else Camera(request, opener)


def open_device(index: int) -> Capture:
    """The camera of the system."""
    return cv2.VideoCapture(index)


def ask(capture: Capture, request: SourceRequest) -> None:
    """Ask a driver for a size and a rate. It takes what it can; what it then gives is seen in the pictures."""
    if request.width and request.height:
        if request.width * request.height > MANY_PIXELS:
            capture.set(cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG")))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, float(request.width))
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, float(request.height))
    if request.rate:
        capture.set(cv2.CAP_PROP_FPS, request.rate)
    capture.set(cv2.CAP_PROP_BUFFERSIZE, 1.0)


def present(index: int) -> bool:
    """Whether a camera opens under this number. May hang in a driver: only for a process that can be killed."""
    capture = open_device(index)
    found = bool(capture.isOpened())
    capture.release()
    return found


def open_stream(address: str) -> Capture:
    """A network stream, with time limits (the default read waits 30 s). Only ever called with an address a person typed."""
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = REACH  # read at every opening
    limits_ms = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, READ_MS]
    return cv2.VideoCapture(address, cv2.CAP_FFMPEG, limits_ms)


def _sane(rate: float) -> float:
    return round(float(rate), 2) if math.isfinite(rate) and 0.5 <= rate <= 1000.0 else 0.0
