"""Filters & Activations in a real window, compared with the same requests run here."""


def test_look(real_window):
    assert real_window("look") == {}
