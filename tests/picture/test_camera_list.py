"""Cameras by name: what is read of the system's own list, and which modes a driver counts up."""

from __future__ import annotations

import struct

import pytest

from explorer.picture import camera_modes
from explorer.picture.camera_list import named_cameras, number_of
from explorer.picture.camera_modes import listed, modes_of
from explorer.records.source import CameraInfo, CameraMode


@pytest.fixture
def system(tmp_path):
    def device(number, name, index=0):
        place = tmp_path / f"video{number}"
        place.mkdir()
        if name is not None:
            (place / "name").write_text(name + "\n")
        (place / "index").write_text(f"{index}\n")

    device(10, "HD Pro Webcam C920")
    device(0, "Integrated Camera: Integrated C")
    device(1, "Integrated Camera: Integrated C", 1)
    device(2, "Böse\tKamera")
    device(3, "bcm2835-codec-decode")
    device(4, "bcm2835-isp")
    device(5, None)
    (tmp_path / "v4l-subdev0").mkdir()
    return tmp_path


def test_only_cameras_by_name_in_the_order_of_their_numbers(system):
    assert named_cameras(system) == (
        CameraInfo(0, "Integrated Camera", known=True),
        CameraInfo(2, "BöseKamera", known=True),
        CameraInfo(5, "Camera 5", known=False),
        CameraInfo(10, "HD Pro Webcam C920", known=True),
    )


def test_a_machine_without_cameras_has_none(tmp_path):
    assert named_cameras(tmp_path) == () and named_cameras(tmp_path / "nowhere") == ()


def test_a_camera_is_found_by_its_name_under_another_number(system):
    assert number_of("HD Pro Webcam C920", 2, system) == 10
    assert number_of("Integrated Camera", 0, system) == 0
    assert number_of("gone", 3, system) == 3 and number_of("", 4, system) == 4


def test_the_modes_that_a_driver_counts_up():
    """The numbers of linux/videodev2.h, written out: VIDIOC_ENUM_FMT, _FRAMESIZES, _FRAMEINTERVALS."""
    orders = (camera_modes.ENUM_FORMATS, camera_modes.ENUM_SIZES, camera_modes.ENUM_RATES)
    assert orders == (0xC0405602, 0xC02C564A, 0xC034564B)
    sizes = {"MJPG": [(1280, 720), (640, 480)], "YUYV": [(640, 480)]}
    rates = {("MJPG", 1280): [(1, 30), (1, 15)], ("MJPG", 640): [(1, 60)], ("YUYV", 640): [(1, 30)]}

    def driver(descriptor, order, data):
        assert descriptor == 5
        index, pixels = struct.unpack_from("=II", data)
        if order == orders[0]:
            assert pixels == 1  # the type: pictures that come in
            struct.pack_into("=I", data, 44, int.from_bytes(nth(list(sizes), index).encode(), "little"))
            return
        name = pixels.to_bytes(4, "little").decode()
        if order == orders[1]:
            struct.pack_into("=III", data, 8, 1, *nth(sizes[name], index))
        else:
            width, height = struct.unpack_from("=II", data, 8)
            assert (width, height) in sizes[name]
            struct.pack_into("=III", data, 16, 1, *nth(rates[name, width], index))

    assert listed(5, driver) == (CameraMode(1280, 720, 30.0), CameraMode(640, 480, 60.0))


def test_a_range_of_sizes_is_its_largest():
    def driver(descriptor, order, data):
        index = struct.unpack_from("=I", data)[0]
        if index:
            raise OSError
        if order == camera_modes.ENUM_SIZES:
            struct.pack_into("=7I", data, 8, 3, 16, 1920, 2, 16, 1080, 2)
        elif order == camera_modes.ENUM_RATES:
            struct.pack_into("=I6I", data, 16, 3, 1, 50, 1, 5, 0, 0)

    assert listed(0, driver) == (CameraMode(1920, 1080, 50.0),)


def test_a_device_that_is_not_there_has_no_modes():
    assert modes_of(63) == ()


def nth(items, index):
    if index >= len(items):
        raise OSError
    return items[index]
