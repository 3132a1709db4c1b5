"""The score of the tasks: counted once, kept whole through a kill, fresh after damage."""

import json
import os
import subprocess
import sys

import pytest

from explorer.gui import task_score
from explorer.gui.task_score import TaskScore


def test_answers_count_once(tmp_path):
    score = TaskScore(tmp_path / "tasks.json")
    assert score.answer(0, 1, True) and score.answer(0, 2, True) and not score.answer(0, 2, False)
    assert score.answer(0, 3, False) and score.answer(7, 1, True)
    assert (score.right, len(score.answers), score.streak, score.best) == (3, 4, 1, 2)
    score.next_task = (7, 2)
    score.save()
    again = task_score.load(score.path)
    assert again == score
    again.reset()
    assert (again.right, len(again.answers), again.streak, again.best, again.next_task) == (0, 0, 0, 0, (7, 2))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"\xff", b"[]", b'{"version": 2}', b'{"version": 1, "answers": [[0, 1, 2]]}',
        b'{"version": 1, "answers": []}',
        b'{"version": 1, "answers": [], "streak": 5, "best": 1, "next": [0, 1]}', b"[" * 100_000,
        b'{"version": 1, "answers": [[-1, 1, true]], "streak": 0, "best": 0, "next": [0, 1]}',
        b'{"version": 1, "answers": [], "streak": 1e400, "best": 0, "next": [0, 1]}',
    ],
)  # fmt: skip
def test_a_broken_file_is_put_by(tmp_path, data):
    path = tmp_path / "tasks.json"
    path.write_bytes(data)
    score = task_score.load(path)
    assert score == TaskScore(path) and not path.exists() and path.with_name("tasks.json.bak").read_bytes() == data
    score.save()
    assert task_score.load(path) == score


KILLED = """
import os, sys
from pathlib import Path
from explorer import atomic
from explorer.gui.task_score import TaskScore, load
score = load(Path(sys.argv[1]))
score.answer(0, 2, True)
os.replace = lambda *a: os._exit(9)
Path.replace = lambda *a: os._exit(9)
score.save()
"""


def test_a_kill_while_saving_leaves_the_old_score(tmp_path):
    score = TaskScore(tmp_path / "tasks.json")
    score.answer(0, 1, True)
    score.save()
    before = score.path.read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED, str(score.path)], check=False, env=dict(os.environ))
    assert done.returncode == 9 and score.path.read_bytes() == before
    assert task_score.load(score.path) == score and json.loads(before)["streak"] == 1
