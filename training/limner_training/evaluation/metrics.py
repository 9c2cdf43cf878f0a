"""Measures of redrawn pictures and of landmarks, all on frames never learned from."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from limner_engine.models.imm import IMM
from limner_engine.models.keypointgan import KeypointGAN
from limner_training.data.augment import affine, sample
from limner_training.data.frames import MARGIN, FrameSet
from limner_training.data.pairs import Indices

KNOWN_SHIFT = 6 / 64
"""Share of the crop's side by which `equivariance_error` shifts: 6 px of 64."""

KNOWN_TURN_RAD = 0.2


class Redrawing(NamedTuple):
    """L1 over pixels and colours, pictures in 0..1.

    Attributes:
        redrawn: Between redrawn targets and targets.
        copied: Between source frames and targets: what copying would give.
    """

    redrawn: float
    copied: float

    @property
    def ratio(self) -> float:
        """Redrawn over copied; below 1 is learning."""
        return self.redrawn / max(self.copied, 1e-9)


def plain(frames: FrameSet, indices: Indices, image_size: int, device: str = "cpu") -> Tensor:
    """Cuts as the network sees them without augmentation: ``(B, 3, S, S)`` in 0..1."""
    cuts = torch.from_numpy(np.ascontiguousarray(frames.pixels[indices])).to(device)
    count = len(indices)
    still = affine(np.zeros(count), np.ones(count), np.zeros((count, 2)))
    return sample(cuts, torch.from_numpy(still).to(device), image_size, MARGIN)


def redrawing(
    model: IMM | KeypointGAN, sources: Tensor, targets: Tensor, batch: int = 32
) -> Redrawing:
    """How well targets are redrawn from their landmarks and the looks of their sources.

    The model is used in evaluation mode and left in the mode it was in.

    Args:
        model: On the device of the pictures.
        sources: ``(N, 3, S, S)`` in 0..1.
        targets: ``(N, 3, S, S)`` in 0..1.
        batch: Pictures that go through together.
    """
    training = model.training
    model.eval()
    ours = copied = 0.0
    with torch.inference_mode():
        for start in range(0, len(targets), batch):
            source, target = sources[start : start + batch], targets[start : start + batch]
            redrawn = model(source, target)[0].clamp(0, 1)
            ours += float((redrawn - target).abs().mean()) * len(target)
            copied += float((source - target).abs().mean()) * len(target)
    model.train(training)
    return Redrawing(ours / len(targets), copied / len(targets))


def equivariance_error(
    model: IMM | KeypointGAN,
    frames: FrameSet,
    indices: Indices,
    *,
    shift: float = KNOWN_SHIFT,
    turn_rad: float = KNOWN_TURN_RAD,
    seed: int = 0,
    device: str = "cpu",
) -> float:
    """How far landmarks stray when the picture is shifted and turned by known amounts.

    Each frame is shifted by ``shift`` of the side in a random direction and turned by ``turn_rad``
    to a random side, all at once.

    Returns:
        Mean distance between landmarks of the moved picture and moved landmarks of the still one,
        as a share of the crop's side.
    """
    training = model.training
    model.eval()
    rng = np.random.default_rng(seed)
    count = len(indices)
    direction = rng.uniform(0, 2 * np.pi, count)
    offset = 2 * shift * np.stack([np.cos(direction), np.sin(direction)], -1)
    maps = affine(turn_rad * rng.choice([-1.0, 1.0], count), np.ones(count), offset)
    distances: list[NDArray[np.float32]] = []
    with torch.inference_mode():
        for start in range(0, count, 32):
            part = slice(start, start + 32)
            cuts = torch.from_numpy(np.ascontiguousarray(frames.pixels[indices[part]])).to(device)
            move = torch.from_numpy(maps[part]).to(device)
            moved = sample(cuts, move, model.config.image_size, MARGIN)
            before = model.detect(plain(frames, indices[part], model.config.image_size, device))
            after = model.detect(moved).points_norm
            # A place q of the moved picture shows the place A q of the crop.
            back = after @ move[:, :, :2].transpose(1, 2) + move[:, :, 2].unsqueeze(1)
            distances.append((back - before.points_norm).norm(dim=-1).cpu().numpy() / 2)
    model.train(training)
    return float(np.concatenate(distances).mean())


def typical_spread(
    detect_spread: Callable[[Tensor], Tensor], frames: FrameSet, indices: Indices, image_size: int
) -> NDArray[np.float32]:
    """Median width of every landmark's distribution over frames: ``(K,)``."""
    parts = [
        detect_spread(plain(frames, indices[start : start + 32], image_size)).cpu().numpy()
        for start in range(0, len(indices), 32)
    ]
    median: NDArray[np.float32] = np.median(np.concatenate(parts), axis=0).astype(np.float32)
    return median
