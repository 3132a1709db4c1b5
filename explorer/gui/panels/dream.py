"""Dream: a picture made to excite one channel, or Deep Dream on a picture; seen while it grows."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.gui.notices import trouble_text
from explorer.gui.panels.filters_saving import save_picture, with_facts
from explorer.gui.panels.filters_view import OneLine
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result, Started
from explorer.records.frame import Frame
from explorer.records.picture import Picture
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest

CHANNEL = "dream"
PICTURE_STEPS = 12  # a picture dreams deep enough with far fewer steps than noise needs


class DreamPanel(Panel):
    """The newest preview or result is kept here, in the window: it outlives Stop, errors and the engine."""

    name: ClassVar[str] = "dream"
    title: ClassVar[str] = N_("Dream")
    icon: ClassVar[str] = "dream"
    channels: ClassVar[tuple[str, ...]] = (CHANNEL,)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.newest: Picture | None = None
        self.running = False
        self._state = ""  # an English sentence about how the last dream ended
        self._trouble: Failed | None = None
        self._form = _form(desk)
        self.view = PictureView()
        self.view.smooth = True  # a photograph of sorts, not data
        words.say(self.view, N_("The dream"), "name")
        self.heading = OneLine()
        self.heading.setProperty("kind", "title")
        self.change = QLabel()
        self.change.setFont(theme.tabular(self.change.font()))
        self.change.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.how = QLabel()
        self.how.setProperty("kind", "muted")
        self.how.setFont(theme.tabular(self.how.font()))
        self.how.setWordWrap(True)
        self.start = QPushButton()
        self.start.setProperty("kind", "primary")
        self.start.clicked.connect(self.toggle)
        self.save = QPushButton()
        set_icon(self.save, "save")
        words.say(self.save, N_("Save picture..."))
        words.say(self.save, N_("Save the picture so far, with its recipe inside"), "tip")
        self.save.clicked.connect(self.save_newest)
        self.strip = ProgressStrip()
        self.strip.stopped.connect(desk.stop)
        self._lay_out()
        desk.jobs_changed.connect(self._jobs_changed)
        desk.session_changed.connect(lambda new, old: self._say() if new.dream != old.dream else None)
        self._say()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.px(2))
        top.addWidget(self.heading, 1)
        top.addWidget(self.save)
        top.addWidget(self.start)
        facts = QHBoxLayout()
        facts.setSpacing(theme.px(4))
        facts.addWidget(self.change)
        facts.addWidget(self.how, 1)
        column = QVBoxLayout(self)
        margin = theme.px(3)
        column.setContentsMargins(margin, theme.px(2), margin, theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(top)
        column.addWidget(self.view, 1)
        column.addWidget(self.strip)
        column.addLayout(facts)

    def form(self) -> QWidget:
        """All parameters of DreamRequest."""
        return self._form

    # -- running -----------------------------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Start, or stop and keep the picture."""
        if self.running:
            self.desk.stop(CHANNEL)
        else:
            self.begin()

    def begin(self) -> None:
        """Dream as the form says."""
        request = self.desk.session.dream
        if request.start == "picture" and self.desk.frame is None:
            self.desk.notify(tr("There is no picture to dream on yet: choose one above, or start from noise."), "warn")
            return
        self.desk.submit(CHANNEL, request, self.desk.frame if request.start == "picture" else None)

    def take(self, channel: str, event: Event) -> None:
        """Show what grows; remember how it ended."""
        record = getattr(event, "record", None)
        if isinstance(event, Started):
            self.running, self._state, self._trouble = True, "", None
        elif isinstance(event, Failed):
            self.running, self._trouble = False, event
        elif isinstance(event, CancelledJob):
            self.running, self._state = False, N_("Stopped; this is the picture so far.")
        elif isinstance(event, Result):
            self.running = False
            self._state = str(record.facts.get("stopped", "")) if isinstance(record, Picture) else ""
        elif isinstance(event, Preview):
            self.running = True
        if isinstance(record, Picture):
            self.newest = record
            self.view.set_rgb(record.rgb)
        self._say()

    def _jobs_changed(self) -> None:
        self.strip.show_job(self.desk.jobs.get(CHANNEL))

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say()

    def _say(self) -> None:
        facts = self.newest.facts if self.newest is not None else {}
        words.say(self.start, N_("Stop") if self.running else N_("Dream now"))
        words.say(self.start, N_("Stop and keep the picture (Space)") if self.running else N_("Begin to dream (Space)"), "tip")
        set_icon(self.start, "stop" if self.running else "play")
        self.save.setEnabled(self.newest is not None)
        request = self.desk.session.dream
        self.view.set_empty_text(
            tr("Press Space: a picture grows out of noise that this channel responds to most.")
            if request.start == "noise"
            else tr("Press Space: the network dreams on the picture above.")
        )
        layer, channel = facts.get("layer", request.layer), facts.get("channel", request.channel)
        whole = tr("{layer} · channel {channel}") if channel is not None else tr("{layer} · whole layer")
        self.heading.setText(whole.format(layer=layer, channel=channel) if layer else tr("Dream"))
        self.change.setText(" ".join(part for part in (measure_name(facts), change_text(facts)) if part))
        self.change.setToolTip(measure_text(facts))
        self.how.setText(" · ".join(part for part in (_made(facts), self._ending()) if part))

    def _ending(self) -> str:
        if self._trouble is not None:
            trouble = self._trouble.trouble
            said = trouble.code.startswith("engine.") or self.newest is None  # the host's own words promise it already
            return trouble_text(trouble) + ("" if said else " " + tr("The picture so far is kept."))
        return tr(self._state)

    # -- actions -----------------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """Space; S is the window's."""
        return [Key("Space", N_("Start to dream, or stop and keep the picture"), self.toggle)]

    def save_newest(self) -> None:
        """The picture so far as PNG, its recipe inside."""
        image, name, facts = self.shown()
        if not image.isNull():
            save_picture(self.desk, self, image, name, facts)

    def picture(self) -> QImage:
        """The dream itself, its recipe inside."""
        image, _, facts = self.shown()
        return image if image.isNull() else with_facts(image, facts)

    def numbers(self) -> str:
        """What is known of the dream, a line each."""
        facts = self.newest.facts if self.newest is not None else {}
        return "\n".join(["name\tvalue", *(f"{name}\t{value}" for name, value in facts.items())]) if facts else ""

    def shown(self) -> tuple[QImage, str, dict[str, Any]]:
        """The picture on the screen, a file name for it, and what made it."""
        facts = dict(self.newest.facts) if self.newest is not None else {}
        channel = facts.get("channel")
        parts = ["dream", facts.get("model"), facts.get("layer"), None if channel is None else str(channel)]
        recipe = {**facts, "request": self.desk.session.dream.model_dump()}
        return self.view.image, "-".join(str(part) for part in parts if part), recipe

    def take_frame(self, frame: Frame) -> None:
        """The newest picture of the strip; it is taken when a dream begins."""

    def demo(self) -> None:
        """A small quick dream."""
        request = changed(self.desk.session.dream, steps=64, size=192)
        network = self.desk.network
        if network is not None and network.name == "squeezenet1_1":
            request = changed(request, layer="classifier.1", channel=281)  # its tabby cat
        self.desk.change(undoable=False, dream=request)
        self.begin()

    def demo_ready(self) -> bool:
        """The dream is finished."""
        return self.newest is not None and not self.running


def change_text(facts: dict[str, Any]) -> str:
    """Before and after in numbers: "0.021 → 3.4 (160 ×)"; while it runs the value as the network saw it last."""
    if "before" not in facts:
        return ""
    before = short(facts["before"])
    if "after" not in facts:
        return f"{before} → {short(facts['now'])} …" if "now" in facts else before
    text = f"{before} → {short(facts['after'])}"
    gain = facts.get("gain")
    return text if gain is None else text + f"  ({short(gain)} ×)"


def short(value: float) -> str:
    """Three significant digits, thousands set apart, no exponent between 0.0001 and a thousand million."""
    if not 1e-4 <= abs(value) < 1e9:
        return f"{value:.3g}"
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}".replace(",", "\u202f") if abs(rounded) >= 1000 else f"{rounded:g}"


def measure_name(facts: dict[str, Any]) -> str:
    """What the numbers count, as in "mean activation of the channel:"."""
    return f"{tr(str(facts['measure']))}:" if facts.get("measure") and "before" in facts else ""


def measure_text(facts: dict[str, Any]) -> str:
    """What these numbers are."""
    if "measure" not in facts:
        return ""
    lines = [tr(str(facts["measure"])), tr("Measured on the start and on the picture you see, by a plain pass of the network.")]
    if "after" in facts and facts.get("gain") is None:
        lines.append(tr("No ratio is given: the start's value is not positive."))
    return "\n".join(lines)


def _made(facts: dict[str, Any]) -> str:
    if "seed" not in facts:
        return ""
    parts = [tr("seed {seed}").format(seed=facts["seed"])]
    if "done" in facts:
        parts.append(tr("step {done} of {total}").format(done=facts["done"], total=facts["total"]))
        if facts.get("octaves", 1) > 1:
            parts.append(tr("octave {octave} of {octaves}").format(octave=facts["octave"], octaves=facts["octaves"]))
    else:
        parts.append(tr("{steps} steps").format(steps=facts["steps"]))
    return " · ".join(parts)


def _form(desk: Desk) -> Form:
    """The form; a first switch from noise to picture brings a number of steps that suits it."""
    made = Form(DreamRequest, desk, CHANNEL)
    last = [desk.session.dream.start]

    def suit(request: DreamRequest) -> None:
        if request.start != last[0]:
            last[0] = request.start
            usual = DreamRequest().steps
            if request.start == "picture" and request.steps == usual:
                desk.change(undoable=False, dream=changed(request, steps=PICTURE_STEPS))
            elif request.start == "noise" and request.steps == PICTURE_STEPS:
                desk.change(undoable=False, dream=changed(request, steps=usual))

    made.changed.connect(suit)
    return made
