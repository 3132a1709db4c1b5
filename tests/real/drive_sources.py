"""Where pictures come from, as a lecturer uses it: cameras by name, a video with points, drop, stream, and what fails."""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fixtures_cameras import SPECS, plug_in
from fixtures_media import MjpegServer

__all__ = ["SPECS"]


def bar(app):
    return app.window.strip.bar


def ways(app):
    return app.program.pictures.ways_out.bar


def press(app, label):
    """The button of the line under the strip."""
    app.click(next(button for button in ways(app)._actions if button.text() == label))


def kind(app):
    return app.desk.session.picture.kind


def playing(app, what, seconds=20):
    app.wait(lambda: app.desk.source is not None and app.desk.source.state == "playing" and kind(app) == what, what, seconds)


def drop(app, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at, none = QPointF(400, 300), Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(app.window, QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, left, none))
    app.pause(0.1)
    app.facts.setdefault("veil", []).append(app.program.pictures.veil.isVisible())
    if len(app.facts["veil"]) == 1:
        app.shot("06-drop")
    QApplication.sendEvent(app.window, QDropEvent(at, Qt.DropAction.CopyAction, data, left, none))
    app.pause(0.05)
    app.facts["veil"].append(app.program.pictures.veil.isVisible())


def cameras(app):
    plug_in()
    app.key("Ctrl+Shift+K", app.window)
    page = app.wait(lambda: app.program.pictures.cameras._page, "the page of cameras")
    page.move(500, 250)
    app.wait(lambda: page.pages.currentIndex() == 1, "no camera")
    app.shot("01-no-camera")
    app.facts["none"] = page.none.text()
    plug_in(0, 1, 2, 3)
    app.click(page.look_again)
    app.wait(lambda: page.list.count() == 4, "four cameras")
    app.facts["names"] = [page.list.item(row).text() for row in range(4)]
    app.wait(lambda: page.verdict.text().startswith(("Gives 1280 × 720 at", "1280 × 720 méretű képet ad, ")), "a rate")
    app.shot("02-camera-page")
    app.facts["report"] = page.verdict.text()
    page.size_box.setCurrentIndex(next(row for row, size in enumerate(page._sizes) if size == (640, 480)))
    app.wait(lambda: "640 × 480" in page.verdict.text(), "the other size")
    app.key("Down", page.list)
    app.wait(lambda: "black" in page.verdict.text() or "fekete" in page.verdict.text(), "the black one")
    app.shot("03-black")
    app.key("Down", page.list)
    app.wait(lambda: not page._peek and not page._wait.isActive(), "the busy one")
    app.facts["busy"] = page.verdict.text()
    app.shot("04-busy")
    app.key("Down", page.list)
    app.wait(lambda: page._peek and page.preview.pixmap() and not page.preview.pixmap().isNull(), "the loose one")
    app.click(page.open_button)
    playing(app, "camera")
    app.wait(lambda: app.desk.frame.width == 640 and "Loose" in app.desk.frame.source, "its pictures")
    app.facts["camera"] = app.desk.session.picture.model_dump(include={"index", "device", "width", "height", "mirror"})
    app.facts["settings"] = [app.desk.settings.camera, app.desk.settings.camera_name, app.desk.settings.camera_width]
    plug_in(0)  # somebody pulls the plug
    app.wait(lambda: not ways(app).isHidden() and app.desk.source.seconds > 1.5, "no signal is said")
    app.facts["lost"] = ways(app).text.text()
    app.facts["lost_ways"] = [label for label, _ in ways(app).notices[-1].actions]
    app.shot("05-no-signal")
    plug_in(0, 3)
    app.wait(lambda: ways(app).isHidden() and app.desk.source.state == "playing", "it came back by itself")


def awake(app):
    """No window manager gives the window its keys back when a page closes."""
    app.window.activateWindow()
    app.wait(app.window.isActiveWindow, "the window to be active", 30)


def video(app, folder):
    awake(app)
    drop(app, folder / "lecture.mp4")
    playing(app, "video")
    player = bar(app)
    app.wait(lambda: player.isVisible() and player.seek.maximum() == 59, "the bar")
    app.key("Ctrl+P", app.window)
    app.wait(lambda: app.desk.frozen, "pause")
    slider = player.seek
    app.settled(slider)
    app.click(slider, slider.x_of(20), slider.height() / 2)
    app.wait(lambda: app.desk.arrival.index == 20, "a click seeks")
    app.key("Alt+Right", app.window)
    app.wait(lambda: app.desk.arrival.index == 21, "a step on")
    app.key("Alt+Left", app.window)
    app.wait(lambda: app.desk.arrival.index == 20, "a step back")
    app.key("Alt+I", app.window)
    app.click(slider, slider.x_of(40), slider.height() / 2)
    app.wait(lambda: app.desk.arrival.index == 40, "another place")
    app.click(player.end)
    app.pause(0.2)
    app.facts["points"] = [app.desk.session.picture.start, app.desk.session.picture.end]
    app.facts["held"] = [app.desk.frozen, app.desk.arrival.index]
    app.shot("07-video")
    app.key("Alt+.", app.window)
    app.key("Alt+.", app.window)
    app.facts["speed"] = [app.desk.session.picture.speed, player.speed.value()]
    seen = []
    app.desk.frame_arrived.connect(lambda frame: seen.append(app.desk.arrival.index))
    app.key("Ctrl+P", app.window)
    app.wait(lambda: len(seen) > 40, "it plays between the points")
    app.facts["between"] = [min(seen[2:]), max(seen[2:])]
    app.key("Alt+X", app.window)
    app.wait(lambda: any(index > 50 for index in seen), "the whole again")


def stream(app):
    with MjpegServer("stalls", frames=60) as server:
        address = server.url.replace("http://", "http://teacher:secret@")
        app.key("Ctrl+Shift+N", app.window)
        page = app.wait(lambda: app.program.pictures.streams._page, "the page")
        page.move(450, 300)
        page.edit.clear()
        app.type("cup.jpg", page.edit)
        app.click(page.open_button)
        app.facts["refused"] = page.problem.text()
        app.shot("08-stream")
        page.edit.clear()
        page.edit.setText(address)
        app.click(page.open_button)
        playing(app, "stream")
        app.wait(lambda: app.desk.frame.source.startswith("http") or "127" in app.desk.frame.source, "its pictures")
        app.facts["stream"] = [app.desk.settings.streams, app.window.strip.name.text()]
        app.wait(lambda: not ways(app).isHidden(), "it stalls")
        app.facts["stalled"] = ways(app).text.text()
        app.shot("09-stalled")
        press(app, app.facts["lost_ways"][-1])  # the clip
        playing(app, "clip")


def lists(app, folder):
    awake(app)
    files = sorted(folder.glob("picture*.png"))
    drop(app, *files)
    app.wait(lambda: app.desk.source.info.frames == len(files) and app.desk.frame.width == 280, "a list of files")
    app.wait(lambda: bar(app).time.text().endswith("3"), "its clock")
    app.facts["list"] = [kind(app), len(files)]
    app.key("Ctrl+P", app.window)
    app.wait(lambda: app.desk.frozen, "pause")
    app.shot("10-list")
    before = app.desk.frame
    drop(app, folder / "broken.jpg")
    app.wait(lambda: not ways(app).isHidden(), "a damaged picture is said")
    app.facts["broken"] = [ways(app).text.text(), app.desk.frame.rgb.shape == before.rgb.shape, bar(app).isHidden()]
    app.shot("11-broken")
    drop(app, folder / "cut.avi")
    app.wait(lambda: "60" in ways(app).text.text(), "a cut video")
    app.facts["cut"] = ways(app).text.text()
    app.shot("12-cut")


def odd(app, folder):
    app.facts["odd"] = {}
    for path in sorted((folder / "odd").iterdir()):
        drop(app, path)
        app.wait(lambda path=path: app.desk.frame.source == path.stem and app.desk.source.state == "ended", path.name)
        rgb = app.desk.frame.rgb
        app.facts["odd"][path.name] = [*rgb.shape, rgb.reshape(-1, 3)[:: max(1, rgb.size // 3000)].mean(axis=0).tolist()]
    app.facts["odd_notices"] = [notice.text for notice in ways(app).notices]


def batch(app, folder):
    app.program.pictures.open_paths([str(folder / "three")])
    app.wait(lambda: kind(app) == "folder" and app.desk.source.info.frames == 3, "the folder")
    awake(app)
    app.key("Ctrl+Shift+B", app.window)
    page = app.wait(lambda: app.program.pictures.batches._page, "the page")
    page.move(450, 120)
    page.kinds["pictures"].setChecked(True)
    page._folder = str(folder / "results")
    page._say_paths()
    app.click(page.start)
    app.wait(lambda: page._last is not None and page._last.whole, "all of them")
    app.facts["batch"] = [page.verdict.text(), page.line.text(), sorted(path.name for path in (folder / "results").iterdir())]
    app.shot("13-batch")
    page.hide()


def journey(app):
    folder = Path(os.environ["EXPLORER_TEST_FILES"])
    # For looking at it the live picture is best; for the suite a panel that does not compute all the while.
    app.panel("live" if os.environ.get("EXPLORER_SHOTS") else "optimizers")
    times = app.facts["seconds"] = {}
    for part in (cameras, video, stream, lists, odd, batch):
        began = time.monotonic()
        part(app) if part in (cameras, stream) else part(app, folder)
        times[part.__name__] = round(time.monotonic() - began, 1)
