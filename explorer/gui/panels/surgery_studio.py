"""The kernel studio: numbers to change with the mouse, the picture beside its answer, and the way back into the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QLabel, QPushButton, QSpinBox, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.numerals import figure
from explorer.gui.panels.surgery_compare import CompareView
from explorer.gui.widgets.kernel_grid import KernelGrid
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.picture_view import PictureView
from explorer.i18n import N_, tr
from explorer.picture.kernels import normalised, preset, resized
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.records.picture import Picture
from explorer.requests.base import changed
from explorer.requests.kernel import LONGEST_KERNEL, KernelRequest
from explorer.requests.surgery import Edit

if TYPE_CHECKING:
    from explorer.gui.desk import Desk

F64 = npt.NDArray[np.float64]
PRESETS = {
    "sobel_x": N_("Sobel, upright edges"),
    "sobel_y": N_("Sobel, level edges"),
    "laplacian": N_("Laplacian"),
    "gaussian": N_("Gaussian"),
    "gabor": N_("Gabor"),
    "sharpen": N_("Sharpen"),
    "emboss": N_("Emboss"),
    "box": N_("Box"),
    "identity": N_("Identity"),
    "filter": N_("Filter of the network"),
    "numbers": N_("Own numbers"),
}


class Studio(QWidget):
    """The widgets of the second page; everything they choose is `session.kernel`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.network: NetworkInfo | None = None
        self.record: Picture | None = None
        self.preset, self.grid = QComboBox(), KernelGrid()
        for name in PRESETS:
            self.preset.addItem("", name)
        self.side = QSpinBox()
        self.side.setRange(1, LONGEST_KERNEL)
        words.say(self.preset, N_("A known kernel, your own numbers, or a filter of the network."), "tip")
        words.say(self.preset, N_("Kernel"), "name")
        words.say(self.side, N_("Rows and columns"), "name")
        words.say(
            self.side,
            N_("Rows and columns: known kernels are made anew (odd sizes), your own numbers are cut or framed by zeros"),
            "tip",
        )
        words.say(self.grid, N_("The kernel's numbers"), "name")
        words.say(
            self.grid,
            N_("Drag up or down, or turn the wheel, to change a number (Shift: finer). Type to set it. Right click: zero."),
            "tip",
        )
        self.sum, self.range = OneLine(), OneLine()
        for line in (self.sum, self.range):
            line.setProperty("kind", "muted")
        self.before, self.after = PictureView(), PictureView()
        words.say(self.before, N_("The picture"), "name")
        words.say(self.after, N_("The kernel's answer"), "name")
        self.before.moved.connect(self.after.look)
        self.after.moved.connect(self.before.look)
        self.compare = CompareView()
        self.compare.bars.rows = 4
        self.says = OneLine()
        self.says.setProperty("kind", "heading")
        self._put_widgets()
        self._arrange()
        self.preset.activated.connect(self._preset_chosen)
        self.side.valueChanged.connect(self._size_chosen)
        self.grid.edited.connect(self._edited)
        self._split_once = False
        self.retranslate()

    def _put_widgets(self) -> None:
        self.layer, self.filter, self.slice, self.put = QComboBox(), QSpinBox(), QSpinBox(), QPushButton()
        self.layer.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer.setMinimumContentsLength(12)
        self.slice.setMinimum(-1)
        words.say(self.layer, N_("Convolution"), "name")
        words.say(self.layer, N_("Into which convolution of the network the kernel goes"), "tip")
        words.say(self.filter, N_("Filter"), "name")
        words.say(self.filter, N_("Which kernel of that layer, counted from 0"), "tip")
        words.say(self.slice, N_("Input channel"), "name")
        words.say(self.slice, N_("Which slice of that kernel, counted from 0; all: every slice gets these numbers"), "tip")
        self.take = QPushButton()
        words.say(self.take, N_("Start from it"))
        words.say(self.take, N_("Start from this slice of this kernel"), "tip")
        words.say(self.put, N_("Put it into the network"))
        self.put.setProperty("kind", "primary")
        self.why_not = OneLine()
        self.why_not.setProperty("kind", "muted")
        self.layer.activated.connect(lambda _index: self._place_chosen())
        self.filter.valueChanged.connect(lambda _value: self._place_chosen())
        self.slice.valueChanged.connect(lambda _value: self._place_chosen())
        self.take.clicked.connect(self.start_from_filter)
        self.put.clicked.connect(self.put_back)

    def _arrange(self) -> None:
        def labelled(text: str, *widgets: QWidget) -> QHBoxLayout:
            line = QHBoxLayout()
            line.setSpacing(theme.px(1))
            label = QLabel()
            label.setProperty("kind", "muted")
            words.say(label, text)
            label.setBuddy(widgets[0])
            line.addWidget(label)
            for at, widget in enumerate(widgets):
                line.addWidget(widget, 1 if at == 0 and isinstance(widget, QComboBox) else 0)
            return line

        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1))
        column.addLayout(labelled(N_("Kernel"), self.preset, self.side))
        column.addWidget(self.grid, 1)
        column.addWidget(self.sum)
        heading = QLabel()
        heading.setProperty("kind", "heading")
        words.say(heading, N_("Back into the network"))
        column.addWidget(heading)
        column.addLayout(labelled(N_("Layer"), self.layer))
        place = labelled(N_("Filter"), self.filter)
        slice_label = QLabel()
        slice_label.setProperty("kind", "muted")
        words.say(slice_label, N_("Input channel"))
        place.addWidget(slice_label)
        place.addWidget(self.slice)
        place.addStretch(1)
        column.addLayout(place)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(1))
        buttons.addWidget(self.put)
        buttons.addWidget(self.take)
        buttons.addStretch(1)
        column.addLayout(buttons)
        column.addWidget(self.why_not)
        pictures = QWidget()
        self._pair = QBoxLayout(QBoxLayout.Direction.LeftToRight, pictures)
        self._pair.setContentsMargins(0, 0, 0, 0)
        self._pair.setSpacing(theme.px(2))
        self._pair.addWidget(self.before, 1)
        self._pair.addWidget(self.after, 1)
        above = QWidget()
        box = QVBoxLayout(above)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(theme.px(1))
        box.addWidget(self.range)
        box.addWidget(pictures, 1)
        below = QWidget()
        says = QVBoxLayout(below)
        says.setContentsMargins(0, 0, 0, 0)
        says.setSpacing(theme.px(1))
        says.addWidget(self.says)
        says.addWidget(self.compare, 1)
        self._right = QSplitter(Qt.Orientation.Vertical)
        self._body = QSplitter(Qt.Orientation.Horizontal)
        for splitter, parts in ((self._right, (above, below)), (self._body, (left, self._right))):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(theme.px(3))
            for part in parts:
                splitter.addWidget(part)
            splitter.splitterMoved.connect(lambda _at, _index: self._turn())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._body)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The first real size decides where the splitters stand."""
        super().resizeEvent(event)
        if not self._split_once and self.width() > 200:
            QTimer.singleShot(0, self, self._split)
        QTimer.singleShot(0, self, self._turn)

    def _turn(self) -> None:
        """Pictures are wide: one above the other where that makes them larger."""
        place = self._pair.parentWidget()
        tall = place is not None and place.height() > 0.9 * place.width()
        way = QBoxLayout.Direction
        self._pair.setDirection(way.TopToBottom if tall else way.LeftToRight)

    def _split(self) -> None:
        if self._split_once or not self.isVisible():
            return
        self._split_once = True
        width, height = self._body.width(), self._right.height()
        self._body.setSizes([round(width * 0.36), round(width * 0.64)])
        self._right.setSizes([round(height * 0.66), round(height * 0.34)])
        QTimer.singleShot(0, self, self._turn)

    # -- showing -----------------------------------------------------------------------------------------------------
    @property
    def request(self) -> KernelRequest:
        """The Session's."""
        return self.desk.session.kernel

    def show_request(self) -> None:
        """Show what the Session says."""
        request = self.request
        for widget in (self.preset, self.side, self.layer, self.filter, self.slice):
            widget.blockSignals(True)
        self.preset.setCurrentIndex(self.preset.findData(request.preset))
        numbers = numbers_of(request)
        if numbers is not None:
            self.grid.set_numbers(numbers)
        self.side.setValue(max(self.grid.numbers.shape))
        self.side.setEnabled(request.preset != "filter")
        self._show_place()
        for widget in (self.preset, self.side, self.layer, self.filter, self.slice):
            widget.blockSignals(False)
        self._say_sum()
        self._say_put()

    def show_network(self, network: NetworkInfo | None) -> None:
        """The convolutions that a kernel can be put into: those with windows, the first layer before all."""
        self.network = network
        self.layer.blockSignals(True)
        self.layer.clear()
        for layer in () if network is None else network.layers:
            if layer.kernel is not None:
                self.layer.addItem(f"{layer.name}  ({layer.kernel[2]} × {layer.kernel[3]})", layer.name)
        self.layer.blockSignals(False)
        self.show_request()

    def _show_place(self) -> None:
        request = self.request
        if self.layer.count():
            at = self.layer.findData(request.layer)
            self.layer.setCurrentIndex(max(at, 0))
        kernel = self.kernel_shape
        if kernel is not None:
            self.filter.setMaximum(kernel[0] - 1)
            self.slice.setMaximum(kernel[1] - 1)
        self.filter.setValue(request.channel)
        if self.slice.value() >= 0:
            self.slice.setValue(request.input_channel)

    @property
    def kernel_shape(self) -> tuple[int, ...] | None:
        """(out, in, rows, columns) of the chosen convolution."""
        name = self.layer.currentData()
        layers = () if self.network is None else self.network.layers
        return next((layer.kernel for layer in layers if layer.name == name), None)

    def take_answer(self, record: Picture, frame: Frame | None) -> None:
        """Show what the kernel said to a picture."""
        self.record = record
        if frame is not None:
            self.before.set_rgb(frame.rgb)
        self.after.set_rgb(record.rgb)
        facts = record.facts
        if self.request.preset == "filter" and self.request.normalise == "none":
            self.grid.set_numbers(np.reshape(np.asarray(facts["numbers"], np.float64), (facts["rows"], facts["columns"])))
            self.show_request()
        text = tr("Answer {low} to {high} (brightness 0 to 1)")
        self.range.setText(text.format(low=figure(facts["low"], 3), high=figure(facts["high"], 3)))

    def _say_sum(self) -> None:
        numbers = self.grid.numbers
        text = tr("sum {sum} · sum of sizes {size}")
        self.sum.setText(text.format(sum=figure(float(numbers.sum()), 3), size=figure(float(np.abs(numbers).sum()), 3)))

    def _say_put(self) -> None:
        kernel = self.kernel_shape
        fits = kernel is not None and tuple(kernel[2:]) == self.grid.numbers.shape
        self.put.setEnabled(kernel is not None)
        if kernel is None:
            self.why_not.setText(tr("This network has no convolution."))
        elif fits:
            self.why_not.setText(tr("Undo (Ctrl+Z) gives the old numbers back."))
        else:
            text = tr("Its kernels are {rows} × {columns}: the middle of yours is put in.")
            self.why_not.setText(text.format(rows=kernel[2], columns=kernel[3]))

    def retranslate(self) -> None:
        """Texts that are put together here."""
        for index, text in enumerate(PRESETS.values()):
            self.preset.setItemText(index, tr(text))
        self.slice.setSpecialValueText(tr("all"))
        self.before.set_empty_text(tr("Choose a picture above."))
        self.after.set_empty_text(tr("The kernel's answer appears here."))
        self.show_request()

    # -- choosing ----------------------------------------------------------------------------------------------------
    def _change(self, undoable: bool = True, **fields: object) -> None:
        self.desk.change(undoable=undoable, kernel=changed(self.request, **fields))

    def _preset_chosen(self, index: int) -> None:
        name = str(self.preset.itemData(index))
        if name == "numbers":
            self._own(self.grid.numbers)
        elif name == "filter":
            self.start_from_filter()
        else:
            self._change(preset=name)

    def _size_chosen(self, size: int) -> None:
        request = self.request
        if request.preset == "numbers":
            self._own(resized(self.grid.numbers, size, size))
        else:
            odd = size if size % 2 else size + (1 if size > request.size else -1)
            self._change(size=min(max(odd, 3), LONGEST_KERNEL))

    def _edited(self, numbers: F64, done: bool) -> None:
        self._own(numbers, done)

    def _own(self, numbers: F64, done: bool = True) -> None:
        rows, columns = numbers.shape
        flat = tuple(float(number) for number in numbers.reshape(-1))
        self._change(done, preset="numbers", rows=rows, columns=columns, numbers=flat)

    def _place_chosen(self) -> None:
        kernel = self.kernel_shape
        channel = min(self.filter.value(), kernel[0] - 1) if kernel else 0
        inputs = min(max(self.slice.value(), 0), kernel[1] - 1) if kernel else 0
        self._change(layer=str(self.layer.currentData() or ""), channel=channel, input_channel=inputs)
        self._say_put()

    # -- the network -------------------------------------------------------------------------------------------------
    def start_from_filter(self) -> None:
        """Show a slice of a kernel of the network; from there it can be changed."""
        self._change(preset="filter", normalise="none")

    def put_back(self) -> None:
        """Replace the chosen slice by these numbers, one step for undo; the network answers at once."""
        kernel, layer = self.kernel_shape, self.layer.currentData()
        if kernel is None or not layer:
            return
        numbers = normalised(self.grid.numbers, self.request.normalise)
        numbers = resized(numbers, kernel[2], kernel[3])
        edit = Edit(
            kind="kernel",
            layer=str(layer),
            channels=(self.filter.value(),),
            input_channel=None if self.slice.value() < 0 else self.slice.value(),
            rows=kernel[2],
            columns=kernel[3],
            numbers=tuple(float(number) for number in numbers.reshape(-1)),
        )
        surgery = tuple(old for old in self.desk.session.surgery if not same_place(old, edit))
        self.desk.change(surgery=(*surgery, edit))


def numbers_of(request: KernelRequest) -> F64 | None:
    """The kernel of a request before it is normalised; None for a filter of the network, which only the engine knows."""
    if request.preset == "filter":
        return None
    if request.preset == "numbers":
        return np.reshape(np.asarray(request.numbers, np.float64), (request.rows, request.columns))
    return preset(request.preset, request.size | 1, request.sigma, request.wavelength, request.angle, request.phase)


def same_place(one: Edit, other: Edit) -> bool:
    """Whether the second edit makes the first pointless: the same slice of the same kernel."""
    return (
        one.kind == other.kind == "kernel"
        and (one.layer, one.channels) == (other.layer, other.channels)
        and (other.input_channel is None or one.input_channel == other.input_channel)
    )
