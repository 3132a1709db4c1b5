"""Two to four dreams side by side: one zoom and one place for all, what differs in bold, what is the same said once."""

from __future__ import annotations

from functools import partial
from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QImage, QPainter, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.dream_runs import Run
from explorer.gui.panels.dream_words import differences, title_of
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import N_

MOST = 4


class Cell(QWidget):
    """One picture over what is its own."""

    def __init__(self) -> None:
        super().__init__()
        self.view = PictureView()
        self.view.smooth = True
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.RichText)
        self.facts.setFont(theme.tabular(self.facts.font()))
        self.facts.setMinimumWidth(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addWidget(self.view, 1)
        column.addWidget(self.facts)


class CompareView(QWidget):
    """`show_runs` fills it; `closed` when the person has seen enough."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[Run] = []
        self._columns = 1
        self.cells = [Cell() for _ in range(MOST)]
        for cell in self.cells:
            cell.view.moved.connect(partial(self._follow, cell.view))
        self.shared = QLabel()
        self.shared.setProperty("kind", "muted")
        self.shared.setWordWrap(True)
        self.back = QPushButton()
        self.back.setProperty("kind", "quiet")
        set_icon(self.back, "close")
        words.say(self.back, N_("One picture"))
        words.say(self.back, N_("Back to one picture (C)"), "tip")
        self.back.clicked.connect(self.closed)
        top = QHBoxLayout()
        top.addWidget(self.shared, 1)
        top.addWidget(self.back)
        self._grid = QGridLayout()
        self._grid.setSpacing(theme.px(2))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(top)
        column.addLayout(self._grid, 1)

    def show_runs(self, runs: list[Run]) -> None:
        """The first four of `runs` that have a picture."""
        self.runs = [run for run in runs if run.picture is not None][:MOST]
        self._arrange()
        self.refresh()

    def refresh(self) -> None:
        """Newest pictures and words."""
        apart, shared = differences(self.runs)
        for cell, run, own in zip(self.cells, self.runs, apart, strict=False):
            if run.picture is not None:
                cell.view.set_rgb(run.picture.rgb)
            accent, muted = theme.tokens().accent, theme.tokens().muted
            pairs = [
                f"<span style='color:{muted}'>{escape(label)}</span>&nbsp;<b style='color:{accent}'>{escape(value)}</b>"
                for label, value in own
            ]
            cell.facts.setText(" · ".join(pairs) or escape(title_of(run)))
            words.say(cell.view, title_of(run), "name")
        self.shared.setText(" · ".join(f"{label} {value}" for label, value in shared))
        self._even()

    def _best_columns(self) -> int:
        """How many beside each other make the pictures largest."""
        count, caption = len(self.runs), 2.5 * self.fontMetrics().height()
        sides = {n: min(self.width() / n, self.height() / -(-count // n) - caption) for n in range(1, count + 1)}
        return max(sides, key=lambda n: sides[n], default=1)

    def _even(self) -> None:
        """Captions of one height, so that the pictures are of one size."""
        cells = self.cells[: len(self.runs)]
        for cell in cells:
            cell.facts.setMinimumHeight(0)
        height = max((cell.facts.heightForWidth(max(1, cell.width())) for cell in cells), default=0)
        for cell in cells:
            cell.facts.setMinimumHeight(max(0, height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Longer or shorter lines."""
        super().resizeEvent(event)
        if self._best_columns() != self._columns:
            self._arrange()
        self._even()

    def _arrange(self) -> None:
        while self._grid.count():
            self._grid.takeAt(0)
        count = len(self.runs)
        columns = self._columns = self._best_columns()
        for number, cell in enumerate(self.cells):
            cell.setVisible(number < count)
            if number < count:
                self._grid.addWidget(cell, number // columns, number % columns)
        for column in range(MOST):
            self._grid.setColumnStretch(column, int(column < columns))
            self._grid.setRowStretch(column, int(column * columns < count))

    def _follow(self, leader: PictureView, zoom: float, x: float, y: float) -> None:
        for cell in self.cells:
            if cell.view is not leader:
                cell.view.look(zoom, x, y)

    def picture(self) -> QImage:
        """All pictures side by side, each in its own size, at the zoom of the screen left aside."""
        images = [cell.view.image for cell, _ in zip(self.cells, self.runs, strict=False)]
        gap = 4
        height = max((image.height() for image in images), default=1)
        scaled = [image.scaledToHeight(height, Qt.TransformationMode.SmoothTransformation) for image in images]
        width = sum(image.width() for image in scaled) + gap * max(0, len(scaled) - 1)
        sheet = QImage(max(1, width), height, QImage.Format.Format_RGB888)
        sheet.fill(Qt.GlobalColor.white)
        painter, left = QPainter(sheet), 0
        for image in scaled:
            painter.drawImage(left, 0, image)
            left += image.width() + gap
        painter.end()
        return sheet
