"""Every panel in a real window, in both themes and languages."""

import pytest

from explorer.gui.panels import PANELS


@pytest.mark.timeout(300)
def test_every_panel_shows_something(real_window):
    facts = real_window("panels", timeout=290)
    assert facts["panels"] == [row.name for row in PANELS]
    assert facts["width"] == 1100 and facts["title"] == "Kezdeti súlyok"
