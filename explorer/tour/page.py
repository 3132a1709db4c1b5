"""The page of the tour: one HTML file with its pictures inside, no script, nothing fetched from anywhere."""

from __future__ import annotations

import base64
import html
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import __version__
from explorer.i18n import language, tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explorer.tour.chapters import Told
    from explorer.tour.rooms import Exhibit

KINDS = {".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif", ".mp4": "video/mp4"}

STYLE = """
:root { color-scheme: light dark; --back: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #5a6472; --line: #dfe3e8;
  --accent: #0f6cbd }
@media (prefers-color-scheme: dark) {
  :root { --back: #14171b; --card: #1d2126; --ink: #e8eaed; --soft: #a0a9b5; --line: #2e343b; --accent: #6cb6ff }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--back); color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", sans-serif }
main, header, footer { max-width: 1120px; margin: 0 auto; padding: 0 24px }
header { padding-top: 56px }
h1 { font-size: 40px; line-height: 1.15; margin: 0 0 8px; letter-spacing: -0.02em }
h2 { font-size: 24px; margin: 0 0 4px; letter-spacing: -0.01em }
p { margin: 0 0 12px; color: var(--soft); max-width: 68ch }
nav { display: flex; flex-wrap: wrap; gap: 8px; margin: 20px 0 8px }
nav a { color: var(--accent); text-decoration: none; border: 1px solid var(--line); border-radius: 999px; padding: 4px 12px;
  background: var(--card); font-size: 14px }
nav a:hover, nav a:focus-visible { border-color: var(--accent) }
section { padding: 32px 0; border-top: 1px solid var(--line); margin-top: 24px }
.wall { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 16px; align-items: start }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; overflow: hidden }
figure img, figure video { display: block; width: 100%; height: auto }
figure img.crisp { image-rendering: pixelated; background: #18191e }
figcaption { padding: 10px 14px; font-size: 14px; font-weight: 600; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: 13px; font-weight: 400; margin-top: 4px; color: var(--soft);
  font-variant-numeric: tabular-nums }
td { padding: 2px 0; vertical-align: top }
td + td { text-align: right; padding-left: 12px }
pre { margin: 0 0 16px; padding: 8px 12px; border: 1px solid var(--line); border-radius: 6px; background: var(--card);
  overflow-x: auto; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Consolas, monospace }
.trouble { border-left: 3px solid #d9822b; padding: 8px 14px; background: var(--card); color: var(--ink) }
footer { padding-bottom: 48px; font-size: 13px; color: var(--soft) }
@media print { section { break-inside: avoid } nav { display: none } }
"""


def page(told: Sequence[Told], folder: Path) -> str:
    """The whole page as text. `folder` is where the files of the exhibits are."""
    links = "".join(f'<a href="#c{n}">{_text(tr(item.chapter.title))}</a>' for n, item in enumerate(told))
    sections = "".join(_section(n, item, folder) for n, item in enumerate(told))
    title = tr("See deep learning work")
    words = tr("Real trained networks on real pictures, and optimizers at work. Everything here was computed on one computer.")
    made = tr("Made by Explorer {version}.").format(version=__version__)
    free = tr("The sample pictures are in the public domain.")
    return (
        f'<!doctype html>\n<html lang="{language()}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Explorer: {_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{_text(title)}</h1><p>{_text(words)}</p><nav>{links}</nav></header>\n"
        f"<main>{sections}</main>\n<footer>{_text(made)} {_text(free)}</footer>\n</body>\n</html>\n"
    )


def _section(number: int, told: Told, folder: Path) -> str:
    chapter = told.chapter
    head = f'<section id="c{number}"><h2>{_text(tr(chapter.title))}</h2><p>{_text(tr(chapter.words))}</p>'
    command = f"<pre>{_text(chapter.command)}</pre>"
    trouble = f'<p class="trouble">{_text(told.trouble)}</p>' if told.trouble else ""
    wall = "".join(_figure(exhibit, folder) for exhibit in told.exhibits)
    return f'{head}{command}{trouble}<div class="wall">{wall}</div></section>\n'


def _figure(exhibit: Exhibit, folder: Path) -> str:
    path = folder / exhibit.file
    data = base64.b64encode(path.read_bytes()).decode("ascii")
    style = ' class="crisp"' if exhibit.crisp else ""
    rows = "".join(f"<tr><td>{_text(name)}</td><td>{_text(value)}</td></tr>" for name, value in exhibit.facts)
    table = f"<table>{rows}</table>" if rows else ""
    source = f'src="data:{KINDS[path.suffix]};base64,{data}"'
    name = _text(exhibit.caption)
    if path.suffix == ".mp4":
        picture = f'<video controls autoplay loop muted playsinline aria-label="{name}" {source}></video>'
    else:
        picture = f'<img{style} alt="{name}" {source}>'
    return f"<figure>{picture}<figcaption>{name}{table}</figcaption></figure>"


def _text(value: str) -> str:
    return html.escape(value, quote=True)
