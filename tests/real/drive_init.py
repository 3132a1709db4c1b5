"""First weights as a person uses them: six ways, a layer under the cursor, another function, linear pieces, one of them."""

from explorer.requests.base import changed


def journey(app):
    panel = app.panel("init")
    app.wait(panel.demo_ready, "the six ways")
    upper, _ = app.settled(panel.cards).parts(5)
    app.hover(panel.cards, upper.center().x(), upper.center().y())
    app.facts["place"] = list(panel.cards.place)
    app.facts["told"] = panel.told.text()
    app.facts["spread"] = panel.weights.scheme("he").spread.tolist()
    app.shot("ways")
    app.desk.change(initialisation=changed(app.desk.session.initialisation, activation="relu", depth=30))
    app.wait(lambda: panel.weights.activation == "relu" and panel.weights.depth == 30, "thirty layers of ReLU")
    app.shot("deep")
    app.click(panel.switch.button(1))
    app.wait(lambda: panel.regions is not None, "the pieces")
    area = app.settled(panel.pieces).area()
    app.hover(panel.pieces, area.center().x() + 40, area.center().y() - 30)
    app.facts["piece"] = panel.pieces.piece
    app.facts["line"] = panel.told.text()
    app.facts["count"] = panel.regions.count
    app.shot("pieces")
    seed = panel.regions.seed
    app.key("D", panel)
    app.wait(lambda: panel.regions.seed == seed + 1, "another network")
