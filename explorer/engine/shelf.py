"""Compiled networks and verdicts on disk, so that the second start neither converts nor compares again.

One JSON and one blob a network, precision and machine in cache_dir()/compiled; both can be deleted at any time. The name is a
hash of everything the content depends on: the weights, the code of the network and of the judge, versions, processor, threads.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer import atomic
from explorer.assets import asset, cache_dir
from explorer.engine.probe import probe_frames

if TYPE_CHECKING:
    from explorer.engine.network import Network

log = logging.getLogger(__name__)
KEEP_BLOBS = 12


def _source(thing: Any) -> bytes:
    try:
        return Path(inspect.getsourcefile(inspect.unwrap(thing)) or "").read_bytes()
    except (TypeError, OSError):
        return repr(thing).encode()


def _processor() -> str:
    """The processor's name and abilities; a compiled blob is for this one only."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    return "\n".join(sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))}))


def fingerprint(network: Network) -> str:
    """sha256 over the numbers of a network, the shape of its input and the code of its layers."""
    digest = hashlib.sha256(repr(network.recipe).encode())
    for name, tensor in network.module.state_dict().items():
        digest.update(f"{name}{tuple(tensor.shape)}{tensor.dtype}".encode())
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    own = {type(layer) for layer in network.module.modules() if not type(layer).__module__.startswith("torch.")}
    for kind in sorted(own, key=lambda item: f"{item.__module__}.{item.__qualname__}"):
        digest.update(_source(kind))
    return digest.hexdigest()


class Entry:
    """What the shelf knows of one network in one runtime and precision. Damage and a read-only disk mean "knows nothing"."""

    def __init__(self, network: Network, runtime: str, precision: str, threads: int, judge: Callable[..., Any] | None) -> None:
        if "fingerprint" not in network.runners:
            network.runners["fingerprint"] = fingerprint(network)
        parts = [network.runners["fingerprint"], runtime, precision, str(threads), torch.__version__, _processor()]
        parts.append(str(getattr(sys.modules.get("openvino"), "__version__", "")))
        digest = hashlib.sha256("\n".join(parts).encode())
        if judge is not None:
            digest.update(_source(judge))
            digest.update(_source(probe_frames) + asset("probe.npz").read_bytes())
        self._stem = cache_dir() / "compiled" / f"{network.spec.name}-{precision}-{digest.hexdigest()[:24]}"
        self._facts = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            facts = json.loads(self._stem.with_suffix(".json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}

    @property
    def verdict(self) -> tuple[bool, str, dict[str, float]] | None:
        """(good, template, values) as the judge said earlier, or None."""
        facts = self._facts
        good, template, values = facts.get("good"), facts.get("template"), facts.get("values")
        if isinstance(good, bool) and isinstance(template, str) and isinstance(values, dict):
            return good, template, values
        return None

    def blob(self) -> bytes | None:
        """The compiled network, if it is there and whole."""
        try:
            blob = self._stem.with_suffix(".blob").read_bytes()
        except OSError:
            return None
        return blob if hashlib.sha256(blob).hexdigest() == self._facts.get("sha256") else None

    def keep(self, verdict: tuple[bool, str, dict[str, float]] | None, blob: bytes | None) -> None:
        """Write down what was learnt; a disk that cannot take it is only logged."""
        facts: dict[str, Any] = {}
        if verdict is not None:
            facts |= dict(zip(("good", "template", "values"), verdict, strict=True))
        try:
            self._stem.parent.mkdir(parents=True, exist_ok=True)
            if blob is not None:
                facts["sha256"] = hashlib.sha256(blob).hexdigest()
                atomic.write_bytes(self._stem.with_suffix(".blob"), blob)
            atomic.write_text(self._stem.with_suffix(".json"), json.dumps(facts))
            self._prune()
        except OSError as error:
            log.info("compiled network not kept: %s", error)
        self._facts = facts

    def _prune(self) -> None:
        """Keep the newest blobs only: old weights and old versions leave theirs behind."""
        blobs = sorted(self._stem.parent.glob("*.blob"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in blobs[KEEP_BLOBS:]:
            path.unlink(missing_ok=True)
            path.with_suffix(".json").unlink(missing_ok=True)
