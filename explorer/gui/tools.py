"""Undo, Stop, the keys of panels, help, command palette, own keys, about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QAbstractSlider, QApplication, QWidget

from explorer.gui.desk import Desk
from explorer.gui.help_page import HelpPage
from explorer.gui.key_page import KeyPage
from explorer.gui.palette_page import PalettePage
from explorer.gui.widgets.picture_view import PictureView
from explorer.gui.window import MainWindow
from explorer.i18n import tr

MOVES = {
    "Left": Qt.Key.Key_Left,
    "Right": Qt.Key.Key_Right,
    "Up": Qt.Key.Key_Up,
    "Down": Qt.Key.Key_Down,
    "Home": Qt.Key.Key_Home,
    "End": Qt.Key.Key_End,
}


class Tools(QObject):
    """Owns the commands of its methods' names."""

    def __init__(self, window: MainWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._desk = desk
        self._shortcuts: dict[str, list[QShortcut]] = {}
        self._help: HelpPage | None = None
        self._palette: PalettePage | None = None
        self._keys: KeyPage | None = None
        window.panel_changed.connect(self._enable_keys)
        desk.session_changed.connect(self._mark)
        desk.jobs_changed.connect(self._mark)
        QTimer.singleShot(0, self, self._mark)

    @Slot()
    def _mark(self) -> None:
        actions = self._window.actions_by_name
        actions["undo"].setEnabled(self._desk.can_undo)
        actions["redo"].setEnabled(self._desk.can_redo)

    def undo(self) -> None:
        """One step back."""
        self._desk.undo()

    def redo(self) -> None:
        """One step forward."""
        self._desk.redo()

    def stop_job(self) -> None:
        """Esc: close the notice on top of nothing, else stop the newest job; leaves projector mode when nothing runs."""
        if self._desk.stop_newest():
            return
        projector = self._window.actions_by_name["projector"]
        if projector.isChecked():
            projector.trigger()
        elif self._window.notices.notices:
            self._window.notices.close_newest()

    # -- keys of panels ----------------------------------------------------------------------------------------------
    @Slot(str)
    def bind_keys_of(self, name: str) -> None:
        """Make shortcuts of the keys of a panel that was made; only the current panel's are alive."""
        table = self._window.panels[name].keys()
        for key in table:
            shortcut = QShortcut(QKeySequence(key.sequence), self._window)
            shortcut.setObjectName(f"{name}:{key.text}")
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
            shortcut.activated.connect(_polite(key.sequence, key.slot))
            self._shortcuts.setdefault(name, []).append(shortcut)
        self._enable_keys(self._window.current)

    @Slot(str)
    def _enable_keys(self, current: str) -> None:
        for name, shortcuts in self._shortcuts.items():
            for shortcut in shortcuts:
                shortcut.setEnabled(name == current)

    # -- pages -------------------------------------------------------------------------------------------------------
    def help(self) -> None:
        """F1."""
        if self._help is None:
            self._help = HelpPage(self._window)
        self._help.fill()
        self._help.come_up()

    def command_palette(self) -> None:
        """Ctrl+Shift+P."""
        if self._palette is None:
            self._palette = PalettePage(self._window)
        self._palette.open_page()

    def change_keys(self) -> None:
        """Choose another key for a command."""
        if self._keys is None:
            self._keys = KeyPage(self._window)
        self._keys.fill()
        self._keys.come_up()

    def about(self) -> None:
        """What this is."""
        from explorer import __version__

        text = tr("Explorer {version}: see deep learning work. Qt for Python and Qt are used under the LGPL.")
        self._desk.notify(text.format(version=__version__), "info", key="about", stay=True)


def _wants_moves(focus: QWidget) -> bool:
    enlarged = isinstance(focus, PictureView) and focus.zoom > 1.0
    return enlarged or isinstance(focus, (QAbstractSlider, QAbstractItemView))


def _polite(sequence: str, slot: object) -> object:
    """Space belongs to a focused button before it belongs to a panel; arrows to a slider, a list, an enlarged picture."""

    def call() -> None:
        focus = QApplication.focusWidget()
        if sequence == "Space" and isinstance(focus, QAbstractButton):
            focus.click()
        elif sequence in MOVES and focus is not None and _wants_moves(focus):
            for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):  # not sent: that would look for a shortcut again
                focus.event(QKeyEvent(kind, MOVES[sequence], Qt.KeyboardModifier.NoModifier))
        elif callable(slot):
            slot()

    return call
