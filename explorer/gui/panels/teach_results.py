"""Whom it mistakes for whom: the matrix, and beside it the pictures of a cell or those it is least sure of."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.panels.teach_charts import Cell, Matrix, cell_text
from explorer.gui.panels.teach_pictures import Thumbs
from explorer.gui.panels.teach_set import PictureSet
from explorer.gui.panels.teach_words import caption, story
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.records.teach import Taught


class Results(QWidget):
    """`looked(path)`: a picture of the wall is to be seen large."""

    looked = Signal(str)

    def __init__(self, pictures: PictureSet) -> None:
        super().__init__()
        self._pictures = pictures
        self.record: Taught | None = None
        self.matrix = Matrix()
        words.say(self.matrix, N_("Confusion matrix"), "name")
        self.matrix.cell_chosen.connect(self._cell)
        self.heading = OneLine()
        self.heading.setProperty("kind", "heading")
        self.unsure = tool_button("sort", N_("The pictures it is least sure of (U)"))
        self.unsure.clicked.connect(self.show_unsure)
        self.wall = Thumbs(pictures, wrap=True)
        self.wall.may_delete = True
        words.say(self.wall, N_("Pictures: click looks at one and where the network looks in it"), "tip")
        words.say(self.wall, N_("Pictures of the result"), "name")
        self.wall.looked.connect(self.looked)
        self.empty = QLabel()
        self.empty.setWordWrap(True)
        self.empty.setMinimumHeight(theme.px(12))
        self.empty.setProperty("kind", "muted")
        words.say(
            self.empty,
            N_("After the training: bars in the picture, and here who is taken for whom. Click a cell to see its pictures."),
        )
        side, head = QVBoxLayout(), QHBoxLayout()
        side.setSpacing(theme.px(0.5))
        head.addWidget(self.heading, 1)
        head.addWidget(self.unsure)
        side.addLayout(head)
        side.addWidget(self.wall, 1)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(3))
        line.addWidget(self.empty, 1)
        line.addWidget(self.matrix)
        line.addLayout(side, 1)
        self.set_record(None)

    def set_record(self, record: Taught | None) -> None:
        """Show a result; None hides everything but the hint."""
        self.record = record
        tried = record is not None and record.tried > 0
        self.empty.setVisible(record is None)
        self.matrix.setVisible(tried)
        for widget in (self.heading, self.unsure, self.wall):
            widget.setVisible(record is not None)
        self.matrix.set_record(record if tried else None)
        if self.matrix.cell is not None:
            self._cell(self.matrix.cell)
        else:
            self.show_unsure()

    def path_of(self, one: int) -> Path:
        """The file of a picture of the record."""
        assert self.record is not None
        return self._pictures.folder / self.record.paths[one]

    def show_unsure(self) -> None:
        """Those with the smallest lead."""
        self.matrix.choose(None)
        if self.record is not None:
            self._wall(self.record.unsure(24), tr("Least sure"))

    def _cell(self, cell: Cell) -> None:
        if self.record is not None:
            self._wall(self.record.cell(*cell), cell_text(self.record, cell))

    def _wall(self, ones: list[int], heading: str) -> None:
        record = self.record
        assert record is not None
        self.heading.setText(heading)
        paths = [self.path_of(one) for one in ones]
        self.wall.show_files(
            paths, {path: (caption(record, one), story(record, one)) for path, one in zip(paths, ones, strict=True)}
        )

    def retranslate(self) -> None:
        """The language changed."""
        self.set_record(self.record)
