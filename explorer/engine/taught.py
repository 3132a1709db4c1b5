"""A taught model as a network like any other: a classifier of the zoo whose last layer gave way to a head of one's own classes.

`backbone` is the classifier, its last layer replaced by nothing; `head` reads what that layer read, averaged over places.
So filters, dreams, heats and the live runtimes work on it without knowing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.assets import state_dir
from explorer.engine.network import Network
from explorer.engine.taps import inputs_of
from explorer.i18n import N_, tr
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.network import CatalogueRow
from explorer.weights import taught_file
from explorer.weights.taught_file import TaughtFile
from explorer.weights.troubles import refusal
from explorer.zoo.registry import NetworkSpec

if TYPE_CHECKING:
    from explorer.jobs import CancelToken

MOST_LISTED = 12


class Head(nn.Module):
    """(N, features) -> logits (N, classes): one linear layer, or a hidden one of rectified units before it."""

    def __init__(self, features: int, classes: int, hidden: int = 0) -> None:
        super().__init__()
        if hidden:
            self.hidden = nn.Linear(features, hidden)
            self.relu = nn.ReLU()
        self.output = nn.Linear(hidden or features, classes)
        self._deep = hidden > 0

    def forward(self, x: Tensor) -> Tensor:
        """The scores of the classes."""
        logits: Tensor = self.output(self.relu(self.hidden(x)) if self._deep else x)
        return logits


class TaughtNetwork(nn.Module):
    """(N, C, S, S) -> logits (N, classes). `layer` of `backbone` gives way to the head."""

    def __init__(self, backbone: nn.Module, layer: str, head: Head) -> None:
        super().__init__()
        backbone.set_submodule(layer, nn.Identity())
        self.backbone = backbone
        self.head = head

    def forward(self, x: Tensor) -> Tensor:
        """Features, then the scores of the classes."""
        seen = self.backbone(x)
        logits: Tensor = self.head(seen.mean(dim=(2, 3)) if seen.ndim == 4 else seen)
        return logits


def last_layer(network: Network) -> str:
    """The layer of a classifier that makes the scores: the last linear layer or 1 x 1 convolution that runs.

    Raises BadRequestError where there is none, or the network was taught itself.
    """
    if isinstance(network.module, TaughtNetwork) or network.spec.task != "classify":
        raise BadRequestError(
            Trouble(
                "teach.backbone",
                N_("{network} cannot be taught: a classifier of the zoo is needed."),
                {"network": network.info.title},
                N_("Choose another backbone."),
                exit_code=2,
            )
        )
    found = ""
    for name in network.layer_names:
        layer = network.module.get_submodule(name)
        if isinstance(layer, nn.Linear) or (isinstance(layer, nn.Conv2d) and layer.kernel_size == (1, 1)):
            found = name
    if not found:
        raise BadRequestError(
            Trouble("teach.no-head", N_("{network} has no last linear layer to replace."), {"network": network.info.title})
        )
    return found


def features_of(network: Network, layer: str, nchw: Tensor, token: CancelToken | None = None) -> np.ndarray[Any, Any]:
    """(F,) float32: what `layer` reads for one picture, averaged over places."""
    with inputs_of(network.module, layer) as got:
        network.forward(nchw, token)
        seen: Tensor = got[-1][0][0]
        pooled = seen.mean(dim=(2, 3)) if seen.ndim == 4 else seen
        return np.array(pooled.reshape(-1).cpu().numpy(), dtype=np.float32)


def numbers_hash(module: nn.Module) -> str:
    """sha256 of all numbers of a network with their names: what tells whether it is still the same."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()


def preparation_of(network: Network) -> dict[str, Any]:
    """How pictures are prepared, as JSON."""
    facts: dict[str, Any] = json.loads(json.dumps(asdict(network.recipe)))
    return facts


def dressed(base: Network, taught: TaughtFile, path: Path, token: CancelToken | None = None) -> Network:
    """`base`, freshly built and nobody else's, with the head of `taught`. Raises ModelFileError if it is another backbone."""
    facts, backbone = taught.facts, taught.facts["backbone"]
    same = numbers_hash(base.module) == backbone["numbers"]
    if not same or not taught_file.same_preparation(preparation_of(base), facts["preprocessing"]):
        raise refusal(
            "backbone-changed",
            N_("{name} was taught on other weights of {network} than those here."),
            N_("Bring back the weights it was taught on (sha256 {sha256}), or teach it again."),
            name=path.name,
            network=base.info.title,
            sha256=backbone["numbers"][:16],
        )
    head = Head(facts["features"], len(taught.classes), facts["hidden"])
    head.load_state_dict({name: torch.tensor(array) for name, array in taught.tensors.items()})
    blank = base.blank()
    try:
        layer = last_layer(base)
        read = features_of(base, layer, blank, token) if layer == backbone["layer"] else np.zeros(0)
    except BadRequestError:
        read = np.zeros(0)
    module = (
        TaughtNetwork(base.module, backbone["layer"], head).eval().to(base.device) if read.size == facts["features"] else None
    )
    if module is None or not _reads(module, blank, read):
        raise refusal(
            "backbone-other",
            N_("{name} does not fit {network} as it is here."),
            N_("Teach it again with this version."),
            name=path.name,
            network=base.info.title,
        )
    names = ", ".join(taught.classes)
    spec = replace(
        base.spec,
        name="taught_" + "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in path.stem)[:60],
        title=tr("{name}, taught on {network}").format(name=path.stem, network=base.info.title),
        build=_Build(base.spec, backbone["layer"], facts["features"], len(taught.classes), facts["hidden"]),
        classes_file="",
        labels=taught.classes,
        dream_layer=f"backbone.{base.spec.dream_layer}" if base.spec.dream_layer else "",
        foreign_names=(),
        notes=(),
    )
    said = tr("taught: {names}").format(names=names if len(names) <= 80 else names[:77] + "...")
    return Network(
        spec,
        module,
        base.recipe,
        row=base.row,
        device=base.device,
        weights=path.name,
        classes=taught.classes,
        notes=(said, *base.info.notes),
        token=token,
    )


class _Build:
    """Makes the same architecture with random numbers."""

    def __init__(self, spec: NetworkSpec, layer: str, features: int, classes: int, hidden: int) -> None:
        self._spec, self._layer, self._sizes = spec, layer, (features, classes, hidden)

    def __call__(self) -> nn.Module:
        return TaughtNetwork(self._spec.build(), self._layer, Head(*self._sizes))


def _reads(module: TaughtNetwork, blank: Tensor, features: np.ndarray[Any, Any]) -> bool:
    """Whether what arrives at the head is what the replaced layer read: nothing behind it changes the numbers."""
    with torch.inference_mode():
        seen = module.backbone(blank)
        got = (seen.mean(dim=(2, 3)) if seen.ndim == 4 else seen).reshape(-1).cpu().numpy()
    return got.shape == features.shape and bool(
        np.allclose(got, features, rtol=1e-4, atol=1e-5 * float(np.abs(features).max() + 1))
    )


# ---- the list of taught models ------------------------------------------------------------------------------------------


def models_folder() -> Path:
    """Where the window keeps the models it taught."""
    return state_dir() / "teach" / "models"


def listed() -> list[Path]:
    """Taught models for the list of networks, the newest first: those a person saved, and the last one the window keeps."""
    try:
        noted = json.loads((models_folder().parent / "recent.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        noted = []
    paths = [Path(path) for path in noted if isinstance(path, str)] if isinstance(noted, list) else []
    kept = sorted(models_folder().glob("*.safetensors"), key=_age)[-1:]
    found = {path: _age(path) for path in [*paths, *kept] if path.is_file()}
    return sorted(found, key=lambda path: found[path], reverse=True)[:MOST_LISTED]


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def describe(path: Path) -> CatalogueRow | None:
    """The line of the list of networks for a taught model; None for a file that is none."""
    try:
        facts = taught_file.facts_of(path)
    except Exception:  # a file that a person put there: it is not listed, and says why when it is opened
        return None
    backbone: Mapping[str, Any] = facts["backbone"]
    title = tr("{name}, taught on {network}").format(name=path.stem, network=backbone.get("title", backbone["name"]))
    size = facts["preprocessing"].get("size")
    side = size if isinstance(size, int) else 0
    return CatalogueRow(
        str(path), title, "classify", ", ".join(facts["classes"]), side, "cached", 0, str(backbone.get("licence", ""))
    )
