"""Tables of points as people keep them, and wrong ones with their line."""

import pytest

from explorer.jobs import result_of
from explorer.labs.points_file import table_of
from explorer.records.errors import BadRequestError, ExplorerError
from explorer.requests.points import MOST, PointsRequest

PAIRS = ((1.5, 2.0), (-1.0, 0.5))


@pytest.mark.parametrize(
    "text",
    [
        "1.5,2\n-1,0.5\n",
        "x,y\r\n1.5, 2\r\n\r\n-1, 0.5",
        "\ufeffx;y\n1,5;2\n-1;0,5\n",
        "Länge\tBreite\n1,5\t2\n\N{MINUS SIGN}1\t0,5\n",
        "# measured on a Monday\n1.5 2\n  -1   5e-1\n",
        '"1.5","2"\n"-1","0.5"',
    ],
)
def test_the_same_points_however_they_are_written(text):
    assert table_of(text, False).points == PAIRS


def test_classes_by_number_and_by_name():
    numbered = table_of("0,0,1\n1,1,0\n2,2,1.0", True)
    assert numbered.points == ((0.0, 0.0, 1.0), (1.0, 1.0, 0.0), (2.0, 2.0, 1.0)) and numbered.labels == ()
    named = table_of("a;b;kind;note\n0;0;cat;x\n1;1;dog;y\n2;2;cat;z", True)
    assert [point[2] for point in named.points] == [0.0, 1.0, 0.0]
    assert named.labels == ("cat", "dog") and named.left_out == 1


@pytest.mark.parametrize(
    ("text", "classes", "code", "said"),
    [
        ("1,2\n3,x\n", False, "number", "Line 2: 'x' is no number"),
        ("1,2\n3,nan\n", False, "number", "Line 2: 'nan'"),
        ("1,2\n\n3\n", False, "columns", "Line 3: x and y"),
        ("1,2,0\n3,4\n", True, "columns", "Line 2: x, y and the class"),
        ("1,2,a\n3,4,b\n5,6,c", True, "classes", "names 3 classes (a, b, c)"),
        ("1,2", False, "few", "two points at least; here are 1"),
        ("x,y\n", False, "few", "here are 0"),
        ("1,2\n" * (MOST + 1), False, "many", f"has {MOST + 1} points"),
        ("", False, "few", "here are 0"),
        ('1,2\n"3,4\x00', False, "columns", "Line 2"),
    ],
)
def test_a_wrong_table_is_told_with_its_line(text, classes, code, said):
    with pytest.raises(BadRequestError) as raised:
        table_of(text, classes)
    assert raised.value.trouble.code == f"points.{code}" and said in str(raised.value)


def test_a_file_that_is_no_table(tmp_path):
    for name, content, code in (
        ("binary.csv", b"1,2\x003,4", "binary"),
        ("large.csv", b"1,2\n" * 300_000, "large"),
        ("missing.csv", None, "unreadable"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(ExplorerError) as raised:
            result_of(PointsRequest(path=str(tmp_path / name)))
        assert raised.value.trouble.code == f"points.{code}"
    (tmp_path / "old.csv").write_bytes("szélesség;osztály;fajta\n1,5;2;ő\n-1;0,5;é\n".encode("cp1250"))
    assert result_of(PointsRequest(path=str(tmp_path / "old.csv"), classes=True)).labels == ("ő", "é")
