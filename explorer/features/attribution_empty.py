"""Why a heat is empty: said in words instead of drawing noise or a grey picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from explorer.features.attribution_target import are_probabilities, class_rows
from explorer.features.redirect import redirected
from explorer.i18n import N_
from explorer.records.attribution import Said

if TYPE_CHECKING:
    from explorer.features.attribution_case import Case
    from explorer.features.attribution_methods import AttributionMethod

NAN_ANSWER = N_(
    "The network's answer itself is not a number (NaN or infinity): its weights are damaged, or the numbers grew too large."
)
NAN_HEAT = N_("The method met numbers that are not finite (NaN or infinity) on its way back, though the answer is finite.")
NO_MAPS = N_("This network has no layer that gives maps of more than one place, so a CAM has nothing to weigh.")
NO_PATH = N_("Nothing in the picture changes this number: no way leads back to the picture.")
CLOSED = N_(
    "The gradient is exactly zero: on every way to this number a rectifier (ReLU) is shut for this picture. Try occlusion."
)
SATURATED = N_(
    "The gradient is zero because the answer is saturated: small changes of the picture change nothing any more. Try occlusion."
)
FLAT = N_("The gradient is exactly zero here: the answer stays the same for small changes of the picture. Try occlusion.")
AGAINST = N_("All that layer {layer} found speaks against this answer; the method shows only what speaks for it.")
SILENT = N_("Layer {layer} is silent for this picture: all its maps are zero.")
SAME = N_("Covering any part of the picture does not change the answer.")
BASE = N_("The picture is the same as the baseline, so there is no way to go.")
NOISY = N_("The gradient is zero on every noisy copy of the picture: take less noise.")
ZERO = N_("The picture is all zero for the network (its mean colour), so pixel times gradient is zero.")


def why_empty(case: Case, method: AttributionMethod, heat: torch.Tensor) -> Said | None:
    """The reason where `heat` (h, w) is zero everywhere or not finite; None where there is something to see."""
    if bool(torch.isfinite(heat).all()) and bool(heat.any()):
        return None
    if not bool(torch.isfinite(case.score(case.x)).all()):
        return Said(NAN_ANSWER)
    if not bool(torch.isfinite(heat).all()):
        return Said(NAN_HEAT)
    if method.name == "occlusion":
        return Said(SAME)
    if method.name == "integrated_gradients" and bool((case.x == case.baseline()).all()):
        return Said(BASE)
    if method.name == "input_x_gradient" and not bool(case.x.any()):
        return Said(ZERO)
    plain = _without_gradient(case)
    if plain is None and method.name == "smoothgrad":
        return Said(NOISY)
    return plain or _of_maps(case, method)


def _without_gradient(case: Case) -> Said | None:
    """Why the plain gradient is zero; None where it is not."""
    _, gradient = case.gradient(case.x)
    if gradient is None:
        return Said(NO_PATH)
    if bool(gradient.any()):
        return None
    with redirected(case.module):
        _, opened = case.gradient(case.x)
    if opened is not None and bool(opened.any()):
        return Said(CLOSED)
    if case.target.kind == "class":
        with torch.no_grad():
            rows = class_rows(case.model.raw(case.x)[0])
        if are_probabilities(rows):
            return Said(SATURATED)
    return Said(FLAT)


def _of_maps(case: Case, method: AttributionMethod) -> Said:
    if method.maps and case.layer:
        maps, _ = case.maps_and_gradient()
        if not bool(maps.any()):
            return Said(SILENT, {"layer": case.layer})
        return Said(AGAINST, {"layer": case.layer})
    return Said(FLAT)
