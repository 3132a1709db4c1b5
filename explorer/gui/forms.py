"""Forms made from a request's parameters: the few that matter first, the rest under "More" and under their groups."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from pydantic import ValidationError
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from explorer.gui import numerals, theme, words
from explorer.gui.desk import LOOKING, Desk
from explorer.gui.icons import set_icon
from explorer.gui.widgets.fields import CheckField, Field, SliderField, field_for
from explorer.i18n import N_, tr
from explorer.requests.base import ParameterInfo, Request, changed, parameters
from explorer.session import Session


class Form(QWidget):
    """A widget for `request_type`.

    With `field` it is bound to that field of the Session: edits change the Session (undoable once a slider is let go),
    changes of the Session show here. Without, listen to `changed(request)`. `only` / `without` choose parameters by name.
    What is folded away is made when it is first unfolded, or asked for.
    """

    changed = Signal(object)

    def __init__(
        self,
        request_type: type[Request],
        desk: Desk,
        field: str = "",
        *,
        only: tuple[str, ...] = (),
        without: tuple[str, ...] = (),
        back: bool = True,
    ) -> None:
        super().__init__()
        self.desk = desk
        self.field = field
        self._type = request_type
        self._base: Request = getattr(desk.session, field) if field else request_type()
        self._fields: dict[str, Field] = {}
        self._folded: dict[str, tuple[QVBoxLayout, list[ParameterInfo]]] = {}
        self._boxes: dict[str, QVBoxLayout] = {}
        self.setProperty("kind", "ground")
        hidden = (*without, "model") if field in LOOKING else without
        wanted = [p for p in parameters(request_type) if not p.hidden and p.name not in hidden and (not only or p.name in only)]
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.px(3), theme.px(3), theme.px(3), theme.px(3))
        self._column.setSpacing(theme.px(3))
        self._fill(self._column, [p for p in wanted if not p.more])
        more = [p for p in wanted if p.more and not p.group]
        if more:
            self.more = self._add_fold(N_("More"), more)
        self.groups: dict[str, QToolButton] = {}
        for group in dict.fromkeys(p.group for p in wanted if p.more and p.group):
            self.groups[group] = self._add_fold(group, [p for p in wanted if p.more and p.group == group])
        self.problem = QLabel()
        self.problem.setProperty("kind", "bad")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self._column.addWidget(self.problem)
        if back and (self._fields or self._folded):
            self._add_back()
        self._column.addStretch(1)
        self.refresh()
        self.set_value(self._base)
        desk.choices_changed.connect(self.refresh)
        desk.language_changed.connect(self.refresh)
        if field:
            desk.session_changed.connect(self._session_changed)

    # -- what is in it -----------------------------------------------------------------------------------------------
    @property
    def fields(self) -> dict[str, Field]:
        """By the names of their parameters, those of the folds too."""
        for title in tuple(self._folded):
            self._unfold(title)
        return self._fields

    # -- value -------------------------------------------------------------------------------------------------------
    @property
    def dragging(self) -> bool:
        """Whether a slider is held: changes now are not steps of their own for undo."""
        return any(item.dragging for item in self._fields.values())

    def value(self) -> Request:
        """The request as the form shows it; parameters without a field keep the value that was set."""
        return changed(self._base, **{name: item.value() for name, item in self._fields.items()})

    def set_value(self, request: Request) -> None:
        """Show `request` without a signal."""
        self._base = request
        for name, item in self._fields.items():
            if not item.dragging:
                item.set_value(getattr(request, name))
        self.problem.hide()

    def back_to_start(self) -> None:
        """Every parameter of this form to its default; one step for undo."""
        for name, item in self.fields.items():
            item.set_value(type(self._base).model_fields[name].get_default(call_default_factory=True, validated_data={}))
        self._edited()

    def place(self, widget: QWidget, after: str) -> None:
        """Put a widget of another kind under the field `after` (or at the end of the form)."""
        for title, (_, inside) in tuple(self._folded.items()):
            if any(info.name == after for info in inside):
                self._unfold(title)
        box = self._boxes.get(after)
        at = self._column.indexOf(box) if box is not None else -1
        self._column.insertWidget(at + 1 if at >= 0 else self._column.count() - 1, widget)

    def refresh(self, *_: Any) -> None:
        """Choices or language changed."""
        self.setLocale(numerals.locale())  # forms in menus are windows of their own: the main one passes nothing on
        for item in self._fields.values():
            item.refresh(self.desk)

    # -- inside ------------------------------------------------------------------------------------------------------
    def _edited(self) -> None:
        try:
            request = self.value()
        except ValidationError as error:
            self.problem.setText(_reason(error))
            self.problem.show()
            return
        self.problem.hide()
        if request == self._base and self.field and not self._loose:
            return
        self._base = request
        self._loose = self.dragging
        if self.field:
            self.desk.change(undoable=not self.dragging, **{self.field: request})
        self.changed.emit(request)

    _loose = False

    def _session_changed(self, new: Session, old: Session) -> None:
        request = getattr(new, self.field)
        if request != self._base:
            self.set_value(request)

    def _fill(self, column: QVBoxLayout, wanted: list[ParameterInfo]) -> None:
        group = ""
        for info in wanted:
            item = field_for(info)
            if item is None:
                continue
            if info.group and info.group != group and not info.more:
                group = info.group
                column.addWidget(_label(group, "heading"))
            box = QVBoxLayout()
            box.setSpacing(theme.px(0.5))
            if not isinstance(item, CheckField):
                label = _label(info.label, "muted")
                label.setBuddy(item)
                words.say(label, info.help, "tip")
                box.addWidget(label)
            words.say(item, info.help, "tip")
            words.say(item.focusProxy() or item, info.label, "name")
            box.addWidget(item)
            column.addLayout(box)
            item.changed.connect(self._edited)
            self._fields[info.name] = item
            self._boxes[info.name] = box

    def _add_fold(self, title: str, inside: list[ParameterInfo]) -> QToolButton:
        button = QToolButton()
        button.setProperty("kind", "link")
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        words.say(button, title)
        holder = QWidget(self)
        holder.hide()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(3))
        self._folded[title] = column, inside
        button.toggled.connect(partial(self._unfold, title))
        button.toggled.connect(holder.setVisible)
        button.toggled.connect(partial(_turn, button))
        set_icon(button, "chevron-right")
        self._column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(holder)
        return button

    def _unfold(self, title: str, _on: bool = True) -> None:
        """Make what a fold has, as things stand now."""
        if title not in self._folded:
            return
        column, inside = self._folded.pop(title)
        self._fill(column, inside)
        for info in inside:
            item = self._fields.get(info.name)
            if item is not None:
                item.refresh(self.desk)
                item.set_value(getattr(self._base, info.name))

    def _add_back(self) -> None:
        line = QHBoxLayout()
        button = QPushButton()
        button.setProperty("kind", "quiet")
        words.say(button, N_("Back to start"))
        words.say(button, N_("Every value of this form as it was at the beginning. Undo brings yours back."), "tip")
        set_icon(button, "reset")
        button.clicked.connect(self.back_to_start)
        line.addWidget(button)
        line.addStretch(1)
        self._column.addLayout(line)


class Forms(QWidget):
    """Bound forms one under the other, each under its request's title. `parts`: (request type, field of the Session)."""

    def __init__(self, desk: Desk, *parts: tuple[type[Request], str]) -> None:
        super().__init__()
        self.setProperty("kind", "ground")
        self.parts = tuple(Form(kind, desk, field) for kind, field in parts)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for (kind, _), form in zip(parts, self.parts, strict=True):
            title = _label(kind.title, "heading")
            title.setContentsMargins(theme.px(3), theme.px(3), 0, 0)
            column.addWidget(title)
            column.addWidget(form)
        column.addStretch(1)

    def back_to_start(self) -> None:
        """Every parameter of all forms to its default."""
        for form in self.parts:
            form.back_to_start()


def _turn(button: QToolButton, open_now: bool) -> None:
    set_icon(button, "chevron-down" if open_now else "chevron-right")


def _label(text: str, kind: str) -> QLabel:
    label = QLabel()
    label.setProperty("kind", kind)
    words.say(label, text)
    return label


def _reason(error: ValidationError) -> str:
    first = cast(dict[str, Any], error.errors()[0])
    kind = str(first.get("type", ""))
    if kind == "too_short":
        return tr("Choose at least one.")
    return tr("This value cannot be used: {reason}").format(reason=first.get("msg", ""))


__all__ = ["Form", "Forms", "SliderField"]
