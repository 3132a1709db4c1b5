"""Probing: hand-worked fields, the closed formula on chains, graphs without a formula, and the same answer both ways."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from explorer.engine.reach import cells_of, field_of, finite
from explorer.engine.taps import hook_count, run_until
from explorer.jobs import Cancelled, CancelToken


def box(field):
    rows, columns = field.any(1).nonzero().flatten().tolist(), field.any(0).nonzero().flatten().tolist()
    return (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1) if rows else None


def field(module, unit, size=16, channels=1, name=None):
    torch.manual_seed(0)
    x = torch.randn(1, channels, size, size).requires_grad_(True)
    module = module.eval().requires_grad_(False)
    output = run_until(module, x, name) if name else module(x)
    return field_of(output, x, unit)


def by_formula(layers, y, size):
    """[top, bottom) of the input rows that row `y` of a chain sees: the textbook recursion, backwards."""
    low = high = y
    for kernel, stride, padding, dilation in reversed(layers):
        low, high = low * stride - padding, high * stride - padding + (kernel - 1) * dilation
    return max(low, 0), min(high + 1, size)


CHAINS = {
    "one": [(3, 1, 1, 1)],
    "strides": [(3, 2, 1, 1), (5, 2, 2, 1), (3, 1, 1, 1)],
    "dilations": [(3, 1, 1, 1), (3, 1, 2, 2), (3, 1, 4, 4)],
    "no padding": [(5, 1, 0, 1), (2, 2, 0, 1), (4, 1, 0, 1)],
    "even": [(2, 1, 1, 1), (4, 2, 1, 1)],
}


@pytest.mark.parametrize("kind", ["conv", "max", "average"])
@pytest.mark.parametrize("chain", CHAINS)
def test_agrees_with_the_closed_formula_on_chains(chain, kind):
    layers = []
    for kernel, stride, padding, dilation in CHAINS[chain]:
        if kind == "conv" or padding * 2 > kernel or (kind == "average" and dilation > 1):
            layers += [nn.Conv2d(1, 1, kernel, stride, padding, dilation), nn.ReLU()]
        elif kind == "max":
            layers.append(nn.MaxPool2d(kernel, stride, padding, dilation))
        else:
            layers.append(nn.AvgPool2d(kernel, stride, padding))
    module = nn.Sequential(*layers)
    height = module(torch.zeros(1, 1, 24, 24)).shape[2]
    for y in range(0, height, 2):
        top, bottom = by_formula(CHAINS[chain], y, 24)
        left, right = by_formula(CHAINS[chain], height - 1 - y, 24)
        assert box(field(module, (0, 0, y, height - 1 - y), 24)) == (left, top, right, bottom)


def test_dilation_leaves_holes():
    seen = field(nn.Conv2d(1, 1, 3, dilation=2), (0, 0, 1, 2), 8)
    assert seen.nonzero().tolist() == [[y, x] for y in (1, 3, 5) for x in (2, 4, 6)]


def test_neither_a_zero_weight_nor_a_shut_gate_hides_a_dependence():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.ReLU6(), nn.Conv2d(2, 1, 1))
    with torch.no_grad():
        module[0].weight.zero_()
        module[0].bias.fill_(-5.0)
        module[4].weight.copy_(torch.tensor([1.0, -1.0]).reshape(1, 2, 1, 1))  # would cancel as numbers
    assert box(field(module, (0, 0, 1, 0), 10)) == (0, 2, 4, 6)


GATES = {
    "relu": F.relu, "relu6": F.relu6, "hardtanh": F.hardtanh, "hardswish": F.hardswish, "hardsigmoid": F.hardsigmoid,
    "hardshrink": F.hardshrink, "softshrink": F.softshrink, "threshold": lambda x: F.threshold(x, 9.0, 0.0),
    "clamp": lambda x: x.clamp(5, 6), "clamp low": lambda x: x.clamp(min=9), "clamp high": lambda x: x.clamp(max=-9),
    "clamp tensors": lambda x: torch.clamp(x, torch.full((), 8.0), torch.full((), 9.0)), "abs": torch.abs,
    "maximum": lambda x: torch.maximum(x, torch.full((1, 1, 1, 1), 99.0)), "minimum": lambda x: torch.minimum(x, x - 1),
    "fmax": lambda x: torch.fmax(x, torch.full_like(x, 99.0)), "round": torch.round, "sign": torch.sign,
    "nan": torch.nan_to_num, "mask": lambda x: x * (x > 99), "elu": F.elu, "gelu": F.gelu, "silu": F.silu, "mish": F.mish,
    "leaky": F.leaky_relu, "sigmoid": lambda x: torch.sigmoid(1000 * x), "softplus": F.softplus,
    "dropout": lambda x: F.dropout(x, 0.5, False),
}  # fmt: skip


class Call(nn.Module):
    def __init__(self, call):
        super().__init__()
        self.call = call

    def forward(self, x):
        return self.call(x)


@pytest.mark.parametrize("name", GATES)
def test_a_step_of_one_number_passes_the_stain_both_ways(name):
    module = nn.Sequential(nn.Identity(), Call(GATES[name]), nn.Identity())
    assert field(module, (0, 0, 2, 3), 6).nonzero().tolist() == [[2, 3]]
    seen = cells_of(module, torch.randn(1, 1, 6, 6), (2, 3), ("2",))["2"]
    assert seen[0, 0].nonzero().tolist() == [[2, 3]]


WIDE = {
    "softmax over colours": (lambda x: x.softmax(1), [[2, 3]]),
    "row maximum": (lambda x: x.amax(3, keepdim=True).expand_as(x), [[2, x] for x in range(6)]),
    "row maximum and place": (lambda x: x.max(3, keepdim=True)[0].expand_as(x), [[2, x] for x in range(6)]),
    "sorted rows": (lambda x: x.sort(3)[0], [[2, x] for x in range(6)]),
    "best of a column": (lambda x: x.topk(6, 2)[0], [[y, 3] for y in range(6)]),
    "squeeze and excite": (lambda x: x * x.mean((2, 3), keepdim=True).sigmoid(), [[y, x] for y in range(6) for x in range(6)]),
    "mirrored": (lambda x: x.flip(2), [[3, 3]]),
    "moved": (lambda x: x.roll(1, 3), [[2, 2]]),
    "adaptive maximum": (lambda x: F.adaptive_max_pool2d(x, 4).repeat_interleave(2, 2).repeat_interleave(2, 3),
                         [[y, x] for y in (1, 2) for x in (1, 2)]),
    "ceiling": (lambda x: F.max_pool2d(x[:, :, :5, :5], 2, ceil_mode=True).repeat_interleave(2, 2).repeat_interleave(2, 3),
                [[y, x] for y in (2, 3) for x in (2, 3)]),
    "enlarged": (lambda x: F.interpolate(x[:, :, :3, :3], size=(6, 6), mode="nearest"), [[1, 1]]),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDE)
def test_graphs_without_a_formula_worked_out_by_hand(name):
    call, expected = WIDE[name]
    assert field(Call(call), (0, slice(None), 2, 3), 6, 2).nonzero().tolist() == expected


def test_attention_sees_everything_and_a_copied_half_only_itself():
    class Tokens(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = nn.MultiheadAttention(4, 2, batch_first=True)

        def forward(self, x):
            tokens = x.flatten(2).transpose(1, 2)
            return self.mix(tokens, tokens, tokens)[0]

    assert field(Tokens(), (0, 5, slice(None)), 4, 4).all()
    left = Call(lambda x: torch.cat([x[..., :2] * 2, x[..., 2:].flip(3)], 3))
    assert field(left, (0, 0, 1, 3), 4).nonzero().tolist() == [[1, 2]]


def test_a_constant_and_whole_numbers_have_no_field():
    assert field(Call(lambda x: torch.ones(1, 1, 2, 2)), (0, 0, 0, 0)) is None
    assert field(Call(lambda x: x.argmax(1)), (0, 0, 0)) is None


def test_the_way_of_the_clean_picture_is_taken():
    class Either(nn.Module):
        def __init__(self):
            super().__init__()
            self.near, self.far = nn.Conv2d(1, 1, 1), nn.Conv2d(1, 1, 5, padding=2)

        def forward(self, x):
            return self.near(x) if float(x.detach().mean()) > 0 else self.far(x)

    module = Either()
    for x, seen in ((torch.ones(1, 1, 7, 7), 1), (-torch.ones(1, 1, 7, 7), 25)):
        ask = x.clone().requires_grad_(True)
        assert int(field_of(module(ask), ask, (0, 0, 3, 3)).sum()) == seen
        found = cells_of(module, x, (3, 3), ("near", "far"))
        assert [int(cells.sum()) for cells in found.values()] == [seen]


def test_both_ways_agree_on_a_graph_of_everything():
    class Everything(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(2, 4, 3, stride=2, padding=1)
            self.bn = nn.BatchNorm2d(4)
            self.wide = nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=2)
            self.up = nn.ConvTranspose2d(8, 3, 3, stride=2, padding=1)
            self.end = nn.ReLU()

        def forward(self, x):
            x = self.bn(self.stem(x))
            y = F.hardswish(self.wide(F.max_pool2d(x, 3, 1, 1)))
            y += x
            return self.end(self.up(torch.cat([y, x.clamp(min=0)], 1)))

    torch.manual_seed(1)
    module = Everything().eval().requires_grad_(False)
    x = torch.randn(1, 2, 12, 12)
    ask = x.clone().requires_grad_(True)
    output = module(ask)
    fields = {(r, c): field_of(output, ask, (0, slice(None), r, c)) for r in (0, 4, 5, 10) for c in (0, 3, 6, 10)}
    for pixel in ((0, 0), (5, 6), (11, 11), (3, 8)):
        cells = cells_of(module, x, pixel, ("end",))["end"][0].any(0)
        for unit, seen in fields.items():
            assert bool(cells[unit]) == bool(seen[pixel]), (pixel, unit)


def test_weights_that_are_no_numbers_stain_nothing():
    module = nn.Sequential(nn.Conv2d(1, 2, 3, padding=1))
    assert finite(module) is module
    with torch.no_grad():
        module[0].weight[0, 0, 1, 1] = float("nan")
    clean = finite(module)
    assert clean is finite(module) and bool(torch.isnan(module[0].weight).any())
    assert box(field(clean, (0, slice(None), 4, 4), 9)) == (3, 3, 6, 6)


def test_no_hook_remains_after_success_error_and_cancel():
    module = nn.Sequential(nn.Conv2d(1, 1, 3), Call(lambda x: x.view(3)))
    with pytest.raises(RuntimeError):
        cells_of(module, torch.zeros(1, 1, 8, 8), (0, 0), ("0", "1"))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        cells_of(module, torch.zeros(1, 1, 8, 8), (0, 0), ("0",), token)
    assert hook_count(module) == 0
    x = torch.randn(1, 1, 6, 6, requires_grad=True)
    output = F.relu(x) * 2
    output[0, 0, 0, 0].backward(retain_graph=True)
    plain = x.grad.clone()
    field_of(output, x, (0, 0, 3, 3))
    x.grad = None
    output[0, 0, 0, 0].backward(retain_graph=True)
    assert torch.equal(x.grad, plain)  # the gates are shut again
