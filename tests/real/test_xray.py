"""The X-ray in a real window, against the same request run here."""

import pytest


@pytest.mark.timeout(150)
def test_the_stages_in_the_window_are_the_stages(real_window):
    facts = real_window("journey", timeout=140)
    assert facts
