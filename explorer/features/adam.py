"""Adam on one tensor, for dreams.

Why not torch.optim.Adam: its first step imports torch's compiler and sympy, over a second in which no Stop can be heard.
"""

from __future__ import annotations

import torch


class Adam:
    """Kingma and Ba 2015, arXiv:1412.6980, algorithm 1, with bias correction: torch.optim.Adam's numbers.

    `parameter` is changed in place by `step`; `rate` is the step size; memory starts at zero.
    """

    def __init__(
        self, parameter: torch.Tensor, rate: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
    ) -> None:
        self.parameter = parameter
        self.rate = rate
        self.betas = betas
        self.eps = eps
        self.taken = 0
        self._mean = torch.zeros_like(parameter)
        self._square = torch.zeros_like(parameter)

    @torch.no_grad()
    def step(self, gradient: torch.Tensor) -> None:
        """One step down `gradient` (the parameter's shape and dtype)."""
        first, second = self.betas
        self.taken += 1
        self._mean.lerp_(gradient, 1 - first)
        self._square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        scale = (self._square.sqrt() / (1 - second**self.taken) ** 0.5).add_(self.eps)
        self.parameter.addcdiv_(self._mean, scale, value=-self.rate / (1 - first**self.taken))
