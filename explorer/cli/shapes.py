"""Records as the JSON objects that `--json` promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from explorer.cli.output import rounded

if TYPE_CHECKING:
    from explorer.records.ablation import Ablation
    from explorer.records.descent import Race
    from explorer.records.network import NetworkInfo
    from explorer.records.picture import Mosaic
    from explorer.records.starts import Swarm
    from explorer.records.units import BestPictures
    from explorer.records.vision import TopK


def top(record: TopK) -> dict[str, Any]:
    """{"top": [{"index", "label", "score"}]}, best first."""
    return {"top": [{"index": one.index, "label": one.label, "score": rounded(one.score)} for one in record.top]}


def mosaic(record: Mosaic) -> dict[str, Any]:
    """{"title", "tiles", "shape", "low", "high", "order", "not_finite", "statistics", "histogram", ...facts}.

    "statistics": of all numbers together; "histogram": {"low", "high", "counts"}, equal bins.
    """
    stats, histogram = record.stats, record.histogram
    return {
        "title": record.title,
        "tiles": record.grid.count,
        "shape": list(record.values.shape[1:]),
        "low": rounded(float(record.low.min())) if record.low.size else None,
        "high": rounded(float(record.high.max())) if record.high.size else None,
        "order": record.order.tolist(),
        "not_finite": record.bad.nonzero()[0].tolist(),
        "statistics": {} if stats is None else {name: rounded(value) for name, value in stats.whole().figures().items()},
        "histogram": {}
        if histogram is None
        else {"low": rounded(histogram.low), "high": rounded(histogram.high), "counts": histogram.counts.tolist()},
        **record.facts,
    }


def race(record: Race) -> dict[str, Any]:
    """{"surface", "start", "runs": [{"optimizer", "end", "value", "steps", "status", "status_step", "evaluations", "hyper",
    "changes", "snapshots"}]}; `snapshots` are steps."""
    runs = [
        {
            "optimizer": run.optimizer,
            "end": [float(run.points[-1, 0]), float(run.points[-1, 1])],
            "value": float(run.values[-1]),
            "steps": run.taken,
            "status": run.status,
            "status_step": run.number_at(run.status_step),
            "evaluations": int(run.evaluations[-1]) if len(run.evaluations) else run.taken,
            "hyper": dict(run.hyper),
            "changes": [list(change) for change in run.changes],
            "snapshots": [run.number_at(index) for index in run.snapshots],
        }
        for run in record.runs
    ]
    return {"surface": record.surface.name, "start": list(record.start), "runs": runs}


def starts(record: Swarm) -> dict[str, Any]:
    """{"surface", "spread", "seed", "starts", "runs": [{"optimizer", "counts": [{"end", "landmark", "count"}], "ends": [{"x",
    "y", "end", "landmark", "step"}]}]}; "landmark" is [x, y] or null."""
    from explorer.records.starts import FATES

    runs = []
    for index, name in enumerate(record.optimizers):
        counts = [
            {"end": FATES[fate], "landmark": _place(record, target), "count": count}
            for (fate, target), count in record.counts(index).items()
        ]
        ends = [
            {"x": x, "y": y, "end": end, "landmark": None if mark == "" else mark, "step": step}
            for _, _, _, x, y, end, mark, step in _rows(record, index)
        ]
        runs.append({"optimizer": name, "counts": counts, "ends": ends})
    return {
        "surface": record.surface, "spread": record.facts["spread"], "seed": record.seed,
        "starts": record.starts.tolist(), "runs": runs,
    }  # fmt: skip


def start_rows(record: Swarm) -> Iterator[tuple[Any, ...]]:
    """(optimizer, start x, start y, x, y, end, "landmark x landmark y" or "", step) of every path."""
    for index in range(len(record.optimizers)):
        for *row, mark, step in _rows(record, index):
            yield (*row, " ".join(repr(one) for one in mark), step)


def _rows(record: Swarm, index: int) -> Iterator[tuple[Any, ...]]:
    from explorer.records.starts import FATES

    ends = zip(record.ends[index].tolist(), record.fates[index].tolist(), record.targets[index].tolist(), strict=True)
    for (start, (end, fate, target)), step in zip(
        zip(record.starts.tolist(), ends, strict=True), record.steps[index].tolist(), strict=True
    ):
        yield (record.optimizers[index], *start, *end, FATES[fate], _place(record, target) or "", step)


def _place(record: Swarm, target: int) -> list[float] | None:
    return [record.landmarks[target].x, record.landmarks[target].y] if target >= 0 else None


def network(info: NetworkInfo) -> dict[str, Any]:
    """{"name", "weights", "layers": [{"name", "kind", "shape"}], ...}."""
    return {
        "name": info.name,
        "weights": info.weights,
        "title": info.title,
        "task": info.task,
        "input_size": info.input_size,
        "parameters": info.parameters,
        "layers": [{"name": tap.name, "kind": tap.kind, "shape": list(tap.shape)} for tap in info.layers],
    }


def best(record: BestPictures) -> dict[str, Any]:
    """{"layer", "channel", "measure", "folder", "pictures", "unreadable": [[name, why]], "best": [...], ...facts}.

    "best": of the channel [{"path", "score", "row", "column", "xyxy"}], the box in pixels of the picture; without a channel
    for every channel the file and score of its best picture.
    """
    if record.channel is None:
        found: list[dict[str, Any]] = [
            {"channel": channel, "path": record.paths[int(row[0])], "score": rounded(record.score[channel, 0])}
            for channel, row in enumerate(record.index)
            if row[0] >= 0
        ]
    else:
        found = [
            {
                "path": entry.path,
                "score": rounded(entry.score),
                "row": entry.place[0],
                "column": entry.place[1],
                "xyxy": [round(edge, 2) for edge in entry.box],
            }
            for entry in record.entries
        ]
    return {
        "layer": record.layer,
        "channel": record.channel,
        "measure": record.measure,
        "folder": record.folder,
        "pictures": len(record.paths),
        "unreadable": [list(item) for item in record.unreadable],
        "best": found,
        **record.facts,
    }


def ablation(record: Ablation) -> dict[str, Any]:
    """{"layer", "kind", "label", "probability", "logit", "together", "channels": [{"channel", "probability", "logit"}]}."""
    found = zip(record.channels.tolist(), record.probabilities.tolist(), record.logits.tolist(), strict=True)
    return {
        "layer": record.layer,
        "kind": record.kind,
        "label": record.label,
        "class_index": record.class_index,
        "xyxy": None if record.xyxy is None else [round(edge, 2) for edge in record.xyxy],
        "probability": rounded(record.probability),
        "logit": rounded(record.logit),
        "together": rounded(record.together),
        "together_count": record.together_count,
        "ranked_by": record.ranked_by,
        "channels": [
            {"channel": channel, "probability": rounded(probability), "logit": rounded(logit)}
            for channel, probability, logit in found
        ],
    }
