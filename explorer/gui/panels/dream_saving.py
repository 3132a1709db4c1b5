"""The evolution of a dream as a film: asks where; the calc child writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtGui import QImageReader
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.gui.panels.dream_runs import FilmPicture, Shot, weight
from explorer.gui.widgets.picture_view import rgb_of
from explorer.i18n import N_, tr
from explorer.records.frame import RGB
from explorer.requests.film import FilmRequest

ENDINGS = (".gif", ".mp4")
KINDS = {".gif": N_("Animation"), ".mp4": N_("Video")}
MOST_PIXELS = 16 * 2048 * 2048  # of a batch of the largest dreams
MOST = 300  # pictures of a film; more are thinned evenly
MOST_BYTES = 80_000_000


def ask_where(parent: QWidget, name: str) -> str:
    """A path with one of ENDINGS, "" where the person changed their mind."""
    kinds = {f"{tr(KINDS[ending])} (*{ending})": ending for ending in ENDINGS}
    chosen, kind = QFileDialog.getSaveFileName(parent, tr("Export the film"), f"{name}.gif", ";;".join(kinds))
    if not chosen:
        return ""
    path = Path(chosen)
    return str(path if path.suffix.lower() in ENDINGS else path.with_name(path.name + kinds.get(kind, ".gif")))


def film_shots(shots: Sequence[Shot]) -> list[Shot]:
    """All of them, or evenly chosen ones: at most MOST, and no more bytes than a pipe carries at once."""
    if isinstance(shots[0], FilmPicture):
        return list(shots)
    each = sum(weight(shot) for shot in shots) / len(shots)
    most = max(2, min(MOST, int(MOST_BYTES / each)))
    if len(shots) <= most:
        return list(shots)
    return [shots[round(number * (len(shots) - 1) / (most - 1))] for number in range(most)]


def film_request(shots: Sequence[Shot], path: str) -> FilmRequest:
    """The request that writes them: how a picture grew, slowly; a zoom film at film speed. The last one stands a second."""
    chosen = film_shots(shots)
    flies = isinstance(chosen[0], FilmPicture)
    pictures = tuple(
        shot.jpeg if isinstance(shot, FilmPicture) else np.ascontiguousarray(shot.rgb).tobytes() for shot in chosen
    )
    sizes = tuple((0, 0) if isinstance(shot, FilmPicture) else (shot.rgb.shape[1], shot.rgb.shape[0]) for shot in chosen)
    return FilmRequest(path=path, pictures=pictures, sizes=sizes, fps=25.0 if flies else 15.0)


def read_rgb(path: Path) -> RGB | None:
    """The picture of a saved dream, (H, W, 3) uint8 RGB; None for anything else or where it is too large to be one."""
    reader = QImageReader(str(path), b"png")
    size = reader.size()
    if path.suffix.lower() != ".png" or not 0 < size.width() * size.height() <= MOST_PIXELS:
        return None
    image = reader.read()
    return None if image.isNull() else rgb_of(image)
