"""The fair race as a person uses it: a race on the bowl, its card, its paths; the turned valley; a task answered."""

import time

from explorer.requests.base import changed

SMALL = {"trials": 12, "seeds": 8, "tuning_seeds": 2, "budget": 200}


def journey(app):
    race = changed(app.desk.session.race, surface="quadratic", start=None)
    contest = changed(app.desk.session.contest, optimizers=("gd", "momentum", "adam"), **SMALL)
    turned = changed(app.desk.session.turned, optimizers=("gd", "momentum", "adam"), angles=4, **SMALL)
    app.desk.change(race=race, contest=contest, turned=turned)
    panel = app.panel("contest")
    app.wait(panel.demo_ready, "the race")
    page = panel.race
    app.facts["rows"] = page.table.lines()
    app.facts["detail"] = page.detail.text()
    app.facts["costs"] = {one.optimizer: one.costs.tolist() for one in page.record.contenders}
    area = app.settled(page.chart).area()
    app.hover(page.chart, area.left() + 0.5 * area.width(), area.center().y())
    app.facts["highlight"] = page.chart.highlight
    app.shot("race")
    page.export(str(app.out / "card.json"))
    app.wait((app.out / "card.json").exists, "the card")
    app.click(page.show_paths)
    app.wait(lambda: app.window.current == "optimizers", "the Optimizers panel")
    app.facts["hyper"] = app.desk.session.race.hyper
    app.panel("contest")
    app.desk.change(contest=changed(contest, trials=2000, budget=2000))
    app.click(page.go)
    app.wait(lambda: page.record.stage == "tuning" and page.record.contenders[2].trials > 3, "the search")
    app.shot("tuning")
    began = time.monotonic()
    app.key("Esc", panel)
    app.wait(lambda: page._stopped, "the end of the search")
    app.facts["stopped_s"] = time.monotonic() - began
    app.facts["kept"] = page.record.contenders[2].trials
    app.click(panel.tabs, app.settled(panel.tabs).tabRect(1).center().x(), panel.tabs.tabRect(1).center().y())
    app.wait(lambda: panel.turned.record is not None and panel.turned.record.sentences, "the lesson")
    app.facts["told"] = panel.turned.told.label.text()
    app.facts["turned"] = {run.optimizer: run.curve()[1].tolist() for run in panel.turned.record.runs}
    app.shot("turned")
    app.click(panel.tabs, app.settled(panel.tabs).tabRect(2).center().x(), panel.tabs.tabRect(2).center().y())
    app.wait(lambda: panel.tasks.task is not None, "a task")
    app.facts["question"] = panel.tasks.question.text()
    app.shot("task")
    app.key(str(panel.tasks.task.answer + 1), panel)
    app.wait(lambda: panel.tasks.chosen is not None, "the answer")
    app.wait(lambda: not panel.tasks.playhead.playing, "the paths")
    app.facts["score"] = panel.tasks.counted.text()
    app.shot("answered")
    app.key("N", panel)
    app.wait(lambda: panel.tasks.task.number == 2, "the next task")
    app.facts["next"] = panel.tasks.task.number
