"""F1: every key there is, read from the key table and the panels, so that it cannot be wrong."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QTimer, Slot
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout

from explorer.gui import theme, words
from explorer.gui.commands import MENUS
from explorer.gui.page import Page
from explorer.i18n import N_, tr

if TYPE_CHECKING:
    from explorer.gui.window import MainWindow

VIEW_KEYS = (
    (N_("Mouse wheel, + and -"), N_("Zoom at the cursor")),
    (N_("Drag, arrows"), N_("Move the picture")),
    ("0", N_("Fit the picture into its place")),
    (N_("Double-click on a slider"), N_("Back to its start value")),
)


class HelpPage(Page):
    """Filled anew each time it is opened."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        words.say(self, N_("Keys and help"), "title")
        self.text = QTextBrowser()
        self.text.setOpenExternalLinks(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.text)
        self.resize(round(560 * theme.scale()), 640)

    def rows(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """(heading, [(keys, what they do)]), translated."""
        found = []
        commands = self._window.commands()
        for menu in MENUS:
            rows = [(_keys(action.shortcuts()), tr(command.text)) for command, action in commands if command.menu == menu]
            found.append((tr(menu), [row for row in rows if row[0]]))
        for panel in self._window.panels.values():
            table = panel.keys()
            keys = [(_keys([QKeySequence(key.sequence)]), tr(key.text)) for key in table]
            if keys:
                found.append((tr(type(panel).title), keys))
        found.append((tr("Pictures and forms"), [(tr(keys), tr(text)) for keys, text in VIEW_KEYS]))
        return found

    @Slot()
    def fill(self) -> None:
        """Write the page."""
        t = theme.tokens()
        parts = [f"<p style='color:{t.muted}'>{escape(tr(INTRO))}</p>"]
        for heading, rows in self.rows():
            parts.append(f"<h3>{escape(heading)}</h3><table cellspacing='0' cellpadding='3' width='100%'>")
            for keys, text in rows:
                cells = (
                    f"<td width='38%' style='color:{t.accent}'>{escape(keys)}</td><td>{escape(text.replace('...', '…'))}</td>"
                )
                parts.append(f"<tr>{cells}</tr>")
            parts.append("</table>")
        self.text.document().setDocumentMargin(theme.px(4))
        self.text.setHtml("".join(parts))

    def changeEvent(self, event: QEvent) -> None:
        """Colours and words stand in the text: write it again. A new title means a new language."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.WindowTitleChange) and self.isVisible():
            QTimer.singleShot(0, self, self.fill)  # not while the window walks through its parts, ours among them


INTRO = N_(
    "Choose a picture at the top: every panel looks at it. Choose a network on the left. "
    "Values stand on the right; a double-click on a slider brings its start value back. Esc stops what runs."
)


def _keys(sequences: list[QKeySequence]) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return ", ".join(sequence.toString(native) for sequence in sequences if not sequence.isEmpty())
