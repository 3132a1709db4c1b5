"""The bar of what can be played: play, step, seek, in and out points, speed, loop. Hidden for a still picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.numerals import localised
from explorer.gui.widgets.decimal_box import DecimalBox
from explorer.gui.widgets.seek_slider import SeekSlider
from explorer.gui.widgets.slider import space_stays_a_key
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.records.source import SourceInfo

if TYPE_CHECKING:
    from explorer.requests.source import SourceRequest  # it brings pydantic: not before the first paint

SPEEDS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)  # the steps of the keys; any other can be typed
MOST_FRAMES = 10_000_000  # a damaged file may say that it has 2 ** 62
LONGEST_S = 1e7
COUNTED = ("folder", "files")  # pictures have a number there, not a time


class SpeedBox(DecimalBox):
    """How fast it plays, 0.1 to 8 times; arrow keys and wheel go along SPEEDS."""

    def __init__(self) -> None:
        super().__init__()
        self.setRange(SPEEDS[0], SPEEDS[-1])
        self.setDecimals(2)
        self.setValue(1.0)
        self.setSuffix(" ×")
        self.setKeyboardTracking(False)
        self.setFont(theme.tabular(self.font()))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def textFromValue(self, value: float) -> str:
        """1, 0.25, 1.5."""
        return self.locale().toString(round(value, 2), "g", 3)

    def stepBy(self, steps: int) -> None:
        """To the next of SPEEDS."""
        for _ in range(abs(steps)):
            self.setValue(next_speed(self.value(), 1 if steps > 0 else -1))


def next_speed(speed: float, way: int) -> float:
    """The next faster (1) or slower (-1) of SPEEDS; the last one stays."""
    if way > 0:
        return next((one for one in SPEEDS if one > speed + 1e-6), SPEEDS[-1])
    return next((one for one in reversed(SPEEDS) if one < speed - 1e-6), SPEEDS[0])


class Clock(QLabel):
    """Takes the room of the widest text so far: while it fits, the window is not laid out anew with every picture."""

    def setText(self, text: str) -> None:
        """Say another time."""
        super().setText(text)
        needed = self.sizeHint()
        if needed.width() > self.minimumWidth() or needed.height() != self.minimumHeight():
            self.setFixedSize(max(needed.width(), self.minimumWidth()), needed.height())

    def fit(self) -> None:
        """Take the room of the present text: it counts otherwise from now on."""
        self.setFixedSize(self.sizeHint())


class VideoBar(QWidget):
    """Says what is wanted; shows what `show_info`, `show_request` and `show_position` tell it."""

    play_toggled = Signal()
    stepped = Signal(int)
    sought = Signal(int)  # picture number
    loop_wanted = Signal(bool)
    speed_wanted = Signal(float)
    from_wanted = Signal()
    to_wanted = Signal()
    whole_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._info = SourceInfo()
        self._counted = False
        self._part = 0.0, 0.0
        self._index = 0
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2)
        self.back = tool_button("step-back", N_("One picture back (Alt+Left)"))
        self.play = tool_button("pause", N_("Play or pause the video (Ctrl+P)"))
        self.on = tool_button("step", N_("One picture on (Alt+Right)"))
        self.seek = SeekSlider()
        words.say(self.seek, N_("Position in the video"), "tip")
        self.time = Clock()
        self.time.setFont(theme.tabular(self.time.font()))
        words.say(self.time, N_("Where it stands, and how long it is"), "tip")
        self.start = tool_button("point-in", N_("From here: play from this picture on (Alt+I)"), checkable=True)
        self.end = tool_button("point-out", N_("To here: play up to this picture (Alt+O)"), checkable=True)
        self.whole = tool_button("point-clear", N_("The whole video again (Alt+X)"))
        self.speed = SpeedBox()
        words.say(self.speed, N_("Speed, 0.1 to 8 times (Alt+. faster, Alt+, slower)"), "tip")
        self.loop = tool_button("loop", N_("Start again at the end (Alt+L)"), checkable=True)
        for widget in (self.back, self.play, self.on):
            line.addWidget(widget)
        line.addWidget(self.seek, 1)
        line.addWidget(self.time)
        line.addSpacing(theme.px(2))
        for button in (self.start, self.end, self.whole, self.loop):
            line.addWidget(button)
        line.addWidget(self.speed)
        line.addStretch(0)
        self.back.clicked.connect(lambda: self.stepped.emit(-1))
        self.play.clicked.connect(self.play_toggled)
        self.on.clicked.connect(lambda: self.stepped.emit(1))
        self.seek.sought.connect(self.sought)
        self.start.clicked.connect(self.from_wanted)
        self.end.clicked.connect(self.to_wanted)
        self.whole.clicked.connect(self.whole_wanted)
        self.loop.clicked.connect(self.loop_wanted)
        self.speed.valueChanged.connect(self.speed_wanted)
        self.speed.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space plays, also from the number of the speed."""
        return (watched is self.speed and space_stays_a_key(event)) or super().eventFilter(watched, event)

    # -- state -------------------------------------------------------------------------------------------------------
    def show_request(self, request: SourceRequest) -> None:
        """How it is played."""
        self._counted = request.kind in COUNTED
        self._part = request.start, request.end
        with QSignalBlocker(self.speed):
            if not self.speed.hasFocus() or abs(self.speed.value() - request.speed) > 1e-6:
                self.speed.setValue(request.speed)
        self.loop.setChecked(request.loop)
        self._mark()

    def show_info(self, info: SourceInfo) -> None:
        """What it is now. Absurd lengths (a damaged file's) are no length: then there is no slider, the clock runs."""
        self._info = info
        known = 1 < info.frames <= MOST_FRAMES and 0 < self._seconds(info.frames) < LONGEST_S
        with QSignalBlocker(self.seek):
            self.seek.setRange(0, info.frames - 1 if known else 0)
        self.seek.setPageStep(max(1, self.seek.maximum() // 20))
        self.seek.setVisible(known and info.seekable)
        for widget in (self.back, self.start, self.end):
            widget.setVisible(known and info.seekable)
        timed = known and info.seekable and not self._counted
        self.start.setVisible(timed)
        self.end.setVisible(timed)
        self._mark()
        self.show_position(min(self._index, self.seek.maximum()) if known else self._index)
        self.time.fit()

    def show_paused(self, on: bool) -> None:
        """Whether it is held."""
        set_icon(self.play, "play" if on else "pause")

    def show_position(self, index: int) -> None:
        """The picture that is shown; the slider follows unless it is held."""
        self._index = index
        last = self.seek.maximum()
        if self._counted:
            self.time.setText(tr("{number} of {count}").format(number=index + 1, count=last + 1))
        elif last:
            self.time.setText(f"{clock(self._seconds(index))} / {clock(self._seconds(last + 1))}")
        else:
            self.time.setText(clock(self._seconds(index)))
        if not self.seek.isSliderDown():
            with QSignalBlocker(self.seek):
                self.seek.setValue(index)

    def _seconds(self, frames: int) -> float:
        fps = self._info.fps
        return frames / (fps if math.isfinite(fps) and fps > 0 else 25.0)

    def _mark(self) -> None:
        one = self._seconds(1)
        begin, end = (round(at / one) if at > 0 else None for at in self._part)
        self.seek.set_marks(begin, end)
        self.whole.setVisible(self.start.isVisibleTo(self) and (begin is not None or end is not None))
        self.start.setChecked(begin is not None)
        self.end.setChecked(end is not None)

    @property
    def seconds(self) -> float:
        """Where the picture that is shown begins, in seconds."""
        return self._seconds(self._index)

    @property
    def frame_seconds(self) -> float:
        """How long a picture is shown at speed 1."""
        return self._seconds(1)


def clock(seconds: float) -> str:
    """ "1:02.5", "1:02:03" from an hour on."""
    tenths = math.floor(10 * max(0.0, min(seconds, 3_599_999.0)) + 1e-6)
    whole, tenth = divmod(tenths, 10)
    if whole >= 3600:
        return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return localised(f"{whole // 60}:{whole % 60:02d}.{tenth}")
