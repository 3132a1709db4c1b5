"""The one icon set: line drawings in assets/icons (24 x 24, currentColor), recoloured to the theme when it changes."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from explorer.assets import assets_dir
from explorer.gui import theme

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
def _icon(name: str, size: int, ratio: float, colour: str, active: str, disabled: str) -> QIcon:
    made = QIcon(pixmap(name, size, colour, ratio))
    if active:
        made.addPixmap(pixmap(name, size, active, ratio), QIcon.Mode.Normal, QIcon.State.On)
    if disabled:
        made.addPixmap(pixmap(name, size, disabled, ratio), QIcon.Mode.Disabled)
    return made


def icon(name: str, colour: str = "", *, checkable: bool = False, enabled: bool = True, side: int = 16) -> QIcon:
    """The icon in the theme's text colour (accent when checked), or in a colour of its own; `side` in pixels."""
    t = theme.tokens()
    size = round(side * theme.scale())
    ratio = QGuiApplication.primaryScreen().devicePixelRatio() if QGuiApplication.primaryScreen() else 1.0
    active = (colour or t.accent) if checkable else ""
    return _icon(name, size, max(ratio, 1.0), colour or t.text, active, "" if enabled else t.strong_line)


def set_icon(thing: QAbstractButton | QAction, name: str, side: int = 16) -> None:
    """Give a button or action an icon that follows the theme."""
    thing.setProperty(_NAME, [name, side])
    primary = thing.property("kind") == "primary"
    own = theme.tokens().on_accent if primary else ""
    thing.setIcon(icon(name, own, checkable=thing.isCheckable(), enabled=isinstance(thing, QAction), side=side))
    if isinstance(thing, QAbstractButton):
        scaled = round(side * theme.scale())
        thing.setIconSize(QSize(scaled, scaled))


def recolour(root: QObject) -> None:
    """Draw every icon under `root` again in the theme's colours."""
    things: list[QAbstractButton | QAction] = [*root.findChildren(QAbstractButton), *root.findChildren(QAction)]
    for thing in things:
        known = thing.property(_NAME)
        if known:
            set_icon(thing, str(known[0]), int(known[1]))
