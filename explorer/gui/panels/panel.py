"""The base of every panel: a view of one job. Sends requests through the desk, paints the records that come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from explorer.gui import words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form, Forms
from explorer.gui.panels import ROWS
from explorer.gui.widgets.reading_order import set_reading_order
from explorer.jobs import Event
from explorer.records.frame import Frame


class Key(NamedTuple):
    """A key of a panel: `sequence` as QKeySequence reads it ("Space", "Ctrl+S"), `text` an English key, `slot` to call."""

    sequence: str
    text: str
    slot: Callable[[], None]


class Panel(QWidget):
    """Subclasses set the class variables, build their widgets in `__init__(desk)` after `super().__init__(desk)`.

    `name` is that of the panel's row in `PANELS`, from where `title` and `icon` come; `channels` are those whose events come
    to `take`. `active` is true while the panel is on the screen: only then may it do live work. A panel is made when a
    person first goes there, or in an idle moment: `__init__` reads from the desk how things stand.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = "panel"
    channels: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        row = ROWS.get(cls.__dict__.get("name", ""))
        if row is not None:  # a panel of a plugin has no row and says these itself
            cls.title, cls.icon = row.title, row.icon

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.active = False
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setObjectName(f"panel-{self.name}")
        words.say(self, type(self).title, "name")

    def form(self) -> QWidget | None:
        """What stands in the right dock while this panel is current; the same widget each time."""
        return None

    def take(self, channel: str, event: Event) -> None:
        """An event of one of `channels`."""

    def take_frame(self, frame: Frame) -> None:
        """The newest picture of the strip; called only while active, and once on activation."""

    def activate(self) -> None:
        """The panel came on the screen: start live work."""

    def deactivate(self) -> None:
        """The panel left the screen: end live work."""

    def retranslate(self) -> None:
        """The language changed. Texts set with `words.say` are already done; do the rest."""

    def restyle(self) -> None:
        """The theme changed. Widgets repaint by themselves; rebuild what keeps colours (charts)."""

    def keys(self) -> list[Key]:
        """The panel's keys; they work while it is current and feed the help page."""
        return []

    @property
    def moving(self) -> bool:
        """Whether pictures come by themselves just now."""
        source = self.desk.source
        return source is not None and not self.desk.frozen and (source.info.live or source.info.frames != 1)

    def picture(self) -> QImage:
        """What "Save picture" and "Copy picture" take; panels with a picture of their own return that."""
        return self.grab().toImage()

    def numbers(self) -> str:
        """The numbers behind the picture, tab-separated with a head line; copied with it."""
        return ""

    def adopt(self, path: Path, facts: dict[str, Any]) -> None:
        """A file of this panel brought its recipe back (already in force): `facts` as they were saved."""

    def back_to_start(self) -> None:
        """ "Back to start" of this panel; those with a bound form need not override."""
        form = self.form()
        if isinstance(form, (Form, Forms)):
            form.back_to_start()

    def demo(self) -> None:
        """Start something worth a screenshot on sample input."""

    def demo_ready(self) -> bool:
        """Whether what `demo` started can be seen."""
        return True

    @Slot(object)
    def frame_arrived(self, frame: Frame) -> None:
        """From the desk; passed on while the panel can be seen."""
        if self.active:
            self.take_frame(frame)

    def set_active(self, on: bool) -> None:
        """Called by the window when the panel is shown or covered."""
        if on == self.active:
            return
        self.active = on
        if on:
            self.activate()
            set_reading_order(self)
            if self.desk.frame is not None:
                self.take_frame(self.desk.frame)
        else:
            self.deactivate()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes on in reading order, through what is there just now."""
        set_reading_order(self)
        return super().focusNextPrevChild(forward)

    def changeEvent(self, event: QEvent) -> None:
        """Pass theme changes on."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "active"):
            self.restyle()
