"""The gradient of a sum of objectives with respect to the picture, by the shortest way through the network.

A private copy of the network is made for the job (see shortcut.py), cut behind the last layer that is looked at. The picture's
normalisation is part of the pass, so that what is learnt are colours in 0..1 whatever the network eats. Values that are *shown*
are measured on the network itself (`measure`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from explorer.engine.memory import explained
from explorer.engine.taps import first_tensor, run_through
from explorer.features.colours import Colours
from explorer.features.redirect import redirected
from explorer.features.shortcut import private_copy
from explorer.features.sizes import tiles_of
from explorer.features.terms import Term, layers_of
from explorer.i18n import N_
from explorer.records.errors import BadRequestError, ExplorerError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.jobs import CancelToken
    from explorer.records.frame import RGB

PROBE = 160  # pixels
RETRY = 16  # steps between attempts to open gates that stayed shut for some pictures of a batch


class NoGradientError(ExplorerError):
    """Nothing in the picture changes the objective, not even past closed gates."""


class Aim:
    """A network and a sum of terms on what its layers put out.

    `diversity`: how strongly the pictures of a batch are pushed apart in the styles (Gram matrices) of the first term's layer.
    `fit`: the side that pictures are resized to before the network, or None where it takes any size (of its own multiples).
    """

    def __init__(
        self, network: Network, terms: Sequence[Term], token: CancelToken | None = None, diversity: float = 0.0
    ) -> None:
        self.network = network
        self.terms = tuple(terms)
        self.layers = layers_of(terms)
        self.fit: int | None = None
        self._token = token
        self._diversity = diversity
        cpu = network.device.type == "cpu"
        self._colours = Colours(network, torch.channels_last if cpu else torch.contiguous_format)
        self._module: nn.Module | None = None
        self._resting = 0

    @property
    def layer(self) -> str:
        """The layer of the first term, for messages."""
        return self.terms[0].layer

    def outputs(self, rgb: RGB) -> dict[str, torch.Tensor]:
        """What the layers put out for a picture: a plain pass of the network itself, without gradients."""
        with explained(self.network.device), torch.no_grad():
            nchw = self._fitted(self.network.tensor_of(rgb))
            return run_through(self.network.module, nchw, self.layers, self._token)

    def measure(self, rgb: RGB, index: int = 0, tile: int = 0) -> float:
        """The value of picture `index` of a batch for a finished uint8 picture: what is shown is what is measured.

        With `tile` > 0 each tile of that side is a picture by itself; the value is their mean by area.
        """
        total = 0.0
        for down, across in tiles_of(rgb.shape[0], rgb.shape[1], tile):
            part = np.ascontiguousarray(rgb[down, across])
            total += float(self._values(self.outputs(part), index)[0]) * part.size / rgb.size
        return total

    def without_token(self) -> Aim:
        """The same aim for a last measurement that no Stop may end."""
        other = copy.copy(self)
        other._token = None
        return other

    def settle(self, rgb: RGB) -> dict[str, torch.Tensor]:
        """The layers' outputs for the first picture; a network of fixed size gets its pictures resized from here on.

        Raises BadRequestError where the picture is too small for a layer.
        """
        try:
            return self.outputs(rgb)
        except RuntimeError:
            self.fit = self.network.recipe.size
        try:
            return self.outputs(rgb)
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
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """(B,) values of `picture` (B, 3, H, W) RGB in 0..1, seen `through` a transformation, and the gradient of each.

        Where no gradient comes back because rectifiers are closed, they are opened for that one step (see redirect.py); a
        picture of a batch for which that does not help gets zeros. Raises NoGradientError where it helps none, jobs.Cancelled
        between layers, forwards and backwards.
        """
        try:
            module = self._prepared(picture)
            values, gradient = self._pass(module, picture, through)
        except RuntimeError:
            if self.fit is not None:
                raise
            self.fit, self._module = self.network.recipe.size, None  # an octave or a border may not suit the network either
            module = self._prepared(picture)
            values, gradient = self._pass(module, picture, through)
        shut = silent(gradient)
        self._resting = max(0, self._resting - 1)
        if bool(shut.any()) and (bool(shut.all()) or not self._resting):
            with redirected(module):
                values, opened = self._pass(module, picture, through)
            gradient = torch.where(shut[:, None, None, None], opened, gradient)
            still = silent(gradient)
            if bool(still.all()):
                raise self._no_gradient()
            self._resting = RETRY if bool(still.any()) else 0
        return values, gradient

    def _no_gradient(self) -> NoGradientError:
        return NoGradientError(
            Trouble(
                "dream.no-gradient",
                N_("No gradient reaches layer {layer}: nothing in the picture changes what it says."),
                {"layer": self.layer},
                N_("Choose an earlier layer, another channel, another seed, or start from a picture."),
            )
        )

    def _pass(
        self, module: nn.Module, picture: torch.Tensor, through: Callable[[torch.Tensor], torch.Tensor] | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        with explained(self.network.device), torch.enable_grad():
            leaf = picture.detach().requires_grad_(True)
            seen = leaf if through is None else through(leaf)
            inputs = self._fitted(self._colours(seen))
            outputs = {name: y.float() for name, y in run_through(module, inputs, self.layers).items()}
            values = self._values(outputs)
            total = values.sum()
            if self._diversity and len(picture) > 1:
                weight = self._diversity * values.detach().abs().mean().clamp_min(1e-6)
                total = total - weight * likeness(outputs[self.layer])
            if not total.requires_grad:
                return values, torch.zeros_like(picture)
            (gradient,) = torch.autograd.grad(total, leaf, allow_unused=True)
        return values.detach(), torch.zeros_like(picture) if gradient is None else gradient

    def _values(self, outputs: dict[str, torch.Tensor], index: int | None = None) -> torch.Tensor:
        """(B,) sum of the terms; `index`: the outputs are of that one picture of the batch."""
        total: torch.Tensor | None = None
        for term in self.terms:
            found = term.objective(outputs[term.layer].float())
            weights = term.weights if index is None else (term.weights[index % len(term.weights)],)
            value = found if weights == (1.0,) else found * torch.tensor(weights, dtype=found.dtype, device=found.device)
            total = value if total is None else total + value
        assert total is not None
        return total

    def _fitted(self, nchw: torch.Tensor) -> torch.Tensor:
        height, width = nchw.shape[2:]
        step = max(1, self.network.spec.multiple_of)
        size = (self.fit, self.fit) if self.fit else tuple(max(step, round(side / step) * step) for side in (height, width))
        if size == (height, width):
            return nchw
        return F.interpolate(nchw, size=size, mode="bilinear", antialias=True, align_corners=False)

    def _probe(self, picture: torch.Tensor) -> torch.Tensor:
        """An input to try the copy with: the first picture, small where the layers can be reached by a small one."""
        shown = self._colours(picture.detach()[:1])
        if self.fit is not None or max(shown.shape[2:]) <= PROBE:
            return self._fitted(shown)
        small = F.interpolate(shown, size=(PROBE, PROBE), mode="bilinear", align_corners=False)
        try:
            run_through(self.network.module, small, self.layers, self._token)
        except RuntimeError:
            return shown
        return small

    def _prepared(self, picture: torch.Tensor) -> nn.Module:
        if self._module is None:
            with explained(self.network.device), torch.no_grad():
                self._module = private_copy(self.network.module, self._probe(picture), *self.layers, token=self._token)
            if self._token is not None:
                _ask_everywhere(self._module, self._token)
        return self._module


def silent(gradient: torch.Tensor) -> torch.Tensor:
    """(B,) bool: the gradient of a picture is zero everywhere. A look at every 49th place spares nearly always the rest."""
    found = ~gradient[:, :, ::7, ::7].flatten(1).any(1)
    return ~gradient.flatten(1).any(1) if bool(found.any()) else found


def likeness(y: torch.Tensor) -> torch.Tensor:
    """How alike the styles of a batch are: the sum over pairs of the cosine of their Gram matrices (Olah 2017). 0-dim.

    `y`: (B, C, H, W), or (B, N), whose "style" is the list itself.
    """
    flat = y.flatten(2) if y.ndim > 2 else y[:, :, None]
    grams = F.normalize((flat @ flat.transpose(1, 2)).flatten(1), dim=1, eps=1e-12)
    pairs = grams @ grams.T
    return (pairs.sum() - pairs.diagonal().sum()) / 2


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
