"""Which film is being followed, and where its objects were: the tracks of the newest frames, kept in the engine."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.records.vision import Detections
from explorer.vision.tracking import Tracks, nobody, step

if TYPE_CHECKING:
    from explorer.engine.engine import Engine
    from explorer.engine.network import Network
    from explorer.records.frame import Frame

FAINT = 0.5  # boxes from this share of the confidence asked for keep a known object alive; they are not shown
KEEP = 8  # films that are followed at once: sources times detectors


@dataclass(frozen=True, eq=False)
class _Film:
    """`after` came of `before` by the frame `at`; that frame, asked for again with other thresholds, starts from `before`."""

    at: tuple[int, float]
    before: Tracks
    after: Tracks


def numbered(engine: Engine, network: Network, frame: Frame, found: Detections, confidence: float) -> Detections:
    """`found` without what is below `confidence`, which only helps, and with the numbers of the objects.

    A source, a frame size and a network have tracks of their own; frames that were dropped in between do no harm, because
    time is the frames' own.
    """
    films: OrderedDict[object, _Film] = engine.memo.setdefault("tracks", OrderedDict())
    key, at = (frame.source, found.frame_hw, id(network)), (frame.seq, frame.time)
    film = films.pop(key, None)
    before = nobody() if film is None else film.before if film.at == at else film.after
    after, numbers = step(before, frame.time, found.xyxy, found.score, found.class_index, confidence)
    films[key] = _Film(at, before, after)
    while len(films) > KEEP:
        films.popitem(last=False)
    shown = np.flatnonzero(found.score >= confidence)
    return replace(
        found,
        xyxy=found.xyxy[shown],
        score=found.score[shown],
        class_index=found.class_index[shown],
        track=numbers[shown],
        masks=None if found.masks is None else found.masks[shown],
    )
