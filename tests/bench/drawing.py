"""The drawing of the Live panel: 100 boxes with labels and 20 masks over a picture, as it is painted on a screen without alpha.

"new" is a record that was never painted, as each frame of a camera brings one: outlines, places of labels and plates of new
texts are worked out as well. "again" is a picture painted once more (the mouse moves over it), "pinned" and "pointed" the same
with one box pinned, or pointed at while all others grow faint. What issue 4 promises is for a picture as it is: under 4 ms in a
window of 1280 x 720; at 200 % it has four times the pixels and may take twice the time. `least` is the best of all runs, `cpu`
the median of the thread's own time: a busy machine shows in the others first. Nothing is left to other threads
(tests/gui/test_live_drawing.py), so that this is all the work there is.
"""

import os
import statistics
import time

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

TURNS = 40
LIMITS_MS = {1.0: 4.0, 2.0: 8.0}


def lines():
    """Milliseconds at display scales 1, 1.5 and 2 of a window of 1280 x 720."""
    from PySide6.QtGui import QColor, QImage, QPainter, QTransform
    from PySide6.QtWidgets import QApplication

    from explorer.gui import theme
    from explorer.gui.panels.live_draw import Marks, ObjectsPaint

    app = QApplication.instance() or QApplication([])
    theme.apply(app, "light")

    def paint(image, painted, marks=None):
        began, busy = time.perf_counter(), time.thread_time()
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painted.paint(painter, QTransform(), marks)
        painter.end()
        return (time.perf_counter() - began) * 1000, (time.thread_time() - busy) * 1000

    for scale in (1.0, 1.5, 2.0):
        image = QImage(round(1280 * scale), round(720 * scale), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(scale)
        image.fill(QColor(90, 110, 100))
        for seed in range(8):  # fonts and the plates of scores are there from here on
            paint(image, ObjectsPaint(objects(1000 + seed)))
        new, again, pinned, pointed = [], [], [], []
        for turn in range(TURNS):
            painted = ObjectsPaint(objects(turn))
            new.append(paint(image, painted))
            again += [paint(image, painted) for _ in range(4)]
            pinned.append(paint(image, painted, Marks(pinned=3)))
            pointed.append(paint(image, painted, Marks(pointed=3)))
        yield {
            "what": f"100 boxes and 20 masks at {scale:.0%}",
            "pixels": [image.width(), image.height()],
            **figures("new", new),
            **figures("again", again),
            **figures("pinned", pinned),
            **figures("pointed", pointed),
            **({"limit_ms": LIMITS_MS[scale]} if scale in LIMITS_MS else {}),
        }


def figures(name, runs):
    """Median and least by the clock, median of the thread's own time."""
    clock, busy = zip(*runs, strict=True)
    return {
        f"ms_{name}": round(statistics.median(clock), 2),
        f"ms_{name}_least": round(min(clock), 2),
        f"ms_{name}_cpu": round(statistics.median(busy), 2),
    }


def objects(seed, count=100, masks=20):
    """Detections of a 1280 x 720 frame: boxes of 3 to 25 % of its width, wavy masks of 28 x 28, ten classes."""
    from explorer.assets import asset
    from explorer.records.vision import Detections

    rng = np.random.default_rng(seed)
    labels = tuple(asset("classes", "coco.txt").read_text(encoding="utf-8").splitlines())
    wide, tall = rng.uniform(0.03, 0.25, count) * 1280, rng.uniform(0.05, 0.4, count) * 720
    left, top = rng.uniform(0, 1280 - wide), rng.uniform(0, 720 - tall)
    alpha = np.zeros((count, 28, 28), np.float32)
    y, x = np.mgrid[:28, :28] - 13.5
    for number in range(masks):
        alpha[number] = np.clip(10.5 + 3 * np.sin(5 * np.arctan2(y, x) + number) - np.hypot(y, x), 0, 1)
    return Detections(
        np.stack([left, top, left + wide, top + tall], 1).astype(np.float32),
        np.sort(rng.uniform(0.3, 1, count))[::-1].astype(np.float32),
        rng.choice(80, 10, replace=False)[rng.integers(0, 10, count)],
        labels,
        (720, 1280),
        masks=alpha,
    )
