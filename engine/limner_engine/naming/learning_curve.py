"""What ten more labels would buy: held-back error against the number of labels.

Errors of learners fall as ``e(n) = a n^-b + c``: towards the error ``c`` that no number of labels
takes away. Few points with noise do not settle three numbers, so none is picked: all exponents and
floors are weighed by how well they fit (a posterior on a grid, with the level and the noise taken
out in closed form). The interval of the forecast is what they say together, widened by how far
real curves were seen to leave their own law.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]
Indices = NDArray[np.intp]

MORE = 10
"""Labels a person makes in one go."""
INTERVAL = 0.8
"""Probability that the interval of a forecast holds."""
WIDEST = 0.5
"""A forecast whose interval is wider than this share of today's error says nothing."""
LEAST_COUNTS = 3
"""Different numbers of labels without which no curve is drawn on."""

_EXPONENTS = np.linspace(0.02, 2.0, 67)
_FLOORS = np.linspace(0.0, 0.96, 33)  # c as a share of the error at the most labels
_USUAL_EXPONENT, _FACTOR = 0.5, 0.7  # log b is about normal
_USUAL_NOISE, _NOISE_WORTH = 0.05, 2.0  # deviation of a log error, worth so many points
# Real curves are no power laws, and ten labels may be lucky or unlucky ones: deviation of the
# exponent beyond the last label, with which eight in ten forecasts held on labelled mice and flies
# (ridge regressions from two kinds of columns, 10 to 40 labels).
_DRIFT = 0.25
_NORMAL = np.array([-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645])
_TAILS = 4.0  # degrees of freedom of the points' own noise

Unsaid = Literal["", "few", "unclear"]


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Measured errors, a line through them, and where it goes on to.

    Attributes:
        counts: ``(M,)``: numbers of labels, rising.
        errors: ``(M,)``: mean held-back error at each, in pixels of the video.
        fitted: ``(M,)``: the line there; NaN where none can be drawn.
        now: The error today, in pixels.
        more: How many more labels the forecast is for.
        expected: Error with so many more; NaN where it cannot be said.
        low: Lower end of an interval of 80 %.
        high: Upper end.
        unsaid: Why no forecast is given: ``few`` different numbers of labels, or the errors are
            too ``unclear`` for one. Empty where there is one.
    """

    counts: Doubles
    errors: Doubles
    fitted: Doubles
    now: float
    more: int
    expected: float
    low: float
    high: float
    unsaid: Unsaid = ""


def rising_counts(total: int) -> tuple[int, ...]:
    """Numbers of labels at which to measure, each about 1.4 times the last.

    So many are left over, at least a fifth and two, that errors can be told on them.
    """
    largest = total - max(2, -(-total // 5))
    counts = [3, 4, 6, 8, 11, 16, 22, 32, 45, 64, 90, 128, 181, 256, 362, 512]
    return tuple(count for count in counts if count <= largest)


def measure_learning(
    held_back: Callable[[Indices, Indices], NDArray[np.floating]],
    total: int,
    *,
    draws: int = 8,
    seed: int = 0,
) -> tuple[Doubles, Doubles]:
    """Errors of a quick layer that learns from some of the labels and is judged on the others.

    In each draw the labels have one order, and the first of them are learned from, so that larger
    sets hold the smaller ones and the curve shows labels, not luck.

    Args:
        held_back: From the rows to learn from and the rows to judge by to errors ``(R, P)`` there,
            in pixels of the video, NaN where nothing is labelled.
        total: How many frames are labelled.
        draws: Orders.
        seed: Of the orders.

    Returns:
        Numbers of labels and mean errors, ``(draws * counts,)`` each; empty with too few labels.
    """
    random = np.random.default_rng(seed)
    counts: list[float] = []
    errors: list[float] = []
    for _ in range(draws):
        order = random.permutation(total)
        for count in rising_counts(total):
            apart = held_back(np.sort(order[:count]), np.sort(order[count:]))
            known = np.isfinite(apart)
            if known.any():
                counts.append(count)
                errors.append(float(apart[known].mean()))
    return np.array(counts), np.array(errors)


def fit_learning_curve(
    counts: Sequence[float] | Doubles,
    errors: Sequence[float] | Doubles,
    *,
    labels: int,
    now: float | None = None,
    more: int = MORE,
) -> LearningCurve:
    """Fit the law and go on to ``labels + more``.

    Args:
        counts: Numbers of labels, above 0; one may come several times.
        errors: Errors there; those that are NaN or 0 are left out.
        labels: How many there are today.
        now: The error today, where it was measured better than by the last point: the forecast
            starts from it. The line's own value if not given.
        more: Labels to be added.
    """
    count, error = np.asarray(counts, np.float64), np.asarray(errors, np.float64)
    use = np.isfinite(error) & (error > 0) & (count > 0)
    kinds, place = np.unique(count[use], return_inverse=True)
    # Draws at one number share their labels and are no independent points. Their mean is taken
    # as a logarithm, in which a draw that went wrong weighs less.
    worth = np.bincount(place) if len(kinds) else np.zeros(0)
    logs = np.bincount(place, np.log(error[use])) / worth if len(kinds) else np.zeros(0)
    nothing = np.full(len(kinds), np.nan)
    today = float("nan") if now is None else now
    if len(kinds) < LEAST_COUNTS:
        return _without(kinds, np.exp(logs), nothing, today, more, "few")

    largest = kinds[-1]
    exponent, floor = (grid.ravel() for grid in np.meshgrid(_EXPONENTS, _FLOORS, indexing="ij"))
    lines = _log_line(kinds, largest, exponent, floor)
    probability, level = _posterior(logs, lines, exponent)
    fitted = np.exp(probability @ (lines + level[:, None]))
    ends = _log_line(np.array([labels, labels + more], np.float64), largest, exponent, floor)
    if now is None:
        today = float(np.exp(probability @ (ends[:, 0] + level)))
    # How far the future falls off the law: every cell is spread over these.
    off = np.log1p(more / max(labels, 1)) * _DRIFT * _NORMAL
    ratio = np.exp((ends[:, 1] - ends[:, 0])[:, None] + off).ravel()
    chances = np.repeat(probability / len(off), len(off))
    tail = (1 - INTERVAL) / 2
    low, expected, high = today * _quantiles(ratio, chances, (tail, 0.5, 1 - tail))
    if not np.isfinite(today) or high - low > WIDEST * today:
        return _without(kinds, np.exp(logs), fitted, today, more, "unclear")
    return LearningCurve(
        kinds, np.exp(logs), fitted, today, more, float(expected), float(low), float(high)
    )


def _without(
    counts: Doubles, errors: Doubles, fitted: Doubles, now: float, more: int, why: Unsaid
) -> LearningCurve:
    nan = float("nan")
    return LearningCurve(counts, errors, fitted, now, more, nan, nan, nan, why)


def _log_line(at: Doubles, largest: float, exponent: Doubles, floor: Doubles) -> Doubles:
    """Logarithm of the law, 0 at the largest count: ``(grid, len(at))``."""
    fall = (at[None] / largest) ** -exponent[:, None]
    return np.asarray(np.log(floor[:, None] + (1 - floor[:, None]) * fall), np.float64)


def _posterior(logs: Doubles, lines: Doubles, exponent: Doubles) -> tuple[Doubles, Doubles]:
    """Probability of each cell of the grid, and its level.

    With normal noise of unknown deviation a cell has probability ``(prior noise + squares)`` to
    the power ``-(points + worth - 1) / 2``. Points far off the line are held to weigh less, as if
    their noise had the tails of Student's t.
    """
    off = logs - lines
    weight = np.ones_like(off)
    for _ in range(6):
        level = (weight * off).sum(axis=1) / weight.sum(axis=1)
        squares = (off - level[:, None]) ** 2
        noise = (_NOISE_WORTH * _USUAL_NOISE**2 + (weight * squares).sum(axis=1)) / (
            _NOISE_WORTH + logs.size
        )
        weight = (_TAILS + 1) / (_TAILS + squares / noise[:, None])
    # The likelihood of Student's t itself, with each cell's own noise.
    surprise = (_TAILS + 1) / 2 * np.log1p(squares / (_TAILS * noise[:, None]))
    chance = -surprise.sum(axis=1) - (logs.size + _NOISE_WORTH - 1) / 2 * np.log(noise)
    chance -= _NOISE_WORTH * _USUAL_NOISE**2 / (2 * noise)
    chance -= np.log(exponent / _USUAL_EXPONENT) ** 2 / (2 * _FACTOR**2)
    probability = np.exp(chance - chance.max())
    return probability / probability.sum(), level


def _quantiles(values: Doubles, probability: Doubles, shares: Sequence[float]) -> Doubles:
    order = np.argsort(values, kind="stable")
    so_far = np.cumsum(probability[order])
    return values[order][np.minimum(np.searchsorted(so_far, shares), len(values) - 1)]
