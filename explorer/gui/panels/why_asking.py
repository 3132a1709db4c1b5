"""What the Why panel asks for: which request follows from what a person chose. No widgets."""

from __future__ import annotations

from typing import Any

from explorer.gui.catalogue import Catalogue
from explorer.records.attribution import AttributionSet
from explorer.records.network import NetworkInfo
from explorer.records.vision import Detections
from explorer.requests.attribution import AttributeRequest, RandomiseRequest, TrustRequest
from explorer.requests.base import Request, changed
from explorer.requests.network import DetectRequest
from explorer.session import Selection, Session

SHARED = ("model", "weights", "device", "precision", "exact")
FRESH: dict[str, Any] = {"target": "auto", "class_index": None, "box": None, "unit": ""}
Box = tuple[float, float, float, float]


def about_best(request: AttributeRequest) -> AttributeRequest:
    """The same methods about what the network is surest of."""
    layer = "" if request.unit or request.box is not None else request.layer  # another target has other layers before it
    return changed(request, **FRESH, layer=layer)


def about_class(request: AttributeRequest, index: int) -> AttributeRequest:
    """About a class."""
    return changed(about_best(request), class_index=index)


def about_box(request: AttributeRequest, found: Detections, number: int) -> AttributeRequest:
    """About one of the objects found."""
    box = tuple(float(edge) for edge in found.xyxy[number])
    return changed(request, **{**FRESH, "box": box, "class_index": int(found.class_index[number]), "layer": ""})


def about_unit(request: AttributeRequest, selection: Selection) -> AttributeRequest:
    """About the unit that is selected in the program; as it is where none is."""
    name = unit_name(selection)
    return changed(request, **{**FRESH, "unit": name, "layer": ""}) if name else request


def unit_name(selection: Selection) -> str:
    """ "LAYER:CHANNEL" or "LAYER:CHANNEL:Y:X" of the selection, "" where no channel is selected."""
    if not selection.layer or selection.channel is None or ":" in selection.layer:
        return ""
    place = "" if selection.pixel is None else f":{selection.pixel[0]}:{selection.pixel[1]}"
    return f"{selection.layer}:{selection.channel}{place}"


def cheap_only(request: AttributeRequest, catalogue: Catalogue) -> AttributeRequest:
    """With those of its methods that are fast enough for a camera; Grad-CAM where none is."""
    rows = catalogue.entries("attribution")
    cheap = tuple(name for name in request.methods if rows.get(name, {}).get("cheap"))
    return changed(request, methods=cheap or ("gradcam",))


def trust_of(session: Session, form: Request) -> TrustRequest:
    """Curves for the methods shown; `form` has the parameters that only the curves have."""
    own = {name: getattr(form, name) for name in TrustRequest.model_fields if name not in AttributeRequest.model_fields}
    return TrustRequest.model_validate({**session.attribute.model_dump(), **own})


def forgetting_of(session: Session, form: Request, method: str) -> RandomiseRequest:
    """The check of one method."""
    own = {name: getattr(form, name) for name in RandomiseRequest.model_fields if name not in AttributeRequest.model_fields}
    return RandomiseRequest.model_validate({**session.attribute.model_dump(), **own, "methods": (method,)})


def objects_of(session: Session, network: NetworkInfo | None) -> DetectRequest | None:
    """What finds the boxes that can be clicked; None for a network that finds none."""
    if network is None or network.task != "detect":
        return None
    shared = {field: getattr(session.attribute, field) for field in SHARED}
    return DetectRequest(**shared, confidence=session.detect.confidence, overlap=session.detect.overlap)


def marked_box(found: AttributionSet | None, objects: Detections | None) -> int | None:
    """Which of the objects is the one explained: the same class, edges within two pixels."""
    if found is None or found.xyxy is None or objects is None:
        return None
    for number in range(len(objects)):
        same = int(objects.class_index[number]) == found.class_index
        if same and all(abs(float(a) - b) <= 4.0 for a, b in zip(objects.xyxy[number], found.xyxy, strict=True)):
            return number
    return None


def recipe(found: AttributionSet, session: Session) -> dict[str, Any]:
    """What a saved picture carries: what was explained, how, and every method's numbers."""
    items = [
        {
            "method": item.method,
            "layer": item.layer,
            "highest": float(item.heat.max()),
            "lowest": float(item.heat.min()),
            "empty": item.empty.english() if item.empty else "",
            **item.facts,
        }
        for item in found.items
    ]
    return {
        **found.facts,
        "target": found.target.english(),
        "kind": found.kind,
        "measure": found.measure,
        "score": found.score,
        "confidence": found.confidence,
        "class_index": found.class_index,
        "xyxy": found.xyxy,
        "methods": items,
        "request": session.attribute.model_dump(),
    }
