"""The desk: what all panels share. The one Session, the newest picture, the loaded network, the way to the host.

A panel asks (`submit`, `follow`, `change`) and paints what comes back (`take`). It holds no truth of its own.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from explorer.gui.catalogue import Catalogue
from explorer.gui.jobboard import JobBoard
from explorer.gui.notices import Notice, Sink, trouble_text
from explorer.gui.pace import Pace
from explorer.host.messages import Answer, ChildLog, EngineState, FrameArrived, PeekSeen, RecordState, SourceState
from explorer.i18n import tr
from explorer.jobs import Event, Failed, Result
from explorer.records.errors import Trouble
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo
from explorer.requests.base import Request, changed
from explorer.requests.network import CatalogueRequest, LoadRequest, NetworkRequest
from explorer.requests.source import SourceRequest
from explorer.session import History, Session
from explorer.settings import Settings

log = logging.getLogger(__name__)

Take = Callable[[str, Event], None]
NETWORK_CHANNEL, CATALOGUE_CHANNEL, TRIAL_CHANNEL = "desk.network", "desk.catalogue", "desk.trial"
TOLD_ELSEWHERE = ("engine.died", "formula")  # by the banner; at the field
LIVE = ("detect", "segment", "classify", "xray", "teach")  # these choose their network themselves
# The fields of the Session whose requests look into the network of the Models panel.
LOOKING = tuple(
    name
    for name, info in Session.model_fields.items()
    if isinstance(info.annotation, type) and issubclass(info.annotation, NetworkRequest) and name not in ("network", *LIVE)
)
RUNNING = (*LOOKING, *LIVE)


def looking_elsewhere(session: Session, name: str, weights: str | None = None, partial: bool = False) -> dict[str, Any]:
    """The fields of `session` that change when every panel looks into another network; its layers are chosen anew."""
    fields: dict[str, Any] = {"network": changed(session.network, model=name, weights=weights, partial=partial)}
    for key in LOOKING:
        request: NetworkRequest = getattr(session, key)
        news: dict[str, Any] = {"model": name, "weights": weights}
        # These name places or answers of the network that leaves.
        for field in ("layer", "channel", "input_channel", "goals", "target", "class_index", "box", "unit"):
            if field in type(request).model_fields:
                news[field] = type(request).model_fields[field].get_default(call_default_factory=True, validated_data={})
        fields[key] = changed(request, **news)
    return {**fields, "selection": {}, "surgery": ()}


class Desk(QObject):
    """See the module. `host` is an `explorer.host.host.Host` or, in tests, anything with its methods."""

    session_changed = Signal(object, object)  # new Session, old Session
    frame_arrived = Signal(object)  # Frame
    source_changed = Signal(object)  # SourceState
    engine_changed = Signal(object)  # EngineState
    network_changed = Signal(object)  # NetworkInfo | None
    runs_on_changed = Signal(object)  # RunsOn of the newest result that says one
    jobs_changed = Signal()
    choices_changed = Signal()
    language_changed = Signal(str)
    theme_changed = Signal()
    noticed = Signal()  # take them with `sink.take()`
    child_said = Signal(object)  # ChildLog
    record_changed = Signal(object)  # RecordState
    peek_seen = Signal(object)  # PeekSeen
    frozen_changed = Signal(bool)
    _woken = Signal()

    def __init__(
        self,
        make_host: Callable[[Callable[[], None]], Any],
        settings: Settings,
        session: Session | None = None,
        sink: Sink | None = None,
    ) -> None:
        super().__init__()
        self.settings = settings
        self.sink = sink or Sink()
        self.sink.wake = self.noticed.emit
        self.catalogue = Catalogue()
        self.jobs = JobBoard()
        self.frame: Frame | None = None
        self.arrival: FrameArrived | None = None
        self.source: SourceState | None = None
        self.engines: dict[str, EngineState] = {}
        self.network: NetworkInfo | None = None
        self.frozen = False
        self._trial: LoadRequest | None = None
        self.closing = False
        self._history = History(session or Session())
        self._firm: Session | None = None
        self._takers: dict[str, list[Take]] = defaultdict(list)
        self._generations: dict[str, int] = {}
        self._followed: dict[str, Request] = {}
        self._pace = Pace(self._drain, self)
        self._woken.connect(self._pace.ask, Qt.ConnectionType.QueuedConnection)
        self.host = make_host(self._woken.emit)

    # -- the Session -------------------------------------------------------------------------------------------------
    @property
    def session(self) -> Session:
        """Everything a person chose."""
        return self._history.now

    def change(self, undoable: bool = True, **fields: Any) -> None:
        """Replace fields of the Session. `undoable=False` while a slider moves or a selection follows the mouse:
        those changes join the next undoable one.
        """
        old = self._history.now
        new = old.with_(**fields)
        if undoable:
            if self._firm is not None:
                self._history.replace(self._firm)
                self._firm = None
            self._history.push(new)
        elif new != old:
            if self._firm is None:
                self._firm = old
            self._history.replace(new)
        if new != old:
            self._tell(new, old)

    def select(self, **fields: Any) -> None:
        """Change the one linked selection (layer, channel, pixel, optimizer, step); not a step for undo."""
        self.change(undoable=False, selection={**dict(self.session.selection), **fields})

    def undo(self) -> None:
        """One step back."""
        old = self._history.now
        self._settle()
        self._step(old, self._history.undo)

    def redo(self) -> None:
        """One step forward."""
        old = self._history.now
        self._settle()
        self._step(old, self._history.redo)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return self._history.can_undo or self._firm is not None

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward."""
        return self._history.can_redo

    def _settle(self) -> None:
        if self._firm is None:
            return
        now, firm, self._firm = self._history.now, self._firm, None
        selection_only = firm.with_(selection=now.selection, panel=now.panel) == now
        if not selection_only:
            self._history.replace(firm)
            self._history.push(now)

    def _step(self, old: Session, move: Callable[[], Session]) -> None:
        here = self._history.now
        new = move().with_(panel=here.panel)
        self._history.replace(new)
        if new != old:
            self._tell(new, old)

    def _tell(self, new: Session, old: Session) -> None:
        if new.picture != old.picture:
            self.host.open_source(new.picture)
        if new.network != old.network:
            self.load_network()
        elif new.surgery != old.surgery:
            for channel, request in tuple(self._followed.items()):
                self.follow(channel, request)
        self.session_changed.emit(new, old)

    def adopt(self, session: Session) -> None:
        """Take a saved Session as it is: nothing to undo before it."""
        old, self._history, self._firm = self._history.now, History(session), None
        if session != old:
            self._tell(session, old)

    # -- networks and devices ----------------------------------------------------------------------------------------
    def use_network(self, name: str, weights: str | None = None, partial: bool = False) -> None:
        """Look into another network, in every panel that looks into one; its layers are chosen anew."""
        self.change(**looking_elsewhere(self.session, name, weights, partial))

    def try_model_file(self, path: str, partial: bool = False) -> None:
        """Load a weights file for the present network; only once it is proven good does anything change. Refusals are told."""
        self._trial = changed(self.session.network, weights=path, partial=partial)
        self.submit(TRIAL_CHANNEL, self._trial)

    def _tried(self, event: Event) -> None:
        trial = self._trial
        if trial is None:
            return
        if isinstance(event, Result):
            self.use_network(trial.model, trial.weights, trial.partial)
            self.notify(tr("Loaded {name}").format(name=trial.weights), "good", key="trial")
        elif isinstance(event, Failed):
            part = ((tr("Load the part that fits"), self._try_part),) if event.trouble.code == "weights.other-network" else ()
            text = trouble_text(event.trouble)
            self.notify(text, "bad", detail=event.trouble.english(), key="trial", stay=True, actions=part)

    def _try_part(self) -> None:
        if self._trial is not None:
            self.try_model_file(str(self._trial.weights), partial=True)

    def use_device(self, **fields: Any) -> None:
        """Change `device`, `precision`, `exact` everywhere, at run time."""
        new = {key: changed(getattr(self.session, key), **fields) for key in ("network", *RUNNING)}
        self.change(**new)

    def load_network(self) -> None:
        """Ask for the network of the Session; `network_changed` follows. The old one stays until the new one answers."""
        self.submit(NETWORK_CHANNEL, self.session.network)

    def load_catalogue(self) -> None:
        """Ask the engine which networks there are."""
        self.submit(CATALOGUE_CHANNEL, CatalogueRequest())

    def choices(self, kind: str) -> tuple[str, ...]:
        """What a parameter with `choices=kind` may be just now, best first."""
        return self.catalogue.choices(kind, self.network)

    def title_of(self, kind: str, name: str) -> str:
        """A name for people, translated."""
        return self.catalogue.title(kind, name)

    # -- the host ----------------------------------------------------------------------------------------------------
    def register(self, channel: str, take: Take) -> None:
        """Send the events of `channel` to `take(channel, event)` too."""
        self._takers[channel].append(take)

    def submit(self, channel: str, request: Request, frame: Frame | None = None) -> int:
        """Run `request`; the newest of a channel wins. A request that needs a frame gets the newest one by itself."""
        if self.closing:
            return 0
        if frame is None and request.needs_frame:
            frame = self.frame
        generation = int(self.host.submit(channel, self.operated(request), frame))
        self._generations[channel] = generation
        if self.jobs.began(channel, request):
            self.jobs_changed.emit()
        return generation

    def stop(self, channel: str) -> None:
        """Ask the job of `channel` to stop; it answers with what it has."""
        self.host.stop(channel)

    def hold(self, channel: str, on: bool) -> bool:
        """Pause the job of `channel`, or let it go on exactly where it was; whether there is one."""
        held = bool(self.host.hold(channel, on))
        if held and self.jobs.hold(channel, on):
            self.jobs_changed.emit()
        return held

    def stop_newest(self) -> bool:
        """Esc: stop the job that was started last. Whether there was one."""
        running = self.jobs.running()
        if running:
            self.stop(running[-1].channel)
        return bool(running)

    def follow(self, channel: str, request: Request | None) -> None:
        """Run `request` on every newest frame of the picture source; None ends that."""
        if request is None:
            self._followed.pop(channel, None)
        else:
            self._followed[channel] = request
        if not self.closing:
            self.host.follow(channel, None if request is None else self.operated(request))

    def operated(self, request: Request) -> Request:
        """`request` with the Session's surgery, where it runs the network that was operated on; else as it is."""
        network, surgery = self.session.network, self.session.surgery
        if not surgery or not isinstance(request, NetworkRequest) or isinstance(request, LoadRequest):
            return request
        if (request.model, request.weights) != (network.model, network.weights) or request.surgery:
            return request
        return changed(request, surgery=surgery)

    def open_source(self, request: SourceRequest) -> None:
        """Show another picture in every panel (opens again if it is the one already chosen)."""
        self.freeze(False)
        if request.kind == "stream":  # typed by a person; a stream of a restored Session is not
            self.host.allow_stream(request.path)
        if request == self.session.picture:
            self.host.open_source(request)
        else:
            self.change(picture=request)

    def freeze(self, on: bool) -> None:
        """Hold the picture, or let it run again."""
        if on != self.frozen:
            self.frozen = on
            self.host.pause_source(on)
            self.frozen_changed.emit(on)

    def step_source(self, by: int) -> None:
        """Hold the video and go `by` pictures on."""
        if not self.frozen:
            self.frozen = True
            self.frozen_changed.emit(True)
        self.host.step_source(by)

    @Slot()
    def _drain(self) -> None:
        if self.closing:
            return
        for event in self.host.drain():
            if isinstance(event, Answer):
                self._answered(event)
            elif isinstance(event, FrameArrived):
                self.frame, self.arrival = event.frame, event
                self.frame_arrived.emit(event.frame)
            elif isinstance(event, SourceState):
                self._source(event)
            elif isinstance(event, EngineState):
                self._engine(event)
            elif isinstance(event, ChildLog):
                self.child_said.emit(event)
            elif isinstance(event, RecordState):
                self.record_changed.emit(event)
            elif isinstance(event, PeekSeen):
                self.peek_seen.emit(event)

    def _answered(self, answer: Answer) -> None:
        event = answer.event
        if self.jobs.event(answer.channel, event):
            self.jobs_changed.emit()
        runs_on = getattr(getattr(event, "record", None), "runs_on", None)
        if runs_on is not None:
            self.runs_on_changed.emit(runs_on)
        if answer.channel == NETWORK_CHANNEL and isinstance(event, Result) and isinstance(event.record, NetworkInfo):
            self.network = event.record
            self.choices_changed.emit()
            self.network_changed.emit(event.record)
        elif answer.channel == CATALOGUE_CHANNEL and isinstance(event, Result):
            self.catalogue.rows = tuple(event.record)
            self.choices_changed.emit()
        elif answer.channel == TRIAL_CHANNEL:
            self._tried(event)
        # A dead engine is the banner's to say, a formula's fault its field's.
        if (
            isinstance(event, Failed)
            and answer.channel != TRIAL_CHANNEL
            and event.trouble.code not in ("engine.died", "formula")
        ):
            self.trouble(event.trouble, answer.channel)
        for take in tuple(self._takers.get(answer.channel, ())):
            take(answer.channel, event)

    def _source(self, state: SourceState) -> None:
        self.source = state
        going_on = state.state in ("playing", "paused", "ended")  # all else is said under the strip (source_help.py)
        if state.trouble is not None and going_on and state.trouble.code != "video.damaged":
            self.notify(trouble_text(state.trouble), "info", key=f"source:{state.trouble.code}")
        self.source_changed.emit(state)

    def _engine(self, state: EngineState) -> None:
        self.engines[state.child] = state
        if state.kind == "ready" and state.child == "engine":
            devices = tuple(str(name) for name in state.facts.get("devices", ()))
            if devices:
                self.catalogue.devices = ("auto", *devices)
                self.choices_changed.emit()
        self.engine_changed.emit(state)

    # -- telling a person --------------------------------------------------------------------------------------------
    def notify(
        self,
        text: str,
        level: str = "info",
        *,
        detail: str = "",
        key: str = "",
        stay: bool = False,
        actions: tuple[tuple[str, Callable[[], None]], ...] = (),
    ) -> None:
        """Say `text` (already translated) in the one place for notices. `level`: "info", "good", "warn", "bad"."""
        self.sink.put(Notice(text, level, detail, key, stay=stay, actions=actions))

    def trouble(self, trouble: Trouble, where: str = "") -> None:
        """Say what went wrong, with its hint."""
        self.notify(trouble_text(trouble), "bad", detail=trouble.english(), key=f"{where}:{trouble.code}", stay=True)

    def later(self, call: Callable[[], None]) -> None:
        """Call in the GUI thread once the present event is done."""
        QTimer.singleShot(0, self, call)
