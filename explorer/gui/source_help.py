"""What stands under the Picture strip while a source gives no picture: why, and the ways out of it."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QBoxLayout

from explorer.gui.desk import Desk
from explorer.gui.notices import Notice, trouble_text
from explorer.gui.widgets.notice_strip import NoticeStrip
from explorer.gui.window import MainWindow
from explorer.host.messages import SourceState
from explorer.i18n import tr
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest

KEY, ASLEEP = "source", "stream.asleep"
BRIEF_S = 1.5  # a gap that is shorter is not worth a line: a camera that is plugged in again, a stream that stumbles
Way = tuple[str, Callable[[], None]]


class Line(NoticeStrip):
    """A notice in a tool bar, which knows nothing of text that takes two lines where it is narrow: it says its own height."""

    def event(self, event: QEvent) -> bool:
        """As high as its text needs at its present width."""
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            layout = self.layout()
            high = layout.totalHeightForWidth(self.width()) if layout is not None else 0
            if high > 0 and high != self.maximumHeight():
                self.setFixedHeight(high)
        return done


class SourceHelp(QObject):
    """Says it in `bar`. `cameras`, `file`, `stream(address)` and `open_stream(address)` are the other ways to a picture."""

    def __init__(
        self,
        window: MainWindow,
        desk: Desk,
        *,
        cameras: Callable[[], None],
        file: Callable[[], None],
        stream: Callable[[str], None],
        open_stream: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._desk = desk
        self._cameras, self._file, self._stream, self._open_stream = cameras, file, stream, open_stream
        self._asleep = ""
        self.bar = Line()
        centre = window.centralWidget()
        middle = centre.layout() if centre is not None else None
        assert isinstance(middle, QBoxLayout)
        self._middle, self._strip = middle, window.strip
        self._take_place()
        window.strip.visibilityChanged.connect(self._take_place)
        desk.source_changed.connect(self._changed)
        desk.theme_changed.connect(self.bar.restyle)
        desk.language_changed.connect(self._again_in_words)

    @Slot()
    def _take_place(self) -> None:
        """Under the Picture strip, as wide as the window; over the panel where the strip is hidden (projector)."""
        if self._strip.isHidden():
            self._middle.insertWidget(0, self.bar)
        else:
            self._strip.add_row(self.bar)

    # -- ways out ----------------------------------------------------------------------------------------------------
    def play_clip(self) -> None:
        """The bundled clip: what plays when there is no camera."""
        self._desk.open_source(SourceRequest(kind="clip", path=""))

    def try_again(self) -> None:
        """The same source once more."""
        self._desk.open_source(changed(self._desk.session.picture))

    def _ways(self, kind: str) -> tuple[Way, ...]:
        clip: Way = (tr("Play the sample clip"), self.play_clip)
        again: Way = (tr("Try again"), self.try_again)
        if kind == "camera":
            return again, (tr("Choose a camera..."), self._cameras), clip
        if kind == "stream":
            return again, (tr("Another address..."), self._ask_address), clip
        return again, (tr("Open another file..."), self._file), clip

    def _ask_address(self) -> None:
        picture = self._desk.session.picture
        self._stream(picture.label if picture.kind == "stream" else self._asleep)

    # -- words -------------------------------------------------------------------------------------------------------
    @Slot(object)
    def _changed(self, state: SourceState) -> None:
        picture = self._desk.session.picture
        trouble = state.trouble
        if trouble is not None and trouble.code == ASLEEP:
            self._sleeps(picture)
            return
        why = trouble_text(trouble) if trouble is not None else ""
        detail = trouble.english() if trouble is not None else ""
        if state.state == "failed":
            self._say(why or tr("This picture cannot be shown."), "bad", picture.kind, detail)
        elif state.state == "no signal":
            self._silent(state, picture)
        elif state.state == "frozen":
            said = tr("The picture of {name} has not changed for {seconds:.0f} s.")
            self._say(said.format(name=brief(picture), seconds=state.seconds), "warn", picture.kind)
        elif trouble is not None and trouble.code == "video.damaged":
            self._say(why, "warn", picture.kind, detail)
        elif state.state in ("playing", "paused") or (state.state == "ended" and trouble is None):
            if not (trouble is None and self._damaged):
                self.bar.drop(KEY)
        elif state.state == "opening":
            self._damaged = False
            self.bar.drop(KEY)
        if state.state != "no signal":
            self._attempt = 0

    _damaged = False
    _attempt = 0

    def _silent(self, state: SourceState, picture: SourceRequest) -> None:
        """A camera or stream that is tried again and again: for how long, and how often."""
        if state.trouble is not None:
            self._attempt = int(state.trouble.values.get("attempt", 0) or 0)
        if not self._attempt and state.seconds < BRIEF_S:
            return
        said = tr("{name} gives no picture for {seconds:.0f} s; the last one stays.")
        said = said.format(name=brief(picture), seconds=max(1.0, state.seconds))
        if self._attempt:
            said += " " + tr("Trying again ({attempt}).").format(attempt=self._attempt)
        self._say(said, "warn", picture.kind)

    def _say(self, text: str, level: str, kind: str, detail: str = "") -> None:
        self._damaged = detail.startswith("video.damaged")
        self.bar.add(Notice(text, level, detail, KEY, stay=True, actions=self._ways(kind)))

    def _sleeps(self, picture: SourceRequest) -> None:
        """A session from before had a stream: it is offered, not opened; until then there is a sample to look at."""
        self._asleep = picture.path
        text = tr("The stream {address} was open last time. It is not opened by itself.").format(address=picture.label)
        wake: Way = (tr("Open the stream"), self._wake)
        self.bar.add(Notice(text, "info", "", ASLEEP, stay=True, actions=(wake, (tr("Another address..."), self._ask_address))))
        if self._desk.frame is None:
            self._desk.later(self._show_a_sample)

    def _show_a_sample(self) -> None:
        if self._desk.session.picture.kind == "stream":
            self._desk.change(undoable=False, picture=SourceRequest())

    def _wake(self) -> None:
        self._open_stream(self._asleep)

    @Slot()
    def _again_in_words(self) -> None:
        if self.bar.notices and self._desk.source is not None:
            self._changed(self._desk.source)


def brief(picture: SourceRequest) -> str:
    """A camera by its name, a stream by its computer: the whole address fills the line."""
    return urlsplit(picture.label).netloc or picture.label if picture.kind == "stream" else picture.label
