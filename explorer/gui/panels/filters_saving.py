"""Saving what a panel shows: a picture with its recipe inside, or the numbers behind it."""

from __future__ import annotations

import io
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer import atomic
from explorer.gui.desk import Desk
from explorer.gui.pictures import png_bytes
from explorer.i18n import tr
from explorer.records.picture import Mosaic

FACTS = "explorer-facts"


def with_facts(image: QImage, facts: dict[str, Any]) -> QImage:
    """A copy whose PNG will carry `facts` as the text "explorer-facts" (JSON): what the picture shows and how it was made."""
    made = image.copy()
    made.setText(FACTS, json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str))
    return made


def numbers_bytes(mosaic: Mosaic, ending: str) -> bytes:
    """The values of a mosaic: ".npz" with `values` (count, h, w[, 3]) float32 and `facts`; ".csv" with a line a number."""
    if ending == ".csv":
        head = "channel,y,x,value" if mosaic.values.ndim == 3 else "channel,y,x,red,green,blue"
        places = np.indices(mosaic.values.shape[:3]).reshape(3, -1).T
        rows = mosaic.values.reshape(len(places), -1)
        lines = [
            f"{c},{y},{x},{','.join(map(repr, row))}" for (c, y, x), row in zip(places.tolist(), rows.tolist(), strict=True)
        ]
        return "\n".join([head, *lines, ""]).encode()
    out = io.BytesIO()
    np.savez_compressed(out, values=mosaic.values, facts=np.array(json.dumps(mosaic.facts, default=str)))
    return out.getvalue()


def numbers_text(mosaic: Mosaic | None) -> str:
    """One line a channel: its figures (records.statistics), tab-separated; "" without any."""
    if mosaic is None or mosaic.stats is None:
        return ""
    rows = [mosaic.stats.figures(channel) for channel in range(len(mosaic.stats))]
    lines = ["\t".join([str(at), *map(str, row.values())]) for at, row in enumerate(rows)]
    return "\n".join(["\t".join(["channel", *rows[0]]), *lines])


def save_picture(desk: Desk, parent: QWidget, image: QImage, name: str, facts: dict[str, Any]) -> Path | None:
    """Ask where, write the PNG, say so in the notification place. None where the person changed their mind."""
    chosen, _ = QFileDialog.getSaveFileName(parent, tr("Save picture"), f"{name}.png", tr("PNG picture") + " (*.png)")
    if not chosen:
        return None
    session = desk.session.with_(panel=getattr(parent, "name", "") or desk.session.panel)  # several may be on the screen
    data = png_bytes(with_facts(image, facts), session.model_dump_json())
    return write_file(desk, Path(chosen).with_suffix(".png"), data)


def save_numbers(desk: Desk, parent: QWidget, mosaic: Mosaic, name: str) -> Path | None:
    """Ask where, write the values behind the tiles."""
    archive, table = tr("NumPy archive"), tr("Table")
    kinds = f"{archive} (*.npz);;{table} (*.csv)"
    chosen, kind = QFileDialog.getSaveFileName(parent, tr("Save numbers"), f"{name}.npz", kinds)
    if not chosen:
        return None
    ending = Path(chosen).suffix.lower()
    if ending not in (".npz", ".csv"):
        ending = ".csv" if ".csv" in kind else ".npz"
    return write_file(desk, Path(chosen).with_suffix(ending), numbers_bytes(mosaic, ending))


def _open(folder: QUrl) -> None:
    QDesktopServices.openUrl(folder)


def write_file(desk: Desk, path: Path, data: bytes) -> Path | None:
    """Write a file whole and say so with a button that opens its folder; None (and why) where it could not be written."""
    try:
        atomic.write_bytes(path, data)
    except OSError as error:
        desk.notify(
            tr("{path} could not be written: {reason}").format(path=path, reason=error.strerror or error), "bad", stay=True
        )
        return None
    folder = QUrl.fromLocalFile(str(path.parent))
    desk.notify(
        tr("Saved {path}").format(path=path),
        "good",
        actions=((tr("Open folder"), partial(_open, folder)),),
    )
    return path
