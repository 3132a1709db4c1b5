"""Which layer's maps a CAM weighs: the last ones that still know where, before the answer is made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.i18n import N_
from explorer.records.attribution import Said
from explorer.records.errors import BadRequestError, Trouble

if TYPE_CHECKING:
    from explorer.engine.network import Network
    from explorer.features.attribution_target import Target
    from explorer.records.network import TapInfo

# They only thin out, copy or carry maps on: what they show was made by the layer before them.
PASSIVE = ("Dropout", "Identity", "MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "Upsample", "Route", "Flatten")
WHY = {
    "class": N_(
        "{layer} gives the last maps before places are averaged into classes: deep enough to mean things, still knowing where."
    ),
    "box": N_("{layer} gives the last maps before the output map that this box is read from."),
    "mask": N_("{layer} gives the last maps before the mask is drawn from them."),
    "unit": N_("{layer} gives the last maps before the unit's own layer."),
}
BY_HAND = N_("{layer} was chosen by hand; by itself it would be {default}.")


def usable_layers(network: Network, target: Target) -> tuple[str, ...]:
    """The layers whose maps a CAM can use for this target, in the order they run: more than one place, leading to it."""
    names = network.layer_names
    end = names.index(target.before) if target.before in names else len(names)
    return tuple(layer.name for layer in network.info.layers[:end] if _is_maps(layer) and layer.name in target.leading)


def default_layer(network: Network, target: Target) -> str:
    """The layer chosen by itself; "" for a network without maps."""
    infos = {layer.name: layer for layer in network.info.layers}
    usable = [infos[name] for name in usable_layers(network, target)]
    if target.kind == "unit":  # what only carries the unit's own number on would explain it by itself
        names = network.layer_names
        inside = [name for name in names if name == target.weighty or name.startswith(f"{target.before}.")]
        end = names.index(inside[0]) if inside else len(names)
        usable = [layer for layer in usable if names.index(layer.name) < end] or usable
    answers = {len(network.info.classes), 1}  # maps that are the answer already
    good = [layer for layer in usable if not layer.kind.startswith(PASSIVE) and layer.shape[0] not in answers]
    return (good or usable)[-1].name if usable else ""


def chosen_layer(network: Network, target: Target, wanted: str) -> tuple[str, Said | None]:
    """The layer for the CAMs and why it was taken; ("", None) for a network without maps.

    Raises BadRequestError for a layer that is not there or whose maps do not lead to the target.
    """
    default = default_layer(network, target)
    if not wanted or wanted == default:
        return default, Said(WHY[target.kind], {"layer": default}) if default else None
    if wanted in usable_layers(network, target):
        return wanted, Said(BY_HAND, {"layer": wanted, "default": default})
    usable = usable_layers(network, target)
    raise BadRequestError(
        Trouble(
            "attribution.layer",
            N_("The maps of layer {layer} cannot explain this."),
            {"layer": wanted, "default": default or "-", "first": usable[0] if usable else "-"},
            N_("Usable are layers of more than one place between {first} and {default}."),
            exit_code=2,
        )
    )


def _is_maps(layer: TapInfo) -> bool:
    return len(layer.shape) == 3 and layer.shape[1] * layer.shape[2] > 1
