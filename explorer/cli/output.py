"""Standard output belongs to our results alone.

`take` moves the real standard output to a descriptor of its own and points descriptor 1 to standard error, so that a
library that prints (onnxruntime does, in C++) cannot spoil a line of JSON. Results are written with `line` and `text`.
"""

from __future__ import annotations

import ctypes
import json
import math
import os
import sys
from typing import Any, TextIO

_real: TextIO | None = None


class ReaderGone(Exception):
    """Whoever read our standard output has closed it (as `| head` does). Not a fault."""


def take() -> None:
    """Keep the real standard output for us; descriptor 1 becomes standard error."""
    global _real
    if _real is not None:
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    encoding = sys.stdout.encoding or "utf-8"
    _real = open(kept, "w", encoding=encoding, errors="backslashreplace", newline=None)  # noqa: SIM115 - closed by give_back


def give_back() -> None:
    """Undo `take`, after whatever C libraries have buffered for descriptor 1 has gone to standard error."""
    global _real
    if _real is None:
        return
    sys.stdout.flush()
    if os.name == "posix":
        ctypes.CDLL(None).fflush(None)
    flush()
    real, _real = _real, None
    os.dup2(real.fileno(), 1)
    real.close()


def flush() -> None:
    """Write what is buffered; a reader that is gone is ignored here, because nothing is left to say to it."""
    if _real is not None:
        try:
            _real.flush()
        except BrokenPipeError:
            discard()


def discard() -> None:
    """Send the rest nowhere, so that the interpreter's last flush does not complain about a closed pipe."""
    if _real is not None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, _real.fileno())
        os.close(null)


def text(line: str = "") -> None:
    """One line for a person. Raises ReaderGone."""
    _write(line)


def line(record: dict[str, Any]) -> None:
    """One JSON object on one line, plain ASCII, flushed at once; NaN and infinity become null. Raises ReaderGone."""
    _write(json.dumps(plain(record), allow_nan=False))


def _write(content: str) -> None:
    out = _real or sys.stdout
    try:
        out.write(content + "\n")
        out.flush()
    except BrokenPipeError:
        discard()
        raise ReaderGone from None


def plain(value: Any) -> Any:
    """`value` as JSON knows it: numpy scalars and arrays become numbers and lists, non-finite numbers None."""
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    listed = getattr(value, "tolist", None)
    return plain(listed()) if listed is not None else str(value)


def rounded(value: float, digits: int = 6) -> float:
    """`value` with so many significant digits: what a person and a spreadsheet want to read."""
    return float(f"{float(value):.{digits}g}")
