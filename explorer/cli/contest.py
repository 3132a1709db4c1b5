"""`explorer contest`: a fair race, the lesson of the turned valley, a task, or a card run again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from explorer.cli import contest_shapes, saving
from explorer.cli import output as out
from explorer.cli.flags import build, json_option, output_option, request_flags
from explorer.cli.running import runner
from explorer.cli.surface_flags import SKIPPED, shaped, surface_flags
from explorer.i18n import tr
from explorer.requests.contest import TASKS, ContestRequest, TaskRequest, TurnedRequest

if TYPE_CHECKING:
    from explorer.records.contest import Contest, Turned

RESULTS = (".json", *saving.PICTURE, ".txt", *saving.TABLE)
OWN = ("surface", "formula", "assigned", "domain", "outputs", "as_json", "lesson", "condition", "angles", "task", "card")
TEXT = tr(
    "Let optimizers race fairly: the same budget in gradients, each tuned by the same search, over many seeds, as in: explorer "
    "contest quadratic --optimizers gd,momentum,adam --budget 500 --trials 32 --seeds 20 --noise 0.1 -o card.json -o card.png"
)


@click.command(help=TEXT)
@click.argument("surface", required=False)
@click.option("--formula", default=None, help=tr("An own surface in place of a named one, as in --formula 'x^2 + 10 y^2'."))
@request_flags(ContestRequest, skip=(*SKIPPED, "resolution", "levels"))
@surface_flags
@click.option("--lesson", type=click.Choice(["rotation"]), default=None, help=tr("The fair race on a bowl that is turned."))
@click.option("--condition", type=click.FloatRange(1.0, 10_000.0), default=100.0, help=tr("Of the bowl of the lesson."))
@click.option("--angles", type=click.IntRange(2, 46), default=7, help=tr("How many angles the lesson has, from 0° to 45°."))
@click.option("--task", type=click.IntRange(1, TASKS), default=None, help=tr("A question about a race, and its answer."))
@click.option("--card", type=click.Path(exists=True, dir_okay=False), default=None, help=tr("Run a saved card again."))
@output_option(tr("Card (.json, .txt), picture of it (.png .jpg), curves (.csv); may be given again."), several=True)
@json_option()
@click.pass_context
def contest(
    ctx: click.Context, /, surface: str | None, formula: str | None, outputs: tuple[str, ...], as_json: bool, **values: Any
) -> int:
    """`explorer contest SURFACE`, `--lesson`, `--task` or `--card`."""
    lesson, task, card = values.pop("lesson"), values.pop("task"), values.pop("card")
    given = {name for name in ctx.params if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if sum(one is not None for one in (lesson, task, card, surface or formula)) != 1:
        raise click.UsageError(tr("Name a SURFACE, or give one of --formula, --lesson, --task and --card."))
    for one in outputs:
        saving.ending(one, RESULTS)
    if task is not None:
        return _task(task, values, given, outputs, as_json)
    if lesson is not None:
        return _lesson(values, given, outputs, as_json)
    if card is not None:
        return _again(card, given, outputs, as_json)
    _only(given & {"condition", "angles"}, tr("only with --lesson"))
    with runner() as here:
        record: Contest = here.run(build(ContestRequest, shaped(values, surface, formula)))
    _write(record, outputs)
    contest_shapes.tell(record, as_json)
    return 0


def _only(names: set[str], why: str) -> None:
    """Raise a usage error for options that mean nothing here."""
    flags = {"assigned": "--set", "outputs": "--output"}
    if names:
        listed = ", ".join(sorted(flags.get(name, "--" + name.replace("_", "-")) for name in names))
        raise click.UsageError(f"{listed}: {why}")


def _write(record: Contest, outputs: tuple[str, ...]) -> None:
    from explorer.labs.contest_file import write

    for one in outputs:
        write(record, Path(one))


def _task(number: int, values: dict[str, Any], given: set[str], outputs: tuple[str, ...], as_json: bool) -> int:
    _only(given - {"task", "seed", "as_json"}, tr("not with --task"))
    with runner() as here:
        record = here.run(build(TaskRequest, {"number": number, "seed": values["seed"]}))
    contest_shapes.tell_task(record, as_json)
    return 0


def _lesson(values: dict[str, Any], given: set[str], outputs: tuple[str, ...], as_json: bool) -> int:
    known = set(TurnedRequest.model_fields)
    _only(given - known - {"lesson", "outputs", "as_json"}, tr("not with --lesson"))
    with runner() as here:
        record: Turned = here.run(build(TurnedRequest, {name: values[name] for name in given & known}))
    for one in outputs:
        contest_shapes.save_turned(record, one)
    contest_shapes.tell_turned(record, as_json)
    return 0


def _again(card: str, given: set[str], outputs: tuple[str, ...], as_json: bool) -> int:
    """The race of a card, and whether it comes out as it says: exit code 1 where it does not."""
    from explorer.labs.contest_file import read_card
    from explorer.records.contest_card import card_text, differences, request_in

    _only(given - {"card", "outputs", "as_json"}, tr("not with --card"))
    before = read_card(Path(card))
    with runner() as here:
        record: Contest = here.run(build(ContestRequest, request_in(before)))
    _write(record, outputs)
    contest_shapes.tell(record, as_json)
    other = differences(before, card_text(record))
    if not as_json:
        text = tr("It came out as the card says, to the last digit.") if not other else tr("It came out otherwise: {names}.")
        out.text(text.format(names=", ".join(other)))
    return 1 if other else 0
