"""`explorer gui`: the window. The only command that imports Qt, and only when it runs."""

from __future__ import annotations

import os
import sys

import click

from explorer.cli.ending import say
from explorer.i18n import tr


def can_show() -> bool:
    """Whether a window could appear: everywhere but on a Linux without a display."""
    if sys.platform in ("win32", "darwin"):
        return True
    if os.environ.get("QT_QPA_PLATFORM", "").split(":")[0] in {"offscreen", "minimal", "vnc", "linuxfb", "eglfs"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@click.command(help=tr("Open the window."))
@click.option(
    "--screenshots", metavar="DIR", default=None, help=tr("Drive every panel once on sample input, write PNGs there, quit.")
)
def gui(screenshots: str | None = None) -> int:
    """`explorer gui`."""
    if not can_show():
        say(tr("There is no display. All jobs work without one, as in: explorer tour --out tour/"))
        return 5
    from explorer.gui.app import main

    return int(main(screenshots=screenshots))
