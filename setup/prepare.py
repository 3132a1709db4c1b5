"""What `make run`, `make test` and their sisters do. Standard library only: it runs before anything is installed.

Each step looks first and works only where something is missing, so that the second time everything starts in seconds and
needs no network. What is installed is remembered in `.venv/installed.json` as a fingerprint of the files that decide it.
Exit codes are the program's own: 3 this Python will not do, 5 something is missing that cannot be installed from here.
"""

from __future__ import annotations

import argparse
import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
MARK = VENV / "installed.json"
TORCH = "2.13.0"
# Installed by `make bench` alone (tests/bench/against_lucent.py); their dependencies are not used there.
RIVALS = ("torch-lucent==0.1.8", "kornia==0.9.0", "kornia_rs==0.2.0")

# What Qt's own libraries ask the system for (read from their ELF headers), and the Debian package that has it.
WINDOW_LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")


class Halt(Exception):
    """Set-up cannot go on; the message says what to do."""

    def __init__(self, message: str, code: int = 5) -> None:
        super().__init__(message)
        self.code = code


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


# --- the system ---------------------------------------------------------------------------------------------------


def loads(library: str) -> bool:
    """Whether the dynamic loader finds `library`."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def display() -> bool:
    """Whether a window could be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def has_fonts() -> bool:
    """Whether any font file is where fontconfig looks."""
    for name in FONT_FOLDERS:
        folder = Path(name).expanduser()
        if folder.is_dir() and any(path.suffix in {".ttf", ".otf", ".pfb", ".t1"} for path in folder.rglob("*")):
            return True
    return False


def missing_packages(window: bool, test: bool, found: Callable[[str], bool] = loads) -> list[str]:
    """Debian names of what this machine lacks: for the virtual environment, for a window, for tests under Xvfb."""
    needed: list[str] = []
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        needed.append(f"python3.{sys.version_info.minor}-venv" if is_debian() else "python3-venv")
    if sys.platform != "linux":
        return needed
    if window or test:
        needed += [package for library, package in WINDOW_LIBRARIES.items() if not found(library)]
        if not has_fonts():
            needed.append("fonts-dejavu-core")
    if test and shutil.which("Xvfb") is None:
        needed.append("xvfb")
    return needed


def is_debian() -> bool:
    """Debian and its children (Ubuntu, Mint, Raspberry Pi OS)."""
    return Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def install_line(packages: Iterable[str]) -> list[str]:
    """The command that installs Debian packages."""
    return ["apt-get", "install", "-y", "--no-install-recommends", *packages]


def provide(packages: list[str]) -> None:
    """Install `packages` where we may (root on Debian), else say the exact line. Raises Halt."""
    if not packages:
        return
    line = shlex.join(install_line(packages))
    if not is_debian():
        raise Halt(
            f"This system lacks (Debian names): {' '.join(packages)}\nInstall them with its package manager, then try again."
        )
    if os.geteuid() != 0:
        raise Halt(f"This system lacks: {' '.join(packages)}\nInstall them, then try again:\n    sudo {line}")
    say(f"Missing system packages, installing: {line}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    if run_quietly(install_line(packages), environment) == 0:
        return
    run_quietly(["apt-get", "update"], environment)  # the lists of a fresh machine are empty
    if run_quietly(install_line(packages), environment) != 0:
        raise Halt(f"That did not work. Try it by hand to see why:\n    {line}")


def run_quietly(command: Sequence[str], environment: dict[str, str]) -> int:
    """The exit status of `command`; its output only when it fails and stands in the way."""
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode and command[1] == "install" and "Unable to locate" not in done.stderr:
        sys.stderr.write(done.stderr[-2000:])
    return done.returncode


# --- the virtual environment --------------------------------------------------------------------------------------


def tool(name: str) -> Path:
    """A program of the virtual environment."""
    folder = VENV / ("Scripts" if sys.platform == "win32" else "bin")
    return folder / (f"{name}.exe" if sys.platform == "win32" else name)


def fingerprint(test: bool) -> dict[str, str]:
    """What decides what is installed: the Python, the versions, the package's own declaration, the catalogues."""
    files = (ROOT / "constraints.txt", ROOT / "pyproject.toml", ROOT / "hatch_build.py")
    texts = sorted((ROOT / "assets" / "i18n").glob("*/*.po"))
    python = f"{sys.version_info.major}.{sys.version_info.minor} {ROOT}"
    return {"python": python, "files": digest(files), "texts": digest(texts), "with": "test" if test else "run"}


def digest(files: Iterable[Path]) -> str:
    """One hash over names and contents."""
    found = hashlib.sha256()
    for path in files:
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()


def texts_alone_changed(wanted: dict[str, str]) -> bool:
    """Whether only translations changed, and could be compiled here without installing anything (Babel is there)."""
    try:
        found = json.loads(MARK.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    if found.get("texts") == wanted["texts"] or not installed({**wanted, "texts": found.get("texts", "")}):
        return False
    code = "import hatch_build, pathlib; hatch_build.compile_catalogues(pathlib.Path('.'))"
    done = subprocess.run([tool("python"), "-c", code], cwd=ROOT, capture_output=True, check=False)
    if done.returncode == 0:
        MARK.write_text(json.dumps({**found, "texts": wanted["texts"]}), encoding="utf-8")
    return done.returncode == 0


def installed(wanted: dict[str, str]) -> bool:
    """Whether the environment already holds `wanted` (tools for tests may be there without being wanted)."""
    try:
        found = json.loads(MARK.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    same = all(found.get(key) == wanted[key] for key in ("python", "files", "texts"))
    return same and (found.get("with") == "test" or wanted["with"] == "run") and works()


def works() -> bool:
    """Whether the environment's Python starts."""
    python = tool("python")
    return (
        python.exists() and subprocess.run([python, "-c", "import explorer"], capture_output=True, check=False).returncode == 0
    )


def size_text(test: bool) -> str:
    """How much the first installation downloads, and whether torch will be the large build."""
    packages = 640 if test else 500
    large = torch_is_large()
    if large:
        return (
            f"about {packages + 3000} MB of packages: torch {TORCH} comes as the CUDA build from this package index,\n"
            "which takes longer; any build will do (PIP_EXTRA_INDEX_URL can add an index that has the CPU build)"
        )
    known = (
        "" if large is False else f", or about {packages + 3000} MB where the index offers torch {TORCH} only as the CUDA build"
    )
    return f"about {packages} MB of packages{known}"


def torch_is_large() -> bool | None:
    """Whether pip will choose torch's CUDA build: on Linux with an Intel or AMD processor, unless a CPU build is offered."""
    if sys.platform != "linux" or platform.machine() not in {"x86_64", "AMD64"}:
        return False
    command: list[str | Path] = [tool("python"), "-m", "pip", "index", "versions", "torch", "--disable-pip-version-check"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if done.returncode:
        return None
    return f"{TORCH}+cpu" not in done.stdout


def make_environment(test: bool) -> None:
    """Create `.venv` and install the project with exact versions, if it is not there. Raises Halt."""
    wanted = fingerprint(test)
    if installed(wanted) or texts_alone_changed(wanted):
        return
    if not tool("python").exists() or subprocess.run([tool("python"), "-c", ""], check=False).returncode:
        say("Making the virtual environment .venv")
        if subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=False).returncode:
            raise Halt("The virtual environment could not be made; the lines above say why.")
    before = json.loads(MARK.read_text(encoding="utf-8")) if MARK.exists() else {}
    if before:
        say("Bringing the installed packages up to date; what is here already is not fetched again.")
    else:
        say(f"Installing Explorer and what it needs: {size_text(test)}. This happens once.")
    test = test or before.get("with") == "test"
    MARK.unlink(missing_ok=True)
    target = ".[test]" if test else "."
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    command: list[str | Path] = [tool("python"), "-m", "pip", "install", "--disable-pip-version-check", *quiet]
    command += ["-c", "constraints.txt", "-e", target]
    if subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode:
        raise Halt("The packages could not be installed; the lines above say why. Without a network: connect, then try again.")
    if not works():
        raise Halt("The packages are installed, but Explorer does not start: .venv/bin/explorer doctor", 6)
    MARK.write_text(json.dumps(fingerprint(test)), encoding="utf-8")


def fetch_weights() -> bool:
    """Fetch the trained networks that are missing; whether all are here now."""
    done = subprocess.run([tool("explorer"), "weights", "--fetch", "--quiet"], cwd=ROOT, check=False, stdin=subprocess.DEVNULL)
    if done.returncode == 130:
        raise Halt("Stopped. The next time continues where this stopped.", 130)
    return done.returncode == 0


# --- the targets --------------------------------------------------------------------------------------------------


def run() -> int:
    """Set up, then the window; without a display the tour."""
    shown = display()
    provide(missing_packages(window=shown, test=False))
    make_environment(test=False)
    if not fetch_weights():
        say("The trained networks could not all be fetched: starting with what is here (LeNet-5 comes with the program).")
    if shown:
        return call([tool("explorer")])
    say("There is no display: taking the tour instead, into tour/index.html.")
    return call([tool("explorer"), "tour", "--out", "tour/"])


def test(*only: str) -> int:
    """Set up, then lint, types and the whole suite; the suite's closing line is the last."""
    ready_for_tests()
    failed = check()
    workers = ["-n", "2", "--dist", "loadfile"]
    arguments = only or ("-q", *workers, "-m", "not soak")
    suite = call([tool("python"), "-m", "pytest", *arguments], test_environment())
    if failed and not suite:
        say("The suite passed, but lint or types did not: see above.")
    return suite or failed


def ready_for_tests() -> None:
    """Everything that the suite needs. Missing weights fail the suite itself, so that nothing passes by being left out."""
    provide(missing_packages(window=True, test=True))
    make_environment(test=True)
    if not fetch_weights():
        say("The trained networks could not all be fetched: tests that need them will fail.")


def check() -> int:
    """Lint, format and types; 0 if all are clean."""
    steps: tuple[list[str | Path], ...] = (
        [tool("ruff"), "check", "--quiet", "."],
        [tool("ruff"), "format", "--check", "--quiet", "."],
        [tool("mypy"), "--no-error-summary"],
    )
    worst = max([call(step) for step in steps])
    say("Lint, format and types: " + ("something to mend, see above." if worst else "clean."))
    return worst


def only_check() -> int:
    """`make check`."""
    make_environment(test=True)
    return check()


def bench() -> int:
    """`make bench`."""
    ready_for_tests()
    fetch_rivals()
    return call([tool("python"), "tests/bench/run.py"])


def fetch_rivals() -> None:
    """What benches compare with and nothing else needs, without its own dependencies. Raises Halt."""
    names = [rival.partition("==")[0] for rival in RIVALS]
    look = f"from importlib.metadata import version\nprint(*(f'{{name}}=={{version(name)}}' for name in {names!r}))"
    found = subprocess.run([tool("python"), "-c", look], capture_output=True, text=True, check=False)
    if found.returncode == 0 and found.stdout.split() == list(RIVALS):
        return
    say("Installing what the benches compare with: torch-lucent and kornia, without their dependencies.")
    command: list[str | Path] = [tool("python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-deps"]
    if subprocess.run([*command, *RIVALS], cwd=ROOT, check=False, stdin=subprocess.DEVNULL).returncode:
        raise Halt("The libraries that the benches compare with could not be installed; the lines above say why.")


def soak() -> int:
    """`make soak`."""
    ready_for_tests()
    return call([tool("python"), "-m", "pytest", "-q", "-m", "soak", "--timeout", "3600"], test_environment())


def test_environment() -> dict[str, str]:
    """The environment of the suite: no display of the person's, one thread for each of the workers.

    Two threads of one network that share a busy core wait for each other at every layer: measured, sixty times slower.
    """
    kept = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**kept, **threads, "QT_QPA_PLATFORM": "offscreen"}


def call(command: Sequence[str | Path], environment: dict[str, str] | None = None) -> int:
    """Run a step in the project's folder and return its exit status; Ctrl-C is the step's own business."""
    process = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


TARGETS: dict[str, Callable[[], int]] = {"run": run, "test": test, "bench": bench, "soak": soak, "check": only_check}


def main(arguments: Sequence[str] | None = None) -> int:
    """`python setup/prepare.py TARGET`."""
    parser = argparse.ArgumentParser(description="Set Explorer up and start it.")
    parser.add_argument("target", choices=TARGETS)
    target = TARGETS[parser.parse_args(arguments).target]
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        say(f"Explorer needs Python 3.11, 3.12 or 3.13; this is {platform.python_version()}.")
        return 3
    try:
        return target()
    except Halt as halt:
        say(str(halt))
        return halt.code
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
