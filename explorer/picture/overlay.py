"""What a network said, drawn into the pixels: for recordings and saved pictures (the window draws with its own tools)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from explorer.picture.box_frame import bars, rims
from explorer.picture.colour import Colour, class_look, ink_on, label_colour
from explorer.picture.label_room import label_places
from explorer.picture.opencv import cv2
from explorer.records.frame import RGB
from explorer.records.trails import Trail
from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.live import LiveLook

Ints = npt.NDArray[np.int32]
_FONT = cv2.FONT_HERSHEY_SIMPLEX
MASK_COLOUR = (230, 159, 0)
PAPER, INK = (24, 26, 30), (240, 240, 240)
RIM = (16, 18, 20)  # a thin line around each frame: seen on any picture
LOOK = LiveLook()


def draw_detections(
    rgb: RGB,
    found: Detections,
    names: tuple[str, ...] | None = None,
    look: LiveLook = LOOK,
    trails: Iterable[Trail] = (),
    *,
    into: bool = False,
) -> RGB:
    """A copy of `rgb`, or itself with `into`, with a box and a label "cup 3  53 %" for every object.

    Sizes follow the picture's. `names`: class names in another language, as long as `found.labels`; with OpenCV 4 letters lose
    their accents.
    """
    picture = rgb if into else rgb.copy()
    height, width = picture.shape[:2]
    unit = max(1.0, min(height, width) / 360)
    line = max(1, round(0.8 * look.line * unit))
    order = list(reversed(range(len(found))))  # the best one on top
    if found.masks is not None and (look.fill or look.outline):
        for number in order:
            _draw_object(picture, found, number, look, line)
    if look.trails:
        for _, name, points in trails:
            cv2.polylines(picture, [np.rint(points).astype(np.int32)], False, label_colour(name), line, cv2.LINE_AA)
    boxes = np.rint(found.xyxy).astype(np.int32)
    if look.boxes:
        _draw_frames(picture, found, boxes, line)
    _draw_labels(picture, found, boxes, names, look, 0.45 * unit * look.text, max(1, line // 2))  # above all boxes
    return picture


def _draw_frames(picture: RGB, found: Detections, boxes: Ints, line: int) -> None:
    looks = [class_look(found.label(number)) for number in range(len(found))]
    frames = boxes - line // 2
    frames[:, 2:] = boxes[:, 2:] - boxes[:, :2] + line
    edges = rims(frames + np.array([-1, -1, 2, 2], np.int32), 1)
    owner, strokes = bars([look.frame for look in looks], frames, line)
    for number in reversed(range(len(found))):  # the best one on top
        for colour, some in ((RIM, edges[4 * number : 4 * number + 4]), (looks[number].colour, strokes[owner == number])):
            for x, y, w, h in some.tolist():
                cv2.rectangle(picture, (x, y), (x + w - 1, y + h - 1), colour, -1)


def _draw_labels(
    picture: RGB, found: Detections, boxes: Ints, names: tuple[str, ...] | None, look: LiveLook, size: float, line: int
) -> None:
    """Labels where they do not cover each other; those for which there is no room are left out, as in the window."""
    pad = round(6.7 * size)
    texts = [
        _drawable(label_text(found, number, names[int(found.class_index[number])] if names else found.label(number), look))
        for number in range(len(found))
    ]
    measured = [cv2.getTextSize(text, _FONT, size, line) for text in texts]
    sizes = [
        (wide + 2 * pad, tall + below + 2 * pad) if text else (0, 0)
        for text, ((wide, tall), below) in zip(texts, measured, strict=True)
    ]
    height, width = picture.shape[:2]
    places = label_places((0, 0, width, height), boxes, sizes)
    for number in reversed(range(len(found))):
        place, (wide, tall) = places[number], sizes[number]
        if place is not None:
            x, y = place
            colour, at = label_colour(found.label(number)), (x + pad, y + tall - measured[number][1] - pad)
            cv2.rectangle(picture, (x, y), (x + wide - 1, y + tall - 1), colour, -1)
            cv2.putText(picture, texts[number], at, _FONT, size, ink_on(colour), line, cv2.LINE_AA)


def label_text(found: Detections, number: int, name: str, look: LiveLook = LOOK) -> str:
    """ "cup 3  53 %": name, number of the followed object, score; what `look` leaves out is not there."""
    parts = [name] if look.names else []
    if look.numbers and found.track is not None and found.track[number] > 0:
        parts.append(str(int(found.track[number])))
    score = f"{round(100 * float(found.score[number]))} %" if look.scores else ""
    return "  ".join(part for part in (" ".join(parts), score) if part)


def object_mask(found: Detections, number: int) -> tuple[int, int, npt.NDArray[np.float32]]:
    """Left, top, and the mask of one object, (h, w) 0..1, in pixels of the frame, within it; h or w may be 0."""
    assert found.masks is not None
    height, width = found.frame_hw
    x0, y0, x1, y1 = (float(value) for value in found.xyxy[number])
    left, top = max(0, round(x0)), max(0, round(y0))
    right, bottom = min(width, round(x1)), min(height, round(y1))
    small = found.masks[number]
    if right <= left or bottom <= top:
        return left, top, np.zeros((0, 0), np.float32)
    grown = cv2.resize(small, (right - left, bottom - top), interpolation=cv2.INTER_LINEAR)
    return left, top, np.asarray(grown, np.float32)


def _draw_object(picture: RGB, found: Detections, number: int, look: LiveLook, line: int) -> None:
    left, top, alpha = object_mask(found, number)
    if not alpha.size:
        return
    colour = label_colour(found.label(number))
    inside = alpha >= 0.5
    part = picture[top : top + alpha.shape[0], left : left + alpha.shape[1]]
    if look.fill:
        mixed = part[inside] * (1 - look.opacity) + np.array(colour) * look.opacity
        part[inside] = np.rint(mixed).astype(np.uint8)
    if look.outline:
        edges, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, edges, -1, colour, line, cv2.LINE_AA, offset=(left, top))


def draw_mask(rgb: RGB, mask: Mask, colour: Colour = MASK_COLOUR, look: LiveLook = LOOK) -> RGB:
    """A copy of `rgb` with the object as it is, the rest darkened, and a line of `colour` around the object."""
    alpha = mask.alpha
    height, width = rgb.shape[:2]
    if alpha.shape != (height, width):
        alpha = np.asarray(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    weight = (1.0 - look.shade + look.shade * alpha)[:, :, None]
    picture = np.clip(np.rint(rgb * weight), 0, 255).astype(np.uint8)
    if look.outline:
        edges, _ = cv2.findContours((alpha >= 0.5).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        cv2.drawContours(picture, edges, -1, colour, max(1, round(min(height, width) / 240)), cv2.LINE_AA)
    return picture


def draw_top(rgb: RGB, top: TopK, names: Sequence[str] | None = None) -> RGB:
    """A copy of `rgb` with the best classes written into its lower left corner, each with a line as long as its probability."""
    picture = rgb.copy()
    height, width = picture.shape[:2]
    unit = max(1.0, min(height, width) / 360)
    size, line = 0.5 * unit, max(1, round(unit))
    step, pad = round(22 * unit), round(8 * unit)
    room = max(1, (height - 2 * pad) // step)
    rows = top.top[:room]
    wide = min(width, round(260 * unit))
    begin = height - len(rows) * step - pad
    part = picture[max(0, begin) : height, :wide]
    part[:] = np.rint(part * 0.35 + np.array(PAPER) * 0.65).astype(np.uint8)
    for place, one in enumerate(rows):
        y = begin + place * step + pad // 2
        low, thick = y + step - round(3 * unit), max(2, round(2.5 * unit))
        cv2.rectangle(picture, (0, low - thick), (round(one.score * (wide - 1)), low - 1), label_colour(one.label), -1)
        name = names[one.index] if names else one.label
        text = _drawable(f"{100 * one.score:.0f} %  {name}")
        cv2.putText(picture, text, (pad, y + round(13 * unit)), _FONT, size, INK, line, cv2.LINE_AA)
    return picture


def draw_records(
    rgb: RGB, records: Sequence[object], look: LiveLook = LOOK, trails: Iterable[Trail] = (), *, into: bool = False
) -> RGB:
    """All masks, then all boxes, then the best classes among `records`, drawn on a copy of `rgb`, or with `into` on itself."""
    for record in records:
        if isinstance(record, Mask):
            rgb = draw_mask(rgb, record, look=look)
    for record in records:
        if isinstance(record, Detections):
            rgb = draw_detections(rgb, record, None, look, trails, into=into)
            trails = ()
    for record in records:
        if isinstance(record, TopK) and look.answers:
            rgb = draw_top(rgb, record)
    return rgb


def _drawable(text: str) -> str:
    if hasattr(cv2, "FontFace"):  # OpenCV 5 draws Unicode with an outline font, OpenCV 4 has Hershey's ASCII strokes
        return text
    return text.translate(str.maketrans("áéíóöőúüűÁÉÍÓÖŐÚÜŰ", "aeiooouuuAEIOOOUUU")).encode("ascii", "replace").decode()
