"""What Filters & Activations says in words."""

from __future__ import annotations

from explorer.i18n import tr
from explorer.records.network import NetworkInfo, TapInfo
from explorer.records.picture import Mosaic
from explorer.requests.look import ActivationsRequest


def sorted_by(sort: str) -> str:
    """ "by mean", or "" for the layer's own order."""
    texts = {
        "mean": tr("by mean"),
        "max": tr("by maximum"),
        "variance": tr("by variance"),
        "sparsity": tr("by sparsity"),
        "l1": tr("by L1 norm"),
        "l2": tr("by L2 norm"),
    }
    return texts.get(sort, "")


def layer_text(layer: TapInfo | None, name: str, maps: Mosaic | None, muted: int, paused: bool) -> str:
    """Kind and shape of the layer; how many of its channels are silent, not finite, muted; how it is shown."""
    parts = [] if layer is None else [layer.kind, " × ".join(map(str, layer.shape))]
    if maps is not None and maps.facts.get("layer") == name:
        if maps.facts.get("dead"):
            parts.append(tr("silent: {count}").format(count=len(maps.facts["dead"])))
        if maps.bad.any():
            parts.append(tr("NaN or infinite: {count}").format(count=int((maps.bad > 0).sum())))
        if muted:
            parts.append(tr("muted: {count}").format(count=muted))
        if maps.reduced > 1:
            parts.append(tr("live at 1/{factor} size, F freezes and shows every number").format(factor=maps.reduced))
    if paused:
        parts.append(tr("paused: not enough memory"))
    return " · ".join(parts)


def maps_text(request: ActivationsRequest, held: bool, pins: int) -> str:
    """The heading over the maps: what order they are in."""
    parts = [tr("Activations")]
    if sorted_by(request.sort):
        parts.append(sorted_by(request.sort))
    if pins:
        parts.append(tr("pinned: {count}").format(count=pins))
    if held:
        parts.append(tr("order held, R sorts again"))
    return " · ".join(parts)


def kernels_text(mosaic: Mosaic | None) -> str:
    """The heading over the kernels: which slices of which kernels."""
    if mosaic is None or "layer" not in mosaic.facts:
        return tr("Filters")
    facts = mosaic.facts
    if facts.get("view") == "inputs":
        text = tr("Kernel {kernel} of {layer}: what it does with each of {inputs} inputs")
    elif "input_channel" in facts and facts.get("input_channels", 1) > 1:
        text = tr("Filters of {layer} · input {input_channel} of {inputs}")
    else:
        text = tr("Filters of {layer}")
    values = {"inputs": facts.get("input_channels", 1), "kernel": 0, "input_channel": 0, **facts}
    parts = [text.format(**values)]
    if facts.get("spectrum"):
        parts.append(tr("spectrum in dB"))
    if sorted_by(str(facts.get("sort", ""))):
        parts.append(sorted_by(str(facts["sort"])))
    return " · ".join(parts)


def class_of(network: NetworkInfo | None, maps: Mosaic | None, channel: int) -> str:
    """The class that a channel of the last layers stands for, "" elsewhere."""
    if network is None or maps is None or len(network.classes) != maps.grid.count:
        return ""
    return network.classes[channel]
