"""The form of the Dream panel: DreamRequest's parameters with the composer and the mask among them."""

from __future__ import annotations

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.panels.dream_composer import Composer
from explorer.gui.panels.dream_mask import MaskSection
from explorer.gui.panels.dream_ranking import Ranking
from explorer.requests.base import changed
from explorer.requests.dream import DreamRequest
from explorer.requests.network import NetworkRequest

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
        """Goals and mask go too; the network stays. One step for undo."""
        now = self.desk.session.dream
        kept = {name: getattr(now, name) for name in NetworkRequest.model_fields}
        self.desk.change(dream=DreamRequest.model_validate(kept))
        self._start = self.desk.session.dream.start

    def _suit(self, request: DreamRequest) -> None:
        if request.start != self._start:
            self._start = request.start
            self.desk.change(undoable=False, dream=suited(request))


def suited(request: DreamRequest) -> DreamRequest:
    """With the usual number of steps of its start, where it still has that of the other one."""
    usual = DreamRequest().steps
    if request.start == "picture" and request.steps == usual:
        return changed(request, steps=PICTURE_STEPS)
    if request.start == "noise" and request.steps == PICTURE_STEPS:
        return changed(request, steps=usual)
    return request
