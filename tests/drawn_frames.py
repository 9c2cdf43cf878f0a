"""Tiny packed frame sets that tests draw: a bright cross moving over a dark ground."""

from __future__ import annotations

import numpy as np

from limner_training.data.frames import FrameSet


def drawn_frames(videos: int = 2, frames: int = 24, size: int = 80, seed: int = 0) -> FrameSet:
    """A set in which every video has its own colours and the cross its own path.

    Args:
        videos: How many.
        frames: Frames in each.
        size: Side of the cuts, pixels.
        seed: Of the paths and colours.
    """
    rng = np.random.default_rng(seed)
    pixels = np.empty((videos, frames, size, size, 3), np.uint8)
    y, x = np.mgrid[0:size, 0:size]
    for video in range(videos):
        ground, figure = rng.integers(0, 90, 3), rng.integers(150, 255, 3)
        phase = rng.uniform(0, 6, 2)
        for frame in range(frames):
            cx = size * (0.5 + 0.2 * np.sin(phase[0] + frame * 0.5))
            cy = size * (0.5 + 0.2 * np.cos(phase[1] + frame * 0.4))
            cross = (np.minimum(abs(x - cx), abs(y - cy)) < 4) & (
                np.maximum(abs(x - cx), abs(y - cy)) < 14
            )
            pixels[video, frame] = np.where(cross[..., None], figure, ground)
    return FrameSet(
        pixels.reshape(-1, size, size, 3),
        np.repeat(np.arange(videos, dtype=np.int32), frames),
        np.tile(np.arange(frames, dtype=np.int64), videos),
        tuple(f"drawn {i}" for i in range(videos)),
    )
