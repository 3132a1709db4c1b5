"""Basins as a person uses it: maps of Himmelblau's surface, a path, a click, the rate dragged, stability, the race."""

from explorer.requests.base import changed


def journey(app):
    desk = app.desk
    desk.change(race=changed(desk.session.race, surface="himmelblau"), basins=changed(desk.session.basins, grid=128))
    panel = app.panel("basins")
    page = panel.starts
    app.wait(panel.demo_ready, "the first maps")
    app.facts["shares"] = [one.shares() for one in page.record.maps]
    view = page.views[1]
    at = app.settled(view).place(0.3, 0.62)
    app.hover(view, at.x(), at.y())
    app.wait(lambda: view.path is not None, "a path")
    app.facts["said"] = page.said.text()
    app.facts["cell"] = list(page._at)
    app.shot("basins")
    app.click(view, at.x(), at.y())
    app.facts["start"] = list(desk.session.race.start)
    slider = page.rate.slider
    middle = app.settled(slider).height() / 2
    app.drag(slider, [(slider.width() * share, middle) for share in (0.5, 0.52, 0.54, 0.56, 0.58)])
    app.wait(lambda: page.record.whole and page.record.maps[0].hyper["lr"] != 0.004, "the borders moved")
    app.facts["rate"] = desk.session.basins.rate
    app.facts["moved"] = page.record.maps[0].hyper["lr"]
    app.shot("dragged")
    desk.change(race=changed(desk.session.race, surface="quadratic", start=None))
    panel.tabs.setCurrentIndex(1)
    stable = panel.stability
    app.wait(lambda: stable.record is not None and stable.record.whole, "the stability map")
    app.facts["stable"] = stable.record.map.shares()
    at = app.settled(stable.view).place(0.52, 0.4)
    app.click(stable.view, at.x(), at.y())
    app.wait(lambda: "f = " in stable.said.text(), "the end of that pair")
    app.facts["hyper"] = desk.session.race.hyper["momentum"]
    app.shot("stability")
    app.key("R")
    app.wait(lambda: app.window.panels["optimizers"].active, "the race")
    app.wait(lambda: app.window.panels["optimizers"].race is not None, "its paths")
    app.shot("race")


def four(app):
    desk = app.desk
    desk.change(
        race=changed(desk.session.race, surface="rastrigin"),
        basins=changed(desk.session.basins, grid=64, optimizers=("gd", "momentum", "adam", "newton")),
    )
    panel = app.panel("basins")
    app.wait(panel.demo_ready, "four maps")
    app.shot("four")
    panel.tabs.setCurrentIndex(1)
    app.wait(lambda: panel.stability.record is not None and panel.stability.record.whole, "the stability map")
    app.shot("stability")
