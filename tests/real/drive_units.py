"""The Units panel: choose a layer, grow a part of its gallery, look at one unit, mute it, open one of its best pictures."""

import numpy as np


def look(app):
    panel = app.panel("units")
    app.desk.change(undoable=False, gallery={**dict(app.desk.session.gallery), "steps": 6, "size": 48})
    app.desk.select(layer="features.3", channel=None)
    app.wait(lambda: panel.tiles.units.layer == "features.3", "the layer's tiles")
    app.wait(lambda: app.desk.jobs.get("units.look") is None, "what is there")
    app.shot("empty")
    app.click(panel.view.grow)
    app.wait(lambda: sum(panel.tiles.units.done(k) for k in range(128)) >= 12, "12 units")
    app.pause(0.3)
    app.shot("growing")
    panel.tiles.setFocus()
    tile = app.settled(panel.tiles).visualRect(panel.tiles.order.index(9, 0)).center()
    app.click(panel.tiles.viewport(), tile.x(), tile.y())
    assert panel.channel == 9, panel.channel
    app.wait(panel.demo_ready, "the page of unit 9")
    app.wait(lambda: panel.page.sight.sight is not None, "the receptive field")
    app.key("Space")
    app.wait(lambda: app.desk.jobs.get("units.grow") is None, "stopped")
    app.key("Right", panel.tiles)
    assert panel.channel == 10, panel.channel
    app.wait(panel.demo_ready, "the page of unit 10")
    app.wait(lambda: panel.page.sight.sight is not None and panel.page.sight.sight.channel == 10, "its receptive field")
    app.pause(0.3)
    app.shot("page")
    unit, best, maps = panel.records
    app.facts["unit"] = {**unit.facts, "objective": float(unit.objective[0]), "mean": float(unit.sheet.mean())}
    app.facts["best"] = [[entry.path, entry.score, list(entry.place), list(entry.box)] for entry in best.entries]
    app.facts["most"] = float(maps.stats.most[10])
    sight = panel.page.sight.sight
    app.facts["sight"] = {"y": sight.y, "x": sight.x, "box": list(sight.box), "value": sight.value}
    app.facts["numbers"] = panel.numbers().splitlines()[:3]
    app.key("M")
    app.wait(lambda: panel.muted and panel.page.mute.isChecked(), "muted")
    app.wait(lambda: panel.records[2] is not None and panel.records[2].stats.most[10] == 0, "silent on the picture")
    app.pause(0.4)
    app.shot("muted")
    assert panel.tiles.units.done(9), "muting a unit keeps the gallery"
    app.key("M")
    app.wait(lambda: not panel.muted, "it speaks again")
    app.key("/")
    app.type("30-35", panel.view.search)
    assert panel.tiles.order.rowCount() == 6
    app.pause(0.1)
    app.shot("search")
    panel.view.search.clear()
    app.key("L", panel.tiles)
    app.wait(lambda: panel.records[0] is not None and panel.records[0].facts["size"] == 256, "the larger picture grows")
    app.desk.stop("units.picture")
    app.wait(lambda: app.desk.jobs.get("units.picture") is None, "stopped")
    first = panel.page.crops.item(0)
    at = app.settled(panel.page.crops).visualItemRect(first).center()
    app.click(panel.page.crops.viewport(), at.x(), at.y())
    app.wait(lambda: app.desk.session.picture.kind == "file", "the best picture in the strip")
    app.facts["opened"] = app.desk.session.picture.path
    assert not np.isnan(panel.tiles.units.objective(9))


def page(app):
    """One page, for a look at other themes and sizes by hand (driver.py); test_house.py drives every panel in them."""
    panel = app.panel("units")
    app.desk.change(undoable=False, gallery={**dict(app.desk.session.gallery), "steps": 6, "size": 48})
    app.desk.select(layer="features.0", channel=None)
    app.wait(lambda: panel.tiles.units.layer == "features.0", "the layer's tiles")
    panel.toggle()
    app.wait(lambda: sum(panel.tiles.units.done(k) for k in range(64)) >= 8, "8 units")
    panel.choose(5)
    app.wait(panel.demo_ready, "the page of unit 5")
    app.wait(lambda: panel.page.sight.sight is not None, "the receptive field")
    panel.toggle()
    app.pause(0.4)
    app.shot("page")
    bar = panel.page.verticalScrollBar()
    bar.setValue(bar.maximum())
    app.shot("below")
    app.facts["units"] = panel.tiles.units.rowCount()
