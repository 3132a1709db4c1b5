"""First weights in a real window: what it shows is what the jobs say."""

import numpy as np

from explorer.jobs import result_of
from explorer.requests.neural import InitialisationRequest, LinearRegionsRequest


def test_six_ways_and_the_pieces_of_a_plane(real_window):
    facts = real_window("journey")
    record = result_of(InitialisationRequest())
    np.testing.assert_allclose(facts["spread"], record.scheme("he").spread, rtol=1e-9)
    assert facts["place"] == [5, 5] and "layer 5" in facts["told"]
    pieces = result_of(LinearRegionsRequest())
    assert facts["count"] == pieces.count
    assert facts["line"].startswith(f"Piece {facts['piece'] + 1} of {pieces.count}: f(x, y)")
