"""Rows 54 and 55: killed, full disk, read-only, long names. A file is always the old or the new one."""

import os
import signal
import subprocess
import sys
import time

import pytest

from explorer import atomic

OLD = b"old " * 20_000
NEW = b"NEW!" * 20_000


def test_writes_and_replaces(tmp_path):
    path = tmp_path / "deep" / "file.bin"
    atomic.write_bytes(path, OLD)
    atomic.write_bytes(path, NEW)
    assert path.read_bytes() == NEW
    atomic.write_text(path, "árvíztűrő\n")
    assert path.read_bytes() == "árvíztűrő\n".encode()
    assert [item.name for item in path.parent.iterdir()] == ["file.bin"]


def test_an_error_while_filling_keeps_the_old_file(tmp_path):
    path = tmp_path / "file.png"
    atomic.write_bytes(path, OLD)
    with pytest.raises(RuntimeError), atomic.replacing(path) as part:
        assert part.suffix == ".png"
        part.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == OLD
    assert len(list(tmp_path.iterdir())) == 1


def test_a_short_write_raises_and_keeps_the_old_file(tmp_path):
    """RLIMIT_FSIZE makes the kernel write less than asked, as a full disk does."""
    path = tmp_path / "file.bin"
    atomic.write_bytes(path, OLD)
    code = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
from explorer import atomic
try:
    atomic.write_bytes({str(path)!r}, b"NEW!" * 20_000)
except OSError as error:
    print("refused", error.errno)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.startswith("refused"), done.stderr
    assert path.read_bytes() == OLD
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("name", ["é" * 100 + ".txt", "x" * 240 + ".txt", "kép fájl.txt"])
def test_awkward_names(tmp_path, name):
    path = tmp_path / name
    atomic.write_text(path, "hello")
    assert path.read_text() == "hello"


def test_a_folder_that_is_a_file_is_an_oserror(tmp_path):
    blocker = tmp_path / "blocker"
    blocker.write_text("x")
    with pytest.raises(OSError):
        atomic.write_text(blocker / "file.txt", "hello")
    assert blocker.read_text() == "x"


WRITER = """
import sys
from explorer import atomic
path, old, new = sys.argv[1], b"old " * 20_000, b"NEW!" * 20_000
print("ready", flush=True)
while True:
    atomic.write_bytes(path, new)
    atomic.write_bytes(path, old)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is a Unix signal")
def test_killed_while_saving_forty_times(tmp_path):
    path = tmp_path / "file.bin"
    atomic.write_bytes(path, OLD)
    seen = set()
    workers = 4
    for round_ in range(10):
        children = [subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) for _ in range(workers)]
        for child in children:
            assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        for number, child in enumerate(children):
            time.sleep(0.003 * (1 + (round_ * workers + number) % 7))
            child.send_signal(signal.SIGKILL)
            child.wait()
            content = path.read_bytes()
            assert content in (OLD, NEW)
            seen.add(content)
        for child in children:
            child.stdout.close()
    assert len(seen) == 2  # both were met, so the kills did fall in between
    atomic.sweep(tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == ["file.bin"]


def test_sweep_leaves_the_living_alone(tmp_path):
    mine = tmp_path / f".file.part-{os.getpid()}-1.png"
    dead = tmp_path / ".file.part-999999999-1.png"
    other = tmp_path / "file.png"
    for path in (mine, dead, other):
        path.write_text("x")
    assert atomic.sweep(tmp_path) == [dead]
    assert mine.exists() and other.exists()


def test_rescue_keeps_whole_lines_and_whatever_else_can_be_read(tmp_path):
    part = tmp_path / ".a.part-1-1.jsonl"
    part.write_bytes(b'{"frame": 0}\n{"frame": 1}\n{"fra')
    assert atomic.rescue(part, tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == b'{"frame": 0}\n{"frame": 1}\n' and not part.exists()
    film = tmp_path / ".a.part-1-2.mp4"
    film.write_bytes(b"half a film")
    assert atomic.rescue(film, tmp_path / "a.mp4") and (tmp_path / "a.mp4").read_bytes() == b"half a film"
    empty = tmp_path / ".b.part-1-3.csv"
    empty.write_bytes(b"no end of line")
    assert not atomic.rescue(empty, tmp_path / "b.csv") and not empty.exists()
    assert not atomic.rescue(tmp_path / "gone.mp4", tmp_path / "a.mp4")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "a.mp4"]
