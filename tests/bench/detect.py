"""Detection of a 720p video through the command line, beside onnxruntime's forward pass alone on the same network.

The promise: a frame of `explorer detect VIDEO --json`, decoding and suppression included, takes no longer than the pass alone
of onnxruntime in float32. A frame's time is the difference of a long and a short run of the whole command, divided by the
difference of their frames, so that start-up is left out; the passes are measured before and after and the runs taken in turns.
"""

from __future__ import annotations

import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

SHORT, LONG, ROUNDS = 40, 240, 3


def lines() -> Iterator[dict[str, Any]]:
    """Passes, command, their ratio; then the stages inside one process."""
    with tempfile.TemporaryDirectory() as folder:
        video = Path(folder) / "clip.mp4"
        make_clip(video, LONG)
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        forward = onnxruntime_forward("yolov3_tiny", cores)
        command(video, SHORT)  # the compiled network is on the shelf afterwards, files are in the system's cache
        passes, frames, said = [], [], {}
        for _ in range(ROUNDS):
            passes.append(median_ms(forward, 15))
            short, _ = command(video, SHORT)
            long, said = command(video, LONG)
            frames.append(1000 * (long - short) / (LONG - SHORT))
        passes.append(median_ms(forward, 15))
        alone, whole = statistics.median(passes), statistics.median(frames)
        yield {"what": "onnxruntime float32, forward alone", "ms": round(alone, 2), "threads": cores}
        yield {"what": "explorer detect, a 720p frame, all included", "ms": round(whole, 2), "objects_last": said["objects"]}
        yield {"what": "explorer detect over onnxruntime alone", "ratio": round(whole / alone, 3), "limit_ratio": 1.0}
        yield from stages(video)


def make_clip(path: Path, frames: int) -> None:
    """A 720p film: a window that wanders over an enlarged real picture, so that boxes and coding have something to do."""
    import skimage.data
    import skimage.transform

    from explorer.picture.video import VideoWriter

    large = skimage.transform.resize(skimage.data.coffee(), (1000, 1500), preserve_range=True).astype(np.uint8)
    with VideoWriter(path, 30.0, (1280, 720)) as film:
        for number in range(frames):
            top, left = round(140 + 130 * np.sin(number / 40)), round(110 + 100 * np.cos(number / 55))
            film.write(np.ascontiguousarray(large[top : top + 720, left : left + 1280]))


def command(video: Path, frames: int) -> tuple[float, dict[str, Any]]:
    """(seconds of the whole process, facts of its last line)."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "explorer", "detect", str(video), "--json", "--frames", str(frames)],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - begin
    said = done.stdout.splitlines()
    assert len(said) == frames, f"{len(said)} answers for {frames} frames"
    return seconds, {"objects": len(json.loads(said[-1])["detections"])}


def onnxruntime_forward(name: str, threads: int) -> Callable[[], Any]:
    """A forward pass of our network, exported to ONNX, in onnxruntime with float32."""
    import onnxruntime

    from explorer.engine.engine import Engine
    from explorer.requests.network import NetworkRequest

    network = Engine().network(NetworkRequest(model=name))
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter that needs no further package is the old one
        torch.onnx.export(network.module, (network.blank(),), file, input_names=["x"], dynamo=False)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file.getvalue(), options, providers=["CPUExecutionProvider"])
    picture = network.blank().uniform_(0, 1).numpy()
    return lambda: session.run(None, {"x": picture})


def stages(video: Path) -> Iterator[dict[str, Any]]:
    """Where the time of a frame goes, for boxes and for masks, with the runtime that was chosen; masks beside onnxruntime."""
    from explorer.engine.engine import Engine
    from explorer.jobs import Work
    from explorer.picture.sources import video_frames
    from explorer.requests.network import DetectRequest, SegmentRequest
    from explorer.vision.stream import watch

    engine = Engine()
    mask_alone = median_ms(onnxruntime_forward("u2netp", engine.threads), 5)
    yield {"what": "onnxruntime float32, forward alone, u2netp", "ms": round(mask_alone, 1), "threads": engine.threads}
    for request, frames in ((DetectRequest(), 60), (SegmentRequest(), 8)):
        records = [record for _, record in watch(request, video_frames(video, frames), Work(engine))]
        named = [dict(record.timing.stages) for record in records[frames // 4 :]]
        times = {f"{name}_ms": round(statistics.median(row[name] for row in named), 2) for name in named[0]}
        yield {"what": f"stages of {request.model}", "runs_on": records[-1].runs_on.short(), **times}


def median_ms(call: Callable[[], Any], count: int) -> float:
    """Median milliseconds of `count` calls after two that do not count."""
    call()
    call()
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return 1000 * statistics.median(times)
