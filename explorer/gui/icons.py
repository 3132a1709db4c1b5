"""The one icon set: line drawings in assets/icons (24 x 24, currentColor), recoloured to the theme when it changes."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from explorer.assets import assets_dir
from explorer.gui import theme

SIZES = (16, 20, 24, 32, 48)
_NAME = "_icon"


@lru_cache(maxsize=256)
def _source(name: str) -> str:
    path = assets_dir() / "icons" / f"{name}.svg"
    return (path if path.exists() else assets_dir() / "icons" / "panel.svg").read_text(encoding="utf-8")


def pixmap(name: str, size: int, colour: str, ratio: float = 1.0) -> QPixmap:
    """One icon of `size` logical pixels in "#rrggbb"."""
    drawer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    drawer.render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, active: str, disabled: str) -> QIcon:
    made = QIcon()
    for size in (16, 20, 24, 32, 48):
        made.addPixmap(pixmap(name, size, colour), QIcon.Mode.Normal, QIcon.State.Off)
        made.addPixmap(pixmap(name, size, active), QIcon.Mode.Normal, QIcon.State.On)
        made.addPixmap(pixmap(name, size, disabled), QIcon.Mode.Disabled)
    return made


def icon(name: str, colour: str = "") -> QIcon:
    """The icon in the theme's text colour (accent when checked), or in a colour of its own."""
    t = theme.tokens()
    return _icon(name, colour or t.text, colour or t.accent, t.strong_line)


def set_icon(thing: QAbstractButton | QAction, name: str) -> None:
    """Give a button or action an icon that follows the theme."""
    thing.setProperty(_NAME, name)
    primary = thing.property("kind") == "primary"
    thing.setIcon(icon(name, theme.tokens().on_accent if primary else ""))
    if isinstance(thing, QAbstractButton):
        side = round(16 * theme.scale())
        thing.setIconSize(QSize(side, side))


def recolour(root: QObject) -> None:
    """Draw every icon under `root` again in the theme's colours."""
    things: list[QAbstractButton | QAction] = [*root.findChildren(QAbstractButton), *root.findChildren(QAction)]
    for thing in things:
        name = thing.property(_NAME)
        if name:
            set_icon(thing, str(name))
