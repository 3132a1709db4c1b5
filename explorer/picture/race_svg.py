"""A Race as an SVG: every level, trail, curve and letter is a line of its own. No cv2, no Qt; the same race, the same bytes."""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np

from explorer.i18n import tr
from explorer.picture.colour import Colour, optimizer_look
from explorer.picture.level_lines import regions
from explorer.picture.race_chart import (
    BANDS,
    DARK_GROUND,
    LIGHT_GROUND,
    SHAPES,
    bands,
    last_step,
    levels_of,
    loss_axis,
    number,
    pixels,
    shown_steps,
    status_template,
    ticks,
)
from explorer.records.descent import F64, Race, Trajectory

SIDE, TOP, LEFT, ROW = 300, 40, 56, 34
FINE = 0.4  # pixels: points of a line that are closer are not told


def race_svg(race: Race, width: int = 960, height: int = 600, *, dark: bool = True) -> str:
    """The end of the race: contour with trails, landmarks, changes and snapshots, legend, loss chart."""
    return _Drawing(race, width, height, dark).text()


class _Drawing:
    def __init__(self, race: Race, width: int, height: int, dark: bool) -> None:
        self.race, self.width, self.height, self.dark = race, max(480, width), max(320, height), dark
        self.ground = DARK_GROUND if dark else LIGHT_GROUND
        self.ink = (232, 235, 238) if dark else (28, 32, 38)
        self.faint = (150, 157, 166) if dark else (98, 106, 116)
        self.casing = (12, 14, 18) if dark else (52, 58, 66)
        self.map = (LEFT, TOP, self.width - SIDE - LEFT - 20, self.height - TOP - 36)
        self.lines: list[str] = []

    def text(self) -> str:
        """The whole file."""
        title = tr(str(self.race.facts.get("title", self.race.surface.name)))
        self.lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
            f'viewBox="0 0 {self.width} {self.height}" font-family="sans-serif" font-size="13">',
            f"<title>{escape(title)}</title>",
            f'<rect width="100%" height="100%" fill="{_hex(self.ground)}"/>',
        ]
        self.write(title, LEFT, 26, self.ink, size=16, bold=True)
        self.write(self.race.surface.formula, self.width - 16, 26, self.faint, anchor="end")
        left, top, wide, tall = self.map
        self.lines.append(f'<clipPath id="map"><rect x="{left}" y="{top}" width="{wide}" height="{tall}"/></clipPath>')
        self.contour()
        self.axes()
        self.paths()
        self.legend()
        self.chart()
        return "\n".join([*self.lines, "</svg>", ""])

    # -- pieces ------------------------------------------------------------------------------------------------------
    def write(
        self, text: str, x: float, y: float, colour: Colour, *, size: int = 13, anchor: str = "start", bold: bool = False
    ) -> None:
        """Words that end or begin at (x, y), the foot of the letters."""
        weight = ' font-weight="600"' if bold else ""
        self.lines.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{_hex(colour)}" text-anchor="{anchor}"{weight}>'
            f"{escape(text)}</text>"
        )

    def line(self, points: F64, colour: Colour, width: float, dash: tuple[int, ...] = (), extra: str = "") -> None:
        """A line through (K, 2) points."""
        dashed = f' stroke-dasharray="{" ".join(_n(width * one) for one in dash)}"' if dash else ""
        self.lines.append(
            f'<path d="{_path(points)}" fill="none" stroke="{_hex(colour)}" stroke-width="{_n(width)}"'
            f' stroke-linejoin="round"{dashed}{extra}/>'
        )

    def marker(self, name: str, x: float, y: float, radius: float, fill: Colour, title: str = "") -> None:
        """A marker of picture.colour.Look; `title`: what a browser says over it."""
        style = f'fill="{_hex(fill)}" stroke="{_hex(self.casing)}" stroke-width="1.2"'
        told = f"<title>{escape(title)}</title>" if title else ""
        shape = SHAPES.get(name)
        if shape is None:
            self.lines.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" {style}>{told}</circle>')
        else:
            places = " ".join(f"{_n(x + 1.15 * radius * a)},{_n(y + 1.15 * radius * b)}" for a, b in shape)
            self.lines.append(f'<polygon points="{places}" {style}>{told}</polygon>')

    # -- parts -------------------------------------------------------------------------------------------------------
    def contour(self) -> None:
        """Filled bands, each over the one before, and their lines."""
        left, top, wide, tall = self.map
        surface = self.race.surface
        level = levels_of(surface)
        table, _ = bands("cividis", self.dark)
        ink = (255, 255, 255) if self.dark else (25, 45, 65)
        scale = np.array([wide / (len(surface.x) - 1), -tall / (len(surface.y) - 1)])
        corner = np.array([left, top + tall], dtype=np.float64)
        for band in range(BANDS):
            polygons = regions(level, float(band) if band else -0.5)
            way = "".join(_path(polygon * scale + corner) + "Z" for polygon in polygons)
            if way:
                fill = _hex((int(table[band][0]), int(table[band][1]), int(table[band][2])))
                rim = f' stroke="{_hex(ink)}" stroke-opacity="0.18" stroke-width="0.8"' if band else ""
                self.lines.append(f'<path clip-path="url(#map)" d="{way}" fill="{fill}" fill-rule="evenodd"{rim}/>')

    def axes(self) -> None:
        """Numbers along both sides, and the landmarks."""
        left, top, wide, tall = self.map
        x, y = self.race.surface.x, self.race.surface.y
        for value in ticks(float(x[0]), float(x[-1]), 6):
            at = left + (value - x[0]) / (x[-1] - x[0]) * wide
            self.write(number(value), at, top + tall + 18, self.faint, size=11, anchor="middle")
        for value in ticks(float(y[0]), float(y[-1]), 6):
            self.write(
                number(value), left - 7, top + (y[-1] - value) / (y[-1] - y[0]) * tall + 4, self.faint, size=11, anchor="end"
            )
        for mark in self.race.surface.landmarks:
            ((across, down),) = pixels(np.array([[mark.x, mark.y]]), self.race, left, top, wide, tall).tolist()
            if left <= across <= left + wide and top <= down <= top + tall:
                self.marker("+" if mark.kind == "minimum" else "x", across, down, 4.0, (255, 255, 255), tr(mark.kind))

    def paths(self) -> None:
        """Trails with their casings, changes, snapshots and heads."""
        left, top, wide, tall = self.map
        drawn = [pixels(run.points[: shown_steps(run) + 1], self.race, left, top, wide, tall) for run in self.race.runs]
        self.lines.append('<g clip-path="url(#map)">')
        for path in drawn:
            self.line(_thin(path), self.casing, 4.6, (), ' stroke-opacity="0.8"')
        for run, path in zip(self.race.runs, drawn, strict=True):
            self.line(_thin(path), optimizer_look(run.optimizer).colour, 2.2, optimizer_look(run.optimizer).dash)
        for run, path in zip(reversed(self.race.runs), reversed(drawn), strict=True):
            look = optimizer_look(run.optimizer)
            for at in run.snapshots:
                if at < len(path):
                    x, y = path[at].tolist()
                    self.marker("d", x, y, 3.0, (255, 255, 255), tr("step {step}").format(step=run.number_at(at)))
            for step, name, value in run.changes:
                at = int(np.searchsorted(run.numbers, step - 1))
                if at < len(path):
                    x, y = path[at].tolist()
                    self.marker("o", x, y, 3.4, look.colour, f"{name} = {value:g}")
            x, y = path[-1].tolist()
            self.marker(look.marker, x, y, 6.0, look.colour, self.title(run))
        self.lines.append("</g>")

    def title(self, run: Trajectory) -> str:
        """Name of the method for people."""
        return tr(str(self.race.facts.get("titles", {}).get(run.optimizer, run.optimizer)))

    def legend(self) -> None:
        """Who, how far down, how it ended."""
        x, row = self.width - SIDE, min(ROW, (self.height // 2) // max(1, len(self.race.runs)))
        for index, run in enumerate(self.race.runs):
            y, look = TOP + index * row + 12, optimizer_look(run.optimizer)
            self.marker(look.marker, x + 8, y - 4, 5.5, look.colour)
            self.write(self.title(run), x + 22, y, self.ink)
            self.write(number(float(run.values[shown_steps(run)])), self.width - 16, y, self.ink, anchor="end")
            if row >= 28:
                told = tr(status_template(run)).format(step=run.number_at(run.status_step))
                self.write(told, x + 22, y + 14, self.faint, size=11)

    def chart(self) -> None:
        """The loss of all methods against the step."""
        row = min(ROW, (self.height // 2) // max(1, len(self.race.runs)))
        left, top = self.width - SIDE + 36, TOP + len(self.race.runs) * row + 40
        wide, tall = self.width - left - 16, self.height - top - 36
        if tall < 60 or not self.race.runs:
            return
        axis, last = loss_axis(self.race), max(1, last_step(self.race))
        for units, words in axis.marks():
            down = top + (axis.high - units) / (axis.high - axis.low) * tall
            self.line(np.array([[left, down], [left + wide, down]]), self.faint, 0.4)
            self.write(words, left - 6, down + 4, self.faint, size=11, anchor="end")
        longest = max(self.race.runs, key=shown_steps)
        for value in ticks(0, last, 4):
            told = number(longest.number_at(int(value)), 7)
            self.write(told, left + value / last * wide, top + tall + 16, self.faint, size=11, anchor="middle")
        label = tr("height above the minimum") if axis.logarithmic else tr("value")
        unit = tr("step")
        self.write(f"{label} / {unit}", left, top - 10, self.faint, size=11)
        for run in self.race.runs:
            values = run.values[: shown_steps(run) + 1]
            curve = np.clip(top + (axis.high - axis.place(values)) / (axis.high - axis.low) * tall, top, top + tall)
            across = left + np.arange(len(values)) / last * wide
            look = optimizer_look(run.optimizer)
            self.line(_thin(np.stack([across, curve], axis=1)), look.colour, 1.5, look.dash)


def _thin(points: F64) -> F64:
    """`points` without those that could not be told from their neighbours."""
    if len(points) < 3:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    cells = np.floor(along / FINE)
    keep = np.concatenate([[True], cells[1:] > cells[:-1]])
    keep[-1] = True
    kept: F64 = points[keep]
    return kept


def _path(points: F64) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points.tolist())


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)
