"""Commands about the house itself: doctor, tour, plugins."""

from __future__ import annotations

import click

from explorer.cli import output as out
from explorer.cli.flags import json_option
from explorer.cli.running import runner
from explorer.i18n import tr


@click.command(help=tr("Say how this machine and installation are, with advice."))
@json_option()
def doctor(as_json: bool) -> int:
    """`explorer doctor`: always exit code 0, unless something stops the program from working at all (5)."""
    from explorer.doctor import examine, worst

    out.take()
    findings = examine()
    if as_json:
        out.line({"findings": [finding.as_dict() for finding in findings], "worst": worst(findings)})
    else:
        marks = {"ok": "  ", "note": "- ", "warning": "! ", "bad": "X "}
        for finding in findings:
            out.text(f"{marks[finding.level]}{tr(finding.title):<24} {finding.value}")
            if finding.advice:
                out.text(f"{'':<27}{tr(finding.advice)}")
    return 5 if worst(findings) == "bad" else 0


@click.command(help=tr("Do everything once on real pictures and write a gallery page."))
@click.option("--out", "folder", metavar="DIR", default="tour", show_default=True, help=tr("Where index.html goes."))
@click.option("--quick", is_flag=True, help=tr("Fewer steps, for a look in a hurry."))
@json_option()
def tour(folder: str, quick: bool, as_json: bool) -> int:
    """`explorer tour`."""
    from explorer.tour.chapters import take

    with runner() as here:
        return take(here, folder, quick, as_json)


@click.command(help=tr("List the plugins, and why one does not load."))
@json_option()
def plugins(as_json: bool) -> int:
    """`explorer plugins`."""
    from explorer.plugins import discover

    out.take()
    for found in discover():
        if as_json:
            shape = {"name": found.name, "origin": found.origin, "path": found.path, "state": found.state}
            out.line({**shape, "adds": list(found.adds), "error": found.error or None})
        else:
            words = ", ".join(found.adds) if found.good else f"{found.state}: {found.error}"
            out.text(f"{'  ' if found.good else 'X '}{found.name:<20} {words}")
    return 0
