"""Which frames of a video are looked at, and reading them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FrameUnreadableError
from limner_engine.types import Image

if TYPE_CHECKING:
    from limner_engine.video.reader import VideoReader

SAMPLES = 150
MOST_SAMPLES = 300
"""Samples of a long video: one a second from `SAMPLES` up to this many."""
FOLLOWED_PER_S = 15.0
"""Samples a second of something that runs about."""
MOST_FOLLOWED = 12_000
THROUGH = 8
"""Frames between two samples up to which all are decoded, which is then as quick as seeking."""


def sample_frames(reader: VideoReader, samples: int | None = None) -> NDArray[np.int64]:
    """Frames spread evenly over a video, each moved to a keyframe near it where that is cheaper.

    Args:
        reader: The video.
        samples: How many; as the length of the video asks when not given.

    Returns:
        Rising frame indices.
    """
    count = reader.frame_count
    if samples is None:
        samples = int(np.clip(count / _rate(reader), SAMPLES, MOST_SAMPLES))
    even = np.linspace(0, count - 1, min(count, samples)).round().astype(np.int64)
    step = count / len(even)
    keyframes = np.asarray(reader.index.keyframes, np.int64)
    if step > THROUGH and len(keyframes):
        # To decode one frame is to decode all since its keyframe. In a long video a keyframe
        # close by tells as much and costs a hundredth.
        after = np.clip(np.searchsorted(keyframes, even), 1, max(1, len(keyframes) - 1))
        pair = keyframes[np.stack([after - 1, np.minimum(after, len(keyframes) - 1)])]
        nearest = np.where(abs(pair[0] - even) <= abs(pair[1] - even), pair[0], pair[1])
        even = np.where(abs(nearest - even) <= step / 2, nearest, even)
    return np.unique(even)


def close_frames(reader: VideoReader) -> NDArray[np.int64]:
    """Frames so close together that something that runs about can be followed from one to another.

    Returns:
        Rising frame indices, the last frame of the video among them; at most `MOST_FOLLOWED`
        and one.
    """
    count = reader.frame_count
    step = max(1, round(_rate(reader) / FOLLOWED_PER_S), -(-count // MOST_FOLLOWED))
    return np.unique(np.append(np.arange(0, count, step), count - 1))


def sampled(reader: VideoReader, wanted: NDArray[np.int64]) -> Iterator[tuple[int, Image | None]]:
    """The wanted frames, in order; None for one that cannot be read."""
    step = np.diff(wanted)
    if len(step) and step.max() == step.min() == 1:
        yield from reader.read(int(wanted[0]), int(wanted[-1]) + 1)
        return
    for index in wanted.tolist():
        try:
            yield index, reader[index]
        except FrameUnreadableError:
            yield index, None


def _rate(reader: VideoReader) -> float:
    return max(float(reader.frame_rate), 1e-6)
