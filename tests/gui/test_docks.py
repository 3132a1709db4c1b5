"""The tabs of the centre: all names stay readable; icons only where there is room."""

from PySide6.QtWidgets import QTabBar

from explorer.gui import theme
from explorer.gui.docks import Centre

NAMES = ("Network", "Filters", "Dream", "Units", "Why?", "Surgery", "Regions", "Live", "Optimizers")


def test_tabs_drop_their_icons_before_they_need_scrolling(qtbot, qapp, english):
    theme.apply(qapp, "light")
    centre = Centre()
    qtbot.addWidget(centre)
    for name in NAMES:
        centre.add(name.lower(), name, "filters")
    centre.resize(1000, 300)
    centre.show()
    (bar,) = centre.findChildren(QTabBar)
    qtbot.waitUntil(lambda: not bar.tabIcon(0).isNull())
    centre.resize(640, 300)
    qtbot.waitUntil(lambda: bar.tabIcon(0).isNull())
    assert [bar.tabText(at) for at in range(bar.count())] == list(NAMES)
    assert bar.tabRect(bar.count() - 1).right() <= 640
    centre.resize(1000, 300)
    qtbot.waitUntil(lambda: not bar.tabIcon(0).isNull())
    qapp.setStyleSheet("")
