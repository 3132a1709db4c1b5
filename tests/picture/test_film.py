"""Video files: order, time, seeking, damage in words, and nothing but the one file is opened (rows 7, 8, 9)."""

from __future__ import annotations

import builtins
import socket
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from explorer.picture.film import Film
from explorer.picture.sources import Video, open_source, video_fps, video_frames
from explorer.picture.video import VideoWriter
from explorer.records.errors import MediaError
from explorer.requests.source import SourceRequest

FRAMES = 100


def picture(number):
    """Grey of brightness 2 x number with a moving bar, so that every frame is told from its neighbours."""
    rgb = np.full((48, 64, 3), 2 * number, np.uint8)
    rgb[:, number % 64] = 255
    return rgb


@pytest.fixture(scope="module")
def mp4(tmp_path_factory):
    path = tmp_path_factory.mktemp("film") / "whole.mp4"
    with VideoWriter(path, 25, (64, 48)) as writer:
        for number in range(FRAMES):
            writer.write(picture(number))
    return path


def written(path, codec):
    """A video file by another way than our writer."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p" if codec != "mjpeg" else "yuvj420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(picture(number), format="rgb24")
            for packet in stream.encode(frame):
                output.mux(packet)
        for packet in stream.encode(None):
            output.mux(packet)
    return path


@pytest.fixture(scope="module")
def avi(tmp_path_factory):
    return written(tmp_path_factory.mktemp("film") / "whole.avi", "mjpeg")


@pytest.fixture(scope="module")
def plain_mp4(tmp_path_factory):
    return written(tmp_path_factory.mktemp("film") / "plain.mp4", "libx264")


def everything(path):
    with Film(path) as film:
        pictures = []
        while (found := film.read()) is not None:
            pictures.append(found)
        return pictures, film.trouble, film.frames


def test_a_whole_film_comes_in_order_and_in_time(mp4, avi, plain_mp4):
    for path in (mp4, avi, plain_mp4):
        pictures, trouble, frames = everything(path)
        assert len(pictures) == FRAMES and trouble is None and frames in (FRAMES, FRAMES - 1, FRAMES + 1)
        for number, (rgb, _) in enumerate(pictures):
            assert rgb.shape == (48, 64, 3) and abs(np.median(rgb) - 2 * number) <= 3
        times = np.array([time for _, time in pictures])
        assert np.allclose(np.diff(times), 0.04, atol=0.002)
        assert video_fps(path) == 25


@pytest.mark.parametrize("index", [0, 1, 13, 50, 99])
def test_seeking_is_exact(mp4, plain_mp4, index):
    for path in (mp4, plain_mp4):
        with Film(path) as film:
            for _ in range(3):
                film.read()
            rgb, time = film.seek(index)
            assert abs(np.median(rgb) - 2 * index) <= 3 and film.index == index
            assert abs(time - index * 0.04 - film.seek(0)[1]) < 0.03
            after = film.read()
            assert abs(np.median(after[0]) - 2) <= 3 and film.index == 1


def test_the_end_and_again(mp4):
    with Film(mp4) as film:
        film.seek(FRAMES - 1)
        assert film.read() is None
        film.rewind()
        assert abs(np.median(film.read()[0])) <= 3 and film.index == 0


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.75, 0.999])
def test_a_cut_file_says_what_is_left(avi, plain_mp4, mp4, share, tmp_path):
    for whole in (avi, plain_mp4, mp4):
        data = whole.read_bytes()
        path = tmp_path / whole.name
        path.write_bytes(data[: int(len(data) * share)])
        try:
            pictures, trouble, _ = everything(path)
        except MediaError as error:
            assert error.trouble.code in {"media.not", "video.index", "media.damaged", "video.none", "video.codec"}
            continue
        assert whole is not plain_mp4 or share == 0.999, "an MP4 without its index was opened"
        if whole is avi and len(pictures) == FRAMES:
            assert share == 0.999 and trouble is None  # only the index at the end is gone
        elif whole is avi:
            assert trouble is not None and trouble.code == "video.damaged"
            assert trouble.values["readable"] == len(pictures) < FRAMES and trouble.values["total"] == FRAMES
        for number, (rgb, _) in enumerate(pictures[:-1]):
            assert abs(np.median(rgb) - 2 * number) <= 3


def test_zeros_inside_are_stepped_over_and_said(plain_mp4, tmp_path):
    data = bytearray(plain_mp4.read_bytes())
    start, end = data.find(b"mdat") + 4, data.find(b"moov") - 4
    hole = (end - start) // 6
    data[start + 2 * hole : start + 3 * hole] = bytes(hole)
    path = tmp_path / "holes.mp4"
    path.write_bytes(bytes(data))
    pictures, trouble, _ = everything(path)
    assert (
        trouble is not None and 0 < trouble.values["readable"] < trouble.values["total"] and "can be read" in trouble.english()
    )
    assert len(pictures) == trouble.values["readable"]


def test_a_file_of_which_nothing_can_be_read_is_an_error(tmp_path, plain_mp4):
    data = bytearray(plain_mp4.read_bytes())
    start = data.find(b"mdat") + 4
    end = data.find(b"moov") - 4
    data[start:end] = bytes(end - start)
    path = tmp_path / "nothing.mp4"
    path.write_bytes(bytes(data))
    with pytest.raises(MediaError, match="no picture that can be read"):
        list(video_frames(path))


PROTOCOLS = [
    "concat:{film}|{film}",
    "subfile,,start,0,end,100,,:{film}",
    "file:{film}",
    "http://127.0.0.1:9/film.mp4",
    "rtsp://127.0.0.1:9/film",
    "data:video/mp4;base64,AAAA",
    "{folder}/frame%03d.png",
    "pipe:0",
    "/dev/zero",
    "",
    ".",
]


@pytest.mark.parametrize("text", PROTOCOLS)
def test_a_protocol_or_pattern_is_no_media_file(text, mp4, tmp_path, monkeypatch):
    (tmp_path / "frame001.png").write_bytes(b"x")
    monkeypatch.setattr(socket.socket, "connect", lambda *args: pytest.fail("a connection"))
    path = text.format(film=mp4, folder=tmp_path)
    for kind in ("video", "file"):
        with pytest.raises(MediaError):
            open_source(SourceRequest(kind=kind, path=path)).read()


LISTS = {
    "list.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:4,\n{film}\n#EXT-X-ENDLIST\n",
    "list.ffconcat": "ffconcat version 1.0\nfile {film}\n",
    "list.mp4": "ffconcat version 1.0\nfile whole.mp4\n",
    "list.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "list.mpd": '<?xml version="1.0"?><MPD><BaseURL>{film}</BaseURL></MPD>',
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_opens_no_other_file(name, mp4, tmp_path, monkeypatch):
    (tmp_path / "whole.mp4").write_bytes(mp4.read_bytes())
    path = tmp_path / name
    path.write_text(LISTS[name].format(film=mp4))
    opened = []
    real = builtins.open

    def watched(file, *args, **kwargs):
        opened.append(str(file))
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", watched)
    with pytest.raises(MediaError, match="not a media file"):
        Video(path)
    assert not [name for name in opened if name.endswith("whole.mp4")]


def test_the_container_may_not_open_anything_else(tmp_path):
    """A QuickTime file that refers to its data in another file is read without that file."""
    from explorer.picture.film import _refuse

    with pytest.raises(PermissionError):
        _refuse("http://example.invalid/", 0, {})


def test_a_gif_is_a_film_too(tmp_path):
    images = [Image.new("RGB", (20, 10), (k * 20, 0, 255 - k * 20)) for k in range(10)]
    images[0].save(tmp_path / "a.gif", save_all=True, append_images=images[1:], duration=50, loop=0)
    pictures, trouble, _ = everything(tmp_path / "a.gif")
    assert len(pictures) == 10 and trouble is None
    assert np.abs(pictures[7][0].astype(int) - (140, 0, 115)).max() <= 4


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_telephone_film_is_upright(turn, tmp_path, mp4):
    from av.container import InputContainer

    path = tmp_path / "turned.mp4"
    with av.open(str(mp4)) as source, av.open(str(path), "w") as output:
        assert isinstance(source, InputContainer)
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    data = bytearray(path.read_bytes())
    at = data.find(b"tkhd") + 4 + 40  # the matrix of the track header
    one, zero, minus = (65536).to_bytes(4, "big"), bytes(4), (-65536).to_bytes(4, "big", signed=True)
    matrix = {90: (zero, one, minus, zero), 180: (minus, zero, zero, minus), 270: (zero, minus, one, zero)}[turn]
    a, b, c, d = matrix
    data[at : at + 36] = a + b + zero + c + d + zero + zero + zero + (1 << 30).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    with Film(mp4) as flat, Film(path) as film:
        rgb, expected = film.read()[0], flat.read()[0]
    assert np.array_equal(rgb, np.rot90(expected, -turn // 90))  # clockwise, as a player turns it


def test_frames_for_the_command_line(mp4):
    frames = list(video_frames(mp4, 5))
    assert [frame.seq for frame in frames] == [0, 1, 2, 3, 4] and frames[0].source == "whole.mp4"
    assert len(list(video_frames(mp4))) == FRAMES


def test_mutants_only_raise_media_error(avi, mp4):
    rng = np.random.default_rng(5)
    for whole in (avi, mp4):
        data = whole.read_bytes()
        for _ in range(12):
            mutant = bytearray(data)
            for _ in range(20):
                mutant[int(rng.integers(len(mutant)))] = int(rng.integers(256))
            path = Path(whole).with_suffix(".mutant")
            path.write_bytes(bytes(mutant))
            try:
                pictures, _, _ = everything(path)
            except MediaError:
                continue
            assert len(pictures) <= FRAMES + 1


def test_the_file_is_closed_after_a_refusal(tmp_path, recwarn):
    path = tmp_path / "no.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    with pytest.raises(MediaError):
        Film(path)
    path.unlink()
    assert not [w for w in recwarn if issubclass(w.category, ResourceWarning)]
