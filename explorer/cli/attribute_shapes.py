"""Attributions as the JSON objects that `--json` promises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.cli.output import rounded

if TYPE_CHECKING:
    from explorer.records.attribution import Attribution, AttributionSet, Randomisation, TrustCurve, TrustCurves

CURVES = ("share", "deletion", "insertion", "random_deletion", "random_insertion")


def attribution_shape(found: AttributionSet, curves: TrustCurves | None, checks: tuple[Randomisation, ...]) -> dict[str, Any]:
    """{"target", "kind", "score", "confidence", "top", "methods": [...], "trust": [...], "randomised": [...], ...facts}."""
    shape: dict[str, Any] = {
        "target": found.target.english(),
        "kind": found.kind,
        "class_index": found.class_index,
        "xyxy": None if found.xyxy is None else [round(edge, 2) for edge in found.xyxy],
        "measure": found.measure,
        "score": rounded(found.score),
        "confidence": None if found.confidence is None else rounded(found.confidence),
        "top": [{"index": one.index, "label": one.label, "score": rounded(one.score)} for one in found.top],
        "default_layer": found.default_layer,
        "methods": [method_shape(item) for item in found.items],
        **found.facts,
    }
    if curves is not None:
        facts = {"measure": curves.measure, "fill": curves.fill, "block": curves.block}
        shape["trust"] = [{**facts, **trust_shape(curve)} for curve in curves.items]
    if checks:
        shape["randomised"] = [randomised_shape(check) for check in checks]
    return shape


def method_shape(item: Attribution) -> dict[str, Any]:
    """{"method", "reach", "warmest": [x, y], "layer", "empty", "notes", ...facts}; places are in pixels of the frame."""
    import numpy as np

    row, column = np.unravel_index(int(item.heat.argmax()), item.heat.shape)
    height, width = item.frame_hw
    x, y = (column + 0.5) * width / item.heat.shape[1], (row + 0.5) * height / item.heat.shape[0]
    return {
        "method": item.method,
        "signed": item.signed,
        "reach": rounded(item.reach),
        "warmest": None if item.empty else [round(float(x), 1), round(float(y), 1)],
        "layer": item.layer or None,
        "why_layer": item.why_layer.english() if item.why_layer else None,
        "empty": item.empty.english() if item.empty else None,
        "notes": [note.english() for note in item.notes],
        **item.facts,
    }


def trust_shape(curve: TrustCurve) -> dict[str, Any]:
    """{"method", "areas": {...}, "share": [...], "deletion": [...], ...}."""
    lists = {name: [rounded(float(value)) for value in getattr(curve, name)] for name in CURVES}
    areas = {name: rounded(value) for name, value in curve.areas.items()}
    return {"method": curve.method, "areas": areas, "empty": curve.empty.english() if curve.empty else None, **lists}


def randomised_shape(check: Randomisation) -> dict[str, Any]:
    """{"method", "stages": [{"layer", "layers", "correlation", "score"}]}."""
    stages = [
        {
            "layer": stage.layer,
            "layers": stage.layers,
            "correlation": None if stage.correlation is None else rounded(stage.correlation),
            "score": rounded(stage.attribution.score),
            "empty": stage.attribution.empty.english() if stage.attribution.empty else None,
        }
        for stage in check.stages
    ]
    return {"method": check.original.method, "stages": stages}


def curve_rows(curves: TrustCurves) -> list[tuple[Any, ...]]:
    """One line a method and point."""
    return [
        (curve.method, *(float(getattr(curve, name)[at]) for name in CURVES))
        for curve in curves.items
        for at in range(len(curve.share))
    ]
