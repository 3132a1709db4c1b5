"""Where things stand in the Teach panel: 1 Record and 2 Train on the left, 3 See on the right."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.teach_charts import Curves
from explorer.gui.panels.teach_class import ClassCard
from explorer.gui.panels.teach_results import Results
from explorer.gui.panels.teach_set import PictureSet
from explorer.gui.panels.teach_view import TaughtView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr


class Layout:
    """The widgets of the panel by name, and how they are arranged. No behaviour."""

    def __init__(self, panel: QWidget, pictures: PictureSet) -> None:
        self.add = tool_button("add", N_("One more class"), N_("Class"))
        self.take_in = tool_button("folder", N_("Pictures from a folder with a folder for each class"))
        self.train = QPushButton()
        self.ready, self.verdict, self.detail, self.notes, self.stale = QLabel(), QLabel(), QLabel(), QLabel(), QLabel()
        self.progress = ProgressStrip()
        self.curves = Curves()
        self.view = TaughtView()
        self.heat = tool_button(
            "why",
            N_("Where the taught network looks: Grad-CAM (W). Does it look at the thing, or at the wall?"),
            N_("Where it looks"),
            checkable=True,
        )
        self.back = tool_button("play", N_("Back to the live picture (L)"), N_("Live"))
        self.shown = OneLine()
        self.save = tool_button("save", N_("Save the taught model with its preprocessing (Shift+M)"))
        self.load = tool_button("open", N_("Open a model that was saved here"))
        self.use = tool_button("live", N_("Use it in the Live panel"))
        self.inside = tool_button("network", N_("Look inside: all panels look into the taught network"))
        self.results = Results(pictures)
        self.model = OneLine()
        self._left, self._right = QWidget(), QWidget()
        self._arrange_left()
        self._arrange_right()
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setHandleWidth(theme.px(3))
        split.setChildrenCollapsible(False)
        split.addWidget(self._left)
        split.addWidget(self._right)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 3)
        page = QVBoxLayout(panel)
        page.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        page.addWidget(split)

    def _arrange_left(self) -> None:
        words.say(self.train, N_("Train"))
        words.say(self.train, N_("Learn to tell the classes apart: takes seconds (T)"), "tip")
        self.train.setProperty("kind", "primary")
        set_icon(self.train, "teach")
        for label in (self.ready, self.detail, self.notes):
            label.setWordWrap(True)
            label.setProperty("kind", "muted")
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdict.setProperty("kind", "title")
        self.verdict.setWordWrap(True)
        words.say(self.stale, N_("Something changed: train again."))
        self.stale.setWordWrap(True)
        words.say(self.curves, N_("How the training went"), "name")
        self.hint = QLabel()
        self.hint.setWordWrap(True)
        self.hint.setProperty("kind", "muted")
        words.say(
            self.hint,
            N_(
                "Show the camera a thing and hold its button for a second or two. "
                "A few short goes from different sides teach more than a long one."
            ),
        )
        self._cards = QWidget()
        self._column = QVBoxLayout(self._cards)
        self._column.setContentsMargins(0, 0, theme.px(1), 0)
        self._column.setSpacing(theme.px(2))
        self.area = _scrolling(self._cards)
        self.area.setMinimumHeight(theme.px(36))
        head = _head("1", N_("Record"), self.add, self.take_in)
        self._left.setMinimumWidth(theme.px(62))
        upper, lower, told = QWidget(), QWidget(), QWidget()
        above = QVBoxLayout(upper)
        above.setContentsMargins(0, 0, 0, 0)
        above.setSpacing(theme.px(2))
        above.addLayout(head)
        above.addWidget(self.area, 1)
        words_of = QVBoxLayout(told)
        words_of.setContentsMargins(0, 0, theme.px(1), 0)
        words_of.setSpacing(theme.px(1.5))
        for widget in (self.verdict, self.detail, self.curves, self.notes):
            words_of.addWidget(widget)
        words_of.addStretch(1)
        self.told = _scrolling(told)
        below = QVBoxLayout(lower)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(theme.px(1.5))
        below.addLayout(_head("2", N_("Train"), self.train))
        for part in (self.ready, self.progress, self.stale):
            below.addWidget(part)
        below.addWidget(self.told, 100)
        below.addStretch(1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(theme.px(2))
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(lower)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self._halves = split
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)

    def _arrange_right(self) -> None:
        words.say(self.view, N_("The picture and what the taught network says of it"), "name")
        self.shown.setProperty("kind", "muted")
        self.model.setProperty("kind", "muted")
        self.back.hide()
        tools = QHBoxLayout()
        tools.setSpacing(theme.px(1))
        for widget in (self.heat, self.back):
            tools.addWidget(widget)
        tools.addWidget(self.shown, 1)
        tools.addWidget(self.model, 1)
        upper = QWidget()
        top = QVBoxLayout(upper)
        top.setContentsMargins(0, 0, 0, 0)
        top.setSpacing(theme.px(1))
        top.addLayout(_head("3", N_("See"), self.save, self.load, self.use, self.inside))
        top.addLayout(tools)
        top.addWidget(self.view, 1)
        self.view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setHandleWidth(theme.px(2))
        split.setChildrenCollapsible(False)
        split.addWidget(upper)
        split.addWidget(self.results)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(split)

    def show_cards(self, cards: list[ClassCard]) -> None:
        """The classes, one under the other."""
        while self._column.count():
            self._column.takeAt(0)
        for card in cards:
            self._column.addWidget(card)
            card.show()
        self._column.addWidget(self.hint)
        self._column.addStretch(1)

    def make_room(self) -> None:
        """There is a result: what it says gets as much room as the cards."""
        total = sum(self._halves.sizes())
        self._halves.setSizes([round(total * 0.48), round(total * 0.52)])

    def say_model(self, model: Path | None, names: tuple[str, ...]) -> None:
        """Which model answers."""
        for button in (self.heat, self.save, self.use, self.inside):
            button.setEnabled(model is not None)
        if model is None:
            self.model.setText("")
        else:
            self.model.setText(tr("tells {names} apart").format(names=", ".join(names)) if names else model.name)


def _scrolling(inside: QWidget) -> QScrollArea:
    """What may be higher than there is room, on the ground of the page."""
    inside.setProperty("kind", "page")
    inside.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area


def _head(number: str, title: str, *tools: QWidget) -> QHBoxLayout:
    """A step: its number, its name, its buttons."""
    figure, label = QLabel(number), QLabel()
    figure.setAlignment(Qt.AlignmentFlag.AlignCenter)
    side = theme.px(6)
    figure.setFixedSize(side, side)
    figure.setProperty("kind", "step")
    label.setProperty("kind", "title")
    words.say(label, title)
    line = QHBoxLayout()
    line.setSpacing(theme.px(1.5))
    line.addWidget(figure)
    line.addWidget(label)
    line.addStretch(1)
    for tool in tools:
        line.addWidget(tool)
    return line
