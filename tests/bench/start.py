"""How long the command line takes to answer, beside a Python that does nothing, and what importing the big parts costs."""

import statistics
import subprocess
import sys
import time

TURNS = 7
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "explorer --help": ["-m", "explorer", "--help"],
    "explorer race --help": ["-m", "explorer", "race", "--help"],
    "explorer race saddle (300 steps, six methods)": ["-m", "explorer", "race", "saddle"],
    "import numpy": ["-c", "import numpy"],
    "import pydantic": ["-c", "import pydantic"],
    "import PySide6.QtWidgets": ["-c", "import PySide6.QtWidgets"],
    "import cv2": ["-c", "import cv2"],
    "import torch": ["-c", "import torch"],
}


def once(arguments):
    """Milliseconds of one start."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return (time.perf_counter() - begin) * 1e3


def lines():
    """A line for each command: median and its ratio to a bare Python."""
    for arguments in COMMANDS.values():
        once(arguments)
    taken = {name: [] for name in COMMANDS}
    for _ in range(TURNS):
        for name, arguments in COMMANDS.items():
            taken[name].append(once(arguments))
    bare = statistics.median(taken["python -c pass"])
    for name, values in taken.items():
        middle = statistics.median(values)
        yield {"what": name, "ms": round(middle, 1), "ratio_to_bare_python": round(middle / bare, 2)}
