"""Stated probabilities against observed shares, with intervals that mean what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

MOST_FOLDS = 10
"""Groups beyond this many are left out several at a time."""
_LARGEST_SHARE = 0.8
"""One group with more of the rows than this is not left out as a whole."""
MOST_BINS = 10
LEAST_IN_BIN = 15
_NINETEEN_IN_TWENTY = 1.959964


@dataclass(frozen=True, eq=False)
class ShareCurve:
    """Points of a reliability diagram, by rising stated probability.

    Attributes:
        stated: ``(B,)``: mean stated probability in each bin.
        observed: ``(B,)``: share in which it came true.
        low: ``(B,)``: lower end of Wilson's interval of 95 %.
        high: ``(B,)``: upper end.
        count: ``(B,)``: cases in each bin.
        gap: Expected calibration error: mean distance of stated and observed, by count; NaN
            without cases.
        independent: How many independent cases all of them are worth; cases of one frame go wrong
            together.
    """

    stated: Doubles
    observed: Doubles
    low: Doubles
    high: Doubles
    count: NDArray[np.intp]
    gap: float
    independent: float


def share_curve(
    stated: Doubles, came_true: NDArray[np.bool_], frame: NDArray[np.integer]
) -> ShareCurve:
    """Bins of about equal count.

    Args:
        stated: ``(M,)`` probabilities.
        came_true: ``(M,)``.
        frame: ``(M,)``: which cases belong together.
    """
    if not len(stated):
        none = np.zeros(0)
        return ShareCurve(none, none, none, none, np.zeros(0, np.intp), math.nan, 0.0)
    order = np.argsort(stated, kind="stable")
    bins = np.array_split(order, max(1, min(MOST_BINS, len(order) // LEAST_IN_BIN)))
    count = np.array([len(part) for part in bins], np.intp)
    said = np.array([stated[part].mean() for part in bins])
    seen = np.array([came_true[part].mean() for part in bins])
    worth = independent_count(came_true - stated, frame)
    low, high = wilson(seen, count * worth / len(stated))
    gap = float((np.abs(said - seen) * count).sum() / count.sum())
    return ShareCurve(said, seen, low, high, count, gap, worth)


def wilson(share: Doubles, count: Doubles) -> tuple[Doubles, Doubles]:
    """Wilson's interval of 95 % of an observed share.

    Args:
        share: 0..1.
        count: Of independent cases, above 0; need not be whole.
    """
    z = _NINETEEN_IN_TWENTY
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    # At shares of 0 and 1 the ends are just these, but for rounding.
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def independent_count(value: NDArray[np.floating], frame: NDArray[np.integer]) -> float:
    """How many independent cases cases from several frames are worth.

    ``n / (1 + (m - 1) rho)`` (Kish), with m cases in a frame and the intraclass correlation rho
    of the one-way analysis of variance, at least 0. Frames are few where this matters, so that
    rho is mixed with 0.2 at the weight of five frames.

    Args:
        value: ``(M,)``.
        frame: ``(M,)``.
    """
    total = len(value)
    if total == 0:
        return 0.0
    _, place, sizes = np.unique(frame, return_inverse=True, return_counts=True)
    frames = len(sizes)
    # Size of a frame as a case in it sees it, which counts where frames differ.
    size = float((sizes.astype(np.float64) ** 2).sum() / total)
    if size <= 1.0:
        return float(total)
    means = np.bincount(place, value) / sizes
    rho = 0.0
    if 1 < frames < total:
        between = float((sizes * (means - value.mean()) ** 2).sum() / (frames - 1))
        inside = float(((value - means[place]) ** 2).sum() / (total - frames))
        usual = (total - (sizes**2).sum() / total) / (frames - 1)
        whole = between + (usual - 1) * inside
        rho = min(max((between - inside) / whole, 0.0), 1.0) if whole > 0 else 0.0
    rho = (frames * rho + 5 * 0.2) / (frames + 5)
    return total / (1 + (size - 1) * rho)


def folds_of(groups: Sequence[object] | NDArray[np.generic], count: int) -> NDArray[np.intp]:
    """Which rows to leave out together: ``(count,)`` numbers of folds.

    Args:
        groups: ``(count,)``, or empty. Fewer than two groups, and one that holds nearly all
            rows, make runs of neighbouring rows: what is learned from the few others says
            nothing of those.
        count: Rows.
    """
    place = np.arange(count)
    if len(groups):
        # Groups in the order in which they first come, so that folds do not hang on names.
        known: dict[object, int] = {}
        named = np.array([known.setdefault(group, len(known)) for group in groups], np.intp)
        if len(known) > 1 and np.bincount(named).max() <= _LARGEST_SHARE * count:
            place = named
    kinds = int(place.max()) + 1 if count else 1
    return place * min(kinds, MOST_FOLDS) // kinds
