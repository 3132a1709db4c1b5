"""The rail: every panel one click away, names where there is room, the present one marked; no tabs beside it."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTabBar

from explorer.gui import theme
from explorer.gui.docks import Centre
from explorer.gui.panels import PANELS
from explorer.gui.rail import ABOUT, Rail

STYLES = Qt.ToolButtonStyle


def filled(qtbot):
    rail = Rail(None)
    qtbot.addWidget(rail)
    for row in PANELS:
        rail.add(row.name, row.title, row.icon)
    rail.show()
    return rail


def test_a_click_says_the_name_and_keys_do_too(qtbot, english):
    rail = filled(qtbot)
    with qtbot.waitSignal(rail.chosen) as chosen:
        QTest.mouseClick(rail.button("why"), Qt.MouseButton.LeftButton)
    assert chosen.args == ["why"]
    rail.button("live").setFocus()
    with qtbot.waitSignal(rail.chosen) as chosen:
        QTest.keyClick(rail.button("live"), Qt.Key.Key_Space)
    assert chosen.args == ["live"]


def test_one_button_is_marked(qtbot, english):
    rail = filled(qtbot)
    rail.mark("dream")
    rail.mark("live")
    assert [row.name for row in PANELS if rail.button(row.name).isChecked()] == ["live"]


def test_names_move_beside_the_pictures_and_go_in_small_windows_and_the_tips_stay(qtbot, english):
    rail = filled(qtbot)
    rail.resize(rail.width(), 1000)
    rail.fit(QSize(1440, 1100))
    under = rail.width()
    assert rail.button("live").toolButtonStyle() == STYLES.ToolButtonTextUnderIcon
    rail.resize(rail.width(), 640)
    rail.fit(QSize(1440, 900))
    assert rail.button("live").toolButtonStyle() == STYLES.ToolButtonTextBesideIcon
    assert rail.width() > under
    for small, high in ((QSize(1024, 900), 760), (QSize(1440, 560), 440)):
        rail.fit(small)
        rail.resize(rail.width(), high)
        assert rail.button("live").toolButtonStyle() == STYLES.ToolButtonIconOnly
        assert rail.width() < under
    assert all(rail.button(row.name).toolTip() for row in PANELS)
    assert all(rail.button(row.name).accessibleName() == row.title for row in PANELS)


def test_every_panel_is_explained():
    assert {row.name for row in PANELS} <= set(ABOUT)


def test_tabs_give_way_to_the_rail_unless_panels_stand_side_by_side(qtbot, qapp, english):
    theme.apply(qapp, "light")
    centre = Centre(railed=True)
    qtbot.addWidget(centre)
    for name in ("one", "two", "three"):
        centre.add(name, name, "filters")
    centre.resize(900, 400)
    centre.show()
    (bar,) = centre.findChildren(QTabBar)
    qtbot.waitUntil(lambda: bool(bar.property("away")) and bar.height() == 0)
    assert all(dock.title_line.height() > 0 for dock in centre.docks.values())
    centre.arrange(("one", "two"), ("three",))
    qtbot.waitUntil(lambda: any(bar.isVisible() and bar.height() > 10 for bar in centre.findChildren(QTabBar)))
    qapp.setStyleSheet("")
