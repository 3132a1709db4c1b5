"""EfficientNet-Lite0: EfficientNet-B0 made for telephones (Tan and Le 2019, arXiv:1905.11946).

The unit is the inverted residual of MobileNet v2: widen with 1 x 1 kernels, look at each channel alone with a k x k kernel
(depthwise), narrow again without activation; where shape allows, the input is added to the output:

    (in) -> expand 1x1 -> BN -> ReLU6 -> depthwise kxk -> BN -> ReLU6 -> project 1x1 -> BN -> (+ in)

Lite means: no squeeze-and-excite, ReLU6 in place of swish (both are slow in whole numbers), stem and head not scaled.
Trained with TensorFlow, so a convolution of stride 2 pads one pixel more at the right and bottom ("SAME").
"""

from __future__ import annotations

from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

# (repeats, kernel, stride of the first, expansion, output channels): table 1 of the paper
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConv2d(nn.Conv2d):
    """A convolution without bias whose output has ceil(size / stride) pixels, whatever the input size (TensorFlow's SAME)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(inputs, outputs, kernel, stride, groups=groups, bias=False)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - the name nn.Conv2d gives it
        """Pad to SAME, convolve."""
        kernel, stride = self.kernel_size[0], self.stride[0]
        missing = [max((-(-size // stride) - 1) * stride + kernel - size, 0) for size in input.shape[-2:]]
        (top, left) = (missing[0] // 2, missing[1] // 2)
        if any(missing):
            input = F.pad(input, (left, missing[1] - left, top, missing[0] - top))  # noqa: A001 - as above
        return super().forward(input)


def batch_norm(channels: int) -> nn.BatchNorm2d:
    """Batch normalisation with TensorFlow's settings of this network."""
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    """(N, inputs, H, W) -> (N, outputs, ceil(H / stride), ceil(W / stride))."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.widens = expansion != 1
        self.adds = stride == 1 and inputs == outputs
        if self.widens:
            self.expand_conv = SameConv2d(inputs, wide, 1)
            self.bn0 = batch_norm(wide)
            self.relu0 = nn.ReLU6()
        self.depthwise_conv = SameConv2d(wide, wide, kernel, stride, groups=wide)
        self.bn1 = batch_norm(wide)
        self.relu1 = nn.ReLU6()
        self.project_conv = SameConv2d(wide, outputs, 1)
        self.bn2 = batch_norm(outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Widen, look, narrow, add."""
        y = x
        if self.widens:
            y = self.relu0(self.bn0(self.expand_conv(y)))
        y = self.relu1(self.bn1(self.depthwise_conv(y)))
        y = cast(Tensor, self.bn2(self.project_conv(y)))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    """(N, 3, 224, 224) -> logits (N, classes). Other sizes work too."""

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        self.conv_stem = SameConv2d(3, 32, 3, stride=2)
        self.bn0 = batch_norm(32)
        self.relu0 = nn.ReLU6()
        self.blocks = nn.Sequential()
        channels = 32
        for repeats, kernel, stride, expansion, outputs in STAGES:
            for index in range(repeats):
                self.blocks.append(InvertedResidual(channels, outputs, kernel, stride if index == 0 else 1, expansion))
                channels = outputs
        self.conv_head = SameConv2d(channels, 1280, 1)
        self.bn1 = batch_norm(1280)
        self.relu1 = nn.ReLU6()
        self.avg_pooling = nn.AdaptiveAvgPool2d(1)
        self.dropout = nn.Dropout(0.2)
        self.fc = nn.Linear(1280, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Stem, sixteen blocks, head, mean, scores."""
        x = self.relu0(self.bn0(self.conv_stem(x)))
        x = self.blocks(x)
        x = self.relu1(self.bn1(self.conv_head(x)))
        x = self.avg_pooling(x).flatten(1)
        return cast(Tensor, self.fc(self.dropout(x)))
