"""Why "espresso"? Mute the five channels that carry it, watch the class change, undo; then a kernel by hand."""

from PySide6.QtCore import Qt


def answers(app, panel):
    """The classes after surgery, once the newest answer is that of the present edits."""
    edits = app.desk.session.surgery

    def newest():
        record = panel.bench.compare.record
        fits = record is not None and bool(edits) == (record.after is not record.before)
        return record if fits and record.after.runs_on.edits == (0 if not edits else count(edits)) else None

    return app.wait(newest, "the answer of the edited network").scores


def count(edits):
    from explorer.requests.surgery import cuts

    return cuts(edits)


def tile(view, channel):
    """The middle of a channel's tile, in pixels of the view."""
    box = view.tile_rect(channel).center()
    return box.x(), box.y()


def said(scores):
    return [[old.label, old.score, new.score] for old, new in scores]


def journey(app):
    panel = app.panel("surgery")
    bench = panel.bench
    app.wait(lambda: bench.maps.mosaic is not None, "the maps")
    app.facts["layer"] = panel.layer_now()
    app.facts["before"] = said(answers(app, panel))
    app.click(bench.rank.start)
    record = app.wait(lambda: panel.demo_ready() and bench.rank.record, "the ranking")
    app.facts["first"] = record.channels[:5].tolist()
    app.facts["scores"] = record.probabilities[:5].tolist()
    app.facts["together"] = record.together
    app.pause(0.2)
    app.shot("1-ranked")
    app.click(bench.rank.mute_first)
    app.facts["after"] = said(answers(app, panel))
    app.facts["title"] = app.window.windowTitle()
    app.facts["status"] = app.window.status.surgery.text()
    app.wait(lambda: bench.maps.muted, "muted tiles")
    app.pause(0.3)
    app.shot("2-muted")
    app.key("Ctrl+Z", bench.maps)
    app.facts["undone"] = said(answers(app, panel))
    app.facts["title again"] = app.window.windowTitle()
    # one channel by mouse, another kept alone, a third through the list
    app.click(bench.maps, *tile(app.settled(bench.maps), 20))
    app.click(bench.maps, *tile(bench.maps, 21))
    app.click(bench.maps, *tile(bench.maps, 20))
    app.facts["clicked"] = [edit.model_dump(mode="json", exclude_defaults=True) for edit in app.desk.session.surgery]
    app.click(bench.maps, *tile(app.settled(bench.maps), 30), modifier=Qt.KeyboardModifier.ShiftModifier)
    app.facts["kept"] = app.desk.session.surgery[-1].model_dump(mode="json", exclude_defaults=True)
    app.wait(lambda: len(bench.maps.muted) == 511, "all but one muted")
    answers(app, panel)
    app.pause(0.2)
    app.shot("3-kept")
    app.click(bench.edits.clear)
    answers(app, panel)
    # the studio: Sobel, one number by mouse, into the network
    app.click(panel.switch.button(1))
    studio = panel.studio
    app.wait(lambda: studio.record is not None, "the kernel's answer")
    app.facts["sobel"] = studio.record.facts["numbers"]
    box = app.settled(studio.grid).cell_rect(1, 2).center()
    app.drag(studio.grid, [(box.x(), box.y()), (box.x(), box.y() - 12), (box.x(), box.y() - 31)])
    app.wait(lambda: studio.record.facts["preset"] == "numbers", "own numbers")
    app.facts["dragged"] = studio.grid.numbers.reshape(-1).tolist()
    studio.grid.setFocus()
    app.key("Left", studio.grid)
    app.type("7", studio.grid)
    app.key("Return", studio.grid)
    app.facts["typed"] = float(studio.grid.numbers[1, 1])
    box = studio.grid.cell_rect(1, 1).center()
    app.click(studio.grid, box.x(), box.y(), button=Qt.MouseButton.RightButton)
    app.facts["zeroed"] = float(studio.grid.numbers[1, 1])
    app.click(studio.put)
    app.facts["put"] = said(answers(app, panel))
    app.facts["edit"] = app.desk.session.surgery[-1].model_dump(mode="json", exclude_defaults=True)
    app.pause(0.4)
    app.shot("4-studio")
    app.facts["rows"] = studio.compare.bars.lines


def others(app):
    """A detector and a segmenter: boxes and masks before and after, live on the clip; the ranking of one box, stopped."""
    panel = app.panel("surgery")
    bench = panel.bench
    app.desk.use_network("yolov3_tiny")
    app.wait(lambda: app.desk.network is not None and app.desk.network.task == "detect", "the detector")
    record = app.wait(
        lambda: bench.compare.record if hasattr(bench.compare.record and bench.compare.record.before, "xyxy") else None, "boxes"
    )
    app.facts["objects"] = len(record.before)
    view = bench.compare.views[0]
    box = app.settled(view).transform().map(*(float(record.before.xyxy[0][[a, b]].mean()) for a, b in ((0, 2), (1, 3))))
    app.click(view, *box)
    app.facts["box"] = app.desk.session.ablate.box
    panel.choose_layer("layers.14.act")
    app.wait(lambda: bench.maps.mosaic is not None, "maps")
    app.click(bench.rank.start)
    app.wait(lambda: bench.rank.record is not None and len(bench.rank.record.channels) >= 4, "a partial ranking")
    app.shot("5-ranking")
    app.wait(panel.demo_ready, "the ranking", 100)
    app.facts["label"] = bench.rank.record.label
    app.facts["first"] = bench.rank.record.channels[:5].tolist()
    app.click(bench.rank.mute_first)
    app.wait(lambda: bench.compare.record.after.runs_on.edits == 5, "the answer")
    app.pause(0.3)
    app.shot("6-boxes")
    app.desk.use_network("u2netp")
    app.wait(lambda: app.desk.network is not None and app.desk.network.task == "segment", "the segmenter")
    app.wait(
        lambda: bench.maps.mosaic is not None and hasattr(bench.compare.record and bench.compare.record.before, "alpha"), "mask"
    )
    channels = tuple(range(0, bench.maps.mosaic.grid.count, 2))
    from explorer.requests.surgery import Edit

    app.desk.change(surgery=(Edit(kind="mute", layer=panel.layer_now(), channels=channels),))
    app.wait(lambda: bench.compare.record.after.runs_on.edits == len(channels), "the mask after")
    app.pause(0.3)
    app.shot("7-masks")
