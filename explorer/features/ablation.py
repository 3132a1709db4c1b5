"""Which channels carry an answer: each is muted in turn, many in one batch, and the fall of the answer is measured."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.engine.surgery import channels_of
from explorer.engine.taps import layer_of
from explorer.engine.variants import Variants
from explorer.features.attribution_target import SQUASHING, Target, find_target, raw_outputs
from explorer.features.layers import default_layer
from explorer.i18n import N_, tr
from explorer.jobs import Preview, Progress, Result
from explorer.records.ablation import Ablation
from explorer.records.errors import BadRequestError, Trouble
from explorer.requests.attribution import AttributeRequest

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import Step, Work
    from explorer.requests.ablation import AblateRequest

FIRST_BATCH, LARGEST_BATCH = 4, 256
BATCH_S = 0.06  # a batch's time: other jobs of the process wait no longer, and it still outweighs the layers before the cut
PREVIEW_S = 0.25
TARGET_FIELDS = ("target", "class_index", "box", "unit")


def ablate(request: AblateRequest, work: Work) -> Iterator[Step]:
    """The job of AblateRequest. Previews: the channels done so far, ranked. Result: Ablation.

    Each number is that of a plain float32 pass with that one channel muted, on top of the request's own surgery.
    """
    if work.frame is None:
        raise BadRequestError(
            Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        )
    network: Network = yield from work.engine.loading(request, work.token)
    layer = default_layer(network, request.layer, network.info.feature_layer)
    count = channels_of(network, layer, work.token)
    _require_before_squashing(network, layer)
    prepared = network.prepare(work.frame)
    wanted = AttributeRequest(**{name: getattr(request, name) for name in TARGET_FIELDS})
    target, _ = find_target(wanted, network, prepared.nchw, prepared.geometry, work.token)

    def run(x: torch.Tensor) -> list[torch.Tensor]:
        return raw_outputs(network.module, x, work.token, target.until)

    variants = Variants(network.module, run, prepared.nchw, layer)
    for _ in variants.proving([(0,), (count - 1,)]):
        yield Progress(0, count)
    found = np.empty((count + 1, 2))  # the last row: with all channels
    found[count] = measured(target, variants.outputs([()]))[0]
    facts = {
        "model": network.info.name,
        "weights": network.info.weights,
        "source": work.frame.source,
        "measure": target.measure,
    }
    done, size, pace, shown = 0, FIRST_BATCH, np.inf, time.perf_counter()
    while done < count:
        work.token.check()
        batch = [(channel,) for channel in range(done, min(done + size, count))]
        started = time.perf_counter()
        found[done : done + len(batch)] = measured(target, variants.outputs(batch))
        now = time.perf_counter()
        done += len(batch)
        # By the best pace so far: when the machine is busy with something else, smaller batches would only make it worse.
        pace = min(1.1 * pace, (now - started) / len(batch))
        size = int(np.clip(BATCH_S / pace, 1, min(2 * size, LARGEST_BATCH)))
        yield Progress(done, count, f"{layer}: {done} of {count} channels")
        if done < count and now - shown >= PREVIEW_S:
            shown = now
            yield Preview(_ranked(request, layer, target, found, done, count, work.frame.seq, facts), done, count)
    first = _ranked(request, layer, target, found, count, count, work.frame.seq, facts)
    together = tuple(first.channels[: request.together].tolist())
    at_once = float(measured(target, variants.outputs([together]))[0, 0])
    facts["way"] = variants.way
    yield Result(_ranked(request, layer, target, found, count, count, work.frame.seq, facts, at_once, len(together)))


def measured(target: Target, outputs: list[torch.Tensor]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(N, 2) float64: the probability and the logit of `target` in raw outputs (N, ...). A unit has its activation in both."""
    wide = [tensor.double() for tensor in outputs]
    logit = target.score(wide)
    probability = logit if target.confidence is None else target.confidence(wide)
    return torch.stack([probability, logit], dim=1).cpu().numpy()


def _require_before_squashing(network: Network, layer: str) -> None:
    if isinstance(layer_of(network.module, layer), SQUASHING):
        raise BadRequestError(
            Trouble(
                "ablation.squashing",
                N_("Layer {layer} only turns raw numbers into the answer: muting it tells nothing."),
                {"layer": layer},
                N_("Choose an earlier layer."),
                exit_code=2,
            )
        )


def _ranked(
    request: AblateRequest,
    layer: str,
    target: Target,
    found: np.ndarray[Any, np.dtype[np.float64]],
    done: int,
    total: int,
    seq: int,
    facts: dict[str, Any],
    together: float = float("nan"),
    together_count: int = 0,
) -> Ablation:
    """The first `done` channels, the largest fall first; equal ones in the order of their number, not-a-number ones last."""
    column = 0 if request.by == "probability" else 1
    order = np.argsort(np.nan_to_num(found[:done, column], nan=np.inf), kind="stable")
    return Ablation(
        layer=layer,
        kind=target.kind,
        label=tr(target.said.template).format(**target.said.values),
        class_index=target.class_index,
        probability=float(found[total, 0]),
        logit=float(found[total, 1]),
        channels=order.astype(np.int64),
        probabilities=found[order, 0],
        logits=found[order, 1],
        total=total,
        ranked_by=request.by,
        together=together,
        together_count=together_count,
        xyxy=target.xyxy,
        facts=facts,
        frame_seq=seq,
    )
