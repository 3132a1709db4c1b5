"""Edits in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.gui.numerals import figure
from explorer.i18n import N_, tr

if TYPE_CHECKING:
    from explorer.requests.surgery import Edit

KINDS = {
    "mute": N_("mute"),
    "keep": N_("keep only"),
    "scale": N_("scale"),
    "swap": N_("swap"),
    "kernel": N_("kernel"),
}
SHOWN = 12  # channels of one edit that are named


def edits_text(surgery: tuple[Edit, ...]) -> str:
    """ "1 edit", "5 edits", or "" without any: the mark of a network that was operated on."""
    if not surgery:
        return ""
    from explorer.requests.surgery import cuts  # not before the first paint: it brings pydantic

    count = cuts(surgery)
    return tr("1 edit") if count == 1 else tr("{count} edits").format(count=count)


def edit_text(edit: Edit) -> str:
    """ "mute · features.12 · 3, 17, 44"."""
    channels = ", ".join(map(str, edit.channels[:SHOWN]))
    if len(edit.channels) > SHOWN:
        channels += tr(" and {count} more").format(count=len(edit.channels) - SHOWN)
    if edit.kind == "scale":
        channels += f" × {figure(edit.factor)}"
    elif edit.kind == "swap":
        channels = " ↔ ".join(map(str, edit.channels))
    elif edit.kind == "kernel":
        inputs = tr("all inputs") if edit.input_channel is None else tr("input {number}").format(number=edit.input_channel)
        channels = f"{channels} · {inputs} · {edit.rows} × {edit.columns}"
    return f"{tr(KINDS[edit.kind])} · {edit.layer} · {channels}"
