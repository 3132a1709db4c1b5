"""`explorer dream`: maximising what a unit answers to."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import click

from explorer.cli import output as out
from explorer.cli import saving
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.media import still
from explorer.cli.running import runner
from explorer.i18n import tr
from explorer.requests.dream import DreamRequest


@click.command(
    help=tr("Maximise a channel or layer, as in: explorer dream squeezenet1_1 --layer features.6 --channel 5 -o dream.png")
)
@click.argument("model")
@click.option("--picture", metavar="FILE", default=None, help=tr("Dream on this picture (the same as --start picture)."))
@request_flags(DreamRequest, skip=("model",))
@output_option(tr("The picture (.png .jpg), or how it came about (.gif .mp4)."))
@json_option()
def dream(picture: str | None, output: str | None, as_json: bool, **values: Any) -> int:
    """`explorer dream MODEL`."""
    if picture is not None:
        values["start"] = "picture"
    request = build(DreamRequest, values)
    ending = saving.ending(output, saving.PICTURE, saving.VIDEO)
    if request.start == "picture" and picture is None:
        raise click.UsageError(tr("Which picture? Give it with --picture FILE."))
    frame = still(picture) if picture is not None else None
    with runner() as here, ExitStack() as stack:
        film = stack.enter_context(saving.Film(output, 15.0)) if output and ending in saving.VIDEO else None
        size: list[tuple[int, ...]] = []

        def keep(record: Any) -> None:
            size[:] = size or [record.rgb.shape]
            if film is not None and record.rgb.shape == size[0]:
                film.write(record.rgb)

        record = here.run(request, frame, keep)
        if film is not None:
            for _ in range(15):
                keep(record)
    if output and ending in saving.PICTURE:
        saving.picture(output, record.rgb, record.facts)
    if as_json:
        out.line(record.facts)
    else:
        facts = record.facts
        out.text(tr("mean activation {before:.4g} -> {after:.4g}").format(before=facts["before"], after=facts["after"]))
    return 0
