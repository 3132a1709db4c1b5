"""One loaded network: the module, what it wants as input, what can be seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.engine.memory import explained
from explorer.engine.prepare import Prepared, Recipe
from explorer.engine.survey import forbid_in_place, survey
from explorer.engine.taps import cancellable
from explorer.records.network import NetworkInfo

if TYPE_CHECKING:
    from explorer.jobs import CancelToken
    from explorer.records.frame import RGB, Frame
    from explorer.requests.surgery import Edit
    from explorer.weights.rows import WeightsRow
    from explorer.zoo.registry import NetworkSpec


class Network:
    """A network ready to answer: eval mode, float32, no gradients on its weights, surveyed by one warm-up pass.

    `spec`, `row`: its row of the zoo and of the weights list (None: no published weights). `module`: the torch module on
    `device`. `recipe`: how pictures are prepared. `whole`: no weight stayed random because a file lacked it. `info`: the
    record that windows and commands show. `runners`: fast versions made of it by `live_runner`, gone with it. `edits`: what was
    operated on (see surgery.py). Works for any nn.Module that takes one (1, C, S, S) tensor.
    """

    def __init__(
        self,
        spec: NetworkSpec,
        module: nn.Module,
        recipe: Recipe,
        *,
        row: WeightsRow | None = None,
        device: torch.device | None = None,
        weights: str = "",
        classes: tuple[str, ...] = (),
        notes: tuple[str, ...] = (),
        whole: bool = True,
        token: CancelToken | None = None,
    ) -> None:
        self.spec = spec
        self.row = row
        self.recipe = recipe
        self.device = device or torch.device("cpu")
        self.whole = whole
        self.runners: dict[Any, Any] = {}
        self.edits: tuple[Edit, ...] = ()
        size = sum(tensor.nbytes for tensor in (*module.parameters(), *module.buffers()))
        with explained(self.device, loading=spec.title, needs=size):
            forbid_in_place(module)
            self.module = module.to(self.device, torch.float32).eval().requires_grad_(False)
            seen = survey(self.module, self.blank(), token)
        self.info = NetworkInfo(
            name=spec.name,
            title=spec.title,
            task=spec.task,
            weights=weights,
            input_size=recipe.size,
            layers=seen.layers,
            classes=classes,
            parameters=sum(parameter.numel() for parameter in module.parameters()),
            paper=spec.paper,
            notes=(*notes, *spec.notes, *seen.notes),
            dream_layer=spec.dream_layer,
        )

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Layers that can be tapped, in the order they run."""
        return tuple(layer.name for layer in self.info.layers)

    @property
    def convolution_names(self) -> tuple[str, ...]:
        """Those of them that are 2-D convolutions."""
        return tuple(layer.name for layer in self.info.layers if layer.kernel is not None)

    @property
    def first_convolution(self) -> str | None:
        """The convolution that sees the picture; None if the network has none."""
        return next(iter(self.convolution_names), None)

    @property
    def nbytes(self) -> int:
        """Memory of parameters and buffers."""
        return sum(tensor.nbytes for tensor in (*self.module.parameters(), *self.module.buffers()))

    @property
    def bounds(self) -> tuple[tuple[float, float], ...]:
        """Per channel (low, high) of the normalised input: black and full brightness."""
        return self.recipe.bounds

    def prepare(self, frame: Frame) -> Prepared:
        """A frame as this network wants it, and the way back to the frame's pixels."""
        return self.recipe.prepare(frame.rgb, self.device)

    def tensor_of(self, rgb: RGB) -> torch.Tensor:
        """(H, W, 3) uint8 RGB -> (1, C, H, W) float32 normalised, at the picture's own size."""
        return self.recipe.tensor_of(rgb, self.device)

    def picture_of(self, nchw: torch.Tensor) -> RGB:
        """(1, C, H, W) normalised -> (H, W, 3) uint8 RGB, rounded and clipped."""
        return self.recipe.picture_of(nchw)

    def blank(self) -> torch.Tensor:
        """(1, C, S, S) zeros on the network's device."""
        size = self.recipe.size
        return torch.zeros(1, self.recipe.channels, size, size, device=self.device)

    def forward(self, nchw: torch.Tensor, token: CancelToken | None = None) -> Any:
        """The reference: one torch float32 pass without gradients. Raises ExplorerError when memory runs out, Cancelled."""
        with explained(self.device), torch.inference_mode(), cancellable(self.module, token):
            return self.module(nchw)
