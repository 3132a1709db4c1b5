"""Regions as a person uses it: the first map, the cursor, another network, nearer to its own piece, another question."""

from explorer.requests.base import changed


def journey(app):
    app.desk.use_network("lenet5")
    app.wait(lambda: app.desk.network.name == "lenet5", "LeNet-5")
    panel = app.panel("regions")
    app.wait(panel.demo_ready, "the first map")
    view = panel.map
    app.settled(view)
    app.hover(view, view.width() / 2 + 90, view.height() / 2 - 60)
    app.facts["pointed"] = panel.place.text()
    app.facts["answer"] = panel.record.answer.tolist()
    app.facts["score"] = panel.record.score.tolist()
    app.facts["notes"] = list(panel.record.notes)
    app.shot("lenet")
    app.desk.use_network("squeezenet1_1")
    app.wait(lambda: app.desk.network.name == "squeezenet1_1", "SqueezeNet")
    app.desk.change(regions=changed(app.desk.session.regions, size=5, extent=2e-5))
    app.click(panel.draw)
    app.wait(lambda: panel.record.model == "squeezenet1_1" and panel.demo_ready() and panel.record.reach, "its pieces")
    view.setFocus()
    app.key("Home", view)
    app.key("Right", view)
    app.facts["cell"] = list(view.cell)
    app.facts["pieces"] = panel.record.seen
    app.facts["precision"] = panel.record.runs_on.precision
    app.shot("pieces")
    app.desk.change(regions=changed(app.desk.session.regions, directions="random"))
    app.wait(lambda: view._stale, "the map says that it is old")
    app.shot("stale")
