"""What is measured of a camera while it is tried."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.picture.trial import Trial, size_given, small_of
from explorer.requests.source import SourceRequest

ANY = SourceRequest(kind="camera", width=0, height=0)


def noise(seed, low=0, high=256, size=(48, 64, 3)):
    return np.random.default_rng(seed).integers(low, high, size, dtype=np.uint8)


def tried(pictures, request=ANY, fps=30):
    trial = Trial(request)
    for number, rgb in enumerate(pictures):
        trial.take(rgb, 100 + number / fps)
    return trial.report(100 + (len(pictures) - 1) / fps, nominal=25.0, read_ms=12.34)


def codes(report):
    return [notice.code for notice in report.notices]


def test_a_good_camera():
    report = tried([noise(k) for k in range(60)])
    assert (report.width, report.height, report.rate, report.nominal, report.read_ms) == (64, 48, 30.0, 25.0, 12.3)
    assert abs(report.brightness - 0.5) < 0.02 and report.still_s == 0 and report.notices == ()


def test_a_covered_lens_is_black_but_not_while_the_exposure_settles():
    dark = [noise(k, 0, 5) for k in range(60)]
    assert codes(tried(dark)) == ["camera.black"] and codes(tried(dark[:15])) == []
    assert codes(tried([*dark[:30], *(noise(k) for k in range(30))])) == []


def test_the_same_picture_for_long_is_said_in_seconds():
    report = tried([noise(1)] * 91)
    assert report.still_s == 3.0 and codes(report) == ["camera.still"] and report.notices[0].values == {"seconds": 3}
    assert codes(tried([noise(k // 20) for k in range(91)])) == []


def test_a_camera_that_is_too_slow_or_of_another_size():
    report = tried([noise(k) for k in range(40)], SourceRequest(kind="camera", width=640, height=480, rate=30), fps=12)
    assert codes(report) == ["camera.slow", "camera.given"]
    assert report.notices[0].values == {"rate": "12", "wished": "30"}
    assert report.notices[1].english() == "The camera gives 64 × 48, not 640 × 480."


@pytest.mark.parametrize("fields", [{"width": 0}, {"height": 0}, {"width": 64, "height": 48}, {"kind": "stream"}])
def test_nothing_to_say_about_the_size(fields):
    assert size_given(SourceRequest(**{"kind": "camera", **fields}), (64, 48)) is None


@pytest.mark.parametrize("size", [(720, 1280), (1080, 1920), (480, 640), (97, 3000), (3000, 97), (90, 160), (5, 7), (1, 9000)])
def test_a_small_picture_fits_and_has_the_same_mean(size):
    y, x = np.mgrid[0 : size[0], 0 : size[1]]
    ramp = np.repeat((255 * (x + y) / max(1, sum(size) - 2)).astype(np.uint8)[..., None], 3, axis=2)
    small = small_of(ramp)
    assert small.flags.c_contiguous and small.shape[0] <= 90 and small.shape[1] <= 160
    assert abs(float(small.mean()) - float(ramp.mean())) < 5
    if size[0] <= 90 and size[1] <= 160:
        assert np.array_equal(small, ramp) and small is not ramp
