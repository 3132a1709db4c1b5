"""AlexNet: the network that won ImageNet in 2012, in its later one-tower form (Krizhevsky 2014, arXiv:1404.5997).

Five convolutions find, three fully connected layers decide. The first kernels are 11 x 11: large enough to be looked at as
pictures, and the lecture does so. "One weird trick" is a paper about training on many devices: the two halves of 2012 became
one tower, a little narrower and without local response normalisation. Of its 61 million numbers 58.6 sit in the three
linear layers; of its multiply-adds nine in ten in the convolutions. Names are torchvision's.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn


class AlexNet(nn.Module):
    """(N, 3, 224, 224) -> logits (N, classes). Other sizes from 63 pixels up work too: the maps are brought to 6 x 6."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(64, 192, kernel_size=5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
            nn.Conv2d(192, 384, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, kernel_size=3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(kernel_size=3, stride=2),
        )
        self.avgpool = nn.AdaptiveAvgPool2d((6, 6))
        self.classifier = nn.Sequential(
            nn.Dropout(p=0.5),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(),
            nn.Dropout(p=0.5),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Linear(4096, classes),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Find, bring to 6 x 6, decide."""
        return cast(Tensor, self.classifier(self.avgpool(self.features(x)).flatten(1)))
