"""Methods that read the gradient of the number with respect to the picture."""

from __future__ import annotations

from collections.abc import Generator

import torch

from explorer.features.attribution_case import Case, Found, nothing
from explorer.i18n import N_
from explorer.jobs import Progress
from explorer.records.attribution import Said

Steps = Generator[Progress, None, Found]
COMPLETE = 0.05  # integrated gradients that miss the change of the number by more say so


def strongest(gradient: torch.Tensor) -> torch.Tensor:
    """(1, C, H, W) -> (H, W): the largest absolute value over the colours."""
    return gradient[0].detach().abs().amax(0)


def summed(gradient: torch.Tensor) -> torch.Tensor:
    """(1, C, H, W) -> (H, W): the sum over the colours, signed."""
    return gradient[0].detach().sum(0)


def saliency(case: Case) -> Steps:
    """|d score / d pixel|, the largest over the colours."""
    yield from nothing()
    return Found(strongest(case.captum.Saliency(case.model).attribute(case.leaf(), abs=True)))


def input_x_gradient(case: Case) -> Steps:
    """Pixel times gradient, summed over the colours: exact shares for a linear network."""
    yield from nothing()
    heat = summed(case.captum.InputXGradient(case.model).attribute(case.leaf()))
    return Found(heat, notes=(Said(N_("Pixels count from the network's own zero: the mean colour it was trained with.")),))


def smoothgrad(case: Case) -> Steps:
    """The gradient averaged over noisy copies of the picture: what flickers from copy to copy goes."""
    low, high = float(case.x.min()), float(case.x.max())
    deviation = case.request.noise * (high - low)
    samples = case.request.samples
    generator = case.generator()
    tunnel = case.captum.NoiseTunnel(case.captum.Saliency(case.model))
    total, done = torch.zeros_like(case.x), 0
    while done < samples:
        count = min(case.batch, samples - done)
        # captum draws its noise from torch's global numbers: lent to it for this one pass, so that the seed decides.
        with torch.random.fork_rng(devices=[case.x.device] if case.x.device.type == "cuda" else []):
            torch.manual_seed(int(torch.randint(2**31, (1,), generator=generator)))
            mean = tunnel.attribute(
                case.leaf(), nt_type="smoothgrad", nt_samples=count, nt_samples_batch_size=count, stdevs=deviation, abs=False
            )
        total += mean.detach() * count
        done += count
        yield Progress(done, samples)
    facts = {"samples": samples, "noise": case.request.noise, "deviation": deviation}
    return Found(strongest(total / samples), facts)


def integrated_gradients(case: Case) -> Steps:
    """The gradient summed along the straight way from the baseline to the picture, times that way."""
    baseline, steps = case.baseline(), case.request.steps

    def call() -> torch.Tensor:
        method = case.captum.IntegratedGradients(case.model)
        found: torch.Tensor = method.attribute(
            case.leaf(), baselines=baseline, n_steps=steps, method="gausslegendre", internal_batch_size=case.batch
        )
        return found

    attribution = yield from case.turns(call, -(-steps // case.batch))
    change = float(case.score(case.x)) - float(case.score(baseline))
    total = float(attribution.detach().sum())
    error = abs(total - change) / max(abs(change), 1e-12)
    facts = {"baseline": case.request.baseline, "steps": steps, "change": change, "sum": total, "completeness_error": error}
    said = N_(
        "Baseline: {baseline}. From there the number changes by {change:.3g}, the heat adds up to {sum:.3g} ({error:.1%} off)."
    )
    notes = [Said(said, {"baseline": WORDS[case.request.baseline], "change": change, "sum": total, "error": error})]
    if error > COMPLETE:
        notes.append(Said(N_("That is far from complete: take more steps.")))
    return Found(summed(attribution), facts, tuple(notes))


WORDS = {
    "black": N_("black"),
    "grey": N_("middle grey"),
    "mean": N_("the picture's mean colour"),
    "blur": N_("the picture blurred"),
}
