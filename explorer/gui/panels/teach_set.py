"""The pictures a person recorded: files in a folder for each class, so that nothing is lost.

The disk is written and read in a thread of its own.
"""

from __future__ import annotations

import contextlib
import json
import queue
import shutil
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QImage, QImageReader, QImageWriter

from explorer import assets, atomic
from explorer.gui.widgets.picture_view import image_of
from explorer.i18n import tr
from explorer.picture.colour import CLASS_COLOURS
from explorer.records.frame import Frame
from explorer.requests.teach import LONGEST, class_name

THUMB = QSize(72, 54)
QUALITY = 92
ENDINGS = (".jpg", ".jpeg", ".png")
MOST_THUMBS = 600  # small pictures kept in memory; the others are read again when they are needed
MOST_WAITING = 12  # pictures on their way to the disk; a slow disk drops the next ones
MOST_CLASSES = len(CLASS_COLOURS)


class Errands:
    """Calls done one after the other in a thread that ends by itself when there is nothing to do."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many calls have not begun."""
        return self._calls.qsize()

    def do(self, call: Callable[[], object]) -> None:
        """Do `call` later, off this thread."""
        with self._guard:
            self._calls.put(call)
            if not self._busy:
                self._busy = True
                threading.Thread(target=self._work, name="teach pictures", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._guard:
                if self._calls.empty():
                    self._busy = False
                    return
            call = self._calls.get()
            with contextlib.suppress(RuntimeError):  # the window is gone: nobody is told
                call()


class PictureSet(QObject):
    """`classes`: names in their order; `files`: the pictures of each, oldest first. The disk is the truth.

    `changed(name)`: pictures of a class came or went, "" for the classes themselves; `thumbed(path)`: its small picture can be
    had; `failed(text)`: the disk refused something.
    """

    changed = Signal(str)
    thumbed = Signal(str)
    failed = Signal(str)
    _written = Signal(str, str, QImage)
    _drawn = Signal(str, QImage)
    _refused = Signal(str)

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self.folder = folder or assets.state_dir() / "teach" / "pictures"
        self.classes: list[str] = []
        self.files: dict[str, list[Path]] = {}
        self.thumbs: dict[str, QImage] = {}
        self.errands = Errands()
        self._asked: set[str] = set()
        self._go = ""
        self._number = 0
        self._gone: list[tuple[Path, Path]] = []
        queued = Qt.ConnectionType.QueuedConnection
        self._written.connect(self._on_written, queued)
        self._drawn.connect(self._on_drawn, queued)
        self._refused.connect(self.failed, queued)
        self.read()

    # -- classes -----------------------------------------------------------------------------------------------------
    def read(self) -> None:
        """Read the folder again; two empty classes where there is none."""
        found: dict[str, list[Path]] = {}
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.iterdir()):
                if path.is_dir() and not path.name.startswith("."):
                    found[path.name] = sorted(
                        one for one in path.iterdir() if one.suffix.lower() in ENDINGS and one.name[0] != "."
                    )
        noted: object = []
        with contextlib.suppress(OSError, ValueError):
            noted = json.loads((self.folder / "classes.json").read_text(encoding="utf-8"))
        order = [name for name in noted if isinstance(name, str)] if isinstance(noted, list) else []
        names = [name for name in dict.fromkeys(order) if name in found]
        self.classes = [*names, *(name for name in found if name not in names)]
        self.files = {name: found[name] for name in self.classes}
        while len(self.classes) < 2 and self._new_name():
            if not self._make(self._new_name()):
                break
        self.changed.emit("")

    def _new_name(self) -> str:
        taken = {name.casefold() for name in self.classes}
        names = (tr("Class {letter}").format(letter=letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return next((name for name in names if name.casefold() not in taken), "")

    def _make(self, name: str) -> bool:
        try:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.failed.emit(error.strerror or str(error))
            return False
        self.classes.append(name)
        self.files[name] = []
        self._note()
        return True

    def _note(self) -> None:
        try:
            atomic.write_text(self.folder / "classes.json", json.dumps(self.classes, ensure_ascii=False))
        except OSError as error:
            self.failed.emit(error.strerror or str(error))

    def add(self) -> str:
        """One more class; its name, "" where the disk refused."""
        name = self._new_name()
        made = name if self._make(name) else ""
        self.changed.emit("")
        return made

    def rename(self, old: str, wanted: str) -> str:
        """Call a class otherwise; the reason why not, "" if it is done."""
        name = class_name(wanted)
        if not name:
            return tr("A class needs a name.")
        if name.casefold() in {other.casefold() for other in self.classes if other != old}:
            return tr("There is a class called {name} already.").format(name=name)
        if name != old:
            try:
                (self.folder / old).rename(self.folder / name)
            except OSError as error:
                return error.strerror or str(error)
            self.classes[self.classes.index(old)] = name
            self._note()
            self.read()
        return ""

    def remove(self, name: str) -> None:
        """Take a class away, its pictures too; `bring_back` brings both."""
        self._away([self.folder / name])
        self._note_without(name)
        self.read()

    def _note_without(self, name: str) -> None:
        self.classes.remove(name)
        self._note()

    # -- pictures ----------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """A go of recording begins: its pictures belong together."""
        self._go = datetime.now().strftime("go-%Y%m%dT%H%M%S%f")[:-3]
        self._number = 0

    def take(self, name: str, frame: Frame) -> bool:
        """Keep a frame as a picture of a class; False where the disk is too slow to take one more."""
        if self.errands.waiting >= MOST_WAITING:
            return False
        image = image_of(frame.rgb)
        if max(image.width(), image.height()) > LONGEST:
            size = image.size().scaled(LONGEST, LONGEST, Qt.AspectRatioMode.KeepAspectRatio)
            image = image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
        else:
            image = image.copy()  # the frame's memory goes back to the camera
        self._number += 1
        path = self.folder / name / f"{self._go}-{self._number:04d}.jpg"
        self.errands.do(partial(self._write, name, path, image))
        return True

    def _write(self, name: str, path: Path, image: QImage) -> None:
        """In the thread: one picture to the disk."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QImageWriter(buffer, QByteArray(b"jpg"))
        writer.setQuality(QUALITY)
        writer.write(image)
        try:
            atomic.write_bytes(path, bytes(buffer.data().data()))
        except OSError as error:
            self._refused.emit(error.strerror or str(error))
            return
        self._written.emit(name, str(path), _small(image))

    @Slot(str, str, QImage)
    def _on_written(self, name: str, path: str, thumb: QImage) -> None:
        if name in self.files and Path(path).is_file():
            self.files[name].append(Path(path))
            self._keep(path, thumb)
            self.changed.emit(name)

    def delete(self, paths: list[Path]) -> None:
        """Take pictures away; `bring_back` brings the last ones."""
        self._away(paths)
        for name, files in self.files.items():
            if any(path in files for path in paths):
                self.files[name] = [path for path in files if path not in paths]
                self.changed.emit(name)

    def _away(self, paths: list[Path]) -> None:
        trash = self.folder.parent / "trash" / f"{time.time_ns()}"
        self._gone = []
        for path in paths:
            target = trash / path.relative_to(self.folder)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                path.rename(target)
                self._gone.append((target, path))
            except OSError as error:
                self.failed.emit(error.strerror or str(error))

    def bring_back(self) -> None:
        """Undo the last `delete` or `remove`."""
        for kept, path in self._gone:
            with contextlib.suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                kept.rename(path)
        self._gone = []
        self.read()

    def empty_trash(self) -> None:
        """What was taken away in an earlier run is gone for good, and what a killed one left half written."""
        self.errands.do(partial(shutil.rmtree, self.folder.parent / "trash", ignore_errors=True))
        for name in self.classes:
            self.errands.do(partial(atomic.sweep, self.folder / name))

    # -- small pictures ----------------------------------------------------------------------------------------------
    def thumb(self, path: Path) -> QImage | None:
        """The small picture of a file; None for now where it has to be read first (`thumbed` follows)."""
        found = self.thumbs.get(str(path))
        if found is None and str(path) not in self._asked:
            self._asked.add(str(path))
            self.errands.do(partial(self._draw, path))
        return found

    def _keep(self, path: str, thumb: QImage) -> None:
        self.thumbs[path] = thumb
        while len(self.thumbs) > MOST_THUMBS:
            del self.thumbs[next(iter(self.thumbs))]

    def _draw(self, path: Path) -> None:
        """In the thread: a file of ours, made small."""
        reader = QImageReader(str(path))
        size = reader.size()
        if size.isValid():
            reader.setScaledSize(size.scaled(THUMB * 2, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
        image = reader.read()
        if not image.isNull():
            self._drawn.emit(str(path), _small(image))

    @Slot(str, QImage)
    def _on_drawn(self, path: str, thumb: QImage) -> None:
        self._keep(path, thumb)
        self._asked.discard(path)
        self.thumbed.emit(path)


def _small(image: QImage) -> QImage:
    """The middle of a picture at twice the size of a thumbnail, for fine screens."""
    size = THUMB * 2
    mode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    wide = image.scaled(size, mode, Qt.TransformationMode.SmoothTransformation)
    return wide.copy((wide.width() - size.width()) // 2, (wide.height() - size.height()) // 2, size.width(), size.height())
