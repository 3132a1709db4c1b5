"""Panels of plugins: plain facts from which the window builds a form, and the job that runs them in the engine.

The window never imports a plugin. It gets `panel_facts`, builds the form and sends a PanelRequest; the values are checked here,
by the plugin's own request model.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Iterator
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import to_jsonable_python

from explorer import jobs
from explorer.i18n import N_
from explorer.jobs import Preview, Result, Step, Work
from explorer.plugins.builtin import process_tables
from explorer.plugins.rows import PanelEntry
from explorer.records.descent import Race, SurfaceSamples
from explorer.records.errors import BadRequestError, Trouble
from explorer.records.picture import Mosaic, Picture
from explorer.records.plugins import PluginRow
from explorer.records.vision import Detections, Mask, TopK
from explorer.requests.base import ParameterInfo, Request, parameters
from explorer.requests.plugins import PanelRequest
from explorer.tables import Table, UnknownNameError

log = logging.getLogger(__name__)
RESULTS: dict[str, type] = {kind.__name__: kind for kind in (Picture, Mosaic, Race, SurfaceSamples, Detections, Mask, TopK)}


def panel_facts(rows: Iterable[PluginRow], table: Table[object]) -> list[dict[str, Any]]:
    """A dict for each panel that the loaded plugins among `rows` brought: JSON-compatible, so that it crosses to the window.

    Keys: "name", "plugin", "title", "result" (as in PanelEntry), "needs_frame", "parameters" (fields of ParameterInfo).
    """
    found = []
    for row in rows:
        for item in row.adds if row.state == "loaded" else ():
            kind, _, name = item.partition(" ")
            if kind != table.kind or name not in table:
                continue
            try:
                found.append({**_facts(cast(PanelEntry, table[name])), "plugin": row.name})
            except Exception:  # an odd field must not take the other panels with it
                log.exception("the panel %s of the plugin %s cannot be described", name, row.name)
    return found


def _facts(entry: PanelEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "result": entry.result,
        "needs_frame": bool(entry.request.needs_frame),
        "parameters": [_plain(info) for info in parameters(entry.request)],
    }


def _plain(info: ParameterInfo) -> dict[str, Any]:
    """The fields as JSON has them; a parameter without a default gets one that its editor can show."""
    fields: dict[str, Any] = to_jsonable_python(dataclasses.asdict(info), fallback=str)
    if fields["default"] is None and not info.optional:
        least = {"bool": False, "int": int(info.low or 0), "float": float(info.low or 0), "text": "", "list": []}
        fields["default"] = info.options[0] if info.options else least.get(info.kind)
    return fields


def run(request: PanelRequest, work: Work) -> Iterator[Step]:
    """Job of PanelRequest: the steps of the panel's own job. Raises BadRequestError for names, values and results."""
    entry = _entry(request.panel)
    own = _own(entry, request.values)
    if own.needs_frame and work.frame is None:
        trouble = Trouble("picture.missing", N_("There is no picture to look at."), {}, N_("Choose one in the Picture strip."))
        raise BadRequestError(trouble)
    for step in jobs.find(own.job)(own, work):
        if isinstance(step, (Preview, Result)):
            _check(entry, step.record)
        yield step


def _entry(name: str) -> PanelEntry:
    try:
        return cast(PanelEntry, process_tables(with_torch=True).panels[name])
    except UnknownNameError as error:
        raise BadRequestError(Trouble("panel.unknown", "{text}", {"text": str(error)}, exit_code=2)) from None


def _own(entry: PanelEntry, values: dict[str, Any]) -> Request:
    try:
        return entry.request.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        facts = {"name": ".".join(str(part) for part in first["loc"]) or entry.name, "reason": first["msg"]}
        text = N_("The value of {name} cannot be used: {reason}")
        raise BadRequestError(Trouble("panel.value", text, facts, exit_code=2)) from None


def _check(entry: PanelEntry, record: object) -> None:
    """The window shows the kinds of RESULTS and no other."""
    wanted = RESULTS.get(entry.result)
    if wanted is None or type(record) is not wanted:
        facts = {"name": entry.name, "found": type(record).__name__, "wanted": entry.result}
        text = N_("The panel {name} made a {found} where it promises a {wanted}.")
        raise BadRequestError(Trouble("panel.result", text, facts, exit_code=6))
