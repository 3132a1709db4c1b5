"""The gate for weights: the only `torch.load`, run in a short-lived child under limits, and the matching with a network.

For the engine, in its own process:

    state = load_state(row_for("yolov3_tiny"), spec, token)      # published weights, already fetched
    state = load_state("some.pth", spec, token)                  # a person's file for that network
    module.load_state_dict(state.tensors)                        # strict; with partial=True: strict=False
    opened = open_darknet("my.cfg", "my.weights")                # a network of its own: opened.spec, opened.row
    state = load_state(opened.weights, opened.spec, token)

`state.row` is the row whose preprocessing fits these very weights (a published file opened by hand is known by its hash).
As a program (`python -m explorer.engine.vet JOB`) this module is the child: it reads one foreign file and writes safetensors.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial as bound
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import torch
from torch import Tensor, nn

from explorer.engine import checkpoint
from explorer.i18n import N_, tr
from explorer.jobs import CancelToken
from explorer.records.errors import ModelFileError
from explorer.weights import child, files, match, readers, safetensors_header, store, torch_archive
from explorer.weights.readers import Note
from explorer.weights.rows import FileSource, WeightsRow, row_for, rows
from explorer.weights.troubles import damaged, refusal
from explorer.zoo import darknet, darknet_cfg
from explorer.zoo.registry import NetworkSpec, networks

Array = np.ndarray[Any, np.dtype[Any]]
CPU_SECONDS = 20
SAFE_TORCH = (2, 10)  # before it weights_only could corrupt memory (GHSA-63cw-57p8-fm3p)
ROOM = 1 << 30
KEEP_USER_FILES = 8


@dataclass(frozen=True)
class LoadedState:
    """Checked weights of one network. `tensors` fit it by name and shape; `title` says which they are, `notes` what was done.

    `row` tells how to prepare a picture for them, None if nothing is known. `report` is complete unless a part was asked for.
    """

    tensors: dict[str, Tensor]
    title: str
    report: match.MatchReport
    row: WeightsRow | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenedDarknet:
    """A description a person opened, as a network, and the weights file beside it if there is one."""

    spec: NetworkSpec
    row: WeightsRow
    weights: Path | None


def load_state(
    source: WeightsRow | Path | str, spec: NetworkSpec, token: CancelToken | None = None, *, partial: bool = False
) -> LoadedState:
    """The weights of a row (fetch it first: `weights.fetch.fetch`) or of a person's file, matched with `spec`.

    `partial` accepts a file that fills only part of the network. Raises ModelFileError with reason and hint, or Cancelled.
    """
    if isinstance(source, WeightsRow):
        return _matched(store.state(source), spec, source.trained_on, source, [], partial)
    path = Path(source)
    here = token or CancelToken()
    with files.open_regular(path) as handle:
        kind = files.readable(files.recognise_open(handle), path.name)
        _check_static(handle, kind)  # the child does it again; here it answers at once
        digest = _sha256(handle, here)
    known = next((row for row in rows().values() if digest.startswith(row.identity) and row.architecture == spec.name), None)
    job = {"source": str(path), "sha256": digest, "architecture": spec.name, **_description_of(spec)}
    recipe = hashlib.sha256(json.dumps(sorted(job.items() - {("source", str(path))})).encode()).hexdigest()
    target = store.folder() / "opened" / f"{recipe}-{store.CONVERTER}.safetensors"
    notes = [note for note in (files.ending_note(path, kind),) if note]
    if not (target.is_file() and store.is_whole(target)):
        report = child.convert(job, target, here)
        store.write_stamp(target, notes=report["notes"])
        store.prune(target.parent, KEEP_USER_FILES)
    notes += [tr(template).format(**values) for template, values in store.stamp_facts(target).get("notes", [])]
    return _matched(store.read(target), spec, path.name, known or row_for(spec.name), notes, partial)


def _matched(
    arrays: dict[str, Array], spec: NetworkSpec, title: str, row: WeightsRow | None, notes: list[str], partial: bool
) -> LoadedState:
    dry = wanted_tensors(spec)
    wanted = {name: tuple(tensor.shape) for name, tensor in dry.items()}
    names = match.our_names(wanted, arrays, spec.foreign_names)
    tensors = {names[name]: torch.from_numpy(array) for name, array in arrays.items()}
    report = match.match(wanted, {name: tuple(tensor.shape) for name, tensor in tensors.items()})
    if not report.complete and not (partial and report.matched):
        raise report.trouble(spec.title)
    fitting = {name: tensor for name, tensor in tensors.items() if wanted.get(name) == tuple(tensor.shape)}
    for name, tensor in fitting.items():
        if dry[name].is_floating_point() and not tensor.is_floating_point():
            raise refusal(
                "number-type",
                N_("Refused: '{name}' has numbers of type {dtype}, which cannot be computed with here."),
                N_("Save the weights as float32 or float16."),
                name=name,
                dtype=str(tensor.dtype).removeprefix("torch."),
            )
    if not partial:
        fitting |= {name: torch.zeros((), dtype=torch.long) for name in wanted.keys() - fitting.keys()}  # step counters
    if not report.complete:
        title = tr("{file} ({matched} of {total} tensors)").format(file=title, matched=report.matched, total=report.total)
        notes = [*notes, tr("{count} tensors stay random").format(count=report.total - report.matched)]
    return LoadedState(fitting, title, report, row, tuple(notes))


def wanted_tensors(spec: NetworkSpec) -> dict[str, Tensor]:
    """Name -> shape and type of everything a file must hold, from a dry run without memory (device "meta")."""
    with torch.device("meta"):
        module = spec.build()
    return dict(module.state_dict())


def open_darknet(cfg: Path | str, weights: Path | str | None = None) -> OpenedDarknet:
    """A network from a person's .cfg; `weights` defaults to the file of the same name beside it.

    Class names come from a `.names` file beside it, from COCO's list if it has 80 classes, else "class 0" ...
    Raises ModelFileError with the layer number.
    """
    path = Path(cfg)
    with files.open_regular(path) as handle:
        text = handle.read(darknet_cfg.MAX_TEXT + 1).decode("utf-8", "replace")
    try:
        description = darknet_cfg.parse(text)
    except darknet_cfg.CfgError as error:
        raise refusal(
            "darknet-cfg",
            N_("{name} cannot be built: {reason} (layer {layer}).")
            if error.layer >= 0
            else N_("{name} cannot be built: {reason}."),
            N_("Supported are the layers of YOLOv3 and YOLOv4-tiny; other kinds are named here."),
            name=path.name,
            reason=tr(error.template).format(**error.values),
            layer=error.layer,
        ) from error
    if not description.heads:
        raise refusal("darknet-cfg", N_("{name} has no [yolo] layer, so it finds nothing."), name=path.name)
    beside = Path(weights) if weights else path.with_suffix(".weights")
    classes = description.heads[0].classes
    spec = NetworkSpec(
        name="darknet_" + "".join(letter if letter.isalnum() else "_" for letter in path.stem),
        title=path.stem,
        task="detect",
        paper="",
        build=bound(darknet.from_cfg, text),
        input_size=max(description.height, description.width),
        classes_file="coco.txt" if classes == 80 else "",
        dream_layer=f"layers.{len(description.layers) // 3}",
        channels=description.channels,
        multiple_of=max(description.height // head.shape[1] for head in description.heads),
        labels=_names_beside(path, classes),
    )
    model = row_for("yolov3_tiny")
    assert model is not None
    row = replace(
        model,
        name=spec.name,
        architecture=spec.name,
        title=path.name,
        source=FileSource(str(beside)),
        licence="",
        trained_on=beside.name,
        input_size=spec.input_size,
        classes=spec.classes_file,
    )
    return OpenedDarknet(spec, row, beside if weights or beside.is_file() else None)


def _names_beside(path: Path, classes: int) -> tuple[str, ...]:
    names = path.with_suffix(".names")
    if names.is_file() and names.stat().st_size < 1 << 20:
        listed = tuple(line.strip() for line in names.read_text("utf-8", "replace").splitlines() if line.strip())
        if len(listed) == classes:
            return listed
    return () if classes == 80 else tuple(tr("class {index}").format(index=index) for index in range(classes))


def _description_of(spec: NetworkSpec) -> dict[str, str]:
    """The cfg text of a network opened by a person; the child builds zoo networks by name."""
    if spec.name in networks():
        return {}
    text = getattr(spec.build, "args", ("",))[0]
    return {"cfg": text} if isinstance(text, str) and text else {}


def _sha256(handle: BinaryIO, token: CancelToken) -> str:
    digest = hashlib.sha256()
    handle.seek(0)
    while chunk := handle.read(1 << 20):
        token.check()
        digest.update(chunk)
    return digest.hexdigest()


# ---- in the child ----------------------------------------------------------------------------------------------------


def vet(handle: BinaryIO, architecture: str, cfg: str = "") -> tuple[dict[str, Array], list[Note]]:
    """Read a foreign file: name -> float32 or whole numbers, and notes. Raises ModelFileError and nothing else."""
    try:
        kind = files.readable(files.recognise_open(handle), "")
        size = os.fstat(handle.fileno()).st_size
        notes: list[Note] = []
        _check_static(handle, kind)
        if kind in ("torch", "torch-legacy"):
            arrays = _read_torch(handle, size, notes)
        else:
            arrays = readers.read(handle, kind, architecture, _darknet_tensors(architecture, cfg))
        wide, more = readers.widen(arrays, size)
        return wide, notes + more
    except ModelFileError:
        raise
    except MemoryError as error:
        raise refusal("too-large", N_("Refused: reading the file needs more memory than it may."), exit_code=5) from error
    except Exception as error:  # damaged files raise nearly anything; one error type leaves (reliability.md, decision 11)
        if "allocate memory" in str(error):
            raise refusal("too-large", N_("Refused: reading the file needs more memory than it may."), exit_code=5) from error
        raise damaged() from error


def _check_static(handle: BinaryIO, kind: files.Kind) -> None:
    """What can be judged without loading anything. Raises ModelFileError."""
    checks = {
        "torch": torch_archive.check_zip,
        "torch-legacy": torch_archive.check_legacy,
        "safetensors": safetensors_header.check,
    }
    try:
        if kind in checks:
            checks[kind](handle)
    except ModelFileError:
        raise
    except Exception as error:  # a damaged file finds the gap in any check; the reason is the same to a person
        raise damaged() from error


def _read_torch(handle: BinaryIO, size: int, notes: list[Note]) -> dict[str, Array]:
    if tuple(int(part) for part in torch.__version__.split(".")[:2]) < SAFE_TORCH:
        raise refusal(
            "old-torch",
            N_("Refused: this version of PyTorch ({version}) does not read .pth files safely."),
            N_("Update PyTorch, or ask for the same weights as .safetensors."),
            version=torch.__version__,
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # notes of torch about old storages
        loaded = torch.load(handle, map_location="cpu", weights_only=True)
    if isinstance(loaded, nn.Module):
        raise torch_archive.whole_program(type(loaded).__name__)
    table = checkpoint.state_dict_of(loaded, notes)
    total = 0
    kinds: set[str] = set()
    found: dict[str, Array] = {}
    for name, tensor in table.items():
        checkpoint.judge_tensor(name, tensor)
        total += tensor.numel() * tensor.element_size()
        if total > 1.05 * size:
            raise refusal("bomb", N_("Refused: the file unfolds to more numbers than it holds."))
        plain = tensor.detach()
        if plain.is_floating_point():
            if plain.dtype != torch.float32:
                kinds.add(str(plain.dtype).removeprefix("torch."))
            plain = plain.to(torch.float32)
        found[name] = plain.contiguous().numpy()
    if kinds:
        notes.append((readers.CONVERTED, {"kinds": ", ".join(sorted(kinds))}))
    return found


def _darknet_tensors(architecture: str, cfg: str) -> list[tuple[int, str, tuple[int, ...]]]:
    text = cfg or {"yolov3_tiny": _cfg_of("yolov3_tiny"), "yolov3": _cfg_of("yolov3")}.get(architecture, "")
    if not text:
        return []
    layers = darknet_cfg.parse(text).layers
    return [(layer.index, f"layers.{layer.index}.{name}", shape) for layer in layers for name, shape in layer.tensors]


def _cfg_of(name: str) -> str:
    from explorer.zoo import yolov3, yolov3_tiny

    return {"yolov3_tiny": yolov3_tiny.CFG, "yolov3": yolov3.CFG}[name]


def main(argument: str) -> int:
    """The child: one job as JSON, one report as JSON. Exit code 0 whenever a report was written."""
    job = json.loads(argument)
    report: dict[str, Any]
    try:
        with files.open_regular(job["source"]) as handle:
            _limit(os.fstat(handle.fileno()).st_size)
            with _nothing_else_allowed():
                tensors, notes = vet(handle, job.get("architecture", ""), job.get("cfg", ""))
        store.write(Path(job["out"]), tensors)
        report = {"notes": notes, "tensors": len(tensors)}
    except ModelFileError as error:
        report = {"trouble": asdict(error.trouble)}
    Path(job["report"]).write_text(json.dumps(report), encoding="utf-8")
    return 0


def _limit(size: int) -> None:
    """Memory: what is mapped now, three times the file and 1 GiB. CPU time: 20 s and more for large files. No core file."""
    if sys.platform == "win32":
        return  # no such limits there; the parent's clock ends a child that runs away
    import resource

    mapped = ROOM
    with contextlib.suppress(OSError), open("/proc/self/statm", "rb") as handle:
        mapped = int(handle.read().split()[0]) * resource.getpagesize()
    if sys.platform == "linux":  # the child does not outlive a killed engine
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    for kind, limit in (
        (resource.RLIMIT_AS, mapped + 3 * size + ROOM),
        (resource.RLIMIT_CPU, CPU_SECONDS + size // (50 << 20)),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit, limit))


@contextlib.contextmanager
def _nothing_else_allowed() -> Iterator[None]:
    """While a file is read, this process may not start programs, open sockets or open anything for writing.

    The restricted readers never try; a second wall behind them costs ten lines.
    """
    watching = True

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if not watching:
            return
        writes = event == "open" and isinstance(arguments[1], str) and any(sign in arguments[1] for sign in "wax+")
        if writes or event.startswith(
            ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "shutil.")
        ):
            raise PermissionError(f"not allowed while reading a file: {event}")

    sys.addaudithook(watch)
    try:
        yield
    finally:
        watching = False


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
