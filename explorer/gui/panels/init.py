"""First weights: what a deep network does before it has learnt anything, and how a ReLU network folds the plane."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.init_cards import SchemeCards
from explorer.gui.panels.init_pieces import PiecesView
from explorer.gui.panels.init_words import layer_text, lesson_text, piece_text, pieces_text
from explorer.gui.panels.panel import Key, Panel
from explorer.gui.widgets.progress_strip import ProgressStrip
from explorer.i18n import N_
from explorer.jobs import Event, Failed, Result
from explorer.records.neural import Initialisation, LinearRegions
from explorer.requests.base import Request, changed
from explorer.requests.neural import InitialisationRequest, LinearRegionsRequest
from explorer.session import Session

WEIGHTS, PIECES = "init.weights", "init.pieces"


class InitPanel(Panel):
    """Two pages, each one request that runs again whenever it changes."""

    name: ClassVar[str] = "init"
    channels: ClassVar[tuple[str, ...]] = (WEIGHTS, PIECES)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.weights: Initialisation | None = None
        self.regions: LinearRegions | None = None
        self._asked: dict[str, Request] = {}
        self.cards, self.pieces = SchemeCards(), PiecesView()
        self.pages, self._forms = QStackedWidget(), QStackedWidget()
        for view in (self.cards, self.pieces):
            self.pages.addWidget(view)
        for kind, field in ((InitialisationRequest, "initialisation"), (LinearRegionsRequest, "pieces")):
            self._forms.addWidget(Form(kind, desk, field))
        self.told, self.lesson = QLabel(), QLabel()
        self._build()
        self.switch.idClicked.connect(self.show_page)
        self.cards.pointed.connect(lambda _place: self._say())
        self.pieces.pointed.connect(lambda _piece: self._say())
        self.progress.stopped.connect(desk.stop)
        desk.session_changed.connect(self._session_changed)
        desk.jobs_changed.connect(self._jobs_changed)
        self._say()

    def _build(self) -> None:
        words.say(self.cards, N_("Activations from layer to layer, for six ways of choosing the weights"), "name")
        words.say(self.pieces, N_("The pieces of the plane on which the network is linear"), "name")
        self.switch = QButtonGroup(self)
        self.progress = ProgressStrip(compact=True)
        line = QHBoxLayout()
        line.setSpacing(theme.px(1))
        for number, (text, tip) in enumerate(
            (
                (N_("Initialisation"), N_("What the first weights do to activations and gradients, layer by layer (1)")),
                (N_("Linear pieces"), N_("How a random ReLU network with two inputs folds the plane (2)")),
            )
        ):
            button = QPushButton()
            button.setCheckable(True)
            words.say(button, text)
            words.say(button, tip, "tip")
            self.switch.addButton(button, number)
            line.addWidget(button)
        self.switch.button(0).setChecked(True)
        line.addStretch(1)
        line.addWidget(self.progress)
        for label in (self.lesson, self.told):
            label.setWordWrap(True)
        self.lesson.setProperty("kind", "muted")
        self.told.setFont(theme.tabular(self.told.font()))
        self.told.setMinimumHeight(2 * self.fontMetrics().height() + theme.px(1))
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(3), theme.px(2), theme.px(3), theme.px(2))
        column.setSpacing(theme.px(2))
        column.addLayout(line)
        column.addWidget(self.lesson)
        column.addWidget(self.pages, 1)
        column.addWidget(self.told)

    def form(self) -> QWidget:
        """That of the page."""
        return self._forms

    def back_to_start(self) -> None:
        """Every parameter of this page to its default."""
        form = self._forms.currentWidget()
        if isinstance(form, Form):
            form.back_to_start()

    def show_page(self, number: int) -> None:
        """Initialisation or linear pieces."""
        self.switch.button(number).setChecked(True)
        self.pages.setCurrentIndex(number)
        self._forms.setCurrentIndex(number)
        self._say()
        self._ask()

    # -- the jobs ----------------------------------------------------------------------------------------------------
    def activate(self) -> None:
        """The first time, or after a change made elsewhere: run."""
        self._ask()

    def _ask(self) -> None:
        """Run this page's request if its answer is not there."""
        session = self.desk.session
        channel, request = ((WEIGHTS, session.initialisation), (PIECES, session.pieces))[self.pages.currentIndex()]
        if self.active and self._asked.get(channel) != request:
            self._asked[channel] = request
            self.desk.submit(channel, request)

    def _session_changed(self, new: Session, old: Session) -> None:
        if (new.initialisation, new.pieces) != (old.initialisation, old.pieces):
            self._ask()

    def take(self, channel: str, event: Event) -> None:
        """What came of it; the last answer stays until the next."""
        if isinstance(event, Failed):
            self._asked.pop(channel, None)
            (self.cards if channel == WEIGHTS else self.pieces).set_message(trouble_text(event.trouble))
        elif isinstance(event, Result) and isinstance(event.record, Initialisation):
            self.weights = event.record
            self.cards.set_record(event.record)
        elif isinstance(event, Result) and isinstance(event.record, LinearRegions):
            self.regions = event.record
            self.pieces.set_record(event.record)
        self._say()

    def _jobs_changed(self) -> None:
        self.progress.show_job(self.desk.jobs.get(WEIGHTS) or self.desk.jobs.get(PIECES))

    # -- words -------------------------------------------------------------------------------------------------------
    def _say(self) -> None:
        if self.pages.currentIndex() == 0:
            self.lesson.setText(lesson_text(self.weights))
            place = self.cards.place
            self.told.setText(layer_text(self.weights, *place) if self.weights is not None and place is not None else "")
        else:
            self.lesson.setText(pieces_text(self.regions))
            piece = self.pieces.piece
            self.told.setText(piece_text(self.regions, piece) if self.regions is not None and piece is not None else "")

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say()
        self.cards.update()
        self.pieces.update()

    def restyle(self) -> None:
        """Pictures keep their colours."""
        if hasattr(self, "pieces"):
            self.cards.restyle()
            self.pieces.restyle()

    # -- keys and files ----------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("1", N_("Initialisation"), lambda: self.show_page(0)),
            Key("2", N_("Linear pieces"), lambda: self.show_page(1)),
            Key("D", N_("Another seed"), self.another_seed),
        ]

    def another_seed(self) -> None:
        """The next random numbers."""
        session = self.desk.session
        if self.pages.currentIndex() == 0:
            self.desk.change(initialisation=changed(session.initialisation, seed=session.initialisation.seed + 1))
        else:
            self.desk.change(pieces=changed(session.pieces, seed=session.pieces.seed + 1))

    def numbers(self) -> str:
        """Every layer of every way, or every piece."""
        if self.pages.currentIndex() == 0 and self.weights is not None:
            lines = ["way\tlayer\tmean\tspread\tgradient\tsilent\tdifferent\tdifferent later"]
            for one in self.weights.schemes:
                columns = (one.mean, one.spread, one.slopes, one.silent, one.different, one.different_after)
                rows = zip(*(column.tolist() for column in columns), strict=True)
                lines += [f"{one.name}\t{layer}\t" + "\t".join(map(str, row)) for layer, row in enumerate(rows)]
            return "\n".join(lines)
        if self.pages.currentIndex() == 1 and self.regions is not None:
            rows2 = zip(self.regions.slopes.tolist(), self.regions.offsets.tolist(), strict=True)
            return "\n".join(["slope x\tslope y\toffset", *(f"{x}\t{y}\t{offset}" for (x, y), offset in rows2)])
        return ""

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """Six ways, at once."""
        self.show_page(0)

    def demo_ready(self) -> bool:
        """They are there."""
        return self.weights is not None
