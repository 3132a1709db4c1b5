"""Limits that OpenCV reads from the environment when it is imported: import this module before cv2."""

from __future__ import annotations

import os

MAX_PIXELS = 100_000_000

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_WIDTH", "65536")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_HEIGHT", "65536")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")  # seconds; the default of 10 looks like a hang
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
