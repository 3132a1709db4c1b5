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
    for name, rgb in (("1", coffee.rgb), ("2", frames[0]), ("3", coffee.rgb[::-1])):
        write_png(folder / "three" / f"{name}.png", np.ascontiguousarray(rgb))
    odd_pictures(folder / "odd", coffee.rgb)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 this is no picture" * 40)
    return folder


def odd_pictures(folder, rgb):
    """Everything that a picture file may be, besides what everybody has."""
    from PIL import Image

    folder.mkdir()
    picture = Image.fromarray(rgb)
    picture.resize((7680, 4320), Image.Resampling.NEAREST).save(folder / "8k.jpg", quality=60)
    picture.resize((1, 1)).save(folder / "one.png")
    picture.convert("L").save(folder / "grey.png")
    picture.convert("RGBA").save(folder / "alpha.png")
    picture.convert("CMYK").save(folder / "cmyk.jpg")
    Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257).save(folder / "sixteen.png")
    turned = Image.Exif()
    turned[274] = 6
    picture.save(folder / "turned.jpg", exif=turned, quality=95)


@pytest.mark.timeout(150)
def test_the_journey_of_the_sources(whole_program, files, tmp_path):
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), TESTS)))
    cameras = tmp_path / "cameras"
    cameras.mkdir()
    own = {"PYTHONPATH": path, "EXPLORER_TEST_CAMERAS": str(cameras), "EXPLORER_TEST_FILES": str(files)}
    facts = whole_program("journey", timeout=140, **own)
    if os.environ.get("EXPLORER_SHOTS"):
        print(facts)
    judge(facts, files)


def judge(facts, files):
    from explorer.picture.stills import read_rgb

    clip = "Play the sample clip"
    assert facts["none"] == "No camera found."
    assert facts["names"] == ["Lecture desk camera (0)", "Lens with a cap (1)", "Busy webcam (2)", "Loose plug (3)"]
    assert facts["report"].startswith("Gives 1280 × 720 at ") and "not available" in facts["busy"]
    assert facts["camera"] == {"index": 3, "device": "Loose plug", "width": 640, "height": 480, "mirror": True}
    assert facts["settings"] == [3, "Loose plug", 640]
    assert facts["lost"].startswith("Loose plug gives no picture for ")
    assert facts["lost_ways"] == ["Try again", "Choose a camera...", clip]
    assert facts["veil"] == [True, False] * (len(facts["veil"]) // 2)
    assert facts["points"] == [1.0, 2.05] and facts["held"] == [True, 40] and facts["speed"] == [1.5, 1.5]
    assert facts["between"][0] >= 20 and 36 <= facts["between"][1] <= 40  # a busy machine leaves some out
    assert facts["refused"].startswith("This is not the address of a stream.")
    assert facts["stream"][0] == [facts["stream"][1].split(" ")[0]] and "secret" not in str(facts)
    assert "gives no picture" in facts["stalled"]
    assert facts["list"] == ["files", 3]
    assert "broken.jpg" in facts["broken"][0] and facts["broken"][1:] == [True, True]
    assert "of 60 pictures can be read" in facts["cut"]
    for path in sorted((files / "odd").iterdir()):
        rgb = read_rgb(path)
        mean = rgb.reshape(-1, 3)[:: max(1, rgb.size // 3000)].mean(axis=0)
        assert facts["odd"][path.name][:3] == list(rgb.shape), path.name
        assert np.allclose(facts["odd"][path.name][3], mean), path.name
    assert facts["odd"]["turned.jpg"][:2] == [600, 400] and facts["odd_notices"] == []
    assert facts["batch"][0].startswith("3 of 3 pictures in ")
    assert facts["batch"][2] == ["1.png", "2.png", "3.png", "results.csv", "results.jsonl"]
