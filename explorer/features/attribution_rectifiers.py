"""Methods that bend the way back through rectifiers: guided backpropagation and deconvolution.

captum's version stands where it fits: every rectifier an nn.ReLU that runs once. A rectifier that is shared between places
mixes up captum's notes of gradients, and ReLU6 is none for captum; there the rule is applied by our own hooks.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import nn

from explorer.features.attribution_case import Case, Found, nothing
from explorer.features.attribution_gradients import Steps, strongest
from explorer.i18n import N_
from explorer.records.attribution import Said

TOPS = {nn.ReLU: float("inf"), nn.ReLU6: 6.0}
OTHERS = (
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.SELU,
    nn.CELU,
    nn.GELU,
    nn.SiLU,
    nn.Mish,
    nn.Hardswish,
    nn.Tanh,
    nn.Softplus,
)


class _Bent(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, top: float, deconvolve: bool) -> torch.Tensor:
        ctx.save_for_backward(x)
        ctx.top, ctx.deconvolve = top, deconvolve
        return x.clamp(0.0, top)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (x,) = ctx.saved_tensors
        upwards = gradients[0].clamp_min(0.0)
        return upwards if ctx.deconvolve else upwards * ((x > 0) & (x < ctx.top)), None, None


@contextlib.contextmanager
def bent(module: nn.Module, deconvolve: bool) -> Iterator[None]:
    """Inside the block ReLU and ReLU6 let only positive gradients back; `deconvolve`: even where they were shut."""

    def hook(top: float) -> Any:
        def bend(_module: nn.Module, inputs: tuple[torch.Tensor, ...], _output: torch.Tensor) -> torch.Tensor:
            return cast(torch.Tensor, cast(Any, _Bent).apply(inputs[0], top, deconvolve))  # torch's stub has no types for it

        return bend

    with contextlib.ExitStack() as stack:
        for child in module.modules():
            top = TOPS.get(type(child))
            if top is not None:
                stack.callback(child.register_forward_hook(hook(top), prepend=True).remove)
        yield


def guided_backprop(case: Case) -> Steps:
    """The gradient, but every rectifier lets only what speaks for the number pass back."""
    yield from nothing()
    return _through(case, deconvolve=False)


def deconvolution(case: Case) -> Steps:
    """The gradient, but every rectifier is passed by what speaks for the number, whether it was open or shut."""
    yield from nothing()
    return _through(case, deconvolve=True)


def guided_gradcam(case: Case) -> Steps:
    """Guided backpropagation times Grad-CAM: fine lines only where the CAM is warm."""
    yield from nothing()
    fine = _through(case, deconvolve=False)
    if fine.empty is not None:
        return fine
    cam = case.captum.LayerGradCam(case.model, case.cam_module).attribute(case.leaf(), relu_attributions=True).detach()
    grown = torch.nn.functional.interpolate(cam, size=tuple(fine.heat.shape), mode="bilinear")[0, 0]
    return Found(fine.heat * grown, notes=fine.notes)


def _through(case: Case, *, deconvolve: bool) -> Found:
    counts = rectifiers(case)
    others = sorted({type(layer).__name__ for layer in case.module.modules() if isinstance(layer, OTHERS)})
    if not counts:
        reason = N_(
            "There is no rectifier (ReLU) in this network, only {others}: the method would be the plain gradient. See saliency."
        )
        if not others:
            reason = N_(
                "There is no rectifier (ReLU) layer in this network: the method would be the plain gradient. See saliency."
            )
        return Found(torch.zeros(case.x.shape[2:]), empty=Said(reason, {"others": ", ".join(others)}))
    notes: tuple[Said, ...] = ()
    if others:
        notes = (
            Said(
                N_("The method bends only the rectifiers (ReLU); {others} pass their plain gradient."),
                {"others": ", ".join(others)},
            ),
        )
    plain = all(type(layer) is nn.ReLU and count == 1 for layer, count in counts.items())
    if plain:
        method = case.captum.Deconvolution if deconvolve else case.captum.GuidedBackprop
        with warnings.catch_warnings():  # captum announces the hooks that it takes away again
            warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU activations", category=UserWarning)
            gradient = method(case.model).attribute(case.leaf())
    else:
        with bent(case.module, deconvolve):
            _, found = case.gradient(case.x)
        gradient = torch.zeros_like(case.x) if found is None else found
    return Found(strongest(gradient), notes=notes)


def rectifiers(case: Case) -> dict[nn.Module, int]:
    """The rectifier layers that run for this picture on the way to the number, and how often each does."""
    counts: dict[nn.Module, int] = {}

    def note(layer: nn.Module, inputs: tuple[Any, ...], _output: Any) -> None:
        counts[layer] = counts.get(layer, 0) + 1
        if not inputs[0].requires_grad:  # a constant inside the network: captum's hook would raise there
            counts[layer] += 1

    with contextlib.ExitStack() as stack, torch.enable_grad():
        for layer in case.module.modules():
            if type(layer) in TOPS:
                stack.callback(layer.register_forward_hook(note).remove)
        case.model(case.leaf())
    return counts
