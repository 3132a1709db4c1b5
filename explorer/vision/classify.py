"""What is in the picture: softmax over the classes of a classifier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from explorer.engine.live import Verdict
from explorer.i18n import N_
from explorer.jobs import Result
from explorer.records.vision import ClassScore, TopK
from explorer.vision.look import Raw, look, require_finite

if TYPE_CHECKING:
    from explorer.engine.live import Outputs
    from explorer.engine.network import Network
    from explorer.engine.prepare import Prepared
    from explorer.jobs import Step, Work
    from explorer.requests.network import ClassifyRequest

AGREE_SHARED, AGREE_SCORE = 4, 0.05  # of the first five classes; largest change of a probability


def softmax(logits: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """(N,) logits -> (N,) probabilities, float64, without overflow."""
    powers = np.exp(logits.astype(np.float64) - logits.max())
    out: npt.NDArray[np.float64] = powers / powers.sum()
    return out


def top_k(probabilities: npt.NDArray[np.float64], count: int, labels: Sequence[str]) -> tuple[ClassScore, ...]:
    """The `count` best classes, best first; equal ones in the order of their index."""
    best = np.argsort(-probabilities, kind="stable")[:count]
    return tuple(ClassScore(int(k), labels[k] if k < len(labels) else str(k), float(probabilities[k])) for k in best.tolist())


def classify(request: ClassifyRequest, work: Work) -> Iterator[Step]:
    """Job: name what is in the frame. Result: TopK."""
    raw = yield from look(request, work, "classify", agreement)
    yield Result(read(raw, request.top, work.frame.seq if work.frame else 0)[0])


def read(raw: Raw, count: int, seq: int) -> tuple[TopK, npt.NDArray[np.float64]]:
    """Logits -> the `count` best classes, and all probabilities; closes the stage "decode"."""
    logits = raw.outputs[0].reshape(-1)
    require_finite(logits, raw.network)
    probabilities = softmax(logits)
    top = top_k(probabilities, count, raw.network.info.classes)
    raw.watch.lap(N_("decode"))
    return TopK(top, raw.runs_on, raw.watch.timing(), seq), probabilities


def agreement(network: Network, prepared: Sequence[Prepared], expected: Sequence[Outputs], got: Sequence[Outputs]) -> Verdict:
    """Same best class and four of the first five on every probe picture, probabilities within 0.05."""
    shared, change, same = 5, 0.0, True
    for reference, fast in zip(expected, got, strict=True):
        one, other = softmax(reference[0].reshape(-1)), softmax(fast[0].reshape(-1))
        first, second = np.argsort(-one)[:5], np.argsort(-other)[:5]
        shared = min(shared, len(set(first.tolist()) & set(second.tolist())))
        change = max(change, float(np.abs(one - other).max()))
        same = same and bool(first[0] == second[0])
    text = N_("{shared} of the first 5 classes agree with float32 on {count} pictures, probabilities within {change:.3f}")
    good = same and shared >= AGREE_SHARED and change <= AGREE_SCORE
    return Verdict(good, text, {"shared": shared, "count": len(prepared), "change": change})
