"""Network: the map of what is loaded. A table of all modules with costs and fields, and the block diagram of one branch."""

from __future__ import annotations

import csv
import io
from html import escape
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.gui.notices import trouble_text
from explorer.gui.numerals import figure
from explorer.gui.panels.filters_saving import write_file
from explorer.gui.panels.filters_view import OneLine
from explorer.gui.panels.network_branch import Atlas
from explorer.gui.panels.network_facts import ModuleFacts
from explorer.gui.panels.network_table import NAME, TIME, MapModel, short, threads_text
from explorer.gui.panels.network_tree import MapTree
from explorer.gui.panels.network_view import BranchView
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Preview, Result
from explorer.records.network import NetworkInfo
from explorer.records.network_map import COLUMNS, NetworkMap
from explorer.requests.network_map import NetworkMapRequest
from explorer.session import Session

MAP = "network.map"
MANY = 300  # rows; larger tables open closed


class NetworkPanel(Panel):
    """Choosing a module here selects it for the program, and the other way round."""

    name: ClassVar[str] = "network"
    channels: ClassVar[tuple[str, ...]] = (MAP,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.atlas: Atlas | None = None
        self.current = ""
        self._asked: object = None
        self._quiet = False
        self._facts = ModuleFacts()
        self._form = Form(NetworkMapRequest, desk, "network_map")
        self._form.place(self._facts, "passes")
        self._facts.hide()
        self.model = MapModel(self)
        self.tree = MapTree(self.model)
        self.view = BranchView()
        self._build()
        self.search.textChanged.connect(self._search)
        self.search.returnPressed.connect(self._take_first)
        self.tree.selectionModel().currentChanged.connect(self._row_chosen)
        self.view.chosen.connect(self.choose)
        self.view.opened.connect(self.choose_inside)
        self.view.left.connect(self.choose_outside)
        self.crumbs.linkActivated.connect(self.choose)
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(self._network_changed)
        desk.jobs_changed.connect(lambda: self.progress.show_job(desk.jobs.get(MAP)))
        self._say()

    def form(self) -> QWidget:
        """How often to measure, and the facts of the chosen module."""
        return self._form

    def _build(self) -> None:
        self.heading, self.detail, self.crumbs = OneLine(QSizePolicy.Policy.Maximum), OneLine(), QLabel()
        self.heading.setProperty("kind", "title")
        self.detail.setProperty("kind", "muted")
        self.progress = ProgressStrip(compact=True)
        self.progress.stopped.connect(self.desk.stop)
        self.search = QLineEdit()
        self.search.setClearButtonEnabled(True)
        words.say(self.search, N_("Find a layer or kind"), "placeholder")
        words.say(self.search, N_("Find a layer or kind"), "name")
        self.again, self.save, self.whole = QToolButton(), QToolButton(), QToolButton()
        for button, icon, tip in (
            (self.again, "clock", N_("Measure the times again")),
            (self.save, "save", N_("Save the table as CSV")),
            (self.whole, "zoom-fit", N_("Show the whole branch (0)")),
        ):
            set_icon(button, icon)
            words.say(button, tip, "tip")
        self.again.clicked.connect(self.measure)
        self.save.clicked.connect(self.save_table)
        self.whole.clicked.connect(self.view.fit)
        self.crumbs.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        words.say(self.crumbs, N_("Where this branch stands"), "name")
        words.say(self.view, N_("Block diagram"), "name")
        words.say(self.tree, N_("Modules of the network"), "name")
        line = QHBoxLayout()
        line.setSpacing(theme.px(2))
        line.addWidget(self.heading)
        line.addWidget(self.detail, 1)
        for tool in (self.progress, self.again, self.save):
            line.addWidget(tool)
        left, right = QWidget(), QWidget()
        for side, head, body in ((left, [self.search], self.tree), (right, [self.crumbs, self.whole], self.view)):
            column, top = QVBoxLayout(side), QHBoxLayout()
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(theme.px(1))
            for at, widget in enumerate(head):
                top.addWidget(widget, 1 - at)
            column.addLayout(top)
            column.addWidget(body, 1)
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self.split.setHandleWidth(theme.px(3))
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(left)
        self.split.addWidget(right)
        self.split.splitterMoved.connect(self.tree.make_room)
        self.split.setStretchFactor(0, 3)
        self.split.setStretchFactor(1, 2)
        page = QVBoxLayout(self)
        page.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        page.setSpacing(theme.px(2))
        page.addLayout(line)
        page.addWidget(self.split, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room, else the diagram below the table."""
        super().resizeEvent(event)
        wanted = Qt.Orientation.Horizontal if self.width() >= theme.px(175) else Qt.Orientation.Vertical
        if wanted != self.split.orientation():
            self.split.setOrientation(wanted)
            self.split.setSizes([600, 400] if wanted == Qt.Orientation.Horizontal else [500, 500])

    # -- the job -----------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """The map of this network, once."""
        network = self.desk.network
        key = None if network is None else (network.name, network.weights, self.desk.session.network.device)
        if key is not None and key != self._asked:
            self._asked = key
            self.measure()

    def measure(self) -> None:
        """Ask for the map, times and all."""
        self.desk.submit(MAP, self.desk.session.network_map)

    def take(self, channel: str, event: Event) -> None:
        """First the map, then its times."""
        if isinstance(event, (Preview, Result)) and isinstance(event.record, NetworkMap):
            self._show(event.record)
        elif isinstance(event, Failed):
            self._asked = None
            self.atlas = None
            self.model.set_map(None)
            self.view.set_empty_text(trouble_text(event.trouble))
            self._draw()

    def _show(self, record: NetworkMap) -> None:
        old = self.atlas.record if self.atlas is not None else None
        if (
            old is not None
            and old.total_ms
            and not record.total_ms
            and old.name == record.name
            and len(old.rows) == len(record.rows)
        ):
            return  # measuring again: the old times stay until the new ones come
        fresh = old is None or [row.name for row in old.rows] != [row.name for row in record.rows]
        if old is not None and not fresh and old.edges == record.edges and self.atlas is not None:
            self.atlas.renew(record)
        else:
            self.atlas = Atlas(record)
        self._quiet = True
        self.model.set_map(record)
        if fresh:
            self._open_rows()
            self.tree.make_room()
            selected = self.desk.session.selection.layer
            self.current = selected if selected in self.atlas.rows else ""
        self._quiet = False
        self._mark()
        self._draw()
        self._say()

    def _open_rows(self) -> None:
        if self.atlas is not None and (len(self.atlas.rows) <= MANY or self.search.text()):
            self.tree.expandAll()

    # -- choosing ----------------------------------------------------------------------------------------------------
    def choose(self, name: str) -> None:
        """Make a module the chosen one; "" is the whole network."""
        self.current = name
        self._mark()
        self._draw()
        network = self.desk.network
        known = network is not None and any(layer.name == name for layer in network.layers)
        if known and self.desk.session.selection.layer != name:
            self.desk.select(layer=name, channel=None, pixel=None)

    def choose_inside(self, name: str) -> None:
        """The first module inside another."""
        if self.atlas is not None and self.atlas.holds_more(name):
            self.choose(name)

    def choose_outside(self) -> None:
        """The module around the branch that is drawn."""
        if self.atlas is not None and self.view.branch.scope:
            scope = self.view.branch.scope
            self.choose(self.atlas.rows[scope].parent if self.current == scope else scope)

    def _row_chosen(self, index: QModelIndex) -> None:
        if not self._quiet and index.isValid():
            self.choose(str(index.data(NAME)))

    def _search(self, text: str) -> None:
        self._quiet = True
        self.model.search(text)
        self._quiet = False
        self._open_rows()
        self._mark()

    def _take_first(self) -> None:
        found = self.model.found()
        if found:
            self.choose(found[0])
            self.tree.setFocus()

    def _mark(self) -> None:
        index = self.model.index_of(self.current)
        self._quiet = True
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)
        else:
            self.tree.clearSelection()
        self._quiet = False

    def _session_changed(self, new: Session, old: Session) -> None:
        layer = new.selection.layer
        if (
            layer
            and layer != old.selection.layer
            and layer != self.current
            and self.atlas is not None
            and layer in self.atlas.rows
        ):
            self.choose(layer)
        if new.network_map.passes != old.network_map.passes and self.active:
            self.measure()

    def _network_changed(self, network: NetworkInfo | None) -> None:
        if self.active:
            self.activate()

    # -- drawing -----------------------------------------------------------------------------------------------------
    def _draw(self) -> None:
        atlas = self.atlas
        if atlas is None:
            self.view.set_branch(Atlas(EMPTY).branch(""), {}, "")
            self._facts.show_row(None, None)
            self.crumbs.clear()
            return
        branch = atlas.branch(self.current)
        self.view.set_branch(branch, atlas.rows, self.current)
        self._facts.show_row(atlas.record, atlas.rows.get(self.current))
        links = [f'<a href="">{escape(atlas.record.title)}</a>']
        names = branch.scope.split(".") if branch.scope else []
        for at, part in enumerate(names):
            links.append(f'<a href="{escape(".".join(names[: at + 1]))}">{escape(part)}</a>')
        self.crumbs.setText(" › ".join(links))

    def _say(self) -> None:
        record = self.atlas.record if self.atlas is not None else None
        if record is None:
            self.heading.setText(tr("Network"))
            self.detail.setText("")
            self.view.set_empty_text(tr("The map comes as soon as a network is loaded."))
            return
        self.heading.setText(record.title)
        parts = [
            tr("{n} weights").format(n=short(record.weights)),
            tr("{n} multiply-adds at {size} px").format(n=short(record.macs), size=record.input_size),
        ]
        if record.total_ms:
            where, threads = record.runs_on.short(), threads_text(record.runs_on.threads)
            parts.append(tr("{ms} ms a pass").format(ms=figure(record.total_ms, 3)) + f" ({where}, {threads})")
        self.detail.setText(" · ".join([*parts, *record.notes]))

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say()
        self._draw()
        self.model.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, TIME)
        self.tree.viewport().update()

    def restyle(self) -> None:
        """Colours inside rich text."""
        self._draw()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("Ctrl+F", N_("Find a layer or kind"), self.search.setFocus),
            Key("Backspace", N_("Out of this branch"), self.choose_outside),
            Key("M", N_("Measure the times again"), self.measure),
        ]

    def picture(self) -> QImage:
        """The diagram as it stands."""
        return self.view.grab().toImage()

    def numbers(self) -> str:
        """The whole table."""
        if self.atlas is None:
            return ""
        return "\n".join("\t".join(map(str, line)) for line in (COLUMNS, *self.atlas.record.table()))

    def save_table(self) -> None:
        """Ask where, write the table."""
        if self.atlas is None:
            return
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("Save table"), f"{self.atlas.record.name}.csv", tr("Table") + " (*.csv)"
        )
        if chosen:
            path = Path(chosen).with_suffix(".csv")
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows([COLUMNS, *self.atlas.record.table()])
            write_file(self.desk, path, text.getvalue().encode())

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """The third block, which has two ways through it."""
        if self.atlas is not None and self.current == "":
            self.choose(next((row.name for row in self.atlas.record.rows if row.depth == 1 and not row.leaf), ""))

    def demo_ready(self) -> bool:
        """Times are there."""
        return self.atlas is not None and self.atlas.record.total_ms > 0


EMPTY = NetworkMap("", "", 0, (), (), ())
