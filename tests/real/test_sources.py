"""Cameras, videos, streams, files: everything a lecturer does with the Picture strip, in one real window."""

import os
from pathlib import Path

import numpy as np
import pytest

TESTS = str(Path(__file__).resolve().parents[1])


@pytest.fixture
def files(tmp_path, coffee):
    """A short film, one that is cut off, three pictures and a broken one."""
    import av

    from explorer.picture.stills import write_png
    from explorer.picture.video import VideoWriter

    folder = tmp_path / "files"
    folder.mkdir()
    frames = [np.ascontiguousarray(np.roll(coffee.rgb[::2, ::2], 4 * n, axis=1)[:180, :280]) for n in range(60)]
    with VideoWriter(folder / "lecture.mp4", 20, (280, 180)) as film:
        for frame in frames:
            film.write(frame)
    with av.open(str(folder / "whole.avi"), "w") as output:
        stream = output.add_stream("mjpeg", rate=20)
        stream.width, stream.height, stream.pix_fmt = 280, 180, "yuvj420p"
        for frame in frames:
            output.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(stream.encode(None))
    whole = (folder / "whole.avi").read_bytes()
    (folder / "cut.avi").write_bytes(whole[: len(whole) * 6 // 10])
    for number in range(3):
        write_png(folder / f"picture{number}.png", frames[7 * number])
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture" * 40)
    return folder


@pytest.mark.timeout(150)
def test_the_journey_of_the_sources(real_window, files, tmp_path):
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), TESTS)))
    cameras = tmp_path / "cameras"
    cameras.mkdir()
    own = {"PYTHONPATH": path, "EXPLORER_TEST_CAMERAS": str(cameras), "EXPLORER_TEST_FILES": str(files)}
    facts = real_window("journey", timeout=140, **own)
    print(facts)
