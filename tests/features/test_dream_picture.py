"""Deep Dream on a picture: colours kept, masks, tiles, films, the channels that answer."""

import hashlib

import cv2
import numpy as np
import pytest
import torch

from explorer.features.ascent import Aim
from explorer.features.film import flown, steadied
from explorer.features.objectives import mean_square
from explorer.features.octaves import Dreamer, tile_side
from explorer.features.sizes import octave_sizes, resized, to_rgb, to_tensor
from explorer.features.terms import Term
from explorer.jobs import CancelledJob, CancelToken, Failed, Preview, Work, result_of, run
from explorer.picture.stills import write_png
from explorer.records.frame import Frame
from explorer.requests.dream import ChannelsRequest, DreamRequest

QUICK = {"layer": "relu2", "channel": 3, "steps": 3, "size": 96, "octaves": 2, "start": "picture"}


def dream(engine, frame, **fields):
    return result_of(DreamRequest(**{**QUICK, **fields}), Work(engine=engine, frame=frame))


def start_of(frame, size=96):
    return to_rgb(resized(to_tensor(frame.rgb), *octave_sizes(frame.height, frame.width, size, 1, 2.0, 1)[-1]))


def test_kept_colours_move_red_green_and_blue_alike(small, coffee):
    plain, kept = dream(small, coffee), dream(small, coffee, keep_colours=True)
    start = start_of(coffee).astype(int)
    moved = kept.rgb - start
    assert np.ptp(moved, axis=2).max() <= 1 and np.abs(moved).mean() > 1  # one by rounding
    assert np.ptp(plain.rgb - start, axis=2).mean() > 1
    assert kept.facts["after"] > kept.facts["before"]


def test_the_mask_is_stretched_over_the_picture_and_black_stays(small, coffee, tmp_path):
    mask = np.zeros((10, 20, 3), np.uint8)
    mask[:, 10:] = 255
    write_png(tmp_path / "mask.png", mask)
    result = dream(small, coffee, mask=str(tmp_path / "mask.png"), blur=1.0)
    start = start_of(coffee)
    assert (result.rgb[:, :46] == start[:, :46]).all()  # two pixels for the stretched edge
    assert np.abs(result.rgb[:, 50:].astype(int) - start[:, 50:]).mean() > 2


def test_bad_masks_are_explained(small, coffee, tmp_path):
    write_png(tmp_path / "black.png", np.zeros((4, 4, 3), np.uint8))
    (tmp_path / "text.png").write_text("no picture")
    for name, code in (("black.png", "dream.mask"), ("text.png", "picture.not"), ("none.png", "media.missing")):
        request = DreamRequest(**QUICK, mask=str(tmp_path / name))
        last = list(run(request, Work(engine=small, frame=coffee)))[-1]
        assert isinstance(last, Failed) and last.trouble.code == code


def test_tiles_are_pictures_by_themselves_and_memory_is_that_of_one(small, coffee, monkeypatch):
    seen = []
    real = Aim.gradient

    def gradient(self, picture, *rest):
        seen.append(tuple(picture.shape[2:]))
        return real(self, picture, *rest)

    monkeypatch.setattr(Aim, "gradient", gradient)
    result = dream(small, coffee, tile=64, size=160, octaves=1, steps=4)
    assert max(max(shape) for shape in seen) <= 64 and len(seen) > 4 * 4
    assert len(set(seen)) > 3  # the edges lie elsewhere in every step
    aim = Aim(small.toy, [Term("relu2", lambda y: y[:, 3].mean((1, 2)))])
    whole, tiled = aim.measure(result.rgb), aim.measure(result.rgb, tile=64)
    assert result.facts["after"] == pytest.approx(tiled) and tiled == pytest.approx(whole, rel=0.1)
    assert result.facts["after"] > result.facts["before"]


def test_one_tile_is_the_whole_picture(small, coffee):
    assert dream(small, coffee, tile=256).rgb.tobytes() == dream(small, coffee).rgb.tobytes()
    assert tile_side(DreamRequest(tile=0)) == 0 and tile_side(DreamRequest(tile=32)) == 64


def test_a_tiled_gradient_is_that_of_the_mean_over_tiles(small, coffee):
    aim = Aim(small.toy, [Term("bn1", mean_square())])
    picture = resized(to_tensor(coffee.rgb), 80, 96)
    dreamer = Dreamer(aim, DreamRequest(tile=64))
    _, whole = dreamer._gradient(picture)
    _, alone = Dreamer(aim, DreamRequest(tile=0))._gradient(picture)
    inner = torch.nn.functional.cosine_similarity(whole.flatten(), alone.flatten(), dim=0)
    assert inner > 0.9  # only the seams differ


@pytest.fixture(scope="module")
def flight():
    return {**QUICK, "size": 120, "frames": 4, "zoom": 1.1, "turn": 3.0, "steps": 4}


def test_a_film_has_all_its_pictures(small, coffee, flight):
    events = list(run(DreamRequest(**flight), Work(engine=small, frame=coffee)))
    result = events[-1].record
    finished = [e.record for e in events if isinstance(e, Preview) and e.record.facts.get("finished")]
    assert [record.facts["frame"] for record in finished] == [1, 2, 3, 4] and finished[0].facts["frames"] == 4
    assert len(result.film) == 4 and finished[-1].rgb.tobytes() == result.rgb.tobytes()
    for coded, record in zip(result.film, finished, strict=True):
        shown = cv2.imdecode(np.frombuffer(coded, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        assert shown.shape == result.rgb.shape and np.abs(shown.mean(2) - record.rgb.mean(2)).mean() < 4
    assert all(e.record.rgb.shape == result.rgb.shape for e in events[-4:-1])
    last = [e for e in events if isinstance(e, Preview)][-1]
    assert last.done == last.total == 4 * 2 + 3 * 1 * 2
    assert result.facts["after"] > result.facts["before"]
    again = result_of(DreamRequest(**flight), Work(engine=small, frame=coffee))
    assert again.rgb.tobytes() == result.rgb.tobytes() and again.film == result.film


def test_a_film_out_of_noise(small):
    result = result_of(DreamRequest(layer="relu2", channel=3, steps=8, size=64, frames=3, octaves=1), Work(engine=small))
    assert len(result.film) == 3 and result.rgb.shape == (64, 64, 3)
    last = list(run(DreamRequest(layer="relu2", channel=3, steps=2, size=32, frames=2, batch=2), Work(engine=small)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "dream.film"


def test_a_stopped_film_keeps_what_it_has(small, coffee, flight):
    token = CancelToken()
    events = []
    for event in run(DreamRequest(**{**flight, "frames": 600}), Work(engine=small, frame=coffee, token=token)):
        events.append(event)
        if isinstance(event, Preview) and event.record.facts.get("frame") == 3 and event.record.facts.get("finished"):
            token.cancel()
    assert isinstance(events[-1], CancelledJob)
    record = events[-1].record
    assert len(record.film) >= 3 and record.rgb.shape[1] == 120


def test_flying_enlarges_and_turns_around_the_middle():
    dot = torch.zeros(1, 3, 65, 65)
    dot[:, :, 32, 42] = 1.0  # ten pixels right of the middle
    large = flown(dot, 1.5, 0.0)
    assert divmod(int(large[0, 0].argmax()), 65) == (32, 47)
    turned = flown(dot, 1.0, 90.0)
    assert divmod(int(turned[0, 0].argmax()), 65) == (22, 32)  # anticlockwise: what was right is above
    assert flown(dot, 1.0, 0.0) is dot


def test_a_long_film_keeps_its_contrast():
    first = torch.rand((1, 3, 20, 20), generator=torch.Generator().manual_seed(0)) * 0.5 + 0.2
    steady = steadied((first * 1.5).clamp(0, 1), first)
    assert float(steady.mean()) == pytest.approx(float(first.mean()), abs=1e-3)
    assert float(steady.std()) == pytest.approx(float(first.std()), rel=0.05)


def test_facts_say_which_picture_it_was(small, coffee):
    facts = dream(small, coffee).facts
    assert facts["picture"] == "coffee" and facts["picture_sha256"] == hashlib.sha256(coffee.rgb.tobytes()).hexdigest()
    assert DreamRequest.model_validate(facts["request"]) == DreamRequest(**QUICK)


def test_the_channels_that_answer_most_to_a_picture(small, coffee):
    found = result_of(ChannelsRequest(layer="relu2", top=12), Work(engine=small, frame=coffee))
    nchw = small.toy.prepare(coffee).nchw
    got = []
    handle = small.toy.module.relu2.register_forward_hook(lambda m, i, o: got.append(o[0].mean((1, 2))))
    with torch.no_grad():
        small.toy.module(nchw)
        small.toy.module(nchw.mean((2, 3), keepdim=True).expand_as(nchw))
    handle.remove()
    rise = (got[0] - got[1]).numpy()
    assert found.channels.tolist() == np.argsort(-rise, kind="stable").tolist() and found.facts["of"] == 12
    np.testing.assert_allclose(found.rise, rise[found.channels], atol=1e-6)
    np.testing.assert_allclose(found.values, got[0].numpy()[found.channels], atol=1e-6)
    assert len(result_of(ChannelsRequest(layer="fc", top=2), Work(engine=small, frame=coffee)).channels) == 2
    last = list(run(ChannelsRequest(layer="fc"), Work(engine=small)))[-1]
    assert isinstance(last, Failed) and last.trouble.code == "picture.missing"


@pytest.mark.parametrize("shape", [(1, 1), (2, 3000), (4300, 7680)], ids=str)
def test_tiny_thin_and_8k_pictures(small, shape):
    rgb = np.zeros((*shape, 3), np.uint8)
    rgb[..., 1] = np.linspace(0, 255, shape[1], dtype=np.uint8)
    result = dream(small, Frame(rgb), steps=1, tile=64)
    assert max(result.rgb.shape[:2]) == 96
