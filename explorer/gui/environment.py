"""What must be right before Qt starts: its plugin folders, a display, the system's libraries. Standard library only."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from pathlib import Path

# Missing library -> the Debian/Ubuntu package that has it.
PACKAGES = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libOpenGL.so.0": "libopengl0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libX11-xcb.so.1": "libx11-xcb1",
}
HEADLESS = "Without a display everything works as commands: explorer tour --out tour/"
PLUGIN_PATHS = ("QT_PLUGIN_PATH", "QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")


def prepare() -> list[str]:
    """Set and clean the environment for this process and its children; returns what was removed, for the log."""
    removed = []
    home = qt_folder()
    for name in PLUGIN_PATHS:
        value = os.environ.get(name)
        if value and not any(_inside(part, home) for part in value.split(os.pathsep)):
            del os.environ[name]
            removed.append(f"{name}={value}")
    os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(100_000_000))
    os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # the engine's threads beside a painting window: sleep, do not spin
    sys.setswitchinterval(0.001)  # painting waits less for a Python thread that computes
    return removed


def qt_folder() -> Path | None:
    """Where PySide6 is installed."""
    spec = importlib.util.find_spec("PySide6")
    return Path(spec.origin).parent.resolve() if spec and spec.origin else None


def _inside(path: str, home: Path | None) -> bool:
    return bool(path) and home is not None and Path(path).resolve().is_relative_to(home)


def obstacle() -> str:
    """Why no window can open here, as one line with the way out; "" if one can."""
    if not sys.platform.startswith("linux"):
        return ""
    platform = os.environ.get("QT_QPA_PLATFORM", "").split(":")[0].split(";")[0]
    if platform in ("offscreen", "minimal", "vnc", "linuxfb", "eglfs"):
        return ""
    display, wayland = os.environ.get("DISPLAY", ""), os.environ.get("WAYLAND_DISPLAY", "")
    if not wayland or platform == "xcb":
        if not display:
            return f"There is no display (DISPLAY is not set). {HEADLESS}"
        if not display_answers(display):
            return f"The display {display} does not answer. {HEADLESS}"
        missing = missing_library()
        if missing:
            return f"{missing_text(missing)} {HEADLESS}"
    return ""


def missing_text(library: str) -> str:
    """Which package to install for a library."""
    package = PACKAGES.get(library)
    if package:
        return f"The system library {library} is missing: apt-get install {package}"
    return f"The system library {library} is missing."


def missing_library() -> str:
    """Name of the first library that Qt's xcb plugin does not find, "" if all are there."""
    home = qt_folder()
    plugin = home / "Qt" / "plugins" / "platforms" / "libqxcb.so" if home else None
    if plugin is None or not plugin.exists():
        return ""
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return library_of(error)
    return ""


def library_of(error: BaseException) -> str:
    """The library that an import or load error names."""
    found = re.search(r"(lib[\w.+-]+\.so[.\d]*)", str(error))
    return found[1] if found else str(error)


def display_answers(display: str) -> bool:
    """Whether an X server listens behind DISPLAY: Qt aborts the process where none does."""
    import _socket  # the plain one: the enums of `socket` cost 10 ms before the first paint

    host, _, rest = display.rpartition(":")
    number = rest.split(".")[0]
    if not number.isdigit():
        return False
    if host and host != "unix" and not host.startswith("/"):
        import socket

        try:
            socket.create_connection((host, 6000 + int(number)), timeout=2.0).close()
        except OSError:
            return False
        return True
    for address in (f"\0/tmp/.X11-unix/X{number}", f"/tmp/.X11-unix/X{number}"):
        probe = _socket.socket(_socket.AF_UNIX)
        probe.settimeout(2.0)
        try:
            probe.connect(address)
        except OSError:
            continue
        finally:
            probe.close()
        return True
    return False
