import subprocess
import sys

import pytest
import torch

from explorer.features.adam import Adam


@pytest.mark.parametrize("rate", [0.05, 1.0])
def test_the_numbers_are_those_of_torch(rate):
    generator = torch.Generator().manual_seed(1)
    start = torch.randn(2, 3, 5, generator=generator, dtype=torch.float64)
    theirs = start.clone().requires_grad_()
    ours = start.clone()
    reference, adam = torch.optim.Adam([theirs], lr=rate), Adam(ours, rate)
    for _ in range(50):
        gradient = torch.randn(start.shape, generator=generator, dtype=torch.float64)
        theirs.grad = gradient.clone()
        reference.step()
        adam.step(gradient)
        assert torch.allclose(ours, theirs.detach(), rtol=0, atol=1e-12)


def test_a_step_does_not_import_the_compiler():
    code = (
        "import sys, torch; from explorer.features.adam import Adam; x = torch.zeros(3, requires_grad=True)\n"
        "Adam(x, 0.1).step(torch.ones(3)); print(x.tolist(), 'torch._dynamo' in sys.modules, 'sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split("] ")[1].split() == ["False", "False"], done.stdout + done.stderr
