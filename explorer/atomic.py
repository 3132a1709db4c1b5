"""The one writer of files: a file is always the old or the new one, complete, also after a kill or a full disk.

Temp file in the same folder, every byte written (a short write raises), fsync, `os.replace`, fsync of the folder.
Why not QSaveFile: on a full disk it committed a truncated file and returned True (reliability.md M13).
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_PART = re.compile(r"^\..+\.part-(\d+)-\d+$")
_counter = 0


def write_bytes(path: Path | str, data: bytes | bytearray | memoryview) -> None:
    """Write `data` to `path` atomically. Raises OSError and leaves the old file as it was if anything fails."""
    with replacing(path) as part, open(part, "wb", buffering=0) as out:
        view = memoryview(data)
        while view:
            written = out.write(view)
            if not written:
                raise OSError(f"short write to {path}")
            view = view[written:]


def write_text(path: Path | str, text: str) -> None:
    """Write `text` as UTF-8 with Unix line ends, atomically."""
    write_bytes(path, text.encode("utf-8"))


@contextlib.contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Give the caller a part file to fill (by a library that wants a path); on success it replaces `path`.

    The part file has the ending of `path`, because writers choose their format by it. On an error it is removed.
    """
    global _counter
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    _counter += 1
    part = target.with_name(f".{target.stem[:100]}.part-{os.getpid()}-{_counter}{target.suffix}")
    try:
        yield part
        with open(part, "rb+") as done:
            os.fsync(done.fileno())
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def rescue(part: Path | str, path: Path | str) -> bool:
    """Give the part file of a process that died the name it was meant for; of lines of text only the whole ones.

    Whether there was anything to save. Never raises.
    """
    source = Path(part)
    try:
        if source.suffix.lower() in (".jsonl", ".csv"):
            with open(source, "rb+") as text:
                size = text.seek(0, os.SEEK_END)
                back = min(size, 1 << 20)
                text.seek(size - back)
                end = text.read(back).rfind(b"\n")
                text.truncate(size - back + end + 1)
        if not source.stat().st_size:
            source.unlink()
            return False
        source.replace(path)
    except OSError:
        return False
    return True


def sweep(folder: Path | str, alive: Callable[[int], bool] | None = None) -> list[Path]:
    """Remove part files in `folder` whose process is gone (left by a kill); returns what was removed."""
    is_alive = alive or process_alive
    removed = []
    root = Path(folder)
    for path in root.glob(".*.part-*") if root.is_dir() else ():
        match = _PART.match(path.name.removesuffix(path.suffix)) or _PART.match(path.name)
        if match and not is_alive(int(match[1])):
            with contextlib.suppress(OSError):
                path.unlink()
                removed.append(path)
    return removed


def process_alive(pid: int) -> bool:
    """Whether a process of this number runs on this machine."""
    if pid == os.getpid():
        return True
    if os.name == "nt":  # os.kill(pid, 0) would end the process there
        return _alive_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _alive_on_windows(pid: int) -> bool:
    import ctypes

    kernel: Any = vars(ctypes)["windll"].kernel32  # there on Windows only
    handle = kernel.OpenProcess(0x1000, False, pid)  # PROCESS_QUERY_LIMITED_INFORMATION
    if handle:
        kernel.CloseHandle(handle)
    return bool(handle)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # folders cannot be opened there
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
