"""Step 1: the classes as cards; recording, naming, taking pictures in, taking them away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from explorer.gui.desk import Desk
from explorer.gui.panels.teach_class import ClassCard
from explorer.gui.panels.teach_layout import Layout
from explorer.gui.panels.teach_record import Recording
from explorer.gui.panels.teach_set import MOST_CLASSES, PictureSet
from explorer.i18n import tr
from explorer.records.teach import Collected
from explorer.requests.teach import CollectRequest

TAKE_IN = "teach.collect"


class Cards(QObject):
    """`live_wanted`: show the live picture again; `looked(path)`: show a picture large; `changed`: pictures came or went."""

    live_wanted = Signal()
    looked = Signal(str)
    changed = Signal()

    def __init__(self, desk: Desk, pictures: PictureSet, page: Layout, parent: QWidget) -> None:
        super().__init__(parent)
        self.desk, self.pictures, self.page, self._parent = desk, pictures, page, parent
        self.cards: list[ClassCard] = []
        self.recording = Recording(desk, pictures)
        pictures.changed.connect(self._pictures_changed)
        pictures.failed.connect(self._disk_failed)
        self.recording.changed.connect(self._recording_changed)
        page.add.clicked.connect(self.add_class)
        page.take_in.clicked.connect(self.take_in_folder)
        self.fill()

    def fill(self) -> None:
        """One card a class; those that stay keep their widgets."""
        known = {card.class_name: card for card in self.cards}
        self.cards = []
        for number, name in enumerate(self.pictures.classes):
            card = known.pop(name, None)
            if card is None or card.number != number:
                if card is not None:
                    card.deleteLater()
                card = ClassCard(self.pictures, name, number)
                card.held.connect(self._held)
                card.renamed.connect(self._renamed)
                card.dropped.connect(self._dropped)
                card.wanted.connect(self._wanted)
                card.thumbs.looked.connect(self.looked)
                card.thumbs.unwanted.connect(self.delete)
            card.refresh()
            self.cards.append(card)
        for card in known.values():
            card.deleteLater()
        self.page.show_cards(self.cards)
        self.page.add.setEnabled(len(self.cards) < MOST_CLASSES)

    @Slot(str, bool)
    def _held(self, name: str, on: bool) -> None:
        if on:
            self.live_wanted.emit()
            self.recording.begin(name)
        elif self.recording.name == name:
            self.recording.end()

    def hold_key(self, number: int) -> None:
        """The figure key of a class went down; letting it go ends the go."""
        if number < len(self.cards):
            self.live_wanted.emit()
            self.recording.begin(self.cards[number].class_name, by_key=True)

    def _recording_changed(self, name: str) -> None:
        for card in self.cards:
            card.set_recording(card.class_name == name)
        self.page.view.set_recording(tr("Recording {name}").format(name=name) if name else "")
        if not name and self.recording.dropped:
            self.desk.notify(
                tr("The disk is slow: {count} pictures were left out.").format(count=self.recording.dropped), "warn"
            )

    def add_class(self) -> None:
        """One more class; its name is ready to be typed."""
        name = self.pictures.add()
        card = next((card for card in self.cards if card.class_name == name), None)
        if card is not None:
            card.name.setFocus()
            card.name.selectAll()
            self.page.area.ensureWidgetVisible(card)

    def _renamed(self, old: str, new: str) -> None:
        self.recording.end()
        reason = self.pictures.rename(old, new)
        if reason:
            self.desk.notify(reason, "bad", key="teach.name")
            for card in self.cards:
                card.name.setText(card.class_name)

    def _wanted(self, name: str, what: str) -> None:
        self.recording.end()
        if what == "files":
            kinds = tr("Pictures") + " (*.png *.jpg *.jpeg *.webp *.bmp *.gif *.tif *.tiff)"
            paths, _ = QFileDialog.getOpenFileNames(self._parent, tr("Pictures of {name}").format(name=name), "", kinds)
            self._dropped(name, paths)
        elif what == "folder":
            path = QFileDialog.getExistingDirectory(self._parent, tr("Pictures of {name}").format(name=name))
            self._dropped(name, [path] if path else [])
        elif what == "clear":
            self.delete(list(self.pictures.files.get(name, ())))
        elif what == "remove":
            self.pictures.remove(name)
            self._offer_back(tr("{name} is removed").format(name=name))

    def take_in_folder(self) -> None:
        """A folder of class folders."""
        path = QFileDialog.getExistingDirectory(self._parent, tr("Folder with a folder of pictures for each class"))
        if path:
            self._take_in(CollectRequest(sources=(path,), into=str(self.pictures.folder)))

    def _dropped(self, name: str, paths: list[str]) -> None:
        if paths:
            self._take_in(CollectRequest(sources=tuple(paths), into=str(self.pictures.folder), name=name))

    def _take_in(self, request: CollectRequest) -> None:
        self.desk.submit(TAKE_IN, request)

    @Slot(list)
    def delete(self, paths: list[Path]) -> None:
        """Take pictures away, with a way back."""
        if paths:
            self.pictures.delete(paths)
            self.live_wanted.emit()
            self._offer_back(tr("Pictures deleted: {count}").format(count=len(paths)))

    def _offer_back(self, text: str) -> None:
        self.desk.notify(text, key="teach.gone", actions=((tr("Bring back"), self.pictures.bring_back),))

    def _pictures_changed(self, name: str) -> None:
        card = next((card for card in self.cards if card.class_name == name), None)
        if card is not None:
            card.refresh()
        elif not name:
            self.fill()
        self.changed.emit()

    def _disk_failed(self, reason: str) -> None:
        self.recording.end()
        self.desk.notify(tr("The pictures cannot be kept: {reason}").format(reason=reason), "bad", key="teach.disk", stay=True)

    def took_in(self, record: Collected) -> None:
        """Pictures came from elsewhere: say how many, and which could not be read."""
        self.pictures.read()
        taken = sum(record.taken.values())
        self.desk.notify(tr("Pictures taken in: {count}").format(count=taken), "good", key="teach.in")
        if record.skipped:
            names = ", ".join(Path(path).name for path, _ in record.skipped[:3])
            text = tr("{count} files cannot be read and were left out: {names}").format(count=len(record.skipped), names=names)
            self.desk.notify(
                text, "warn", key="teach.skipped", detail="\n".join(f"{path}: {why}" for path, why in record.skipped)
            )

    def retranslate(self) -> None:
        """The language changed."""
        for card in self.cards:
            card.say()
            card.refresh()
