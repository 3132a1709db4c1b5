"""`explorer dream`: maximising what a unit answers to, Deep Dream, films; recipes of them."""

from __future__ import annotations

import hashlib
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from explorer.cli import output as out
from explorer.cli import recipe as recipes
from explorer.cli import saving
from explorer.cli.ending import say
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.goals import AUTO, FORM, Channel, Goals
from explorer.cli.media import still
from explorer.cli.running import Runner, runner
from explorer.i18n import tr
from explorer.jobs import Cancelled
from explorer.requests.base import changed, parameters
from explorer.requests.dream import ChannelsRequest, DreamRequest

if TYPE_CHECKING:
    from explorer.records.frame import Frame

GROWING_FPS, FILM_FPS = 15.0, 25.0
RECIPE = (".json",)
_HELP = next(info.help for info in parameters(DreamRequest) if info.name == "channel")


@click.command(
    help=tr("Maximise a channel or layer, as in: explorer dream squeezenet1_1 --layer features.6 --channel 5 -o dream.png")
)
@click.argument("model", required=False)
@click.option("--picture", metavar="FILE", default=None, help=tr("Dream on this picture (the same as --start picture)."))
@click.option("--channel", type=Channel(), default=None, help=tr(_HELP) + " " + tr("auto: the one the picture excites most."))
@click.option(
    "--goal",
    "goals",
    type=Goals(),
    multiple=True,
    help=tr("One of several goals, as in features.6:5*0.5: {form}. May be repeated.").format(form=tr(FORM)),
)
@click.option("--mix", type=click.Choice(["sum", "interpolate"]), default="sum", help=tr("What to do with several goals."))
@request_flags(DreamRequest, skip=("model", "channel", "goals", "mix"))
@click.option("--recipe", metavar="FILE", default=None, help=tr("Begin with this recipe (.json), or that of a picture (.png)."))
@click.option("--save-recipe", metavar="FILE", default=None, help=tr("Write the recipe as .json."))
@output_option(tr("The picture (.png .jpg), or the film, or how the picture came about (.gif .mp4)."))
@json_option()
def dream(
    picture: str | None,
    recipe: str | None,
    save_recipe: str | None,
    output: str | None,
    as_json: bool,
    **values: Any,
) -> int:
    """`explorer dream MODEL`."""
    ending = saving.ending(output, saving.PICTURE, saving.VIDEO)
    saving.ending(save_recipe, RECIPE)
    asked: dict[str, Any] = {}
    if recipe is not None:
        asked = recipes.read(recipe)
        source = click.get_current_context().get_parameter_source
        said = {name: value for name, value in values.items() if source(name) != ParameterSource.DEFAULT}
        values = {**asked["request"], **said}
    if not values.get("model"):
        raise click.UsageError(tr("Which network? Name it, as in: explorer dream squeezenet1_1"))
    if picture is not None:
        values["start"] = "picture"
    auto = values.get("channel") == AUTO
    request = build(DreamRequest, {**values, "channel": None} if auto else values)
    if picture is None and request.start == "picture":
        picture = recipes.picture_of(asked)
    if picture is None and (request.start == "picture" or auto):
        raise click.UsageError(tr("Which picture? Give it with --picture FILE."))
    frame = still(picture) if picture is not None else None
    _compare(asked, frame)
    with runner() as here:
        if auto:
            request = _with_channel(request, here, frame)
        record, stopped = _run(request, here, frame, output if ending in saving.VIDEO else None)
    if output and ending in saving.PICTURE:
        saving.picture(output, record.rgb, record.facts)
    if save_recipe is not None:
        recipes.write(save_recipe, record.facts, picture)
    if stopped is not None:
        raise stopped
    _tell(record.facts, as_json)
    return 0


def _run(request: DreamRequest, here: Runner, frame: Frame | None, film: str | None) -> tuple[Any, Cancelled | None]:
    """The record, and the Cancelled that ended it early: then it is the newest picture, and what the film has so far stays.

    With `film`: its finished pictures, or the previews of a single picture, as a film of that name.
    """
    flies = request.frames > 1
    newest: list[Any] = []
    with ExitStack() as stack:
        writer = stack.enter_context(saving.Film(film, FILM_FPS if flies else GROWING_FPS)) if film else None
        size: list[tuple[int, ...]] = []

        def keep(record: Any) -> None:
            newest[:] = [record]
            size[:] = size or [record.rgb.shape]
            if writer is not None and record.rgb.shape == size[0] and (not flies or record.facts.get("finished")):
                writer.write(record.rgb)

        try:
            record = here.run(request, frame, keep)
        except Cancelled as stopped:
            if not newest:
                raise
            return newest[0], stopped
        if writer is not None and not flies:
            for _ in range(15):
                keep(record)
    return record, None


def _with_channel(request: DreamRequest, here: Runner, frame: Frame | None) -> DreamRequest:
    asked = {name: getattr(request, name) for name in ("model", "weights", "device", "layer", "surgery")}
    found = here.run(ChannelsRequest(**asked, top=1), frame)
    return changed(request, channel=int(found.channels[0]), layer=found.layer)


def _compare(asked: dict[str, Any], frame: Frame | None) -> None:
    """Say so where the recipe was made with another picture: the bytes will then be others too."""
    wanted = asked.get("picture_sha256")
    if wanted and frame is not None and hashlib.sha256(frame.rgb.tobytes()).hexdigest() != wanted:
        say(tr("The recipe was made with another picture."))


def _tell(facts: dict[str, Any], as_json: bool) -> None:
    if as_json:
        out.line(facts)
        return
    if "after" in facts:
        measure = str(facts["measure"])
        line = tr("{measure}: {before:.4g} -> {after:.4g}")
        out.text(line.format(measure=tr(measure), before=facts["before"], after=facts["after"]))
    if facts.get("stopped"):
        say(tr(facts["stopped"]))
