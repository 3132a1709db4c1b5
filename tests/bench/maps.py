"""The filters panel live: a 640 x 480 video of 30 pictures a second through EfficientNet-Lite0, in the real window.

Counted are the pictures whose maps were painted, and the gaps of a 16 ms timer in the window's thread while they are. The
promise, on two cores that have nothing else to do: at least 20 pictures a second, 99 % of the gaps under 25 ms. The CPU time
that window and engine spend on one picture holds on a busy machine too. Beside it what one picture costs before it is sent.
"""

import json
import subprocess
import sys
import tempfile

import numpy as np
import torch
from features import in_turn
from window import display

from explorer.engine.engine import Engine
from explorer.features.activations import mosaic_of
from explorer.features.summary import histogram_of, statistics_of
from explorer.host.pickling import dumps
from explorer.jobs import Work, result_of
from explorer.picture.video import VideoWriter
from explorer.records.frame import Frame
from explorer.requests.look import ActivationsRequest
from explorer.requests.network import ClassifyRequest

LAYERS = ("", "blocks.4", "blocks.9")
WINDOW = """
import json, sys, time
import numpy as np
import psutil
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from explorer.gui.app import Wishes, application, build
from explorer.requests.base import changed
from explorer.requests.source import SourceRequest
SECONDS = 8.0
app = application()
program, clean = build(app, Wishes(size=(1440, 900)))
video, layer = sys.argv[1:3]
seen, gaps = [], []
me = psutil.Process()
def spent():  # seconds of CPU so far: of the window, and of the engine, the child that holds the most memory
    engine = max(me.children(recursive=True), key=lambda child: child.memory_info().rss)
    return [sum(process.cpu_times()[:2]) for process in (me, engine)]
class Beat(QObject):
    def __init__(self):
        super().__init__()
        self.last = 0.0
        self.timer = QTimer(self, interval=16, timerType=Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self.tick)
    def tick(self):
        now = time.perf_counter()
        if self.last:
            gaps.append(now - self.last)
        self.last = now
class Eye(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and watched.mosaic is not None:
            if not seen or seen[-1] != watched.mosaic.frame_seq:
                seen.append(watched.mosaic.frame_seq)
        return False
beat, eye = Beat(), Eye()
def furnished():
    desk = program.desk
    desk.use_network("efficientnet_lite0")
    desk.open_source(SourceRequest(kind="video", path=video))
    program.window.go_to("filters")
    panel = program.window.panels["filters"]
    panel.view.maps.installEventFilter(eye)
    waiting = QTimer(program, interval=50)
    def ready():
        loaded = desk.network is not None and desk.network.name == "efficientnet_lite0"
        if loaded and panel.view.scores.lines and len(seen) > 10:
            waiting.stop()
            if layer:
                desk.select(layer=layer)
            QTimer.singleShot(2500, begin)
    def begin():
        seen.clear()
        gaps.clear()
        program.spent = spent()
        beat.timer.start()
        QTimer.singleShot(round(SECONDS * 1000), end)
    def end():
        window, engine = ((now - then) * 1e3 / max(1, len(seen)) for now, then in zip(spent(), program.spent))
        print(json.dumps({
            "layer": panel.layer_now(), "fps": round(len(seen) / SECONDS, 1),
            "heartbeat_p99_ms": round(float(np.percentile(gaps, 99)) * 1e3, 1),
            "longest_gap_ms": round(max(gaps) * 1e3, 1),
            "window_cpu_ms": round(window, 1), "engine_cpu_ms": round(engine, 1),
            "shape": list(panel.view.maps.mosaic.facts["shape"]),
        }), flush=True)
        program.quit()
    waiting.timeout.connect(ready)
    waiting.start()
program.furnished.connect(furnished)
program.open()
QTimer.singleShot(60000, program.quit)
code = app.exec()
clean()
sys.exit(code)
"""


def film(path):
    """Two seconds of moving shapes with noise, 640 x 480, 30 pictures a second."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[0:480, 0:640]
    noise = random.integers(0, 24, (480, 640, 3), dtype=np.uint8)
    with VideoWriter(path, 30, (640, 480)) as writer:
        for at in range(60):
            wave = (np.sin((x + 9 * at) / 37) + np.cos((y - 5 * at) / 23) + 2) * 55
            rgb = np.stack([wave, np.roll(wave, at, 1), 220 - wave], 2).astype(np.uint8)
            writer.write(rgb + noise)


def lines():
    """What one picture costs in the engine; then the window itself."""
    threads = torch.get_num_threads()
    torch.set_num_threads(max(1, threads - 1))  # as beside a window
    maps = torch.randn(512, 13, 13)
    stats = statistics_of(maps)
    whole, figures, spread = in_turn(
        [lambda: mosaic_of(maps, "viridis", True), lambda: statistics_of(maps), lambda: histogram_of(maps, stats)], 40
    )
    yield {
        "what": "512 x 13 x 13: Mosaic with figures and histogram",
        "ms": round(whole, 3),
        "statistics_ms": round(figures, 3),
        "histogram_ms": round(spread, 3),
    }
    engine = Engine(threads=max(1, threads - 1))
    rgb = np.random.default_rng(0).integers(0, 256, (480, 640, 3), dtype=np.uint8)
    for layer in LAYERS:
        request = ActivationsRequest(model="efficientnet_lite0", layer=layer, live_values=800_000)
        record = result_of(request, Work(engine, Frame(rgb)))
        turns = iter(range(10_000))

        def picture(request=request, turns=turns):
            return result_of(request, Work(engine, Frame(rgb, seq=next(turns))))

        def says(turns=turns):
            return result_of(ClassifyRequest(model="efficientnet_lite0"), Work(engine, Frame(rgb, seq=next(turns))))

        taken, said, sent = in_turn([picture, says, lambda record=record: dumps(record)], 10)
        yield {
            "what": f"efficientnet_lite0 {layer or 'first layer'}, one thread: maps, classes, packing",
            "ms": round(taken, 1),
            "classify_ms": round(said, 1),
            "packing_ms": round(sent, 2),
        }
    with tempfile.TemporaryDirectory() as folder, display() as environment:
        path = f"{folder}/film.mp4"
        film(path)
        for layer in LAYERS:
            command = [sys.executable, "-c", WINDOW, path, layer]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
            told = [line for line in done.stdout.splitlines() if line.startswith("{")]
            if done.returncode or not told:
                raise RuntimeError(done.stderr[-2000:])
            facts = json.loads(told[-1])
            yield {
                "what": f"live maps of {facts.pop('layer')} in the window, 640 x 480",
                **facts,
                "wanted_fps": 20,
                "limit_ms": 25,
            }
