"""The lens and the numbers: mosaic, one map enlarged, the numbers; hover, hold, look back; what the window got."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication


def plain(record):
    """What a test can compare."""
    return {
        "layer": record.layer, "channel": record.channel, "y": record.y, "x": record.x, "box": record.box,
        "heat": float(record.heat.sum()), "value": record.value, "side": record.side,
    }  # fmt: skip


def cell(view, row, column):
    """The middle of a number of the enlarged map, in its widget pixels."""
    return view.transform().map(QPointF(column + 0.5, row + 0.5))


def lens(app):
    panel = app.panel("filters")
    app.wait(lambda: panel.view.maps.mosaic is not None, "maps")
    app.desk.select(layer="features.3.expand3x3")
    app.wait(lambda: panel.view.maps.mosaic.facts["layer"] == "features.3.expand3x3", "maps of the layer")
    look, view, enlarged = panel.lens, panel.view, panel.view.enlarged
    picture = look.box.picture

    # level 1: over a tile of the mosaic
    tile = app.settled(view.maps).tile_rect(3).center()
    app.hover(view.maps, tile.x(), tile.y())
    app.wait(lambda: picture.record is not None and picture.record.channel == 3 and picture.guessed is None, "a field")
    app.facts["tile"] = plain(picture.record)
    app.shot("1-mosaic-hover")

    # level 2: enlarged
    app.click(view.maps, tile.x(), tile.y(), double=True)
    app.wait(lambda: view.is_large, "the enlarged map")
    at = cell(app.settled(enlarged), 20, 31)
    app.hover(enlarged, at.x(), at.y())
    app.wait(
        lambda: picture.record is not None and (picture.record.y, picture.record.x) == (20, 31), "the field under the mouse"
    )
    app.facts["hovered"] = plain(picture.record)
    app.shot("2-enlarged-hover")
    app.click(enlarged, at.x(), at.y())
    app.facts["selected"] = dict(app.desk.session.selection)

    # G holds the unit while the mouse and the layer move
    app.key("G")
    other = cell(enlarged, 5, 5)
    app.hover(enlarged, other.x(), other.y())
    app.pause(0.3)
    app.facts["held"] = [picture.record.y, picture.record.x, look.held is not None]
    app.desk.select(layer="features.6")
    app.wait(lambda: view.maps.mosaic.facts["layer"] == "features.6", "another layer")
    app.pause(0.2)
    app.facts["held_elsewhere"] = picture.record.layer
    app.shot("3-held")
    app.key("G")
    app.desk.select(layer="features.3.expand3x3")
    app.wait(lambda: view.maps.mosaic.facts["layer"] == "features.3.expand3x3", "the layer again")

    # the reverse: who sees this place?
    place = app.settled(picture).transform().map(QPointF(300, 200)).toPoint()
    app.click(picture, place.x(), place.y())
    app.wait(lambda: look.cells is not None, "who sees the place")
    app.facts["pixel"] = look.cells.pixel_xy
    app.facts["seen"] = [[one.layer, one.count, one.of] for one in look.cells.layers]
    app.pause(0.2)
    app.shot("4-seen-by")
    app.click(look.box.forget)

    # level 3: the numbers, by a double-click, then keys
    app.desk.select(layer="features.3.expand3x3", channel=3)
    at = cell(app.settled(enlarged), 0, 0)
    app.click(enlarged, at.x(), at.y(), double=True)
    page = look.page
    app.wait(lambda: page.isVisible() and page.view.record is not None, "numbers")
    app.shot("5-numbers-corner")
    for key in ("Down", "Down", "Right"):
        app.key(key, page.view)
    app.wait(lambda: (page.view.record.y, page.view.record.x) == (2, 1), "the neighbour")
    record = page.view.record
    app.facts["numbers"] = [record.value, record.worked.total, record.worked.window.sums.tolist(), record.worked.window.chosen]
    app.facts["pixel_now"] = app.desk.session.selection.pixel
    third = page.list.topLevelItem(2)
    page.list.setCurrentItem(third)
    app.pause(0.1)
    app.facts["slice"] = [page.view.at, int(third.text(0)), int(record.worked.window.channels[page.view.at])]
    app.shot("6-numbers-slice")
    app.click(page.copy)
    app.facts["copied"] = QGuiApplication.clipboard().text()
    kinds = {}
    for layer, channel in (
        ("features.1", 5), ("features.2", 5), ("classifier.1", 967), ("classifier.3", 967), ("features.3", 70),
        ("features.0", 7),
    ):  # fmt: skip
        app.desk.select(layer=layer, channel=channel, pixel=(0, 0))
        app.wait(lambda layer=layer: page.view.record is not None and page.view.record.layer == layer, f"numbers of {layer}")
        app.wait(lambda layer=layer: page.map.mosaic is not None and page.map.mosaic.facts["layer"] == layer, f"map of {layer}")
        app.shot(f"7-{layer}")
        kinds[layer] = [page.view.record.worked.how, page.view.record.value, page.view.record.worked.total]
    app.facts["kinds"] = kinds
    app.key("Esc", page.view)
    app.wait(lambda: not page.isVisible() and view.is_large, "back at the map")
    app.key("N")
    app.wait(page.isVisible, "numbers by key")
    app.key("Backspace", page.view)
    app.wait(lambda: not page.isVisible(), "back again")


def look_only(app):
    """The same places once more for the eye."""
    panel = app.panel("filters")
    app.wait(lambda: panel.view.maps.mosaic is not None, "maps")
    app.desk.select(layer="features.6.expand3x3_activation", channel=20, pixel=(12, 9))
    app.wait(lambda: panel.lens.box.picture.record is not None, "a field")
    app.pause(0.3)
    app.shot("1-all")
    app.key("E")
    app.wait(lambda: panel.view.is_large, "the enlarged map")
    app.pause(0.3)
    panel.lens.look_back(320, 180)
    app.wait(lambda: panel.lens.cells is not None, "who sees")
    app.pause(0.2)
    app.shot("2-large")
    app.desk.select(layer="features.6.expand3x3", channel=20, pixel=(12, 9))
    app.key("N")
    page = panel.lens.page
    app.wait(lambda: page.isVisible() and page.view.record is not None, "numbers")
    app.pause(0.3)
    app.shot("3-numbers")
    app.facts["text"] = page.view.accessibleDescription()
