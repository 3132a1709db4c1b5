"""Theme, language and projector mode: switched while the program runs, kept in the settings."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QObject, Qt, QTranslator, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from explorer import i18n
from explorer.gui import numerals, theme
from explorer.gui.window import MainWindow


class Looks(QObject):
    """Owns the commands theme_*, language_*, projector."""

    theme_changed = Signal()
    language_changed = Signal(str)

    def __init__(self, app: QApplication, window: MainWindow) -> None:
        super().__init__(window)
        self._app = app
        self._window = window
        self._large = False
        self._before: dict[str, bool] = {}
        self._full_before = False
        self._words_of_qt = QTranslator(self)
        self._speak(i18n.language())
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed, Qt.ConnectionType.QueuedConnection)
        self._mark()

    def _speak(self, language: str) -> None:
        """Qt's own texts (file dialogs, menus of text fields) and number boxes in the language too; English needs no file."""
        self._window.setLocale(numerals.locale())
        QGuiApplication.removeTranslator(self._words_of_qt)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if language != "en" and self._words_of_qt.load(f"qtbase_{language}", folder):
            QGuiApplication.installTranslator(self._words_of_qt)

    # -- theme -------------------------------------------------------------------------------------------------------
    def theme_system(self) -> None:
        """Follow the desktop."""
        self.set_theme("system")

    def theme_light(self) -> None:
        """Light."""
        self.set_theme("light")

    def theme_dark(self) -> None:
        """Dark."""
        self.set_theme("dark")

    def set_theme(self, mode: str) -> None:
        """Choose and keep a theme."""
        self._window.settings.theme = mode
        self._dress()

    @Slot()
    def _system_changed(self) -> None:
        if self._window.settings.theme == "system":
            self._dress()

    def _dress(self) -> None:
        theme.apply(self._app, self._window.settings.theme, self._large)
        self._window.restyle()
        self._mark()
        self.theme_changed.emit()

    # -- language ----------------------------------------------------------------------------------------------------
    def language_en(self) -> None:
        """English."""
        self.set_language("en")

    def language_hu(self) -> None:
        """Hungarian."""
        self.set_language("hu")

    def set_language(self, name: str) -> None:
        """Choose and keep a language; every text on the screen follows at once."""
        self._window.settings.language = name
        used = i18n.use_language(name)
        self._speak(used)
        self._window.retranslate()
        self._mark()
        self.language_changed.emit(used)

    def _mark(self) -> None:
        actions, settings = self._window.actions_by_name, self._window.settings
        for mode in theme.MODES:
            actions[f"theme_{mode}"].setChecked(settings.theme == mode)
        for name in i18n.LANGUAGES:
            actions[f"language_{name}"].setChecked(i18n.language() == name)
        actions["projector"].setChecked(self._large)

    # -- projector ---------------------------------------------------------------------------------------------------
    @property
    def large(self) -> bool:
        """Whether projector mode is on."""
        return self._large

    def projector(self) -> None:
        """Large type, full screen, only the current panel; again: everything as it was."""
        window = self._window
        parts = {"strip": window.strip, "status": window.status, "menu": window.menuBar()}
        parts |= {dock.name: dock for dock in window.side_docks}
        self._large = not self._large
        if self._large:
            self._before = {name: part.isVisibleTo(window) for name, part in parts.items()}
            self._full_before = window.isFullScreen()
            for part in parts.values():
                part.hide()
            window.showFullScreen()
        else:
            for name, part in parts.items():
                part.setVisible(self._before.get(name, True))
            if not self._full_before:
                window.showNormal()
        self._dress()
