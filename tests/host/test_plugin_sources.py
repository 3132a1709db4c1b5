"""A plugin's source through the real capture child: its frames arrive, its faults are a reason, the child lives on."""

from __future__ import annotations

from explorer.assets import config_dir
from explorer.host.messages import FrameArrived, SourceState
from explorer.requests.source import SourceRequest

PLUGIN = """
import numpy as np
class Ramp:
    def __init__(self, request):
        self.fault = request.plugin[1]
        self.number = -1
        if self.fault == "open":
            raise RuntimeError("nothing to open")
    def read(self):
        self.number += 1
        if self.number == 5 and self.fault == "read":
            raise SystemExit("enough")
        if self.number == 5 and self.fault == "shape":
            self.number -= 1
            return np.zeros((2, 3, 5))
        return np.full((24, 32), self.number, np.float32) / 255
def register(tables):
    tables.sources.add("ramp", Ramp)
"""


def test_a_plugin_source_plays_and_its_faults_never_kill_the_child(desk):
    folder = config_dir() / "plugins"
    folder.mkdir(parents=True)
    (folder / "ramps.py").write_text(PLUGIN, encoding="utf-8")
    desk.host.open_source(SourceRequest(path="coffee"))
    desk.source("ended")
    child = desk.pid("capture")
    desk.host.open_source(SourceRequest(kind="plugin", path="ramp"))
    event = desk.until(lambda e: isinstance(e, FrameArrived) and e.index > 10)
    assert event.frame.source == "ramp" and event.frame.rgb.shape == (24, 32, 3)
    assert (event.frame.rgb == event.index).all()
    for path, reason in [
        ("ramp:open", "The plugin source ramp failed: RuntimeError: nothing to open."),
        ("ramp:read", "The plugin source ramp failed: SystemExit: enough."),
        ("ramp:shape", "A picture of the shape (2, 3, 5) cannot be shown."),
        ("rampe", "No plugin has a source called rampe. Did you mean ramp?"),
    ]:
        desk.host.open_source(SourceRequest(kind="plugin", path=path))
        assert desk.source("failed").trouble.english() == reason
    desk.events.clear()
    desk.host.open_source(SourceRequest(path="coffee"))
    desk.source("ended")
    assert desk.of(FrameArrived)[-1].frame.source == "coffee" and desk.pid("capture") == child
    assert "failed" not in [event.state for event in desk.of(SourceState)]
