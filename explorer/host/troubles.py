"""What the host itself has to say to a person."""

from __future__ import annotations

from explorer.host.messages import ChildKind
from explorer.i18n import N_, tr
from explorer.records.errors import Trouble

_DIED = {
    "engine": N_("The engine stopped ({how}) and was started again."),
    "calc": N_("The calculator stopped ({how}) and was started again."),
    "capture": N_("The picture source stopped ({how}) and was started again."),
    "recorder": N_("The recorder stopped ({how}) and was started again."),
}
_DEAD = {
    "engine": N_("The engine does not run."),
    "calc": N_("The calculator does not run."),
    "capture": N_("The picture source does not run."),
    "recorder": N_("The recorder does not run."),
}


def child_died(kind: ChildKind, how: str) -> Trouble:
    """A child ended under its work."""
    return Trouble(f"{kind}.died", _DIED[kind], {"how": tr(how)}, N_("What was shown so far is kept. Try again."), exit_code=6)


def child_is_dead(kind: ChildKind) -> Trouble:
    """A child ended so often that it is not started again by itself."""
    return Trouble(
        f"{kind}.dead",
        _DEAD[kind],
        {},
        N_("It stopped three times within a minute; see the Log, then restart it."),
        exit_code=6,
    )


def decoder_stopped(name: str) -> Trouble:
    """The capture child died on a file."""
    return Trouble("media.crashed", N_("The decoder stopped on {name}."), {"name": name}, N_("The file is not opened again."))


def recording_broken(path: str) -> Trouble:
    """The recorder child died."""
    return Trouble("record.broken", N_("The recording {path} broke off."), {"path": path}, exit_code=5)


def peek_deaf(name: str) -> Trouble:
    """A camera's driver did not come back; the try was killed."""
    return Trouble("camera.deaf", N_("{name} does not answer."), {"name": name}, N_("Plug it in again, or try another."))


def peek_crashed(name: str, how: str) -> Trouble:
    """A camera's driver ended the process that tried it."""
    return Trouble("camera.crashed", N_("The driver of {name} crashed ({how})."), {"name": name, "how": how})


def stream_asleep(name: str) -> Trouble:
    """A stream that nobody asked for by hand in this process, say of a restored session."""
    reason = N_("The network stream {name} is not opened by itself.")
    return Trouble("stream.asleep", reason, {"name": name}, N_("Open it again if you trust it."))


def no_file_to_record() -> Trouble:
    """The whole of a camera, a stream or a picture cannot be recorded."""
    text = N_("Only a video file can be recorded from its beginning to its end.")
    return Trouble("record.not-a-file", text, {}, N_("Open a video file, or record what is shown."), exit_code=2)
