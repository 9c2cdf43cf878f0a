"""The first layer: ridge regressions from what is seen to labelled points, fitted in no time.

Three maps are fitted: from the base's landmarks, from its looks, and from both, each with the
strength that predicts left-out frames best. Their mean is better than any of them on few labels,
and a mean of linear maps is one linear map. A fourth predicts in the frame of the object's shape,
for objects that turn. Another map than the mean is taken where left-out frames say clearly that it
is better, for all landmarks or for single ones. Leaving out costs no further fit, see `Ridge`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.models.embedding import Embedding, Features, lay, take_back
from limner_engine.naming.embedding import SeenFrames
from limner_engine.naming.ridge import Doubles, Ridge, patterns
from limner_engine.naming.visibility import VisibilityFit, fit_visibility
from limner_engine.types import Floats

STRENGTHS = np.logspace(-5, 1.5, 11)
MOST_RANK = 128
LEAST_GROUPS = 5
"""From so many videos or people on, all frames of one are left out together."""
NEAR_FRAMES = 10
"""Frames of one video that are nearer than this are left out together: they look alike."""
CLEARLY = 2.0
"""How many standard errors better another map must be on left-out frames to be taken."""
LEAST_PAIRS = 6
ALWAYS_VISIBLE = 6.0
"""Log odds of being visible for a landmark that nobody called hidden."""


class Map(NamedTuple):
    """One linear map for all landmarks.

    Attributes:
        name: What it goes by.
        weights: ``(F + 1, 2 P)``.
        left_out: ``(N, P, 2)``: what it says of frames that it was not fitted on, in the crop's
            -1..1; NaN where nothing.
        laid: In the frame of the shape.
    """

    name: str
    weights: Doubles
    left_out: Doubles
    laid: bool


@dataclass(frozen=True, slots=True, eq=False)
class FirstLayer:
    """All that a `Named` network needs of a first layer, and how it does on left-out frames.

    Attributes:
        reference: ``(K, 2)``: the shape that others are laid upon.
        weights: ``(F + 1, 2 P)``.
        laid: ``(P,)`` bool.
        known: ``(P,)`` bool.
        middle: ``(F,)``.
        stretch: ``(F,)``.
        metric: ``(F, R)``.
        novelty: ``(2,)``.
        sight: ``(F + 1, P)``.
        left_out: ``(N, P, 2)``: predictions of labelled frames by the others, in -1..1; NaN where
            there are no others.
        signals: ``(N, P, 4)``: `limner_engine.models.named.SIGNALS` of these.
        visibility: What left-out frames say of hidden landmarks; None where none is.
        form: Which map most landmarks have.
    """

    reference: Floats
    weights: Doubles
    laid: NDArray[np.bool_]
    known: NDArray[np.bool_]
    middle: Doubles
    stretch: Doubles
    metric: Doubles
    novelty: Doubles
    sight: Doubles
    left_out: Doubles
    signals: Doubles
    visibility: VisibilityFit | None
    form: str

    @property
    def rank(self) -> int:
        """``R``."""
        return int(self.metric.shape[1])

    def predict(self, embedding: Embedding, seen: SeenFrames) -> Doubles:
        """Points of other frames, ``(M, P, 2)`` in -1..1; NaN of landmarks never labelled.

        Args:
            embedding: Of the base it was fitted upon; its ``reference`` is set.
            seen: Of these frames.
        """
        embedding.reference.copy_(torch.from_numpy(self.reference))
        features = embedding.columns(seen.seen())
        flat = features.columns.numpy() @ self.weights[:-1] + self.weights[-1]
        points = flat.reshape(len(flat), -1, 2)
        laid = lay(torch.from_numpy(points), features.placement.double()).numpy()
        points = np.where(self.laid[:, None], laid, points)
        return np.where(self.known[:, None], points, np.nan)


def folds(group: NDArray[np.int64], frames: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which labelled frames are left out together: ``(N,)`` numbers.

    Args:
        group: ``(N,)``: video or person of each frame.
        frames: ``(N,)``: index of each frame in its video.
    """
    alone = np.arange(len(group), dtype=np.int64)
    _, sizes = np.unique(group, return_counts=True)
    # Without a video that has most of the labels, hardly anything would be learned about it.
    if len(sizes) >= LEAST_GROUPS and 2 * sizes.max() <= len(group):
        return np.asarray(np.unique(group, return_inverse=True)[1].ravel(), np.int64)
    order = np.lexsort((frames, group))
    gap = np.diff(frames[order]) >= NEAR_FRAMES
    begins = np.concatenate([[True], gap | (np.diff(group[order]) != 0)])
    fold = np.empty(len(group), np.int64)
    fold[order] = np.cumsum(begins) - 1
    # With only one run of frames there would be nothing to judge by.
    return fold if begins.sum() >= LEAST_GROUPS else alone


def fit_first_layer(
    embedding: Embedding,
    seen: SeenFrames,
    points_norm: Floats | Doubles,
    visible: Doubles,
    fold: NDArray[np.int64],
) -> FirstLayer:
    """Fit to labelled frames.

    Args:
        embedding: What makes columns; its ``reference`` is set.
        seen: Of the N labelled frames.
        points_norm: ``(N, P, 2)`` in -1..1; NaN where a point has no place.
        visible: ``(N, P)``: 1 visible, 0 hidden, NaN where nothing was said.
        fold: ``(N,)``: frames of one number are left out together.

    Raises:
        ValueError: No point has a place.
    """
    points = np.asarray(points_norm, np.float64)
    known = np.asarray(np.isfinite(points).all(axis=2).any(axis=0), np.bool_)
    if not known.any():
        raise ValueError("no landmark has a place in any frame")
    features = _with_reference(embedding, seen)
    columns = features.columns.numpy().astype(np.float64)
    blocks = _blocks(embedding)
    middle, stretch = columns.mean(axis=0), _stretch(columns, blocks)
    standard = (columns - middle) * stretch
    maps = _maps(embedding, features, standard, points, fold)
    maps = [map_._replace(weights=_unstandard(map_.weights, middle, stretch)) for map_ in maps]
    which = _choose(maps, points)
    weights = np.zeros_like(maps[0].weights)
    left_out = np.full_like(points, np.nan)
    for point in np.flatnonzero(known):
        chosen = maps[which[point]]
        weights[:, 2 * point : 2 * point + 2] = chosen.weights[:, 2 * point : 2 * point + 2]
        left_out[:, point] = chosen.left_out[:, point]

    used = standard * (stretch > 0)
    likeness, metric, novelty = _likeness(used)
    sight, visibility = _sight(used, middle, stretch, visible)
    signals = np.zeros((*visible.shape, 4))
    signals[..., 0] = likeness[:, None]
    signals[..., 1] = features.doubt.numpy()[:, None]
    return FirstLayer(
        reference=embedding.reference.numpy().copy(),
        weights=weights,
        laid=np.array([maps[i].laid for i in which], np.bool_),
        known=known,
        middle=middle,
        stretch=stretch,
        metric=metric,
        novelty=novelty,
        sight=sight,
        left_out=left_out,
        signals=signals,
        visibility=visibility,
        form=maps[int(np.bincount(which[known]).argmax())].name,
    )


def _with_reference(embedding: Embedding, seen: SeenFrames) -> Features:
    """Columns, with the mean of the frames' own shapes as the one that others are laid upon."""
    told = seen.seen()
    if embedding.landmark_count:
        embedding.reference.copy_(told.points_norm.mean(0))
        shapes = take_back(told.points_norm, embedding.columns(told).placement)
        embedding.reference.copy_(shapes.mean(0))
    return embedding.columns(told)


def _blocks(embedding: Embedding) -> dict[str, slice]:
    """Columns by what they tell of."""
    places, shapes = 2 * embedding.landmark_count, embedding.shape_count
    return {
        "landmarks": slice(0, places),
        "shape": slice(places, shapes),
        "looks": slice(shapes, embedding.feature_count),
    }


def _stretch(columns: Doubles, blocks: dict[str, slice]) -> Doubles:
    """Factors that give each block of columns a total variance of 1; 0 where nothing varies."""
    stretch = np.zeros(columns.shape[1])
    for block in blocks.values():
        total = float(columns[:, block].var(axis=0).sum())
        if total > 1e-12:
            stretch[block] = 1 / np.sqrt(total)
    return stretch


def _unstandard(weights: Doubles, middle: Doubles, stretch: Doubles) -> Doubles:
    """A map of standard columns as one of columns as they are."""
    plain = weights[:-1] * stretch[:, None]
    return np.concatenate([plain, (weights[-1] - middle @ plain)[None]])


def _maps(
    embedding: Embedding,
    features: Features,
    standard: Doubles,
    points: Doubles,
    fold: NDArray[np.int64],
) -> list[Map]:
    """The mean of all plain maps first, then each of them, then the one in the shape's frame."""
    blocks = _blocks(embedding)
    if not embedding.landmark_count:
        return [_fit("looks", standard, [blocks["looks"]], points, fold)]
    parts = {
        "landmarks": [blocks["landmarks"]],
        "looks": [blocks["looks"]],
        "landmarks and looks": [blocks["landmarks"], blocks["looks"]],
    }
    maps = [_fit(name, standard, chosen, points, fold) for name, chosen in parts.items()]
    mean = Map(
        "mean",
        np.mean([one.weights for one in maps], axis=0),
        np.mean([one.left_out for one in maps], axis=0),
        laid=False,
    )
    placement = features.placement
    back = take_back(torch.from_numpy(points), placement.double()).numpy()
    shape = _fit("shape", standard, [blocks["shape"], blocks["looks"]], back, fold)
    laid = lay(torch.from_numpy(shape.left_out), placement.double()).numpy()
    return [mean, *maps, shape._replace(left_out=laid, laid=True)]


def _fit(
    name: str,
    standard: Doubles,
    blocks: list[slice],
    points: Doubles,
    fold: NDArray[np.int64],
) -> Map:
    """A ridge whose one strength does best on left-out frames, over all landmarks together."""
    places = np.concatenate([np.arange(standard.shape[1])[block] for block in blocks])
    columns = standard[:, places]
    parts = [
        (rows, which, Ridge(columns[rows], _flat(points[rows][:, which]), fold[rows]))
        for rows, which in patterns(points)
    ]
    best, least = float(STRENGTHS[-1]), np.inf
    for strength in STRENGTHS.tolist():
        total, count = 0.0, 0
        for rows, which, ridge in parts:
            off = ridge.left_out(strength).reshape(len(rows), -1, 2)
            away = np.sqrt(((off - points[rows][:, which]) ** 2).sum(axis=2))
            told = np.isfinite(away)
            total, count = total + float(away[told].sum()), count + int(told.sum())
        if count and total / count < least:
            best, least = strength, total / count
    weights = np.zeros((standard.shape[1] + 1, 2 * points.shape[1]))
    left_out = np.full(points.shape, np.nan)
    for rows, which, ridge in parts:
        flat = np.stack([2 * which, 2 * which + 1], axis=1).ravel()
        weights[np.ix_(np.append(places, -1), flat)] = ridge.weights(best)
        predicted = ridge.left_out(best).reshape(len(rows), -1, 2)
        left_out[np.ix_(rows, which)] = predicted
    return Map(name, weights, left_out, laid=False)


def _flat(points: Doubles) -> Doubles:
    return points.reshape(len(points), -1)


def _choose(maps: list[Map], points: Doubles) -> NDArray[np.int64]:
    """Which map each landmark has: ``(P,)``, the first unless another is clearly better."""
    away = np.stack([np.linalg.norm(one.left_out - points, axis=2) for one in maps])  # (M, N, P)
    told = np.isfinite(away).all(axis=0)
    away = np.where(told, away, 0.0)
    # For all landmarks together, each frame is one case.
    frames = told.sum(axis=1)
    each = away.sum(axis=2)[:, frames > 0] / frames[frames > 0]
    best = _clearly_best(each[..., None], np.ones((each.shape[1], 1), np.bool_), 0)[0]
    return _clearly_best(away, told, int(best))


def _clearly_best(away: Doubles, told: NDArray[np.bool_], first: int) -> NDArray[np.int64]:
    """Of M maps the one whose gain over ``first`` is largest, if it is clear: ``(P,)``."""
    count = told.sum(axis=0)
    chosen = np.full(told.shape[1], first, np.int64)
    most = np.zeros(told.shape[1])
    for number in range(len(away)):
        gain = np.where(told, away[first] - away[number], 0.0)
        mean = gain.sum(axis=0) / np.maximum(count, 1)
        spread = np.where(told, gain - mean, 0.0) ** 2
        error = np.sqrt(spread.sum(axis=0) / np.maximum(count - 1, 1) / np.maximum(count, 1))
        clear = (count >= LEAST_PAIRS) & (mean > CLEARLY * error) & (mean > most)
        chosen[clear], most[clear] = number, mean[clear]
    return chosen


def _likeness(standard: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """How much alike frames are: of the labelled ones left out, and what tells it of new ones."""
    frames = len(standard)
    rank = max(1, min(frames - 1, MOST_RANK))
    ridge = Ridge(standard, np.zeros((frames, 1)))
    strength = 0.1
    novelty = np.array([1 / frames, 1 / (strength * ridge.largest)])
    return ridge.likeness(strength), ridge.metric(strength, rank), novelty


def _sight(
    standard: Doubles, middle: Doubles, stretch: Doubles, visible: Doubles
) -> tuple[Doubles, VisibilityFit | None]:
    """Log odds of being visible: the map, and how it does on left-out frames."""
    sight = np.zeros((standard.shape[1] + 1, visible.shape[1]))
    sight[-1] = ALWAYS_VISIBLE
    hidden = np.flatnonzero((visible == 0).any(axis=0))
    if not len(hidden):
        return sight, None
    fit = fit_visibility(standard, visible[:, hidden])
    weights = np.concatenate([fit.model.shared, fit.model.constant[None]])
    sight[:, hidden] = _unstandard(weights, middle, stretch)
    return sight, fit
