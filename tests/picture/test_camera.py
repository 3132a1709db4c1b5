"""What is asked of a driver, what is said of its answer, and how far a stream's address can reach."""

from __future__ import annotations

import http.server
import threading

import numpy as np
import pytest
from fixtures_media import FAST, OBLIGING, FakeCapture, MjpegServer, stamped

from explorer.picture import camera as room
from explorer.picture.camera import Camera, Stream, live_camera, open_stream, present
from explorer.picture.opencv import cv2
from explorer.picture.sources import open_source
from explorer.records.errors import MediaError
from explorer.records.source import CameraInfo
from explorer.requests.source import SourceRequest, is_address, shown_address

SECRET = "http://bob:geheim@127.0.0.1:9/live/a.mjpg?token=tok3n&res=720&user=bob&PassWord=x"


def asked_of(**fields):
    made = []

    def opener(index):
        made.append(FakeCapture(index))
        return made[-1]

    camera = Camera(SourceRequest(kind="camera", index=fields.pop("index", FAST), **fields), opener)
    return camera, made[0].asked


def test_a_driver_is_asked_for_size_and_rate():
    camera, asked = asked_of(width=1920, height=1080, rate=15)
    mjpg = float(cv2.VideoWriter.fourcc(*"MJPG"))
    assert list(asked) == [
        cv2.CAP_PROP_FOURCC,  # the format before the size, or the size is refused
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS,
        cv2.CAP_PROP_BUFFERSIZE,
    ]
    assert list(asked.values()) == [mjpg, 1920, 1080, 15, 1]
    camera.read()
    notice = camera.take_notice()
    assert notice.code == "camera.given" and notice.values == {"given": "480 × 360", "wished": "1920 × 1080"}
    camera.read()
    assert camera.take_notice() is None
    camera.close()


def test_nothing_is_asked_that_is_not_wished():
    assert asked_of(width=0, height=0)[1] == {cv2.CAP_PROP_BUFFERSIZE: 1}
    small = asked_of(width=640, height=480)[1]
    assert cv2.CAP_PROP_FOURCC not in small and small[cv2.CAP_PROP_FRAME_WIDTH] == 640
    assert (SourceRequest().width, SourceRequest().height, SourceRequest().rate) == (1280, 720, 0.0)


def test_a_camera_that_gives_what_is_wished_has_no_notice():
    camera, _ = asked_of(index=OBLIGING, width=320, height=240)
    assert camera.read().shape == (240, 320, 3) and camera.take_notice() is None


def test_a_camera_goes_by_its_name_when_its_number_has_changed(monkeypatch):
    opened = []
    monkeypatch.setattr(room, "open_device", lambda index: opened.append(index) or FakeCapture(FAST))
    monkeypatch.setattr("explorer.picture.camera_list.named_cameras", lambda folder: (CameraInfo(5, "Brio", known=True),))
    camera = live_camera(SourceRequest(kind="camera", index=2, device="Brio"))
    assert opened == [5] and camera.name == "Brio"


def test_whether_a_camera_is_present_is_tried_and_let_go():
    assert present(63) is False


@pytest.mark.parametrize(
    "address",
    ["file:///etc/passwd", "concat:a|b", "/dev/video0", "", "subfile,,:http://a/b", "http:///x", "ftp://a/b", "http://[x"],
)
def test_only_the_network_can_be_a_stream(address, monkeypatch):
    monkeypatch.setattr(room, "open_stream", lambda _: pytest.fail("opened"))
    assert not is_address(address)
    with pytest.raises(MediaError) as caught:
        open_source(SourceRequest(kind="stream", path=address))
    assert caught.value.trouble.code == "stream.address" and caught.value.trouble.english()


@pytest.mark.parametrize(
    "address", ["http://a", "HTTPS://cam.local:8080/x", "rtsp://u:p@10.0.0.7/1", "udp://:1234", "rtmp://a/b"]
)
def test_addresses_of_streams(address):
    assert is_address(address) and is_address(f"  {address} ")


def test_secrets_of_an_address_are_nowhere_but_in_the_request():
    request = SourceRequest(kind="stream", path=SECRET)
    clean = "http://127.0.0.1:9/live/a.mjpg?res=720"
    assert shown_address(SECRET) == request.label == clean and request.path == SECRET
    with pytest.raises(MediaError) as caught:
        Stream(request)
    written = [str(request), repr(request), request.model_dump_json(), repr(caught.value.trouble), str(caught.value)]
    for text in written:
        assert "geheim" not in text and "tok3n" not in text and "bob" not in text
    assert SourceRequest.model_validate_json(request.model_dump_json()).path == clean
    assert SourceRequest(kind="file", path="a?token=1").model_dump(mode="json")["path"] == "a?token=1"


def test_a_list_from_the_network_cannot_reach_a_file(tmp_path):
    """The server answers with lists that name a video of this machine; the video itself may be read from the server."""
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for number in range(5):
        writer.write(stamped(number))
    writer.release()
    lists = {
        "/a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{film}\n#EXT-X-ENDLIST\n",
        "/b.ffconcat": f"ffconcat version 1.0\nfile 'file:{film}'\n",
        "/c.ffconcat": f"ffconcat version 1.0\nfile '{film}'\n",
    }
    asked = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(lists[self.path].encode() if self.path in lists else film.read_bytes())

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        base = f"http://127.0.0.1:{server.server_port}"
        for path in lists:
            capture = open_stream(base + path)
            assert not (capture.isOpened() and capture.read()[0]), path
            capture.release()
        assert sorted(set(asked)) == sorted(lists)
        capture = open_stream(f"{base}/film.avi")
        assert capture.isOpened() and np.abs(capture.read()[1].astype(int).mean() - 127.5) < 20
        capture.release()
        server.shutdown()
        thread.join()


def test_a_stream_is_read_like_a_camera():
    with MjpegServer("good") as server:
        source = open_source(SourceRequest(kind="stream", path=server.url, mirror=True))
        frame = source.read()
        assert source.info.live and frame.rgb.shape == (48, 64, 3) and frame.source == server.url
        source.close()
