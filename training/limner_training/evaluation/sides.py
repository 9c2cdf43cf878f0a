"""Left and right: whether they are told apart, and whether they stay what they were.

Mirrored poses look alike, so that a model that learned from loose poses may call the left side
right. Landmarks are ``(N, K, 2)`` in any unit, ``swapped`` is the order in which every left one
stands for its right one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles, Indices


def swapped_order(count: int, symmetries: Sequence[tuple[int, int]]) -> Indices:
    """``(count,)``: the numbers of landmarks with left and right exchanged."""
    order = np.arange(count)
    for left, right in symmetries:
        order[left], order[right] = right, left
    return order


def sides_right(
    found: Floats | Doubles, swapped: Floats | Doubles, labelled: Doubles
) -> NDArray[np.bool_]:
    """Where landmarks are at least as near to the labels as with their sides swapped: ``(N,)``.

    Args:
        found: ``(N, P, 2)``, NaN where there is none.
        swapped: The same with left and right exchanged.
        labelled: ``(N, P, 2)``, NaN where a point is missing. Only points that both ways have a
            distance count, so that a hidden hand does not decide.
    """
    as_found = np.linalg.norm(found - labelled, axis=-1)
    as_swapped = np.linalg.norm(swapped - labelled, axis=-1)
    both = np.isfinite(as_found) & np.isfinite(as_swapped)
    nearer = np.where(both, as_found - as_swapped, 0.0).sum(axis=1) <= 0
    return np.asarray(nearer, np.bool_)


def followers(video: NDArray[np.integer], frame: NDArray[np.integer]) -> tuple[Indices, Indices]:
    """Pairs of frames of one video that follow one another as closely as any in the set do.

    Args:
        video: ``(N,)``, rising.
        frame: ``(N,)``, rising within a video.

    Returns:
        Numbers of the first and of the second frames; empty where no video has two.
    """
    first = np.flatnonzero(video[1:] == video[:-1])
    step = frame[first + 1] - frame[first]
    if len(first):
        first = first[step == step.min()]
    return first, first + 1


def sides_change(found: Floats | Doubles, order: Indices, pairs: tuple[Indices, Indices]) -> float:
    """Share of consecutive frames in which swapped sides would match the frame before better.

    0 is steady; a coin's answer gives about a half where people move little. NaN without pairs or
    without sides.
    """
    before, after = (found[rows] for rows in pairs)
    if not len(before) or (order == np.arange(len(order))).all():
        return float("nan")
    kept = np.linalg.norm(after - before, axis=-1).mean(axis=1)
    changed = np.linalg.norm(after[:, order] - before, axis=-1).mean(axis=1)
    return float((changed < kept).mean())
