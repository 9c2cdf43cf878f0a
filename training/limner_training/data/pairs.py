"""Which two frames of a video a step learns from, and which pictures are paired with themselves.

A still picture has no other of its object. It is paired with itself, and whoever draws such a pair
bends it into two (`limner_training.data.thin_plate`): equal indices always mean that.

The draw of a step is a function of the seed and the step's number alone, so that a resumed run
goes on exactly as an unbroken one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import TrainingError
from limner_training.data.frames import FrameSet

Indices = NDArray[np.int64]


SHORT = 20
"""Frames below which the end of a video shows nothing that its beginning did not."""


def split(frames: FrameSet, held_back: float) -> tuple[Indices, Indices]:
    """Split every video in time: its end is held back.

    Where there are many short videos, whole ones of them are held back instead, the last ones by
    number. Of a pool of still pictures the last ones are held back.

    Args:
        frames: All frames.
        held_back: Share that is never learned from, 0..1.

    Returns:
        Indices to learn from, indices held back; both rising.
    """
    counts = np.bincount(frames.video, minlength=len(frames.names))
    short = np.flatnonzero((counts > 0) & (counts < SHORT) & ~frames.still)
    whole = short[round(len(short) * (1 - held_back)) :] if len(short) >= SHORT else short[:0]
    ends = counts > 0 if len(short) < SHORT else (counts >= SHORT) | frames.still & (counts > 0)
    held = np.isin(frames.video, whole)
    for video in np.flatnonzero(ends):
        members = np.flatnonzero(frames.video == video)
        # Two frames make a pair, on either side; a still picture is one by itself.
        least = 1 if frames.still[video] else 2
        first = max(least, min(round(len(members) * (1 - held_back)), len(members) - least))
        held[members[first:]] = True
    return np.flatnonzero(~held), np.flatnonzero(held)


def held_back_pairs(
    frames: FrameSet, held_back: Indices, count: int, seed: int
) -> tuple[Indices, Indices]:
    """Pairs to measure on: targets never learned from, each with any other frame of its video.

    Every video gives as many targets as its share of the held-back frames. A still picture is
    paired with itself.

    Returns:
        Sources and targets, ``(count,)`` each, the same for the same seed.

    Raises:
        TrainingError: No held-back frame has another of its video.
    """
    counts = np.bincount(frames.video, minlength=len(frames.names))
    paired = (counts >= 2) | frames.still
    held_back = held_back[paired[frames.video[held_back]]]
    if not len(held_back):
        raise TrainingError(
            "No frames are left to measure on.", "Add a longer video, or hold back more."
        )
    rng = np.random.default_rng(seed)
    targets = held_back[rng.integers(len(held_back), size=count)]
    sources = targets.copy()
    for i, target in enumerate(targets):
        if frames.still[frames.video[target]]:
            continue
        others = np.flatnonzero(frames.video == frames.video[target])
        others = others[others != target]
        sources[i] = others[rng.integers(len(others))]
    return sources, targets


@dataclass(frozen=True, slots=True)
class Pairs:
    """Draws pairs (source, target) of one video each; every batch mixes videos and stills.

    Batch statistics of a batch from one video alone fit no video afterwards, so each pair's video
    is drawn afresh. Videos and pools of pictures are drawn by the root of their length: a long one
    counts for more than a short one, but does not drown it.

    Attributes:
        groups: Indices into the frame set, one array a video or pool, rising in time.
        frame_numbers: Frame numbers of the whole set, to measure gaps.
        gap_min: Fewest frames between the two.
        gap_max: Most frames between them; 0 for any.
        seed: Seed of all draws.
        still: For each group whether it is a pool of still pictures.
        warp_share: Share of the pairs of videos that are one frame with itself as well, 0..1.
    """

    groups: tuple[Indices, ...]
    frame_numbers: Indices
    gap_min: int
    gap_max: int
    seed: int
    still: tuple[bool, ...]
    warp_share: float = 0.0

    @classmethod
    def of(
        cls,
        frames: FrameSet,
        members: Indices,
        gap_min: int,
        gap_max: int,
        seed: int,
        *,
        warp_share: float = 0.0,
    ) -> Pairs:
        """Pairs among ``members`` of a frame set.

        Raises:
            TrainingError: There are no still pictures, and no video has two frames to pair.
        """
        videos = frames.video[members]
        groups = [(members[videos == video], frames.still[video]) for video in np.unique(videos)]
        groups = [(group, still) for group, still in groups if still or len(group) >= 2]
        if not groups:
            raise TrainingError(
                "There are not two frames of one video to learn from.",
                "Add a longer video, or hold back less.",
            )
        return cls(
            tuple(group for group, _ in groups),
            frames.frame,
            gap_min,
            gap_max,
            seed,
            tuple(bool(still) for _, still in groups),
            warp_share,
        )

    def draw(self, step: int, count: int) -> tuple[Indices, Indices]:
        """Sources and targets of a step, ``(count,)`` each.

        Where the two are equal, the picture is to be bent into a pair: always for still pictures,
        for a share ``warp_share`` of the others, and where ``gap_min`` 0 lets a frame meet itself.
        """
        rng = np.random.default_rng((self.seed, step))
        weights = np.sqrt([len(group) for group in self.groups])
        chosen = rng.choice(len(self.groups), size=count, p=weights / weights.sum())
        sources, targets = np.empty(count, np.int64), np.empty(count, np.int64)
        for i, number in enumerate(chosen):
            if self.still[number]:
                sources[i] = targets[i] = rng.choice(self.groups[number])
            else:
                sources[i], targets[i] = self._pair(self.groups[number], rng)
        if self.warp_share > 0:
            # Drawn last, so that the targets are the same at any share.
            bent = rng.random(count) < self.warp_share
            sources[bent] = targets[bent]
        return sources, targets

    def _pair(self, group: Indices, rng: np.random.Generator) -> tuple[int, int]:
        target = int(group[rng.integers(len(group))])
        gaps = np.abs(self.frame_numbers[group] - self.frame_numbers[target])
        allowed = gaps >= self.gap_min
        if self.gap_max:
            allowed &= gaps <= self.gap_max
        candidates = group[allowed]
        if not len(candidates):  # a clip shorter than the gap: its farthest frame
            candidates = group[gaps == gaps.max()]
        return int(candidates[rng.integers(len(candidates))]), target
