"""What a saved picture or a recipe file says about how it was made, read without trusting a byte of it.

A recipe is JSON: `session` (a Session), `facts` (what the picture showed; `request` and `request_type` name what made it).
Pictures carry both as PNG texts. Reading never raises for what is inside, changes nothing and runs nothing: what is damaged,
foreign or of another version is left out, and paths that lead off this machine are dropped.
"""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from explorer.gui.desk import LOOKING, looking_elsewhere
from explorer.i18n import N_
from explorer.picture.png_text import png_texts
from explorer.requests.base import changed
from explorer.requests.network import NetworkRequest
from explorer.requests.source import SourceRequest
from explorer.session import Session

SESSION, FACTS, REQUEST, CLI_FACTS = "explorer-session", "explorer-facts", "explorer-request", "Recipe"
MARK, VERSION = "explorer-recipe", 1
MOST_BYTES = 16_000_000
# The panel of a field of the Session, where it is not named like it.
PANELS = {
    "race": "optimizers",
    "race_look": "optimizers",
    "ground_look": "optimizers",
    "starts": "optimizers",
    "turned": "contest",
    "stability": "basins",
    "initialisation": "init",
    "pieces": "init",
    "activations": "filters",
    "detect": "live",
    "batch": "live",
    "segment": "live",
    "classify": "live",
    "live_look": "live",
    "network_map": "network",
    "receptive": "filters",
    "seen_by": "filters",
    "numbers": "filters",
    "gallery": "units",
    "best": "units",
    "attribute": "why",
    "ablate": "surgery",
    "compare": "surgery",
    "kernel": "surgery",
}
NO_WEIGHTS = N_("The weights file {name} is not here: the published weights take its place.")
NO_MASK = N_("The mask {name} is not here: the dream goes everywhere.")


@dataclass(frozen=True)
class Recipe:
    """`fields`: what changes in the Session, complete and valid together; `facts`: of the picture; `notes`: (text, values)."""

    fields: dict[str, Any]
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def network(self) -> str:
        """The network that it needs."""
        return str(self.fields["network"].model)


def read_recipe(path: Path, now: Session) -> Recipe | None:
    """The recipe of a PNG or JSON file for a program that stands at `now`; None where there is none."""
    try:
        if path.suffix.lower() == ".json":
            return of_file(path, now)
        texts = png_texts(path)
    except OSError:
        return None
    facts = _dict(texts.get(FACTS)) or _dict(texts.get(CLI_FACTS))
    if REQUEST in texts:
        facts = {**facts, "request": _dict(texts[REQUEST])}
    return recipe_of(_dict(texts.get(SESSION)), facts, now)


def of_file(path: Path, now: Session) -> Recipe | None:
    """The recipe of a JSON file. Raises OSError."""
    with open(path, "rb") as file:
        raw = file.read(MOST_BYTES + 1)
    body = _dict(raw.decode("utf-8", "replace")) if len(raw) <= MOST_BYTES else {}
    if "request" in body and "explorer" in body and MARK not in body:  # written by the command line
        return recipe_of({}, body, now)
    return recipe_of(_as_dict(body.get("session")), _as_dict(body.get("facts")), now) if MARK in body else None


def recipe_of(raw_session: dict[str, Any], facts: dict[str, Any], now: Session) -> Recipe | None:
    """From plain dicts. The whole new Session is built and checked before anybody hears of it."""
    raw_session, facts = _local(raw_session), _local(facts)
    name, request = _request_of(facts, now)
    if not raw_session and request is None:
        return None
    notes: list[tuple[str, dict[str, Any]]] = []
    fields: dict[str, Any] = {}
    if raw_session:
        fields = _session_fields(raw_session, now)
    if request is not None:
        fields |= _with_request(name, request, fields, now)
        fields["panel"] = PANELS.get(name, name)
    fields = _present(fields, now, notes)
    try:
        now.with_(**fields)
    except ValueError:
        return None
    return Recipe({"network": now.network, **fields}, facts, tuple(notes))


def _session_fields(raw: dict[str, Any], now: Session) -> dict[str, Any]:
    """What a saved Session changes in the one of now: the race alone where it was saved beside one, else all but that."""
    given: dict[str, Any] = {}
    for name, info in Session.model_fields.items():
        kind = info.annotation
        if name not in raw or name == "version":
            continue
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            given[name] = _best(kind, _as_dict(raw[name]))
        else:
            with contextlib.suppress(ValueError):
                given[name] = getattr(now.with_(**{name: raw[name]}), name)
    panel = given.get("panel", "")
    if panel == "optimizers":
        return {name: given[name] for name in ("race", "panel") if name in given}
    if panel in Session.model_fields or panel in PANELS.values():
        given.pop("race", None)
    picture = given.pop("picture", None)
    if isinstance(picture, SourceRequest) and _picture(picture) is not None:
        given["picture"] = picture
    network = given.get("network")
    if isinstance(network, NetworkRequest) and (network.model, network.weights) != (now.network.model, now.network.weights):
        given = {**looking_elsewhere(now, network.model, network.weights), **given}  # what an older recipe does not know
    return given


def _with_request(name: str, request: Any, fields: dict[str, Any], now: Session) -> dict[str, Any]:
    """The field of a request, and where it looks into another network, all others that look with it."""
    if not isinstance(request, NetworkRequest) or name not in LOOKING:
        return {name: request}
    session = now.with_(**fields)
    made: dict[str, Any] = {}
    if (request.model, request.weights) != (session.network.model, session.network.weights):
        made = looking_elsewhere(session, request.model, request.weights)
    return {**made, name: changed(request, surgery=()), "surgery": request.surgery}


def _request_of(facts: dict[str, Any], now: Session) -> tuple[str, BaseModel | None]:
    """(field of the Session, request): by the name of its type, else by what its parameters are called."""
    raw = _as_dict(facts.get("request"))
    if not raw:
        return "", None
    kinds = {
        name: info.annotation
        for name, info in Session.model_fields.items()
        if name not in ("network", "selection", "picture")
        and isinstance(info.annotation, type)
        and issubclass(info.annotation, BaseModel)
    }
    wanted = facts.get("request_type")
    named = next((name for name, kind in kinds.items() if kind.__name__ == wanted), "")
    scores = {
        name: len(raw.keys() & kind.model_fields.keys()) / len(raw.keys() | kind.model_fields.keys())
        for name, kind in kinds.items()
    }
    name = named or ("" if isinstance(wanted, str) else max(scores, key=lambda key: scores[key], default=""))
    if not name or (not named and scores[name] < 0.4):
        return "", None
    return name, _best(kinds[name], raw)


def _best(kind: type[BaseModel], raw: dict[str, Any]) -> BaseModel:
    """A request with every value of `raw` that can be used; the others as they are at the beginning."""
    known = {name: value for name, value in raw.items() if name in kind.model_fields}
    try:
        return kind.model_validate(known)
    except (ValueError, RecursionError):
        good: dict[str, Any] = {}
        for name, value in known.items():
            try:
                kind.model_validate({**good, name: value})
                good[name] = value
            except (ValueError, RecursionError):
                continue
        return kind.model_validate(good)


def _present(fields: dict[str, Any], now: Session, notes: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Files that are not here are not asked for."""
    made = dict(fields)
    lost: set[str] = set()
    for name, value in fields.items():
        if not isinstance(value, NetworkRequest):
            continue
        news: dict[str, Any] = {}
        if value.weights not in (None, "random") and not _is_file(str(value.weights)):
            lost.add(str(value.weights))
            news["weights"] = None
        mask = getattr(value, "mask", "")
        if mask and not _is_file(str(mask)):
            notes.append((NO_MASK, {"name": Path(str(mask)).name}))
            news["mask"] = ""
        if news:
            made[name] = changed(value, **news)
    notes += [(NO_WEIGHTS, {"name": Path(path).name}) for path in sorted(lost)]
    return made


def _picture(source: SourceRequest) -> SourceRequest | None:
    """A source that may be opened without asking: no camera, no plugin, nothing that is not here."""
    if source.kind in ("sample", "clip"):
        return source
    if source.kind in ("file", "video") and _is_file(source.path):
        return source
    return None


def _is_file(path: str) -> bool:
    try:
        return not path.startswith(("\\\\", "//")) and Path(path).is_file()
    except (OSError, ValueError):
        return False


def _local(value: Any, depth: int = 0) -> Any:
    """Without texts that name a share of another machine: to look whether such a file is there already talks to it."""
    if isinstance(value, dict) and depth < 20:
        return {str(key): _local(item, depth + 1) for key, item in value.items() if not _remote(item)}
    if isinstance(value, list) and depth < 20:
        return [_local(item, depth + 1) for item in value if not _remote(item)]
    return None if isinstance(value, (dict, list)) else value


def _remote(value: Any) -> bool:
    return isinstance(value, str) and value.replace("/", "\\").startswith("\\\\")


def _dict(text: str | None) -> dict[str, Any]:
    try:
        return _as_dict(json.loads(text)) if text else {}
    except (ValueError, RecursionError):
        return {}


def _as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
