"""One network over all pictures of a folder."""

from __future__ import annotations

from typing import ClassVar, Literal

from explorer.i18n import N_
from explorer.requests.base import Request, parameter
from explorer.requests.network import ClassifyRequest, DetectRequest, SegmentRequest

BatchTask = Literal["detect", "segment", "classify"]
BatchFile = Literal["pictures", ".jsonl", ".csv", ".json"]
FILE_STEM = "results"


class BatchRequest(Request):
    """Look at every picture and write what was found. Result: BatchReport; Previews are BatchSteps.

    `path`: a folder, or several files, a path a line. The request named by `task` does the looking.
    """

    job: ClassVar[str] = "explorer.vision.batch:batch"
    title: ClassVar[str] = N_("Look at all pictures")
    path: str = parameter("", N_("Pictures"), N_("A folder of pictures, or several files, a path a line."), hidden=True)
    task: BatchTask = parameter("detect", N_("Task"), N_("What the network is to find in each picture."))
    detect: DetectRequest = parameter(DetectRequest, N_("Detect objects"), N_("How objects are found."), hidden=True)
    segment: SegmentRequest = parameter(SegmentRequest, N_("Segment"), N_("How the object is separated."), hidden=True)
    classify: ClassifyRequest = parameter(ClassifyRequest, N_("Classify"), N_("How pictures are named."), hidden=True)
    folder: str = parameter("", N_("Results"), N_("The folder that the results are written into."), hidden=True)
    write: tuple[BatchFile, ...] = parameter(
        (".csv", ".jsonl"), N_("What to write"), N_("Kinds of files with the results."), hidden=True, max_length=4
    )

    @property
    def looking(self) -> DetectRequest | SegmentRequest | ClassifyRequest:
        """The request that looks at one picture."""
        found: DetectRequest | SegmentRequest | ClassifyRequest = getattr(self, self.task)
        return found
