"""Which channels carry the answer: the ranking as it grows, and the button that mutes the first of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from explorer.gui import theme, words
from explorer.gui.numerals import figure, fixed
from explorer.gui.panels.surgery_compare import percent
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.records.ablation import Ablation

SHOWN = 30


class RankBox(QWidget):
    """Heading, buttons, progress and the first channels of the ranking."""

    wanted = Signal()
    mute = Signal(object)  # tuple of channels
    chosen = Signal(int)  # channel

    def __init__(self) -> None:
        super().__init__()
        self.record: Ablation | None = None
        self._muted: tuple[int, ...] = ()
        self.heading, self.result = OneLine(), OneLine()
        self.heading.setProperty("kind", "heading")
        self.start, self.mute_first = QPushButton(), QPushButton()
        words.say(self.start, N_("Rank channels"))
        words.say(self.start, N_("Mute every channel of this layer in turn and see how far the answer falls (A)"), "tip")
        words.say(self.mute_first, N_("Take the channels that carry the answer out of the network, all at once (X)"), "tip")
        self.mute_first.setProperty("kind", "primary")
        self.start.clicked.connect(self.wanted)
        self.mute_first.clicked.connect(self.mute_shown)
        self.progress = ProgressStrip()
        self.tree = QTreeWidget()
        self.tree.setRootIsDecorated(False)
        self.tree.setIndentation(0)
        self.tree.setUniformRowHeights(True)
        self.tree.setColumnCount(4)
        self.tree.setMinimumHeight(theme.px(16))
        self.tree.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.tree.header().setStretchLastSection(False)
        self.tree.header().setMinimumSectionSize(theme.px(7))
        self.tree.header().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setFont(theme.tabular(self.tree.font()))
        self.tree.itemSelectionChanged.connect(self._choose)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        words.say(self.tree, N_("Channels, the one that matters most first"), "name")
        words.say(
            self.tree,
            N_("Channels, the one that matters most first: the answer without each, and how far it fell in percentage points"),
            "tip",
        )
        self.empty = QLabel()
        self.empty.setProperty("kind", "muted")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        words.say(
            self.empty, N_("Which channels of this layer carry the answer? Each is muted in turn: the largest fall first.")
        )
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(1))
        buttons.addWidget(self.start)
        buttons.addWidget(self.mute_first)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        for widget in (self.heading, buttons, self.progress, self.result):
            column.addLayout(widget) if isinstance(widget, QHBoxLayout) else column.addWidget(widget)
        column.addWidget(self.empty, 1)
        column.addWidget(self.tree, 1)
        self.retranslate()

    @property
    def first(self) -> tuple[int, ...]:
        """The channels that the button mutes: those that were muted together."""
        record = self.record
        return () if record is None else tuple(record.channels[: record.together_count].tolist())

    def mute_shown(self) -> None:
        """Ask for the first channels to be muted."""
        if self.mute_first.isEnabled():
            self.mute.emit(self.first)

    def set_record(self, record: Ablation | None) -> None:
        """Show a ranking, a partial one too; None empties."""
        self.record = record
        self.tree.blockSignals(True)
        current = self.tree.currentItem()
        here = None if current is None else current.data(0, Qt.ItemDataRole.UserRole)
        self.tree.clear()
        for place, channel in enumerate([] if record is None else record.channels[:SHOWN].tolist()):
            item = QTreeWidgetItem(self._row(place, channel))
            item.setData(0, Qt.ItemDataRole.UserRole, channel)
            for column in range(4):
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.tree.addTopLevelItem(item)
            if channel == here:
                self.tree.setCurrentItem(item)
        self.tree.blockSignals(False)
        self.retranslate()

    def _row(self, place: int, channel: int) -> list[str]:
        record = self.record
        assert record is not None
        score = float(record.probabilities[place])
        if record.kind == "unit":
            return [f"{place + 1}.", str(channel), figure(score), figure(-record.drop(place))]
        points = ("+" if record.drop(place) < 0 else "") + fixed(-100 * record.drop(place))
        return [f"{place + 1}.", str(channel), percent(score), points]

    def mark(self, muted: tuple[int, ...]) -> None:
        """Which channels of the layer are muted by now: the button has done its work."""
        self._muted = muted
        self.retranslate()

    def retranslate(self) -> None:
        """Heading, sentence, button and columns."""
        record = self.record
        self.tree.setHeaderLabels(["", tr("Channel"), tr("Without it"), tr("Change")])
        for column in range(4):  # over the numbers, which stand to the right
            self.tree.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.tree.setVisible(record is not None)
        self.empty.setVisible(record is None)
        self.result.setVisible(record is not None)
        count = len(self.first) or 5
        self.mute_first.setText(tr("Mute these five") if count == 5 else tr("Mute the first {count}").format(count=count))
        self.mute_first.setEnabled(bool(self.first) and not set(self.first) <= set(self._muted))
        if record is None:
            self.heading.setText(tr("Channels that carry the answer"))
            return
        self.heading.setText(tr("What carries “{label}” in {layer}").format(layer=record.layer, label=record.label))
        spoken = figure if record.kind == "unit" else percent
        text = tr("{score} with all {count}").format(score=spoken(record.probability), count=record.total)
        if record.together_count:
            tail = tr("{score} without the first {count}").format(score=spoken(record.together), count=record.together_count)
            text = f"{text} · {tail}"
        else:
            text = tr("{done} of {count} channels").format(done=len(record.channels), count=record.total) + f" · {text}"
        self.result.setText(text)

    def _choose(self) -> None:
        for item in self.tree.selectedItems():
            self.chosen.emit(item.data(0, Qt.ItemDataRole.UserRole))
