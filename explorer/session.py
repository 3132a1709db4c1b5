"""One immutable Session: everything a person chose. No Qt; undo is a bounded list of Sessions, replay sends one."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from explorer.requests.ablation import AblateRequest, CompareRequest
from explorer.requests.arena import ArenaRequest
from explorer.requests.attribution import AttributeRequest
from explorer.requests.basins import BasinsRequest, StabilityRequest
from explorer.requests.batch import BatchRequest
from explorer.requests.contest import ContestRequest, TurnedRequest
from explorer.requests.dream import DreamRequest
from explorer.requests.ground_look import GroundLook
from explorer.requests.kernel import KernelRequest
from explorer.requests.landscape import DescentRequest
from explorer.requests.live import LiveLook
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, LoadRequest, SegmentRequest
from explorer.requests.network_map import NetworkMapRequest
from explorer.requests.neural import InitialisationRequest, LinearRegionsRequest
from explorer.requests.numbers import NumbersRequest
from explorer.requests.race import RaceRequest
from explorer.requests.race_look import RaceLook
from explorer.requests.receptive import ReceptiveRequest, SeenByRequest
from explorer.requests.regions import RegionsRequest
from explorer.requests.source import SourceRequest
from explorer.requests.starts import StartsRequest
from explorer.requests.surgery import Edit
from explorer.requests.teach import TeachRequest
from explorer.requests.units import BestRequest, GalleryRequest
from explorer.requests.xray import XrayRequest

SESSION_VERSION = 1
LiveTask = Literal["detect", "segment", "classify"]


class Selection(BaseModel):
    """The one linked selection: a layer, a channel of it, a pixel of the map; an optimizer and a step of its path."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    layer: str = ""
    channel: int | None = None
    pixel: tuple[int, int] | None = None
    optimizer: str = ""
    step: int = 0


class Session(BaseModel):
    """What the window shows, as values. A scene file is a Session and a layout."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = SESSION_VERSION
    picture: SourceRequest = SourceRequest()
    network: LoadRequest = LoadRequest()
    surgery: tuple[Edit, ...] = ()
    network_map: NetworkMapRequest = NetworkMapRequest()
    filters: FiltersRequest = FiltersRequest()
    activations: ActivationsRequest = ActivationsRequest()
    pins: dict[str, tuple[int, ...]] = {}  # "model layer" -> channels that come first
    ablate: AblateRequest = AblateRequest()
    compare: CompareRequest = CompareRequest()
    kernel: KernelRequest = KernelRequest()
    receptive: ReceptiveRequest = ReceptiveRequest()
    seen_by: SeenByRequest = SeenByRequest()
    numbers: NumbersRequest = NumbersRequest()
    dream: DreamRequest = DreamRequest()
    regions: RegionsRequest = RegionsRequest()
    landscape: DescentRequest = DescentRequest()
    initialisation: InitialisationRequest = InitialisationRequest()
    pieces: LinearRegionsRequest = LinearRegionsRequest()
    gallery: GalleryRequest = GalleryRequest()
    best: BestRequest = BestRequest()
    attribute: AttributeRequest = AttributeRequest()
    detect: DetectRequest = DetectRequest()
    segment: SegmentRequest = SegmentRequest()
    classify: ClassifyRequest = ClassifyRequest()
    teach: TeachRequest = TeachRequest()
    live: LiveTask = "detect"
    batch: BatchRequest = BatchRequest()
    xray: XrayRequest = XrayRequest()
    arena: ArenaRequest = ArenaRequest()
    live_look: LiveLook = LiveLook()
    race: RaceRequest = RaceRequest()
    basins: BasinsRequest = BasinsRequest()
    stability: StabilityRequest = StabilityRequest()
    contest: ContestRequest = ContestRequest()
    turned: TurnedRequest = TurnedRequest()
    ground_look: GroundLook = GroundLook()
    race_look: RaceLook = RaceLook()
    starts: StartsRequest = StartsRequest()  # how the starts lie; the race itself is `race`
    selection: Selection = Selection()
    panel: str = "welcome"

    def with_(self, **fields: Any) -> Session:
        """A validated copy with some fields replaced."""
        return Session.model_validate({**dict(self), **fields})


class History:
    """Undo and redo over Sessions, at most `limit` steps back."""

    def __init__(self, start: Session, limit: int = 200) -> None:
        self._states = [start]
        self._at = 0
        self._limit = limit

    @property
    def now(self) -> Session:
        """The Session in force."""
        return self._states[self._at]

    def push(self, session: Session) -> None:
        """Enter a new state; what was undone is forgotten. An equal state is not entered twice."""
        if session == self.now:
            return
        self._states = [*self._states[: self._at + 1], session][-self._limit :]
        self._at = len(self._states) - 1

    def replace(self, session: Session) -> None:
        """Change the state in force without a step of its own (a slider that is still moving, a selection)."""
        self._states[self._at] = session

    def undo(self) -> Session:
        """One step back, if there is one."""
        self._at = max(0, self._at - 1)
        return self.now

    def redo(self) -> Session:
        """One step forward, if there is one."""
        self._at = min(len(self._states) - 1, self._at + 1)
        return self.now

    @property
    def can_undo(self) -> bool:
        """Whether there is a step back."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether there is a step forward."""
        return self._at < len(self._states) - 1
