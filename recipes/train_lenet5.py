"""Trains LeNet-5 on scikit-learn's digits and writes assets/weights/lenet5_digits.safetensors and .json beside it.

    python recipes/train_lenet5.py            about a minute on two cores

Data: `sklearn.datasets.load_digits()`, 1797 digits of 8 x 8 pixels, values 0..16 (UCI, optical recognition of digits).
Rule: value / 16, then bilinear to 32 x 32 (align_corners False), then (v - 0.0784) / 0.7843: -0.1 is paper, 1.175 is ink, as in
LeCun et al. 1998. Held out: every fifth digit (index % 5 == 0), 360 digits, never trained on nor used to choose anything.
Each epoch every training digit is shifted by up to two pixels of the 32 and turned by up to ten degrees.
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import sklearn
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from torch import Tensor

from explorer.zoo.lenet5 import LeNet5

OUT = Path(__file__).resolve().parent.parent / "assets" / "weights" / "lenet5_digits"
SEED, EPOCHS, BATCH, RATE = 0, 60, 64, 2e-3
MEAN, STD = 0.0784, 0.7843


def digits() -> tuple[Tensor, Tensor]:
    """All digits as the network sees them, (1797, 1, 32, 32) float32, and their classes."""
    table = load_digits()
    small = torch.from_numpy(table.images).float().unsqueeze(1) / 16
    large = F.interpolate(small, size=(32, 32), mode="bilinear", align_corners=False)
    return (large - MEAN) / STD, torch.from_numpy(table.target).long()


def moved(x: Tensor) -> Tensor:
    """Each picture shifted and turned by its own small random amount; paper comes in at the edges."""
    count = len(x)
    angle = (torch.rand(count) * 2 - 1) * math.radians(10)
    shift = (torch.rand(count, 2) * 2 - 1) * (2 * 2 / 32)
    cos, sin = angle.cos(), angle.sin()
    matrix = torch.stack([torch.stack([cos, -sin, shift[:, 0]], 1), torch.stack([sin, cos, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(matrix, list(x.shape), align_corners=False)
    return F.grid_sample(x, grid, padding_mode="border", align_corners=False)


def accuracy(net: LeNet5, x: Tensor, y: Tensor) -> float:
    with torch.no_grad():
        return float((net(x).argmax(1) == y).float().mean())


def main() -> None:
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    x, y = digits()
    held = torch.arange(len(x)) % 5 == 0
    train_x, train_y = x[~held], y[~held]
    net = LeNet5()
    optimizer = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for epoch in range(EPOCHS):
        net.train()
        for batch in torch.randperm(len(train_x)).split(BATCH):
            optimizer.zero_grad()
            F.cross_entropy(net(moved(train_x[batch])), train_y[batch]).backward()
            optimizer.step()
        schedule.step()
        if epoch % 10 == 9:
            print(epoch + 1, round(accuracy(net.eval(), train_x, train_y), 4))
    net.eval()
    save_file(net.state_dict(), OUT.with_suffix(".safetensors"))
    facts = {
        "script": "recipes/train_lenet5.py",
        "seed": SEED,
        "epochs": EPOCHS,
        "data": "scikit-learn load_digits (UCI optical recognition of handwritten digits, CC BY 4.0)",
        "train_digits": int((~held).sum()),
        "test_digits": int(held.sum()),
        "train_accuracy": round(accuracy(net, train_x, train_y), 6),
        "test_accuracy": round(accuracy(net, x[held], y[held]), 6),
        "torch": torch.__version__,
        "scikit_learn": sklearn.__version__,
        "sha256": hashlib.sha256(OUT.with_suffix(".safetensors").read_bytes()).hexdigest(),
        "bytes": OUT.with_suffix(".safetensors").stat().st_size,
    }
    OUT.with_suffix(".json").write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    print(facts)


if __name__ == "__main__":
    main()
