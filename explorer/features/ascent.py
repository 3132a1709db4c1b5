"""The gradient of an objective with respect to the picture, by the shortest way through the network.

A private copy of the network is made for the job: convolutions and batch norms folded into one, weights in channels-last
order on a CPU, cut behind the layer. The picture's normalisation is applied as one 1 x 1 convolution, so that what is learnt
are colours in 0..1 whatever the network eats. Values that are *shown* are measured on the network itself (`measure`).
"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from explorer.engine.memory import explained
from explorer.engine.taps import first_tensor, layer_of, run_until
from explorer.features.objectives import Objective
from explorer.features.redirect import redirected
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, ExplorerError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken
    from explorer.records.frame import RGB


class NoGradientError(ExplorerError):
    """Nothing in the picture changes the objective, not even past closed gates."""


class Aim:
    """A network, a layer of it and an objective on what that layer puts out.

    `fit`: the side that pictures are resized to before the network, or None where it takes any size.
    """

    def __init__(self, network: Network, layer: str, objective: Objective, token: CancelToken | None = None) -> None:
        self.network = network
        self.layer = layer
        self.fit: int | None = None
        self._objective = objective
        self._token = token
        self._weight, self._bias = colours_of(network)
        self._module: nn.Module | None = None

    def output(self, rgb: RGB) -> torch.Tensor:
        """What the layer puts out for a picture: a plain pass of the network itself, without gradients."""
        with explained(self.network.device), torch.no_grad():
            return run_until(self.network.module, self._fitted(self.network.tensor_of(rgb)), self.layer, self._token)

    def measure(self, rgb: RGB) -> float:
        """The objective's value for a finished uint8 picture: exactly what is shown is what is measured."""
        return float(self._objective(self.output(rgb).float()))

    def without_token(self) -> Aim:
        """The same aim for a last measurement that no Stop may end."""
        other = copy.copy(self)
        other._token = None
        return other

    def settle(self, rgb: RGB) -> torch.Tensor:
        """The layer's output for the first picture; a network of fixed size gets its pictures resized from here on.

        Raises BadRequestError where the picture is too small for the layer.
        """
        try:
            return self.output(rgb)
        except RuntimeError:
            self.fit = self.network.recipe.size
        try:
            return self.output(rgb)
        except RuntimeError as error:
            raise BadRequestError(
                Trouble(
                    "dream.size",
                    N_("Layer {layer} cannot be reached by a picture of {width} x {height} pixels."),
                    {"layer": self.layer, "width": rgb.shape[1], "height": rgb.shape[0], "reason": str(error)},
                    N_("Choose another picture size or an earlier layer."),
                )
            ) from None

    def gradient(
        self, picture: torch.Tensor, through: Callable[[torch.Tensor], torch.Tensor] | None = None
    ) -> tuple[float, torch.Tensor]:
        """The objective at `picture` (1, 3, H, W) RGB in 0..1, seen `through` a transformation, and its gradient.

        Where no gradient comes back because rectifiers are closed, they are opened for that one step (see redirect.py).
        Raises NoGradientError where that does not help, jobs.Cancelled between layers, forwards and backwards.
        """
        module = self._prepared(picture)
        value, gradient = self._pass(module, picture, through)
        if gradient is None or not bool(gradient.any()):
            with redirected(module):
                value, gradient = self._pass(module, picture, through)
        if gradient is None or not bool(gradient.any()):
            raise NoGradientError(
                Trouble(
                    "dream.no-gradient",
                    N_("No gradient reaches layer {layer}: nothing in the picture changes what it says."),
                    {"layer": self.layer},
                    N_("Choose an earlier layer, another channel, another seed, or start from a picture."),
                )
            )
        return value, gradient

    def _pass(
        self, module: nn.Module, picture: torch.Tensor, through: Callable[[torch.Tensor], torch.Tensor] | None
    ) -> tuple[float, torch.Tensor | None]:
        with explained(self.network.device), torch.enable_grad():
            leaf = picture.detach().requires_grad_(True)
            seen = leaf if through is None else through(leaf)
            inputs = self._fitted(F.conv2d(seen, self._weight, self._bias))
            if inputs.device.type == "cpu":
                inputs = inputs.contiguous(memory_format=torch.channels_last)
            value = self._objective(run_until(module, inputs, self.layer).float())
            if not value.requires_grad:
                return float(value), None
            (gradient,) = torch.autograd.grad(value, leaf, allow_unused=True)
        return float(value.detach()), gradient

    def _fitted(self, nchw: torch.Tensor) -> torch.Tensor:
        if self.fit is None or tuple(nchw.shape[2:]) == (self.fit, self.fit):
            return nchw
        return F.interpolate(nchw, size=(self.fit, self.fit), mode="bilinear", antialias=True, align_corners=False)

    def _prepared(self, picture: torch.Tensor) -> nn.Module:
        if self._module is None:
            with explained(self.network.device), torch.no_grad():
                probe = self._fitted(F.conv2d(picture.detach(), self._weight, self._bias))
                self._module = private_copy(self.network.module, probe, self.layer)
            if self._token is not None:
                _ask_everywhere(self._module, self._token)
        return self._module


def colours_of(network: Network) -> tuple[torch.Tensor, torch.Tensor]:
    """(C, 3, 1, 1) and (C,): how RGB in 0..1 becomes this network's input, found by showing it black, red, green and blue."""
    patches = np.zeros((4, 1, 1, 3), np.uint8)
    for channel in range(3):
        patches[channel + 1, 0, 0, channel] = 255
    black, *pure = [network.tensor_of(patch).reshape(-1) for patch in patches]
    return torch.stack([colour - black for colour in pure], dim=1)[:, :, None, None].contiguous(), black.clone()


def private_copy(module: nn.Module, probe: torch.Tensor, layer: str) -> nn.Module:
    """A copy that computes the same up to `layer`, faster: batch norms folded into the convolutions before them.

    A fold is kept only if the layer's output for `probe` stays the same to 1e-3 of its size; else the plain copy is taken.
    """
    plain = copy.deepcopy(module)
    if probe.device.type == "cpu":  # measured in tests/bench/features.py; on a GPU in float32 it loses
        plain = cast(Any, plain).to(memory_format=torch.channels_last)  # torch's stub lacks this form
    pairs = _foldable(plain, probe, layer)
    if not pairs:
        return plain
    folded = copy.deepcopy(plain)
    for convolution, norm in pairs:
        before_norm, after_it = cast(nn.Conv2d, layer_of(folded, convolution)), cast(nn.BatchNorm2d, layer_of(folded, norm))
        fused = nn.utils.fuse_conv_bn_eval(before_norm, after_it)
        _replace(folded, convolution, fused)
        _replace(folded, norm, nn.Identity())
    folded.requires_grad_(False)
    with torch.no_grad():
        before, after = run_until(plain, probe, layer), run_until(folded, probe, layer)
    close = float((before - after).abs().max()) <= 1e-3 * float(before.abs().max())
    return folded if close else plain


def _foldable(module: nn.Module, probe: torch.Tensor, layer: str) -> list[tuple[str, str]]:
    """(convolution, batch norm) names where the norm eats exactly what the convolution put out."""
    made: dict[int, tuple[str, torch.Tensor]] = {}  # the tensor is kept so that its id stays its own
    pairs: list[tuple[str, str]] = []

    def note(name: str, child: nn.Module) -> Callable[..., None]:
        def hook(_module: nn.Module, inputs: Any, output: Any) -> None:
            if isinstance(child, nn.BatchNorm2d) and inputs and id(inputs[0]) in made:
                pairs.append((made[id(inputs[0])][0], name))
            if isinstance(child, nn.Conv2d) and isinstance(output, torch.Tensor) and name != layer:
                made[id(output)] = (name, output)

        return hook

    with contextlib.ExitStack() as stack, torch.no_grad():
        for name, child in module.named_modules():
            if isinstance(child, (nn.Conv2d, nn.BatchNorm2d)) and not child._forward_hooks:  # a hook is surgery: it stays
                stack.callback(child.register_forward_hook(note(name, child)).remove)
        run_until(module, probe, layer)
    return pairs


def _replace(module: nn.Module, name: str, new: nn.Module) -> None:
    parent, _, child = name.rpartition(".")
    setattr(layer_of(module, parent), child, new)


def _ask_everywhere(module: nn.Module, token: CancelToken) -> None:
    """Ask `token` before each layer and, on the way back, behind each: Stop acts inside one slow step too."""

    def back(gradient: torch.Tensor) -> torch.Tensor:
        token.check()
        return gradient

    def ask(_module: nn.Module, inputs: Any) -> None:
        token.check()
        first = first_tensor(inputs)
        if first is not None and first.requires_grad:
            cast(Any, first).register_hook(back)  # torch's stub has no types for it

    for child in module.modules():
        if not list(child.children()):
            child.register_forward_pre_hook(ask)
