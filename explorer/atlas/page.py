"""The pages of an atlas: plain HTML with its style and script inside, nothing fetched from anywhere, readable without script.

`index.html` has a card for each layer; each layer's own `index.html` has a tile for each unit and, by script, the unit's page.
"""

from __future__ import annotations

import html
import json
import math
from pathlib import Path
from typing import Any

from explorer import __version__
from explorer.assets import asset
from explorer.atomic import write_text
from explorer.i18n import language, tr

PREVIEWS = 12  # pictures on the card of a layer
POLICY = "default-src 'none'; img-src 'self' file: data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
Layer = tuple[str, dict[str, Any], dict[int, dict[str, Any]]]  # folder, facts, units


def write_index(out: Path, facts: dict[str, Any], layers: list[Layer]) -> None:
    """`out`/index.html. Raises OSError."""
    write_text(out / "index.html", index_page(facts, layers))


def write_layer(out: Path, facts: dict[str, Any], folder: str, layer: dict[str, Any], units: dict[int, dict[str, Any]]) -> None:
    """`out`/`folder`/index.html and the same as numbers, units.json. Raises OSError."""
    write_text(out / folder / "index.html", layer_page(facts, layer, units))
    told = {name: value for name, value in facts.items() if name != "classes"}
    numbers = {**told, **layer, "units": {channel: _plain(units[channel]) for channel in sorted(units)}}
    write_text(out / folder / "units.json", json.dumps(_finite(numbers), indent=1, allow_nan=False) + "\n")


def index_page(facts: dict[str, Any], layers: list[Layer]) -> str:
    """The page of all layers."""
    title = tr("Atlas of {network}").format(network=facts["title"])
    words = {"shown": tr("{count} of {all} layers")}
    cards = "".join(_card(*layer) for layer in layers)
    bar, name = _bar(tr("Find a layer"), ""), _text(tr("Layers"))
    body = f"""<div id="page"><header><h1>{_text(title)}</h1><p>{_text(_recipe(facts))}</p></header>
<main>{bar}
<ul class="layers" id="tiles" data-kind="layers" aria-label="{name}">{cards}</ul></main>
{_footer()}</div>"""
    return _document(title, body, {"title": title, "words": words})


def layer_page(facts: dict[str, Any], layer: dict[str, Any], units: dict[int, dict[str, Any]]) -> str:
    """The page of one layer."""
    name, classes = str(layer["layer"]), facts["classes"]
    labels = classes if len(classes) == layer["of"] else []
    title = f"{name} · {facts['title']}"
    told = [unit_data(channel, units[channel], labels) for channel in sorted(units)]
    words = {
        "shown": tr("{count} of {all} units"),
        "unit": tr("{layer} · unit {channel}").replace("{layer}", name),
        "maximised": tr("The picture that unit {channel} answers to most"),
        "filter": tr("The filter of unit {channel}"),
        "crop": tr("What the unit saw of {name}"),
    }
    tiles = "".join(_tile(unit) for unit in told)
    lines = " · ".join(_layer_words(layer, len(units)))
    orders = (("number", tr("By number")), ("strong", tr("Strongest first")), ("weak", tr("Weakest first")))
    options = "".join(f'<option value="{value}">{_text(text)}</option>' for value, text in orders)
    ordered, crumb, all_units = _text(tr("Order of the units")), _text(tr("All layers")), _text(tr("Units of the layer"))
    bar = _bar(tr("Find a unit"), f'<select id="sort" aria-label="{ordered}">{options}</select>')
    empty = tr("No unit has been grown yet.")
    none = "" if told else f"<p>{_text(empty)}</p>"
    body = f"""<div id="page"><header><p class="crumb"><a href="../index.html">{crumb}</a></p>
<h1>{_text(name)}</h1><p>{_text(lines)}</p><p>{_text(_recipe(facts))}</p></header>
<main>{bar}{none}
<ul class="tiles" id="tiles" data-kind="units" aria-label="{all_units}">{tiles}</ul></main>
{_footer()}</div>
{_view()}"""
    return _document(title, body, {"title": title, "words": words, "back": "../index.html", "units": told})


def unit_data(channel: int, known: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """What the script shows of a unit; `numbers` are (label, value) in the language in use."""
    numbers: list[tuple[str, Any]] = [(tr("Mean activation of its picture"), known.get("objective"))]
    if known.get("silent"):
        numbers.append((tr("State"), tr("no picture moves it")))
    for key, label in (("norm", tr("Norm of its weights")), ("mean", tr("Mean of its weights")), ("bias", tr("Bias"))):
        if key in known:
            numbers.append((label, known[key]))
    best = [dict(entry) for entry in known.get("best", ())]
    if best:
        numbers.append((tr("Answer to its best picture"), best[0]["score"]))
    numbers.append((tr("Seed"), str(known.get("seed", 0))))
    made: dict[str, Any] = _finite(
        {
            "channel": channel,
            "label": labels[channel] if channel < len(labels) else "",
            "picture": known["picture"],
            "filter": known.get("filter", ""),
            "objective": known.get("objective"),
            "best": best,
            "numbers": [list(pair) for pair in numbers],
        }
    )
    return made


def _tile(unit: dict[str, Any]) -> str:
    channel, label = unit["channel"], unit["label"]
    name = tr("Unit {channel}").format(channel=channel) + (f" · {label}" if label else "")
    picture = f'<img loading="lazy" decoding="async" width="112" height="112" src="{_text(unit["picture"])}" alt="">'
    return (
        f'<li><a href="#u{channel}" data-unit="{channel}" data-words="{_text(label or str(channel))}" tabindex="-1" '
        f'aria-label="{_text(name)}">{picture}<span aria-hidden="true">{channel}</span></a></li>'
    )


def _card(folder: str, layer: dict[str, Any], units: dict[int, dict[str, Any]]) -> str:
    some = [units[channel] for channel in sorted(units)][:PREVIEWS]
    pictures = "".join(
        f'<img loading="lazy" decoding="async" src="{_text(folder)}/{_text(unit["picture"])}" alt="">' for unit in some
    )
    lines = "".join(f"<p>{_text(line)}</p>" for line in _layer_words(layer, len(units)))
    name = _text(str(layer["layer"]))
    return (
        f'<li><a href="{_text(folder)}/index.html" id="layer-{_text(folder)}" data-words="{name} {_text(str(layer["kind"]))}" '
        f'tabindex="-1" aria-label="{name}"><div class="strip">{pictures}</div>'
        f'<div class="about"><h2>{name}</h2>{lines}</div></a></li>'
    )


def _layer_words(layer: dict[str, Any], there: int) -> list[str]:
    shape = " × ".join(map(str, layer["shape"]))
    wide, high = layer["field"]
    if layer["field"] == layer["input"]:
        sees = tr("a unit sees the whole picture")
    else:
        sees = tr("a unit sees {width} × {height} pixels").format(width=wide, height=high)
    units = tr("{done} of {count} units").format(done=there, count=layer["of"])
    return [f"{layer['kind']} · {shape}" if shape else str(layer["kind"]), sees, units]


def _recipe(facts: dict[str, Any]) -> str:
    parts = [
        tr("weights: {name}").format(name=facts["weights"]),
        tr("{size} px, {steps} steps, seed {seed}").format(**facts),
    ]
    if facts["best"]:
        parts.append(tr("best pictures from {folder}").format(folder=facts["best"]))
    if facts["surgery"]:
        parts.append(tr("operated on: {count} edits").format(count=facts["surgery"]))
    return " · ".join(parts)


def _bar(find: str, more: str) -> str:
    keys = ((tr("arrows"), tr("move")), ("Enter", tr("opens")), ("Esc", tr("goes back")), ("/", tr("searches")))
    told = " ".join(f"<kbd>{_text(key)}</kbd> {_text(what)}" for key, what in keys)
    return (
        f'<div class="bar"><input id="search" type="search" autocomplete="off" aria-label="{_text(find)}" '
        f'placeholder="{_text(find)}">{more}<span id="count" role="status"></span><span class="keys">{told}</span></div>'
    )


def _view() -> str:
    before, after, back = _text(tr("Unit before")), _text(tr("Next unit")), _text(tr("Back to the layer"))
    large, numbers = _text(tr("Maximised picture")), _text(tr("Numbers"))
    kernel, likes = _text(tr("Filter")), _text(tr("Best pictures"))
    return f"""<section id="view" role="dialog" aria-modal="true" aria-labelledby="name" hidden><div class="inner">
<div class="top"><h2 id="name"></h2><button id="before" type="button" aria-label="{before}">‹</button>
<button id="after" type="button" aria-label="{after}">›</button>
<button id="close" type="button">{back} <kbd>Esc</kbd></button></div>
<div class="parts"><div><h3>{large}</h3><img class="large" id="large" alt=""></div>
<div class="side"><div><h3>{numbers}</h3><dl id="numbers"></dl></div>
<div id="filter"><h3>{kernel}</h3><img class="crisp" alt=""></div>
<div id="likes"><h3>{likes}</h3><div id="best"></div></div></div></div></div></section>"""


def _footer() -> str:
    made = tr("Made by Explorer {version}.").format(version=__version__)
    return f"<footer>{_text(made)}</footer>"


def _document(title: str, body: str, data: dict[str, Any]) -> str:
    style = asset("atlas", "page.css").read_text(encoding="utf-8")
    script = asset("atlas", "page.js").read_text(encoding="utf-8")
    inside = json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")
    without = _text(tr("Without JavaScript the tiles can be seen, but not opened."))
    return (
        f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        f"<noscript><p>{without}</p></noscript>\n"
        f'<script type="application/json" id="data">{inside}</script>\n<script>{script}</script>\n</body>\n</html>\n'
    )


def _plain(known: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in known.items() if name != "told"}


def _finite(value: Any) -> Any:
    """`value` as JSON knows it: what is not finite is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, (list, tuple)) else value


def _text(value: str) -> str:
    return html.escape(value, quote=True)
