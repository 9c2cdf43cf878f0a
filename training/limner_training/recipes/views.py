"""The pictures of one step: sources, targets, and targets placed elsewhere.

Pairs from videos share one random placement. Pairs from one frame, which is all that stills have,
are bent apart by thin-plate splines. Everything is a function of the seed, the step and the batch,
so that a resumed run goes on exactly as an unbroken one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from limner_training.config import TrainConfig
from limner_training.data.augment import NONE, Jitter, compose, sample, tinted, tints
from limner_training.data.frames import MARGIN, FrameSet
from limner_training.data.pairs import Indices
from limner_training.data.thin_plate import SOURCE, TARGET, WarpCache, border_mask, still_pair

SHARED = Jitter(shift=0.05, turn_rad=0.10, scale=0.06)
"""Placement that source and target share, at ``jitter`` 1."""

OWN = Jitter(shift=0.03, turn_rad=0.06, scale=0.03)
"""Placement of each by itself, at ``jitter`` 1, where no equivariance is asked for: with that term
the pair lies still and landmarks learn to move from `WIDE`."""

WIDE = Jitter(shift=0.12, turn_rad=0.15, scale=0.08)
"""Placement of the picture on which landmarks must agree, at any ``jitter``: it is never redrawn,
so it may lie as far off as a crop found badly."""

_STILL = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
_HELD_BACK_STEP = 0
_TINT = 10
"""Which of a step's streams of random numbers colours are drawn from."""


@dataclass(frozen=True, slots=True, eq=False)
class PairViews:
    """Pictures of a step, on the device.

    Attributes:
        source: ``(B, 3, S, S)`` in 0..1.
        target: ``(B, 3, S, S)`` in 0..1.
        mask: ``(B, 1, S, S)`` in 0..1: how much each place of the target counts; None for all.
        again: ``(B, 3, S, S)``: the targets placed elsewhere; None where nobody asks for them.
        back: ``(B, 2, 3)``: from places in ``again`` to places in ``target``, both in -1..1.
    """

    source: Tensor
    target: Tensor
    mask: Tensor | None
    again: Tensor | None
    back: Tensor


class Views:
    """Makes the pictures of any step.

    Args:
        frames: All frames.
        config: Placement, mirroring, seed, and whether landmarks must agree.
        image_size: ``S``.
        device: Where pictures are made.
    """

    def __init__(
        self, frames: FrameSet, config: TrainConfig, image_size: int, device: str
    ) -> None:
        self._frames, self._config = frames, config
        self._size, self._device = image_size, device
        self._bends = tuple(
            WarpCache(plate, image_size, config.seed, device) for plate in (TARGET, SOURCE)
        )
        self._mask = border_mask(image_size).to(device)

    def draw(self, sources: Indices, targets: Indices, step: int) -> PairViews:
        """Pictures to learn from; equal indices are bent apart."""
        config, batch = self._config, len(sources)
        rng = np.random.default_rng((config.seed, step, 1))
        agreeing = config.equivariance > 0
        shared = _scaled(SHARED, config.jitter).draw(rng, batch)
        apart = NONE if agreeing else _scaled(OWN, config.jitter)
        mirrored = rng.random(batch) < 0.5 if config.mirror else np.zeros(batch, bool)
        source_map = compose(shared, apart.draw(rng, batch))
        target_map = compose(shared, apart.draw(rng, batch))
        tint = self._tint(batch, step)
        source = tint(self._sampled(sources, source_map, mirrored))
        target = tint(self._sampled(targets, target_map, mirrored))
        source, target, mask, bent = self._bend(sources, targets, source, target, step)
        wide = WIDE.draw(rng, batch)
        back = torch.from_numpy(wide).to(self._device)
        again = None
        if agreeing:
            again = tint(self._sampled(targets, compose(shared, wide), mirrored))
            if bent is not None:  # what was bent can only be placed elsewhere as it is now
                again[bent] = _moved(target[bent], back[bent])
            again = again.contiguous(memory_format=torch.channels_last)
        return PairViews(source, target, mask, again, back)

    def plain(self, sources: Indices, targets: Indices) -> PairViews:
        """The same without any random placement, to measure on; always bent in the same way."""
        still = np.broadcast_to(_STILL, (len(sources), 2, 3))
        unmirrored = np.zeros(len(sources), bool)
        source = self._sampled(sources, still, unmirrored)
        target = self._sampled(targets, still, unmirrored)
        source, target, mask, _ = self._bend(sources, targets, source, target, _HELD_BACK_STEP)
        back = torch.from_numpy(still.copy()).to(self._device)
        return PairViews(source, target, mask, None, back)

    def _bend(
        self, sources: Indices, targets: Indices, source: Tensor, target: Tensor, step: int
    ) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
        """Source, target, mask, and which rows were bent; the last two None where none was."""
        alone = np.flatnonzero(sources == targets)
        if not len(alone):
            return source, target, None, None
        rows = torch.from_numpy(alone).to(self._device)
        to_target, to_source = (bend.draw(step, len(alone)) for bend in self._bends)
        pair = still_pair(target[rows], to_target, to_source, self._mask)
        source, target = source.clone(), target.clone()
        source[rows], target[rows] = pair[0], pair[1]
        mask = torch.ones_like(target[:, :1])
        mask[rows] = pair[2]
        return source, target, mask, rows

    def _tint(self, batch: int, step: int) -> Callable[[Tensor], Tensor]:
        """One change of colours for all pictures of a pair."""
        strength = self._config.tint
        if strength == 0:
            return lambda pictures: pictures
        rng = np.random.default_rng((self._config.seed, step, _TINT))
        tint = torch.from_numpy(tints(rng, batch, strength)).to(self._device)
        return lambda pictures: tinted(pictures, tint).contiguous(
            memory_format=torch.channels_last
        )

    def _sampled(
        self, indices: Indices, maps: NDArray[np.float32], mirrored: NDArray[np.bool_]
    ) -> Tensor:
        cuts = torch.from_numpy(np.ascontiguousarray(self._frames.pixels[indices]))
        where = self._device
        places = torch.from_numpy(np.ascontiguousarray(maps)).to(where)
        mirror = torch.from_numpy(mirrored).to(where)
        pictures = sample(cuts.to(where), places, self._size, MARGIN, mirror)
        return pictures.contiguous(memory_format=torch.channels_last)


def _moved(pictures: Tensor, maps: Tensor) -> Tensor:
    """Pictures seen through similarity maps; black is what came from outside."""
    grid = F.affine_grid(maps, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="zeros", align_corners=False)


def _scaled(jitter: Jitter, strength: float) -> Jitter:
    return Jitter(jitter.shift * strength, jitter.turn_rad * strength, jitter.scale * strength)
