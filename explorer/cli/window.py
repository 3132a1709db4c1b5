"""`explorer gui`: the window. The only command that imports Qt, and only when it runs."""

from __future__ import annotations

import os
import re
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


class Size(click.ParamType[tuple[int, int]]):
    """`1440x900` as two whole numbers."""

    name = "WxH"

    def convert(
        self, value: tuple[int, int] | str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Width and height, or a usage error."""
        if isinstance(value, tuple):
            return value
        found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", value)
        if found is None:
            self.fail(tr("'{value}' is not WIDTHxHEIGHT, as in 1440x900.").format(value=value), param, ctx)
        return int(found[1]), int(found[2])


@click.command(help=tr("Open the window."))
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--screenshots", metavar="DIR", default=None, help=tr("Drive every panel once on sample input, write PNGs there, quit.")
)
@click.option("--theme", type=click.Choice(["system", "light", "dark"]), default=None, help=tr("Light or dark."))
@click.option("--language", type=click.Choice(["en", "hu"]), default=None, help=tr("English or Hungarian."))
@click.option("--size", type=Size(), default=None, help=tr("Size of the window, as in 1440x900."))
@click.option("--safe", is_flag=True, help=tr("Start without plugins and with the default layout."))
@click.option("--quit-after", type=click.FloatRange(0), default=None, help=tr("Close the window after so many seconds."))
def gui(
    files: tuple[str, ...] = (),
    screenshots: str | None = None,
    theme: str | None = None,
    language: str | None = None,
    size: tuple[int, int] | None = None,
    safe: bool = False,
    quit_after: float | None = None,
) -> int:
    """`explorer gui [FILE]...`."""
    if not can_show():
        if screenshots is None:
            say(tr("There is no display. All jobs work without one, as in: explorer tour --out tour/"))
            return 5
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from explorer.gui import app

    if screenshots is None:
        return app.main(files, app.Wishes(theme or "", language or "", size, files, safe, quit_after))
    written = app.screenshots(screenshots, theme or "light", size or (1440, 900), language or "en")
    for path in written:
        click.echo(str(path))
    return 0
