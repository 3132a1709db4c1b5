"""Formulas of one number, worked out in float64: activations, normalisation, softmax."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch

from explorer.features.numbers_calls import Call
from explorer.i18n import N_
from explorer.records.numbers import Softmax, Term, Worked

CURVE_POINTS = 161
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805
Function = Callable[..., float]


class Step(NamedTuple):
    """A function of x. `parameters`: (its name for people, its place among the arguments, their name, the default)."""

    formula: str
    f: Function
    parameters: tuple[tuple[str, int, str, Any], ...] = ()


def _exp(x: float) -> float:
    return math.exp(min(x, 709.0))


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    return 1 / (1 + _exp(-x)) if x >= 0 else _exp(x) / (1 + _exp(x))


def softplus(x: float, beta: float = 1.0, threshold: float = 20.0) -> float:
    """ln(1 + exp(beta x)) / beta; x itself where it is large."""
    return x if beta * x > threshold else math.log1p(_exp(beta * x)) / beta


def _gelu(x: float, approximate: str) -> float:
    if approximate == "tanh":
        return 0.5 * x * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


def _between(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


_ALPHA = (("alpha", 1, "alpha", 1.0),)
_LAMBDA = (("lambda", 1, "lambd", 0.5),)
ACTIVATIONS: dict[str, Step] = {
    "relu": Step(N_("max(0, x)"), lambda x: max(0.0, x)),
    "relu6": Step(N_("min(max(0, x), 6)"), lambda x: _between(x, 0.0, 6.0)),
    "hardtanh": Step(N_("min(max({low}, x), {high})"), _between, (("low", 1, "min_val", -1.0), ("high", 2, "max_val", 1.0))),
    "leaky_relu": Step(
        N_("x where x > 0, else {slope} x"), lambda x, slope: x if x > 0 else slope * x, (("slope", 1, "negative_slope", 0.01),)
    ),
    "prelu": Step(
        N_("x where x > 0, else {slope} x"), lambda x, slope: x if x > 0 else slope * x, (("slope", 1, "weight", 0.25),)
    ),
    "elu": Step(N_("x where x > 0, else {alpha} (exp(x) - 1)"), lambda x, alpha: x if x > 0 else alpha * math.expm1(x), _ALPHA),
    "celu": Step(
        N_("x where x > 0, else {alpha} (exp(x / {alpha}) - 1)"),
        lambda x, alpha: x if x > 0 else alpha * math.expm1(x / alpha),
        _ALPHA,
    ),
    "selu": Step(
        N_("1.0507 x where x > 0, else 1.0507 * 1.6733 (exp(x) - 1)"),
        lambda x: SELU_SCALE * (x if x > 0 else SELU_ALPHA * math.expm1(x)),
    ),
    "gelu": Step(N_("x times the share of a normal distribution below x"), _gelu, (("approximate", 1, "approximate", "none"),)),
    "silu": Step(N_("x / (1 + exp(-x))"), lambda x: x * sigmoid(x)),
    "mish": Step(N_("x tanh(ln(1 + exp(x)))"), lambda x: x * math.tanh(softplus(x))),
    "softplus": Step(
        N_("ln(1 + exp({beta} x)) / {beta}"), softplus, (("beta", 1, "beta", 1.0), ("threshold", 2, "threshold", 20.0))
    ),
    "sigmoid": Step(N_("1 / (1 + exp(-x))"), sigmoid),
    "log_sigmoid": Step(N_("ln(1 / (1 + exp(-x)))"), lambda x: min(x, 0.0) - math.log1p(_exp(-abs(x)))),
    "tanh": Step(N_("tanh(x)"), math.tanh),
    "tanhshrink": Step(N_("x - tanh(x)"), lambda x: x - math.tanh(x)),
    "softsign": Step(N_("x / (1 + |x|)"), lambda x: x / (1 + abs(x))),
    "hardswish": Step(N_("x min(max(0, x + 3), 6) / 6"), lambda x: x * _between(x + 3, 0.0, 6.0) / 6),
    "hardsigmoid": Step(N_("min(max(0, x + 3), 6) / 6"), lambda x: _between(x + 3, 0.0, 6.0) / 6),
    "hardshrink": Step(N_("0 where |x| <= {lambda}, else x"), lambda x, lam: 0.0 if abs(x) <= lam else x, _LAMBDA),
    "softshrink": Step(
        N_("x moved by {lambda} towards 0, at most to 0"), lambda x, lam: math.copysign(max(abs(x) - lam, 0.0), x), _LAMBDA
    ),
    "threshold": Step(
        N_("x where x > {threshold}, else {value}"),
        lambda x, threshold, value: x if x > threshold else value,
        (("threshold", 1, "threshold", 0.0), ("value", 2, "value", 0.0)),
    ),
}
NORMAL = N_("(x - mean) / sqrt(variance + eps) * gamma + beta")
NORMAL_ALONE = N_("(x - mean) / sqrt(variance + eps)")
SOFTMAX = N_("exp(x - largest) / the sum of exp of all {count}")
LOG_SOFTMAX = N_("x - largest - ln(the sum of exp of all {count})")


def activation(call: Call, index: tuple[Any, ...], channel: int) -> Worked:
    """f(x) of the number at the same place of the input, its formula, and the curve around it."""
    step = ACTIVATIONS[call.name]
    x = float(call.input[index])
    values: dict[str, Any] = {}
    for name, at, word, default in step.parameters:
        given = call.get(at, word, default)
        if isinstance(given, torch.Tensor):
            given = given.reshape(-1)[channel if given.numel() > 1 else 0]
        values[name] = given if isinstance(given, str) else float(given)
    arguments = tuple(values.values())
    total = math.nan if math.isnan(x) else _safe(step.f, x, arguments)
    reach = max(4.0, min(abs(x), 1e6) * 1.25) if math.isfinite(x) else 4.0
    line = np.linspace(-reach, reach, CURVE_POINTS)
    curve = np.stack([line, np.array([_safe(step.f, float(at), arguments) for at in line])])
    terms = (Term("x", x), *(Term(name, value) for name, value in values.items() if isinstance(value, float)))
    return Worked("steps", step.formula, total, values, terms, curve=curve)


def _safe(f: Function, x: float, arguments: tuple[Any, ...]) -> float:
    try:
        return f(x, *arguments)
    except (OverflowError, ValueError):
        return math.nan


def normal(call: Call, index: tuple[Any, ...]) -> Worked:
    """batch_norm, instance_norm, group_norm, layer_norm: which mean and variance, then the same formula."""
    x, channel = float(call.input[index]), int(index[1])
    numbers = call.input.double()
    if call.name == "layer_norm":
        shape = tuple(call.get(1, "normalized_shape"))
        part = numbers[tuple(index[: numbers.ndim - len(shape)])]
        place = tuple(index[numbers.ndim - len(shape) :])
        weight, bias, eps = call.get(2, "weight"), call.get(3, "bias"), float(call.get(4, "eps", 1e-5))
        gamma, beta = (None if item is None else float(item[place]) for item in (weight, bias))
        return _normed(x, *_spread(part), eps, gamma, beta)
    if call.name == "group_norm":
        size = numbers.shape[1] // int(call.get(1, "num_groups"))
        first = channel // size * size
        mean, variance = _spread(numbers[0, first : first + size])
        weight, bias, eps = call.get(2, "weight"), call.get(3, "bias"), float(call.get(4, "eps", 1e-5))
    else:
        running, running_var = call.get(1, "running_mean"), call.get(2, "running_var")
        weight, bias = call.get(3, "weight"), call.get(4, "bias")
        eps = float(call.get(7, "eps", 1e-5))
        own = call.name == "batch_norm" and bool(call.get(5, "training", False))
        own = own or (call.name == "instance_norm" and bool(call.get(5, "use_input_stats", True)))
        if own or running is None:
            mean, variance = _spread(numbers[:, channel] if call.name == "batch_norm" else numbers[0, channel])
        else:
            mean, variance = float(running[channel]), float(running_var[channel])
    gamma, beta = (None if item is None else float(item[channel]) for item in (weight, bias))
    return _normed(x, mean, variance, eps, gamma, beta)


def _spread(part: torch.Tensor) -> tuple[float, float]:
    return float(part.mean()), float(part.var(unbiased=False))


def _normed(x: float, mean: float, variance: float, eps: float, gamma: float | None, beta: float | None) -> Worked:
    scaled = (x - mean) / math.sqrt(variance + eps) if variance + eps > 0 else math.nan
    terms = [Term("x", x), Term(N_("mean"), mean), Term(N_("variance"), variance), Term("eps", eps)]
    total = scaled
    if gamma is not None or beta is not None:
        gamma, beta = 1.0 if gamma is None else gamma, 0.0 if beta is None else beta
        terms += [Term(N_("normalised"), scaled), Term("gamma", gamma), Term("beta", beta)]
        return Worked("steps", NORMAL, scaled * gamma + beta, {}, tuple(terms))
    return Worked("steps", NORMAL_ALONE, total, {}, tuple(terms))


def softmax(call: Call, index: tuple[Any, ...]) -> Worked:
    """softmax or log_softmax along its dimension, through the number at `index`."""
    dim = call.get(1, "dim")
    axis = (1 if call.input.ndim in (2, 4) else 0) if dim is None else int(dim) % call.input.ndim
    line = tuple(slice(None) if at == axis else place for at, place in enumerate(index))
    made = softmax_of(call.input[line], int(index[axis]))
    log = call.name == "log_softmax"
    x = float(made.logits[made.index])
    total = x - made.peak - math.log(made.total) if log else made.probability
    terms = (Term("x", x), Term(N_("largest"), made.peak), Term(N_("sum of exp"), made.total))
    return Worked("softmax", LOG_SOFTMAX if log else SOFTMAX, total, {"count": len(made.logits)}, terms, softmax=made)


def softmax_of(logits: torch.Tensor, index: int) -> Softmax:
    """The softmax of (n,) numbers, worked out for number `index`."""
    numbers = logits.detach().float().cpu().numpy()
    peak = float(np.max(numbers))
    powers = np.exp(numbers.astype(np.float64) - peak)
    return Softmax(numbers, index, peak, powers, float(powers.sum()))
