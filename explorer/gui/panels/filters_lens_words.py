"""What the lens says in words."""

from __future__ import annotations

from explorer.gui.numerals import fixed
from explorer.i18n import tr
from explorer.records.receptive import Receptive, SeenBy


def field_text(record: Receptive | None, unit: tuple[str, int, int, int], held: bool) -> str:
    """The field of a unit: its size, how much of it counts, or why there is no heat."""
    layer, channel, y, x = unit
    where = tr("channel {channel} · y {y}, x {x}").format(channel=channel, y=y, x=x)
    if record is None or (record.layer, record.channel, record.y, record.x) != unit:
        return where
    lead = [tr("held: {layer}, {unit}").format(layer=layer, unit=where)] if held else []
    if record.box is None:
        return " · ".join([*lead, tr("depends on no pixel of the picture")])
    left, top, right, bottom = record.box
    if record.whole:
        parts = [tr("can see the whole picture")]
    else:
        parts = [tr("can see {width} × {height} pixels").format(width=right - left, height=bottom - top)]
    if record.bad:
        parts.append(tr("its gradient is NaN or infinite in {count} pixels").format(count=record.bad))
    elif record.silent:
        parts.append(tr("shut for this picture: its gradient is zero"))
    else:
        side = fixed(record.side, 0 if record.side >= 10 else 1)
        parts.append(tr("95 % of the heat in {side} × {side}").format(side=side))
    if record.samples:
        parts.append(tr("mean of {count} random pictures").format(count=record.samples))
    return " · ".join([*lead, *parts])


def field_tip(record: Receptive | None, text: str) -> str:
    """The same with the measures explained."""
    if record is None or record.box is None or record.silent:
        return text
    lines = [
        tr("Box: all pixels that the unit depends on, found by probing. Heat: its gradient with respect to each pixel."),
        tr("{share} % of the heat lies in the middle half of the box.").format(share=fixed(100 * record.central, 0)),
        tr("95 % of the heat would fill a square of {side} × {side} pixels.").format(side=fixed(record.side)),
    ]
    return "\n".join([text, "", *lines])


def cells_text(record: SeenBy) -> str:
    """How many cells of the shown layer see the place."""
    found = next((one for one in record.layers if one.layer == record.layer), None)
    if found is None or not found.count:
        return tr("No cell of {layer} sees this place.").format(layer=record.layer)
    return tr("{count} of {all} cells of {layer} see this place").format(count=found.count, all=found.of, layer=record.layer)
