"""A detector without a network: its one object stands where the frame's brightness says, so that frame and record match."""

from __future__ import annotations

import time
from typing import ClassVar

import numpy as np

from explorer.jobs import Result
from explorer.records.vision import Detections
from explorer.requests.base import Request, parameter


class FindRequest(Request):
    """A box [k, 10, k + 20, 40] for a grey frame of brightness 5 k, track k + 1."""

    job: ClassVar[str] = "fixtures_found:find"
    needs_frame: ClassVar[bool] = True
    seconds: float = parameter(0.0, "Seconds", "How long it looks.", ge=0.0, le=60.0)


def find(request, work):
    time.sleep(request.seconds)
    frame = work.frame
    k = round(float(frame.rgb.mean()) / 5)
    box = np.array([[k, 10, k + 20, 40]], np.float32)
    labels = ("cup", "cat")
    found = Detections(box, np.float32([0.5]), np.array([1]), labels, frame.rgb.shape[:2], track=np.array([k + 1]))
    yield Result(found if frame.seq >= 0 else None)
