"""How the maps are asked for: pinned channels, fewer numbers while it is live, an order that stands still, little memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
import numpy.typing as npt

from explorer.gui.desk import Desk
from explorer.gui.notices import Notice, trouble_text
from explorer.i18n import tr
from explorer.picture.grid import rearranged
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.picture import Mosaic
from explorer.requests.base import changed
from explorer.requests.look import ActivationsRequest

LIVE_VALUES = 800_000  # numbers of a live picture: about what a screen can show; 3 MB instead of 26 MB for 64 x 320 x 320
SKIPPED = "memory.forward"
PAUSED_AFTER = 3  # the host ends a follow after so many failures in a row
SMALLEST = 32
FRAMES_KEPT = 8


class Looking:
    """What the panel knows of its own asking. No widget."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.skipped = 0  # pictures in a row that did not fit into memory
        self._frames: OrderedDict[int, Frame] = OrderedDict()
        self._order: npt.NDArray[np.int64] | None = None
        self._order_of: object = None
        self._large = False  # the newest maps came as means

    @property
    def live(self) -> bool:
        """Whether pictures follow each other by themselves."""
        source = self.desk.source
        return source is not None and source.state == "playing" and not self.desk.frozen

    @property
    def pins_key(self) -> str:
        """Where the Session keeps the pinned channels of the present layer."""
        session, network = self.desk.session, self.desk.network
        first = network.layers[0].name if network is not None and network.layers else ""
        return f"{session.activations.model} {session.activations.layer or first}"

    @property
    def pins(self) -> tuple[int, ...]:
        """Channels of the present layer that come first."""
        return self.desk.session.pins.get(self.pins_key, ())

    def pin(self, channel: int) -> None:
        """Pin a channel of the present layer, or take the pin out."""
        pins = tuple(one for one in self.pins if one != channel) if channel in self.pins else (*self.pins, channel)
        self.desk.change(pins={**self.desk.session.pins, self.pins_key: pins})

    def request(self, selected: int | None = None) -> ActivationsRequest:
        """What to follow now; the map of channel `selected` is wanted with every number."""
        news: dict[str, Any] = {"pinned": self.pins}
        if self.live:
            news["live_values"] = LIVE_VALUES
            if self._large:
                news["detail"] = selected
        return changed(self.desk.session.activations, **news)

    def whole_request(self) -> ActivationsRequest:
        """The same with every number, whatever the picture source does."""
        return changed(self.desk.session.activations, pinned=self.pins)

    # -- pictures ----------------------------------------------------------------------------------------------------
    def remember(self, frame: Frame) -> None:
        """Keep a picture until its maps arrive, and a little longer."""
        self._frames[frame.seq] = frame
        while len(self._frames) > FRAMES_KEPT:
            self._frames.popitem(last=False)

    def frame_of(self, seq: int) -> Frame | None:
        """A picture of the last ones, by its number."""
        return self._frames.get(seq)

    # -- the order of the tiles --------------------------------------------------------------------------------------
    @property
    def order_is_held(self) -> bool:
        """Whether the tiles stand in the order of an earlier picture."""
        return self._order is not None

    def arranged(self, mosaic: Mosaic) -> Mosaic:
        """The tiles in the order held: while it is live, they are sorted once and then stay where they are."""
        self.skipped = 0
        self._large = mosaic.reduced > 1
        request, session = self.desk.session.activations, self.desk.session
        key = (request.model, request.weights, request.layer, request.sort, self.pins, session.picture)
        if request.sort == "natural" or not (self.live or self.desk.frozen):
            self._order = None
        elif self._order is None or key != self._order_of or len(self._order) != len(mosaic.order):
            self._order, self._order_of = mosaic.order, key
        return mosaic if self._order is None else rearranged(mosaic, self._order)

    def sort_again(self) -> None:
        """The next maps are sorted anew."""
        self._order = None

    # -- too little memory -------------------------------------------------------------------------------------------
    def missed(self, trouble: Trouble) -> None:
        """A picture was skipped: say so and offer a smaller input; the third time live work has ended."""
        self.skipped += 1
        network = self.desk.network
        side = self.desk.session.activations.input_size or (network.input_size if network is not None else 0)
        key = f"filters.maps:{trouble.code}"
        text = trouble_text(trouble)
        actions = []
        smaller = max(SMALLEST, side // 2 // 16 * 16)
        if smaller < side:
            actions.append((tr("Use {side} x {side} pixels").format(side=smaller), lambda: self.shrink(smaller)))
        if self.paused:
            text += " " + tr("Three pictures in a row did not fit: the maps stand still.")
            actions.append((tr("Try again"), self.again))
        else:
            text += " " + tr("This picture was skipped; the maps are of the one before.")
        self.desk.sink.forget(Notice("", key=key))
        self.desk.notify(text, "bad", detail=trouble.english(), key=key, stay=True, actions=tuple(actions))

    @property
    def paused(self) -> bool:
        """Whether the host has given up following."""
        return self.skipped >= PAUSED_AFTER

    def shrink(self, side: int) -> None:
        """Bring pictures to a smaller square from now on; undo brings the old size back."""
        self.skipped = 0
        self.desk.change(activations=changed(self.desk.session.activations, input_size=side))

    def again(self) -> None:
        """Follow as before."""
        self.skipped = 0
        self.desk.follow("filters.maps", self.request())


def strongest(mosaic: Mosaic) -> int:
    """The channel with the highest finite mean: something to look at before anybody clicked."""
    return 0 if mosaic.stats is None else int(mosaic.stats.mean.argmax())
