"""OpenVINO as the fast runtime of a CPU: torch module -> compiled graph -> numpy answers. Says nothing to anybody.

Importing `openvino` the ordinary way reports the import to its maker through the package openvino_telemetry (ovc/__init__.py,
`send_event("ov", "import", ...)`). We make that package unimportable first; OpenVINO then takes its own silent stub. The
converter is used without `convert_model`, whose only addition is reporting.
"""

from __future__ import annotations

import functools
import logging
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from explorer.engine.taps import cancellable

if TYPE_CHECKING:
    from explorer.jobs import CancelToken
    from explorer.records.network import RunsOn

log = logging.getLogger(__name__)
F32 = npt.NDArray[np.float32]
WAIT_MS = 50  # how often a long pass asks whether it is still wanted
HINTS = {"float32": "f32", "bf16": "bf16"}


def silent_openvino() -> Any:
    """The module `openvino`, imported without its telemetry. Raises ImportError where it is not installed."""
    if "openvino" not in sys.modules:
        cast(dict[str, Any], sys.modules)["openvino_telemetry"] = None  # the documented way to make an import fail
    import openvino

    return openvino


@functools.cache
def core() -> Any:
    """The one openvino.Core of this process, which keeps the plug-in of the CPU until the process ends.

    That plug-in lays the signals of the thread that first needs it on a stack of its own, and frees the stack when the last
    user of it goes. If another thread drops that one, the stack stays in force: the next Ctrl-C would end the process at once.
    """
    return silent_openvino().Core()


def has_bf16() -> bool:
    """Whether this CPU computes in bfloat16 (AVX512-BF16 or AMX), by OpenVINO's own word."""
    names = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "BF16" in names


class Flat(nn.Module):
    """Any network with its outputs as a flat tuple of tensors, at most `keep` of them (0: all)."""

    def __init__(self, module: nn.Module, keep: int = 0) -> None:
        super().__init__()
        self.module = module
        self.keep = keep

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """(N, C, S, S) -> tensors in the network's order."""
        found = flat(self.module(x))
        return tuple(found[: self.keep] if self.keep else found)


def flat(output: Any) -> list[torch.Tensor]:
    """All tensors of a network's output (tensor, tuple, list, dict, nested), in order."""
    if isinstance(output, torch.Tensor):
        return [output]
    items = output.values() if isinstance(output, dict) else output if isinstance(output, (tuple, list)) else ()
    return [tensor for item in items for tensor in flat(item)]


def convert(module: nn.Module, example_nchw: torch.Tensor, token: CancelToken | None = None, keep: int = 0) -> Any:
    """`module` as an openvino.Model with the static shape of `example_nchw`. Raises whatever tracing raises."""
    silent_openvino()
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder

    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # tracing is deprecated, and fixes sizes on purpose: the input never changes its shape
        with cancellable(module, token):
            traced = cast(Any, torch.jit).trace(Flat(module, keep).eval(), example_nchw, check_trace=False)
        decoder = TorchScriptPythonDecoder(traced, example_input=example_nchw)
        front_end = FrontEndManager().load_by_framework("pytorch")
        model = front_end.convert(front_end.load(decoder))
    model.reshape({model.inputs[0]: list(example_nchw.shape)})
    return model


def config(precision: str, threads: int, streams: int = 1) -> dict[str, Any]:
    """OpenVINO's properties: all threads for one pass at a time, or shared by as many passes at once as there are streams."""
    many: dict[str, Any] = {"PERFORMANCE_HINT": "THROUGHPUT", "NUM_STREAMS": streams}
    return {
        **(many if streams > 1 else {"PERFORMANCE_HINT": "LATENCY"}),
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "INFERENCE_NUM_THREADS": threads,
        "ENABLE_CPU_PINNING": False,  # the window, the capture child and the encoder need the same cores
    }


def compile_model(model: Any, precision: str, threads: int) -> Any:
    """An openvino.CompiledModel of `model` on the CPU."""
    return core().compile_model(model, "CPU", config(precision, threads))


def export(compiled: Any) -> bytes:
    """A compiled model as bytes for the disk cache; only the same OpenVINO on the same CPU reads them."""
    return bytes(compiled.export_model().getvalue())


def restore(blob: bytes, precision: str, threads: int, streams: int = 1) -> Any:
    """The compiled model in `blob`. Raises RuntimeError if OpenVINO does not take it."""
    return core().import_model(blob, "CPU", config(precision, threads, streams))


class OpenVinoRunner:
    """A compiled network. Call it with (1, C, S, S) float32 in CPU memory; get float32 arrays in the network's order.

    `again` gives the bytes it was restored from, or can be. The arrays belong to the runner and the next call overwrites them.
    """

    taken: type[np.float32] | type[np.uint8] = np.float32

    def __init__(self, compiled: Any, runs_on: RunsOn, again: Callable[[], bytes | None] = lambda: None) -> None:
        self.runs_on = runs_on
        self._again = again
        self._compiled = compiled
        self._request = compiled.create_infer_request()
        self._tensor = silent_openvino().Tensor

    def __call__(self, nchw: torch.Tensor, token: CancelToken | None = None) -> list[F32]:
        """One forward pass. Raises Cancelled within WAIT_MS of a cancel, ExplorerError when the runtime fails."""
        if token is not None:
            token.check()
        array = np.ascontiguousarray(nchw.detach().cpu().numpy(), dtype=self.taken)
        self._request.set_input_tensor(0, self._tensor(array, shared_memory=True))
        self._request.start_async()
        while not self._request.wait_for(WAIT_MS):
            if token is not None and token.cancelled:
                self._request.cancel()
                self._settle()
                token.check()
        return [tensor.data for tensor in self._request.output_tensors]

    def beside(self) -> OpenVinoRunner:
        """The same model and threads; the runtime begins one pass when the other has ended."""
        return OpenVinoRunner(self._compiled, self.runs_on)

    def lanes(self) -> list[OpenVinoRunner]:
        """One a thread, with a pass of one thread each: two such passes at once take 13 % less of two cores than two passes
        of two threads one after the other (YOLOv3-tiny), and nothing waits while a picture is prepared or drawn.

        One more has its picture ready when a pass ends. The numbers are the same bit by bit. Where memory or the runtime
        does not allow a second model, the passes go one after the other.
        """
        compiled, threads = self._compiled, self.runs_on.threads
        blob = self._again() if threads > 1 else None
        if blob is not None:
            try:
                compiled = restore(blob, self.runs_on.precision, threads, threads)
            except (RuntimeError, MemoryError) as error:
                log.info("no second model for films: %s", error)
        return [OpenVinoRunner(compiled, self.runs_on) for _ in range(threads + 1)]

    def _settle(self) -> None:
        try:
            self._request.wait()
        except RuntimeError:  # openvino reports the cancel we asked for as an error
            return
