"""ResNet-18 and ResNet-50: layers learn what to add to their input (He et al. 2015, arXiv:1512.03385).

A plain stack of many layers trains worse than a short one: it would have to learn even to leave things alone. A residual
block leaves things alone by itself, its convolutions learn only the difference:

    (in) -+-> conv 3x3 -> BN -> ReLU -> conv 3x3 -> BN -+-> (+) -> ReLU          BasicBlock: ResNet-18
          +---------------- skip -----------------------+

    (in) -+-> conv 1x1 -> BN -> ReLU -> conv 3x3 -> BN -> ReLU -> conv 1x1 -> BN -+-> (+) -> ReLU     Bottleneck: ResNet-50
          +---------------- skip -------------------------------------------------+

The skip is the input itself; where a block halves the picture or changes the number of channels it is a 1 x 1 convolution
with a batch norm ("downsample"). The bottleneck squeezes to a quarter of its channels, looks, and widens again; its stride
sits in the 3 x 3 (known as version 1.5), the paper had it in the first 1 x 1. Parameter names are torchvision's; where
torchvision runs one ReLU module several times, here each place has its own: `relu1`, `relu2` inside, `relu` behind the sum.
"""

from __future__ import annotations

from typing import cast

from torch import Tensor, nn


def convolution(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    """A convolution without bias (the batch norm behind it has one) that keeps the size, but for its stride."""
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


def shortcut(inputs: int, outputs: int, stride: int) -> nn.Sequential | None:
    """What the skip needs to fit the sum; None where the input fits as it is."""
    if stride == 1 and inputs == outputs:
        return None
    return nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))


class BasicBlock(nn.Module):
    """(N, inputs, H, W) -> (N, width, H / stride, W / stride)."""

    widening = 1

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = convolution(inputs, width, 3, stride)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = convolution(width, width, 3)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = shortcut(inputs, width, stride)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """The difference, then the sum."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        skip = x if self.downsample is None else self.downsample(x)
        return cast(Tensor, self.relu(y + skip))


class Bottleneck(nn.Module):
    """(N, inputs, H, W) -> (N, 4 * width, H / stride, W / stride)."""

    widening = 4

    def __init__(self, inputs: int, width: int, stride: int = 1) -> None:
        super().__init__()
        outputs = width * self.widening
        self.conv1 = convolution(inputs, width, 1)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = convolution(width, width, 3, stride)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = convolution(width, outputs, 1)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = shortcut(inputs, outputs, stride)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Squeeze, look, widen; then the sum."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.relu2(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        skip = x if self.downsample is None else self.downsample(x)
        return cast(Tensor, self.relu(y + skip))


class ResNet(nn.Module):
    """(N, 3, 224, 224) -> logits (N, classes). Other sizes work too. `depths`: blocks of the four stages."""

    def __init__(
        self, block: type[BasicBlock] | type[Bottleneck], depths: tuple[int, int, int, int], classes: int = 1000
    ) -> None:
        super().__init__()
        self.conv1 = convolution(3, 64, 7, 2)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        self.maxpool = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)
        self.layer1 = stage(block, 64, 64, depths[0], 1)
        self.layer2 = stage(block, 64 * block.widening, 128, depths[1], 2)
        self.layer3 = stage(block, 128 * block.widening, 256, depths[2], 2)
        self.layer4 = stage(block, 256 * block.widening, 512, depths[3], 2)
        self.avgpool = nn.AdaptiveAvgPool2d((1, 1))
        self.fc = nn.Linear(512 * block.widening, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        """Stem, four stages, mean, scores."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return cast(Tensor, self.fc(self.avgpool(x).flatten(1)))


def stage(block: type[BasicBlock] | type[Bottleneck], inputs: int, width: int, depth: int, stride: int) -> nn.Sequential:
    """`depth` blocks of one width; the first takes the stride."""
    blocks = [block(inputs, width, stride)]
    blocks += [block(width * block.widening, width) for _ in range(depth - 1)]
    return nn.Sequential(*blocks)


def resnet18() -> ResNet:
    """Eighteen layers with weights: the stem, eight blocks of two, the scores."""
    return ResNet(BasicBlock, (2, 2, 2, 2))


def resnet50() -> ResNet:
    """Fifty layers with weights: the stem, sixteen blocks of three, the scores."""
    return ResNet(Bottleneck, (3, 4, 6, 3))
