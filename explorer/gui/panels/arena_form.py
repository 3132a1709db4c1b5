"""The right dock of a comparison: network and thresholds of either side, and how they are compared."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.icons import set_icon
from explorer.i18n import N_
from explorer.requests.arena import ArenaRequest, ArenaSide
from explorer.requests.base import Request, changed
from explorer.session import Session


class ArenaForm(QWidget):
    """Two forms for the sides, one for the rest; all change `session.arena`."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setProperty("kind", "ground")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.sides: dict[str, Form] = {}
        for name, title in (("a", N_("Side A")), ("b", N_("Side B"))):
            label = QLabel()
            label.setProperty("kind", "heading")
            label.setContentsMargins(theme.px(3), theme.px(3), 0, 0)
            words.say(label, title)
            form = Form(ArenaSide, desk, without=("only",), back=False)
            form.set_value(getattr(desk.session.arena, name))
            form.changed.connect(partial(self._edited, name))
            column.addWidget(label)
            column.addWidget(form)
            self.sides[name] = form
        self.rest = Form(ArenaRequest, desk, "arena", back=False)
        column.addWidget(self.rest)
        back = QPushButton()
        back.setProperty("kind", "quiet")
        words.say(back, N_("Back to start"))
        words.say(back, N_("Every value of this form as it was at the beginning. Undo brings yours back."), "tip")
        set_icon(back, "reset")
        back.clicked.connect(self.back_to_start)
        column.addWidget(back)
        column.addStretch(1)
        desk.session_changed.connect(self._session_changed)

    def back_to_start(self) -> None:
        """Both sides and the rest."""
        self.desk.change(arena=ArenaRequest())

    def _edited(self, name: str, side: Request) -> None:
        request = changed(self.desk.session.arena, **{name: side.model_dump()})
        self.desk.change(undoable=not self.sides[name].dragging, arena=request)

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.arena != old.arena:
            for name, form in self.sides.items():
                if form.value() != getattr(new.arena, name):
                    form.set_value(getattr(new.arena, name))
