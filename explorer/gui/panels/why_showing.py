"""Painting what the Why panel found: tiles, boxes, answers, the layer of the CAMs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.gui.panels import why_asking as asking

if TYPE_CHECKING:
    from explorer.gui.panels.why import WhyPanel


def show_tiles(panel: WhyPanel) -> None:
    """One tile an answer, and one for each method still being computed."""
    found, rgb = panel.found, None if panel.frame is None else panel.frame.rgb
    if found is None:
        return
    rows = panel.desk.catalogue.entries("attribution")
    items = list(found.items)
    names = [item.method for item in items]
    wanted = [] if panel.moving else [name for name in panel.desk.session.attribute.methods if name not in names]
    pending = wanted if panel.running else []
    for tile in panel.view.tiles.set_count(len(items) + len(pending)):
        tile.chosen.connect(panel.choose_method)
        tile.view.told.connect(panel.view.spot.setText)
        tile.view.clicked.connect(panel.tile_clicked)
    if rgb is not None:
        panel.view.tiles.set_aspect(rgb.shape[1] / rgb.shape[0])
    if panel.current not in names:
        panel.current = names[0] if names else ""
    opacity, colours = panel.view.opacity.value() / 100, str(panel.view.colours.currentData())
    for tile, item in zip(panel.view.tiles.tiles, [*items, *([None] * len(pending))], strict=True):
        facts = rows.get(item.method, {}) if item is not None else {}
        tile.set_item(rgb, item, {key: str(value) for key, value in facts.items()}, opacity, colours)
        tile.set_current(item is not None and item.method == panel.current and len(items) > 1)
    for tile, name in zip(panel.view.tiles.tiles[len(items) :], pending, strict=True):
        tile.set_waiting(str(rows.get(name, {}).get("title", name)))
    show_boxes(panel)
    panel.view.centre.setCurrentWidget(panel.view.tiles)


def show_boxes(panel: WhyPanel) -> None:
    """The objects found, and the box that is explained, over every picture."""
    boxes = () if panel.objects is None else tuple(tuple(float(e) for e in box) for box in panel.objects.xyxy)
    marked = None if panel.found is None else panel.found.xyxy
    for tile in panel.view.tiles.tiles:
        tile.view.set_boxes(tuple((b[0], b[1], b[2], b[3]) for b in boxes), marked)


def show_answers(panel: WhyPanel) -> None:
    """The lines that can be clicked: objects, or the best classes of this picture."""
    found = panel.found
    if panel.objects is not None:
        lines = [(panel.objects.label(n), float(panel.objects.score[n])) for n in range(len(panel.objects))]
        marked = asking.marked_box(found, panel.objects)
    else:
        lines = [(row.label, row.score) for row in panel.top]
        explained = None if found is None else found.class_index
        marked = next((n for n, row in enumerate(panel.top) if row.index == explained), None)
    panel.view.answers.set_answers(lines, marked)
    for part in (panel.view.answers, panel.view.answers_title):
        part.setVisible(bool(lines))
    show_boxes(panel)


def show_layers(panel: WhyPanel) -> None:
    """Where the slider of the CAM layer stands, and why this layer."""
    found, slider = panel.found, panel.view.layer
    if found is None:
        return
    chosen = next((item for item in found.items if item.layer), None)
    used = chosen is not None and len(found.layers) > 1
    for part in (slider, panel.view.layer_title, panel.view.layer_text):
        part.setVisible(used)
    if chosen is None or slider.isSliderDown():
        return
    slider.blockSignals(True)
    slider.setRange(0, max(0, len(found.layers) - 1))
    slider.setValue(found.layers.index(chosen.layer) if chosen.layer in found.layers else 0)
    slider.blockSignals(False)
    panel.view.layer_text.setText(chosen.why_layer.text() if chosen.why_layer is not None else chosen.layer)
