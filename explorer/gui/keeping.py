"""The Session, the recent files and the thumbnails between starts: saved a moment after each change and on the way out."""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot

from explorer import assets, atomic
from explorer.gui.desk import Desk
from explorer.i18n import tr
from explorer.requests.base import changed
from explorer.session import Session

log = logging.getLogger(__name__)
DELAY_MS = 2000
RETRY_MS = 30_000


class Keeping(QObject):
    """`path` is this instance's own session file."""

    def __init__(self, desk: Desk, slot: int, recent: list[str], parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._recent = recent
        self.path = session_path(slot)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.save_quietly)
        self._complained = False
        desk.session_changed.connect(self._changed)

    @Slot()
    def _changed(self) -> None:
        if not self._timer.isActive():
            self._timer.start(DELAY_MS)

    def save(self) -> None:
        """Write now. Raises OSError; the old file is then still there."""
        body = {"session": self._desk.session.model_dump(mode="json"), "recent": self._recent}
        atomic.write_text(self.path, json.dumps(body, indent=1))

    @Slot()
    def save_quietly(self) -> None:
        """Write now; if that fails say so once and try again later."""
        try:
            self.save()
        except OSError as error:
            log.warning("session not saved: %s", error)
            self._timer.start(RETRY_MS)
            if not self._complained:
                self._complained = True
                reason = error.strerror or str(error)
                text = tr("Could not save the session ({reason}); will try again.").format(reason=reason)
                self._desk.notify(text, "warn", key="session.save", stay=True)
            return
        if self._complained:
            self._complained = False
            self._desk.notify(tr("The session is saved again."), "good")

    def stop(self) -> None:
        """No more by itself."""
        self._timer.stop()


def session_path(slot: int) -> Path:
    """The first window's file, or that of a second one beside it."""
    return assets.state_dir() / ("session.json" if slot == 0 else f"session-{slot}.json")


def crashed_path(slot: int) -> Path:
    """Where a safe start puts the session it does not use."""
    path = session_path(slot)
    return path.with_name(f"{path.stem}.crashed.json")


def set_aside(slot: int) -> None:
    """Before a safe start: the session is kept where nothing overwrites it."""
    with contextlib.suppress(OSError):
        shutil.copyfile(session_path(slot), crashed_path(slot))


def load(slot: int, path: Path | None = None) -> tuple[Session | None, list[str], str]:
    """(session, recent files, problem). A file that cannot be read is kept as `.bak`; nothing raises."""
    path = path or session_path(slot)
    try:
        if path.stat().st_size > 4_000_000:
            raise ValueError("too large")
        body = json.loads(path.read_text(encoding="utf-8"))
        recent = [str(item) for item in body.get("recent", []) if isinstance(item, str)][:8]
        return lenient(body["session"]), recent, ""
    except FileNotFoundError:
        return None, [], ""
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        with contextlib.suppress(OSError):
            path.replace(path.with_name(path.name + ".bak"))
        return None, [], f"{type(error).__name__}: {error}"[:300]


def careful(session: Session) -> Session:
    """After a crash: what a driver may have died in is not opened again by itself. The surface comes back in 2-D."""
    look = session.ground_look
    return session if look.view == "2-D" else session.with_(ground_look=changed(look, view="2-D"))


def lenient(raw: dict[str, object]) -> Session:
    """The fields that can be used; the others as they are at the beginning."""
    session = Session()
    for name in Session.model_fields:
        if name in raw and name != "version":
            try:
                session = session.with_(**{name: raw[name]})
            except ValueError:
                log.warning("session: %s could not be used", name)
    return session
