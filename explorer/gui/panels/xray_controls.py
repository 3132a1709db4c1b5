"""What can be chosen at a stage: the scale, one of its maps, the class. Only what the stage has is shown."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSpinBox, QWidget

from explorer.gui import theme, words
from explorer.gui.numerals import localised
from explorer.gui.panels.xray_paint import Look, grid_of
from explorer.i18n import N_, tr
from explorer.records.xray import MapsStage, Stage, XrayRecord
from explorer.records.xray_cells import GridStage, TermsStage

CHANNEL_MODES = (("mean", N_("mean")), ("all", N_("all channels")), ("channel", N_("one channel")))
CLASS_MODES = (
    ("class", N_("probability")),
    ("score", N_("score")),
    ("best", N_("best class")),
)


class Controls(QWidget):
    """`look_changed(Look)`, `anchor_chosen(anchor)`, `class_chosen(index)`."""

    look_changed = Signal(object)
    anchor_chosen = Signal(int)
    class_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._look = Look()
        self._stage: Stage | None = None
        self.scale, self.mode, self.anchor, self.classes = QComboBox(), QComboBox(), QComboBox(), QComboBox()
        self.channel = QSpinBox()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(1.5))
        self._labels: dict[QWidget, QLabel] = {}
        for widget, text, tip in (
            (self.scale, N_("Scale"), N_("How finely the picture is cut: few cells for large things, many for small ones")),
            (self.mode, N_("Show"), N_("What is drawn over the picture. Score: objectness times the probability of the class")),
            (self.channel, N_("Channel"), N_("Which map of this scale, counted from 0")),
            (self.anchor, N_("Anchor"), N_("Which of the boxes that a cell starts from")),
            (self.classes, N_("Class"), N_("Whose probability is drawn")),
        ):
            label = QLabel()
            label.setProperty("kind", "muted")
            label.setBuddy(widget)
            words.say(label, text)
            words.say(widget, tip, "tip")
            words.say(widget, text, "name")
            self._labels[widget] = label
            widget.setMinimumWidth(theme.px(14))
            line.addWidget(label)
            line.addWidget(widget)
        for combo in (self.scale, self.mode, self.anchor):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.classes.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.classes.setMinimumContentsLength(9)
        line.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.scale.activated.connect(self._scale)
        self.mode.activated.connect(self._mode)
        self.channel.valueChanged.connect(self._channel)
        self.anchor.activated.connect(self.anchor_chosen)
        self.classes.activated.connect(self.class_chosen)

    def set_stage(self, record: XrayRecord | None, stage: Stage | None, look: Look) -> None:
        """Offer what `stage` has; `look` is in force."""
        self._look, self._stage = look, stage
        maps = stage if isinstance(stage, MapsStage) else None
        channels = maps is not None and maps.each == "channel"
        grid = record.first(GridStage) if record is not None else None
        has_scales = bool(maps.scales if maps is not None else isinstance(stage, GridStage) and stage.scales)
        anchors = grid is not None and not channels and isinstance(stage, (MapsStage, GridStage, TermsStage))
        classes = maps is not None and maps.class_index is not None
        for widget, seen in (
            (self.scale, has_scales),
            (self.mode, (channels and has_scales) or classes),
            (self.channel, channels and has_scales and look.mode == "channel"),
            (self.anchor, anchors),
            (self.classes, classes),
        ):
            widget.setVisible(seen)
        self._fit()
        if record is None or stage is None:
            return
        blockers = [QSignalBlocker(widget) for widget in self._labels]
        if has_scales:
            self._fill_scales(record, stage)
        self._fill(self.mode, [tr(text) for _, text in (CHANNEL_MODES if channels else CLASS_MODES)], self._mode_index())
        if channels and maps is not None and maps.scales:
            self.channel.setRange(0, len(maps.scales[look.scale].values) - 1)
            self.channel.setValue(look.map)
        if anchors:
            self._fill_anchors(record)
        if classes and maps is not None and maps.class_index is not None:
            self._fill(self.classes, [tr(name) for name in record.labels], maps.class_index)
        del blockers
        self._fit()

    def _fit(self) -> None:
        """Words before the boxes while there is room for them; tooltips say them always."""
        seen = [widget for widget in self._labels if not widget.isHidden()]
        need = sum(widget.sizeHint().width() + self._labels[widget].sizeHint().width() for widget in seen)
        fits = need + 2 * len(seen) * theme.px(1.5) <= self.width()
        for widget, label in self._labels.items():
            label.setVisible(fits and widget in seen)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for words now."""
        super().resizeEvent(event)
        self._fit()

    def _fill(self, combo: QComboBox, texts: list[str], now: int) -> None:
        if [combo.itemText(at) for at in range(combo.count())] != texts:
            combo.clear()
            combo.addItems(texts)
        combo.setCurrentIndex(now)

    def _fill_scales(self, record: XrayRecord, stage: Stage) -> None:
        if isinstance(stage, GridStage):
            texts = [f"{one.rows} × {one.columns}" for one in stage.scales]
        else:
            texts = [one.size for one in stage.scales] if isinstance(stage, MapsStage) else []
        self._fill(self.scale, texts, self._look.scale)

    def _fill_anchors(self, record: XrayRecord) -> None:
        scale = self._look.scale if not isinstance(self._stage, TermsStage) else (record.cell or (0,))[0]
        grid = grid_of(record, scale)
        if grid is not None:
            texts = [localised(f"{at + 1}: {width:g} × {height:g}") for at, (width, height) in enumerate(grid.anchors.tolist())]
            self._fill(
                self.anchor, texts, self._look.map if isinstance(self._stage, MapsStage) else (record.cell or (0,) * 4)[3]
            )

    def _modes(self) -> tuple[tuple[str, str], ...]:
        return CHANNEL_MODES if isinstance(self._stage, MapsStage) and self._stage.each == "channel" else CLASS_MODES

    def _mode_index(self) -> int:
        return next((at for at, (name, _) in enumerate(self._modes()) if name == self._look.mode), 0)

    def _scale(self, number: int) -> None:
        self.look_changed.emit(replace(self._look, scale=number))

    def _mode(self, number: int) -> None:
        self.look_changed.emit(replace(self._look, mode=self._modes()[number][0]))

    def _channel(self, number: int) -> None:
        self.look_changed.emit(replace(self._look, map=number))


def looks_for(record: XrayRecord, old: dict[str, Look]) -> dict[str, Look]:
    """How each stage is looked at when something else is followed: its scale, its anchor; modes and channels stay."""
    scale, anchor = (record.cell[0], record.cell[3]) if record.cell is not None else (0, 0)
    found = {}
    for stage in record.stages:
        before = old.get(stage.name, Look(mode="mean" if stage.name == "features" else "class"))
        channels = isinstance(stage, MapsStage) and stage.each == "channel"
        count = len(stage.scales) if isinstance(stage, (MapsStage, GridStage)) else scale + 1
        found[stage.name] = replace(before, scale=min(scale, max(count - 1, 0)), map=before.map if channels else anchor)
    return found
