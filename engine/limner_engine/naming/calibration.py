"""Confidences that are true: of the points called 80 % sure, 80 % lie within the stated radius.

What a network says of itself (height and width of a peak, disagreement of two of them) orders its
points, but is no share of anything. Held-back frames, which the network did not learn from, tell
how far off it was; from both comes the probability that a new point lies within a radius.

The error of a point is taken as that of a bivariate Student's t around the truth, whose scale
follows the raw scores::

    log s_p  = offset_p + sum_j slope_j * log(score_pj)
    P(e < r) = 1 - (1 + r^2 / (f s_p^2))^(-f / 2)
    r(P)     = s_p * sqrt(f ((1 - P)^(-2 / f) - 1))

with f degrees of freedom for all points: many make the errors Gaussian, few give them the long
tails of points that were taken for others. For a given f the likelihood has one optimum. Slopes
are the same for all landmarks and have the sign they must have, so that a better score never
lowers a confidence. Offsets of single landmarks are drawn towards their mean, since some have few
labels.

Five points that were all right are no proof of certainty: probabilities are drawn towards a half
by Laplace's rule of succession, by as many points as the held-back frames are worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.naming.reliability import ShareCurve, folds_of, independent_count, share_curve

Doubles = NDArray[np.float64]

RADIUS = 0.03
"""Within which a point counts as right, in shares of the crop's side: 3 px of 100."""
FREEDOMS = (1.0, 1.4, 2.0, 2.8, 4.0, 5.6, 8.0, 16.0, 32.0)
"""Degrees of freedom that are tried."""
LEAST_SCORE = 1e-4
"""Scores below count as this much, since a logarithm is taken."""

_USUAL = np.log(0.05)  # a scale one starts from, in shares of the crop's side
_USUAL_SPREAD = 1.5  # and by what factor it is known, exp of this
_APART = 0.7  # the same between one landmark and another
_SLOPE_SPREAD = 1.0  # of the slope per deviation of a log score
_FREEDOM_SPREAD = 1.0  # of log f around log 4
_STEPS = 40


@dataclass(frozen=True, eq=False)
class Calibration:
    """From raw scores to probabilities and radii; plain arrays that a model file can keep.

    A network applies it in three lines::

        log_score = score.clamp_min(1e-4).log().nan_to_num(typical).clamp(low, high)
        log_scale = offset + (slope * log_score).sum(-1)
        right = -expm1(-freedom / 2 * log1p((radius / log_scale.exp()) ** 2 / freedom))
        confidence = doubt + (1 - 2 * doubt) * right

    Attributes:
        offset: ``(P,)``: logarithm of each landmark's scale where all log scores are 0.
        slope: ``(R,)``, of the log scores.
        typical: ``(R,)``: log scores that stand for missing ones.
        low: ``(R,)``: least log score; a score better than any that was checked says no more.
        high: ``(R,)``: largest log score.
        freedom: Degrees of freedom ``f``.
        doubt: Share at each end that no probability goes into, 0 to 0.5.
        radius: The stated radius, in shares of the crop's side.
    """

    offset: Doubles
    slope: Doubles
    typical: Doubles
    low: Doubles
    high: Doubles
    freedom: float
    doubt: float
    radius: float = RADIUS

    def scale(self, score: NDArray[np.floating]) -> Doubles:
        """The scale of each point's error, in shares of the crop's side.

        Args:
            score: ``(..., P, R)``; NaN where one is missing.

        Returns:
            ``(..., P)``.
        """
        log_score = np.log(np.maximum(np.asarray(score, np.float64), LEAST_SCORE))
        log_score = np.where(np.isfinite(log_score), log_score, self.typical)
        log_score = np.clip(log_score, self.low, self.high)
        answer: Doubles = np.exp(self.offset + log_score @ self.slope)
        return answer

    def confidence(
        self, score: NDArray[np.floating], radius: float | Doubles | None = None
    ) -> Doubles:
        """Probability that each point lies within a radius: ``(..., P)``.

        Args:
            score: ``(..., P, R)``.
            radius: In shares of the crop's side; the stated one if not given.
        """
        right = within(self.radius if radius is None else radius, self.scale(score), self.freedom)
        return self.doubt + (1 - 2 * self.doubt) * right

    def reach(self, score: NDArray[np.floating], share: float) -> Doubles:
        """Radius within which each point lies with probability ``share``: ``(..., P)``.

        Args:
            score: ``(..., P, R)``.
            share: Above 0 and below 1.

        Returns:
            In shares of the crop's side.
        """
        stretch = self.freedom * np.expm1(-2 / self.freedom * np.log1p(-share))
        answer: Doubles = self.scale(score) * np.sqrt(stretch)
        return answer


@dataclass(frozen=True, eq=False)
class CalibrationCurve:
    """Stated probability against what was observed, on frames that neither fit has seen.

    Attributes:
        curve: Bins of stated probability, observed shares and their intervals.
        covered_half: Share of points within the radius that was to hold 50 %.
        covered_most: Likewise for 90 %.
        confidence: ``(N, P)``: the stated probabilities behind the curve; NaN where no error is
            known.
    """

    curve: ShareCurve
    covered_half: float
    covered_most: float
    confidence: Doubles


def within(radius: float | Doubles, scale: Doubles, freedom: float) -> Doubles:
    """``P(e < r)`` of a bivariate Student's t."""
    answer: Doubles = -np.expm1(-freedom / 2 * np.log1p((radius / scale) ** 2 / freedom))
    return answer


def fit_calibration(
    error: NDArray[np.floating],
    score: NDArray[np.floating],
    rising: Sequence[bool],
    *,
    radius: float = RADIUS,
) -> Calibration:
    """Fit to held-back predictions.

    Args:
        error: ``(N, P)`` in shares of the crop's side; NaN where nothing is labelled.
        score: ``(N, P, R)`` above 0; NaN where one is missing. R may be 0.
        rising: ``(R,)``: whether the error rises with a score (spread, disagreement) or falls
            (peak, confidence).
        radius: The stated radius, in shares of the crop's side.

    Returns:
        The most probable calibration. Without any known error it is a weak guess that calls
        every point half sure.
    """
    frame, landmark = np.nonzero(np.isfinite(error))
    apart: Doubles = error[frame, landmark].astype(np.float64)
    log_score = np.log(np.maximum(score[frame, landmark].astype(np.float64), LEAST_SCORE))
    typical, spread, low, high = _ranges(log_score, np.asarray(rising, np.bool_))
    sign = np.where(rising, 1.0, -1.0)
    standard = np.where(np.isfinite(log_score), (log_score - typical) / spread * sign, 0.0)

    best: tuple[float, Doubles, float] | None = None
    for freedom in FREEDOMS:
        weights, loss = _fit_rising(apart, landmark, standard, error.shape[1], freedom)
        loss += np.log(freedom / 4) ** 2 / (2 * _FREEDOM_SPREAD**2)
        if best is None or loss < best[0]:
            best = loss, weights, freedom
    assert best is not None
    _, weights, freedom = best
    slope = weights[: len(typical)] * sign / spread
    offset = weights[len(typical)] + weights[len(typical) + 1 :] - slope @ typical
    fitted = Calibration(offset, slope, typical, low, high, freedom, 0.0, radius)
    place = within(apart, fitted.scale(score)[frame, landmark], freedom)
    doubt = 1 / (independent_count(place, frame) + 2)
    return Calibration(offset, slope, typical, low, high, freedom, doubt, radius)


def calibration_curve(
    error: NDArray[np.floating],
    score: NDArray[np.floating],
    rising: Sequence[bool],
    groups: Sequence[object] | NDArray[np.generic] = (),
    *,
    radius: float = RADIUS,
) -> CalibrationCurve:
    """How true stated probabilities are, on groups of frames left out of the calibration.

    Args:
        error: As for `fit_calibration`; held back from the network as well.
        score: Likewise.
        rising: Likewise.
        groups: ``(N,)``: video or identity of each frame, left out together. With fewer than two
            of them, runs of neighbouring rows are left out.
        radius: The stated radius.
    """
    stated = np.full(error.shape, np.nan)
    reach = np.full((2, *error.shape), np.nan)
    fold = folds_of(groups, len(error))
    for number in np.unique(fold):
        out = fold == number
        fitted = fit_calibration(error[~out], score[~out], rising, radius=radius)
        stated[out] = fitted.confidence(score[out])
        for row, share in enumerate((0.5, 0.9)):
            reach[row][out] = fitted.reach(score[out], share)
    known = np.isfinite(error)
    frame = np.nonzero(known)[0]
    curve = share_curve(stated[known], error[known] <= radius, frame)
    covered = [float(np.mean(error[known] <= r[known])) if known.any() else np.nan for r in reach]
    return CalibrationCurve(curve, covered[0], covered[1], np.where(known, stated, np.nan))


def _ranges(
    log_score: Doubles, rising: NDArray[np.bool_]
) -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Middle, deviation, and the ends between which a log score counts, of each column."""
    columns = [column[np.isfinite(column)] for column in log_score.T]
    typical = np.array([np.median(c) if len(c) else 0.0 for c in columns])
    spread = np.array([max(float(c.std()), 1e-3) if len(c) else 1.0 for c in columns])
    ends = [(c.min(), c.max()) if len(c) else (0.0, 0.0) for c in columns]
    # A score worse than all that were checked says so; a better one proves nothing.
    low = np.array([end[0] if up else -30.0 for end, up in zip(ends, rising, strict=True)])
    high = np.array([30.0 if up else end[1] for end, up in zip(ends, rising, strict=True)])
    return typical, spread, low, high


def _fit_rising(
    apart: Doubles,
    landmark: NDArray[np.intp],
    standard: Doubles,
    landmark_count: int,
    freedom: float,
) -> tuple[Doubles, float]:
    """As `_fit_scale`, with slopes that would be negative held at 0."""
    used = np.ones(standard.shape[1], np.bool_)
    while True:
        weights, loss = _fit_scale(apart, landmark, standard * used, landmark_count, freedom)
        wrong = used & (weights[: len(used)] < 0)
        if not wrong.any():
            return weights, loss
        used &= ~wrong


def _fit_scale(
    apart: Doubles,
    landmark: NDArray[np.intp],
    standard: Doubles,
    landmark_count: int,
    freedom: float,
) -> tuple[Doubles, float]:
    """Most probable slopes, mean offset and landmarks' own offsets, by Newton's method.

    The likelihood of an error is ``e / s^2 (1 + e^2 / (f s^2))^(-f/2 - 1)``, whose logarithm is
    concave in ``log s``.
    """
    count = standard.shape[1]
    shared = np.column_stack([standard, np.ones(len(apart))])
    penalty = np.full(count + 1 + landmark_count, 1 / _APART**2)
    penalty[:count] = 1 / _SLOPE_SPREAD**2
    penalty[count] = 1 / _USUAL_SPREAD**2
    start = np.zeros(len(penalty))
    start[count] = _USUAL
    weights = start.copy()
    with np.errstate(divide="ignore"):
        log_square = 2 * np.log(apart) - np.log(freedom)  # -inf where an error is 0

    def log_scale(at: Doubles) -> Doubles:
        return np.asarray(shared @ at[: count + 1] + at[count + 1 :][landmark], np.float64)

    def sums(values: Doubles) -> Doubles:
        return np.bincount(landmark, values, landmark_count).astype(np.float64)

    def loss(at: Doubles) -> float:
        line = 2 * log_scale(at)
        surprise = line + (freedom / 2 + 1) * np.logaddexp(0, log_square - line)
        return float(surprise.sum() + (penalty * (at - start) ** 2).sum() / 2)

    now = loss(weights)
    for _ in range(_STEPS):
        # The hyperbolic tangent does not overflow where the exponential would.
        tail = 0.5 + 0.5 * np.tanh((log_square - 2 * log_scale(weights)) / 2)
        first = 2 - (freedom + 2) * tail
        second = 2 * (freedom + 2) * tail * (1 - tail)
        slope = np.concatenate([shared.T @ first, sums(first)]) + penalty * (weights - start)
        # Landmarks' own offsets meet only themselves, so that no column of them is written out.
        bend = np.diag(penalty)
        bend[: count + 1, : count + 1] += (shared * second[:, None]).T @ shared
        meeting = np.array([sums(second * column) for column in shared.T])
        bend[: count + 1, count + 1 :] = meeting
        bend[count + 1 :, : count + 1] = meeting.T
        own = np.arange(count + 1, len(penalty))
        bend[own, own] += sums(second)
        step = np.linalg.solve(bend, slope)
        for halving in (0.5**power for power in range(20)):
            after = loss(weights - halving * step)
            if after < now:
                break
        else:
            break
        weights, gained, now = weights - halving * step, now - after, after
        if gained < 1e-9 * max(1.0, abs(now)):
            break
    return weights, now
