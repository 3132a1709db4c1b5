"""A thin bar with time left and Stop: what every long job shows."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QToolButton, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.jobboard import RunningJob
from explorer.gui.widgets.one_line import OneLine
from explorer.i18n import N_, tr


def spoken_time(seconds: float) -> str:
    """A duration for people: "8 s", "2 min 5 s", "1 h 3 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return tr("{s} s").format(s=whole)
    if whole < 3600:
        return tr("{m} min {s} s").format(m=whole // 60, s=whole % 60)
    return tr("{h} h {m} min").format(h=whole // 3600, m=whole % 3600 // 60)


class ProgressStrip(QWidget):
    """`show_job(job)` while it runs, `show_job(None)` when it ended. Stays invisible for jobs shorter than 0.3 s."""

    stopped = Signal(str)  # the job's channel

    def __init__(self, compact: bool = False) -> None:
        super().__init__()
        self._job: RunningJob | None = None
        self.label: QLabel = OneLine(QSizePolicy.Policy.Maximum) if compact else QLabel()  # beside others it is cut, not they
        self.label.setFont(theme.tabular(self.label.font()))
        self.label.setProperty("kind", "muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setMinimumWidth(60)
        self.button = QToolButton()
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words.say(self.button, N_("Stop"))
        words.say(self.button, N_("Stop this job and keep what it has so far (Esc)"), "tip")
        set_icon(self.button, "stop")
        self.button.clicked.connect(self._stop)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(2), 0, theme.px(2), 0) if compact else line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.px(2))
        if compact:
            self.bar.setFixedWidth(96)
            line.addWidget(self.label)
            line.addWidget(self.bar)
        else:
            self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # it may be cut, not push
            line.addWidget(self.bar, 1)
            line.addWidget(self.label, 1)
        line.addWidget(self.button)
        self._clock = QTimer(self)
        self._clock.setInterval(250)
        self._clock.timeout.connect(self._tick)
        self.hide()

    def show_job(self, job: RunningJob | None) -> None:
        """Follow a job; None hides the strip."""
        self._job = job
        if job is None:
            self._clock.stop()
            self.hide()
            return
        if not self._clock.isActive():
            self._clock.start()
        self._tick()

    def _tick(self) -> None:
        job = self._job
        if job is None:
            return
        now = time.monotonic()
        if now - job.began < 0.3 and job.held is None:
            return
        self.bar.setRange(0, job.total)
        self.bar.setValue(job.done)
        left = job.left(now)
        tail = tr("{time} left").format(time=spoken_time(left)) if left is not None else spoken_time(job.spent(now))
        if job.held is not None:
            tail = tr("paused") + " · " + tail
        self.label.setText(f"{tr(job.title)} · {tail}")
        self.label.setToolTip(self.label.text())
        self.show()

    def _stop(self) -> None:
        if self._job is not None:
            self.stopped.emit(self._job.channel)
