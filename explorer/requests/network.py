"""Which network, with which weights, where and how exactly."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Request, parameter
from explorer.requests.surgery import MOST_EDITS, Edit

Precision = Literal["auto", "float32", "bfloat16"]
Suppression = Literal["greedy", "linear", "gaussian"]


class NetworkRequest(Request):
    """Base of all requests that run a network."""

    model: str = parameter(
        "squeezenet1_1", N_("Network"), N_("The network to run. The list is the Models panel's."), choices="network"
    )
    weights: str | None = parameter(
        None,
        N_("Weights"),
        N_("A weights file, or 'random' for seeded random numbers. Empty: the published weights of the network."),
        hidden=True,
    )
    device: str = parameter(
        "auto",
        N_("Device"),
        N_("Where to compute: auto takes the fastest that is there (cuda, mps, xpu, then cpu)."),
        choices="device",
        hidden=True,
    )
    precision: Precision = parameter(
        "auto",
        N_("Precision"),
        N_("auto takes bfloat16 only where its agreement with float32 was measured and is good enough."),
        hidden=True,
    )
    exact: bool = parameter(
        False,
        N_("Exact"),
        N_("Run in torch float32, the reference, whatever it costs."),
        hidden=True,
    )
    surgery: tuple[Edit, ...] = parameter(
        (),
        N_("Surgery"),
        N_("Edits of the network, in order: channels muted, scaled or swapped, kernels replaced; runs in float32."),
        hidden=True,
        max_length=MOST_EDITS,
    )


class LoadRequest(NetworkRequest):
    """Load a network and describe it. Result: NetworkInfo. Progress is the download where one is needed."""

    job: ClassVar[str] = "explorer.engine.loading:load"
    title: ClassVar[str] = N_("Load network")
    partial: bool = parameter(
        False,
        N_("Partial load"),
        N_("Accept a file that fills only part of the network; the rest stays random, and the title bar says so."),
        more=True,
    )


class CatalogueRequest(Request):
    """List the networks that can be loaded. Result: tuple[CatalogueRow, ...]."""

    job: ClassVar[str] = "explorer.engine.loading:catalogue"
    title: ClassVar[str] = N_("List networks")


class ClassifyRequest(NetworkRequest):
    """Name what is in the picture. Result: TopK."""

    job: ClassVar[str] = "explorer.vision.classify:classify"
    title: ClassVar[str] = N_("Classify")
    needs_frame: ClassVar[bool] = True
    model: str = parameter("squeezenet1_1", N_("Network"), N_("The classifier to run."), choices="classifier")
    top: int = parameter(5, N_("Classes shown"), N_("How many of the best classes to show."), ge=1, le=100, step=1)


class DetectRequest(NetworkRequest):
    """Find objects. Result: Detections.

    Confidence and overlap act on the last raw output of the same frame without a new pass.
    """

    job: ClassVar[str] = "explorer.vision.detect:detect"
    title: ClassVar[str] = N_("Detect objects")
    needs_frame: ClassVar[bool] = True
    model: str = parameter("yolov3_tiny", N_("Network"), N_("The detector to run."), choices="detector")
    confidence: float = parameter(
        0.35, N_("Confidence"), N_("Objects with a lower score are not shown."), ge=0.01, le=1.0, step=0.01
    )
    overlap: float = parameter(
        0.45,
        N_("Overlap"),
        N_("Of two boxes of one class that overlap more than this (intersection over union), the weaker one goes."),
        ge=0.0,
        le=1.0,
        step=0.01,
    )
    suppression: Suppression = parameter(
        "greedy",
        N_("Suppression"),
        N_(
            "greedy: the weaker box goes. Soft (Bodla et al. 2017): its score is lowered instead, linear by 1 - IoU where they "
            "overlap too much, gaussian by exp(-IoU^2 / sigma) everywhere."
        ),
        more=True,
    )
    sigma: float = parameter(
        0.5,
        N_("Sigma"),
        N_("Width of the gaussian of soft suppression: smaller lowers scores more."),
        ge=0.05,
        le=5.0,
        step=0.05,
        log=True,
        more=True,
    )
    per_class: bool = parameter(
        True, N_("Class by class"), N_("Only boxes of one class suppress each other; else any two boxes do."), more=True
    )
    only: tuple[str, ...] = parameter(
        (), N_("Only these classes"), N_("Names of the classes to show. Empty: all."), hidden=True, max_length=1000
    )
    track: bool = parameter(
        False, N_("Follow objects"), N_("Give every object a number that it keeps from picture to picture.")
    )
    limit: int = parameter(100, N_("At most"), N_("The most objects shown."), ge=1, le=1000, step=1, more=True)


class SegmentRequest(NetworkRequest):
    """Separate the salient object from the background. Result: Mask."""

    job: ClassVar[str] = "explorer.vision.segment:segment"
    title: ClassVar[str] = N_("Segment")
    needs_frame: ClassVar[bool] = True
    model: str = parameter("u2netp", N_("Network"), N_("The segmentation network to run."), choices="segmenter")
