"""Export of a race: asks where, lets the calc child write, says so when it is done."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.gui import theme
from explorer.gui.desk import Desk
from explorer.i18n import N_, tr
from explorer.requests.race import RaceExportRequest, RaceRequest

ENDINGS = (".gif", ".mp4", ".png", ".svg", ".csv")
KINDS = {
    ".gif": N_("Animation"),
    ".mp4": N_("Video"),
    ".png": N_("Picture of the paths"),
    ".svg": N_("Drawing of the paths"),
    ".csv": N_("Table of all steps"),
}


def ask_where(parent: QWidget, race: RaceRequest) -> str:
    """A path with one of ENDINGS, "" where the person changed their mind."""
    kinds = {f"{tr(KINDS[ending])} (*{ending})": ending for ending in ENDINGS}
    start = str(Path.home() / f"{'formula' if race.formula else race.surface}.gif")
    chosen, kind = QFileDialog.getSaveFileName(parent, tr("Export the race"), start, ";;".join(kinds))
    if not chosen:
        return ""
    path = Path(chosen)
    ending = kinds.get(kind, ".gif")
    if path.suffix.lower() not in ENDINGS:
        path = path.with_name(path.name + ending)
    return str(path)


def export_request(race: RaceRequest, path: str) -> RaceExportRequest:
    """The request that writes `race` to `path`, in the colours of the window."""
    return RaceExportRequest.model_validate({**race.model_dump(), "path": path, "dark": theme.tokens().name == "dark"})


def tell(desk: Desk, path: str) -> None:
    """It is written."""
    folder = QUrl.fromLocalFile(str(Path(path).parent))
    desk.notify(tr("Saved {path}").format(path=path), "good", actions=((tr("Open folder"), partial(_open, folder)),))


def _open(folder: QUrl) -> None:
    QDesktopServices.openUrl(folder)
