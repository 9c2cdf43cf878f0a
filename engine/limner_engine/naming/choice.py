"""Which layer to believe for each landmark, and how far off it will be.

Both layers are judged on the same frames, which neither had learned from, so that differences are
taken frame by frame. A handful of frames says little of one landmark; what it says is mixed with
what all landmarks say together, as strongly as landmarks are seen to differ (empirical Bayes). One
layer takes a landmark from the other only by more than the doubt that is left.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

SECOND_FROM = 10
"""With so many labels of a landmark the second layer has it where neither is clearly better.

It looks at the picture around the landmark and goes on improving in the background, where the
first only maps what was discovered; and left-out frames of few videos flatter a linear map, which
loses more on poses that nobody labelled. With fewer labels it has too little to learn from."""
LEAST_GAIN = 0.03
"""A layer must be better by this share of the error to take a landmark from the other."""
DRAWS = 400
_AT_ONCE = 4_000_000  # numbers held in memory; larger sets are drawn less often, and need it less
INTERVAL = 90.0
"""Per cent of the draws that lie within an interval."""

_GROSS = 4.0  # errors count no more than this many medians: being lost is lost
_DRAW_SEED = 20150


@dataclass(frozen=True, eq=False)
class LayerChoice:
    """Which layer each landmark is taken from.

    Attributes:
        second: ``(P,)`` bool: from the second layer, else from the first.
        gain: ``(P,)``: by how much the second is better, as a share of the mean error of both,
            negative where it is worse; 0 where nothing can be compared.
        doubt: ``(P,)``: standard deviation of that; infinite where nothing is known.
    """

    second: NDArray[np.bool_]
    gain: Doubles
    doubt: Doubles

    def errors(self, first: NDArray[np.floating], second: NDArray[np.floating]) -> Doubles:
        """Held-back errors of what was chosen: ``(N, P)``, from those of both layers."""
        return np.where(self.second, second, first).astype(np.float64)


@dataclass(frozen=True, slots=True)
class ErrorEstimate:
    """How far off a landmark is on frames that nobody labelled, in the unit of the errors.

    Attributes:
        mean: Mean distance; NaN without errors.
        mean_low: Lower end of its interval of 90 %.
        mean_high: Upper end.
        median: Half of the points are nearer than this.
        median_low: Lower end of its interval of 90 %.
        median_high: Upper end.
        count: Held-back points behind it.
    """

    mean: float
    mean_low: float
    mean_high: float
    median: float
    median_low: float
    median_high: float
    count: int


_NO_ERRORS = ErrorEstimate(*(float("nan"),) * 6, 0)


def choose_layers(first: NDArray[np.floating], second: NDArray[np.floating] | None) -> LayerChoice:
    """Compare held-back errors of both layers.

    Args:
        first: ``(N, P)``, in any one unit; NaN where nothing is labelled or was held back.
        second: Of the same frames; None where there is no second layer.

    Returns:
        The choice. A landmark for which only one layer has errors is taken from that one.
    """
    points = first.shape[1]
    if second is None:
        blank = np.zeros(points)
        return LayerChoice(np.zeros(points, np.bool_), blank, np.full(points, np.inf))
    better = _relative_gains(first.astype(np.float64), second.astype(np.float64))
    gain, doubt = _mixed(better)
    count = np.isfinite(better).sum(axis=0)
    margin = np.maximum(doubt, LEAST_GAIN)
    chosen = np.where(count >= SECOND_FROM, gain >= -margin, gain > margin)
    has_first, has_second = np.isfinite(first).any(axis=0), np.isfinite(second).any(axis=0)
    chosen = np.where(has_first & has_second, chosen, has_second)
    return LayerChoice(np.asarray(chosen, np.bool_), gain, doubt)


def _relative_gains(first: Doubles, second: Doubles) -> Doubles:
    """Each pair's difference over the landmark's mean error, gross errors capped: ``(N, P)``."""
    answer = np.full(first.shape, np.nan)
    paired = np.isfinite(first) & np.isfinite(second)
    for point in np.flatnonzero(paired.any(axis=0)):
        pair = np.stack([first[paired[:, point], point], second[paired[:, point], point]])
        pair = np.minimum(pair, _GROSS * max(float(np.median(pair)), 1e-12))
        size = max(float(pair.mean()), 1e-12)
        answer[paired[:, point], point] = (pair[0] - pair[1]) / size
    return answer


def _mixed(better: Doubles) -> tuple[Doubles, Doubles]:
    """Mean of each column drawn towards the mean of all, and its deviation."""
    points = better.shape[1]
    known = np.isfinite(better)
    if not known.any():
        return np.zeros(points), np.full(points, np.inf)
    count = known.sum(axis=0)
    mean = np.where(known, better, 0.0).sum(axis=0) / np.maximum(count, 1)
    # One or two pairs tell no deviation: it is mixed with that of all at the weight of five.
    off = np.where(known, better - mean, 0.0) ** 2
    usual = float(off.sum()) / max(int(known.sum()) - int((count > 0).sum()), 1)
    variance = (off.sum(axis=0) + 5 * max(usual, 0.01)) / (np.maximum(count - 1, 0) + 5)
    single = np.where(count > 0, variance / np.maximum(count, 1), np.inf)

    # Points of one frame go wrong together, so that the mean of all is as sure as its frames.
    frames = [float(row[row == row].mean()) for row in better if (row == row).any()]
    overall = float(np.mean(frames))
    spread = float(np.var(frames)) * len(frames) if len(frames) > 1 else 0.0
    overall_variance = (spread + 5 * max(usual, 0.01)) / (len(frames) + 4) / len(frames)
    seen = count > 0
    between = 0.0
    if seen.sum() > 1:
        between = float(np.var(mean[seen], ddof=1) - single[seen].mean())
    between = max(between, 0.05**2)

    trust = np.where(seen, between / (between + np.where(seen, single, 1.0)), 0.0)
    gain = overall + trust * (np.where(seen, mean, overall) - overall)
    left = np.where(seen, trust * np.where(seen, single, 0.0), between)
    return gain, np.sqrt(left + (1 - trust) ** 2 * overall_variance)


def estimate_errors(
    error: NDArray[np.floating], groups: NDArray[np.integer] | None = None
) -> tuple[tuple[ErrorEstimate, ...], ErrorEstimate]:
    """Expected errors with intervals, by drawing frames again with replacement (bootstrap).

    Args:
        error: ``(N, P)`` held-back errors; NaN where nothing is labelled.
        groups: ``(N,)``: frames that are drawn together; each by itself if not given.

    Returns:
        One for each landmark, and one of all points together. The same errors always give the
        same intervals.
    """
    error = np.asarray(error, np.float64)
    frames = len(error)
    if not frames:
        return (_NO_ERRORS,) * error.shape[1], _NO_ERRORS
    unit = np.arange(frames) if groups is None else np.unique(groups, return_inverse=True)[1]
    units = int(unit.max()) + 1
    random = np.random.default_rng(_DRAW_SEED)
    # How often each frame is in each draw: (draws, N).
    draws = max(min(DRAWS, _AT_ONCE // max(error.size, 1)), 100)
    drawn = random.multinomial(units, np.full(units, 1 / units), draws)[:, unit.ravel()]
    single = []
    for column in error.T:
        known = np.isfinite(column)
        single.append(_estimate(column[known], drawn[:, known]))
    rows = np.nonzero(np.isfinite(error))[0]
    return tuple(single), _estimate(error[np.isfinite(error)], drawn[:, rows])


def _estimate(error: Doubles, drawn: NDArray[np.integer]) -> ErrorEstimate:
    if not len(error):
        return _NO_ERRORS
    order = np.argsort(error, kind="stable")
    error, drawn = error[order], drawn[:, order]
    drawn = drawn[drawn.any(axis=1)]  # a draw may hold none of a rare landmark
    so_far = np.cumsum(drawn, axis=1)
    total = so_far[:, -1]
    means = drawn @ error / total
    medians = error[(2 * so_far >= total[:, None]).argmax(axis=1)]
    ends = (50 - INTERVAL / 2, 50 + INTERVAL / 2)
    mean_low, mean_high = np.percentile(means, ends)
    median_low, median_high = np.percentile(medians, ends)
    return ErrorEstimate(
        float(error.mean()),
        float(mean_low),
        float(mean_high),
        float(np.median(error)),
        float(median_low),
        float(median_high),
        len(error),
    )
