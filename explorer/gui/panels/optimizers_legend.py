"""The legend of a race: who takes part, drawn how, where it is now and how it ended."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QEnterEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QMenu, QSizePolicy, QWidget

from explorer.gui import theme
from explorer.gui.desk import Desk
from explorer.gui.widgets.swatch import Swatch
from explorer.i18n import tr
from explorer.picture.race_chart import number, shown_steps, status_template
from explorer.records.descent import Race, Trajectory


class Row(QWidget):
    """One method. `hovered(name)` while the cursor is over it, "" afterwards; `menu_wanted(name, place)`."""

    hovered = Signal(str)
    menu_wanted = Signal(str, object)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self.box = QCheckBox()
        self.value = QLabel()
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.status = QLabel()
        self.status.setProperty("kind", "muted")
        self.status.setText(" ")  # a line high, also before there is a status
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._measure()
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(1), theme.px(0.5), theme.px(1), theme.px(0.5))
        grid.setHorizontalSpacing(theme.px(2))
        grid.setVerticalSpacing(0)
        grid.addWidget(Swatch(name), 0, 0)
        grid.addWidget(self.box, 0, 1)
        grid.addWidget(self.value, 0, 2)
        grid.addWidget(self.status, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)

    def _measure(self) -> None:
        """Room for the longest value."""
        self.value.setFont(theme.tabular(self.font()))
        self.value.setMinimumWidth(self.fontMetrics().horizontalAdvance("−0.00000"))

    def changeEvent(self, event: QEvent) -> None:
        """Type of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "value"):
            self._measure()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell."""
        self.hovered.emit(self.name)

    def leaveEvent(self, event: Any) -> None:
        """Tell."""
        self.hovered.emit("")

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Only this one, everybody."""
        self.menu_wanted.emit(self.name, event.globalPos())

    def mark(self, on: bool) -> None:
        """Selected or not."""
        colour = theme.tokens().accent_soft if on else "transparent"
        self.setStyleSheet(f"Row {{ background: {colour}; border-radius: 5px; }}" if on else "")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, on)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of a selected row."""
        if self.testAttribute(Qt.WidgetAttribute.WA_StyledBackground):
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.tokens().accent_soft))
            painter.drawRoundedRect(self.rect(), 5, 5)


class Legend(QWidget):
    """A row for every method that takes part or did so lately: who is unticked here stays to be ticked again.

    `chosen(names)`: who takes part, in the order of the list; `hovered(name)`. A row is made when its method first takes part.
    """

    chosen = Signal(tuple)
    hovered = Signal(str)
    told = Signal(str)  # "Step by step" of a row's menu
    dropped = Signal(int)  # a guest was unticked: its place

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._names: tuple[str, ...] = ()
        self._rows: dict[str, Row] = {}
        self.guests: dict[str, Row] = {}  # classes of torch.optim: they go when they are unticked
        self._race: Race | None = None
        self._unticked: set[str] = set()
        self._step = 0.0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(0)
        self.setProperty("kind", "page")

    @property
    def rows(self) -> dict[str, Row]:
        """Of all methods; who does not take part is hidden."""
        self._add(self._names)
        return self._rows

    def refresh(self) -> None:
        """The methods or the language changed."""
        names = self._desk.choices("optimizer")
        if self._names != names:
            for row in self._rows.values():
                row.setParent(None)
                row.deleteLater()
            self._names, self._rows = names, {}
            self._grid.setRowStretch(len(names), 1)
        for row in self._rows.values():
            self._name(row)
        self._say()

    def _name(self, row: Row) -> None:
        """What the method is called, and what is known of it."""
        row.box.setText(self._desk.title_of("optimizer", row.name))
        entry = self._desk.catalogue.entries("optimizer").get(row.name, {})
        parts = (tr(str(entry.get("about", ""))), str(entry.get("formula", "")), tr(str(entry.get("care", ""))))
        row.setToolTip("\n\n".join(part for part in (*parts, str(entry.get("paper", ""))) if part))

    def _add(self, names: tuple[str, ...]) -> None:
        """Make the rows that are not there yet, each in its place."""
        fresh = [name for name in names if name in self._names and name not in self._rows]
        for name in fresh:
            row = self._rows[name] = Row(name, self)
            row.hide()
            row.box.toggled.connect(self._toggled)
            row.hovered.connect(self.hovered)
            row.menu_wanted.connect(self._menu)
            self._grid.addWidget(row, self._names.index(name), 0)
            self._name(row)
            self._tell(row)
        if fresh:
            self._rows = {name: self._rows[name] for name in self._names if name in self._rows}

    def set_chosen(self, names: tuple[str, ...]) -> None:
        """Show who takes part, without a signal."""
        unticked = {name for name in self._unticked if name not in names and name in self._names}
        self._unticked = unticked
        self._add(names)
        for name, row in self._rows.items():
            with QSignalBlocker(row.box):
                row.box.setChecked(name in names)
            row.setVisible(name in names or name in unticked)

    def set_guests(self, names: tuple[str, ...]) -> None:
        """Rows for runs that are no methods of the list."""
        if tuple(self.guests) == names:
            return
        for row in self.guests.values():
            row.setParent(None)
            row.deleteLater()
        self.guests = {name: Row(name, self) for name in names}
        for index, (name, row) in enumerate(self.guests.items()):
            row.box.setText(name)
            row.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # its end is cut, not the values
            row.box.setChecked(True)
            row.setToolTip(tr("{name}: PyTorch's own code, run by the engine. Untick it to let it go.").format(name=name))
            row.box.toggled.connect(partial(self._drop, index))
            row.hovered.connect(self.hovered)
            self._grid.addWidget(row, len(self._names) + 1 + index, 0)
        self._say()

    def _drop(self, index: int, _on: bool) -> None:
        self.dropped.emit(index)

    def forget(self) -> None:
        """Only who takes part keeps a row."""
        self._unticked = set()

    def set_race(self, race: Race | None) -> None:
        """Values and verdicts of another race."""
        self._race = race
        self._say()

    def set_step(self, step: float) -> None:
        """Values at a step."""
        if math.floor(step) != math.floor(self._step):
            self._step = step
            self._say()
        self._step = step

    def set_highlight(self, name: str) -> None:
        """Mark a row; "" marks none."""
        for own, row in {**self._rows, **self.guests}.items():
            row.mark(own == name)
            row.update()

    def _say(self) -> None:
        for row in (*self._rows.values(), *self.guests.values()):
            self._tell(row)

    def _tell(self, row: Row) -> None:
        """Where a method is, and how it goes."""
        runs = self._race.runs if self._race is not None else ()
        run = next((one for one in runs if one.optimizer == row.name), None)
        row.value.setText("" if run is None else self._value(run))
        text = " " if run is None else status_text(run, self._step)
        if row.status.text() != text:
            row.status.setText(text)

    def _value(self, run: Trajectory) -> str:
        return number(float(run.values[min(math.floor(self._step), shown_steps(run))]))

    def _toggled(self, on: bool) -> None:
        names = tuple(name for name, row in self._rows.items() if row.box.isChecked())
        self._unticked |= {name for name, row in self._rows.items() if row.isVisibleTo(self) and name not in names}
        if names:
            self.chosen.emit(names)
        else:  # somebody has to run: the last one stays
            box = self.sender()
            if isinstance(box, QCheckBox):
                with QSignalBlocker(box):
                    box.setChecked(True)

    def only(self, name: str) -> None:
        """Only one takes part."""
        self._unticked = {other for other, row in self._rows.items() if row.box.isChecked()}
        self.set_chosen((name,))
        self.chosen.emit((name,))

    def everybody(self) -> None:
        """All take part."""
        self.set_chosen(self._names)
        self.chosen.emit(self._names)

    def _menu(self, name: str, place: Any) -> None:
        menu = QMenu(self)
        title = self._desk.title_of("optimizer", name)
        menu.addAction(tr("Only {name}").format(name=title)).triggered.connect(partial(self.only, name))
        menu.addAction(tr("All methods")).triggered.connect(self.everybody)
        if self._rows[name].box.isChecked():
            menu.addSeparator()
            menu.addAction(tr("Step by step")).triggered.connect(partial(self.told.emit, name))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)


def status_text(run: Trajectory, step: float) -> str:
    """What a method is doing at a step, or how it ended."""
    if step < min(run.status_step, shown_steps(run)):
        return tr("under way")
    return tr(status_template(run)).format(step=run.number_at(run.status_step))
