"""Which sizes and rates a camera offers: asked of the Linux driver, since OpenCV cannot say. Elsewhere nothing is known."""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Callable

from explorer.records.source import CameraMode

MOST = 64  # answers of each kind that are listened to
_FORMAT = struct.Struct("=II I 32s I I 12s")  # v4l2_fmtdesc: index, type, flags, description, pixels, bus code, reserved
_SIZE = struct.Struct("=III 24s 8s")  # v4l2_frmsizeenum: index, pixels, type, sizes, reserved
_RATE = struct.Struct("=IIIII 24s 8s")  # v4l2_frmivalenum: index, pixels, width, height, type, intervals, reserved
CAPTURE, DISCRETE = 1, 1
Ask = Callable[[int, int, bytearray], None]  # (descriptor, order, what is asked and answered); OSError: there is no more


def _order(number: int, size: int) -> int:
    """The Linux _IOWR('V', number, size)."""
    return 3 << 30 | size << 16 | ord("V") << 8 | number


ENUM_FORMATS, ENUM_SIZES, ENUM_RATES = _order(2, _FORMAT.size), _order(74, _SIZE.size), _order(75, _RATE.size)


def modes_of(index: int) -> tuple[CameraMode, ...]:
    """The modes of /dev/video`index`, largest first, each size once with its highest rate; () where nobody can say."""
    if sys.platform != "linux":
        return ()
    from fcntl import ioctl

    def ask(descriptor: int, order: int, data: bytearray) -> None:
        ioctl(descriptor, order, data)

    try:
        descriptor = os.open(f"/dev/video{index}", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ()
    try:
        return listed(descriptor, ask)
    finally:
        os.close(descriptor)


def listed(descriptor: int, ask: Ask) -> tuple[CameraMode, ...]:
    """The modes that the driver behind `ask` counts up."""
    best: dict[tuple[int, int], float] = {}
    for pixels in _formats(descriptor, ask):
        for width, height in _sizes(descriptor, ask, pixels):
            rate = max(_rates(descriptor, ask, pixels, width, height), default=0.0)
            best[width, height] = max(best.get((width, height), 0.0), rate)
    modes = [CameraMode(width, height, round(rate, 2)) for (width, height), rate in best.items()]
    return tuple(sorted(modes, key=lambda mode: (mode.width * mode.height, mode.width), reverse=True))


def _formats(descriptor: int, ask: Ask) -> list[int]:
    found = []
    for index in range(MOST):
        data = bytearray(_FORMAT.pack(index, CAPTURE, 0, b"", 0, 0, b""))
        if not _asked(descriptor, ENUM_FORMATS, data, ask):
            break
        found.append(_FORMAT.unpack(data)[4])
    return found


def _sizes(descriptor: int, ask: Ask, pixels: int) -> list[tuple[int, int]]:
    found = []
    for index in range(MOST):
        data = bytearray(_SIZE.pack(index, pixels, 0, b"", b""))
        if not _asked(descriptor, ENUM_SIZES, data, ask):
            break
        kind, sizes = _SIZE.unpack(data)[2:4]
        if kind == DISCRETE:
            found.append(struct.unpack_from("=II", sizes))
        else:  # any size between two: the largest one speaks for all
            _, widest, _, _, tallest, _ = struct.unpack("=6I", sizes)
            return [(widest, tallest)]
    return [(width, height) for width, height in found if 0 < width <= 16384 and 0 < height <= 16384]


def _rates(descriptor: int, ask: Ask, pixels: int, width: int, height: int) -> list[float]:
    found = []
    for index in range(MOST):
        data = bytearray(_RATE.pack(index, pixels, width, height, 0, b"", b""))
        if not _asked(descriptor, ENUM_RATES, data, ask):
            break
        kind, intervals = _RATE.unpack(data)[4:6]
        seconds, parts = struct.unpack_from("=II", intervals)  # of a range: the shortest interval stands first
        if seconds and parts:
            found.append(parts / seconds)
        if kind != DISCRETE:
            break
    return found


def _asked(descriptor: int, order: int, data: bytearray, ask: Ask) -> bool:
    try:
        ask(descriptor, order, data)
    except OSError:
        return False
    return True
