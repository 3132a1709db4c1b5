"""The form of the Dream panel: DreamRequest's parameters with the composer and the mask among them."""

from __future__ import annotations

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.dream_composer import Composer
from explorer.gui.panels.dream_mask import MaskSection
from explorer.gui.panels.dream_ranking import Ranking
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest

PICTURE_STEPS = 12  # a picture dreams deep enough with far fewer steps than noise needs


class DreamForm(Form):
    """A first switch from noise to picture brings a number of steps that suits it."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(DreamRequest, desk, "dream")
        self.composer = Composer(desk)
        self.masks = MaskSection()
        self.ranking = Ranking(desk)
        self.place(self.composer, "channel")
        self.place(self.ranking, "channel")
        self.place(self.masks, "start")
        self._start = desk.session.dream.start
        self.changed.connect(self._suit)
        desk.language_changed.connect(self.masks.refresh)

    def back_to_start(self) -> None:
        """Goals and mask go too."""
        super().back_to_start()
        self.desk.change(undoable=False, dream=changed(self.desk.session.dream, goals=(), mix="sum", mask=""))

    def _suit(self, request: DreamRequest) -> None:
        if request.start == self._start:
            return
        self._start = request.start
        usual = DreamRequest().steps
        if request.start == "picture" and request.steps == usual:
            self.desk.change(undoable=False, dream=changed(request, steps=PICTURE_STEPS))
        elif request.start == "noise" and request.steps == PICTURE_STEPS:
            self.desk.change(undoable=False, dream=changed(request, steps=usual))
