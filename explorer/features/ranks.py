"""The best pictures of every channel of a layer, kept while pictures come by; and how that is written to disk."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from explorer.requests.units import MOST_TOP

MEASURES = ("max", "mean")


class Ranks:
    """`score`: (C, K) float32, best first, -inf where there are fewer; `index`: (C, K) int32, -1 there; `place`: (C, K, 2).

    Of equal scores the earlier picture is the better one. What is not finite has no rank.
    """

    def __init__(self, channels: int, keep: int) -> None:
        self.score = np.full((channels, keep), -np.inf, np.float32)
        self.index = np.full((channels, keep), -1, np.int32)
        self.place = np.zeros((channels, keep, 2), np.int32)

    def enter(self, number: int, score: npt.NDArray[np.float32], place: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
        """Picture `number` with its (C,) scores and (C, 2) places; returns the channels that take it."""
        takers = np.flatnonzero(np.isfinite(score) & (score > self.score[:, -1]))
        if takers.size:
            scores = np.concatenate([self.score[takers], score[takers, None]], axis=1)
            order = np.argsort(-scores, axis=1, kind="stable")[:, :-1]
            rows = np.arange(len(takers))[:, None]
            indices = np.concatenate([self.index[takers], np.full((len(takers), 1), number, np.int32)], axis=1)
            places = np.concatenate([self.place[takers], place[takers, None]], axis=1)
            self.score[takers], self.index[takers] = scores[rows, order], indices[rows, order]
            self.place[takers] = places[rows, order]
        return takers


@dataclass
class Found:
    """What a pass over a folder has found so far; the same for every channel, measure and number of pictures shown."""

    channels: int
    map_hw: tuple[int, int] = (1, 1)
    paths: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str]] = field(default_factory=list)
    done: int = 0
    total: int = 0
    ranks: dict[str, Ranks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ranks = self.ranks or {measure: Ranks(self.channels, MOST_TOP) for measure in MEASURES}

    def to_bytes(self) -> bytes:
        """A NumPy archive without pickles."""
        head = {"map_hw": self.map_hw, "paths": self.paths, "unreadable": self.unreadable, "done": self.done}
        arrays = {
            f"{measure}_{name}": getattr(ranks, name)
            for measure, ranks in self.ranks.items()
            for name in ("score", "index", "place")
        }
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, head=np.frombuffer(json.dumps(head).encode(), np.uint8), **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, total: int) -> Found | None:
        """What `to_bytes` gave; None for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                head = json.loads(arrays["head"].tobytes())
                ranks = {measure: Ranks(1, 1) for measure in MEASURES}
                for measure, made in ranks.items():
                    made.score, made.index = arrays[f"{measure}_score"], arrays[f"{measure}_index"]
                    made.place = arrays[f"{measure}_place"]
                    if made.index.shape[1] != MOST_TOP or made.index.max(initial=-1) >= len(head["paths"]):
                        return None
            unreadable = [(str(name), str(why)) for name, why in head["unreadable"]]
            height, width = head["map_hw"]
            paths = [str(path) for path in head["paths"]]
            return cls(len(ranks["max"].index), (int(height), int(width)), paths, unreadable, int(head["done"]), total, ranks)
        except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile):
            return None
