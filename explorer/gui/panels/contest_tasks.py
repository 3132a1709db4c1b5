"""The page of the tasks: a question about a race, answered before it is run; then the paths, and why it came so."""

from __future__ import annotations

import copy
from functools import partial
from html import escape
from typing import ClassVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from explorer.gui import task_score, theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.contest_page import ContestPage, Page, button
from explorer.gui.panels.contest_table import space_presses, swatch
from explorer.gui.widgets.contour_view import ContourView
from explorer.gui.widgets.one_line import OneLine
from explorer.gui.widgets.playhead import Playhead
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Result
from explorer.picture.race_chart import last_step
from explorer.records.contest import Task, spoken
from explorer.records.descent import Race
from explorer.requests.contest import TASKS, TaskRequest

TASK = "contest.task"
OPTIONS = 4
LETTERS = "ABCD"


class TasksPage(ContestPage):
    """The answer comes with the task; it is shown when a person has chosen one, and the first choice counts."""

    channels: ClassVar[tuple[str, ...]] = (TASK,)
    title: ClassVar[str] = N_("Tasks")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.task: Task | None = None
        self.chosen: int | None = None
        self.score = task_score.load()
        self._request: TaskRequest | None = None
        self.choice = Form(TaskRequest, desk, only=("number", "seed"), back=False)
        self.choice.changed.connect(self._chosen_elsewhere)
        self._build()
        self.next.clicked.connect(self.go_on)
        self.reset.clicked.connect(self.forget)
        self.playhead.moved.connect(self.contour.set_step)
        desk.choices_changed.connect(self._show)
        self._show()

    def _build(self) -> None:
        self.heading = OneLine(QSizePolicy.Policy.Maximum)
        self.heading.setProperty("kind", "title")
        self.counted = OneLine()
        self.counted.setProperty("kind", "muted")
        self.reset = button(N_("Reset"), N_("Forget all answers and the streak"), "reset")
        self.next = button(N_("Next task"), N_("On to the next one (N)"), "step", primary=True)
        for widget, stretch in ((self.heading, 0), (self.counted, 1), (self.reset, 0), (self.next, 0)):
            self.top.addWidget(widget, stretch)
        self.contour = ContourView()
        self.contour.hint = False
        words.say(self.contour, N_("The surface and the start of this task"), "name")
        self.playhead = Playhead(with_speed=False)
        left, right = QWidget(), QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.contour, 1)
        column.addWidget(self.playhead)
        self.question = QLabel()
        self.question.setWordWrap(True)
        self.question.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdict = QLabel()
        self.verdict.setProperty("kind", "title")
        self.verdict.setWordWrap(True)
        self.reasons = Page()
        words.say(self.reasons, N_("Why it came so"), "name")
        side = QVBoxLayout(right)
        side.setContentsMargins(theme.px(2), 0, 0, 0)
        side.setSpacing(theme.px(2))
        side.addWidget(self.question)
        self.answers: list[QPushButton] = []
        for index in range(OPTIONS):
            one = QPushButton()
            one.setCheckable(True)
            one.setStyleSheet("text-align: left;")
            one.clicked.connect(partial(self.answer, index))
            one.installEventFilter(self)
            self.answers.append(one)
            line = QHBoxLayout()
            line.addWidget(one, 1)
            side.addLayout(line)
        side.addWidget(self.verdict)
        side.addWidget(self.reasons, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        split.setSizes([theme.px(150), theme.px(110)])
        self.body.addWidget(split, 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Space on an answer chooses it."""
        return (watched in self.answers and space_presses(event)) or super().eventFilter(watched, event)

    def form(self) -> Form:
        """Which task, and the seed."""
        return self.choice

    def set_active(self, on: bool) -> None:
        """Nothing moves where nobody looks."""
        super().set_active(on)
        if not on:
            self.playhead.pause()

    # -- asking ------------------------------------------------------------------------------------------------------
    def show_first(self) -> None:
        """Go on with the task that was left."""
        if self._request is None:
            seed, number = self.score.next_task
            self.ask(seed, min(number, TASKS))

    def start(self) -> None:
        """The paths of this task again, from the start."""
        if self.chosen is not None:
            self.playhead.start(from_start=True)

    def play(self) -> None:
        """Play or pause, once there is something to see."""
        if self.chosen is not None:
            self.playhead.toggle()

    def ask(self, seed: int, number: int) -> None:
        """Go to a task."""
        self._request = TaskRequest(seed=seed, number=number)
        self.choice.set_value(self._request)
        self.desk.submit(TASK, self._request)

    def go_on(self) -> None:
        """The next task; after the last one the next seed's first."""
        if self._request is not None:
            last = self._request.number == TASKS
            self.ask(self._request.seed + last, 1 if last else self._request.number + 1)

    def _chosen_elsewhere(self, request: object) -> None:
        if isinstance(request, TaskRequest):
            self.ask(request.seed, request.number)

    def take(self, channel: str, event: Event) -> None:
        """A task."""
        if isinstance(event, Result) and isinstance(event.record, Task):
            self.task, self.chosen = event.record, None
            self.playhead.pause()
            self.score.next_task = self.task.seed, self.task.number
            self._keep()
            self._show()
        elif isinstance(event, Failed):
            self.task = None
            self._show(trouble_text(event.trouble))

    # -- answering ---------------------------------------------------------------------------------------------------
    def answer(self, index: int, _on: bool = True) -> None:
        """Lock an answer; the race is shown then."""
        task = self.task
        if task is None or index >= len(task.options):
            return
        if self.chosen is None:
            self.chosen = index
            if self.score.answer(task.seed, task.number, index == task.answer):
                self._keep()
            self._show()
            self.playhead.start(from_start=True)
        else:
            self._show()

    def _keep(self) -> None:
        try:
            self.score.save()
        except OSError as error:
            text = tr("The score could not be kept: {reason}").format(reason=error.strerror or str(error))
            self.desk.notify(text, "bad", key="tasks.score")

    def forget(self) -> None:
        """All answers and the streak to nothing; a notice brings them back."""
        before = copy.deepcopy(self.score)
        self.score.reset()
        self._keep()
        self._show()

        def back() -> None:
            self.score = before
            self._keep()
            self._show()

        self.desk.notify(tr("The score was reset."), "info", actions=((tr("Undo"), back),), key="tasks.reset")

    # -- showing -----------------------------------------------------------------------------------------------------
    def _show(self, problem: object = "") -> None:
        task = self.task
        answered = self.chosen is not None
        score = tr("{right} of {all} right · {streak} in a row · best {best}")
        numbers = {
            "right": self.score.right,
            "all": len(self.score.answers),
            "streak": self.score.streak,
            "best": self.score.best,
        }
        self.counted.setText(score.format(**numbers))
        self.reset.setEnabled(bool(self.score.answers))
        self.playhead.setEnabled(answered)
        self.verdict.setText(" ")
        self.reasons.say([])
        for one in self.answers:
            one.setVisible(task is not None)
        if task is None:
            self.heading.setText(tr("Tasks"))
            self.question.setText(problem if isinstance(problem, str) and problem else "")
            self.contour.set_race(None)
            return
        self.heading.setText(tr("Task {number}").format(number=task.number))
        asked = (task.seed, task.number)
        told = tr("Answer first; then the race is run before your eyes.")
        if answered:
            told = tr("The paths can be played again (R).")
        elif asked in self.score.answers:
            told = tr("You have answered this one before; it does not count again.")
        self.detail.setText(told)
        self.question.setText(spoken(task.question))
        self._show_answers(task)
        race = task.race
        shown = race if answered else Race(race.surface, (), race.start, race.seed, race.facts)
        if (
            self.contour.race is None
            or self.contour.race.surface is not race.surface
            or len(self.contour.race.runs) != len(shown.runs)
        ):
            self.contour.set_race(shown)
            self.contour.set_step(0.0)
            self.playhead.set_last(last_step(shown))
        if answered:
            right = self.chosen == task.answer
            answer = spoken(task.options[task.answer])
            text = tr("Right: {answer}.") if right else tr("No. It is: {answer}.")
            self.verdict.setText(text.format(answer=answer))
            self.reasons.say([escape(spoken(one)) for one in task.reasons])

    def _show_answers(self, task: Task) -> None:
        names = [run.optimizer for run in task.race.runs]
        for index, one in enumerate(self.answers):
            one.setVisible(index < len(task.options))
            if index >= len(task.options):
                continue
            mark = ""
            if self.chosen is not None and index in (task.answer, self.chosen):
                mark = "   ✓" if index == task.answer else "   ✕"
            one.setText(f"{LETTERS[index]}   {spoken(task.options[index])}{mark}")
            one.setChecked(index == self.chosen)
            if index < len(names):
                one.setIcon(swatch(names[index]))

    def restyle(self) -> None:
        """The markers on the answers in the theme's rim."""
        self._show()

    def retranslate(self) -> None:
        """Question, answers, reasons."""
        self._show()

    def numbers(self) -> str:
        """The question and what may be answered; the answer too, once it was given."""
        if self.task is None:
            return ""
        lines = [spoken(self.task.question), *(spoken(one) for one in self.task.options)]
        return "\n".join([*lines, self.verdict.text()] if self.chosen is not None else lines)
