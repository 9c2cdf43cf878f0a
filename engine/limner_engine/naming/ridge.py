"""Linear maps from what a network finds to labelled points, and how they do on a frame left out.

Landmarks of a self-supervised model say much about points that people label (IMM, section 4). The
map of the papers has no constant, and so it matters from where coordinates count: from the corner
of the picture, as in the papers, or from its middle. With a constant it does not matter.

Points that are not labelled in every picture are each fitted on the pictures that have them. Least
squares treats points one by one anyway, so that complete sets get the papers' figures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

Doubles = NDArray[np.float64]

FORMS = ("corner", "middle", "bias", "ridge")
"""``corner``: the papers', from the top left corner, no constant. ``middle``: from the middle of
the picture, no constant. ``bias``: with a constant. ``ridge``: Limner's own, in no paper: with a
constant and with weights kept small, by as much as the labelled pictures themselves ask for."""

STRENGTHS = np.logspace(-8, 2, 41)
"""Strengths of the ridge that are tried, in shares of the largest squared singular value."""
LEAST_FREEDOM = 1e-6
"""A picture that the map reproduces whatever its label says, to this share, tells no strength."""


class Ridge:
    """Least squares with a constant and a penalty ``a |W|^2`` on all weights but the constant.

    All strengths at once: with the singular values ``s``, the left vectors ``U`` of the centred
    columns and the centred targets y, what is predicted where it was fitted is
    ``U (s^2 / (s^2 + a)) U^T y``. No fit is repeated to leave pictures out either: with the matrix
    ``H = 1/N + U (s^2 / (s^2 + a)) U^T`` and the residuals r, those of pictures G left out
    together are ``(1 - H_GG)^-1 r_G`` (Allen's PRESS where G is one picture).

    Args:
        columns: ``(N, F)``, N at least 1.
        targets: ``(N, Q)``, complete.
        fold: ``(N,)``: pictures of one number are left out together; each alone if None.

    Attributes:
        largest: The largest squared singular value, in shares of which strengths are given; 1
            where all pictures have the same columns.
    """

    def __init__(
        self,
        columns: Floats | Doubles,
        targets: Doubles,
        fold: NDArray[np.int64] | None = None,
    ) -> None:
        self._columns = np.asarray(columns, np.float64)
        self._column_mean = self._columns.mean(axis=0)
        self._target_mean = targets.mean(axis=0)
        self._centred = targets - self._target_mean
        count, width = self._columns.shape
        away = self._columns - self._column_mean
        self._right: Doubles | None = None
        if width > 2 * count:
            # The small matrix of products: exact enough for strengths from 1e-8 up, and quick.
            squares, left = np.linalg.eigh(away @ away.T)
            squares, left = np.maximum(squares[::-1], 0.0), left[:, ::-1]
            least = 1e-12
        else:
            left, sizes, self._right = np.linalg.svd(away, full_matrices=False)
            squares = sizes**2
            least = (np.finfo(np.float64).eps * max(count, width)) ** 2
        kept = squares > (squares[0] * least if len(squares) else 0.0)
        self._left, self._squares = left[:, kept], squares[kept]
        if self._right is not None:
            self._right = self._right[kept]
        self._along = self._left.T @ self._centred  # (rank, Q)
        self.largest = float(self._squares[0]) if len(self._squares) else 1.0
        self._together: list[NDArray[np.intp]] = []
        if fold is not None:
            numbers, sizes = np.unique(fold, return_counts=True)
            self._together = [np.flatnonzero(fold == one) for one in numbers[sizes > 1]]

    def left_out(self, strength: float) -> Doubles:
        """What is predicted of each picture by the others.

        Args:
            strength: In shares of `largest`; above 0.

        Returns:
            ``(N, Q)``; NaN for pictures of which the others say nothing.
        """
        shrunk = self._squares / (self._squares + strength * self.largest)
        residual = self._centred - self._left @ (shrunk[:, None] * self._along)
        count = len(residual)
        hat = 1 / count + self._left**2 @ shrunk
        with np.errstate(divide="ignore", invalid="ignore"):
            off = np.where(1 - hat >= LEAST_FREEDOM, 1.0, np.nan)[:, None] * residual
            off /= (1 - hat)[:, None]
        for members in self._together:
            rows = self._left[members]
            free = np.eye(len(members)) - 1 / count - (rows * shrunk) @ rows.T
            told = np.linalg.eigvalsh(free)[0] >= LEAST_FREEDOM
            off[members] = np.linalg.solve(free, residual[members]) if told else np.nan
        answer: Doubles = self._target_mean + self._centred - off
        return answer

    def likeness(self, strength: float) -> Doubles:
        """How much the others say of each picture left out: ``(N,)``, 0 for nothing, up to 1.

        One over one plus the leverage ``1/N + x^T (X^T X + a)^-1 x`` of a picture that was left
        out: ``1 - H_ii``. Directions that no other picture shows count with ``1 / a``.
        """
        shrunk = self._squares / (self._squares + strength * self.largest)
        return np.clip(1 - 1 / len(self._left) - self._left**2 @ shrunk, 0.0, 1.0)

    def weights(self, strength: float) -> Doubles:
        """The map, ``(F + 1, Q)``, the constant last.

        Args:
            strength: In shares of `largest`; above 0.
        """
        weights = self._back(self._along / (self._squares + strength * self.largest)[:, None])
        constant = self._target_mean - self._column_mean @ weights
        return np.concatenate([weights, constant[None]])

    def metric(self, strength: float, rank: int) -> Doubles:
        """What is known of directions, ``(F, R)``.

        A new picture x, centred, has the leverage
        ``1/N + (|x|^2 - |x metric|^2) / (a largest)``.

        Args:
            strength: In shares of `largest`; above 0.
            rank: How many directions to keep, the best known first; less are filled up with 0.
        """
        sizes = self._squares + strength * self.largest
        answer = np.zeros((len(self._column_mean), rank))
        known = self._back(np.diag(1 / np.sqrt(sizes))[:, :rank])
        answer[:, : known.shape[1]] = known
        return answer

    def _back(self, along: Doubles) -> Doubles:
        """``V diag(s) along``: from the left vectors to weights of columns."""
        if self._right is not None:
            answer: Doubles = self._right.T @ (np.sqrt(self._squares)[:, None] * along)
        else:
            # V diag(s) = X^T U; no right vectors were computed. A column of weights sums over
            # centred pictures only, since the left vectors are orthogonal to 1.
            answer = (self._columns - self._column_mean).T @ (self._left @ along)
        return answer


def fit_linear(
    found: Floats | Doubles, labelled: Floats | Doubles, *, bias: bool = True
) -> Doubles:
    """Ordinary least squares from landmarks to labelled points.

    With 50 landmarks the columns are nearly collinear, so the solver is the SVD one in float64.
    Where there are fewer pictures than columns it is the smallest of all maps that fit; the
    constant is no part of what is kept small. With about as many pictures as columns, ``2 K``, the
    map follows every error of the labels, and more pictures make it worse before they help.

    Args:
        found: ``(N, K, 2)``.
        labelled: ``(N, P, 2)``, in the same units.
        bias: Whether a constant may be added; the papers' protocol has none.

    Returns:
        ``(2 K + bias, 2 P)``.
    """
    columns = found.reshape(len(found), -1).astype(np.float64)
    points = labelled.reshape(len(labelled), -1).astype(np.float64)
    if not bias:
        return _solve(columns, points)
    column_mean, point_mean = columns.mean(axis=0), points.mean(axis=0)
    weights = _solve(columns - column_mean, points - point_mean)
    return np.concatenate([weights, (point_mean - column_mean @ weights)[None]])


def apply_linear(weights: Doubles, found: Floats | Doubles) -> Doubles:
    """Points from landmarks: ``(N, P, 2)``."""
    columns = found.reshape(len(found), -1).astype(np.float64)
    points = columns @ weights[: columns.shape[1]]
    if len(weights) > columns.shape[1]:
        points += weights[-1]
    return points.reshape(len(found), -1, 2)


def fit_ridge(found: Floats | Doubles, labelled: Floats | Doubles) -> Doubles:
    """A `Ridge` with the strength of `STRENGTHS` that has the least squared error left out.

    Unlike `fit_linear`, it does not get worse near ``2 K`` pictures.

    Args:
        found: ``(N, K, 2)``.
        labelled: ``(N, P, 2)``, in the same units, complete.

    Returns:
        ``(2 K + 1, 2 P)``. One picture alone gives its own points whatever is found.
    """
    points = labelled.reshape(len(labelled), -1).astype(np.float64)
    ridge = Ridge(found.reshape(len(found), -1), points)
    best, least = float(STRENGTHS[-1]), np.inf
    for strength in STRENGTHS.tolist():
        error = float(((ridge.left_out(strength) - points) ** 2).sum())
        if error < least:
            best, least = strength, error
    return ridge.weights(best)


def regress(
    form: str,
    found: Floats | Doubles,
    labelled: Doubles,
    others: Floats | Doubles,
    *,
    places: bool = True,
) -> Doubles:
    """Fit in one of `FORMS` and predict.

    The size of the picture does not matter to any form, so no pixels are needed.

    Args:
        form: Which.
        found: ``(N, K, 2)`` landmarks in -1..1 to fit on.
        labelled: ``(N, P, 2)`` points in -1..1; NaN where one is not labelled.
        others: ``(M, K, 2)`` landmarks to predict from.
        places: Whether what was found are places; the numbers of a fully connected bottleneck are
            none, have no corner to count from, and are taken as they are.

    Returns:
        ``(M, P, 2)`` in -1..1. A point that no picture has is put in the middle.
    """
    answer = np.zeros((len(others), labelled.shape[1], 2))
    for rows, points in patterns(labelled):
        part = labelled[rows][:, points]
        answer[:, points] = _regress(form, found[rows], part, others, places)
    return answer


def patterns(labelled: Doubles) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Points that are labelled in the same pictures: the pictures, and the points.

    Points that no picture has are left out.

    Args:
        labelled: ``(N, P, 2)``; NaN where a point is not labelled.
    """
    known: NDArray[np.bool_] = np.asarray(np.isfinite(labelled).all(axis=2), np.bool_)
    if known.all():
        return [(np.arange(len(known)), np.arange(known.shape[1]))] if len(known) else []
    kinds, group = np.unique(known, axis=1, return_inverse=True)
    return [
        (np.flatnonzero(kind), np.flatnonzero(group.ravel() == number))
        for number, kind in enumerate(kinds.T)
        if kind.any()
    ]


def _regress(
    form: str, found: Floats | Doubles, labelled: Doubles, others: Floats | Doubles, places: bool
) -> Doubles:
    if form == "ridge":
        return apply_linear(fit_ridge(found, labelled), others)
    if form == "corner":
        shift = 1.0 if places else 0.0
        weights = fit_linear(found + shift, labelled + 1.0, bias=False)
        return apply_linear(weights, others + shift) - 1.0
    return apply_linear(fit_linear(found, labelled, bias=form == "bias"), others)


def _solve(columns: Doubles, points: Doubles) -> Doubles:
    return np.asarray(np.linalg.lstsq(columns, points, rcond=None)[0], np.float64)
