"""Pictures written as a film: sizes, order, damage, Stop."""

import numpy as np
import pytest
from pydantic import ValidationError

from explorer import jobs
from explorer.picture.film import Film
from explorer.picture.stills import jpeg_bytes
from explorer.records.errors import ExplorerError
from explorer.requests.film import FilmRequest


def raw(value, width=32, height=24):
    return np.full((height, width, 3), value, np.uint8).tobytes(), (width, height)


def request(path, *pictures, **fields):
    return FilmRequest(path=str(path), pictures=tuple(p[0] for p in pictures), sizes=tuple(p[1] for p in pictures), **fields)


def greys(path):
    with Film(path) as film:
        found = []
        while (pair := film.read()) is not None:
            found.append(int(pair[0].mean()))
        return found, (film.width, film.height)


@pytest.mark.parametrize("ending", [".gif", ".mp4"])
def test_pictures_become_a_film_of_the_last_ones_size(tmp_path, ending):
    path = tmp_path / f"a{ending}"
    pictures = [raw(20, 16, 12), raw(120), (jpeg_bytes(np.full((24, 32, 3), 220, np.uint8)), (0, 0))]
    events = list(jobs.run(request(path, *pictures, pause=0.2, fps=10.0)))
    assert events[-1].record == str(path) and [e.done for e in events if isinstance(e, jobs.Progress)] == [1, 2, 3, 4, 5]
    found, size = greys(path)
    assert size == (32, 24) and len(found) == 5 and found == pytest.approx([20, 120, 220, 220, 220], abs=6)


def test_there_and_back(tmp_path):
    pictures = [raw(10), raw(90), raw(200)]
    jobs.result_of(request(tmp_path / "a.mp4", *pictures, pause=0.0, played="back"))
    assert greys(tmp_path / "a.mp4")[0] == pytest.approx([10, 90, 200, 90], abs=6)


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(ExplorerError, match=r"bmp"):
        jobs.result_of(request(tmp_path / "a.bmp", raw(1)))
    with pytest.raises(ExplorerError, match="no picture"):
        jobs.result_of(request(tmp_path / "a.gif"))
    with pytest.raises(ExplorerError):
        jobs.result_of(request(tmp_path / "a.gif", (b"no picture", (0, 0))))
    for wrong in (
        {"pictures": (b"xy",), "sizes": ((1, 1),)},
        {"pictures": (b"xyz",)},
        {"pictures": (b"",), "sizes": ((0, 1),)},
    ):
        with pytest.raises(ValidationError):
            FilmRequest(path="a.gif", **wrong)
    assert list(tmp_path.iterdir()) == []


def test_stop_leaves_the_old_film(tmp_path):
    path = tmp_path / "a.gif"
    path.write_bytes(b"old")
    work = jobs.Work()
    events = []
    for event in jobs.run(request(path, *[raw(value) for value in range(50)]), work):
        events.append(event)
        if len(events) == 4:
            work.token.cancel()
    assert isinstance(events[-1], jobs.CancelledJob) and path.read_bytes() == b"old" and len(list(tmp_path.iterdir())) == 1
