"""The line of figures under the live picture: frames in and shown, dropped, latency by stage, where it runs."""

from __future__ import annotations

from explorer.host.messages import FrameArrived
from explorer.i18n import N_, tr
from explorer.records.network import Timing
from explorer.records.vision import Detections, Mask, TopK

STAGES = {"prepare": N_("prepare"), "forward": N_("network"), "decode": N_("read out")}


def flow_text(arrival: FrameArrived | None, moving: bool) -> str:
    """ "30 in, 24 shown a second", "12 dropped, 41 ms old", on two lines; "" for a still picture."""
    if arrival is None or not moving:
        return ""
    rate = tr("{fps:.0f} in, {shown:.0f} shown a second").format(fps=arrival.fps, shown=arrival.shown_fps)
    return rate + "\n" + tr("{dropped} dropped, {age:.0f} ms old").format(dropped=arrival.dropped, age=1000 * arrival.age)


def timing_text(timing: Timing) -> str:
    """ "prepare 0.9 ms", "network 5.1 ms", "read out 0.2 ms", a line each."""
    return "\n".join(tr("{stage} {ms:.1f} ms").format(stage=tr(STAGES.get(name, name)), ms=ms) for name, ms in timing.stages)


def runs_on_text(record: Detections | Mask | TopK) -> str:
    """ "cpu · OpenVINO · bf16"."""
    return record.runs_on.short()


def runs_on_tip(record: Detections | Mask | TopK) -> str:
    """How well the runtime agrees with the reference, in words."""
    runs_on = record.runs_on
    threads = tr("{count} threads").format(count=runs_on.threads)
    agreement = runs_on.agreement or tr("the reference itself, exact")
    return f"{runs_on.short()}, {threads}\n{agreement}"
