"""Regions as a person uses it: the first map, the cursor, nearer to the picture's own piece, farther, another question."""

from explorer.requests.base import changed


def journey(app):
    app.wait(lambda: app.desk.network.name == "squeezenet1_1", "SqueezeNet")
    app.desk.change(regions=changed(app.desk.session.regions, size=9, extent=2.0))
    panel = app.panel("regions")
    app.wait(panel.demo_ready, "the first map")
    app.wait(lambda: panel.record.reach != (), "the reach")
    view = panel.map
    app.hover(view, view.width() / 2 + 90, view.height() / 2 - 60)
    app.facts["pointed"] = panel.place.text()
    view.setFocus()
    app.key("Home", view)
    app.key("Right", view)
    app.facts["cell"] = list(view.cell)
    app.shot("first")
    record = panel.record
    app.facts["answer"] = record.answer.tolist()
    app.facts["pattern"] = record.pattern.tolist()
    app.facts["reach"] = list(record.reach)
    app.click(panel.closer)
    app.wait(lambda: panel.record.extent != record.extent and panel.demo_ready() and panel.record.reach, "nearer")
    app.facts["near_extent"] = panel.record.extent
    app.facts["near_pieces"] = panel.record.seen
    app.shot("piece")
    app.desk.change(regions=changed(app.desk.session.regions, directions="random"))
    app.pause(0.2)
    app.shot("stale")
    app.facts["numbers"] = panel.numbers().count("\n")
