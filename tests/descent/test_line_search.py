"""What each line search promises, on surfaces and directions drawn at random."""

import math

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from explorer.descent import line_search
from explorer.descent.ground import Surface, surface_named
from explorer.descent.line_search import Line
from explorer.descent.oracle import Oracle

SURFACES = ("quadratic", "rosenbrock", "himmelblau", "beale", "plateau_cliff", "inflexion")
shares, turns, firsts = st.floats(0.05, 0.95), st.floats(-1.4, 1.4), st.floats(1e-4, 30.0)


def downhill(surface, across, up, turn):
    """A line from a random point of the plot, within 80 degrees of steepest descent."""
    x0, x1, y0, y1 = surface.domain
    x, y = x0 + across * (x1 - x0), y0 + up * (y1 - y0)
    gx, gy = surface.gradient(x, y)
    assume(math.hypot(gx, gy) > 1e-3)
    c, s = math.cos(turn), math.sin(turn)
    size = math.hypot(gx, gy)
    return Line(
        Oracle(surface, surface.gradient), (x, y, -(c * gx - s * gy) / size, -(s * gx + c * gy) / size), surface.diagonal
    )


@given(st.sampled_from(SURFACES), shares, shares, turns, firsts, st.sampled_from([0.1, 0.9]))
@settings(max_examples=250, deadline=None)
def test_strong_wolfe_conditions_hold(name, across, up, turn, first, c2):
    line = downhill(surface_named(name), across, up, turn)
    a = line_search.strong_wolfe(line, first, c2=c2)
    if a >= line.reach:
        return  # it falls as far as anybody looks
    assert a > 0.0
    rounding = 1e-12 * max(1.0, abs(line.value0))
    assert line.value(a) <= line.value0 + 1e-4 * a * line.slope0 + rounding
    assert abs(line.slope(a)) <= c2 * abs(line.slope0) + 1e-7


@given(st.sampled_from(SURFACES), shares, shares, turns, firsts)
@settings(max_examples=150, deadline=None)
def test_backtracking_keeps_armijos_rule_and_halves_no_more_than_needed(name, across, up, turn, first):
    line = downhill(surface_named(name), across, up, turn)
    a = line_search.backtracking(line, first)

    def kept(length):
        return line.value(length) <= line.value0 + 1e-4 * length * line.slope0

    assert a > 0.0 and kept(a)
    begun = min(first, line.reach)
    assert a == begun or not kept(2.0 * a)


@given(st.sampled_from(SURFACES), shares, shares, turns, firsts)
@settings(max_examples=150, deadline=None)
def test_exact_ends_where_the_line_is_flat_and_lower(name, across, up, turn, first):
    line = downhill(surface_named(name), across, up, turn)
    a = line_search.exact(line, first)
    if a < line.reach:
        assert abs(line.slope(a)) <= 1e-6 * max(abs(line.slope0), 1.0)
        assert line.value(a) <= line.value0


def test_exact_is_closed_on_a_quadratic():
    surface = surface_named("quadratic")
    oracle = Oracle(surface, surface.gradient)
    gx, gy = surface.gradient(2.0, 1.0)
    a = line_search.exact(Line(oracle, (2.0, 1.0, -gx, -gy), surface.diagonal), 0.3)
    assert a == pytest.approx((gx * gx + gy * gy) / (gx * gx + 25 * gy * gy), rel=1e-12)
    assert oracle.count == 3  # at the start, at the trial, at the root


def test_a_hole_is_infinitely_high():
    surface = Surface(
        "log", "", "", (-1.0, 4.0, -1.0, 1.0), (3.0, 0.0), lambda x, y: x - math.log(x) + y * y, lambda x, y: (1 - 1 / x, 2 * y)
    )
    for search in (line_search.backtracking, line_search.strong_wolfe, line_search.exact):
        line = Line(Oracle(surface, surface.gradient), (3.0, 0.0, -1.0, 0.0), surface.diagonal)
        a = search(line, 10.0)
        assert 0.0 < a < 3.0 and line.value(a) < line.value0
    assert a == pytest.approx(2.0, abs=1e-6)


def test_a_line_that_falls_for_ever_is_followed_out_of_the_plot():
    surface = surface_named("saddle")
    line = Line(Oracle(surface, surface.gradient), (0.0, 0.5, 0.0, 1.0), surface.diagonal)
    assert line_search.strong_wolfe(line, 1.0) == line_search.exact(line, 1.0) == line.reach


def test_the_oracle_counts_by_its_rule():
    surface = surface_named("rosenbrock")
    oracle = Oracle(surface, surface.gradient)
    oracle.begin(0.0, 0.0)
    oracle.gradient(0.0, 0.0)
    oracle.value(0.0, 0.0)  # comes with the gradient
    assert oracle.count == 1
    oracle.value(1.0, 0.5)
    oracle.gradient(1.0, 0.5)
    oracle.gradient(1.0, 0.5)
    assert oracle.count == 2
    oracle.hessian(0.0, 0.0)
    assert oracle.count == 4
    oracle.begin(1.0, 0.5)
    oracle.gradient(1.0, 0.5)  # known from the last step
    assert oracle.count == 4
    oracle.gradient(0.0, 0.0)  # forgotten
    assert oracle.count == 5
