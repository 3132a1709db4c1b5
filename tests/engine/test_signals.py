"""Signals of the operating system beside a runtime that gives them a stack of its own."""

import subprocess
import sys

import pytest

pytest.importorskip("openvino")

LIVES_ON = """
import faulthandler, gc, signal, sys, threading
import torch
from explorer.engine import openvino_runtime as runtime
if "dump" in sys.argv:
    faulthandler.enable()
heard = []
signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
net, picture = torch.nn.Conv2d(3, 4, 3).eval(), torch.zeros(1, 3, 8, 8)
held = [runtime.compile_model(runtime.convert(net, picture), "float32", 1)]
def drop():
    held.clear()
    gc.collect()
other = threading.Thread(target=drop)
other.start()
other.join()
signal.raise_signal(signal.SIGINT)
print("heard", heard)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals have no stack of their own there")
@pytest.mark.parametrize("asked", ["", "dump"], ids=["plain", "with the crash file"])
def test_ctrl_c_is_heard_after_another_thread_has_dropped_the_last_compiled_network(asked):
    done = subprocess.run([sys.executable, "-c", LIVES_ON, asked], capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0 and done.stdout.splitlines()[-1:] == ["heard [2]"], (done.returncode, done.stderr[-2000:])
