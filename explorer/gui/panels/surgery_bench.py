"""The bench: the maps of the layer at the left, what the network says, the edits and the ranking at the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.panels.surgery_compare import CompareView
from explorer.gui.panels.surgery_edits import EditsBox
from explorer.gui.panels.surgery_rank import RankBox
from explorer.gui.widgets.mosaic_view import MosaicView, Spot
from explorer.gui.widgets.one_line import OneLine
from explorer.i18n import N_, tr
from explorer.requests.surgery import Edit, toggled

if TYPE_CHECKING:
    from explorer.gui.desk import Desk

Entry = tuple[str, Callable[[], None]] | None


class BenchMosaic(MosaicView):
    """Tiles to operate on: a click asks to mute or unmute, with Shift to keep only that channel."""

    operated = Signal(int, bool)  # channel, keep only

    def __init__(self) -> None:
        super().__init__()
        self.fills = True
        self._shift = False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember whether Shift was held."""
        self._shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        super().mousePressEvent(event)

    def _click(self, x: float, y: float) -> None:
        super()._click(x, y)
        spot = self.spot_at(y, x)
        if spot is not None:
            self.operated.emit(spot.channel, self._shift)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what a click does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.channel is not None:
            self.operated.emit(self.channel, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
        else:
            super().keyPressEvent(event)


class Bench(QWidget):
    """The widgets of the first page. `layer` is the combo box of layers; the panel fills it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.layer = QComboBox()
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(10)
        words.say(self.layer, N_("Layer to operate on"), "name")
        words.say(self.layer, N_("The layer whose channels are shown; type to find one (PgUp, PgDown)"), "tip")
        self.detail, self.hint = OneLine(), OneLine()
        self.detail.setProperty("kind", "muted")
        self.hint.setProperty("kind", "muted")
        self.maps = BenchMosaic()
        words.say(self.maps, N_("Channels of the layer"), "name")
        self.compare = CompareView()
        self.says = OneLine()
        self.says.setProperty("kind", "heading")
        self.edits = EditsBox(desk)
        self.rank = RankBox()
        top = QHBoxLayout()
        top.addWidget(self.layer)
        top.addWidget(self.detail, 1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addLayout(top)
        column.addWidget(self.maps, 1)
        column.addWidget(self.hint)
        right = QSplitter(Qt.Orientation.Vertical)
        says = QWidget()
        box = QVBoxLayout(says)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(1))
        box.addWidget(self.says)
        box.addWidget(self.compare, 1)
        for part, stretch in ((says, 4), (self.rank, 4), (self.edits, 3)):
            right.addWidget(part)
            right.setStretchFactor(right.count() - 1, stretch)
        right.setChildrenCollapsible(False)
        right.setHandleWidth(theme.px(3))
        right.setMinimumWidth(theme.px(62))
        self.body = QSplitter(Qt.Orientation.Horizontal)
        self.body.setChildrenCollapsible(False)
        self.body.setHandleWidth(theme.px(3))
        self.body.addWidget(left)
        self.body.addWidget(right)
        self._right = right
        self._split_once = False
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.body)
        left.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.maps.operated.connect(self._operated)
        self.maps.menu_actions += [self._mute_entry, self._keep_entry, self._scale_entry, self._swap_entry]
        self.layer_name = ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first real size decides where the splitters stand; afterwards they are the person's."""
        super().resizeEvent(event)
        if not self._split_once and self.width() > 200:
            QTimer.singleShot(0, self, self._split)

    def _split(self) -> None:
        if self._split_once or not self.isVisible():
            return
        self._split_once = True
        width, height = self.body.width(), self._right.height()
        self.body.setSizes([round(width * 0.55), round(width * 0.45)])
        self._right.setSizes([round(height * share) for share in (0.34, 0.38, 0.28)])

    def say(self) -> None:
        """What stands where nothing is yet, and how to operate."""
        self.maps.set_empty_text(tr("Choose a picture above: what each channel finds in it appears here."))
        self.hint.setText(tr("Click mutes · Shift+click keeps only · right click: more"))

    # -- operating ---------------------------------------------------------------------------------------------------
    @property
    def surgery(self) -> tuple[Edit, ...]:
        """The Session's edits."""
        return self.desk.session.surgery

    def _operated(self, channel: int, only: bool) -> None:
        (self.keep if only else self.mute)(channel)

    def mute(self, channel: int) -> None:
        """Mute a channel of the layer, or let it speak again; one step for undo."""
        self.desk.change(surgery=toggled(self.surgery, self.layer_name, channel))

    def keep(self, channel: int) -> None:
        """Mute all others."""
        self._add(Edit(kind="keep", layer=self.layer_name, channels=(channel,)))

    def _add(self, edit: Edit) -> None:
        self.desk.change(surgery=(*self.surgery, edit))

    def _mute_entry(self, spot: Spot) -> Entry:
        text = tr("Let this channel speak again") if spot.channel in self.maps.muted else tr("Mute this channel")
        return text, lambda: self.mute(spot.channel)

    def _keep_entry(self, spot: Spot) -> Entry:
        return tr("Keep only this channel"), lambda: self.keep(spot.channel)

    def _scale_entry(self, spot: Spot) -> Entry:
        return tr("Scale this channel..."), lambda: self.ask_scale(spot.channel)

    def _swap_entry(self, spot: Spot) -> Entry:
        mosaic = self.maps.mosaic
        if mosaic is None or mosaic.grid.count < 2:
            return None
        return tr("Swap with another channel..."), lambda: self.ask_swap(spot.channel, mosaic.grid.count)

    def ask_scale(self, channel: int) -> None:
        """Ask for the factor; the program goes on meanwhile."""
        dialog = self._dialog(tr("Scale this channel"))
        dialog.setInputMode(QInputDialog.InputMode.DoubleInput)
        dialog.setDoubleRange(-100.0, 100.0)
        dialog.setDoubleDecimals(2)
        dialog.setDoubleValue(2.0)
        dialog.setLabelText(tr("Multiply channel {channel} of {layer} by").format(channel=channel, layer=self.layer_name))
        layer = self.layer_name
        dialog.doubleValueSelected.connect(
            lambda factor: self._add(Edit(kind="scale", layer=layer, channels=(channel,), factor=factor))
        )
        dialog.open()

    def ask_swap(self, channel: int, count: int) -> None:
        """Ask for the other channel."""
        dialog = self._dialog(tr("Swap two channels"))
        dialog.setInputMode(QInputDialog.InputMode.IntInput)
        dialog.setIntRange(0, count - 1)
        dialog.setIntValue(channel + 1 if channel + 1 < count else 0)
        dialog.setLabelText(tr("Swap channel {channel} of {layer} with").format(channel=channel, layer=self.layer_name))
        layer = self.layer_name

        def swap(other: int) -> None:
            if other != channel:
                self._add(Edit(kind="swap", layer=layer, channels=(channel, other)))

        dialog.intValueSelected.connect(swap)
        dialog.open()

    def _dialog(self, title: str) -> QInputDialog:
        dialog = QInputDialog(self)
        dialog.setWindowTitle(title)
        dialog.finished.connect(dialog.deleteLater)
        return dialog
