"""The Tab key goes through a panel as its eyes do: by how the widgets are laid out, not by when they were made."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QGridLayout, QLayout, QScrollArea, QSplitter, QStackedWidget, QWidget


def set_reading_order(root: QWidget) -> None:
    """Chain everything under `root` that takes the Tab key in reading order. Pages that are hidden now keep their place."""
    stops = list(dict.fromkeys(_stops(root)))
    for before, after in pairwise(stops):
        QWidget.setTabOrder(before, after)


def _stops(widget: QWidget) -> Iterator[QWidget]:
    for child in _in_order(widget):
        if child.focusProxy() is None and child.focusPolicy() & Qt.FocusPolicy.TabFocus:
            yield child
        if not isinstance(child, QAbstractScrollArea) or isinstance(child, QScrollArea):  # lists and texts are one stop
            yield from _stops(child)


def _in_order(widget: QWidget) -> list[QWidget]:
    """The children of a widget: those that are laid out first, as they are read; then the rest, as they were made."""
    if isinstance(widget, QScrollArea):
        inner = widget.widget()
        return [] if inner is None else [inner]
    laid: list[QWidget] = []
    if isinstance(widget, (QSplitter, QStackedWidget)):
        found = (widget.widget(index) for index in range(widget.count()))
        laid = [one for one in found if one is not None]
    else:
        layout = widget.layout()
        if layout is not None:
            laid = list(_laid(layout))
    made = [one for one in widget.children() if isinstance(one, QWidget) and not one.isWindow()]
    return [one for one in dict.fromkeys((*laid, *made)) if one.parentWidget() is widget]


def _laid(layout: QLayout) -> Iterator[QWidget]:
    places = list(range(layout.count()))
    if isinstance(layout, QGridLayout):
        places.sort(key=lambda index: _cell(layout, index))
    for index in places:
        item = layout.itemAt(index)
        inner, widget = (None, None) if item is None else (item.layout(), item.widget())
        if inner is not None:
            yield from _laid(inner)
        elif widget is not None:
            yield widget


def _cell(grid: QGridLayout, index: int) -> tuple[int, int]:
    found = grid.getItemPosition(index)
    return (int(found[0]), int(found[1])) if isinstance(found, tuple) else (0, index)
