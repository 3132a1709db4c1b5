"""The look in one place: colours for light and dark, the 4 px grid, type sizes, the palette that Qt draws with.

A widget that paints itself asks `tokens()` in its paintEvent; one that must rebuild something listens for
`QEvent.Type.PaletteChange`, which Qt sends to every widget when the theme changes (panels: override `restyle`).
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QFontInfo, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

GRID = 4
BASE_PX = 13
PROJECTOR_SCALE = 1.5
MODES = ("system", "light", "dark")


@dataclass(frozen=True)
class Tokens:
    """Colours as "#rrggbb". Every text colour has a contrast of at least 4.5:1 on every ground it stands on (tested).

    `window` is the ground of docks and bars, `surface` of lists and pages, `sunken` of fields and slots, `canvas` of pictures
    and charts. `text`, `muted` and `accent` may stand on all of them; `on_accent` stands on `accent`.
    """

    name: str
    window: str
    surface: str
    sunken: str
    canvas: str
    hover: str
    line: str
    strong_line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    warn: str
    bad: str


LIGHT = Tokens(
    name="light",
    window="#f4f5f6",
    surface="#ffffff",
    sunken="#eaecee",
    canvas="#eff1f3",
    hover="#e4e8eb",
    line="#dcdfe3",
    strong_line="#868d97",
    text="#1b1e23",
    muted="#535962",
    accent="#0b6580",
    on_accent="#ffffff",
    accent_soft="#d5e9ef",
    good="#1f6b3a",
    warn="#7d5200",
    bad="#a8261c",
)
DARK = Tokens(
    name="dark",
    window="#1a1c20",
    surface="#202328",
    sunken="#141619",
    canvas="#121417",
    hover="#2b2f36",
    line="#31353c",
    strong_line="#737b87",
    text="#e9ebee",
    muted="#a9b0ba",
    accent="#6cc5de",
    on_accent="#0a1b21",
    accent_soft="#1c3d48",
    good="#7fce97",
    warn="#e4b45c",
    bad="#f5958c",
)

_current = LIGHT
_scale = 1.0


def tokens() -> Tokens:
    """The colours in force."""
    return _current


def scale() -> float:
    """1.0, or PROJECTOR_SCALE while the large type is on."""
    return _scale


def px(units: float) -> int:
    """`units` of the 4 px grid in pixels, larger in projector mode."""
    return round(units * GRID * (1 + (_scale - 1) / 2))


def colour(value: str, alpha: float = 1.0) -> QColor:
    """A QColor of a token, with `alpha` 0..1."""
    made = QColor(value)
    made.setAlphaF(alpha)
    return made


def system_is_dark() -> bool:
    """What the desktop says; light where it says nothing."""
    return QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark


def base_px(app: QApplication) -> int:
    """Size of normal type: 13 px, or the system font's where a person made that larger."""
    remembered = app.property("system_px")
    if remembered is None:
        remembered = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)).pixelSize()
        app.setProperty("system_px", remembered)
    return round(max(BASE_PX, min(int(remembered), 24)) * _scale)


def apply(app: QApplication, mode: str = "system", large: bool = False) -> Tokens:
    """Dress the whole program. `mode`: "system", "light" or "dark"; `large` is the projector's type."""
    global _current, _scale
    from explorer.gui.stylesheet import stylesheet

    _current = DARK if mode == "dark" or (mode == "system" and system_is_dark()) else LIGHT
    _scale = PROJECTOR_SCALE if large else 1.0
    size = base_px(app)
    font = QFont(app.font())
    font.setPixelSize(size)
    app.setStyleSheet("")  # one sheet after the other takes Qt four times as long as none in between: 1.3 s of a full window
    app.setFont(font)
    app.setPalette(palette(_current))
    app.setStyleSheet(stylesheet(_current, size))
    return _current


def palette(t: Tokens) -> QPalette:
    """Qt's own colours, for everything the style sheet does not name."""
    made = QPalette()
    role = QPalette.ColorRole
    pairs = {
        role.Window: t.window,
        role.WindowText: t.text,
        role.Base: t.surface,
        role.AlternateBase: t.sunken,
        role.Text: t.text,
        role.Button: t.window,
        role.ButtonText: t.text,
        role.BrightText: t.bad,
        role.ToolTipBase: t.surface,
        role.ToolTipText: t.text,
        role.PlaceholderText: t.muted,
        role.Highlight: t.accent,
        role.HighlightedText: t.on_accent,
        role.Accent: t.accent,
        role.Link: t.accent,
        role.LinkVisited: t.accent,
        role.Light: t.surface,
        role.Midlight: t.hover,
        role.Mid: t.line,
        role.Dark: t.strong_line,
        role.Shadow: t.sunken,
    }
    for which, value in pairs.items():
        made.setColor(which, QColor(value))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(t.strong_line))
    return made


def tabular(font: QFont) -> QFont:
    """`font` with figures of one width, so that changing numbers do not dance."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two colours, 1..21."""

    def luminance(value: str) -> float:
        channels = []
        for at in (1, 3, 5):
            c = int(value[at : at + 2], 16) / 255
            channels.append(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)
