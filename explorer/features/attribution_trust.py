"""How far a heat can be trusted: take the picture away in its order of importance, and see how fast the answer goes."""

from __future__ import annotations

from collections.abc import Generator, Iterator

import numpy as np
import torch
import torch.nn.functional as F

from explorer.engine.memory import explained
from explorer.features.attribution import Scene, make_scene
from explorer.features.attribution_case import Case, blurred
from explorer.features.attribution_empty import why_empty
from explorer.features.attribution_methods import chosen
from explorer.i18n import N_
from explorer.jobs import Preview, Progress, Result, Step, Work
from explorer.records.attribution import F64, TrustCurve, TrustCurves
from explorer.requests.attribution import TrustRequest

RANDOM_ORDERS = 3  # averaged, so that the reference is a curve and not an accident
MEASURES = {
    "class": N_("probability of the class"),
    "box": N_("score of the box"),
    "mask": N_("mean of the mask"),
    "unit": N_("activation of the unit"),
}


def trust(request: TrustRequest, work: Work) -> Iterator[Step]:
    """The job of TrustRequest (Petsiuk et al. 2018, arXiv:1806.07421). Result: TrustCurves; previews: the methods done.

    Whole blocks go at once, for every method the same: single pixels removed here and there would fool the network by their
    pattern alone.
    """
    rows = chosen(request.methods)
    scene = make_scene(request, work)
    sheet = Sheet(scene.case, request)
    total = 2 * len(sheet.counts) * (len(rows) + RANDOM_ORDERS)
    done = 0
    items: list[TrustCurve] = []

    def told(steps: Generator[int, None, tuple[F64, F64]]) -> Generator[Progress, None, tuple[F64, F64]]:
        nonlocal done
        try:
            while True:
                done += next(steps)
                yield Progress(done, total)
        except StopIteration as end:
            pair: tuple[F64, F64] = end.value
            return pair

    chance = []
    for order in sheet.random_orders():
        chance.append((yield from told(sheet.curves(order))))
    random_deletion = np.mean([pair[0] for pair in chance], 0)
    random_insertion = np.mean([pair[1] for pair in chance], 0)
    for row in rows:
        found = yield from scene.found(row)
        empty = found.empty or why_empty(scene.case, row, found.heat)
        pair = (random_deletion, random_insertion)
        if empty is None:
            pair = yield from told(sheet.curves(sheet.order_of(found.heat)))
        items.append(TrustCurve(row.name, row.title, sheet.share, *pair, random_deletion, random_insertion, empty))
        yield Preview(_record(scene, sheet, request, items), done, total)
    yield Result(_record(scene, sheet, request, items))


def _record(scene: Scene, sheet: Sheet, request: TrustRequest, items: list[TrustCurve]) -> TrustCurves:
    target = scene.case.target
    return TrustCurves(
        tuple(items), target.said, MEASURES[target.kind], request.fill, sheet.block, scene.facts(), scene.frame.seq
    )


class Sheet:
    """The picture cut into blocks. `counts`: how many of them are removed at each point; `share`: the same as 0..1."""

    def __init__(self, case: Case, request: TrustRequest) -> None:
        self.case = case
        height, width = case.x.shape[2:]
        self.block = min(request.block or max(1, -(-min(height, width) // 28)), height, width)
        self.grid = (-(-height // self.block), -(-width // self.block))
        blocks = self.grid[0] * self.grid[1]
        self.counts = np.unique(np.rint(np.linspace(0, blocks, min(request.points, blocks) + 1)).astype(np.int64))
        self.share: F64 = self.counts / blocks
        self.fill = blurred(case.x, 0.1) if request.fill == "blur" else case.x.mean((2, 3), keepdim=True).expand_as(case.x)

    def order_of(self, heat: torch.Tensor) -> torch.Tensor:
        """The blocks of a heat (h, w), the most important first; equal ones as they stand in the picture."""
        full = F.interpolate(
            heat[None, None].float().to(self.case.x.device), size=tuple(self.case.x.shape[2:]), mode="bilinear"
        )
        means = F.avg_pool2d(full, self.block, ceil_mode=True, count_include_pad=False)
        return torch.argsort(means.flatten(), descending=True, stable=True)

    def random_orders(self) -> Iterator[torch.Tensor]:
        """Orders of chance, the same for the same seed."""
        generator = self.case.generator()
        for _ in range(RANDOM_ORDERS):
            yield torch.randperm(self.grid[0] * self.grid[1], generator=generator)

    def curves(self, order: torch.Tensor) -> Generator[int, None, tuple[F64, F64]]:
        """(deletion, insertion): what the network still says when the first blocks of `order` are gone, or alone there.

        Yields how many pictures were looked at.
        """
        rank = torch.empty_like(order)
        rank[order] = torch.arange(len(order), device=order.device)
        both: list[F64] = []
        for insert in (False, True):
            values: list[torch.Tensor] = []
            for start in range(0, len(self.counts), self.case.batch):
                counts = self.counts[start : start + self.case.batch]
                with explained(self.case.network.device):
                    values.append(self.case.confidence(self._shown(rank, counts, insert)).cpu().double())
                yield len(counts)
            both.append(torch.cat(values).numpy())
        return both[0], both[1]

    def _shown(self, rank: torch.Tensor, counts: np.ndarray[tuple[int, ...], np.dtype[np.int64]], insert: bool) -> torch.Tensor:
        x = self.case.x
        first = rank[None].cpu() < torch.from_numpy(counts)[:, None]
        cover = first.reshape(len(counts), 1, *self.grid).to(x.device)
        cover = cover.repeat_interleave(self.block, 2).repeat_interleave(self.block, 3)[..., : x.shape[2], : x.shape[3]]
        return torch.where(cover == insert, x, self.fill)
