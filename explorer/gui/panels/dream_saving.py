"""The evolution of a dream as a film: asks where; the calc child writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImage, QImageReader
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.i18n import N_, tr
from explorer.records.frame import RGB
from explorer.records.picture import Picture
from explorer.requests.film import FilmRequest

ENDINGS = (".gif", ".mp4")
KINDS = {".gif": N_("Animation"), ".mp4": N_("Video")}
MOST_PIXELS = 16 * 2048 * 2048  # of a batch of the largest dreams
MOST = 300  # pictures of a film; more are thinned evenly


def ask_where(parent: QWidget, name: str) -> str:
    """A path with one of ENDINGS, "" where the person changed their mind."""
    kinds = {f"{tr(KINDS[ending])} (*{ending})": ending for ending in ENDINGS}
    chosen, kind = QFileDialog.getSaveFileName(parent, tr("Export the film"), f"{name}.gif", ";;".join(kinds))
    if not chosen:
        return ""
    path = Path(chosen)
    return str(path if path.suffix.lower() in ENDINGS else path.with_name(path.name + kinds.get(kind, ".gif")))


def film_shots(shots: Sequence[Picture]) -> list[Picture]:
    """The finished pictures of a zoom film where there are several, else the whole evolution; at most MOST of them."""
    film = [shot for shot in shots if shot.facts.get("film_picture")]
    chosen = film if len(film) > 1 else list(shots)
    if len(chosen) <= MOST:
        return chosen
    return [chosen[round(number * (len(chosen) - 1) / (MOST - 1))] for number in range(MOST)]


def film_request(shots: Sequence[Picture], path: str) -> FilmRequest:
    """The request that writes them; at the end the last one stands for a second."""
    chosen = film_shots(shots)
    pictures = tuple(np.ascontiguousarray(shot.rgb).tobytes() for shot in chosen)
    sizes = tuple((int(shot.rgb.shape[1]), int(shot.rgb.shape[0])) for shot in chosen)
    return FilmRequest(path=path, pictures=pictures, sizes=sizes)


def read_rgb(path: Path) -> RGB | None:
    """The picture of a saved dream, (H, W, 3) uint8 RGB; None for anything else or where it is too large to be one."""
    reader = QImageReader(str(path), b"png")
    size = reader.size()
    if path.suffix.lower() != ".png" or not 0 < size.width() * size.height() <= MOST_PIXELS:
        return None
    image = reader.read()
    if image.isNull():
        return None
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return np.ascontiguousarray(rows[:, : 3 * image.width()]).reshape(image.height(), image.width(), 3).copy()
