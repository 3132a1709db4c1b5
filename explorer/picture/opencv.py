"""OpenCV with our limits: it reads them from the environment once, when it is imported, so only this module imports it."""

from __future__ import annotations

import os

from explorer.picture.limits import MAX_PIXELS

os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", str(MAX_PIXELS))
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_WIDTH", "65536")
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_HEIGHT", "65536")
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")  # seconds; the default of 10 looks like a hang
os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")

import cv2

__all__ = ["cv2"]
