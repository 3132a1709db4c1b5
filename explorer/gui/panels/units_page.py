"""The microscope page of one unit: its picture, its filter, the pictures it likes best, what it does on the current one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.numerals import figure
from explorer.gui.panels.filters_view import OneLine
from explorer.gui.panels.units_sight import SightView
from explorer.gui.widgets.mosaic_view import MosaicView
from explorer.gui.widgets.picture_view import PictureView, image_of
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.picture.grid import tile_of
from explorer.records.picture import Grid, Mosaic
from explorer.records.units import XYXY, BestPictures

PATH = Qt.ItemDataRole.UserRole + 1
THUMB = 88


class Crops(QListWidget):
    """The best pictures in a row, best first. Enter or a click opens one in the Picture strip."""

    wanted = Signal(str)  # path

    def __init__(self) -> None:
        super().__init__()
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setIconSize(QSize(THUMB, THUMB))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFixedHeight(THUMB + theme.px(10))
        self._shown: list[tuple[str, float, XYXY]] = []
        self.itemClicked.connect(lambda item: self.wanted.emit(str(item.data(PATH))))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, on every system."""
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            self.wanted.emit(str(item.data(PATH)))
        else:
            super().keyPressEvent(event)

    def show_best(self, best: BestPictures | None) -> None:
        """The crops of a ranking; the one that was chosen stays chosen where it is still there."""
        shown = [(entry.path, entry.score, entry.box) for entry in best.entries] if best is not None else []
        if shown and shown == self._shown:
            return  # a list that is built anew under the mouse loses its click
        self._shown = shown
        kept = self.currentItem().data(PATH) if self.currentItem() is not None else None
        self.clear()
        for rank, entry in enumerate(best.entries if best is not None else ()):
            picture = QPixmap.fromImage(square(image_of(entry.crop)))
            item = QListWidgetItem(QIcon(picture), figure(entry.score))
            item.setData(PATH, entry.path)
            row, column = entry.place
            tip = tr("{rank}. {file}: {score} at row {row}, column {column}. Click to open it in the Picture strip.")
            text = tip.format(rank=rank + 1, file=Path(entry.path).name, score=figure(entry.score), row=row, column=column)
            item.setToolTip(text)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
            self.addItem(item)
            if entry.path == kept:
                self.setCurrentItem(item)


def square(image: QImage) -> QImage:
    """The image as large as a crop is shown, in the middle of a clear square: the figures below stand in one line."""
    ways = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
    grown = image.scaled(2 * THUMB, 2 * THUMB, *ways)
    made = QImage(2 * THUMB, 2 * THUMB, QImage.Format.Format_ARGB32_Premultiplied)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawImage((made.width() - grown.width()) // 2, (made.height() - grown.height()) // 2, grown)
    painter.end()
    return made


class UnitPage(QScrollArea):
    """The widgets; what they do is in units.py."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.heading, self.facts = OneLine(), QLabel()
        self.heading.setProperty("kind", "title")
        self.facts.setWordWrap(True)
        self.facts.setFont(theme.tabular(self.facts.font()))
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.dream = self._button("dream", N_("Dream"), N_("Open the Dream panel on this unit and begin (D)"))
        self.mute = self._button("mute", N_("Mute"), N_("Take this unit out of the network, or put it back (M)"))
        self.mute.setCheckable(True)
        self.why = self._button("help", N_("Why"), N_("Which part of the picture moves this unit (W)"))
        self.save = self._button("save", N_("Save"), N_("Save this page as a picture, or its numbers"))
        self.larger = tool_button("zoom-in", N_("Make it larger: 256 px and 256 steps (L)"))
        self.folder = tool_button("folder", N_("Choose the folder of pictures (O)"))
        self.samples = QToolButton()
        self.samples.setProperty("kind", "link")
        words.say(self.samples, N_("Samples"))
        words.say(self.samples, N_("Rank the sample pictures that come with the program"), "tip")
        self.again = QToolButton()
        self.again.setProperty("kind", "link")
        words.say(self.again, N_("Begin again"))
        words.say(self.again, N_("Rank the pictures of the folder after all"), "tip")
        self.again.hide()
        self.picture, self.filter, self.crops, self.sight = PictureView(), MosaicView(), Crops(), SightView()
        self.picture.smooth = True
        words.say(self.picture, N_("Maximised picture"), "name")
        words.say(self.filter, N_("Filter of the unit"), "name")
        words.say(self.crops, N_("Best pictures"), "name")
        words.say(self.sight, N_("The unit on the current picture"), "name")
        for view, least, most in ((self.picture, 160, 240), (self.filter, 160, 240), (self.sight, 220, 420)):
            view.setMinimumSize(120, least)
            view.setMaximumHeight(most)
            view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.picture_title, self.filter_title, self.best_title, self.sight_title = OneLine(), OneLine(), OneLine(), OneLine()
        self.best_note, self.sight_note, self.picture_note, self.filter_note = QLabel(), QLabel(), QLabel(), QLabel()
        for note in (self.best_note, self.sight_note, self.picture_note, self.filter_note):
            note.setWordWrap(True)
            note.setProperty("kind", "muted")
            note.setFont(theme.tabular(note.font()))
        self.best_strip, self.picture_strip = ProgressStrip(), ProgressStrip()
        self._deeds, self._buttons, self._columns = QGridLayout(), (self.dream, self.mute, self.why, self.save), 0
        self._page = self._laid_out()
        self.setWidget(self._page)

    def _button(self, icon: str, text: str, tip: str) -> QPushButton:
        made = QPushButton()
        set_icon(made, icon)
        words.say(made, text)
        words.say(made, tip, "tip")
        return made

    def _laid_out(self) -> QWidget:
        page = QWidget()
        page.setProperty("kind", "page")
        grid = QGridLayout(page)
        gap = theme.px(3)
        grid.setContentsMargins(gap, 0, gap, gap)
        grid.setHorizontalSpacing(gap)
        grid.setVerticalSpacing(theme.px(2))
        deeds = self._deeds
        deeds.setSpacing(theme.px(2))
        deeds.setColumnStretch(len(self._buttons), 1)
        self._stand(len(self._buttons))
        top = QVBoxLayout()
        top.setSpacing(theme.px(1))
        top.addWidget(self.heading)
        top.addWidget(self.facts)
        top.addLayout(deeds)
        grid.addLayout(top, 0, 0, 1, 2)
        picture = _box(self.picture_title, self.picture, self.larger, below=(self.picture_note, self.picture_strip))
        kernel = _box(self.filter_title, self.filter, below=(self.filter_note,))
        best = _box(self.best_title, self.crops, self.again, self.samples, self.folder, below=(self.best_strip, self.best_note))
        sight = _box(self.sight_title, self.sight, below=(self.sight_note,))
        self._parts = (picture, kernel, best, sight)
        grid.addWidget(picture, 2, 0)
        grid.addWidget(kernel, 2, 1)
        grid.addWidget(best, 3, 0, 1, 2)
        grid.addWidget(sight, 4, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2, 3)
        grid.setRowStretch(4, 4)
        grid.setRowStretch(5, 1)
        return page

    def _stand(self, columns: int) -> None:
        """The buttons in so many columns."""
        if columns != self._columns:
            self._columns = columns
            for at, button in enumerate(self._buttons):
                self._deeds.addWidget(button, at // columns, at % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the buttons stand in two rows; else they would push the page out of sight."""
        wanted = sum(button.sizeHint().width() + theme.px(2) for button in self._buttons) + theme.px(4)
        self._stand(len(self._buttons) if wanted <= self.viewport().width() else 2)
        super().resizeEvent(event)

    def show_filter(self, mosaic: Mosaic, channel: int | None) -> None:
        """All slices of the unit's kernel; of RGB kernels the unit's own tile."""
        if mosaic.facts.get("rgb") and channel is not None and channel < len(mosaic.values):
            one = slice(channel, channel + 1)
            grid = Grid(1, mosaic.grid.tile_h, mosaic.grid.tile_w, 1, 0)
            tile = tile_of(mosaic.sheet, mosaic.grid, int(np.flatnonzero(mosaic.order == channel)[0]))
            mosaic = replace(
                mosaic,
                grid=grid,
                sheet=np.ascontiguousarray(tile),
                values=mosaic.values[one],
                order=np.zeros(1, np.int64),
                low=mosaic.low[one],
                high=mosaic.high[one],
                bad=mosaic.bad[one],
                facts={**mosaic.facts, "dead": []},
                stats=None,
                histogram=None,
            )
        self.filter.set_mosaic(mosaic)

    def show_texts(self, texts: dict[str, str]) -> None:
        """Headings and notes; what is not there is empty."""
        places = {
            "heading": self.heading,
            "facts": self.facts,
            "picture": self.picture_title,
            "picture_note": self.picture_note,
            "filter_note": self.filter_note,
            "filter": self.filter_title,
            "best": self.best_title,
            "sight": self.sight_title,
            "sight_note": self.sight_note,
        }
        for name, label in places.items():
            label.setText(texts.get(name, ""))
        self.picture.setToolTip(texts.get("picture_tip", ""))
        chosen = "picture" in texts
        for part in self._parts:
            part.setVisible(chosen)
        for button in (self.dream, self.mute, self.why, self.save):
            button.setVisible(chosen)

    def whole_picture(self) -> QImage:
        """The page as it would be on a screen that is tall enough."""
        return self._page.grab().toImage()


def _box(title: QLabel, content: QWidget, *tools: QWidget, below: tuple[QWidget, ...] = ()) -> QWidget:
    box = QWidget()
    title.setProperty("kind", "heading")
    title.setMinimumHeight(theme.px(7))  # as high as the buttons beside some of them
    line = QHBoxLayout()
    line.setSpacing(theme.px(1))
    line.addWidget(title, 1)
    for tool in tools:
        line.addWidget(tool)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.px(1))
    column.addLayout(line)
    column.addWidget(content, 1)
    for part in below:
        column.addWidget(part)
    return box
