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
from explorer.jobs import Event, Failed, Result
from explorer.requests.base import changed
from explorer.requests.race import RaceExportRequest, RaceRequest, TorchRaceExportRequest, export_of

ENDINGS = (".gif", ".mp4", ".png", ".svg", ".csv", ".npz")
GONE = ("engine.dead", "engine.died")  # codes of host.troubles
KINDS = {
    ".gif": N_("Animation"),
    ".mp4": N_("Video"),
    ".png": N_("Picture of the paths"),
    ".svg": N_("Drawing of the paths"),
    ".csv": N_("Table of all steps"),
    ".npz": N_("Numbers"),
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


class Saving:
    """Writes the race of the window: in the calc child, with classes of torch.optim in the engine.

    Where the engine does not answer, the file has the others, and it is said who is missing.
    """

    def __init__(self, desk: Desk, channel: str) -> None:
        self._desk, self._channel = desk, channel
        self._asked: RaceExportRequest | None = None
        self._missing: tuple[str, ...] = ()

    def save(self, race: RaceRequest, path: str) -> None:
        """Write `race` to `path` in the colours of the window; the ending says what."""
        self._ask(export_of(race, path, dark=theme.tokens().name == "dark"))

    def _ask(self, request: RaceExportRequest, missing: tuple[str, ...] = ()) -> None:
        self._asked, self._missing = request, missing
        self._desk.submit(self._channel, request)

    def take(self, event: Event) -> None:
        """It is written, or the engine is gone."""
        if isinstance(event, Failed) and event.trouble.code in GONE and isinstance(self._asked, TorchRaceExportRequest):
            asked = self._asked
            self._ask(export_of(changed(asked, torch=()), asked.path, dark=asked.dark), asked.torch)
        elif isinstance(event, Result) and self._missing:
            text = tr("Saved {path} without {runs}: torch.optim runs in the engine, which is not there.")
            tell(self._desk, str(event.record), text.format(path=event.record, runs=", ".join(self._missing)), "warn")
        elif isinstance(event, Result):
            tell(self._desk, str(event.record))


def tell(desk: Desk, path: str, text: str = "", level: str = "good") -> None:
    """It is written; `text` where there is more to say than that."""
    folder = QUrl.fromLocalFile(str(Path(path).parent))
    desk.notify(text or tr("Saved {path}").format(path=path), level, actions=((tr("Open folder"), partial(_open, folder)),))


def _open(folder: QUrl) -> None:
    QDesktopServices.openUrl(folder)
