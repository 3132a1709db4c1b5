"""The surface side of the optimizers in a real window, against the same requests run here."""

import numpy as np
import pytest

from explorer.descent.formula import facts as formula_facts
from explorer.jobs import result_of
from explorer.requests.race import ProbeRequest, SurfaceRequest


@pytest.mark.timeout(200)
def test_a_person_shapes_types_draws_and_turns(real_window):
    facts = real_window("journey", timeout=170)
    bowl = result_of(SurfaceRequest(surface="quadratic", values=facts["values"]))
    assert (facts["low"], facts["high"]) == (bowl.z.min(), bowl.z.max())
    at, value, gradient, eigenvalues, target, shape = facts["probe"]
    probe = result_of(ProbeRequest(surface="quadratic", values=facts["values"], at=at))
    assert (value, shape) == (probe.value, "bowl")
    np.testing.assert_array_equal(gradient + eigenvalues + target, [*probe.gradient, *probe.eigenvalues, *probe.target])
    text = "x^2/(1+y^2) + a sqrt(|y|)"
    assert facts["sliders"] == ["a"] and facts["typeset"] == formula_facts(text)["latex"]
    formula = result_of(SurfaceRequest(formula=text, values={"a": 2.5}))
    assert (facts["formula low"], facts["formula high"]) == (formula.z.min(), formula.z.max())
    assert facts["bad"] == 8 and "'.' is not allowed" in facts["fault"] and facts["stayed"]
    assert facts["zoomed"][0] == pytest.approx(-facts["zoomed"][1], abs=0.05) and 1.5 < facts["zoomed"][1] < 2.9
    slope, offset = np.polyfit(*np.array(facts["points"]).T, 1)
    assert facts["fit"] == pytest.approx([slope, offset], abs=1e-9)
    assert facts["alone"] and facts["colours"] > 100
    assert facts["pinned"] == pytest.approx([3.0, 2.0], abs=0.1)
    assert facts["crossed"] is not None and facts["start"] == pytest.approx(facts["crossed"], abs=0.01)
