"""Which cameras there are, and what they really give."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from explorer.cli import output
from explorer.cli.ending import say, sentence
from explorer.cli.flags import json_option
from explorer.cli.running import runner
from explorer.i18n import tr

if TYPE_CHECKING:
    from explorer.host.host import Host
    from explorer.host.messages import PeekSeen
    from explorer.records.source import CameraInfo, PeekReport

TRY_S = 2.0  # of pictures, after the first one


@click.command(
    help=tr("List the cameras by name. Any of them is a picture for other commands, as in: explorer detect camera:0")
)
@click.option("--test", "tried", is_flag=True, help=tr("Open each for two seconds: size, pictures a second, brightness."))
@json_option()
def cameras(tried: bool, as_json: bool) -> int:
    """`explorer cameras`: exit code 3 where there is none."""
    from explorer.requests.source import CamerasRequest

    with runner() as here:
        found = here.run(CamerasRequest())
        if found.trouble is not None:
            say(sentence(found.trouble))
        if not found.cameras:
            say(tr("No camera found."))
            return 3
        with _host() as host:
            for camera in found.cameras:
                last = _tried(host, camera) if tried else None
                if as_json:
                    output.line(_shape(camera, last))
                else:
                    output.text(_text(camera, last))
    return 0


@contextmanager
def _host() -> Iterator[Host]:
    from explorer.host.host import Host

    host = Host(lambda: None)  # nothing is started before it is needed
    try:
        yield host
    finally:
        host.close()


def _tried(host: Host, camera: CameraInfo) -> PeekSeen:
    """The last word of a peek."""
    from explorer.host.messages import PeekSeen
    from explorer.requests.source import SourceRequest

    number = host.peek(SourceRequest(kind="camera", index=camera.index, device=camera.name if camera.known else ""))
    first: float | None = None
    while True:
        time.sleep(0.05)
        for event in host.drain():
            if not isinstance(event, PeekSeen) or event.id != number or event.state == "opening":
                continue
            first = first or time.monotonic()
            if event.state != "seen" or time.monotonic() - first >= TRY_S:
                host.end_peek()
                return event


def _shape(camera: CameraInfo, tried: PeekSeen | None) -> dict[str, Any]:
    shape: dict[str, Any] = {"index": camera.index, "name": camera.name}
    if tried is not None and tried.report is not None:
        facts = asdict(tried.report)
        shape |= {**facts, "notices": [notice.english() for notice in tried.report.notices]}
    elif tried is not None and tried.trouble is not None:
        shape["error"] = tried.trouble.english()
    return shape


def _text(camera: CameraInfo, tried: PeekSeen | None) -> str:
    line = f"camera:{camera.index}  {camera.name}"
    if tried is None:
        return line
    if tried.report is None:
        return f"{line}\n    {sentence(tried.trouble) if tried.trouble is not None else ''}"
    return "\n    ".join([line, _facts(tried.report), *map(sentence, tried.report.notices)])


def _facts(report: PeekReport) -> str:
    facts = tr("{width} × {height}, {rate:.1f} pictures a second, brightness {brightness:.0%}").format(**vars(report))
    if report.modes:
        facts += "; " + " ".join(f"{mode.width}×{mode.height}@{mode.rate:g}" for mode in report.modes)
    return facts
