"""The loss landscape as a person uses it: the first map, a click that trains from there, a step of the path, another plane."""

from explorer.requests.base import changed
from explorer.requests.source import SourceRequest


def journey(app):
    app.desk.use_network("lenet5")
    app.wait(lambda: app.desk.network.name == "lenet5", "LeNet-5")
    app.desk.change(landscape=changed(app.desk.session.landscape, size=17, views=2, steps=12, method="Adam(lr=0.002)"))
    panel = app.panel("landscape")
    app.wait(panel.demo_ready, "the map")
    contour, chart = panel.view.contour, panel.view.chart
    app.facts["z"] = panel.map.surface.z.tolist()
    app.shot("map")
    at = app.settled(contour).place(-0.3, 0.3)
    app.click(contour, at.x(), at.y())
    app.wait(lambda: panel.path is not None and panel.path.run.steps == 12, "the path")
    app.facts["start"] = list(app.desk.session.landscape.start)
    app.facts["values"] = panel.path.run.values.tolist()
    app.facts["distance"] = panel.path.distance.tolist()
    area = app.settled(chart).areas()[0]
    app.hover(chart, area.left() + area.width() / 2, area.center().y())
    app.facts["step"] = chart.step
    app.shot("path")
    app.facts["words"] = panel.view.facts.text()
    app.key("Shift+Right", panel)
    app.facts["nudged"] = list(app.desk.session.landscape.start)
    app.desk.change(landscape=changed(app.desk.session.landscape, seed=1))
    app.wait(lambda: panel.view.stale.text(), "the panel says that the map is old")
    app.click(panel.view.draw)
    app.wait(lambda: panel.map.seed == 1 and panel.demo_ready(), "the other plane")
    app.shot("other")
    app.desk.open_source(SourceRequest(kind="clip"))
    app.wait(lambda: panel.view.stale.text().startswith(("Another", "Más")), "the panel says that the picture is another one")
    app.key("R", panel)
    held = panel.drawn
    app.wait(lambda: panel.view.stale.text().startswith(("The picture has", "A kép")), "the clip goes on, the map is held")
    app.wait(panel.demo_ready, "the map of the clip's picture")
    app.facts["held"] = panel.drawn is held and panel.view.detail.text().startswith(f"{panel._name} ·")
    app.facts["named"] = panel._name
    app.shot("clip")
    app.click(panel.view.train)
    app.wait(lambda: panel.path is not None and panel.path.run.steps == 12, "the path with that picture")
    app.facts["still held"] = panel.drawn is held
    app.desk.open_source(SourceRequest(kind="sample", path="coffee"))
    app.wait(lambda: app.desk.frame is not None and app.desk.frame.time == 0.0, "the still picture again")
