"""Annotations in the form of the COCO data set (Lin et al. 2014, arXiv:1405.0312): what pycocotools and labelling tools read.

Boxes are [x, y, width, height]; masks are uncompressed run lengths down the columns; categories are numbered from 1.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from explorer.atomic import replacing
from explorer.picture.overlay import object_mask
from explorer.records.export import FOREGROUND, Place, box_of, figures
from explorer.records.vision import Detections, Mask

STILLS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm"})
IN_MEMORY = 8 << 20  # bytes of lines; what is more waits in a temporary file


class Coco:
    """Collects frames; `write` puts the whole file in its place. Images and annotations are lines of a spool until then."""

    def __init__(self) -> None:
        self._images: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - closed by `close`
        self._annotations: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._categories: dict[str, int] = {}
        self.images = self.annotations = 0

    def add(self, records: Sequence[object], at: Place) -> None:
        """One frame. The image is called as the picture file it came from, or by the name of its film and its number."""
        self.images += 1
        width, height = at.size
        still = Path(at.source).suffix.lower() in STILLS
        stem = Path(at.source).stem or "frame"
        image: dict[str, Any] = {
            "id": self.images,
            "file_name": Path(at.source).name if still else f"{stem}_{at.frame:06d}.jpg",
            "width": width,
            "height": height,
        }
        if not still:
            image |= {"source": at.source, "frame": at.frame, "time": round(at.time, 4)}
        _put(self._images, image)
        for record in records:
            if isinstance(record, Detections):
                for name in record.labels:
                    self._category(name)
                for index in range(len(record)):
                    self._annotate(self._object(record, index))
            elif isinstance(record, Mask):
                inside = record.alpha > 0.5
                box = box_of(inside)
                if box is not None:
                    self._annotate(_annotation(self._category(FOREGROUND), box, 1.0, inside, (0, 0), inside.shape))

    def _object(self, found: Detections, index: int) -> dict[str, Any]:
        left, top, right, bottom = (round(edge, 2) for edge in found.xyxy[index].tolist())
        inside, corner = None, (0, 0)
        if found.masks is not None:
            x, y, alpha = object_mask(found, index)
            inside, corner = alpha >= 0.5, (x, y)
        said = _annotation(
            self._category(found.label(index)),
            (left, top, right, bottom),
            float(found.score[index]),
            inside,
            corner,
            found.frame_hw,
        )
        if found.track is not None:
            said["track_id"] = int(found.track[index])
        return said

    def _category(self, name: str) -> int:
        return self._categories.setdefault(name, len(self._categories) + 1)

    def _annotate(self, said: dict[str, Any]) -> None:
        self.annotations += 1
        _put(self._annotations, {"id": self.annotations, "image_id": self.images, **said})

    def write(self, path: Path | str) -> None:
        """All of it as one JSON file, atomically."""
        head = {"description": "objects found by explorer", "version": "1.0"}
        categories = [{"id": number, "name": name, "supercategory": ""} for name, number in self._categories.items()]
        with replacing(path) as part, open(part, "wb") as out:
            out.write(b'{"info": ' + _bytes(head) + b', "licenses": [],\n"categories": ' + _bytes(categories))
            for name, spool in (("images", self._images), ("annotations", self._annotations)):
                out.write(f',\n"{name}": ['.encode())
                out.writelines(_joined(spool))
                out.write(b"]")
            out.write(b"}\n")

    def close(self) -> None:
        """Let the spools go."""
        self._images.close()
        self._annotations.close()


def _annotation(
    category: int,
    xyxy: tuple[float, float, float, float],
    score: float,
    inside: npt.NDArray[np.bool_] | None,
    corner: tuple[int, int],
    frame_hw: tuple[int, int],
) -> dict[str, Any]:
    x0, y0, x1, y1 = xyxy
    wide, tall = round(x1 - x0, 2), round(y1 - y0, 2)
    said: dict[str, Any] = {"category_id": category, "bbox": [x0, y0, wide, tall], "iscrowd": 0, "score": figures(score)}
    if inside is None:  # the outline of the box, as pycocotools' loadRes makes it
        return {**said, "area": round(wide * tall, 2), "segmentation": [[x0, y0, x0, y1, x1, y1, x1, y0]]}
    whole = np.zeros(frame_hw, bool)
    left, top = corner
    whole[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return {**said, "area": int(whole.sum()), "segmentation": {"size": list(frame_hw), "counts": run_lengths(whole)}}


def run_lengths(inside: npt.NDArray[np.bool_]) -> list[int]:
    """(H, W) -> lengths of runs down the columns, column by column: first of False, then of True, and so on."""
    flat = inside.reshape(-1, order="F")
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    runs = np.diff(np.concatenate([[0], edges, [flat.size]]))
    return [0, *runs.tolist()] if flat.size and flat[0] else [int(run) for run in runs]


def _put(spool: IO[bytes], said: dict[str, Any]) -> None:
    spool.write(_bytes(said) + b"\n")


def _joined(spool: IO[bytes]) -> Iterator[bytes]:
    spool.seek(0)
    for place, row in enumerate(spool):
        yield (b",\n" if place else b"\n") + row.rstrip(b"\n")
    spool.seek(0, 2)


def _bytes(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode()
