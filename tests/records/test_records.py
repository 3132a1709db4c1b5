import numpy as np
import pytest

from explorer.records.errors import ModelFileError, Trouble, trouble_of
from explorer.records.frame import Frame
from explorer.records.network import NetworkInfo, TapInfo
from explorer.records.picture import Grid


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_a_frame_has_one_format(bad):
    with pytest.raises(ValueError, match="uint8"):
        Frame(bad)


def test_a_frame_is_contiguous():
    frame = Frame(np.zeros((6, 5, 3), np.uint8)[:, ::-1])
    assert frame.rgb.flags.c_contiguous
    assert (frame.height, frame.width) == (6, 5)


def test_grid_geometry_by_hand():
    grid = Grid(count=5, tile_h=2, tile_w=3, columns=2, gap=1)
    assert (grid.rows, grid.height, grid.width) == (3, 8, 7)
    assert [grid.corner(k) for k in range(5)] == [(0, 0), (0, 4), (3, 0), (3, 4), (6, 0)]
    assert grid.find(0, 0) == (0, 0, 0)
    assert grid.find(4.9, 6.5) == (3, 1, 2)
    for outside in ((2, 0), (0, 3), (6, 4), (-1, 0), (0, 7), (8, 0)):
        assert grid.find(*outside) is None


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_every_pixel_of_every_tile_is_found_again(gap):
    grid = Grid(count=7, tile_h=3, tile_w=2, columns=3, gap=gap)
    for index in range(grid.count):
        top, left = grid.corner(index)
        for y in range(3):
            for x in range(2):
                assert grid.find(top + y, left + x) == (index, y, x)


def test_errors_cross_a_process_and_keep_their_values():
    import pickle

    error = ModelFileError(Trouble("weights.code", "refused: {what}", {"what": "code"}, "Convert {what} first.", 4))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == "refused: code Convert code first." == str(error)
    assert trouble_of(again).exit_code == 4


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MemoryError(), "memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory"),
        (PermissionError(13, "Permission denied"), "file"),
        (FileNotFoundError(2, "No such file", "a.png"), "file.missing"),
        (IndexError("list index"), "unforeseen"),
    ],
)
def test_unforeseen_errors_get_a_reason(error, code):
    assert trouble_of(error).code == code
    assert trouble_of(error).english()


def test_the_neighbours_of_a_layer_end_where_the_network_does():
    info = NetworkInfo("toy", "Toy", "classify", "", 8, tuple(TapInfo(name, "ReLU", (1,)) for name in ("a", "b", "c")))
    assert [info.neighbour("b", by) for by in (-2, -1, 0, 1, 2)] == ["", "a", "b", "c", ""]
    assert info.neighbour("z", 1) == ""
