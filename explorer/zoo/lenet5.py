"""LeNet-5: the network that read cheques (LeCun et al. 1998, Proceedings of the IEEE 86(11)).

    input 1x32x32 -> C1 6x28x28 -> S2 6x14x14 -> C3 16x10x10 -> S4 16x5x5 -> C5 120x1x1 -> F6 84 -> output 10

Layer names are the paper's: C is a convolution (5 x 5, no padding), S a subsampling by two, F fully connected. As is usual
today, S averages without numbers of its own, C3 sees all maps of S2 (not table I's choice), and the output is linear.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn


class LeNet5(nn.Module):
    """(N, 1, 32, 32), ink bright on dark, about -0.1 to 1.2 (paper, section II.B) -> logits (N, 10)."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.c1 = nn.Conv2d(1, 6, kernel_size=5)
        self.tanh1 = nn.Tanh()
        self.s2 = nn.AvgPool2d(2)
        self.c3 = nn.Conv2d(6, 16, kernel_size=5)
        self.tanh3 = nn.Tanh()
        self.s4 = nn.AvgPool2d(2)
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)
        self.tanh5 = nn.Tanh()
        self.f6 = nn.Linear(120, 84)
        self.tanh6 = nn.Tanh()
        self.output = nn.Linear(84, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and subsample twice, then decide."""
        x = self.s2(self.tanh1(self.c1(x)))
        x = self.s4(self.tanh3(self.c3(x)))
        x = self.tanh5(self.c5(x)).flatten(1)
        return cast(Tensor, self.output(self.tanh6(self.f6(x))))
