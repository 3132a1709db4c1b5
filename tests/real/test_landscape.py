"""Loss landscape in a real window: what it shows is what the jobs say."""

import numpy as np

from explorer.cli.media import still
from explorer.engine.engine import Engine
from explorer.jobs import Work, result_of
from explorer.requests.landscape import DescentRequest, map_part


def test_a_click_trains_from_there_and_the_map_goes_old(real_window):
    facts = real_window("journey")
    request = DescentRequest(
        model="lenet5", size=17, views=2, steps=12, method="Adam(lr=0.002)", start=tuple(facts["start"])
    )
    work = Work(Engine(threads=1), still("coffee"))
    np.testing.assert_allclose(facts["z"], result_of(map_part(request), work).surface.z, rtol=1e-3)
    path = result_of(request, work)
    np.testing.assert_allclose(facts["values"], path.run.values, rtol=1e-2, atol=1e-6)
    np.testing.assert_allclose(facts["distance"], path.distance, rtol=1e-2, atol=1e-4)
    assert abs(facts["start"][0] + 0.6) < 0.02 and abs(facts["start"][1] - 0.6) < 0.02
    assert facts["step"] == 6 and "torch.Adam" in facts["words"]
    assert facts["nudged"][0] == round(facts["start"][0] + 0.05, 4)
