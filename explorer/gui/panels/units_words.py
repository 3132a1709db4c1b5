"""What the Units panel says in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.gui.numerals import figure
from explorer.gui.panels.units_gallery import Units
from explorer.i18n import tr
from explorer.records.network import TapInfo
from explorer.records.units import BestPictures

if TYPE_CHECKING:
    from explorer.gui.panels.units import UnitsPanel


def gallery_note(units: Units, tap: TapInfo | None, growing: str) -> str:
    """Under the tiles: how many are there, and what to do next."""
    count = units.rowCount()
    if not count:
        return (
            tr("This layer has no units that could be grown one by one: choose another layer on the left.")
            if tap is not None
            else tr("Load a network and choose a layer on the left.")
        )
    done = sum(units.done(channel) for channel in range(count))
    if growing and growing != units.layer:
        return tr("The gallery of {layer} is growing; this one waits.").format(layer=growing)
    if not done and not growing:
        return tr("{count} units, none grown yet. Click one, or press Space to grow them all.").format(count=count)
    return tr("{done} of {count} units grown").format(done=done, count=count)


def best_note(best: BestPictures, stopped: bool, running: bool) -> str:
    """Under the crops: how many pictures were read, which could not be."""
    parts = []
    if stopped:
        parts.append(tr("Stopped after {done} of {total} pictures.").format(done=best.done, total=best.total))
    elif running and best.done < best.total:
        parts.append(tr("{done} of {total} pictures ranked").format(done=best.done, total=best.total))
    else:
        parts.append(tr("{count} pictures ranked").format(count=len(best.paths)))
    if best.unreadable:
        names = ", ".join(name for name, _ in best.unreadable[:3])
        parts.append(tr("{count} could not be read: {names}").format(count=len(best.unreadable), names=names))
    return " · ".join(parts)


def page_texts(panel: UnitsPanel) -> dict[str, str]:
    """Every text of the page of the selected unit."""
    unit, best, maps = panel.records
    channel, layer, tap = panel.channel, panel.layer, panel.tap()
    if channel is None:
        return {
            "heading": tr("No unit is selected"),
            "facts": tr("Click a tile on the left: its page appears here, with its filter, its picture and what it likes."),
        }
    texts = {"heading": tr("{layer} · unit {channel}").format(layer=layer, channel=channel)}
    facts = [tap.kind if tap is not None else ""]
    labels = panel.tiles.units.labels
    if channel < len(labels):
        facts.append(labels[channel])
    if panel.muted:
        facts.append(tr("muted by surgery"))
    stats = maps.stats if maps is not None and maps.facts.get("layer") == layer else None
    if maps is not None and stats is not None and channel < len(stats.mean):
        said = tr("on this picture: mean {mean}, maximum {most}")
        facts.append(said.format(mean=figure(float(stats.mean[channel])), most=figure(float(stats.most[channel]))))
        if channel in maps.facts.get("dead", ()):
            facts.append(tr("silent: zero everywhere"))
    texts["facts"] = " · ".join(part for part in facts if part)
    texts["picture"] = tr("Maximised picture")
    if unit is not None:
        made = unit.facts
        if channel in made.get("silent", ()):
            texts["picture_note"] = tr("no picture moves it")
        elif bool(unit.done[0]):
            texts["picture_note"] = tr("mean activation {value}").format(value=figure(float(unit.objective[0])))
        texts["picture_tip"] = tr("{size} px, {steps} steps, seed {seed}").format(**made)
    texts["filter"], texts["filter_note"] = tr("Filter"), _filter_note(panel)
    texts["best"] = tr("Best pictures")
    if best is not None:
        texts["best"] += " · " + (tr("samples") if not panel.desk.session.best.folder else best.folder)
    texts["sight"], texts["sight_note"] = tr("On the current picture"), _sight_note(panel)
    return texts


def _filter_note(panel: UnitsPanel) -> str:
    mosaic = panel.page.filter.mosaic
    if mosaic is None:
        return ""
    count, height, width = mosaic.values.shape[:3]
    name = str(mosaic.facts.get("layer", ""))
    if mosaic.facts.get("rgb"):
        return tr("{layer}: {height} × {width}, red, green and blue").format(layer=name, height=height, width=width)
    size = {"count": count, "height": height, "width": width}
    return tr("{layer}: {count} slices of {height} × {width}").format(layer=name, **size)


def _sight_note(panel: UnitsPanel) -> str:
    sight = panel.page.sight.sight
    if panel.page.sight.frame is None:
        return tr("Choose a picture above: where this unit answers appears here.")
    if sight is None or (sight.layer, sight.channel) != (panel.layer, panel.channel):
        return tr("Bright: where the unit answers. The box is what it sees from its strongest place; click another.")
    text = tr("Row {row}, column {column}: {value}").format(row=sight.y, column=sight.x, value=figure(sight.value))
    if sight.box is None:
        return text + " · " + tr("it depends on no pixel")
    left, top, right, bottom = sight.box
    wide, high = right - left, bottom - top
    seen = tr("sees {width} × {height} of {all_width} × {all_height} pixels")
    size = {"all_width": sight.input_hw[1], "all_height": sight.input_hw[0]}
    return text + " · " + seen.format(width=wide, height=high, **size)
