"""Class activation maps: the maps of one deep layer, weighed by what they mean for the number."""

from __future__ import annotations

import torch

from explorer.features.attribution_case import Case, Found, nothing
from explorer.features.attribution_gradients import Steps


def gradcam(case: Case) -> Steps:
    """Each map times the mean of its gradient, summed; only what speaks for the number."""
    yield from nothing()
    heat = case.captum.LayerGradCam(case.model, case.cam_module).attribute(case.leaf(), relu_attributions=True)
    return Found(heat[0, 0].detach())


def hirescam(case: Case) -> Steps:
    """Each map times its gradient place by place, summed; only what speaks for the number."""
    yield from nothing()
    product = case.captum.LayerGradientXActivation(case.model, case.cam_module).attribute(case.leaf())
    return Found(product[0].detach().sum(0).clamp_min(0.0))


def gradcam_plus_plus(case: Case) -> Steps:
    """As Grad-CAM, but each place of a map has its own share in the map's weight, so that several objects count alike."""
    yield from nothing()
    maps, gradient = case.maps_and_gradient()
    square, cube = gradient.square(), gradient.pow(3)
    below = 2 * square + maps.sum((2, 3), keepdim=True) * cube
    share = torch.where(below != 0, square / torch.where(below != 0, below, torch.ones_like(below)), torch.zeros_like(below))
    weight = (share * gradient.clamp_min(0.0)).sum((2, 3), keepdim=True)
    return Found((weight * maps)[0].sum(0).clamp_min(0.0))


def layercam(case: Case) -> Steps:
    """Each map times its positive gradient place by place: fine enough for early layers too."""
    yield from nothing()
    maps, gradient = case.maps_and_gradient()
    return Found((gradient.clamp_min(0.0) * maps)[0].sum(0).clamp_min(0.0))
