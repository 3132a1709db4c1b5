"""Filters & Activations as a person uses them: by mouse, by keys, on a still, on a video, on odd networks and pictures."""

import os
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog, QMenu

from explorer.i18n import tr
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest


def tile(view, channel):
    """The middle of a tile, in widget pixels."""
    at = view.tile_rect(channel).center()
    return at.x(), at.y()


def shown(mosaic):
    """What a record says, as JSON knows it."""
    return {
        "order": mosaic.order.tolist(),
        "sum": float(np.nansum(mosaic.values.astype(np.float64))),
        "shape": list(mosaic.values.shape),
        "figures": mosaic.stats.whole().figures(),
        "counts": mosaic.histogram.counts.tolist(),
        "ends": [float(mosaic.low.min()), float(mosaic.high.max())],
        "sheet": int(mosaic.sheet.astype(np.int64).sum()),
    }


def menu_entry(app, view, channel, words):
    """Right click on a tile, then the entry that contains `words`."""
    menu = view.menu_for(view.spot(channel, 0, 0))
    menu.popup(view.mapToGlobal(QPoint(*map(round, tile(app.settled(view), channel)))))
    app.pause(0.1)
    entry = next(action for action in menu.actions() if words in action.text())
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
    app.wait(lambda: not any(isinstance(one, QMenu) for one in [QApplication.activePopupWidget()]), "menu closed")


def newer(app, view, before, what):
    app.wait(lambda: view.mosaic is not None and view.mosaic is not before, what)


def look(app):
    panel = app.panel("filters")
    view, desk, facts = panel.view, app.desk, app.facts
    app.wait(lambda: panel.demo_ready() and view.scores.lines, "maps, kernels and classes")
    app.pause(0.2)
    facts["start"] = {"maps": shown(view.maps.mosaic), "kernels": shown(view.kernels.mosaic)}
    app.shot("1-start")
    # spectrum, then slices of a deeper layer
    before = view.kernels.mosaic
    app.click(view.spectrum)
    newer(app, view.kernels, before, "spectra")
    facts["spectrum"] = shown(view.kernels.mosaic)
    app.shot("2-spectrum")
    app.key("T")
    desk.select(layer="features.3.expand3x3")
    app.wait(lambda: view.kernels.mosaic.facts.get("layer") == "features.3.expand3x3", "deeper kernels")
    app.wait(lambda: view.maps.mosaic.facts.get("layer") == "features.3.expand3x3", "deeper maps")
    before = view.kernels.mosaic
    desk.change(filters=changed(desk.session.filters, sort="l2"))
    newer(app, view.kernels, before, "kernels by norm")
    facts["norms"] = shown(view.kernels.mosaic)
    app.click(view.kernels, *tile(app.settled(view.kernels), 10), double=True)
    app.wait(lambda: panel.kernels.shows_inputs, "the inputs of one kernel")
    facts["inputs"] = shown(view.kernels.mosaic)
    app.shot("3-inputs-of-kernel-10")
    # order, pins, figures
    before = view.maps.mosaic
    desk.change(activations=changed(desk.session.activations, sort="sparsity"))
    newer(app, view.maps, before, "maps by sparsity")
    app.click(view.maps, *tile(app.settled(view.maps), 20))
    app.wait(lambda: desk.session.selection.channel == 20, "selected")
    app.key("P", panel)
    app.wait(lambda: view.maps.mosaic.order[0] == 20, "pinned")
    facts["pinned"] = shown(view.maps.mosaic)
    app.click(view.map_range.whole)
    facts["figures"] = view.map_range.text()
    # the range: drag its upper end, hold, let go
    strip = view.map_range.view
    app.settled(strip)
    high, y = strip.levels.ends[1], strip.height() // 3
    app.drag(strip, [(strip.x_of(high), y), (strip.x_of(high * 0.8), y), (strip.x_of(high / 2), y)])
    app.wait(lambda: view.maps.mosaic.high[0] == view.maps.mosaic.high[1], "one range for all")
    app.wait(lambda: abs(view.maps.mosaic.high[0] - desk.session.activations.range[1]) < 1e-4, "the range that was dragged")
    facts["range"], facts["ranged"] = desk.session.activations.range, shown(view.maps.mosaic)
    app.shot("4-sorted-pinned-ranged")
    app.key("H", panel)
    app.wait(lambda: desk.session.activations.range is None, "range let go")
    # surgery by menu and key
    menu_entry(app, view.maps, 5, tr("Mute this channel"))
    app.wait(lambda: view.maps.muted == (5,), "muted")
    app.wait(lambda: 5 in view.maps.mosaic.facts["dead"], "a muted map is zero")
    facts["muted"] = [edit.model_dump() for edit in desk.session.surgery]
    panel.deeds.ask_scale("features.3.expand3x3", 6)
    dialog = app.wait(lambda: panel.findChild(QInputDialog), "the dialog")
    app.shot("5-muted-scale")
    dialog.reject()
    app.window.activateWindow()
    desk.undo()
    app.wait(lambda: not desk.session.surgery and not view.maps.mosaic.facts["dead"], "undone")
    # enlarge, read a number
    app.key("E", panel)
    app.settled(view.enlarged)
    app.hover(view.enlarged, view.enlarged.width() / 2, view.enlarged.height() / 2)
    app.wait(lambda: view.spot.text(), "a number under the cursor")
    facts["spot"] = view.spot.text()
    app.key("O", panel)
    app.shot("6-enlarged-over-the-picture")
    app.key("E", panel)
    app.key("O", panel)


def layers(app):
    """Sheets of every shape: a thousand single numbers, a thousand maps, one channel; NaN; odd pictures; live and large."""
    panel = app.panel("filters")
    view, desk = panel.view, app.desk
    app.wait(panel.demo_ready, "maps and kernels")

    def go(layer):
        desk.select(layer=layer)
        app.wait(lambda: view.maps.mosaic is not None and view.maps.mosaic.facts.get("layer") == layer, layer)
        app.pause(0.15)

    go("classifier.1")
    app.shot("1-a-thousand-maps")
    go("classifier.3")
    app.shot("2-a-thousand-numbers")
    app.facts["numbers"] = shown(view.maps.mosaic)
    for name in ("one.png", "cmyk.jpg", "sixteen.png"):
        path = Path(os.environ["EXPLORER_ODD"]) / name
        seq = view.maps.mosaic.frame_seq
        desk.open_source(SourceRequest(kind="file", path=str(path)))
        app.wait(lambda seq=seq: view.maps.mosaic.frame_seq > seq, f"maps of {name}")
        app.facts[name] = shown(view.maps.mosaic)
    desk.use_network("u2netp")
    app.wait(lambda: desk.network is not None and desk.network.name == "u2netp", "U2-Net-p")
    last = desk.network.layers[-1].name
    go(last)
    app.shot("3-one-channel")
    desk.open_source(SourceRequest(kind="clip"))
    go("stage1.rebnconvin.relu_s1")
    app.wait(lambda: view.maps.mosaic.reduced > 1 and view.maps.mosaic.detail is not None, "live means")
    app.pause(0.3)
    app.shot("4-live-and-large")
    app.facts["live"] = {"reduced": view.maps.mosaic.reduced, "detail": view.detail.text()}
    desk.freeze(True)
    app.wait(lambda: view.maps.mosaic.reduced == 1, "every number")
    app.facts["frozen"] = shown(view.maps.mosaic)["shape"]
    app.shot("5-frozen")
