"""Why "espresso"? Heats, another class, a unit, the layer of the CAMs, trust, a network that forgets, a box of a detector."""

import time

from explorer.requests.attribution import TrustRequest
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest
from explorer.requests.surgery import Edit


def answered(panel, *methods):
    """All methods have answered, about what the Session asks for."""

    def done():
        found = panel.found
        return found is not None and not panel.running and [item.method for item in found.items] == list(methods)

    return done


def everything(app):
    panel = app.panel("why")
    methods = ("gradcam", "saliency", "integrated_gradients", "guided_backprop")
    app.desk.change(attribute=changed(app.desk.session.attribute, methods=methods, steps=8))
    panel.checks_form.trust.set_value(TrustRequest(points=8))
    app.wait(answered(panel, *methods), "four heats")
    app.shot("1-espresso")
    app.facts["first"] = facts_of(panel)
    third = app.settled(panel.view.answers).visualItemRect(panel.view.answers.item(2)).center()
    app.click(panel.view.answers.viewport(), 60, third.y())
    app.wait(lambda: panel.found.class_index == panel.found.top[2].index and not panel.running, "the third class")
    app.shot("2-another-class")
    app.facts["other"] = facts_of(panel)
    app.key("A", panel)
    app.wait(lambda: panel.found.class_index == panel.found.top[0].index and not panel.running, "the best class")
    app.key("T", panel)
    app.wait(lambda: panel.checks.curves is not None and len(panel.checks.curves.items) == 4, "curves of trust")
    app.shot("3-trust")
    app.facts["areas"] = panel.checks.curves.items[0].areas
    app.key("R", panel)
    app.wait(lambda: panel.checks.forgotten is not None and len(panel.checks.forgotten.stages) == 6, "stages of forgetting")
    app.shot("4-forgetting")
    app.facts["ranks"] = [stage.correlation for stage in panel.checks.forgotten.stages]
    app.key("R", panel)
    app.key("PgUp", panel)
    app.wait(lambda: panel.found.items[0].layer != panel.found.default_layer and not panel.running, "an earlier layer")
    app.desk.select(layer="features.9", channel=12, pixel=(6, 6))
    app.key("U", panel)
    app.wait(lambda: panel.found.kind == "unit" and not panel.running, "a unit")
    app.shot("5-unit")
    panel.ask_best()
    app.wait(lambda: panel.found.kind == "class" and not panel.running, "the class again")
    app.desk.change(surgery=(Edit(kind="mute", layer="classifier.1", channels=(967,)),))
    app.wait(lambda: panel.found.target.english() == "consomme" and not panel.running, "the operated network's answer")
    app.facts["muted"] = panel.found.target.english()
    app.desk.change(surgery=())
    live(app, panel)
    app.desk.open_source(SourceRequest(kind="sample", path="coffee"))
    app.desk.use_network("yolov3_tiny")
    app.wait(lambda: panel.found.kind == "box" and panel.objects is not None and not panel.running, "a box")
    app.shot("6-box")
    app.facts["box"] = facts_of(panel)


def live(app, panel):
    """The clip runs: the quick methods follow it; frozen, all of them explain the picture that stands."""
    app.desk.open_source(SourceRequest(kind="clip"))
    app.wait(lambda: panel.moving and panel.frame is not None and panel.found is not None, "the clip")
    first = panel.frame.seq
    began = time.monotonic()
    app.wait(lambda: panel.frame.seq > first + 10, "heats that follow")
    app.facts["live"] = [item.method for item in panel.found.items]
    app.facts["seconds"] = time.monotonic() - began
    app.shot("7-live")
    app.desk.freeze(True)
    app.wait(lambda: len(panel.found.items) == 4 and not panel.running, "all methods on the frozen picture")
    app.shot("8-frozen")
    app.facts["frozen"] = [item.method for item in panel.found.items]


def look(app):
    """The pages to look at in other themes, languages and sizes."""
    panel = app.panel("why")
    app.wait(lambda: panel.found is not None and not panel.running and len(panel.found.items) == 4, "four heats")
    app.shot("1")
    app.key("T", panel)
    app.wait(lambda: panel.checks.curves is not None and len(panel.checks.curves.items) == 4, "curves")
    app.shot("2")
    app.key("M", panel)
    app.key("R", panel)
    app.wait(lambda: panel.checks.forgotten is not None and len(panel.checks.forgotten.stages) == 6, "stages")
    app.shot("3")


def facts_of(panel):
    found = panel.found
    return {
        "target": found.target.english(),
        "score": found.score,
        "xyxy": found.xyxy,
        "sums": {item.method: float(item.heat.sum()) for item in found.items},
        "empty": {item.method: item.empty.english() for item in found.items if item.empty},
    }
