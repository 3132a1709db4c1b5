"""The bottom dock: what the program and its helper processes say, newest last. Logs stay English."""

from __future__ import annotations

import logging

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontDatabase, QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from explorer.gui import theme, words
from explorer.gui.icons import set_icon
from explorer.gui.panels.log_lines import MOST_LINES, LogHandler
from explorer.host.messages import ChildLog
from explorer.i18n import N_


class LogPanel(QWidget):
    """Shows a LogHandler's lines and those of the children."""

    _woken = Signal()

    def __init__(self, handler: LogHandler) -> None:
        super().__init__()
        self.setProperty("kind", "ground")
        self._handler = handler
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(MOST_LINES)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(12)
        self.text.setFont(fixed)
        words.say(self.text, N_("Log"), "name")
        side = QVBoxLayout()
        side.setSpacing(0)
        for name, tip, slot in (("copy", N_("Copy the log"), self._copy), ("close", N_("Empty the log"), self.text.clear)):
            button = QToolButton()
            set_icon(button, name)
            words.say(button, tip, "tip")
            button.clicked.connect(slot)
            side.addWidget(button)
        side.addStretch(1)
        line = QHBoxLayout(self)
        line.setContentsMargins(theme.px(2), 0, theme.px(1), theme.px(1))
        line.setSpacing(0)
        line.addWidget(self.text, 1)
        line.addLayout(side)
        self._woken.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        handler.wake = self._woken.emit
        self._drain()

    @Slot()
    def _drain(self) -> None:
        for level, line in self._handler.take():
            self._add(level, line)

    @Slot(object)
    def child_said(self, said: ChildLog) -> None:
        """A line of a helper process."""
        self._add(said.level, f"[{said.child}] {logging.getLevelName(said.level)} {said.logger}: {said.text}")

    def show_report(self, text: str) -> None:
        """Put a crash report in, for reading and copying."""
        for line in text.splitlines()[-400:]:
            self._add(logging.ERROR, line)

    def _add(self, level: int, line: str) -> None:
        t = theme.tokens()
        ink = QTextCharFormat()
        ink.setForeground(QColor(t.bad if level >= logging.ERROR else t.warn if level >= logging.WARNING else t.muted))
        bar = self.text.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 2
        cursor = QTextCursor(self.text.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        if not self.text.document().isEmpty():
            cursor.insertBlock()
        cursor.insertText(line, ink)
        if at_end:
            bar.setValue(bar.maximum())

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def close_quietly(self) -> None:
        """The window goes: wake nobody any more."""
        self._handler.wake = None
