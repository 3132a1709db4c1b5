"""What a network said, drawn into the pixels: for recordings and saved pictures (the window draws with its own tools)."""

from __future__ import annotations

import numpy as np

from explorer.picture.colour import class_colour, ink_on
from explorer.picture.opencv import cv2
from explorer.records.frame import RGB
from explorer.records.vision import Detections, Mask

_FONT = cv2.FONT_HERSHEY_SIMPLEX
MASK_COLOUR = (230, 159, 0)
BACKGROUND = 0.35  # brightness left to what is not the object


def draw_detections(rgb: RGB, found: Detections, names: tuple[str, ...] | None = None) -> RGB:
    """A copy of `rgb` with a box and a label "cup 53 %" for every object; sizes follow the picture's.

    `names`: class names in another language, as long as `found.labels`; with OpenCV 4 letters lose their accents.
    """
    picture = rgb.copy()
    height, width = picture.shape[:2]
    unit = max(1.0, min(height, width) / 360)
    line, size = max(1, round(1.6 * unit)), 0.45 * unit
    for number in reversed(range(len(found))):  # the best one on top
        colour = class_colour(int(found.class_index[number]))
        left, top, right, bottom = (round(float(value)) for value in found.xyxy[number])
        cv2.rectangle(picture, (left, top), (right, bottom), colour, line, cv2.LINE_AA)
        name = names[int(found.class_index[number])] if names else found.label(number)
        text = _drawable(f"{name} {float(found.score[number]):.0%}".replace("%", " %"))
        (wide, tall), below = cv2.getTextSize(text, _FONT, size, max(1, line // 2))
        pad = round(3 * unit)
        x = min(max(0, left), max(0, width - wide - 2 * pad))
        y = top if top >= tall + below + 2 * pad else min(height, top + tall + below + 2 * pad)
        cv2.rectangle(picture, (x, y - tall - below - 2 * pad), (x + wide + 2 * pad, y), colour, -1)
        cv2.putText(picture, text, (x + pad, y - below - pad), _FONT, size, ink_on(colour), max(1, line // 2), cv2.LINE_AA)
    return picture


def draw_mask(rgb: RGB, mask: Mask, colour: tuple[int, int, int] = MASK_COLOUR) -> RGB:
    """A copy of `rgb` with the object as it is, the rest darkened, and a line of `colour` around the object."""
    alpha = mask.alpha
    height, width = rgb.shape[:2]
    if alpha.shape != (height, width):
        alpha = np.asarray(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    weight = (BACKGROUND + (1.0 - BACKGROUND) * alpha)[:, :, None]
    picture = np.clip(np.rint(rgb * weight), 0, 255).astype(np.uint8)
    edges, _ = cv2.findContours((alpha >= 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, edges, -1, colour, max(1, round(min(height, width) / 240)), cv2.LINE_AA)
    return picture


def draw_records(rgb: RGB, records: tuple[object, ...]) -> RGB:
    """All masks, then all boxes among `records`, drawn on a copy of `rgb`."""
    for record in records:
        if isinstance(record, Mask):
            rgb = draw_mask(rgb, record)
    for record in records:
        if isinstance(record, Detections):
            rgb = draw_detections(rgb, record)
    return rgb


def _drawable(text: str) -> str:
    if hasattr(cv2, "FontFace"):  # OpenCV 5 draws Unicode with an outline font, OpenCV 4 has Hershey's ASCII strokes
        return text
    return text.translate(str.maketrans("áéíóöőúüűÁÉÍÓÖŐÚÜŰ", "aeiooouuuAEIOOOUUU")).encode("ascii", "replace").decode()
