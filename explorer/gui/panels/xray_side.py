"""Beside the picture of an X-ray: the objects with the boxes they removed, and the numbers of the shown stage."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QUrl, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QTextOption
from PySide6.QtWidgets import QFrame, QHeaderView, QSplitter, QTextBrowser, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.numerals import fixed
from explorer.gui.panels.live_overlay import percent
from explorer.gui.panels.xray_paint import Look
from explorer.gui.panels.xray_words import side_html
from explorer.i18n import N_, tr
from explorer.picture.colour import class_colour
from explorer.records.xray import BoxesStage, CandidatesStage, Stage, SuppressionStage, XrayRecord

MOST = 300  # lines of the list; a crowd at the lowest confidence has more, and nobody reads them


class FollowTree(QTreeWidget):
    """Objects, best first; under each the candidates that went because of it. `candidate(row)` when a person chooses."""

    candidate = Signal(int)
    chosen = Signal(int)  # an object

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(3)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(theme.px(3))
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.setFont(theme.tabular(self.font()))
        self.currentItemChanged.connect(self._current)

    def set_record(self, record: XrayRecord | None) -> None:
        """Show another record; what is followed is marked."""
        with QSignalBlocker(self):
            self.clear()
            self._fill(record)

    def _fill(self, record: XrayRecord | None) -> None:
        boxes = record.first(CandidatesStage) if record is not None else None
        what = record.first(SuppressionStage) if record is not None else None
        result = record.first(BoxesStage) if record is not None else None
        if record is None or boxes is None or what is None or result is None:
            return
        lines: dict[int, QTreeWidgetItem] = {}
        rows = result.link("candidates")
        for number in range(min(len(result.detections), MOST)):
            row = int(rows[number]) if rows is not None else -1
            item = self._line(result.detections.label(number), float(result.detections.score[number]), "", row, number)
            item.setIcon(0, disc(class_colour(int(result.detections.class_index[number]))))
            self.addTopLevelItem(item)
            if row >= 0:
                lines[row] = item
        for row in range(min(len(boxes), MOST)):
            if row in lines:
                continue
            by = int(what.by[row])
            said = f"IoU {fixed(float(what.overlap[row]), 2)}" if by >= 0 else ""
            item = self._line(boxes.label(row), float(boxes.score[row]), said, row, None)
            parent = lines.get(by)
            if parent is not None:
                parent.addChild(item)
            else:
                self.addTopLevelItem(item)
            lines[row] = item
        self.expandAll()
        chosen = lines.get(-1 if record.candidate is None else record.candidate)
        if chosen is not None:
            self.setCurrentItem(chosen)

    def _line(self, label: str, score: float, said: str, row: int, number: int | None) -> QTreeWidgetItem:
        item = QTreeWidgetItem([tr(label), said, percent(score)])
        item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(0, Qt.ItemDataRole.UserRole, (row, number))
        if number is None:
            for column in range(3):
                item.setForeground(column, theme.colour(theme.tokens().muted))
        return item

    def _current(self, item: QTreeWidgetItem | None, before: object) -> None:
        if item is None:
            return
        row, number = item.data(0, Qt.ItemDataRole.UserRole)
        if number is not None:
            self.chosen.emit(number)
        elif row >= 0:
            self.candidate.emit(row)


def disc(colour: tuple[int, int, int]) -> QIcon:
    """A small disc in a class's colour."""
    pixmap = QPixmap(theme.px(3), theme.px(3))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*colour))
    painter.drawEllipse(pixmap.rect().adjusted(1, 1, -1, -1))
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else the style tints it where its row is chosen: another class's colour
    return icon


class Side(QWidget):
    """`linked(kind, numbers)` when a person clicks a cell, candidate, class or map in the text."""

    linked = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self.tree = FollowTree()
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setFont(theme.tabular(self.text.font()))
        self.text.anchorClicked.connect(self._clicked)
        words.say(self.tree, N_("Objects, and the boxes that went because of them"), "name")
        words.say(self.tree, N_("Choose an object: every stage shows how it came about"), "tip")
        words.say(self.text, N_("The numbers of this stage"), "name")
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(theme.px(2))
        split.setChildrenCollapsible(False)
        split.addWidget(self.tree)
        split.addWidget(self.text)
        split.setStretchFactor(1, 1)
        split.setSizes([theme.px(34), theme.px(120)])
        self.setMinimumWidth(theme.px(60))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)

    def set_stage(self, record: XrayRecord | None, stage: Stage | None, look: Look) -> None:
        """The numbers of a stage."""
        html = "" if record is None or stage is None else side_html(record, stage, look)
        bar = self.text.verticalScrollBar()
        at = bar.value()
        self.text.setHtml(html)
        bar.setValue(at)

    def _clicked(self, url: QUrl) -> None:
        kind, _, numbers = url.toString().partition(":")
        self.linked.emit(kind, tuple(int(number) for number in numbers.split(",")))
