"""The widgets of the lens: the picture with box and heat, its tools, a line of words, the layers that see a place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.numerals import fixed
from explorer.gui.widgets.lens_view import LensView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.records.receptive import SeenBy

LAYER, CELLS, SHARE = range(3)


class LayerList(QTreeWidget):
    """Every layer with the number of its cells that see the place; a click goes to the layer."""

    layer_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(3)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFont(theme.tabular(self.font()))
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(LAYER, QHeaderView.ResizeMode.Stretch)
        for column in (CELLS, SHARE):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        words.say(self, N_("Layers that see the place"), "name")
        self.itemActivated.connect(lambda item, _column: self.layer_chosen.emit(item.text(LAYER)))
        self.itemClicked.connect(lambda item, _column: self.layer_chosen.emit(item.text(LAYER)))

    def set_record(self, record: SeenBy | None) -> None:
        """Show who sees the place."""
        self.clear()
        if record is None:
            return
        self.setHeaderLabels([tr("Layer"), tr("Cells"), tr("Share")])
        items = []
        for one in record.layers:
            item = QTreeWidgetItem([one.layer, f"{one.count} / {one.of}", fixed(100 * one.count / max(one.of, 1)) + " %"])
            item.setToolTip(LAYER, f"{one.layer} · {one.kind} · {one.map_hw[0]} × {one.map_hw[1]}")
            for column in (CELLS, SHARE):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            items.append(item)
        self.addTopLevelItems(items)
        for item in items:
            if item.text(LAYER) == record.layer:
                self.setCurrentItem(item)
                self.scrollToItem(item, QTreeWidget.ScrollHint.PositionAtCenter)


class LensBox(QWidget):
    """A line of words over tools over the picture over the list of layers."""

    def __init__(self) -> None:
        super().__init__()
        self.picture, self.list = LensView(), LayerList()
        words.say(self.picture, N_("What the unit sees"), "name")
        self.picture.setMinimumHeight(theme.px(12))
        self.words = QLabel()
        self.words.setProperty("kind", "muted")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        title = OneLine()
        title.setProperty("kind", "heading")
        words.say(title, N_("What it sees"))
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 100)
        self.strength.setValue(round(100 * self.picture.strength))
        self.strength.setFixedWidth(theme.px(16))
        words.say(self.strength, N_("Strength of the heat"), "name")
        words.say(
            self.strength, N_("How strongly the heat is drawn: the gradient of the unit with respect to each pixel"), "tip"
        )
        self.hold = tool_button(
            "hold", N_("Hold this unit: the lens stays on it while the mouse or the layer moves (G)"), checkable=True
        )
        self.habit = tool_button(
            "shuffle", N_("The unit's habit: mean heat over random pictures, not this one (Luo et al. 2016)"), checkable=True
        )
        self.numbers = tool_button("numbers", N_("The numbers behind this pixel (N, or a double-click on the map)"))
        self.forget = tool_button("close", N_("Show no longer who sees the chosen place"))
        self.forget.hide()
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        line.addWidget(title, 1)
        for tool in (self.strength, self.habit, self.hold, self.numbers, self.forget):
            line.addWidget(tool)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addLayout(line)
        column.addWidget(self.picture, 3)
        column.addWidget(self.words)
        column.addWidget(self.list, 2)
        self.list.hide()

    def say(self, text: str, tip: str = "") -> None:
        """What there is to say about the unit or the place; `tip` says it at length."""
        self.words.setFixedHeight(2 * self.words.fontMetrics().lineSpacing())  # the picture stands still while words change
        self.words.setText(text)
        self.words.setToolTip(tip or text)  # all of it, where there is little room

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the slider gives way to the title."""
        super().resizeEvent(event)
        self.strength.setVisible(self.width() >= theme.px(56))

    def show_list(self, on: bool) -> None:
        """The list of layers, beside the picture where there is little height."""
        self.list.setVisible(on)
        self.forget.setVisible(on)
