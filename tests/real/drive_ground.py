"""The surface side of the optimizers, as a person uses it: sliders, a formula, points, space, what is told at the cursor."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication

from explorer.requests.base import changed


def journey(app):
    panel = app.panel("optimizers")
    shown(app, panel, lambda race: True)
    sliders(app, panel)
    formula(app, panel)
    points(app, panel)
    space(app, panel)
    neural(app, panel)


def shown(app, panel, condition, what="the race"):
    """Wait for a race that fits; returns it."""
    app.wait(lambda: panel.race is not None and condition(panel.race), what)
    return panel.race


def choose(app, panel, name):
    """An entry of the list, by keys."""
    combo = panel.view.surface
    combo.setFocus()
    wanted = combo.findData(name)
    while combo.currentIndex() != wanted:
        app.key("Down" if combo.currentIndex() < wanted else "Up", combo)


def sliders(app, panel):
    choose(app, panel, "quadratic")
    shown(app, panel, lambda race: race.surface.name == "quadratic")
    turn = panel.view.ground.sliders.sliders["rotation"].slider
    app.settled(turn)
    app.drag(turn, [(turn.width() / 2, turn.height() / 2), (0.6 * turn.width(), turn.height() / 2), (0.75 * turn.width(), 9)])
    race = shown(app, panel, lambda race: race.surface.facts["values"]["rotation"] > 30.0, "the bowl turned")
    app.facts["values"] = dict(race.surface.facts["values"])
    app.facts["low"], app.facts["high"] = float(race.surface.z.min()), float(race.surface.z.max())
    for key in "DQV":
        app.key(key, panel)
    contour = panel.view.contour
    app.wait(lambda: panel.ground.slopes.field is not None, "arrows")
    at = app.settled(contour).place(1.0, -0.8)
    app.hover(contour, at.x(), at.y())
    app.wait(lambda: panel.ground.probe is not None and abs(panel.ground.probe.at[0] - 1.0) < 0.05, "a probe at the cursor")
    probe = panel.ground.probe
    app.facts["probe"] = [probe.at, probe.value, probe.gradient, probe.eigenvalues, probe.target, probe.shape]
    app.shot("1-parabola")
    for key in "DQV":
        app.key(key, panel)


def formula(app, panel):
    choose(app, panel, "own formula")
    shown(app, panel, lambda race: race.surface.name == "formula")
    editor, field = panel.view.ground.editor, panel.view.ground.editor.field
    field.setFocus()
    field.selectAll()
    app.type("x^2/(1+y^2) + a sqrt(|y|)", field)
    shown(app, panel, lambda race: "sqrt" in race.surface.formula, "the typed formula")
    app.facts["sliders"] = sorted(panel.view.ground.sliders.sliders)
    app.facts["typeset"] = editor.shown.isVisible() and editor.shown._latex
    slider = panel.view.ground.sliders.sliders["a"]
    slider.spin.setValue(2.5)
    race = shown(app, panel, lambda race: race.surface.facts["values"].get("a") == 2.5, "the letter's value")
    app.facts["formula low"], app.facts["formula high"] = float(race.surface.z.min()), float(race.surface.z.max())
    app.shot("2-formula")
    good = panel.race
    field.setFocus()
    field.selectAll()
    app.type("x^2 + 2*.y", field)
    app.wait(lambda: editor.fault.text, "the fault told")
    app.facts["fault"], app.facts["bad"], app.facts["stayed"] = editor.fault.text, field.bad, panel.race is good
    app.shot("3-fault")
    contour = panel.view.contour
    at = app.settled(contour).place(0.0, 0.0)
    wheel = QWheelEvent(
        at, contour.mapToGlobal(at), QPoint(0, 0), QPoint(0, 240), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(contour, wheel)
    race = shown(app, panel, lambda race: race.surface.x[-1] < 2.9, "nearer")
    app.facts["zoomed"] = [float(race.surface.x[0]), float(race.surface.x[-1])]


def points(app, panel):
    choose(app, panel, "least_squares")
    before = shown(app, panel, lambda race: race.surface.name == "least_squares")
    plot = panel.view.stage.pane.plot
    at = app.settled(plot).place(1.2, -1.4)
    app.drag(plot, [(at.x(), at.y()), (at.x() + 8, at.y() - 10), (at.x() + 16, at.y() - 24)])
    count = len(before.surface.facts["points"])
    race = shown(app, panel, lambda race: len(race.surface.facts["points"]) == count + 1, "one point more")
    app.wait(lambda: panel.race.surface.facts["points"] == app.desk.session.race.points, "the drawn points")
    race = panel.race
    app.facts["points"] = [list(point) for point in race.surface.facts["points"]]
    app.facts["fit"] = [race.surface.landmarks[0].x, race.surface.landmarks[0].y]
    app.shot("4-points")
    QGuiApplication.clipboard().setText("x;y\n0;1\n1,5;2\n3;2,5\n")
    plot.setFocus()
    app.key("Ctrl+V", plot)
    race = shown(app, panel, lambda race: len(race.surface.facts["points"]) == 3, "three points pasted")
    app.facts["pasted"] = race.surface.facts["points"]


def space(app, panel):
    choose(app, panel, "himmelblau")
    race = shown(app, panel, lambda race: race.surface.name == "himmelblau")
    panel.view.playhead.pause()
    panel.view.playhead.go_to(panel.view.playhead.last)
    app.key("3", panel)
    stage = panel.view.stage
    app.wait(lambda: stage.space is not None and stage.space.pictures, "the surface in space", 30)
    view = stage.space
    app.facts["alone"] = view.isVisible() and not panel.view.contour.isVisible()
    app.shot("5-space")
    image = view._picture
    seen = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    app.facts["colours"] = len(seen)
    azimuth, made = view.azimuth, view.pictures
    app.drag(view, [(200, 200), (230, 205), (260, 210)])
    app.wait(lambda: view.pictures > made and view.azimuth != azimuth, "turned")
    app.key("Ctrl+Right", panel)
    app.key("3", panel)
    app.wait(lambda: panel.view.contour.isVisible() and view.isVisible(), "both")
    low = race.surface.landmarks[0]
    at = app.settled(panel.view.contour).place(low.x, low.y)
    app.hover(panel.view.contour, at.x(), at.y())
    app.facts["pinned"] = view.mark
    app.shot("6-both")
    app.settled(view)
    middle = QPointF(view.width() / 2, view.height() / 2)
    app.hover(view, middle.x(), middle.y())
    app.facts["crossed"] = panel.ground.cross.at
    app.click(view, middle.x(), middle.y())
    app.wait(lambda: app.desk.session.race.start is not None, "a start chosen in space")
    app.facts["start"] = app.desk.session.race.start
    shown(app, panel, lambda race: race.start == app.desk.session.race.start, "the race from there")
    app.key("3", panel)


def neural(app, panel):
    """A surface of a small network with noisy, clipped gradients, ever wider levels, and a class of torch.optim beside ours."""
    choose(app, panel, "mlp_plane")
    shown(app, panel, lambda race: race.surface.name == "mlp_plane", "the plane of the network")
    app.key("L", panel)
    methods = panel.view.side.methods
    app.click(methods)
    app.wait(lambda: methods.page is not None and methods.page.isVisible(), "the page of methods")
    app.type("Adamax(lr=0.02)", methods.page.entry)
    app.key("Return", methods.page.entry)
    app.key("Escape", methods.page)
    app.desk.change(race=changed(app.desk.session.race, noise=0.05, clip=1.0, seed=3, steps=60))
    race = shown(
        app,
        panel,
        lambda race: race.seed == 3 and race.runs[-1].optimizer.startswith("torch.Adamax"),
        "torch.Adamax beside ours",
    )
    app.facts["plane"] = app.desk.session.race.model_dump(mode="json")
    app.facts["ends"] = {run.optimizer: run.points[-1].tolist() for run in race.runs}
    panel.view.playhead.pause()
    panel.view.playhead.go_to(panel.view.playhead.last)
    app.shot("7-plane")
