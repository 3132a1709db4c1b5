"""A race as a person plays with it: a change while it runs, curves, a step told, many starts, methods, ends explained, SVG."""

import hashlib
import math

from explorer.gui.panels.optimizers import RACE
from explorer.requests.base import changed


def journey(app):
    panel = app.panel("optimizers")
    view, head, form = panel.view, panel.view.playhead, panel.form()
    app.wait(lambda: panel.race is not None, "the first race")
    asked = changed(app.desk.session.race, surface="himmelblau", optimizers=("gd", "momentum", "adam", "bfgs"), steps=160)
    app.desk.change(race=changed(asked, schedule="restarts", shape={"period": 20.0}))
    app.wait(lambda: panel.race.surface.name == "himmelblau" and (head.playing or head.step > 20), "the race over four minima")
    head.set_speed(0.1)  # it still plays, and not far from there, when the slider has been found
    head.go_to(21)
    head.start()
    form.hyper.sliders["adam", "lr"].spin.setValue(1.2)
    app.wait(lambda: panel.race.runs[2].changes, "the path that goes on otherwise")
    app.facts["request"] = app.desk.session.race.model_dump(mode="json")
    app.facts["playing"] = head.playing
    app.facts["ends"] = [run.points[-1].tolist() for run in panel.race.runs]
    head.set_speed(8.0)
    app.wait(lambda: not head.playing, "the end", 20)
    app.desk.change(race_look=changed(app.desk.session.race_look, quantity="rate", arrows=True))
    app.facts["rates"] = panel.race.runs[2].rates.tolist()
    app.shot("changed")
    app.desk.change(race_look=changed(app.desk.session.race_look, quantity="loss", against="gradients", arrows=False))
    app.pause(0.1)  # the curves are placed when they are painted
    app.hover(view.chart, view.chart.curves["bfgs"].across[6], view.chart.curves["bfgs"].down[6])
    app.facts["hovered"] = [app.desk.session.selection.optimizer, app.desk.session.selection.step]
    app.facts["words"] = view.side.words.text()
    app.shot("gradients")
    view.contour.setFocus()
    app.key("T")
    head.go_to(8)
    view.side.step.method.setCurrentIndex(2)
    view.side.step.method.activated.emit(2)
    app.click(view.side.step.to_forward)
    app.wait(lambda: view.side.step.terms is not None and view.side.step.terms.step == 10, "step 10 in words")
    told = view.side.step.terms
    app.facts["step"] = [
        told.optimizer,
        list(told.before),
        list(told.after),
        [[t.symbol, t.x, t.y, t.numbers] for t in told.terms],
    ]
    app.shot("step")
    app.click(view.side.tabs, app.settled(view.side.tabs).tabRect(2).center().x(), view.side.tabs.tabRect(2).center().y())
    app.wait(lambda: view.side.starts.swarm is not None, "many starts")
    swarm = view.side.starts.swarm
    app.facts["counts"] = [sorted([*key, count] for key, count in swarm.counts(row).items()) for row in range(4)]
    app.pause(0.3)
    app.shot("starts")
    view.side.go_to("race")
    app.click(view.side.methods)
    app.wait(lambda: view.side.methods.page is not None and view.side.methods.page.isVisible(), "the list of methods")
    app.click(view.side.methods.page.boxes["newton"], 10)
    app.shot("methods")
    view.side.methods.page.close()
    app.facts["methods"] = list(app.desk.session.race.optimizers)
    trouble(app, panel)


def trouble(app, panel):
    """Ends of all kinds, and the file."""
    view = panel.view
    asked = panel.desk.session.race
    quiet = changed(asked, schedule="constant", shape={}, changes=(), optimizers=("gd",), steps=100)
    ends = {
        "diverged": {"surface": "quadratic", "rate": 100.0},
        "hole": {
            "formula": "log(x) + y^2",
            "domain": (-2.0, 2.0, -2.0, 2.0),
            "start": (0.4, 1.0),
            "hyper": {"gd": {"lr": 0.2}},
        },
        "plateau": {"surface": "rosenbrock", "hyper": {"gd": {"lr": 1e-9}}},
        "million": {"surface": "quadratic", "steps": 1_000_000},
    }
    said = {}
    for name, fields in ends.items():
        race = panel.race
        app.desk.change(race=changed(quiet, **fields))
        app.wait(lambda race=race: panel.race is not race, name)
        view.playhead.go_to(view.playhead.last)
        app.desk.select(optimizer="gd", step=0)
        said[name] = view.side.words.text()
        if name == "hole":
            app.shot("hole")
    app.facts["said"] = said
    app.facts["kept"] = [panel.race.runs[0].steps, panel.race.runs[0].taken]
    app.facts["alive"] = not math.isnan(view.playhead.step) and not app.desk.jobs.running()
    path = app.out / "race.svg"
    app.desk.change(race=changed(quiet, surface="himmelblau", steps=60))
    app.wait(lambda: panel.race.surface.name == "himmelblau", "the race to save")
    panel.export_to(str(path))
    app.wait(path.exists, "the drawing")
    app.facts["svg"] = hashlib.sha256(path.read_bytes()).hexdigest()
    app.facts["dark"] = False
    assert RACE in panel.channels
