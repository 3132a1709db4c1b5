"""The tree view of a network map: its columns, and which of them there is room for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
)

from explorer.gui import theme, words
from explorer.gui.panels.network_table import (
    COLUMNS,
    FIELD,
    KIND,
    LAYER,
    MACS,
    OUTPUT,
    SHARE,
    STEP,
    TIME,
    WEIGHTS,
    Index,
    MapModel,
)
from explorer.i18n import N_, tr

# What decides the width of a column at first; a person may drag it.
WIDEST = {
    KIND: "AdaptiveAvgPool2d",
    OUTPUT: "1024×112×112",
    WEIGHTS: "37.7 M",
    MACS: "37.7 M",
    FIELD: "≤ 1234",
    STEP: "32",
    TIME: "100.0 % ",
}


class MapTree(QTreeView):
    """A MapModel with its columns as wide as they must be; names get the rest."""

    def __init__(self, model: MapModel) -> None:
        super().__init__()
        self._model = model
        self._dressed = False
        self.setModel(model)
        self.setUniformRowHeights(True)
        self.setSortingEnabled(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setIndentation(theme.px(3))
        self.setAllColumnsShowFocus(True)
        self.setItemDelegateForColumn(TIME, ShareBar(self))
        self.setFont(theme.tabular(self.font()))
        words.say(self, N_("Modules of the network"), "name")
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setMinimumSectionSize(theme.px(8))
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names and costs come before the rest."""
        super().resizeEvent(event)
        self.make_room()

    def make_room(self, *_: int) -> None:
        """Hide what there is no room for: the step, then the kind, which then stands behind the name."""
        width = self.width()
        narrow = width < theme.px(165)
        self.setColumnHidden(STEP, width < theme.px(145))
        self.setColumnHidden(KIND, narrow)
        if narrow != self._model.kind_in_name:
            self._model.kind_in_name = narrow
            self.viewport().update()
        if not self._dressed:
            self._dressed = True
            self.measure()
        others = sum(self.columnWidth(at) for at in range(1, len(COLUMNS)) if not self.isColumnHidden(at))
        self.setColumnWidth(LAYER, max(theme.px(27), self.viewport().width() - others))

    def measure(self) -> None:
        """Columns as wide as their titles and their widest numbers."""
        wide = self.fontMetrics().horizontalAdvance
        for column, text in WIDEST.items():
            self.setColumnWidth(column, max(wide(text), wide(tr(COLUMNS[column])) + theme.px(2)) + theme.px(3))


class ShareBar(QStyledItemDelegate):
    """A cell with a bar behind its number, as long as the share it stands for."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The bar, then the number."""
        share = index.data(SHARE)
        if share and not option.state & QStyle.StateFlag.State_Selected:
            bar = option.rect.adjusted(2, 3, -2, -3)
            bar.setLeft(bar.right() - round(bar.width() * min(1.0, float(share))))
            painter.fillRect(bar, option.palette.color(QPalette.ColorRole.Midlight))
        super().paint(painter, option, index)
