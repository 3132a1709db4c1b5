"""Loss landscape: the loss of the loaded network over a plane of its weights, and training that leaves that plane."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QPoint, Qt, QTime
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from explorer.gui.desk import Desk
from explorer.gui.forms import Form
from explorer.gui.notices import trouble_text
from explorer.gui.panels.landscape_view import LandscapeView
from explorer.gui.panels.landscape_words import descent_lines, detail_text, frame_name, map_lines, stale_text
from explorer.gui.panels.panel import Key, Panel
from explorer.i18n import N_, tr
from explorer.jobs import Event, Failed, Preview, Result
from explorer.records.descent import Race
from explorer.records.frame import Frame
from explorer.records.landscape import Descent, Landscape
from explorer.requests.base import changed
from explorer.requests.landscape import DescentRequest, map_part
from explorer.session import Session

MAP, PATH = "landscape.map", "landscape.path"
NUDGE = 0.05  # of the extent: how far a key moves the start


class LandscapePanel(Panel):
    """The map is drawn the first time the panel is seen, later when a person asks; a click trains from there.

    A picture that moves is held: map and path belong to the one that was shown when the map was asked for (`drawn`), which
    stands small beside the words.
    """

    name: ClassVar[str] = "landscape"
    channels: ClassVar[tuple[str, ...]] = (MAP, PATH)

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.map: Landscape | None = None
        self.path: Descent | None = None
        self.drawn: Frame | None = None
        self._name = ""  # of the picture
        self._asked: object = None
        self._form = Form(DescentRequest, desk, "landscape", without=("start",))
        self.view = LandscapeView(self)
        self.view.draw.clicked.connect(self.start)
        self.view.train.clicked.connect(self.descend)
        self.view.progress.stopped.connect(desk.stop)
        self.view.contour.start_moved.connect(self._start_moved)
        self.view.contour.menu_wanted.connect(self._menu)
        self.view.chart.hovered.connect(self.view.contour.set_step)
        desk.session_changed.connect(self._session_changed)
        desk.network_changed.connect(lambda _info: self._network_changed())
        desk.jobs_changed.connect(self._jobs_changed)
        self._say()

    def form(self) -> QWidget:
        """Directions, extent, points, views, class, seed; method, steps and start of the path."""
        return self._form

    # -- the jobs ----------------------------------------------------------------------------------------------------
    def take_frame(self, frame: Frame) -> None:
        """The first picture that is seen here is measured at once; later ones when asked."""
        if self.map is None and self._asked is None and self.desk.network is not None:
            self.start()
        self._say_stale()

    def start(self) -> None:
        """Draw the map with the picture that is shown."""
        if self.desk.frame is not None:
            self._asked = self._now()
            self.path = None
            self._hold(self.desk.frame)
            self.desk.submit(MAP, map_part(self.desk.session.landscape), self.drawn)
            self._show()

    def _hold(self, frame: Frame) -> None:
        self.drawn = frame
        self._name = frame_name(frame, self.desk.session.picture.kind, QTime.currentTime().toString("H:mm:ss"))
        self.view.show_picture(frame.rgb, self._name)

    def descend(self) -> None:
        """Train in all weights from the start, with the picture of the map."""
        if self.drawn is not None:
            self.path = None
            self.desk.submit(PATH, self.desk.session.landscape, self.drawn)

    def _start_moved(self, x: float, y: float, done: bool) -> None:
        if self.map is None or not done:
            return
        self._start_at((round(x / self.map.extent, 4), round(y / self.map.extent, 4)))

    def _start_at(self, start: tuple[float, float] | None) -> None:
        self.desk.change(landscape=changed(self.desk.session.landscape, start=start))
        self.descend()

    def nudge(self, across: float, up: float) -> None:
        """Move the start by a share of the extent: the keyboard's way of clicking."""
        if self.map is None:
            return
        x, y = self.desk.session.landscape.start or self._here()
        start = (min(max(x + across, -1.0), 1.0), min(max(y + up, -1.0), 1.0))
        self.desk.change(landscape=changed(self.desk.session.landscape, start=(round(start[0], 4), round(start[1], 4))))
        self._show()

    def _here(self) -> tuple[float, float]:
        """Where the path began, in shares of the extent; the middle without one."""
        if self.path is None or self.map is None or not len(self.path.run.points):
            return (0.0, 0.0)
        x, y = (self.path.run.points[0] / self.map.extent).tolist()
        return (float(x), float(y))

    def take(self, channel: str, event: Event) -> None:
        """The map, coarse first; the path as it grows."""
        if isinstance(event, Failed):
            self._failed(channel, trouble_text(event.trouble))
        if not isinstance(event, (Preview, Result)):
            return
        if isinstance(event.record, Landscape):
            self.map = event.record
        elif isinstance(event.record, Descent):
            self.path = event.record
        self._show()

    def _failed(self, channel: str, text: str) -> None:
        if channel == MAP:
            self.map = self.path = None
            self.view.contour.message = text
        self._show()

    def _now(self) -> object:
        session = self.desk.session
        return map_part(session.landscape), session.surgery

    def _network_changed(self) -> None:
        self._asked = None
        if self.active and self.desk.frame is not None:
            self.take_frame(self.desk.frame)
        self._say_stale()

    def _session_changed(self, new: Session, old: Session) -> None:
        if new.landscape != old.landscape or new.surgery != old.surgery:
            self._say_stale()

    def _say_stale(self) -> None:
        """Another picture or another question: the panel says so until the map is drawn again."""
        text = ""
        if self.map is not None:
            text = stale_text(self.drawn, self.desk.frame, self._asked != self._now())
        self.view.stale.setText(text)

    def _jobs_changed(self) -> None:
        self.view.progress.show_job(self.desk.jobs.get(MAP) or self.desk.jobs.get(PATH))

    # -- showing -----------------------------------------------------------------------------------------------------
    def race(self) -> Race | None:
        """Map and path as what a contour view shows."""
        if self.map is None:
            return None
        asked = self.desk.session.landscape.start or self._here()
        start = (asked[0] * self.map.extent, asked[1] * self.map.extent)
        runs = () if self.path is None or not len(self.path.run.points) else (self.path.run,)
        facts = {"title": self.map.surface.facts["title"], "steps": runs[0].steps if runs else 0}
        return Race(self.map.surface, runs, start, self.map.seed, facts)

    def _show(self) -> None:
        self.view.contour.set_race(self.race())
        self.view.contour.set_step(float(self.path.run.steps) if self.path is not None else 0.0)
        self.view.chart.set_path(self.path)
        self._say()

    def _say(self) -> None:
        for button in (self.view.train,):
            button.setEnabled(self.map is not None)
        self.view.heading.setText(tr("Around the weights"))
        self.view.detail.setText(detail_text(self.map, self._name))
        self.view.facts.setText("\n".join((*map_lines(self.map), *descent_lines(self.path))))
        self._say_stale()

    def retranslate(self) -> None:
        """Texts that are put together here."""
        self._say()
        self.view.chart.update()

    def restyle(self) -> None:
        """Colours of the charts."""
        if hasattr(self, "view"):
            self.view.chart.update()

    # -- keys, menu, files -------------------------------------------------------------------------------------------
    def keys(self) -> list[Key]:
        """See ux.md."""
        return [
            Key("R", N_("Draw the map"), self.start),
            Key("T", N_("Train from the start"), self.descend),
            Key("Shift+Left", N_("Move the start left"), lambda: self.nudge(-NUDGE, 0.0)),
            Key("Shift+Right", N_("Move the start right"), lambda: self.nudge(NUDGE, 0.0)),
            Key("Shift+Up", N_("Move the start up"), lambda: self.nudge(0.0, NUDGE)),
            Key("Shift+Down", N_("Move the start down"), lambda: self.nudge(0.0, -NUDGE)),
        ]

    def _menu(self, x: float, y: float, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Train from here")).triggered.connect(lambda: self._start_moved(x, y, True))
        highest = menu.addAction(tr("Start at the highest of four places"))
        highest.triggered.connect(lambda: self._start_at(None))
        menu.addSeparator()
        copy = menu.addAction(tr("Copy the numbers"))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.numbers()))
        menu.popup(where)

    def numbers(self) -> str:
        """Every place of the map, and every step of the path."""
        if self.map is None:
            return ""
        s = self.map.surface
        lines = ["x\ty\tloss"]
        lines += [f"{x}\t{y}\t{s.z[i, j]}" for i, y in enumerate(s.y.tolist()) for j, x in enumerate(s.x.tolist())]
        if self.path is not None:
            run = self.path.run
            lines += ["", "step\tx\ty\tloss\tloss on the plane\tdistance"]
            columns = (run.points[:, 0], run.points[:, 1], run.values, self.path.shadow, self.path.distance)
            rows = zip(run.numbers.tolist(), *(column.tolist() for column in columns), strict=True)
            lines += ["\t".join(map(str, row)) for row in rows]
        return "\n".join(lines)

    # -- for screenshots ---------------------------------------------------------------------------------------------
    def demo(self) -> None:
        """A coarse map and a short path."""
        small = changed(self.desk.session.landscape, size=9, views=1, steps=3)
        if self.desk.session.landscape != small:
            self.desk.change(landscape=small)
        self.start()

    def demo_ready(self) -> bool:
        """The map is complete."""
        return self.map is not None and self.map.step == 1
