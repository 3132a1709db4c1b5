"""Colours that can be read, a style sheet without holes, icons that can be drawn."""

import re

import pytest
from PySide6.QtCore import QByteArray
from PySide6.QtSvg import QSvgRenderer

from explorer.assets import assets_dir
from explorer.gui import commands, icons, theme
from explorer.gui.panels import PANELS
from explorer.gui.stylesheet import stylesheet

GROUNDS = ("window", "surface", "sunken", "canvas", "hover", "accent_soft")
INKS = ("text", "muted", "accent")
SIGNS = ("good", "warn", "bad")


@pytest.mark.parametrize("t", [theme.LIGHT, theme.DARK], ids=lambda t: t.name)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", INKS)
def test_text_can_be_read_on_every_ground(t, ink, ground):
    assert theme.contrast(getattr(t, ink), getattr(t, ground)) >= 4.5


@pytest.mark.parametrize("t", [theme.LIGHT, theme.DARK], ids=lambda t: t.name)
def test_other_pairs(t):
    assert theme.contrast(t.on_accent, t.accent) >= 4.5
    for sign in SIGNS:
        assert theme.contrast(getattr(t, sign), t.surface) >= 4.5
        assert theme.contrast(getattr(t, sign), t.window) >= 4.5
    assert theme.contrast(t.strong_line, t.surface) >= 3  # edges of controls: WCAG 1.4.11
    assert theme.contrast(t.strong_line, t.window) >= 3


def test_contrast_of_known_pairs():
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("t", [theme.LIGHT, theme.DARK], ids=lambda t: t.name)
def test_the_sheet_has_no_holes_and_only_the_tokens_colours(t):
    sheet = stylesheet(t, 13)
    assert "$" not in sheet
    assert set(re.findall(r"#[0-9a-fA-F]{6}\b", sheet)) <= {value for value in vars(t).values() if value.startswith("#")}
    for url in re.findall(r'url\("([^"]+)"\)', sheet):
        assert QSvgRenderer(url).isValid(), url


def test_large_type_is_larger(qapp):
    theme.apply(qapp, "light", large=True)
    large = qapp.font().pixelSize()
    theme.apply(qapp, "light")
    assert large == round(theme.base_px(qapp) * theme.PROJECTOR_SCALE) > qapp.font().pixelSize() >= 13


def test_system_theme_follows_the_desktop(qapp, monkeypatch):
    monkeypatch.setattr(theme, "system_is_dark", lambda: True)
    assert theme.apply(qapp, "system").name == "dark"
    assert theme.apply(qapp, "light").name == "light"


def used_icons():
    names = {command.icon for command in commands.COMMANDS if command.icon}
    return names | {row.icon for row in PANELS}


def test_every_icon_is_ours_and_can_be_drawn():
    folder = assets_dir() / "icons"
    missing = {name for name in used_icons() if not (folder / f"{name}.svg").exists()}
    assert not missing
    for path in folder.glob("*.svg"):
        assert QSvgRenderer(QByteArray(path.read_bytes())).isValid(), path


def test_an_icon_takes_the_themes_colour(qapp):
    drawn = icons.pixmap("stop", 64, "#ff0000").toImage()
    colours = {
        drawn.pixelColor(x, y).getRgb()[:3] for x in range(64) for y in range(64) if drawn.pixelColor(x, y).alpha() > 250
    }
    assert colours == {(255, 0, 0)}
