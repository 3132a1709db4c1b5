"""Playing what was computed: a playhead in steps, and the line of buttons under the pictures."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QSlider, QToolButton, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.slider import NumberSlider
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr

FRAME_MS = 16
SECONDS = 4.0  # the whole at speed 1, however many steps it has
SLOWEST = 10.0  # steps a second at speed 1, where there are few
LONGEST_FRAME = 0.1  # seconds: after a hang it goes on from where it was, it does not jump


class Playhead(QWidget):
    """`moved(step)`: the step to show, a whole number while standing, between two while playing.

    Playing is arithmetic on an index: everything is computed. A timer runs only while something moves. `with_speed`: a slider
    for the speed. `say(step, last)` puts the step into words; by default "step 3 of 12". `pace`: steps a second whatever the
    speed, 0 where the speed counts.
    """

    moved = Signal(float)
    playing_changed = Signal(bool)

    def __init__(self, *, with_speed: bool = True, say: Callable[[int, int], str] | None = None) -> None:
        super().__init__()
        self._say = say or step_of
        self.step = 0.0
        self.last = 0
        self.speed = 1.0
        self.pace = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)
        self._clock = QElapsedTimer()
        self._build(with_speed)

    def _build(self, with_speed: bool) -> None:
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(3), theme.px(1), theme.px(3), theme.px(2))
        line.setSpacing(theme.px(1))
        self.back = self._button("step-back", N_("One step back (Left)"), lambda: self.move_by(-1))
        self.play = self._button("play", N_("Play or pause (Space)"), self.toggle)
        self.forward = self._button("step", N_("One step forward (Right)"), lambda: self.move_by(1))
        self.scrub = QSlider(Qt.Orientation.Horizontal)
        self.scrub.setRange(0, 0)
        self.scrub.setMinimumWidth(60)
        words.say(self.scrub, N_("The step that is shown"), "tip")
        self.scrub.valueChanged.connect(self.go_to)
        self.count = QLabel()
        self.count.setFont(theme.tabular(self.count.font()))
        self.count.setProperty("kind", "muted")
        self.rate = NumberSlider(0.1, 10.0, 1.0, step=0.1, log=True)
        self.rate.setFixedWidth(theme.px(34))
        words.say(self.rate, N_("How fast it plays"), "tip")
        words.say(self.rate, N_("Speed"), "name")
        self.rate.changed.connect(self.set_speed)
        label = OneLine(QSizePolicy.Policy.Maximum)
        label.setProperty("kind", "muted")
        words.say(label, N_("Speed"))
        for widget in (self.back, self.play, self.forward):
            line.addWidget(widget)
        line.addWidget(self.scrub, 1)
        line.addWidget(self.count)
        if with_speed:
            line.addSpacing(theme.px(3))
            line.addWidget(label)
            line.addWidget(self.rate)
        self._say_count()

    def _button(self, icon: str, tip: str, slot: object) -> QToolButton:
        button = tool_button(icon, tip)
        button.clicked.connect(slot)
        return button

    @property
    def playing(self) -> bool:
        """Whether it is moving."""
        return self._timer.isActive()

    def set_last(self, last: int) -> None:
        """How many steps there are."""
        at_end = self.step >= self.last
        self.last = last
        with QSignalBlocker(self.scrub):
            self.scrub.setRange(0, last)
            self.scrub.setPageStep(max(1, last // 10))
        self._show(float(last) if at_end else min(self.step, float(last)))

    def set_speed(self, speed: float) -> None:
        """1 is the whole in SECONDS."""
        self.speed = speed

    def change_speed(self, factor: float) -> None:
        """Faster or slower, by key."""
        self.rate.set_value(self.speed * factor)
        self.speed = self.rate.value()

    def start(self, from_start: bool = False) -> None:
        """Play on; from the beginning where the end is reached."""
        if from_start or self.step >= self.last:
            self._show(0.0)
        if self.last > 0 and not self.playing:
            self._clock.start()
            self._timer.start()
            self._playing_changed()

    def pause(self) -> None:
        """Stand still, on a whole step."""
        if self.playing:
            self._timer.stop()
            self._show(float(round(self.step)))
            self._playing_changed()

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.start()

    def go_to(self, step: int) -> None:
        """Stand at a step."""
        self.pause()
        self._show(float(min(max(step, 0), self.last)))

    def move_by(self, steps: int) -> None:
        """Steps forward or back; stands afterwards."""
        self.pause()
        self.go_to(round(self.step) + steps)

    def _tick(self) -> None:
        seconds = min(self._clock.restart() / 1000.0, LONGEST_FRAME)
        step = self.step + seconds * (self.pace or self.speed * max(SLOWEST, self.last / SECONDS))
        if step >= self.last:
            self._timer.stop()
            self._show(float(self.last))
            self._playing_changed()
        else:
            self._show(step)

    def _show(self, step: float) -> None:
        self.step = step
        with QSignalBlocker(self.scrub):
            self.scrub.setValue(math.floor(step))
        self._say_count()
        self.moved.emit(step)

    def _say_count(self) -> None:
        self.count.setText(self._say(math.floor(self.step), self.last))

    def retranslate(self) -> None:
        """The language changed."""
        self._say_count()

    def _playing_changed(self) -> None:
        set_icon(self.play, "pause" if self.playing else "play")
        self.playing_changed.emit(self.playing)


def step_of(step: int, last: int) -> str:
    """ "step  3 of 12", as wide at every step."""
    return tr("step {step} of {last}").format(step=f"{step:>{len(str(last))}}", last=last)
