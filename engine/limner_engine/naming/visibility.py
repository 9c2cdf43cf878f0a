"""Which landmarks are hidden, told from what was found, by logistic regression.

Wiles et al. 2019 train a network of two layers on their embedding by binary cross-entropy and
report the area under the ROC curve of each point, averaged. With a handful of labels a logistic
regression does, from what all landmarks share (places, an embedding) and from each landmark's own
scores (height and width of its peak). It is convex and fitted in milliseconds; how strongly its
weights are held small is what the held-back frames ask for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.naming.reliability import ShareCurve, share_curve

Doubles = NDArray[np.float64]

RIDGE = 1.0
"""Penalty on half the squared weights, against the sum of cross-entropies over the pictures, with
columns of mean 0 and deviation 1. It makes the optimum finite where classes can be parted."""
STEPS = 50
ENOUGH = 1e-8
"""Largest slope, per picture, at which the optimum counts as reached."""

RIDGES = (100.0, 10.0, 1.0)
"""Penalties that are tried, besides weights of 0."""
SHARED_DIRECTIONS = 12
"""Of what landmarks share, the directions in which frames differ most."""
_CLEARLY = 0.05
"""By how much, per frame, weights must lower the held-back cross-entropy to be used at all."""


@dataclass(frozen=True, eq=False)
class Visibility:
    """Logistic regressions of all landmarks; plain arrays that a model file can keep.

    ``P(visible_p) = 1 / (1 + exp(-(columns . shared_p + sum_j own_pj score_pj + constant_p)))``

    Attributes:
        shared: ``(F, P)``, for the columns.
        own: ``(P, R)``, for each landmark's own scores.
        constant: ``(P,)``.
    """

    shared: Doubles
    own: Doubles
    constant: Doubles

    def probability(
        self, columns: NDArray[np.floating], score: NDArray[np.floating] | None = None
    ) -> Doubles:
        """Probability that each landmark is visible: ``(N, P)``.

        Args:
            columns: ``(N, F)``.
            score: ``(N, P, R)``; may be left out where R is 0.
        """
        line = np.asarray(columns, np.float64) @ self.shared + self.constant
        if score is not None:
            line = line + (np.asarray(score, np.float64) * self.own).sum(axis=2)
        return _logistic(line)


@dataclass(frozen=True, eq=False)
class VisibilityFit:
    """A fitted `Visibility` and how good it is on frames that it has not seen.

    Attributes:
        model: To be used.
        held_back: ``(N, P)``: probabilities with the frame itself left out; NaN where it is not
            known whether the landmark was visible.
        area: ``(P,)``: area under the ROC curve of these; NaN where a landmark is always or
            never visible, and 0.5 where nothing that was seen tells it.
        curve: Stated probability against observed share, over all landmarks that come and go.
    """

    model: Visibility
    held_back: Doubles
    area: Doubles
    curve: ShareCurve


def fit_visibility(
    columns: NDArray[np.floating],
    visible: NDArray[np.floating],
    score: NDArray[np.floating] | None = None,
) -> VisibilityFit:
    """Fit to labelled frames.

    Args:
        columns: ``(N, F)``, finite; F may be 0.
        visible: ``(N, P)``: 1 visible, 0 hidden, NaN unknown.
        score: ``(N, P, R)``, finite; of predictions for these frames by what has not learned from
            them, as all that is to tell the truth about new frames.

    Returns:
        The fit. A landmark that was always visible in n frames is so with probability
        ``(n + 1) / (n + 2)`` (Laplace), whatever is seen, and likewise one that was always hidden.
    """
    visible = np.asarray(visible, np.float64)
    frames, points = visible.shape
    own = np.zeros((frames, points, 0)) if score is None else np.asarray(score, np.float64)
    middle, directions = _directions(columns.astype(np.float64))
    reduced: Doubles = (columns - middle) @ directions
    shared = np.zeros((columns.shape[1], points))
    own_weights = np.zeros((points, own.shape[2]))
    constant = np.zeros(points)
    held_back = np.full(visible.shape, np.nan)
    for point in range(points):
        said = np.isfinite(visible[:, point])
        scores = own[said, point]
        own_middle = scores.mean(axis=0) if len(scores) else np.zeros(own.shape[2])
        own_spread = scores.std(axis=0) if len(scores) else np.ones(own.shape[2])
        own_spread = np.where(own_spread > 1e-9, own_spread, 1.0)
        wide = np.hstack([reduced[said], (scores - own_middle) / own_spread])
        yes = visible[said, point] > 0
        weights, held_back[said, point] = _fit_point(wide, yes, reduced.shape[1])
        shared[:, point] = directions @ weights[: reduced.shape[1]]
        own_weights[point] = weights[reduced.shape[1] : -1] / own_spread
        constant[point] = weights[-1] - middle @ shared[:, point] - own_middle @ own_weights[point]
    area = np.array(
        [
            roc_area(held_back[said, point], visible[said, point] > 0)
            for point, said in enumerate(np.isfinite(visible).T)
        ]
    )
    # Without a visible frame the rest has fewer of them: a mere share, left out, is always wrong.
    guessed = ~(shared.any(axis=0) | own_weights.any(axis=1))
    area = np.where(guessed & np.isfinite(area), 0.5, area)
    judged = np.isfinite(held_back) & np.isfinite(area)
    curve = share_curve(held_back[judged], visible[judged] > 0, np.nonzero(judged)[0])
    return VisibilityFit(Visibility(shared, own_weights, constant), held_back, area, curve)


def _directions(columns: Doubles) -> tuple[Doubles, Doubles]:
    """The mean, and a few directions ``(F, D)``, the first of unit deviation along it.

    The others keep their smaller deviations, so that the penalty holds them back more.
    """
    frames, count = columns.shape
    if frames == 0 or count == 0:
        return np.zeros(count), np.zeros((count, 0))
    middle = columns.mean(axis=0)
    spread = columns.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)
    _, sizes, right = np.linalg.svd((columns - middle) / spread, full_matrices=False)
    kept = (sizes > 1e-6 * np.sqrt(frames * count))[:SHARED_DIRECTIONS].sum()
    scale = max(float(sizes[0]) / np.sqrt(frames), 1e-9)
    return middle, (right[:kept] / spread).T / scale


def _fit_point(columns: Doubles, yes: NDArray[np.bool_], shared: int) -> tuple[Doubles, Doubles]:
    """Weights with the constant last, and the probability of each frame left out.

    Args:
        columns: ``(N, D)``, those that landmarks share first.
        yes: ``(N,)``.
        shared: How many these are.
    """
    count, seen = len(yes), int(yes.sum())
    hidden = count - seen
    weights = np.zeros(columns.shape[1] + 1)
    weights[-1] = np.log((seen + 1) / (hidden + 1))
    # Laplace's rule on all the others.
    held_back = (seen - yes + 1) / (count + 1)
    if not seen or not hidden:
        return weights, held_back
    # Platt's targets: as if there had been one frame more of either kind.
    target = np.where(yes, (seen + 1) / (seen + 2), 1 / (hidden + 2))
    best = _surprise(held_back, yes)
    # A landmark's own scores are few and tell most; the shared columns have to earn their place.
    for first in (shared, 0):
        least = best - _CLEARLY * count
        start = None
        for ridge in RIDGES:
            start = fit_logistic(columns[:, first:], target, ridge, start)
            left_out = _left_out(columns[:, first:], target, start, ridge)
            surprise = _surprise(left_out, yes)
            if surprise < least:
                weights = np.concatenate([np.zeros(first), start])
                held_back, least, best = left_out, surprise, surprise
    return weights, held_back


def _left_out(columns: Doubles, target: Doubles, weights: Doubles, ridge: float) -> Doubles:
    """Probabilities with each frame left out, by one step of Newton's method from the optimum.

    ``line_i - a_i (y_i - p_i) / (1 - a_i p_i (1 - p_i))`` with ``a_i = x_i' H^-1 x_i`` and H the
    second derivatives at the optimum of all frames.
    """
    wide = np.column_stack([columns, np.ones(len(columns))])
    line = wide @ weights
    chance = _logistic(line)
    bend = (wide * (chance * (1 - chance))[:, None]).T @ wide
    bend[np.diag_indices_from(bend)] += np.append(np.full(columns.shape[1], ridge), 1e-12)
    lever = np.einsum("nf,nf->n", wide, np.linalg.solve(bend, wide.T).T)
    freedom = np.maximum(1 - lever * chance * (1 - chance), 1e-6)
    return _logistic(line - lever * (target - chance) / freedom)


def _surprise(chance: Doubles, yes: NDArray[np.bool_]) -> float:
    """Sum of cross-entropies."""
    right = np.where(yes, chance, 1 - chance)
    return float(-np.log(np.maximum(right, 1e-12)).sum())


def _logistic(line: Doubles) -> Doubles:
    # The hyperbolic tangent does not overflow where the exponential would.
    return np.asarray(0.5 + 0.5 * np.tanh(line / 2), np.float64)


def fit_logistic(
    columns: Doubles,
    yes: NDArray[np.bool_] | Doubles,
    ridge: float = RIDGE,
    start: Doubles | None = None,
) -> Doubles:
    """Weights ``w`` and constant ``b`` that minimise cross-entropy plus ``ridge |w|^2 / 2``.

    Newton's method (iteratively reweighted least squares) in float64. A step that does not lower
    the loss is halved; the loss is convex, so that the optimum is the only one.

    Args:
        columns: ``(N, F)``, of about unit size.
        yes: ``(N,)``; may be probabilities.
        ridge: Above 0; the constant is not penalised.
        start: ``(F + 1,)`` to begin from; zeros if not given.

    Returns:
        ``(F + 1,)``, the constant last.
    """
    wide = np.column_stack([columns, np.ones(len(columns))])
    penalty = np.full(wide.shape[1], ridge)
    penalty[-1] = 0.0
    target = np.asarray(yes, np.float64)
    weights = np.zeros(wide.shape[1]) if start is None else start

    def loss(at: Doubles) -> float:
        line = wide @ at
        surprise = target * np.logaddexp(0, -line) + (1 - target) * np.logaddexp(0, line)
        return float(surprise.sum() + (penalty * at**2).sum() / 2)

    now = loss(weights)
    for _ in range(STEPS):
        chance = _logistic(wide @ weights)
        slope = wide.T @ (chance - target) + penalty * weights
        if np.abs(slope).max() <= ENOUGH * len(wide):
            break
        bend = (wide * (chance * (1 - chance))[:, None]).T @ wide + np.diag(penalty)
        # Far out all chances are 0 or 1 and the constant has no bend of its own left.
        bend[-1, -1] += 1e-12
        step = np.linalg.solve(bend, slope)
        size = 1.0
        while (after := loss(weights - size * step)) > now and size > 1e-6:
            size /= 2
        if after >= now:
            break
        weights, now = weights - size * step, after
    return weights


def roc_area(score: Doubles, visible: NDArray[np.bool_]) -> float:
    """Area under the ROC curve of one point.

    Args:
        score: ``(N,)``.
        visible: ``(N,)``.

    Returns:
        Share of pairs (visible, hidden) in the right order, equal scores counting half; NaN where
        there are no such pairs.
    """
    yes, no = int(visible.sum()), int((~visible).sum())
    if not yes or not no:
        return float("nan")
    _, place, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((rank[visible].sum() - yes * (yes + 1) / 2) / (yes * no))
