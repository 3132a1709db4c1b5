"""Own formulas as surfaces: the presets written as formulas, landmarks, holes, kinks, races, requests."""

import math
import pickle

import numpy as np
import pytest
from pydantic import ValidationError

from explorer.descent.formula import formula_surface
from explorer.descent.formula_parse import parse
from explorer.descent.formula_tokens import FormulaError
from explorer.descent.ground import known, surface_named, surface_of
from explorer.jobs import Failed, Result, result_of, run
from explorer.records.errors import ExplorerError
from explorer.requests.race import RaceRequest, SurfaceRequest

WIDE = (-5.0, 5.0, -5.0, 5.0)


def marks(text, domain=None, **values):
    return [(mark.kind, mark.x, mark.y) for mark in formula_surface(text, values, domain).landmarks]


@pytest.mark.parametrize("name", ["saddle", "monkey_saddle", "rosenbrock", "himmelblau", "beale", "plateau_cliff", "inflexion"])
def test_the_presets_own_formulas_give_the_presets_own_surfaces(name):
    """What the table shows to people can be typed, and is the same to the last digits: value, gradient, Hessian, landmarks."""
    preset = surface_named(name)
    typed = formula_surface(preset.formula, domain=preset.domain)
    x0, x1, y0, y1 = preset.domain
    x, y = np.meshgrid(np.linspace(x0, x1, 37), np.linspace(y0, y1, 31))
    np.testing.assert_allclose(typed.array(x, y), preset.array(x, y), rtol=1e-9, atol=1e-9)
    for place in ((0.3, -0.7), (-1.1, 0.2)):
        np.testing.assert_allclose(typed.gradient(*place), preset.gradient(*place), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(typed.hessian(*place), preset.hessian(*place), rtol=1e-4, atol=1e-3)
    assert len(typed.landmarks) >= len(preset.landmarks)
    for mark in preset.landmarks:
        nearest = min(typed.landmarks, key=lambda one: math.hypot(one.x - mark.x, one.y - mark.y))
        assert math.hypot(nearest.x - mark.x, nearest.y - mark.y) < 1e-6 and nearest.kind == mark.kind, mark
        assert nearest.value == pytest.approx(mark.value, abs=1e-9) and not nearest.exact


def test_landmarks_are_named_by_kind():
    assert marks("x^2+10y^2") == [("minimum", 0.0, 0.0)]
    assert marks("-x^2-y^2+3") == [("maximum", 0.0, 0.0)]
    assert marks("xy") == [("saddle", 0.0, 0.0)]
    assert marks("x^3-3xy^2") == [("saddle", 0.0, 0.0)]  # the Hessian vanishes: told by the ring
    assert marks("x^4+y^4") == marks("x^6+y^2") == [("minimum", 0.0, 0.0)]
    assert marks("-x^6-y^4+1") == [("maximum", 0.0, 0.0)]
    assert marks("x^3+y^2") == [("inflexion", 0.0, 0.0)]
    assert marks("x+y") == [] == marks("log(-1)") == marks("7")
    assert [kind for kind, _, _ in marks("sin(x)+sin(y)", WIDE)] == ["minimum"] * 4 + ["saddle"] * 8 + ["maximum"] * 4


def test_what_is_not_isolated_is_not_named():
    assert marks("(x-y)^2") == marks("relu(x)^2+0y") == marks("floor(x)+y^2") == []
    assert marks("(x^2+y^2-1)^2") == marks("|x^2+y^2-1|") == [("maximum", 0.0, 0.0)]
    assert marks("1/x") == marks("1/(x^2+y^2)") == marks("hypot(x,y)/(x^2+y^2)") == []


def test_minima_at_a_kink_are_found_by_going_downhill():
    assert marks("|x|+|y|") == marks("hypot(x,y)") == marks("max(|x|,|y|)") == [("minimum", 0.0, 0.0)]
    assert marks("|x-1|+2|y+0.5|") == [("minimum", 1.0, -0.5)]


def test_sliders():
    surface = formula_surface("a x^2 + b y^2", {"b": 5.0, "unknown": 3.0})
    assert surface.chosen == {"a": 1.0, "b": 5.0} and [one.name for one in surface.parameters] == ["a", "b"]
    assert surface.value(2.0, 1.0) == 9.0
    assert formula_surface("a x^2", {"a": -4.0}).landmarks == () and formula_surface("a x^2 - y^2", {"a": -4.0}).landmarks
    moved = surface.with_values({"a": 3.0})
    assert moved.chosen == {"a": 3.0, "b": 1.0} and moved.value(1.0, 1.0) == 4.0 and moved.domain == surface.domain
    with pytest.raises(FormulaError):
        formula_surface("a x", {"a": math.nan})


def test_facts_show_the_formula_and_its_slopes_with_letters():
    samples = formula_surface("a x^2 + y", {"a": 7.0}).samples(16)
    facts = samples.facts
    assert facts["text"] == "a*x^2+y" and facts["parameters"] == ["a"] and facts["values"] == {"a": 7.0}
    assert (
        facts["slope"]["x"]["text"] == "2*a*x" and facts["slope"]["xx"]["text"] == "2*a" and facts["slope"]["y"]["text"] == "1"
    )
    assert facts["latex"] == r"a \, x^{2} + y" and "<sup>2</sup>" in facts["rich"]
    assert pickle.loads(pickle.dumps(samples)).facts == facts
    assert formula_surface("x^2+3y^2").samples(16).facts["eigenvalues"] == [(2.0, 6.0)]


@pytest.mark.parametrize(
    ("text", "share"),
    [("1/x", 0.0), ("1/floor(x)", 1 / 6), ("log(x)", 0.5), ("log(-1)", 1.0), ("sqrt(x)", 0.5), ("0^0", 0.0), ("0^(-x-9)", 1.0),
     ("tan(x)", 0.0), ("floor(x)*y", 0.0), ("7", 0.0), ("0/0", 1.0), ("(-8)^(1/3)", 1.0), ("x^0.5", 0.5), ("exp(999x)", 0.38),
     ("asin(x)", 2 / 3), ("where(x<0, log(x), y)", 0.5), ("where(log(x)<0, 1, 2)", 0.5), ("exp(a)/0", 1.0)],
)  # fmt: skip
def test_holes_stay_holes(text, share):
    surface = formula_surface(text)
    z = surface.samples(120).z
    assert np.isnan(z).mean() == pytest.approx(share, abs=0.05) and not np.isinf(z).any()
    for x, y in ((-2.4, 1.0), (0.7, -0.3), (2.9, 2.9)):  # the path meets a hole where the picture has one
        assert math.isnan(surface.value(x, y)) == bool(np.isnan(surface.array(np.array([x]), np.array([y])))[0])
    record = result_of(RaceRequest(formula=text, steps=40, resolution=16))
    for path in record.runs:
        assert np.isfinite(path.values[1:]).all() and path.status in ("running", "converged", "left the plot", "not finite")
        assert not math.isnan(path.values[0]) or path.status == "not finite"


def test_an_optimizer_stops_at_a_hole_and_its_path_stays():
    record = result_of(RaceRequest(formula="log(x) + y^2", domain=(-1.0, 3.0, -1.0, 1.0), start=(1.0, 0.5), optimizers=("gd",)))
    (path,) = record.runs
    assert path.status == "not finite" and path.steps >= 1 and np.isfinite(path.values).all() and (path.points[:, 0] > 0).all()


def test_kinks_have_one_sided_slopes():
    for text, slope in (("|x|", 0.0), ("max(x, 2x)", 1.0), ("min(x, 2x)", 1.0), ("relu(x)", 0.0), ("clip(x, 0, 1)", 1.0),
                        ("floor(x)", 0.0), ("sign(x)", 0.0), ("where(x<0, 3x, 4x)", 4.0), ("clip(x, 1, -1)", 0.0)):  # fmt: skip
        assert formula_surface(text).gradient(0.0, 0.5) == (slope, 0.0), text
    assert all(map(math.isnan, formula_surface("sqrt(x^2+y^2)").gradient(0.0, 0.0)))


def test_the_start_and_the_rates_suit_the_surface():
    surface = formula_surface("log(x)+log(y-1)")
    assert math.isfinite(surface.value(*surface.start))
    for text in ("x^2+y^2", "100x^2+y^2", "0.001(x^2+y^2)", "1e6 x^2 + 1e6 y^2", "(x^2+y-11)^2+(x+y^2-7)^2"):
        path = result_of(RaceRequest(formula=text, optimizers=("gd",), steps=300, domain=WIDE)).runs[0]
        assert path.status in ("converged", "running") and path.values[-1] < 0.1 * path.values[0], text
    for text in ("x", "|x|+|y|", "5"):
        assert 0.0 < formula_surface(text).rates["gd"] < 10.0


def test_a_request_carries_a_formula_as_text():
    request = RaceRequest(formula="x^2 + a*y^2", values={"a": 10.0}, domain=(-1.0, 1.0, -2.0, 2.0), resolution=64)
    again = RaceRequest.model_validate_json(request.model_dump_json())
    assert again == request
    race = result_of(again)
    x, y = np.meshgrid(race.surface.x, race.surface.y)
    np.testing.assert_allclose(race.surface.z, x**2 + 10 * y**2, rtol=1e-12)
    assert race.surface.name == "formula" and race.facts["domain"] == [-1.0, 1.0, -2.0, 2.0]
    first, second = (result_of(request).runs for _ in range(2))
    assert [one.points.tobytes() for one in first] == [one.points.tobytes() for one in second]


def test_a_wrong_formula_is_a_failed_job_with_its_place():
    *_, last = run(SurfaceRequest(formula="x^2 + foo(y)"))
    assert isinstance(last, Failed) and last.trouble.code == "formula" and last.trouble.values["position"] == 6
    assert "foo" in last.trouble.english() and not isinstance(last, Result)
    with pytest.raises(ExplorerError, match="no function 'foo'"):
        surface_of(SurfaceRequest(formula="foo(x)"))


def test_a_named_surface_may_be_shown_elsewhere():
    surface = surface_of(SurfaceRequest(surface="saddle", domain=(0.0, 1.0, 0.0, 2.0)))
    assert len(surface.landmarks) == 1 and not surface_of(SurfaceRequest(surface="saddle", domain=(1, 2, 1, 2))).landmarks
    assert surface.domain == (0.0, 1.0, 0.0, 2.0) and surface.value(1.0, 2.0) == known().surfaces["saddle"].value(1.0, 2.0)


@pytest.mark.parametrize("domain", [(1.0, 1.0, 0.0, 1.0), (0.0, 1.0, 2.0, 1.0), (0.0, 1e-30, 0.0, 1.0), (0.0, 1e9, 0.0, 1.0)])
def test_domains_that_are_none_are_refused(domain):
    with pytest.raises(ValidationError):
        SurfaceRequest(domain=domain)


def test_a_million_steps_and_mad_rates_end_in_words():
    for formula in ("x^4+y^4", "1/x", "tan(x)*y"):
        for rate in (1e9, 1e-300, -1.0):
            hyper = {name: {"lr": rate} for name in ("gd", "adam")}
            record = result_of(RaceRequest(formula=formula, optimizers=("gd", "adam"), hyper=hyper, steps=500))
            assert all(np.isfinite(path.points).all() for path in record.runs)


def test_equal_parts_are_worked_out_once():
    tree = parse("(x^2+y^2)^2 + sin(x^2+y^2)").tree
    assert tree.args[0].args[0] == tree.args[1].args[0]
    surface = formula_surface("exp(-(x^2+y^2))*(x^2+y^2)")
    assert surface.gradient(0.5, 0.5)[0] == pytest.approx(2 * 0.5 * math.exp(-0.5) * 0.5, rel=1e-12)


def test_zero_keeps_its_sign_on_the_path_as_in_the_picture():
    for text in ("atan2(0, ceil(x))", "1/floor(-0)+x", "(-0*x^2)^-3 + x", "1/ceil(x) + y", "atan2(-0*x^2, -1)"):
        surface = formula_surface(text)
        x, y = np.array([-0.4, 0.4]), np.array([0.5, 0.5])
        np.testing.assert_array_equal(
            surface.array(x, y), [surface.value(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        )
