"""Every panel in a real window, in both themes and languages."""

import pytest


@pytest.mark.timeout(150)
def test_every_panel_shows_something(real_window):
    facts = real_window("panels", timeout=140)
    assert len(facts["panels"]) >= 4


@pytest.mark.timeout(150)
def test_every_panel_in_the_dark_in_hungarian_in_a_small_window(real_window):
    assert real_window("panels", theme="dark", language="hu", size=(1100, 720), timeout=140)["panels"]
