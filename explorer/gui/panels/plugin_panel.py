"""The panel of a plugin, made at run time from plain facts: a form of its parameters, Run, and a viewer of its kind of result.

The plugin itself is never imported here; its job runs in the engine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.icons import set_icon
from explorer.gui.notices import trouble_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.panels.plugin_view import ResultView
from explorer.gui.widgets.fields import CheckField, Field, field_for
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_, tr
from explorer.jobs import CancelledJob, Event, Failed, Preview, Result, Started
from explorer.records.frame import Frame
from explorer.requests.base import ParameterInfo
from explorer.requests.plugins import PanelRequest


class PluginPanel(Panel):
    """Subclasses are made by `panel_class`. `facts`: as `plugins.panel.panel_facts` says."""

    icon: ClassVar[str] = "plugin"
    facts: ClassVar[dict[str, Any]] = {}

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.channel = self.channels[0]
        self.running = False
        self._state = ""
        self._trouble: Failed | None = None
        self._told: dict[str, Any] = {}
        self.fields: dict[str, Field] = {}
        self.view = ResultView()
        self.heading = QLabel()
        self.heading.setProperty("kind", "title")
        words.say(self.heading, self.title)
        self.start = QPushButton()
        self.start.setProperty("kind", "primary")
        self.start.clicked.connect(self.toggle)
        self.strip = ProgressStrip()
        self.strip.stopped.connect(desk.stop)
        self.how = QLabel()
        self.how.setProperty("kind", "muted")
        self.how.setWordWrap(True)
        self.how.setTextFormat(Qt.TextFormat.PlainText)
        top = QHBoxLayout()
        top.addWidget(self.heading, 1)
        top.addWidget(self.start)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(top)
        column.addWidget(self.view, 1)
        column.addWidget(self.strip)
        column.addWidget(self.how)
        self._form = QWidget()
        self._form.setProperty("kind", "ground")
        self._form_column = QVBoxLayout(self._form)
        self._form_column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        self._page: QWidget | None = None
        self.describe(type(self).facts)
        desk.jobs_changed.connect(self._jobs_changed)
        desk.choices_changed.connect(self._refresh)
        desk.language_changed.connect(self._refresh)
        self._say()

    # -- form --------------------------------------------------------------------------------------------------------
    def describe(self, facts: dict[str, Any]) -> None:
        """Build the form of these facts; nothing happens if it is the one that stands there."""
        if facts == self._told:
            return
        page, fields = self._page_of([ParameterInfo(**fields) for fields in facts["parameters"]])
        if self._page is not None:
            self._form_column.removeWidget(self._page)
            self._page.deleteLater()
        self._page, self.fields, self._told = page, fields, facts
        self._form_column.addWidget(page)
        self._refresh()

    def _page_of(self, wanted: list[ParameterInfo]) -> tuple[QWidget, dict[str, Field]]:
        page = QWidget()
        fields: dict[str, Field] = {}
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        for info in wanted:
            item = None if info.hidden else field_for(_typed(info))
            if item is None:
                continue
            box = QVBoxLayout()
            box.setSpacing(theme.px(0.5))
            if not isinstance(item, CheckField):
                label = QLabel()
                label.setProperty("kind", "muted")
                label.setBuddy(item)
                label.setWordWrap(True)
                words.say(label, info.label)
                words.say(label, info.help, "tip")
                box.addWidget(label)
            words.say(item, info.help, "tip")
            words.say(item.focusProxy() or item, info.label, "name")
            item.set_value(info.default)
            box.addWidget(item)
            column.addLayout(box)
            fields[info.name] = item
        if not fields:
            none = QLabel()
            none.setProperty("kind", "muted")
            none.setWordWrap(True)
            words.say(none, N_("This panel has nothing to choose."))
            column.addWidget(none)
        column.addStretch(1)
        return page, fields

    def form(self) -> QWidget:
        """The plugin's parameters."""
        return self._form

    def values(self) -> dict[str, Any]:
        """What the form shows; the plugin's own request checks it."""
        return {name: item.value() for name, item in self.fields.items()}

    def back_to_start(self) -> None:
        """Every parameter as the plugin declares it."""
        for item in self.fields.values():
            item.set_value(item.info.default)

    def _refresh(self, *_: object) -> None:
        for item in self.fields.values():
            item.refresh(self.desk)

    # -- running -----------------------------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Run, or stop and keep what there is."""
        if self.running:
            self.desk.stop(self.channel)
            return
        frame = self.desk.frame if self._told.get("needs_frame") else None
        if self._told.get("needs_frame") and frame is None:
            self.desk.notify(tr("There is no picture to look at.") + " " + tr("Choose one in the Picture strip."), "warn")
            return
        self.view.look_at(frame)
        self.desk.submit(self.channel, PanelRequest(panel=str(self._told["name"]), values=self.values()), frame)

    def take(self, channel: str, event: Event) -> None:
        """Show what comes; remember how it ended."""
        if isinstance(event, Started):
            self.running, self._state, self._trouble = True, "", None
        elif isinstance(event, Failed):
            self.running, self._trouble = False, event
        elif isinstance(event, CancelledJob):
            self.running, self._state = False, N_("Stopped.")
        elif isinstance(event, Result):
            self.running = False
        record = getattr(event, "record", None)
        if isinstance(event, (Preview, Result)) and not self.view.show_record(record):
            self._state = N_("This kind of result cannot be shown here.")
        self._say()

    def _jobs_changed(self) -> None:
        self.strip.show_job(self.desk.jobs.get(self.channel))

    # -- words -------------------------------------------------------------------------------------------------------
    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say()

    def _say(self) -> None:
        words.say(self.start, N_("Stop") if self.running else N_("Run"))
        words.say(
            self.start, N_("Stop this job and keep what it has so far (Esc)") if self.running else N_("Run (Space)"), "tip"
        )
        set_icon(self.start, "stop" if self.running else "play")
        self.view.picture.set_empty_text(tr("Press Space: the plugin runs with the values of the form."))
        ending = trouble_text(self._trouble.trouble) if self._trouble is not None else tr(self._state)
        self.how.setText(" · ".join(part for part in (self.view.facts_text(), ending) if part))

    # -- actions -----------------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """Space."""
        return [Key("Space", N_("Run, or stop"), self.toggle)]

    def picture(self) -> QImage:
        """The plugin's own picture, if it made one."""
        image = self.view.picture.image
        return image if not image.isNull() else super().picture()

    def take_frame(self, frame: Frame) -> None:
        """The newest picture of the strip is taken when the job begins."""

    def demo(self) -> None:
        """Run as the form stands."""
        QTimer.singleShot(0, self, self.toggle)

    def demo_ready(self) -> bool:
        """Something is there to see."""
        return self.view.record is not None and not self.running


def panel_class(facts: dict[str, Any]) -> type[PluginPanel]:
    """A class of its own for one panel of a plugin, because the window asks the class for name, title and channels."""
    name = f"plugin-{facts['name']}"
    own = {"name": name, "title": str(facts["title"]), "channels": (name,), "facts": facts}
    return type("PanelOfPlugin", (PluginPanel,), own)


def _typed(info: ParameterInfo) -> ParameterInfo:
    """A fraction without limits has no slider; it is typed, and the plugin's request reads the text."""
    if info.kind == "float" and (info.low is None or info.high is None or info.optional):
        return replace(info, kind="text", choices="")
    return info
