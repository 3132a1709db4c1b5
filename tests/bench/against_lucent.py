"""Feature visualisation beside lucent's loop (torch-lucent, Apache-2.0): speed of a step, and how well the pictures do.

    python tests/bench/run.py against_lucent          speed, and pictures of a small budget
    python tests/bench/against_lucent.py [--quick] [FILE]
        the whole comparison: ten channels of SqueezeNet features.11, 224 px, 256 steps, three seeds; every finished pair is
        kept in FILE (bench-lucent.json), so that an interrupted run goes on

`make bench` installs torch-lucent and kornia without their dependencies. What they need besides torch and numpy is put in
their place here: torchvision's Normalize, `decorator`, and two names that kornia has moved since.
"""

import json
import math
import statistics
import sys
import time
import types
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import torch

from explorer.engine.engine import Engine
from explorer.features.ascent import Aim
from explorer.features.colours import colours_of
from explorer.features.growing import canvas_of, grow
from explorer.features.objectives import channel_mean
from explorer.features.terms import Term
from explorer.jobs import Work, result_of
from explorer.requests.dream import DreamRequest

MODEL, LAYER, SIZE, STEPS = "squeezenet1_1", "features.11", 224, 256
CHANNELS = tuple(range(3, 512, 51))  # ten, spread over all 512
SEEDS = (0, 1, 2)
UNSEEN = 32  # transforms that neither loop has seen
WANTED_SPEED, WANTED_ACTIVATION = 2.0, 0.95


def lucent():
    """lucent's modules `render`, `param`, `objectives`, with what they import and is not here put in place."""

    def module(name, **contents):
        sys.modules.setdefault(name, types.ModuleType(name))
        for key, value in contents.items():
            setattr(sys.modules[name], key, value)

    class Normalize:
        def __init__(self, mean, std):
            self.mean, self.std = torch.tensor(mean)[:, None, None], torch.tensor(std)[:, None, None]

        def __call__(self, picture):
            return (picture - self.mean) / self.std

    def decorator(caller):
        return lambda function: lambda *arguments, **named: caller(function, *arguments, **named)

    class Bar:
        def __init__(self, steps, **_):
            self.steps = steps

        def __iter__(self):
            return iter(self.steps)

    module("torchvision")
    module("torchvision.transforms", Normalize=Normalize)
    module("torchvision.models")
    module("decorator", decorator=decorator)
    module("tqdm", tqdm=Bar)
    module("lucent.misc.io", show=None)  # it would draw in a notebook
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import kornia
        import kornia.geometry.transform as moved

        for name in ("get_rotation_matrix2d", "warp_affine"):
            if not hasattr(kornia, name):
                setattr(kornia, name, getattr(moved, name))
        from lucent.optvis import objectives, param, render
    return types.SimpleNamespace(render=render, param=param, objectives=objectives)


def as_lucent_wants(network):
    """The network as a user of lucent has it: a plain module in eval mode that takes torchvision's normalised colours.

    Where this network's weights want other ones, the way there goes into the first convolution (exact where it has no border).
    """
    module = network.spec.build().eval()
    module.load_state_dict(network.module.state_dict())
    weight, bias = colours_of(network)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    first = module.get_submodule(network.first_convolution)
    with torch.no_grad():
        plain = first.weight.clone()
        first.weight.copy_(torch.einsum("ochw,ck->okhw", plain, weight * deviation))
        if first.bias is not None:
            first.bias.add_(torch.einsum("ochw,c->o", plain, weight @ mean + bias))
    return module


def lucent_picture(network, layer, channel, size, steps, seed):
    """(H, W, 3) uint8: lucent's own loop with its own defaults, Fourier picture in decorrelated colours."""
    them = lucent()
    torch.manual_seed(seed)
    np.random.seed(seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pictures = them.render.render_vis(
            as_lucent_wants(network),
            f"{layer.replace('.', '_')}:{channel}",
            lambda: them.param.image(size, fft=True, decorrelate=True),
            thresholds=(steps,),
            progress=False,
            show_image=False,
        )
    return np.round(pictures[0][0].clip(0, 1) * 255).astype(np.uint8)


def our_picture(engine, model, layer, channel, size, steps, seed):
    """(H, W, 3) uint8: `explorer dream` with its own defaults."""
    request = DreamRequest(model=model, layer=layer, channel=channel, size=size, steps=steps, seed=seed)
    return result_of(request, Work(engine=engine)).rgb


def unseen(picture, count=UNSEEN):
    """`count` shifted, turned and scaled versions of (H, W, 3) uint8, the same for every picture."""
    draw = np.random.default_rng(20171107)
    nchw = torch.from_numpy(picture.copy()).permute(2, 0, 1)[None] / 255.0
    for _ in range(count):
        angle, scale = np.deg2rad(draw.uniform(-10, 10)), draw.uniform(0.9, 1.1)
        right, down = draw.uniform(-16, 16, 2) * 2 / picture.shape[0]
        cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
        theta = torch.tensor([[[cos, -sin, right], [sin, cos, down]]], dtype=torch.float32)
        grid = torch.nn.functional.affine_grid(theta, list(nchw.shape), align_corners=False)
        moved = torch.nn.functional.grid_sample(nchw, grid, padding_mode="reflection", align_corners=False)
        yield (moved[0].permute(1, 2, 0).clamp(0, 1) * 255).round().to(torch.uint8).numpy()


def activation(network, layer, channel, picture):
    """Mean activation of the channel over the unseen transforms, by plain passes of the network itself."""
    aim = Aim(network, [Term(layer, channel_mean(channel))])
    return statistics.fmean(aim.measure(np.ascontiguousarray(moved)) for moved in unseen(picture))


def geometric(ratios):
    """The geometric mean."""
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))


def compare(channels, seeds, steps, kept):
    """{"channel/seed": [ours, lucent]} for every pair; `kept(results)` is called after each new one."""
    engine = Engine()
    network = engine.network(DreamRequest(model=MODEL))
    results = kept(None)
    for channel in channels:
        for seed in seeds:
            name = f"{steps}/{channel}/{seed}"
            if name not in results:
                ours = our_picture(engine, MODEL, LAYER, channel, SIZE, steps, seed)
                theirs = lucent_picture(network, LAYER, channel, SIZE, steps, seed)
                results[name] = [activation(network, LAYER, channel, picture) for picture in (ours, theirs)]
                kept(results)
    return {name: pair for name, pair in results.items() if name.startswith(f"{steps}/")}


def steppers(network, layer, size):
    """Two callables, a step each: ours with all of a dream's defaults, and lucent's."""
    request = DreamRequest(layer=layer, channel=5, size=size, steps=4096)
    steps = grow(Aim(network, [Term(layer, channel_mean(5))]), canvas_of(request, [0], network.device), request, [0])
    them = lucent()
    module = as_lucent_wants(network)
    parameters, picture = them.param.image(size, fft=True, decorrelate=True)
    optimizer = torch.optim.Adam(parameters, lr=5e-2)
    seen = them.render.transform.compose([*them.render.transform.standard_transforms, them.render.transform.normalize()])
    hook = them.render.hook_model(module, picture)
    objective = them.objectives.as_objective(f"{layer.replace('.', '_')}:5")

    def theirs():
        optimizer.zero_grad()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module(seen(picture()))
        objective(hook).backward()
        optimizer.step()

    return partial(next, steps), theirs


def lines():
    """A step of each loop in turn; then pictures of a small budget."""
    from features import SIZES, in_turn
    from features import STEPS as SPEEDS

    engine = Engine()
    for model, layer, _ in SPEEDS:
        network = engine.network(DreamRequest(model=model))
        for size, turns in SIZES:
            ours, theirs = in_turn(steppers(network, layer, size), turns)
            yield {
                "what": f"step with Fourier picture and transforms, {model} {layer}, {size} px",
                "ms": round(ours, 1),
                "lucent_ms": round(theirs, 1),
                "ratio": round(theirs / ours, 2),
                "wanted_ratio": WANTED_SPEED,
            }
    yield summary(compare(CHANNELS[::3], (0,), 64, lambda results: results or {}), 64)


def summary(pairs, steps):
    """The line that says how well our pictures do beside lucent's."""
    ratios = [ours / theirs for ours, theirs in pairs.values()]
    return {
        "what": f"mean activation under unseen transforms, {MODEL} {LAYER}, {SIZE} px, {steps} steps, {len(ratios)} pairs",
        "ratio": round(geometric(ratios), 3),
        "least": round(min(ratios), 3),
        "wanted_ratio": WANTED_ACTIVATION,
    }


def main(arguments):
    """The whole comparison, kept pair by pair."""
    quick = "--quick" in arguments
    path = Path(next((name for name in arguments if not name.startswith("--")), "bench-lucent.json"))

    def kept(results):
        if results is None:
            return json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps(results, indent=0))
        print(len(results), list(results.items())[-1], file=sys.stderr, flush=True)
        return results

    begin = time.perf_counter()
    pairs = compare(CHANNELS[::3] if quick else CHANNELS, SEEDS[:1] if quick else SEEDS, 64 if quick else STEPS, kept)
    print(json.dumps({**summary(pairs, 64 if quick else STEPS), "seconds": round(time.perf_counter() - begin)}))


if __name__ == "__main__":
    main(sys.argv[1:])
