import pytest

from explorer.gui.panels.models import ModelsPanel


@pytest.fixture
def panel(qtbot, desk, network):
    made = ModelsPanel(desk)
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    desk.network = network
    desk.network_changed.emit(network)
    return made


def test_layers_and_their_sizes_are_listed(panel):
    assert panel.model.rowCount() == 2  # features and classifier
    features = panel.model.item(0)
    assert [features.child(row).text() for row in range(features.rowCount())] == ["0  Conv2d", "1  ReLU"]
    assert panel.model.item(0).child(0, 1).text() == "64×113×113"
    assert not panel.tree.isColumnHidden(1)


def test_names_come_before_sizes_where_there_is_no_room_also_after_another_network(panel, qtbot, network):
    panel.resize(150, 500)
    qtbot.waitUntil(lambda: panel.tree.isColumnHidden(1))
    panel.desk.network_changed.emit(network)
    assert panel.tree.isColumnHidden(1)
    panel.resize(320, 500)
    qtbot.waitUntil(lambda: not panel.tree.isColumnHidden(1))
