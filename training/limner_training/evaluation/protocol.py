"""From a labelled set and found landmarks to rows of figures: splits, draws, measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.naming.ridge import FORMS, regress
from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles, Indices, LabelledSet, Progress
from limner_training.evaluation.assignment import match
from limner_training.evaluation.measures import distances as point_distances
from limner_training.evaluation.measures import (
    image_size_error,
    inter_ocular_error,
    joint_average,
    known_mean,
    labelled_boxes,
    labelled_points,
    macro_mean,
    pck,
    pck_box,
    pck_half_size,
    pck_torso,
    picture_means,
)
from limner_training.evaluation.visibility import visibility_areas

SHOTS = (1, 5, 10, 50, 100, 500)
ALL = 0
"""Number of pictures that stands for all of them."""
WITHIN_PX = (5.0, 10.0, 20.0)
"""Distances for the share of points within, where nobody named others."""
VISIBILITY = "visibility, AUC"

DIRECT, UNCORRECTED, BEST_SIDES, PRIOR_MEAN = DIRECT_FORMS = (
    "direct",
    "uncorrected",
    "best sides",
    "prior mean",
)
"""Of landmarks that mean the points already, so that nothing is fitted. ``direct``: as the model
says it. ``uncorrected``: before the model asks its regressor of loose poses which side is left.
``best sides``: with left and right as the labels have them, a bound. ``prior mean``: what always
answering the mean pose of the prior gives."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        measure: What is measured, with its unit.
        part: A joint or an activity, or empty for the whole.
        form: How points came from landmarks: one of `FORMS`, ``matched``, or ``mean points``;
            ``logistic`` for visibility; one of `DIRECT_FORMS` where nothing was fitted.
        shots: Labelled pictures that were fitted on; 0 for `DIRECT_FORMS`.
        every: Whether those are all there are.
        draws: How often other ones were drawn.
        mean: Over draws.
        deviation: Over draws; 0 for one.
    """

    measure: str
    part: str
    form: str
    shots: int
    every: bool
    draws: int
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Split:
    """Who is fitted on and who is tested on.

    Attributes:
        train: Numbers of pictures.
        test: Numbers of pictures.
        left_out: Pictures of the published training part that show people of the test part.
        apart: Whether nobody is in both; None where the set does not say who is who.
    """

    train: Indices
    test: Indices
    left_out: int
    apart: bool | None


def split_people(labelled: LabelledSet, *, published: bool = False) -> Split:
    """The set's own split, without those of its training part who are also tested on.

    Args:
        labelled: The set.
        published: Leave the published split as it is, even where it shares people.

    Raises:
        FormatError: One of the parts is empty.
    """
    marked = np.asarray(labelled_points(labelled.points_px).any(axis=1), np.bool_)
    told = marked
    if labelled.visible is not None:
        told = np.asarray((labelled.visible == 0).any(axis=1) | marked, np.bool_)
    train, test = labelled.members("train"), labelled.members("test")
    train, test = train[told[train]], test[told[test]]
    left_out, apart = 0, None
    if labelled.people:
        people = np.array(labelled.people)
        shared = np.isin(people[train], people[test])
        apart = not shared.any()
        if not published:
            left_out, apart = int(shared.sum()), True
            train = train[~shared]
    if not marked[train].any() or not marked[test].any():
        raise FormatError(
            f"There are {int(marked[train].sum())} pictures with points to fit on and "
            f"{int(marked[test].sum())} to test on.",
            "Both parts of the set are needed.",
        )
    return Split(train, test, left_out, apart)


def draw(members: Indices, shots: int, seed: int, number: int) -> Indices:
    """Which pictures one draw fits on; the same for the same seed and number."""
    rng = np.random.default_rng((seed, shots, number))
    return np.sort(rng.choice(members, size=shots, replace=False))


def measure(
    labelled: LabelledSet,
    predicted: Doubles,
    members: Indices,
    within_px: Sequence[float] = (),
) -> dict[str, float]:
    """All measures of a set.

    Args:
        labelled: The set.
        predicted: ``(n, P, 2)`` in -1..1 of the views of ``members``.
        members: Which pictures these are.
        within_px: Distances in pixels of the pictures: the share of points within each. If empty,
            `WITHIN_PX` for sets that are measured so.

    Returns:
        By name; ``name/part`` for single joints and activities. What no picture has a unit for,
        such as a torso, is not there.
    """
    truth = labelled.points_norm()[members]
    groups = [labelled.groups[i] for i in members] if labelled.groups else []
    figures: dict[str, float] = {}
    for name in labelled.measures:
        if name == "eyes":
            for eyes in labelled.eyes:
                error = inter_ocular_error(predicted, truth, eyes)
                figures[f"% of eye distance, {eyes.name}"] = 100 * error
        elif name == "image size":
            _add_groups(
                figures, "% of image size", 100 * image_size_error(predicted, truth), groups
            )
        elif name == "pixels":
            shown = labelled.to_pixels(predicted, members)
            apart = point_distances(shown, labelled.points_px[members])
            _add_groups(figures, "px", picture_means(apart), groups)
            if labelled.joints and "pck" in labelled.measures:
                for joint, column in zip(labelled.joints, apart.T, strict=True):
                    figures[f"px/{joint}"] = known_mean(column)
        elif name == "pck 6 px":
            shown = labelled.to_pixels(predicted, members)
            shares = 100 * pck_half_size(shown, labelled.points_px[members])
            kinds = [joint.split()[-1] for joint in labelled.joints]
            columns = {
                kind: float(
                    np.nanmean([s for s, k in zip(shares, kinds, strict=True) if k == kind])
                )
                for kind in dict.fromkeys(kinds)
            }
            figures["% within 6 px at half size"] = joint_average(columns)
            for kind, value in columns.items():
                figures[f"% within 6 px at half size/{kind}"] = value
        elif name not in ("pck", "box", "torso"):
            raise ValueError(f"there is no measure {name}")
    shown, known = labelled.to_pixels(predicted, members), labelled.points_px[members]
    limits = within_px or (WITHIN_PX if "pck" in labelled.measures else ())
    near = {f"% within {limit:g} px": pck(shown, known, limit) for limit in limits}
    if "box" in labelled.measures:
        near["% within 0.2 of the box"] = pck_box(shown, known, labelled_boxes(known))
    if "torso" in labelled.measures and labelled.torso is not None:
        near["% within 0.2 of the torso"] = pck_torso(shown, known, *labelled.torso)
    figures.update({name: 100 * known_mean(column) for name, column in near.items()})
    return {name: value for name, value in figures.items() if value == value}


def evaluate(
    labelled: LabelledSet,
    found: Floats,
    split: Split,
    *,
    shots: Sequence[int] = (*SHOTS, ALL),
    draws: int = 10,
    seed: int = 0,
    matched: bool = False,
    confidence: Floats | None = None,
    places: bool = True,
    within_px: Sequence[float] = (),
    progress: Progress | None = None,
) -> list[Row]:
    """Fit and measure for every number of labelled pictures.

    Args:
        labelled: The set.
        found: ``(N, K, 2)`` landmarks in -1..1 of the views.
        split: Who is fitted on and tested on.
        shots: Numbers of pictures to fit on; `ALL` for every one. Those above what is there are
            left out.
        draws: How often each number is drawn.
        seed: Of all draws.
        matched: Also judge raw landmarks, matched one to one on all training pictures.
        confidence: ``(N, K)`` of the landmarks; given, visibility is told from all labelled
            pictures, in sets that say it.
        places: Whether landmarks are places; see `regress`.
        within_px: See `measure`.
        progress: Told the share done.

    Returns:
        Rows by number of pictures, form, measure and part.

    Raises:
        FormatError: There are fewer pictures to fit on than any of ``shots``.
    """
    truth = labelled.points_norm()
    counts = [n for n in shots if n == ALL or n <= len(split.train)]
    if shots and not counts:
        raise FormatError(
            f"There are only {len(split.train)} pictures to fit on.",
            "Fit on fewer of them, or on all.",
        )
    rows: list[Row] = []
    work = sum(1 if n == ALL else draws for n in counts) * len(FORMS)
    done = 0
    for count in counts:
        picked = [split.train]
        if count != ALL:
            picked = [draw(split.train, count, seed, number) for number in range(draws)]
        for form in FORMS:
            figures = []
            for members in picked:
                points = regress(
                    form, found[members], truth[members], found[split.test], places=places
                )
                figures.append(measure(labelled, points, split.test, within_px))
                done += 1
                if progress is not None:
                    progress(done / work)
            rows += _rows(figures, form, len(picked[0]), count == ALL)
    everything = len(split.train)
    if matched:
        landmarks = match(found[split.train].astype(np.float64), truth[split.train])
        points = found[split.test][:, landmarks].astype(np.float64)
        figures = [measure(labelled, points, split.test, within_px)]
        rows += _rows(figures, "matched", everything, True)
    mean = _mean_points(truth[split.train])[None].repeat(len(split.test), axis=0)
    figures = [measure(labelled, mean, split.test, within_px)]
    rows += _rows(figures, "mean points", everything, True)
    if labelled.visible is not None and confidence is not None:
        areas = visibility_areas(
            found, confidence, labelled.visible, split.train, split.test, labelled.joints
        )
        if areas:
            # The mean over points comes first, as of every other measure.
            told = {VISIBILITY: float(np.mean(list(areas.values())))}
            told |= {f"{VISIBILITY}/{point}": area for point, area in areas.items()}
            percent = {name: 100 * area for name, area in told.items()}
            rows += _rows([percent], "logistic", everything, True)
    return rows


def _mean_points(points: Doubles) -> Doubles:
    """The mean of every point over the pictures that have it; the middle where none has."""
    known = labelled_points(points)
    counts = np.maximum(known.sum(axis=0), 1)[:, None]
    return np.asarray(np.where(known[..., None], points, 0.0).sum(axis=0) / counts)


def _add_groups(
    figures: dict[str, float], name: str, values: Doubles, groups: Sequence[str]
) -> None:
    figures[name], parts = macro_mean(values, groups)
    figures.update({f"{name}/{part}": value for part, value in parts.items()})


def _rows(figures: list[dict[str, float]], form: str, shots: int, every: bool) -> list[Row]:
    rows = []
    for key in figures[0]:
        name, _, part = key.partition("/")
        values = np.array([draw_figures[key] for draw_figures in figures])
        # The deviation of a sample of draws, as papers print it.
        spread = float(values.std(ddof=1)) if len(values) > 1 else 0.0
        mean = float(values.mean())
        rows.append(Row(name, part, form, shots, every, len(values), mean, spread))
    return rows
