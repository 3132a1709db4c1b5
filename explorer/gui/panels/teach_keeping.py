"""The taught model as a file: kept after each training, saved where a person wants it, opened again, used elsewhere."""

from __future__ import annotations

import contextlib
import hashlib
import json
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer import assets, atomic
from explorer.gui.desk import Desk
from explorer.i18n import tr
from explorer.records.teach import Taught
from explorer.requests.base import changed

KEPT = 6  # models of the last trainings
MOST_RECENT = 12


class Keeping(QObject):
    """`model`: the file that answers now, or None. `names`: its classes. `changed` when it is another one."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk, self._parent = desk, parent
        self.folder = assets.state_dir() / "teach" / "models"
        self.record: Taught | None = None
        self.model = self._newest()
        self.names = _names(self.model)

    def _newest(self) -> Path | None:
        with contextlib.suppress(OSError):
            found = sorted(self.folder.glob("*.safetensors"), key=lambda path: path.stat().st_mtime)
            return found[-1] if found else None
        return None

    def keep(self, record: Taught) -> None:
        """After a training: write the model where the program keeps its own, and let it answer."""
        name = hashlib.sha256(record.model).hexdigest()[:8]
        path = self.folder / f"{_plain('-'.join(record.classes))}-{name}.safetensors"
        try:
            record.save(path)
            for old in sorted(self.folder.glob("*.safetensors"), key=lambda one: one.stat().st_mtime)[:-KEPT]:
                old.unlink(missing_ok=True)
                old.with_suffix(".json").unlink(missing_ok=True)
        except OSError as error:
            self._refused(path, error)
            return
        self.record = record
        self._use(path)

    def _use(self, path: Path) -> None:
        self.model, self.names = path, _names(path)
        self._desk.load_catalogue()
        self.changed.emit()

    def _refused(self, path: Path, error: OSError) -> None:
        text = tr("{path} could not be written: {reason}").format(path=path, reason=error.strerror or error)
        self._desk.notify(text, "bad", key="teach.save", stay=True)

    @Slot()
    def save(self) -> None:
        """Ask where, and write the model and its facts there."""
        if self.model is None:
            return
        start = f"{_plain('-'.join(self.names))}.safetensors"
        chosen, _ = QFileDialog.getSaveFileName(self._parent, tr("Save the taught model"), start, "Safetensors (*.safetensors)")
        if chosen:
            self.save_as(Path(chosen).with_suffix(".safetensors"))

    def save_as(self, path: Path) -> None:
        """Write the model that answers now to `path`, its facts beside it."""
        assert self.model is not None
        try:
            data = self.model.read_bytes()
            facts = self.model.with_suffix(".json")
            if facts.is_file():
                atomic.write_bytes(path.with_suffix(".json"), facts.read_bytes())
            atomic.write_bytes(path, data)
            self._note(path)
        except OSError as error:
            self._refused(path, error)
            return
        text = tr("Saved {name}. 'explorer classify --model {name} FILE' uses it too.").format(name=path.name)
        self._desk.notify(text, "good", key="teach.save")
        self._desk.load_catalogue()

    def _note(self, path: Path) -> None:
        """The list of networks shows it from now on."""
        place = self.folder.parent / "recent.json"
        known: object = []
        with contextlib.suppress(OSError, ValueError):
            known = json.loads(place.read_text(encoding="utf-8"))
        others = [one for one in known if isinstance(one, str) and one != str(path)] if isinstance(known, list) else []
        atomic.write_text(place, json.dumps([str(path), *others][:MOST_RECENT], ensure_ascii=False))

    @Slot()
    def load(self) -> None:
        """Ask which, and let it answer; what is wrong with a file is said when it is asked."""
        kinds = tr("Taught models") + " (*.safetensors)"
        chosen, _ = QFileDialog.getOpenFileName(self._parent, tr("Open a taught model"), "", kinds)
        if chosen:
            self.open(Path(chosen))

    def open(self, path: Path) -> None:
        """Let the model of a file answer."""
        with contextlib.suppress(OSError):
            self._note(path)
        self._use(path)

    @Slot()
    def use_in_live(self) -> None:
        """The Live panel names what it sees with this model."""
        if self.model is not None:
            classify = changed(self._desk.session.classify, model=str(self.model), weights=None)
            self._desk.change(classify=classify, live="classify")
            self._desk.notify(tr("Live names what it sees with the taught model."), "good", key="teach.use")

    @Slot()
    def look_inside(self) -> None:
        """Every panel looks into the taught network: filters, maps, dreams, heats."""
        if self.model is not None:
            self._desk.use_network(str(self.model))
            self._desk.notify(tr("All panels look into the taught network."), "good", key="teach.use")


def _names(model: Path | None) -> tuple[str, ...]:
    """The classes of a model, by the facts beside it; () where there are none."""
    if model is None:
        return ()
    with contextlib.suppress(OSError, ValueError):
        facts = json.loads(model.with_suffix(".json").read_text(encoding="utf-8"))
        names = facts.get("classes") if isinstance(facts, dict) else None
        if isinstance(names, list):
            return tuple(str(name) for name in names)
    return ()


def _plain(text: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in text)[:40] or "taught"
