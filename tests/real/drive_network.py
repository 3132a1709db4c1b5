"""The network map as a person uses it: look, sort, search, follow a skip, choose a layer for the whole program, save."""

from PySide6.QtCore import Qt

from explorer.gui.panels.network_table import MACS


def journey(app):
    panel = app.panel("network")
    app.wait(panel.demo_ready, "map with its times")
    app.shot("squeezenet")
    app.desk.use_network("resnet18", "random")
    app.wait(lambda: app.desk.network.name == "resnet18", "ResNet-18")
    app.wait(lambda: panel.demo_ready() and panel.atlas.record.name == "resnet18", "its map")
    app.shot("resnet18")
    app.click(panel.search)
    app.type("downsample", panel.search)
    app.facts["found"] = panel.model.found()
    app.shot("search")
    app.key("Return", panel.search)
    panel.search.clear()
    view = panel.view
    app.facts["crumbs"] = panel.view.branch.scope
    panel.choose("layer2.0")
    app.wait(lambda: view.branch.scope == "layer2.0", "the block")
    skip = next(link for link in view.branch.links if view.branch.boxes[link.target].op == "add")
    app.facts["joined"] = sorted(
        view.branch.boxes[link.source].name for link in view.branch.links if link.target == skip.target
    )
    second = next(box for box in app.settled(view).branch.boxes if box.name == "layer2.0.conv2")
    at = view.to_widget(view.rect_of(second).center())
    app.hover(view, at.x(), at.y())
    app.click(view, at.x(), at.y())
    app.wait(lambda: app.desk.session.selection.layer == "layer2.0.conv2", "the click chose the layer")
    app.shot("block")
    panel.tree.sortByColumn(MACS, Qt.SortOrder.DescendingOrder)
    app.facts["dearest"] = panel.model.index(0, 0).data().split()[0]
    panel.tree.scrollToTop()
    app.pause(0.2)
    app.shot("sorted")
    app.facts["numbers"] = panel.numbers()
    filters = app.panel("filters")
    app.wait(lambda: filters.view.heading.text() == "layer2.0.conv2", "Filters follows")
    app.facts["filters"] = filters.view.heading.text()
