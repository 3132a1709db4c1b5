"""Muting one unit in a list of edits, and letting it speak again."""

from __future__ import annotations

from explorer.requests.surgery import Edit

Surgery = tuple[Edit, ...]


def is_muted(surgery: Surgery, layer: str, channel: int) -> bool:
    """Whether an edit mutes the unit."""
    return any(edit.kind == "mute" and edit.layer == layer and channel in edit.channels for edit in surgery)


def toggled(surgery: Surgery, layer: str, channel: int) -> Surgery:
    """The edits with the unit muted, or, if it was, without that; what else an edit does stays."""
    if not is_muted(surgery, layer, channel):
        return (*surgery, Edit(kind="mute", layer=layer, channels=(channel,)))
    kept: list[Edit] = []
    for edit in surgery:
        rest = tuple(one for one in edit.channels if one != channel)
        if edit.kind != "mute" or edit.layer != layer or rest == edit.channels:
            kept.append(edit)
        elif rest:
            kept.append(edit.model_copy(update={"channels": rest}))
    return tuple(kept)
