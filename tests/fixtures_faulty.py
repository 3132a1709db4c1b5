"""A child whose jobs misbehave on purpose, as a stand-in for the engine: no torch, so it starts in a third of a second.

Runs in a child by name (`fixtures_faulty:engine`), so this folder must be on sys.path: a conftest puts it there.
"""

from __future__ import annotations

import ctypes
import os
import time
from typing import ClassVar, Literal

import numpy as np

from explorer.host.process import ChildSpec
from explorer.host.worker import Worker
from explorer.jobs import Preview, Progress, Result
from explorer.records.errors import ExplorerError, Trouble
from explorer.records.picture import Picture
from explorer.requests.base import Place, Request, parameter

Fault = Literal[
    "none",
    "raises",
    "refuses",
    "hangs",
    "deaf",
    "segv",
    "killed",
    "exit",
    "allocates",
    "device lost",
    "unpicklable",
    "stranger",
]
FAULTY = ChildSpec("fixtures_faulty:engine")


class FaultyRequest(Request):
    """Does `steps` steps of `seconds` each, previews each, then shows its `fault`, or gives `value` back in a Picture."""

    job: ClassVar[str] = "fixtures_faulty:faulty"
    place: ClassVar[Place] = "engine"
    fault: Fault = parameter("none", "Fault", "What goes wrong.")
    steps: int = parameter(0, "Steps", "Previews before it does.", ge=0, le=10_000)
    seconds: float = parameter(0.0, "Seconds", "How long a step takes.", ge=0.0, le=600.0)
    value: int = parameter(0, "Value", "What it answers.")
    only_once: str = parameter("", "Only once", "A file: the fault is shown only while it does not exist.")


class FaultyCalcRequest(FaultyRequest):
    place: ClassVar[Place] = "calc"


class LookRequest(FaultyRequest):
    needs_frame: ClassVar[bool] = True


def picture(value):
    return Picture(np.full((4, 5, 3), value % 256, np.uint8), {"value": value})


def faulty(request, work):
    for step in range(request.steps):
        time.sleep(request.seconds)
        yield Progress(step + 1, request.steps)
        yield Preview(picture(step + 1), step + 1, request.steps)
    fault = request.fault
    if request.only_once and os.path.exists(request.only_once):
        fault = "none"
    elif request.only_once:
        open(request.only_once, "w").close()
    if not request.steps:
        time.sleep(request.seconds)
    act(fault)
    if fault == "unpicklable":
        yield Result(Picture(np.zeros((1, 1, 3), np.uint8), {"no": lambda: None}))
    if fault == "stranger":
        import subprocess

        yield Result(subprocess.CompletedProcess([], 0))
    facts = {"value": request.value, "gpus": os.environ.get("CUDA_VISIBLE_DEVICES")}
    if work.frame is not None:
        facts |= {"seq": work.frame.seq, "sum": int(work.frame.rgb.sum()), "shape": list(work.frame.rgb.shape)}
    yield Result(Picture(np.zeros((2, 2, 3), np.uint8), facts))


def act(fault):
    if fault == "raises":
        raise ZeroDivisionError("planted")
    if fault == "refuses":
        raise ExplorerError(Trouble("planted", "Refused: {why}.", {"why": "planted"}))
    if fault == "hangs":
        time.sleep(600)
    if fault == "deaf":  # a native call that keeps the interpreter to itself
        ctypes.PyDLL(None).sleep(600)
    if fault == "segv":
        ctypes.string_at(0)
    if fault == "killed":
        os.kill(os.getpid(), 9)
    if fault == "exit":
        os._exit(1)
    if fault == "device lost":
        raise ExplorerError(Trouble("device.broken", "The device is lost."))
    if fault == "allocates":
        raise MemoryError


def engine(link):
    Worker(link, lambda options: (None, {"faulty": True})).serve()


def deaf_engine(link):
    """Never reads its pipe and ignores TERM."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(600)


def broken_engine(link):
    raise RuntimeError("planted: it cannot even start")
