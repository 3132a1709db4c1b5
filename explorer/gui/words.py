"""Text on widgets that follows the language while the program runs.

`say(label, N_("Layer"))` shows the translation now and remembers the English key in the object itself, so that
`retranslate(window)` can show every text again after a switch. No registry, nothing to take out when a widget dies.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from explorer.i18n import tr

# What can be said about an object -> the setter that says it.
SETTERS = {
    "text": "setText",
    "tip": "setToolTip",
    "title": "setWindowTitle",
    "menu": "setTitle",
    "placeholder": "setPlaceholderText",
    "name": "setAccessibleName",
    "dock": "setWindowTitle",  # its "&" is doubled: tabs and menus would take it for the mark of a key
}
_MARK = "_say_"


def say(thing: QObject, english: str, what: str = "text", **values: Any) -> None:
    """Show `english` on `thing` in the chosen language, now and after each switch; `values` fill its `{places}`."""
    thing.setProperty(_MARK + what, [english, values])
    _apply(thing, what, english, values)


def retranslate(root: QObject) -> None:
    """Say everything again under `root`, `root` included."""
    for thing in [root, *root.findChildren(QObject)]:
        for raw in thing.dynamicPropertyNames():
            name = bytes(raw.data()).decode()
            if name.startswith(_MARK):
                english, values = thing.property(name)
                _apply(thing, name.removeprefix(_MARK), english, values)


def _apply(thing: QObject, what: str, english: str, values: dict[str, Any]) -> None:
    text = tr(english)
    if values:
        text = text.format(**{key: tr(value) if isinstance(value, str) else value for key, value in values.items()})
    getattr(thing, SETTERS[what])(text.replace("&", "&&") if what == "dock" else text)
    if what == "tip" and isinstance(thing, QWidget) and thing.property(_MARK + "name") is None:
        thing.setAccessibleName(text.splitlines()[0] if text else "")
