"""The job of DreamRequest: what a unit looks for (from noise), Deep Dream (from a picture), films that fly into it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from explorer.features.ascent import Aim, NoGradientError
from explorer.features.canvas import derived
from explorer.features.film import QUALITY, flown, steadied
from explorer.features.growing import NotFiniteError, canvas_of, grow
from explorer.features.layers import check_output
from explorer.features.objectives import check_channel
from explorer.features.octaves import Dreamer, tile_side
from explorer.features.shortage import is_shortage, no_memory
from explorer.features.sizes import octave_sizes, resized, tiles_of, to_rgb, to_tensor
from explorer.features.terms import Terms, terms_of
from explorer.i18n import N_
from explorer.jobs import Cancelled, Preview, Result, Step, Work
from explorer.picture.grid import grid_for, sheet_of
from explorer.picture.shrink import shrunk
from explorer.picture.stills import jpeg_bytes, read_rgb
from explorer.records.errors import BadRequestError, ExplorerError, Trouble
from explorer.records.frame import RGB
from explorer.records.picture import Grid, Picture
from explorer.requests.dream import DreamRequest

PREVIEW_S = 0.12  # at most about eight previews a second: seen as motion, and a few percent of the work
SLOW_S = 0.35  # steps longer than this leave no time for a last measurement within the 200 ms that Stop may take
LONGEST = 4096  # pixels; as floats an 8k picture would be 400 MB
FILM_SHARE = 4  # a film's later pictures take a fourth of the steps: what they enlarge is dreamt already


@dataclass
class State:
    """The dream so far. `pictures`: (B, 3, H, W) float 0..1, always finite. `film`: JPEG bytes of its finished pictures."""

    pictures: torch.Tensor
    facts: dict[str, Any]
    grid: Grid | None = None
    done: int = 0
    total: int = 1
    now: float = 0.0
    shown_at: float = 0.0
    step_seconds: float = 0.0
    stopped: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    film: list[bytes] = field(default_factory=list)

    def rgbs(self) -> list[RGB]:
        """Each picture as uint8."""
        return [to_rgb(picture) for picture in self.pictures]

    def picture(self, facts: dict[str, Any], film: bool = False) -> Picture:
        """The record: the picture, or the sheet of all pictures."""
        rgbs = self.rgbs()
        sheet = rgbs[0] if self.grid is None else sheet_of(np.stack(rgbs), self.grid, 24)
        return Picture(sheet, facts, tuple(self.film) if film else ())

    def due(self) -> bool:
        """Whether it is time for a preview."""
        return time.perf_counter() - self.shown_at >= PREVIEW_S

    def preview(self, *, film: bool = False, **facts: Any) -> Preview:
        """The picture so far as an event."""
        self.shown_at = time.perf_counter()
        told = {**self.facts, **self.extra, "now": self.now, "done": self.done, "total": self.total, **facts}
        return Preview(self.picture(told, film), self.done, self.total)


def dream(request: DreamRequest, work: Work) -> Iterator[Step]:
    """The job of DreamRequest. Previews and result: Picture, the last preview before a stop is the newest finite picture.

    Facts: `before`, `after` (the objective of the start and of the result, each measured by a plain pass on the uint8
    picture; the mean over the pictures of a batch, whose own are `values`), `measure` (what that number is), `gain` (after /
    before where before is positive, else None), `seed`, `steps`, `layer`, `channel`, `objective`, `start`, `size`, `model`,
    `weights`, `request` (all of the request: with the same picture it makes the same bytes again), `picture` and
    `picture_sha256` (of the picture dreamt on), `grid` (of a batch: the fields of records.picture.Grid), `stopped` (why it
    ended early, or ""). Previews have `now`, the value at the newest step as the network saw it, `done` and `total` steps,
    `octave` of `octaves`, `frame` of `frames`, and no `after`; one with `finished` is a picture of the film, none is left out.
    """
    network = work.engine.network(request, work.token)
    terms = terms_of(request, network)
    aim = Aim(network, terms.terms, work.token, request.diversity)
    try:
        yield from _dream(request, work, terms, aim)
    except (ExplorerError, RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
        error.__traceback__ = None  # it keeps the frames of the failed pass, and they their tensors
        raise no_memory(request, network.device) from None


def _dream(request: DreamRequest, work: Work, terms: Terms, aim: Aim) -> Iterator[Step]:
    device = aim.network.device
    noise = request.start == "noise"
    if request.batch > 1 and request.frames > 1 and noise:
        raise _refused("dream.film", N_("A film shows one picture: choose one picture, or no film."))
    seeds = [request.seed, *(derived(request.seed, index) for index in range(1, request.batch if noise else 1))]
    canvas = canvas_of(request, seeds, device, request.mix == "interpolate") if noise else None
    first = canvas.rgb().detach() if canvas is not None else _start_of(request, work, device)
    state = State(first, _facts(request, work, terms, aim), _grid(request, first))
    _check(request, aim, to_rgb(first))
    tile = 0 if noise else tile_side(request)
    state.now = state.facts["before"] = _measured(aim, state, tile)["after"]
    if state.grid is not None:
        state.facts["grid"] = asdict(state.grid)
    yield state.preview()
    try:
        if canvas is not None:
            state.total = request.steps
            for growth in _timed(state, grow(aim, canvas, request, seeds, work.token)):
                state.pictures, state.now = growth.pictures, float(growth.values.mean())
                if state.due():
                    yield state.preview()
        yield from _pictures(request, work, aim, state)
    except Cancelled:
        slow = state.step_seconds > SLOW_S
        yield state.preview(film=True, **({} if slow else _measured(aim, state, tile)))
        raise
    except (NoGradientError, NotFiniteError, ExplorerError, RuntimeError, MemoryError) as error:
        state.stopped = _reason(error, state, aim)
        error.__traceback__ = None
    told = {**state.facts, "stopped": state.stopped}
    try:
        told |= _measured(aim, state, tile)
    except (ExplorerError, RuntimeError, MemoryError) as error:
        if not is_shortage(error):
            raise
    yield Result(state.picture(told, film=True))


def _pictures(request: DreamRequest, work: Work, aim: Aim, state: State) -> Iterator[Step]:
    """Dream on the picture so far, and on as many enlarged ones as the film has."""
    noise = request.start == "noise"
    if noise and request.frames == 1:
        return
    dreamer = Dreamer(aim, request, None if noise else _mask(request, state.pictures), work.token)
    count = len(dreamer.sizes(*state.pictures.shape[2:]))
    later = -(-request.steps // FILM_SHARE)
    state.total = (request.steps if noise else request.steps * count) + (request.frames - 1) * later * count
    first = state.pictures
    for frame in range(request.frames):
        if request.frames > 1:
            state.extra = {"frame": frame + 1, "frames": request.frames}
        ground = state.pictures if frame == 0 else steadied(flown(state.pictures, request.zoom, request.turn), first)
        steps = (0 if noise else request.steps) if frame == 0 else later
        for moment in _timed(state, dreamer.dream(ground, steps)):
            if frame and moment.octave < moment.octaves:
                continue  # a film is not shown its small octaves again
            state.pictures, state.now = moment.picture, moment.value
            state.extra |= {"octave": moment.octave, "octaves": moment.octaves}
            if state.due():
                yield state.preview()
        if request.frames > 1:
            first = state.pictures if frame == 0 else first
            state.film.append(jpeg_bytes(to_rgb(state.pictures), quality=QUALITY))
            yield state.preview(finished=True)


def _timed(state: State, steps: Iterator[Any]) -> Iterator[Any]:
    """`steps`, counted and timed."""
    started = time.perf_counter()
    for step in steps:
        state.done += 1
        state.step_seconds = time.perf_counter() - started
        yield step
        started = time.perf_counter()


def _reason(error: BaseException, state: State, aim: Aim) -> str:
    """Why the dream ends early with its last good picture. Raises where there is none yet, and what is no such reason."""
    if isinstance(error, NotFiniteError):
        if not state.done:
            raise ExplorerError(
                Trouble(
                    "dream.not-finite",
                    N_("Layer {layer} does not give finite numbers (NaN or infinity), so nothing can be made to grow."),
                    {"layer": aim.layer},
                    N_("The weights may be damaged. Look at the layer's activations, or load the network again."),
                )
            ) from None
        return N_("The numbers left the finite range; the last good picture is kept.")
    if not state.done:
        raise error
    if isinstance(error, NoGradientError):
        return N_("No gradient comes back any more: the channel is saturated or silent.")
    if is_shortage(error):
        return N_("Memory ran out; the last good picture is kept. Choose a smaller picture size, or tiles.")
    raise error


def _measured(aim: Aim, state: State, tile: int) -> dict[str, Any]:
    # Asked to stop: the token would end this pass too, and the number belongs to the picture that is kept.
    aim = aim.without_token()
    values = [aim.measure(rgb, index, tile) for index, rgb in enumerate(state.rgbs())]
    before, after = state.facts.get("before"), sum(values) / len(values)
    gain = after / before if before is not None and before > 0 else None
    return {"after": after, "gain": gain, **({"values": values} if len(values) > 1 else {})}


def _check(request: DreamRequest, aim: Aim, rgb: RGB) -> None:
    """Raise BadRequestError for a layer or channel that cannot grow; settles how the network wants its pictures."""
    tile = tile_side(request) if request.start == "picture" else 0
    down, across = tiles_of(rgb.shape[0], rgb.shape[1], tile)[0]
    outputs = aim.settle(np.ascontiguousarray(rgb[down, across]))
    for term in aim.terms:
        check_output(outputs[term.layer], term.layer)
        check_channel(outputs[term.layer], term.channel, term.layer)


def _facts(request: DreamRequest, work: Work, terms: Terms, aim: Aim) -> dict[str, Any]:
    info = aim.network.info
    facts: dict[str, Any] = {
        "before": None,
        "measure": terms.spec.measure if len(terms.terms) == 1 else N_("weighted sum of the goals"),
        "objective": terms.spec.name,
        "seed": request.seed,
        "steps": request.steps,
        "layer": aim.layer,
        "channel": terms.goal.channel,
        "start": request.start,
        "size": request.size,
        "model": info.name,
        "weights": info.weights,
        "request": request.model_dump(mode="json"),
    }
    if request.start == "picture" and work.frame is not None:
        facts["picture"] = work.frame.source
        facts["picture_sha256"] = hashlib.sha256(work.frame.rgb.tobytes()).hexdigest()
    return facts


def _grid(request: DreamRequest, pictures: torch.Tensor) -> Grid | None:
    """How the pictures of a batch stand on their sheet: an interpolation in one row."""
    if len(pictures) == 1:
        return None
    height, width = pictures.shape[2:]
    return grid_for(len(pictures), height, width, gap=4, columns=len(pictures) if request.mix == "interpolate" else None)


def _start_of(request: DreamRequest, work: Work, device: torch.device) -> torch.Tensor:
    if work.frame is None:
        raise BadRequestError(
            Trouble(
                "picture.missing",
                N_("There is no picture to look at."),
                {},
                N_("Choose one in the Picture strip, or start from noise."),
            )
        )
    size = octave_sizes(work.frame.height, work.frame.width, request.size, 1, 2.0, 1)[-1]
    return resized(to_tensor(shrunk(work.frame.rgb, LONGEST), device), *size)


def _mask(request: DreamRequest, pictures: torch.Tensor) -> torch.Tensor | None:
    """(1, 1, H, W) in 0..1 from the mask's file, or None. Raises MediaError, BadRequestError where it is black everywhere."""
    if not request.mask:
        return None
    grey = to_tensor(read_rgb(request.mask), pictures.device).mean(1, keepdim=True)
    if not bool(grey.any()):
        raise _refused("dream.mask", N_("The mask is black everywhere: nothing would change."))
    return resized(grey, *pictures.shape[2:])


def _refused(code: str, text: str) -> BadRequestError:
    return BadRequestError(Trouble(code, text, exit_code=2))
