"""The group of commands. A command's module is imported when the command is used, not before."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from typing import Any

import click

from explorer import __version__
from explorer.i18n import N_, language, tr

# command -> (module:object, one line of help), in the order of the help page
COMMANDS: dict[str, tuple[str, str]] = {
    "gui": ("explorer.cli.window:gui", N_("Open the window.")),
    "classify": ("explorer.cli.see:classify", N_("Name what is in a picture.")),
    "detect": ("explorer.cli.see:detect", N_("Find objects in pictures or videos and draw them.")),
    "segment": ("explorer.cli.see:segment", N_("Separate the main object from the background.")),
    "xray": ("explorer.cli.xray:xray", N_("Follow a picture through a detector, stage by stage.")),
    "compare": ("explorer.cli.arena:compare", N_("Compare two networks, or one in two ways, on a picture.")),
    "teach": ("explorer.cli.teach:teach", N_("Teach a network new classes from folders of pictures.")),
    "filters": ("explorer.cli.look:filters", N_("Show the filters a network has learnt.")),
    "activations": ("explorer.cli.look:activations", N_("Show what every channel of a layer answers to a picture.")),
    "receptive": ("explorer.cli.lens:receptive", N_("Show what a unit sees of a picture, or who sees a pixel.")),
    "numbers": ("explorer.cli.lens:numbers", N_("Work out one number of a layer: window, kernel, sum, bias.")),
    "dream": ("explorer.cli.dream:dream", N_("Let a network paint what a unit looks for, or dream on a picture.")),
    "attribute": ("explorer.cli.attribute:attribute", N_("Show why a network says what it says about a picture.")),
    "best": ("explorer.cli.units:best", N_("Rank a folder's pictures by what a unit answers to.")),
    "ablate": ("explorer.cli.surgery:ablate", N_("Rank the channels that carry an answer.")),
    "kernel": ("explorer.cli.surgery:kernel", N_("Slide a kernel over a picture.")),
    "atlas": ("explorer.cli.atlas:atlas", N_("Write every unit of some layers as a page for a browser.")),
    "surface": ("explorer.cli.surface:surface", N_("Show an error surface: a formula, or a name.")),
    "race": ("explorer.cli.race:race", N_("Let optimizers race over an error surface.")),
    "contest": ("explorer.cli.contest:contest", N_("Let optimizers race fairly: equal budget, equally tuned, many seeds.")),
    "basins": ("explorer.cli.basins:basins", N_("Colour every start by where optimizers end.")),
    "stability": ("explorer.cli.basins:stability", N_("Colour learning rate and momentum by how soon an optimizer arrives.")),
    "init": ("explorer.cli.init:init", N_("Follow activations through a deep network for six ways to choose its weights.")),
    "landscape": ("explorer.cli.landscape:landscape", N_("Map the loss over a plane of a network's weights.")),
    "pieces": ("explorer.cli.pieces:pieces", N_("Cut the plane into the linear pieces of a random ReLU network.")),
    "regions": ("explorer.cli.regions:regions", N_("Map the inputs around a picture on which the answer stays the same.")),
    "map": ("explorer.cli.mapping:map_", N_("Map a network: costs, receptive fields and times of all modules.")),
    "models": ("explorer.cli.networks:models", N_("List the networks, or describe one with all its layers.")),
    "cameras": ("explorer.cli.cameras:cameras", N_("List the cameras, or try them.")),
    "weights": ("explorer.cli.networks:weights", N_("List the trained weights, or fetch them.")),
    "tour": ("explorer.cli.house:tour", N_("Do everything once on real pictures and write a gallery page.")),
    "plugins": ("explorer.cli.house:plugins", N_("List the plugins, and why one does not load.")),
    "doctor": ("explorer.cli.house:doctor", N_("Say how this machine and installation are, with advice.")),
}


class LazyGroup(click.Group):
    """Commands by name from COMMANDS; the list of them needs no import."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in `--help`."""
        with formatter.section(tr("Commands")):
            formatter.write_dl([(name, tr(text)) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown command is answered with its near names."""
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=3, cutoff=0.5)
            hint = tr("Did you mean {names}?").format(names=", ".join(near)) if near else tr("See 'explorer --help'.")
            ctx.fail(tr("There is no command '{name}'.").format(name=name) + " " + hint)
        return super().resolve_command(ctx, args)


@click.command(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="explorer", message="%(prog)s %(version)s", help=tr("Show the version and exit."))
@click.pass_context
def explorer(ctx: click.Context) -> Any:
    """Replaced by translated text in `run_program`."""
    if ctx.invoked_subcommand is None:
        command = explorer.get_command(ctx, "gui")
        assert command is not None
        return ctx.invoke(command)
    return None


def run_program(args: Sequence[str] | None = None, restore: bool = False) -> int:
    """Run the group and turn whatever happens into an exit code and at most one line on standard error.

    `restore` puts standard output back at the end (for callers in the same process); the program itself leaves it
    pointing to standard error, because libraries write their last buffers after us.
    """
    speak()
    quiet_logs()
    explorer.help = tr("See deep learning work: filters, activations, dreams, live detection, optimizer races.")
    explorer.epilog = tr("Without a command the window opens. 'explorer COMMAND --help' explains one command.")
    from explorer.cli import output
    from explorer.cli.ending import report

    try:
        code = explorer.main(args=args, prog_name="explorer", standalone_mode=False)
        output.flush()
        return code if isinstance(code, int) else 0
    except BaseException as error:
        return report(error)
    finally:
        output.flush()
        if restore:
            output.give_back()


def quiet_logs() -> None:
    """Log records stay away from the terminal unless EXPLORER_DEBUG is set: a person reads one line, not a traceback."""
    import logging

    logger = logging.getLogger()
    if os.environ.get("EXPLORER_DEBUG"):
        logging.basicConfig(level=logging.INFO)
    elif not logger.handlers:
        logger.addHandler(logging.NullHandler())


def speak() -> None:
    """Let click's own sentences come from our catalogue, in the language in use."""
    import gettext

    from explorer.assets import assets_dir

    os.environ["LANGUAGE"] = language()
    gettext.bindtextdomain("cli", str(assets_dir() / "i18n"))
    gettext.textdomain("cli")
