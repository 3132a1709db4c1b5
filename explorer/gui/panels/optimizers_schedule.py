"""The schedule of the learning rate: which one, its shape as sliders, how it runs, what its snapshots come to."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.optimizers_verdicts import ensemble_sentence
from explorer.gui.widgets.slider import NumberSlider
from explorer.gui.widgets.swatch import Swatch
from explorer.i18n import N_, tr
from explorer.picture.race_chart import number
from explorer.records.descent import F64, Race
from explorer.requests.base import changed
from explorer.requests.race import RaceRequest


class ScheduleCurve(QWidget):
    """The factor of the learning rate over the race, filled; the momentum run against it as a dashed line."""

    def __init__(self) -> None:
        super().__init__()
        self.course: dict[str, F64] = {}
        self.number = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        words.say(self, N_("Share of the learning rate over the race; dashed: the momentum"), "tip")

    def sizeHint(self) -> QSize:
        """Small."""
        return QSize(120, theme.px(18))

    def set_course(self, course: dict[str, F64]) -> None:
        """Another race."""
        self.course = course
        self.update()

    def set_number(self, number: int) -> None:
        """The step that is shown."""
        if number != self.number:
            self.number = number
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Curve, dashes, a line at the step."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        t, line = theme.tokens(), self.fontMetrics().height()
        area = QRectF(1, line + 2, self.width() - 2, self.height() - line - 4)
        painter.setPen(QPen(QColor(t.line), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        if not self.course:
            return
        steps, factor = self.course["step"], self.course["factor"]
        last = max(1.0, float(steps[-1]))

        def polygon(values: F64, top: float) -> list[QPointF]:
            shares = np.clip(values / top, 0.0, 1.0)
            return [
                QPointF(area.left() + step / last * area.width(), area.bottom() - share * area.height())
                for step, share in zip(steps.tolist(), shares.tolist(), strict=True)
            ]

        curve = polygon(factor, max(1.0, float(np.nanmax(factor))))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(t.accent, 0.16))
        painter.drawPolygon(QPolygonF([QPointF(curve[0].x(), area.bottom()), *curve, QPointF(curve[-1].x(), area.bottom())]))
        painter.setPen(QPen(QColor(t.accent), 1.6))
        painter.drawPolyline(QPolygonF(curve))
        at = max(0, int(np.searchsorted(steps, self.number, side="right")) - 1)
        told = f"μ × {number(float(factor[at]))}"
        if "momentum" in self.course:
            painter.setPen(QPen(QColor(t.text), 1.4, Qt.PenStyle.DashLine))
            painter.drawPolyline(QPolygonF(polygon(self.course["momentum"], 1.0)))
            told += f"    β = {number(float(self.course['momentum'][at]))}"
        now = area.left() + min(self.number, last) / last * area.width()
        painter.setPen(QPen(QColor(t.strong_line), 1))
        painter.drawLine(QPointF(now, area.top()), QPointF(now, area.bottom()))
        painter.setPen(QColor(t.muted))
        painter.setFont(theme.tabular(self.font()))
        painter.drawText(QRectF(0, 0, self.width(), line), Qt.AlignmentFlag.AlignLeft, told)


class SchedulePart(QWidget):
    """Bound to `race.schedule` and `race.shape` of the Session."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._built_for = ""
        self._race: Race | None = None
        self.sliders: dict[str, NumberSlider] = {}
        label = QLabel()
        label.setProperty("kind", "muted")
        words.say(label, N_("Schedule"))
        self.box = QComboBox()
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        label.setBuddy(self.box)
        words.say(self.box, N_("How the learning rate goes along the race, the same for all methods."), "tip")
        words.say(self.box, N_("Schedule"), "name")
        self.box.activated.connect(self._chosen)
        self.about = self._muted()
        self.curve = ScheduleCurve()
        self.snapshots = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.px(0.5))
        for widget in (label, self.box, self.about, self.curve):
            self._column.addWidget(widget)
        self._holder = QWidget()
        self._column.addWidget(self._holder)
        self._column.addWidget(self.snapshots)
        desk.language_changed.connect(self.retranslate)
        self.retranslate()

    def _muted(self) -> QLabel:
        label = QLabel()
        label.setProperty("kind", "muted")
        label.setWordWrap(True)
        return label

    def show_request(self, request: RaceRequest) -> None:
        """Show the schedule in force, without a signal."""
        self.box.setCurrentIndex(self.box.findData(request.schedule))
        entry = self._desk.catalogue.entries("schedule").get(request.schedule, {})
        steady = request.schedule == "constant"
        self.about.setText("" if steady else tr(str(entry.get("about", ""))))
        told = (tr(str(entry.get("about", ""))), str(entry.get("formula", "")), str(entry.get("paper", "")))
        self.about.setToolTip("\n\n".join(one for one in told if one))
        self.box.setToolTip(self.about.toolTip())
        for widget in (self.about, self.curve, self._holder):
            widget.setVisible(not steady)
        if request.schedule != self._built_for:
            self._built_for = request.schedule
            self._build(entry)
        for own, slider in self.sliders.items():
            if not slider.dragging:
                default = next(float(one["default"]) for one in entry["hyper"] if one["name"] == own)
                slider.set_value(request.shape.get(own, default))

    def _build(self, entry: dict[str, Any]) -> None:
        fresh = QWidget()
        column = QVBoxLayout(fresh)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(0.5))
        self.sliders = {}
        for one in entry.get("hyper", []):
            low, high, whole, log = float(one["low"]), float(one["high"]), bool(one.get("whole")), bool(one["log"])
            step = 1.0 if whole else low if log else 0.001
            slider = NumberSlider(low, high, float(one["default"]), step=step, whole=whole, log=log)
            label = QLabel()
            label.setProperty("kind", "muted")
            label.setBuddy(slider)
            words.say(label, str(one["label"]))
            words.say(slider, str(one["help"]), "tip")
            words.say(slider, str(one["label"]), "name")
            slider.changed.connect(partial(self._turned, str(one["name"]), False))
            slider.settled.connect(partial(self._settled, str(one["name"])))
            column.addWidget(label)
            column.addWidget(slider)
            self.sliders[str(one["name"])] = slider
        self._column.replaceWidget(self._holder, fresh)
        self._holder.hide()
        self._holder.deleteLater()
        self._holder = fresh

    def _chosen(self, at: int) -> None:
        name = str(self.box.itemData(at))
        if name != self._desk.session.race.schedule:
            self._desk.change(race=changed(self._desk.session.race, schedule=name, shape={}))

    def _turned(self, own: str, done: bool, value: float) -> None:
        race = self._desk.session.race
        self._desk.change(undoable=done, race=changed(race, shape={**race.shape, own: value}))

    def _settled(self, own: str) -> None:
        self._turned(own, True, self.sliders[own].value())

    def set_race(self, race: Race | None) -> None:
        """The course of the newest race, and its snapshots in words."""
        self._race = race
        self.curve.set_course(race.facts.get("course", {}) if race is not None else {})
        means = race.facts.get("ensembles", {}) if race is not None else {}
        rows = {name: told for name, told in means.items() if told["count"] > 1}
        fresh = QWidget()
        if race is not None and rows:
            self._tell(fresh, race, rows)
        self._column.replaceWidget(self.snapshots, fresh)
        self.snapshots.hide()
        self.snapshots.deleteLater()
        self.snapshots = fresh
        fresh.setVisible(bool(rows))

    def _tell(self, holder: QWidget, race: Race, rows: dict[str, dict[str, float]]) -> None:
        """A line for each method: the loss at the mean point of its snapshots, the best of their own."""
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, theme.px(1), 0, 0)
        grid.setHorizontalSpacing(theme.px(2))
        grid.setVerticalSpacing(0)
        heads = (
            (N_("mean point"), N_("The loss where the mean of the snapshots lies: the square on the contour.")),
            (N_("best"), N_("The lowest loss of a single snapshot.")),
        )
        grid.addWidget(self._cell(tr("snapshots"), tr("Taken at the end of each cycle.")), 0, 0)
        for column, (text, tip) in enumerate(heads):
            grid.addWidget(self._cell(tr(text), tr(tip)), 0, column + 1)
        for row, (name, told) in enumerate(rows.items(), start=1):
            grid.addWidget(Swatch(name), row, 0)
            tip = f"{self._desk.title_of('optimizer', name)}: {ensemble_sentence(race, name)}"
            for column, value in enumerate((told["value"], told["best"])):
                grid.addWidget(self._cell(number(value), tip), row, column + 1)
        grid.setColumnStretch(0, 1)

    def _cell(self, text: str, tip: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("kind", "muted")
        label.setFont(theme.tabular(label.font()))
        label.setAlignment(Qt.AlignmentFlag.AlignRight)
        label.setToolTip(tip)
        return label

    def retranslate(self, *_: Any) -> None:
        """The language changed."""
        self.box.clear()
        for name in self._desk.choices("schedule"):
            self.box.addItem(self._desk.title_of("schedule", name), name)
        self.show_request(self._desk.session.race)
        self.set_race(self._race)
