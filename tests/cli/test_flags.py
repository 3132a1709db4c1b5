"""Options come from the requests, every one of them."""

import click
import pytest

from explorer.cli.flags import build, request_flags
from explorer.requests.base import parameters
from explorer.requests.dream import DreamRequest
from explorer.requests.look import ActivationsRequest, FiltersRequest
from explorer.requests.network import ClassifyRequest, DetectRequest, LoadRequest, SegmentRequest
from explorer.requests.race import RaceRequest

REQUESTS = [
    DreamRequest,
    ActivationsRequest,
    FiltersRequest,
    ClassifyRequest,
    DetectRequest,
    LoadRequest,
    SegmentRequest,
    RaceRequest,
]


def parse(model, *args):
    kept = {}

    @click.command()
    @request_flags(model)
    def command(**values):
        kept.update(values)

    command.main(list(args), standalone_mode=False)
    return build(model, kept)


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_no_flags_give_the_defaults(model):
    assert parse(model) == model()


@pytest.mark.parametrize("model", REQUESTS, ids=lambda model: model.__name__)
def test_every_parameter_has_an_option_that_reaches_the_request(model):
    for info in parameters(model):
        if info.kind in {"int", "float"}:
            value = info.high if info.high is not None else 3
            got = parse(
                model,
                f"--{info.name.replace('_', '-')}={value:g}"
                if info.kind == "float"
                else f"--{info.name.replace('_', '-')}={int(value)}",
            )
            assert getattr(got, info.name) == value
        elif info.kind == "choice":
            assert getattr(parse(model, f"--{info.name.replace('_', '-')}", info.options[-1]), info.name) == info.options[-1]
        elif info.kind == "bool" and not info.default:
            assert getattr(parse(model, f"--{info.name.replace('_', '-')}"), info.name) is True
        elif info.kind == "text":
            assert getattr(parse(model, f"--{info.name.replace('_', '-')}", "abc"), info.name) == "abc"


@pytest.mark.parametrize("args", [("--start=-1,0.001",), ("--start", "-1,0.001"), ("--start", "-1.0,1e-3")])
def test_negative_points(args):
    assert parse(RaceRequest, *args).start == (-1.0, 0.001)


def test_lists_and_maps():
    got = parse(RaceRequest, "--optimizers", "adam, gd", "--hyper", "adam.lr=0.5,adam.beta1=0.8,gd.lr=1e-3")
    assert got.optimizers == ("adam", "gd")
    assert got.hyper == {"adam": {"lr": 0.5, "beta1": 0.8}, "gd": {"lr": 1e-3}}


@pytest.mark.parametrize("bad", ["nan,0", "inf,1", "1", "1,2,3", "a,b", ""])
def test_points_that_are_none(bad):
    with pytest.raises(click.UsageError):
        parse(RaceRequest, f"--start={bad}")


def test_a_value_outside_its_range_is_a_usage_error():
    with pytest.raises(click.UsageError, match=r"0\.01<=x<=1\.0"):
        parse(DetectRequest, "--confidence", "1.5")
