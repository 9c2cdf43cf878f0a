"""A term that makes the generator do what a hand does: a landmark that is moved alone is obeyed.

While learning, the landmarks of a target move together, as faces move. So the generator may leave
out of account any single one that the others foretell, and a person who drags that one sees
nothing happen. Here one landmark of each picture is moved alone, and the picture drawn of it is
looked at: the moved landmark is to be found where it was put, the others where they were.

The detector only judges. Were it to learn from this, it could come to find landmarks wherever
they are told to be; so its weights are held, and only looks and generator learn.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from limner_engine.models.imm import IMM

REACH = 2 * 12 / 128
"""Farthest drag, in units of half the picture's side: 12 px of 128."""

INSIDE = 0.95
"""Landmarks are not dragged farther out than this, in units of half the picture's side."""

SCALES = ((4, 0.8), (8, 0.5))
"""Places a side at which `pulled` draws how a picture moves, and how far it moves there, in shares
of its strength: halves of a face, and an eye or a corner of the mouth by itself."""

STRENGTH = 0.1
"""Standard deviation of how far they move, in units of half the side: 6 px of 128."""

_SETTLINGS = 20


def obedience(
    model: IMM,
    appearance: Tensor,
    points_norm: Tensor,
    rng: np.random.Generator,
    reach: float = REACH,
) -> Tensor:
    """How far landmarks are found from where they were asked for, after one of them was dragged.

    Args:
        model: Its generator draws in the mode it is in, its detector judges as it will when it
            is used: with its running statistics, and changed by nothing here.
        appearance: ``(B, C, G, G)`` from `IMM.encode`: what is drawn.
        points_norm: ``(B, K, 2)`` in -1..1: where the landmarks are; no gradient goes there.
        rng: Draws which landmark of each picture is dragged, and where to.
        reach: Farthest drag, units of half the picture's side.

    Returns:
        Scalar: mean squared distance of the dragged landmarks, and that of the others, units of
        half the side squared. As many as there are, the others count no more than the dragged one.
    """
    points = points_norm.detach().float()
    wanted, which = dragged(points, rng, reach)
    found = _Judge(model).found(model.render(appearance, wanted))
    apart = (found - wanted).square().sum(-1)  # (B, K)
    moved = torch.zeros_like(apart).scatter_(1, which[:, None], 1.0)
    others = (apart * (1 - moved)).sum() / (1 - moved).sum().clamp_min(1)
    return (apart * moved).sum() / len(apart) + others


def dragged(points_norm: Tensor, rng: np.random.Generator, reach: float) -> tuple[Tensor, Tensor]:
    """One landmark of each picture moved: any direction, any length up to ``reach``.

    Args:
        points_norm: ``(B, K, 2)`` in -1..1; not changed.
        rng: Draws.
        reach: Farthest, units of half the side.

    Returns:
        ``(B, K, 2)``, where no drag leads out of the picture, and ``(B,)``: which was moved.
    """
    count, landmarks, _ = points_norm.shape
    rows, which = np.arange(count), rng.integers(landmarks, size=count)
    angle, length = rng.uniform(0, 2 * math.pi, count), rng.uniform(0, reach, count)
    step = length[:, None] * np.stack([np.cos(angle), np.sin(angle)], -1)
    moved = points_norm.clone()
    place = moved[rows, which]
    there = place + torch.from_numpy(step).to(place)
    # What lies outside already is not pulled in: it would be a drag of another length.
    low, high = place.clamp(max=-INSIDE), place.clamp(min=INSIDE)
    moved[rows, which] = torch.minimum(torch.maximum(there, low), high)
    return moved, torch.from_numpy(which).to(moved.device)


def pulled(
    images: Tensor,
    points_norm: Tensor,
    rng: np.random.Generator,
    strength: float = STRENGTH,
) -> tuple[Tensor, Tensor]:
    """Pictures pulled about softly and at random, and where their landmarks go.

    Shifts and turns of whole pictures teach landmarks to move all together; who reads them off the
    pose of the whole agrees with that. Here parts move one by one, so that each landmark must be
    found by what lies near it. Targets that are pulled so teach the generator to use every
    landmark, and a detector that must agree with itself on them to follow a part that moves alone.

    Args:
        images: ``(B, 3, S, S)``.
        points_norm: ``(B, K, 2)`` in -1..1: landmarks of the pictures; gradients pass.
        rng: Draws.
        strength: Standard deviation of the motion, units of half the side, before the shares of
            `SCALES`; of each no more than twice that.

    Returns:
        ``(B, 3, S, S)`` and ``(B, K, 2)``.
    """
    count, side = len(images), images.shape[-1]
    # For each place of the new picture, how far its content has come; ``(B, 2, S, S)``.
    came = torch.zeros(count, 2, side, side, device=images.device)
    for nodes, share in SCALES:
        drawn = rng.normal(0, 1, (count, 2, nodes, nodes)).clip(-2, 2) * strength * share
        there = torch.from_numpy(drawn).to(images.device, torch.float32)
        came += F.interpolate(there, size=(side, side), mode="bicubic", align_corners=True)
    line = (2 * torch.arange(side, device=images.device, dtype=torch.float32) + 1) / side - 1
    places = torch.stack(torch.meshgrid(line, line, indexing="xy"), -1)
    grid = places - came.permute(0, 2, 3, 1)
    made = F.grid_sample(images.float(), grid, padding_mode="border", align_corners=False)
    with torch.no_grad():
        # A landmark lies where what has come there came from it.
        step = torch.zeros_like(points_norm)
        for _ in range(_SETTLINGS):
            there = (points_norm + step).unsqueeze(1)
            moved = F.grid_sample(came, there, padding_mode="border", align_corners=False)
            # Half of the way each time: where a picture is squeezed, whole steps swing about.
            step = (step + moved[:, :, 0].transpose(1, 2)) / 2
    return made, points_norm + step


class _Judge(nn.Module):
    """A detector that passes gradients on to pictures and takes none itself."""

    def __init__(self, model: IMM) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        return self.model.detect(images).points_norm

    def found(self, images: Tensor) -> Tensor:
        """Landmarks of ``(B, 3, S, S)`` pictures about 0..1: ``(B, K, 2)``."""
        parts: tuple[nn.Module, ...] = (self.model.detector, self.model.heatmaps)
        held = {
            name: value.detach()
            for name, value in (*self.named_parameters(), *self.named_buffers())
        }
        training = [part.training for part in parts]
        # People's pictures come one by one, and statistics of these are not to be kept.
        for part in parts:
            part.eval()
        try:
            found: Tensor = functional_call(self, held, (images,))
        finally:
            for part, was in zip(parts, training, strict=True):
                part.train(was)
        return found
