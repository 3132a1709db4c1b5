"""The composer: several goals at once, each with its weight, mixed into one dream."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.panels.dream_goal import GoalCard
from explorer.gui.widgets.tool_button import tool_button
from explorer.i18n import N_, tr
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.requests.goals import MOST_GOALS, Goal
from explorer.session import Session

MIXES = (("sum", N_("Sum: all in one picture")), ("interpolate", N_("Interpolate: a row from one to the other")))


class Composer(QWidget):
    """Shows and changes `goals` and `mix` of the Session's dream. `ranking_wanted`: the channels that respond most."""

    ranking_wanted = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.cards: list[GoalCard] = []
        heading = QLabel()
        heading.setProperty("kind", "heading")
        words.say(heading, N_("Goals"))
        self.add = tool_button("add", N_("Add the selected layer and channel as a goal (Shift+G)"), N_("Add"))
        self.add.clicked.connect(self.add_selected)
        self.add_class = tool_button("chart", N_("Add a class of the network as a goal"), N_("Class"))
        self.add_class.clicked.connect(self.add_a_class)
        self.rank = tool_button("rank", N_("Which channels respond most to the picture? Choose among them (Shift+B)"))
        self.rank.clicked.connect(self.ranking_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.px(1))
        for button in (self.add, self.add_class, self.rank):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.hint = QLabel()
        self.hint.setProperty("kind", "muted")
        self.hint.setWordWrap(True)
        self.mix = QComboBox()
        self.mix.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.mix.setMinimumContentsLength(6)
        words.say(self.mix, N_("How the goals are mixed"), "name")
        mixing = DreamRequest.model_fields["mix"].description or ""
        words.say(self.mix, mixing, "tip")
        self.mix.activated.connect(self._mixed)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.px(2))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.px(1.5))
        column.addWidget(heading)
        column.addWidget(self.hint)
        column.addLayout(self._list)
        column.addWidget(self.mix)
        column.addLayout(buttons)
        desk.session_changed.connect(self._session_changed)
        desk.choices_changed.connect(self.refresh)
        desk.language_changed.connect(self.refresh)
        self.refresh()

    @property
    def request(self) -> DreamRequest:
        """The Session's."""
        return self._desk.session.dream

    # -- adding ------------------------------------------------------------------------------------------------------
    def add_selected(self) -> None:
        """The selection as a goal; the one goal of the form comes first when the list was empty."""
        selection, request = self._desk.session.selection, self.request
        goals = list(request.goals)
        own = Goal(layer=request.layer, channel=request.channel, objective=request.objective)
        if not goals:
            goals.append(own)
        if selection.layer and (selection.layer, selection.channel) not in {(g.layer, g.channel) for g in goals}:
            goals.append(Goal(layer=selection.layer, channel=selection.channel))
        elif request.goals:
            goals.append(own)
        self._set(goals)

    def add_goal(self, goal: Goal) -> None:
        """One more."""
        self._set([*self.request.goals, goal])

    def add_a_class(self) -> None:
        """A class to be chosen by name."""
        self.add_goal(Goal(objective="class", channel=0))
        if self.cards:
            self.cards[-1].label.setFocus()
            edit = self.cards[-1].label.lineEdit()
            if edit is not None:
                edit.selectAll()

    def _set(self, goals: Sequence[Goal], undoable: bool = True) -> None:
        goals = tuple(goals)[:MOST_GOALS]
        mix = self.request.mix if len(goals) == 2 else "sum"
        self._desk.change(undoable=undoable, dream=changed(self.request, goals=goals, mix=mix))

    # -- showing -----------------------------------------------------------------------------------------------------
    def refresh(self, *_: object) -> None:
        """The goals of the Session, in the language and with the choices of now."""
        goals = self.request.goals
        while len(self.cards) > len(goals):
            card = self.cards.pop()
            self._list.removeWidget(card)
            card.deleteLater()
        while len(self.cards) < len(goals):
            card = GoalCard(self._desk, goals[len(self.cards)])
            card.edited.connect(self._edited)
            card.removed.connect(partial(self._remove, card))
            self.cards.append(card)
            self._list.addWidget(card)
        for card, goal in zip(self.cards, goals, strict=True):
            card.set_goal(goal)
            if not card.dragging:
                card.refresh()
        self.hint.setText(
            tr("These goals grow together; layer and channel above are for goals that name none.")
            if goals
            else tr("One goal: the layer and channel above. Add more to mix them.")
        )
        self.add.setEnabled(len(goals) < MOST_GOALS)
        classes = bool(self._desk.network is not None and self._desk.network.classes)
        self.add_class.setEnabled(classes and len(goals) < MOST_GOALS)
        with QSignalBlocker(self.mix):
            self.mix.clear()
            for name, title in MIXES:
                self.mix.addItem(tr(title), name)
            self.mix.setCurrentIndex(self.mix.findData(self.request.mix))
        self.mix.setVisible(len(goals) == 2)

    def _session_changed(self, new: Session, old: Session) -> None:
        if (new.dream.goals, new.dream.mix) != (old.dream.goals, old.dream.mix):
            self.refresh()

    def _edited(self) -> None:
        self._set([card.goal() for card in self.cards], undoable=not any(card.dragging for card in self.cards))

    def _remove(self, card: GoalCard) -> None:
        self._set([other.goal() for other in self.cards if other is not card])

    def _mixed(self, at: int) -> None:
        self._desk.change(dream=changed(self.request, mix=self.mix.itemData(at)))
