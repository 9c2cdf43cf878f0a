"""Which frames to label next: where the networks are lost, and no pose twice.

Four things speak for a frame: the layers disagree on a landmark, the network is unsure of one,
one jumps against its neighbours in time, or nothing like the frame is labelled yet. Each is turned
into ranks over all frames, so that units do not matter.

The worst frames alone would be a poor choice: they are all alike, and on a video of flies they
were worth less than frames at random. So of three frames two are chosen for variety, and the third
for trouble times variety. Variety is the distance to all frames labelled or chosen (greedy
farthest-point selection) where it is told from pictures. Where it is told from points alone, the
farthest ones are mostly wrong, and a frame counts by how near it brings all others to a label
(greedy facility location)::

    gain_i = sum_r weight_r max(0, near_r - d_ir)
    near_r = least distance of frame r to any frame labelled or chosen

``python benchmarks/label_queue.py DATA`` compares it with labelling in random order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from limner_engine.naming.queue_signals import Signals, gather, look_vectors
from limner_engine.naming.queue_signals import VideoFindings as VideoFindings
from limner_engine.types import Floats

Reason = Literal["disagree", "unsure", "jump", "pose"]
Bools = NDArray[np.bool_]

GAP_S = 1.0
"""Frames of one video nearer in time are not both asked for unless they clearly differ."""
SAME_POSE = 0.15
"""Frames nearer to one another than this share of the usual distance of two frames show the same
pose."""
OTHER_POSE = 0.6
"""From this share on they clearly differ."""
REFERENCES = 800
"""At most so many frames, evenly spread, stand for all when it is asked what is covered."""
STRIKING = 0.8
"""A reason is given if at least this share of the frames have less of it."""

_LEAST_WEIGHT = 0.5  # of coming near to a frame in which nothing is wrong; 1 where most is
_WORST_EVERY = 3


@dataclass(frozen=True, slots=True)
class Why:
    """One reason to label a frame.

    Attributes:
        reason: ``disagree``: the layers put a landmark in different places. ``unsure``: the
            network doubts one. ``jump``: one leaps and comes back. ``pose``: nothing like it is
            labelled.
        landmark: The landmark concerned; None for ``pose``.
        rank: Share of frames that have less of it, 0..1.
    """

    reason: Reason
    landmark: int | None
    rank: float


@dataclass(frozen=True, slots=True)
class Suggested:
    """A frame to label.

    Attributes:
        video: Place of its video in what was given.
        frame: Its index in the video.
        reasons: At least one, the most striking first.
        score: How much is wrong with the frame, 0..1; frames come in the order in which labels
            help most, which is not that of their scores.
    """

    video: int
    frame: int
    reasons: tuple[Why, ...]
    score: float

    @property
    def reason(self) -> Reason:
        """The most striking reason."""
        return self.reasons[0].reason

    @property
    def landmark(self) -> int | None:
        """The landmark that it concerns."""
        return self.reasons[0].landmark


def label_next(
    videos: Sequence[VideoFindings], count: int = 10, *, gap_s: float = GAP_S
) -> list[Suggested]:
    """Choose frames to label, the one that helps most first.

    Args:
        videos: What was found in each; all with the same landmarks.
        count: How many to choose.
        gap_s: See `GAP_S`.

    Returns:
        At most ``count``; fewer where no others differ enough from what is labelled or chosen.
        Frames that are labelled, or in which nothing was found, are never among them. The same
        arguments give the same frames.
    """
    signals = gather(videos)
    able = signals.seen & ~signals.labelled
    if count < 1 or not able.any():
        return []
    looks, usual = look_vectors(videos, signals)
    pool = np.flatnonzero(able)
    known = np.flatnonzero(signals.labelled & signals.seen)

    near_known = _nearest(looks[pool], looks[known])
    lone = not len(known)
    if lone:  # with nothing labelled, as far from everything as frames usually are
        near_known[:] = 2 * usual
    ranks = {name: _ranks(values[pool]) for name, values in signals.frames.items()}
    trouble = _together(ranks, len(pool))
    ranks["pose"] = np.zeros(len(pool), np.float32) if lone else _ranks(near_known)

    pictures = all(video.embedding is not None for video in videos)
    chosen = _cover(looks[pool], signals, pool, near_known, trouble, usual, count, gap_s, pictures)
    return [_suggested(signals, ranks, trouble, pool, row) for row in chosen]


def _cover(
    looks: Floats,
    signals: Signals,
    pool: NDArray[np.intp],
    near_known: Floats,
    trouble: Floats,
    usual: float,
    count: int,
    gap_s: float,
    pictures: bool,
) -> list[int]:
    """Rows of the pool, taken greedily."""
    reference = np.arange(0, len(pool), -(-len(pool) // REFERENCES))
    apart = np.zeros((len(pool), 0), np.float32)
    if not pictures:
        apart = _distances(looks, looks[reference])
    weight = (_LEAST_WEIGHT + (1 - _LEAST_WEIGHT) * trouble[reference]).astype(np.float32)
    covered = near_known[reference].copy()
    near = near_known.copy()
    free = near > SAME_POSE * usual
    rare = -np.log1p(-trouble)
    video, time = signals.video[pool], signals.time_s[pool]
    chosen: list[int] = []
    while len(chosen) < count and free.any():
        if len(chosen) % _WORST_EVERY == _WORST_EVERY - 1:
            value = near * rare
        elif pictures:
            value = near
        else:
            value = np.maximum(covered - apart, 0.0) @ weight
        row = int(np.argmax(np.where(free, value, -1.0)))
        chosen.append(row)
        there = _distances(looks, looks[row : row + 1])[:, 0]
        np.minimum(near, there, out=near)
        np.minimum(covered, there[reference], out=covered)
        close = (video == video[row]) & (np.abs(time - time[row]) < gap_s)
        free &= (there > SAME_POSE * usual) & ~(close & (there < OTHER_POSE * usual))
        free[row] = False
    return chosen


def _suggested(
    signals: Signals,
    ranks: dict[str, Floats],
    trouble: Floats,
    pool: NDArray[np.intp],
    row: int,
) -> Suggested:
    index = int(pool[row])
    whys: list[Why] = []
    names: tuple[Reason, ...] = ("disagree", "unsure", "jump", "pose")
    for name in names:
        if name in ranks and np.isfinite(ranks[name][row]):
            landmark = None if name == "pose" else int(signals.worst[name][index])
            whys.append(Why(name, landmark, float(ranks[name][row])))
    whys.sort(key=lambda why: -why.rank)
    striking = tuple(why for why in whys if why.rank >= STRIKING)
    return Suggested(
        int(signals.video[index]),
        int(signals.frame[index]),
        striking or tuple(whys[:1]),
        float(trouble[row]),
    )


def _ranks(values: Floats) -> Floats:
    """Share of frames with less, equal ones counting half; NaN where a value is unknown."""
    known = np.isfinite(values)
    answer = np.full(len(values), np.nan, np.float32)
    if known.any():
        _, place, counts = np.unique(values[known], return_inverse=True, return_counts=True)
        answer[known] = ((np.cumsum(counts) - counts / 2) / known.sum())[place]
    return answer


def _together(ranks: dict[str, Floats], count: int) -> Floats:
    """How much is wrong with each frame, as a rank again.

    Ranks are joined as Fisher joins tests, by the sum of ``-log(1 - rank)``: one signal at its
    worst outweighs all of them in the middle.
    """
    if not ranks:
        return np.full(count, 0.5, np.float32)
    joined = np.sum([-np.log1p(-np.where(rank == rank, rank, 0.5)) for rank in ranks.values()], 0)
    return _ranks(np.asarray(joined, np.float32))


def _distances(looks: Floats, others: Floats) -> Floats:
    """All distances: ``(N, M)`` float32."""
    square = (looks**2).sum(1)[:, None] + (others**2).sum(1)[None] - 2 * looks @ others.T
    return np.asarray(np.sqrt(np.maximum(square, 0.0)), np.float32)


def _nearest(looks: Floats, others: Floats) -> Floats:
    """Distance to the nearest of the others, ``(N,)``; infinite without any."""
    answer = np.full(len(looks), np.inf, np.float32)
    for start in range(0, len(others), REFERENCES):
        part = _distances(looks, others[start : start + REFERENCES])
        np.minimum(answer, part.min(axis=1), out=answer)
    return answer
