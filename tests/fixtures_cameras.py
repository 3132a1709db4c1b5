"""Cameras with names for a real window: what a folder like /sys/class/video4linux lists, giving pictures of a cup that drifts.

Children open `webcam` by its number: 0 a good one, 1 black, 2 in use by another program, 3 good until its folder goes.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np

from explorer.assets import asset
from explorer.host.process import ChildSpec
from explorer.picture.opencv import cv2

FOLDER = "EXPLORER_TEST_CAMERAS"
NAMES = ("Lecture desk camera", "Lens with a cap", "Busy webcam", "Loose plug")
SPECS = {
    "capture": ChildSpec("explorer.host.capture_child:main", {"opener": "fixtures_cameras:webcam"}),
    "calc": ChildSpec("fixtures_cameras:calc"),
}


def plug_in(*numbers):
    """These cameras are there now, no others."""
    root = Path(os.environ[FOLDER])
    for number, name in enumerate(NAMES):
        place = root / f"video{number}"
        if number in numbers:
            place.mkdir(parents=True, exist_ok=True)
            (place / "name").write_text(name)
        elif place.exists():
            (place / "name").unlink()
            place.rmdir()


def calc(link):
    """The calc child, which lists the cameras of the folder."""
    from explorer.host import calc_child, peek_cameras
    from explorer.picture.camera_list import named_cameras

    peek_cameras.named_cameras = lambda: named_cameras(Path(os.environ[FOLDER]))
    calc_child.main(link)


class Webcam:
    """As much of cv2.VideoCapture as the program uses."""

    def __init__(self, number):
        self.number = number
        self.size = [1280, 720]
        self.count = 0
        self.next = time.monotonic()
        self.picture = cv2.imread(str(asset("samples", "coffee.jpg")))

    @property
    def there(self):
        return (Path(os.environ[FOLDER]) / f"video{self.number}").exists() and self.number != 2

    def isOpened(self):  # cv2's own name
        return self.there

    def get(self, prop):
        return 30.0 if prop == cv2.CAP_PROP_FPS else 0.0

    def set(self, prop, value):
        side = {cv2.CAP_PROP_FRAME_WIDTH: 0, cv2.CAP_PROP_FRAME_HEIGHT: 1}.get(prop)
        if side is not None and value:
            self.size[side] = int(value)
        return side is not None

    def release(self):
        self.picture = None

    def read(self):
        self.next = max(self.next + 1 / 30, time.monotonic())
        time.sleep(max(0.0, self.next - time.monotonic()))
        if not self.there:
            return False, None
        self.count += 1
        width, height = self.size
        if self.number == 1:
            return True, np.full((height, width, 3), self.count % 3, np.uint8)
        scaled = cv2.resize(self.picture, (width, height))
        return True, np.roll(scaled, round(20 * np.sin(self.count / 20)), axis=1)


def webcam(number):
    return Webcam(number)
