"""What a command's picture can be: cameras by number and name, streams, parts of videos; and `explorer cameras`."""

from __future__ import annotations

import json

import numpy as np
import pytest
from fixtures_media import FAST, FakeCapture, MjpegServer

from explorer.cli import cameras as command
from explorer.cli.media import expand, fps_of, frames, is_video, source_named, still
from explorer.cli.program import run_program
from explorer.cli.recipe import write
from explorer.host.messages import PeekSeen
from explorer.picture.sources import open_source
from explorer.picture.video import VideoWriter
from explorer.records.errors import MediaError, Trouble
from explorer.records.source import CameraInfo, CameraMode, PeekReport
from explorer.requests.source import SourceRequest

BRIO, BACK = CameraInfo(2, "Brio 4K", known=True), CameraInfo(0, "Rear Camera", known=True)


@pytest.fixture
def two_cameras(monkeypatch):
    monkeypatch.setattr("explorer.host.peek_cameras.named_cameras", lambda: (BACK, BRIO))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    with VideoWriter(path, 20, (64, 48)) as writer:
        for number in range(40):
            writer.write(np.full((48, 64, 3), 5 * number, np.uint8))
    return str(path)


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("camera:0", {"index": 0}),
        ("camera:7@640x480", {"index": 7, "width": 640, "height": 480}),
        ("camera:7@640x480@15", {"index": 7, "width": 640, "height": 480, "rate": 15}),
        ("camera:Brio 4K", {"index": 2, "device": "Brio 4K"}),
        ("camera:rear", {"index": 0, "device": "Rear Camera"}),
        ("camera:brio@320x240", {"index": 2, "device": "Brio 4K", "width": 320, "height": 240}),
    ],
)
def test_cameras(name, fields, two_cameras):
    assert source_named(name) == SourceRequest(kind="camera", **fields) and is_video(name) and fps_of(name) == 25


def test_a_camera_that_nobody_has_names_those_there_are(two_cameras):
    with pytest.raises(MediaError, match=r"no camera Foo.*camera:0 \(Rear Camera\), camera:2 \(Brio 4K\)"):
        source_named("camera:Foo")


def test_a_camera_is_read_as_asked(monkeypatch):
    made = []
    monkeypatch.setattr("explorer.picture.camera.open_device", lambda index: made.append(FakeCapture(FAST)) or made[-1])
    found = list(frames("camera:3@480x360", 4))
    assert [frame.seq for frame in found] == [0, 1, 2, 3] and found[0].rgb.shape == (360, 480, 3)
    assert 480.0 in made[0].asked.values() and found[0].source == "Camera 3"


@pytest.mark.parametrize(
    ("part", "places"), [("#t=0.5,1", range(10, 20)), ("#t=1.9", range(38, 40)), ("#t=,0.1", range(2)), ("", range(40))]
)
def test_a_part_of_a_video_is_the_windows(film, part, places):
    found = list(frames(film + part))
    assert [round(float(frame.rgb.mean()) / 5) for frame in found] == list(places)
    assert is_video(film + part) and fps_of(film + part) == 20
    if part:
        start, _, end = part[3:].partition(",")
        request = SourceRequest(kind="video", path=film, start=float(start or 0), end=float(end or 0))
        source = open_source(request)
        assert all(np.array_equal(frame.rgb, source.read().rgb) for frame in found)
        source.close()
    assert len(list(frames("clip#t=1,1.2"))) == 5 and len(list(frames(film + part, 1))) == 1


@pytest.mark.parametrize("part", ["#t=1,0.5", "#t=9", "#t=1.2.3", "#t=1,1"])
def test_no_part_of_a_video(film, part):
    with pytest.raises(MediaError) as caught:
        list(frames(film + part))
    assert caught.value.trouble.code == "source.points" and caught.value.trouble.exit_code == 2


def test_a_stream_is_read_and_its_password_is_not_written(tmp_path, capfd):
    with MjpegServer("guarded", frames=8) as server:
        typed = "stream:" + server.url.replace("http://", "http://bob:geheim@") + "?token=tok3n"
        (name,) = expand([typed])
        assert name == f"stream:{server.url}" and is_video(name)
        assert len(list(frames(name, 5))) == 5 and b"token=tok3n" in server.heard and b"Authorization" in server.heard
        assert still(typed).rgb.shape == (48, 64, 3)
    write(str(tmp_path / "dream.json"), {"request": {}}, typed)
    with pytest.raises(MediaError) as caught:
        still(typed)  # the server is gone
    assert "geheim" not in str(caught.value) and "geheim" not in (tmp_path / "dream.json").read_text()
    assert "geheim" not in "".join(capfd.readouterr())


def test_an_address_without_the_word_stream_is_no_source(tmp_path):
    with MjpegServer("good") as server:
        with pytest.raises(MediaError):
            still(server.url)
        assert server.connections == 0


def test_the_list_of_cameras(two_cameras, capfd):
    assert run_program(["cameras"], restore=True) == 0
    assert capfd.readouterr().out.splitlines() == ["camera:0  Rear Camera", "camera:2  Brio 4K"]
    assert run_program(["cameras", "--json"], restore=True) == 0
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert lines == [{"index": 0, "name": "Rear Camera"}, {"index": 2, "name": "Brio 4K"}]


def test_a_machine_without_cameras_says_so(monkeypatch, capfd):
    monkeypatch.setattr("explorer.host.peek_cameras.named_cameras", lambda: ())
    assert run_program(["cameras"], restore=True) == 3
    assert "No camera found." in capfd.readouterr().err


class Host:
    """Tries cameras without a process: the first is good, the other is not there."""

    def __init__(self, wake):
        self.peeks = []
        self.closed = False

    def peek(self, request):
        self.peeks.append(request)
        return len(self.peeks)

    def end_peek(self):
        pass

    def drain(self):
        number, request = len(self.peeks), self.peeks[-1]
        if request.index == 2:
            return [PeekSeen(number, "failed", trouble=Trouble("camera.absent", "Camera {index} is away.", {"index": 2}))]
        black = Trouble("camera.black", "It is black.")
        return [
            PeekSeen(
                number, "seen", None, PeekReport(640, 480, 14.9, 30, 0.01, modes=(CameraMode(640, 480, 30),), notices=(black,))
            )
        ]

    def close(self):
        self.closed = True


def test_trying_all_cameras(two_cameras, monkeypatch, capfd):
    monkeypatch.setattr(command, "TRY_S", 0.0)
    monkeypatch.setattr("explorer.host.host.Host", Host)
    assert run_program(["cameras", "--test", "--json"], restore=True) == 0
    good, away = (json.loads(line) for line in capfd.readouterr().out.splitlines())
    assert good["width"] == 640 and good["rate"] == 14.9 and good["notices"] == ["It is black."]
    assert good["modes"] == [{"width": 640, "height": 480, "rate": 30}] and away["error"] == "Camera 2 is away."
    assert run_program(["cameras", "--test"], restore=True) == 0
    assert capfd.readouterr().out.splitlines() == [
        "camera:0  Rear Camera",
        "    640 × 480, 14.9 pictures a second, brightness 1%; 640×480@30",
        "    It is black.",
        "camera:2  Brio 4K",
        "    Camera 2 is away.",
    ]
