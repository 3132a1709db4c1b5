"""Makes tests/golden/yolov3_tiny_coffee.npz: what OpenCV 4.14's own Darknet reader computes from the published files.

Run once, in an environment of its own (OpenCV 5 has no Darknet reader):

    python -m venv golden && golden/bin/pip install opencv-python-headless==4.14.0.94
    golden/bin/python recipes/golden_yolov3_tiny.py yolov3-tiny.cfg yolov3-tiny.weights coffee.png OUT.npz

The cfg and weights are the members of the archive named in assets/weights.toml, coffee.png is scikit-image's coffee().
The file holds `picture`, (416, 416, 3) uint8 RGB: the letterboxed input; and `coarse` (1, 255, 13, 13), `fine` (1, 255, 26, 26)
float32: the outputs of the last convolutions, Darknet's layers 15 and 22, before any [yolo] transform.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

SIZE = 416
HEADS = {"coarse": "conv_15", "fine": "conv_22"}


def letterbox(bgr: np.ndarray) -> np.ndarray:
    scale = SIZE / max(bgr.shape[:2])
    height, width = round(bgr.shape[0] * scale), round(bgr.shape[1] * scale)
    small = cv2.resize(bgr, (width, height), interpolation=cv2.INTER_AREA)
    canvas = np.full((SIZE, SIZE, 3), 128, np.uint8)
    top, left = (SIZE - height) // 2, (SIZE - width) // 2
    canvas[top : top + height, left : left + width] = small
    return np.ascontiguousarray(canvas[..., ::-1])


def main(cfg: str, weights: str, picture: str, out: str) -> None:
    rgb = letterbox(cv2.imread(picture))
    net = cv2.dnn.readNetFromDarknet(cfg, weights)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.enableFusion(False)
    net.enableWinograd(False)
    net.setInput(np.ascontiguousarray(rgb.transpose(2, 0, 1)[None]).astype(np.float32) / np.float32(255))
    outputs = dict(zip(HEADS, net.forward(list(HEADS.values())), strict=True))
    np.savez_compressed(out, picture=rgb, opencv=np.array(cv2.__version__), **outputs)
    print({name: (array.shape, float(np.abs(array).max())) for name, array in outputs.items()})


if __name__ == "__main__":
    main(*sys.argv[1:])
