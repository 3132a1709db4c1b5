"""The window's entry: `main(argv)` runs it, `screenshots(folder)` drives every panel once and writes PNGs."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from explorer.gui.program import Program

NO_WINDOW = 5


@dataclass
class Wishes:
    """What the command line asked for."""

    theme: str = ""
    language: str = ""
    size: tuple[int, int] | None = None
    paths: tuple[str, ...] = ()
    safe: bool = False
    quit_after: float | None = None


def main(argv: Sequence[str] = (), wishes: Wishes | None = None) -> int:
    """Open the window and stay until it is closed; the exit code. `argv`: files to open."""
    wishes = wishes or Wishes(paths=tuple(argv))
    began = time.perf_counter()
    app = application()
    if app is None:
        return NO_WINDOW
    program, clean = build(app, wishes)
    program.times["began"] = began
    program.open()
    if wishes.quit_after is not None:
        from PySide6.QtCore import QTimer

        QTimer.singleShot(round(wishes.quit_after * 1000), program, program.quit)
    code = int(app.exec())
    clean()
    return code


def application() -> QApplication | None:
    """The QApplication, or None after one line on stderr that says what is missing and what to do."""
    from explorer.gui import environment

    environment.prepare()
    obstacle = environment.obstacle()
    if not obstacle:
        try:
            from PySide6.QtCore import QCoreApplication
            from PySide6.QtWidgets import QApplication
        except ImportError as error:
            obstacle = f"{environment.missing_text(environment.library_of(error))} {environment.HEADLESS}"
    if obstacle:
        sys.stderr.write(f"explorer: {obstacle}\n")
        return None
    QCoreApplication.setApplicationName("explorer")
    QCoreApplication.setOrganizationName("explorer")
    app = QApplication.instance()
    made = app if isinstance(app, QApplication) else QApplication(["explorer"])
    made.setStyle("Fusion")
    made.setQuitOnLastWindowClosed(False)
    return made


def build(
    app: QApplication, wishes: Wishes, make_host: Callable[[Callable[[], None]], Any] | None = None
) -> tuple[Program, Callable[[], None]]:
    """The program, not yet shown, and what to call when the event loop has ended."""
    from explorer import i18n, settings
    from explorer.gui import crash, sentinel, theme
    from explorer.gui.notices import Sink
    from explorer.gui.panels.log_lines import LogHandler
    from explorer.gui.program import Program

    handler = LogHandler()
    root = logging.getLogger("explorer")
    root.setLevel(min(root.level or logging.INFO, logging.INFO))
    root.addHandler(handler)
    sink = Sink()
    crash_log = crash.CrashLog()
    hooks = crash.Hooks(sink)
    try:
        mark = sentinel.take()
    except OSError:
        logging.getLogger(__name__).warning("no sentinel: the state folder cannot be written", exc_info=True)
        mark = None
    chosen = settings.load()
    if wishes.theme:
        chosen.theme = wishes.theme
    if wishes.language:
        chosen.language = wishes.language
    chosen.for_now()
    i18n.use_language(chosen.language)
    theme.apply(app, chosen.theme)
    safe = wishes.safe or (mark is not None and "starting" in mark.crashed)
    if safe:
        os.environ["EXPLORER_WITHOUT_PLUGINS"] = "1"  # the children read it: explorer.plugins.rows
    program = Program(app, chosen, sink, handler, mark, crash_log, make_host, wishes.paths, safe)
    if wishes.size:
        program.window.resize(*wishes.size)
        program.wanted_size = wishes.size

    def clean() -> None:
        hooks.remove()
        root.removeHandler(handler)
        program.dispose()
        crash_log.close()

    return program, clean


def screenshots(
    folder: Path | str,
    theme: str = "light",
    size: tuple[int, int] = (1440, 900),
    language: str = "en",
    patience_s: float = 90.0,
    make_host: Callable[[Callable[[], None]], Any] | None = None,
) -> list[Path]:
    """Open the real window, drive every panel once on sample input, write a PNG of each; the files written.

    Raises TimeoutError naming the panel that had nothing to show within `patience_s`, RuntimeError where no window can open.
    """
    app = application()
    if app is None:
        raise RuntimeError("no window can be opened here")
    from explorer.gui.photographer import Photographer

    program, clean = build(app, Wishes(theme=theme, language=language, size=size), make_host)
    photographer = Photographer(program, Path(folder), patience_s)
    program.open()
    app.exec()
    clean()
    if program.watchdog is not None:
        program.watchdog.call_off()
    photographer.judge()
    return photographer.written
