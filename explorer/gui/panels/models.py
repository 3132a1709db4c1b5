"""The left dock: the networks there are, and the layer tree of the one that is loaded."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QSortFilterProxyModel, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QIcon, QResizeEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QToolButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import NETWORK_CHANNEL, Desk
from explorer.gui.icons import icon, set_icon
from explorer.gui.numerals import fixed
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.records.network import NetworkInfo, TapInfo
from explorer.session import Session

NAME = Qt.ItemDataRole.UserRole + 1
STATES = {
    "bundled": N_("comes with the program"),
    "cached": N_("downloaded"),
    "download": N_("download {mb} MB"),
    "random": N_("random numbers only"),
}
TASKS = {"classify": N_("names pictures"), "detect": N_("finds objects"), "segment": N_("cuts out")}


class ModelsPanel(QWidget):
    """`open_wanted` when a person wants to open a model file."""

    open_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setProperty("kind", "ground")
        self.networks = QComboBox()
        self.networks.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.networks.setMinimumContentsLength(3)
        words.say(self.networks, N_("Network that the panels look into"), "tip")
        self.networks.activated.connect(self._network_chosen)
        self.open = QToolButton()
        set_icon(self.open, "open")
        words.say(self.open, N_("Open model file..."), "tip")
        self.open.clicked.connect(self.open_wanted)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setProperty("kind", "muted")
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = ProgressStrip()
        self.progress.bar.setMinimumWidth(24)
        self.progress.stopped.connect(desk.stop)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        words.say(self.search, N_("Find a layer"), "placeholder")
        words.say(self.search, N_("Find a layer"), "name")
        self.search.textChanged.connect(self._search)
        self.model = QStandardItemModel(self)
        self.filter = QSortFilterProxyModel(self)
        self.filter.setSourceModel(self.model)
        self.filter.setRecursiveFilteringEnabled(True)
        self.filter.setAutoAcceptChildRows(True)
        self.filter.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter.setFilterKeyColumn(0)
        self.tree = QTreeView()
        self.tree.setModel(self.filter)
        self.tree.setUniformRowHeights(True)
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setIndentation(theme.px(2.5))
        self.tree.setAllColumnsShowFocus(True)
        words.say(self.tree, N_("Layers"), "name")
        self.tree.selectionModel().currentChanged.connect(self._layer_chosen)
        top = QHBoxLayout()
        top.setSpacing(theme.px(1))
        top.addWidget(self.networks, 1)
        top.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(2), 0)
        column.setSpacing(theme.px(2))
        for item in (top, self.facts, self.progress, self.search, self.tree):
            column.addLayout(item) if isinstance(item, QHBoxLayout) else column.addWidget(cast(QWidget, item))
        column.setStretchFactor(self.tree, 1)
        self._items: dict[str, QStandardItem] = {}
        self._quiet = False
        self._pending = ""
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(60)
        self._soon.timeout.connect(self._select_layer)
        desk.choices_changed.connect(self._fill_networks)
        desk.network_changed.connect(self._fill_layers)
        desk.session_changed.connect(self._session_changed)
        desk.jobs_changed.connect(self._jobs_changed)
        desk.language_changed.connect(self.retranslate)
        desk.theme_changed.connect(self.restyle)
        self.retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Names come before sizes."""
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """Where there is no room for sizes only names are shown. A model that was cleared has forgotten it."""
        self.tree.setColumnHidden(1, self.width() < theme.px(58))

    # -- networks ----------------------------------------------------------------------------------------------------
    @Slot()
    def _fill_networks(self) -> None:
        self._quiet = True
        self.networks.clear()
        rows = {row.name: row for row in self.desk.catalogue.rows}
        for name in self.desk.choices("network"):
            self.networks.addItem(self.desk.title_of("network", name), name)
            row = rows.get(name)
            if row is not None:
                at = self.networks.count() - 1
                self.networks.setItemIcon(at, self._state_icon(row.state))
                words_of = tr(STATES.get(row.state, "")).format(mb=max(1, round(row.bytes / 1e6)))
                self.networks.setItemData(at, f"{row.paper}\n{words_of}".strip(), Qt.ItemDataRole.ToolTipRole)
        self._quiet = False
        self._show_network(self.desk.session)

    def _state_icon(self, state: str) -> QIcon:
        names = {"bundled": "check", "cached": "check", "download": "download", "random": "shuffle"}
        return icon(names.get(state, "panel"), theme.tokens().muted)

    def _show_network(self, session: Session) -> None:
        name = session.network.model
        at = self.networks.findData(name)
        if at < 0:
            self.networks.addItem(self.desk.title_of("network", name), name)
            at = self.networks.count() - 1
        self.networks.setCurrentIndex(at)

    def _network_chosen(self, at: int) -> None:
        if not self._quiet:
            name = self.networks.itemData(at)
            now = self.desk.session.network
            if name != now.model or now.weights is not None:
                self.desk.use_network(name)

    @Slot(object, object)
    def _session_changed(self, new: Session, old: Session) -> None:
        if new.network != old.network:
            self._show_network(new)
        if new.selection.layer != old.selection.layer:
            self._mark(new.selection.layer)

    @Slot()
    def _jobs_changed(self) -> None:
        self.progress.show_job(self.desk.jobs.get(NETWORK_CHANNEL))

    # -- layers ------------------------------------------------------------------------------------------------------
    @Slot(object)
    def _fill_layers(self, info: NetworkInfo | None) -> None:
        self._quiet = True
        self.model.clear()
        self._items = {}
        self.model.setHorizontalHeaderLabels([tr("Layer"), tr("Output")])
        for layer in info.layers if info else ():
            self._add_layer(layer)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._make_room()
        self.tree.expandAll()
        self._quiet = False
        self._tell_facts(info)
        self._mark(self.desk.session.selection.layer)

    def _add_layer(self, layer: TapInfo) -> None:
        parent: Any = self.model.invisibleRootItem()
        path, dot, _ = layer.name.rpartition(".")
        if dot:
            parent = self._group(path)
        size = "×".join(str(n) for n in layer.shape)
        known = self._items.get(layer.name)  # a block whose inner layers came first
        name = known or QStandardItem()
        name.setText(f"{layer.name.rpartition('.')[2]}  {layer.kind}")
        name.setData(layer.name, NAME)
        lines = [layer.name, layer.kind, tr("output {size}").format(size=size)]
        if layer.weights:
            lines.append(tr("{n} weights").format(n=f"{layer.weights:,}".replace(",", "\u202f")))
        if layer.kernel:
            lines.append(tr("kernels {size}").format(size=" × ".join(str(n) for n in layer.kernel)))
        name.setToolTip("\n".join(lines))
        shape = QStandardItem(size)
        shape.setForeground(theme.colour(theme.tokens().muted))
        shape.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        shape.setData(layer.name, NAME)
        self._items[layer.name] = name
        if known is None:
            parent.appendRow([name, shape])
        else:
            (known.parent() or self.model.invisibleRootItem()).setChild(known.row(), 1, shape)

    def _group(self, path: str) -> QStandardItem:
        if path in self._items:
            return self._items[path]
        parent: Any = self.model.invisibleRootItem()
        above, dot, last = path.rpartition(".")
        if dot:
            parent = self._group(above)
        item = QStandardItem(last or path)
        item.setData("", NAME)
        self._items[path] = item
        parent.appendRow([item, QStandardItem("")])
        return item

    def _tell_facts(self, info: NetworkInfo | None) -> None:
        if info is None:
            self.facts.setText(tr("No network is loaded yet."))
            return
        parts = [tr(TASKS.get(info.task, info.task)), f"{info.input_size} × {info.input_size} px"]
        if info.parameters:
            parts.append(tr("{n} M weights").format(n=fixed(info.parameters / 1e6, 2)))
        lines = [" · ".join(parts), tr("weights: {name}").format(name=tr(info.weights)), *info.notes]
        self.facts.setText("\n".join(lines))
        self.facts.setToolTip(info.paper)

    def _search(self, text: str) -> None:
        self.filter.setFilterFixedString(text)
        self.tree.expandAll()

    def _layer_chosen(self, *_: Any) -> None:
        if self._quiet:
            return
        name = self.tree.currentIndex().data(NAME)
        if name:
            self._pending = str(name)
            self._soon.start()

    def _select_layer(self) -> None:
        old = self.desk.session.selection
        if self._pending and self._pending != old.layer:
            self.desk.select(layer=self._pending)

    def _mark(self, name: str) -> None:
        item = self._items.get(name)
        if item is None or not item.data(NAME):
            return
        self._quiet = True
        index = self.filter.mapFromSource(item.index())
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)
        self._quiet = False

    @Slot()
    def retranslate(self) -> None:
        """The language changed."""
        self._fill_networks()
        self._fill_layers(self.desk.network)

    @Slot()
    def restyle(self) -> None:
        """The theme changed."""
        self.retranslate()
