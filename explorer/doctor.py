"""What `explorer doctor` finds: versions, device, OpenGL, cameras, weights, folders, and what to do about each.

Everything that could crash or hang (Qt, OpenGL, a camera driver) is asked in a short-lived child process.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Literal

from explorer import __version__, assets
from explorer.i18n import N_, tr

Level = Literal["ok", "note", "warning", "bad"]
LEVELS: tuple[Level, ...] = ("ok", "note", "warning", "bad")


@dataclass(frozen=True)
class Finding:
    """One line. `title` and `advice` are English message keys; `value` is shown as it is."""

    key: str
    title: str
    value: str
    level: Level = "ok"
    advice: str = ""

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return asdict(self)


def worst(findings: list[Finding]) -> Level:
    """The gravest level among `findings`."""
    return max((finding.level for finding in findings), key=LEVELS.index, default="ok")


def examine() -> list[Finding]:
    """Every finding, in reading order. Never raises: an examination that fails is itself a finding."""
    found: list[Finding] = []
    for name, part in PARTS.items():
        try:
            found += part()
        except Exception as error:
            found.append(Finding(name, N_("Examination"), f"{name}: {type(error).__name__}: {error}", "warning"))
    return found


def versions() -> list[Finding]:
    """Python and every package that the program stands on."""
    found = [Finding("explorer", N_("Explorer"), __version__)]
    supported = (3, 11) <= sys.version_info[:2] < (3, 14)
    advice = "" if supported else N_("Python 3.11 to 3.13 is supported.")
    found.append(Finding("python", N_("Python"), platform.python_version(), "ok" if supported else "bad", advice))
    found.append(Finding("system", N_("System"), platform.platform()))
    for name in PACKAGES:
        found.append(package(name))
    return found


PACKAGES = (
    "torch",
    "numpy",
    "pydantic",
    "PySide6-Essentials",
    "pyqtgraph",
    "opencv-python-headless",
    "av",
    "openvino",
    "safetensors",
)
OPTIONAL = {"openvino"}


def package(name: str, python: tuple[int, int] | None = None, version: Callable[[str], str] = metadata.version) -> Finding:
    """The version of a package, with what is known against it."""
    try:
        found = version(name)
    except metadata.PackageNotFoundError:
        level: Level = "note" if name in OPTIONAL else "bad"
        return Finding(name, name, tr("not installed"), level, N_("Install the project again: pip install ."))
    advice = known_bad(name, found, python or sys.version_info[:2])
    return Finding(name, name, found, "bad" if advice else "ok", advice)


def known_bad(name: str, version: str, python: tuple[int, int]) -> str:
    """Advice for a version known not to work here, or ""."""
    number = tuple(int(part) for part in version.split("+")[0].split(".")[:2] if part.isdigit())
    if name == "PySide6-Essentials" and number >= (6, 12) and python < (3, 12):
        return N_("PySide6 6.12 ends the program after some hundred signals on this Python. Install PySide6-Essentials 6.11.3.")
    if name == "torch" and number < (2, 10):
        return N_("torch before 2.10 can be crashed by a damaged weights file. Install torch 2.13.0.")
    return ""


def device() -> list[Finding]:
    """Where a network runs, asked from torch in a child (importing it takes a second, and drivers may crash)."""
    told = ask(
        "from explorer.engine import device as d; import torch, json;"
        "print(json.dumps({'there': d.available(), 'cores': d.cores(), 'chosen': str(d.choose().device),"
        "'bf16': bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())}))"
    )
    there = tr("there")
    found = [
        Finding("device", N_("Device"), f"{told['chosen']} ({there}: {', '.join(told['there'])})"),
        Finding("threads", N_("Threads"), str(told["cores"])),
    ]
    fast = tr("bfloat16 where it agrees with float32") if told["bf16"] else "float32"
    found.append(Finding("precision", N_("Precision"), fast))
    return found


def window() -> list[Finding]:
    """Whether a window can be shown, and whether OpenGL works."""
    from explorer.cli.window import can_show

    if not can_show():
        advice = N_("The window needs a display; every job also works without one: explorer tour --out tour/")
        return [Finding("display", N_("Display"), tr("none"), "note", advice)]
    try:
        told = ask(OPENGL)
    except RuntimeError as error:
        advice = N_("Qt cannot start here. On Debian: apt-get install libxcb-cursor0 libegl1 libgl1 libxkbcommon-x11-0")
        return [Finding("display", N_("Display"), str(error), "warning", advice)]
    found = [Finding("display", N_("Display"), told["platform"])]
    if told["opengl"]:
        found.append(Finding("opengl", N_("OpenGL"), told["opengl"]))
    else:
        found.append(Finding("opengl", N_("OpenGL"), tr("none"), "note", N_("3-D views are replaced by 2-D ones.")))
    return found


OPENGL = """
import json
from PySide6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
app = QGuiApplication([])
context = QOpenGLContext()
said = ""
if context.create():
    surface = QOffscreenSurface()
    surface.create()
    if context.makeCurrent(surface):
        format = context.format()
        said = f"{format.majorVersion()}.{format.minorVersion()}"
print(json.dumps({"platform": app.platformName(), "opengl": said}))
"""


def cameras() -> list[Finding]:
    """Cameras that the system lists; they are not opened, because a driver may block (`explorer cameras --test` does)."""
    from explorer.picture.camera_list import named_cameras

    there = named_cameras()
    if there is None:
        return [Finding("cameras", N_("Cameras"), tr("asked when the camera is chosen"))]
    if not there:
        return [Finding("cameras", N_("Cameras"), tr("none"), "note", N_("The sample clip plays instead."))]
    names = ", ".join(f"{camera.name} (/dev/video{camera.index})" for camera in there)
    if not all(os.access(f"/dev/video{camera.index}", os.R_OK | os.W_OK) for camera in there):
        advice = N_("Not allowed to open it: add yourself to the group video, then log in again.")
        return [Finding("cameras", N_("Cameras"), names, "warning", advice)]
    return [Finding("cameras", N_("Cameras"), names)]


def trained() -> list[Finding]:
    """Which trained networks are here."""
    from explorer.weights.rows import default_rows
    from explorer.weights.store import cached

    rows = default_rows()
    here = [row.name for row in rows if cached(row) is not None]
    missing = [row.name for row in rows if row.name not in here]
    value = ", ".join(here) or tr("none")
    if not missing:
        return [Finding("weights", N_("Trained weights"), value)]
    advice = N_("Some are not fetched yet: explorer weights --fetch")
    lacking = tr("missing")
    return [Finding("weights", N_("Trained weights"), f"{value} ({lacking}: {', '.join(missing)})", "note", advice)]


def folders() -> list[Finding]:
    """The user's folders: can they be written, and is there room."""
    found = []
    places = {
        "cache": (N_("Cache folder"), assets.cache_dir()),
        "config": (N_("Settings folder"), assets.config_dir()),
        "state": (N_("State folder"), assets.state_dir()),
    }
    for key, (title, folder) in places.items():
        reason = unwritable(folder)
        advice = (
            N_("This folder cannot be written. Another one can be given: EXPLORER_CACHE, _CONFIG, _STATE.") if reason else ""
        )
        value = f"{folder} ({reason})" if reason else str(folder)
        found.append(Finding(key, title, value, "bad" if reason else "ok", advice))
    free = shutil.disk_usage(existing(assets.cache_dir())).free / 1e9
    low = free < 1.0
    advice = N_("Less than 1 GB is free: downloads and videos may not fit.") if low else ""
    found.append(Finding("disk", N_("Free disk"), f"{free:.1f} GB", "warning" if low else "ok", advice))
    return found


def existing(folder: Path) -> Path:
    """`folder`, or its nearest parent that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return folder


def unwritable(folder: Path) -> str:
    """Why nothing can be written into `folder` (made if need be), or ""."""
    from explorer.atomic import write_bytes

    probe = folder / f".probe-{os.getpid()}"
    try:
        write_bytes(probe, b"explorer")
        probe.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def ask(code: str) -> dict[str, Any]:
    """The JSON object that a child process running `code` prints last. Raises RuntimeError with its last words."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        words = done.stderr.strip().splitlines() or [f"exit status {done.returncode}"]
        raise RuntimeError(words[-1])
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


PARTS: dict[str, Callable[[], list[Finding]]] = {
    "versions": versions,
    "device": device,
    "window": window,
    "cameras": cameras,
    "weights": trained,
    "folders": folders,
}
