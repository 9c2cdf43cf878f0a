"""From a labelled set and found landmarks to rows of figures: splits, draws, measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles, Indices, LabelledSet, Progress
from limner_training.evaluation.assignment import match
from limner_training.evaluation.measures import distances as point_distances
from limner_training.evaluation.measures import (
    image_size_error,
    inter_ocular_error,
    joint_average,
    macro_mean,
    pck_half_size,
    picture_means,
)
from limner_training.evaluation.regression import FORMS, regress

SHOTS = (1, 5, 10, 50, 100, 500)
ALL = 0
"""Number of pictures that stands for all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        measure: What is measured, with its unit.
        part: A joint or an activity, or empty for the whole.
        form: How points came from landmarks: one of `FORMS`, ``matched``, or ``mean points``.
        shots: Labelled pictures that were fitted on.
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
    complete = np.asarray(np.isfinite(labelled.points_px).all(axis=(1, 2)), np.bool_)
    train, test = labelled.members("train"), labelled.members("test")
    # A map is fitted on complete pictures; judged is every known point.
    train = train[complete[train]]
    left_out, apart = 0, None
    if labelled.people:
        people = np.array(labelled.people)
        shared = np.isin(people[train], people[test])
        apart = not shared.any()
        if not published:
            left_out, apart = int(shared.sum()), True
            train = train[~shared]
    if not len(train) or not len(test):
        raise FormatError(
            f"There are {len(train)} pictures to fit on and {len(test)} to test on.",
            "Both parts of the set are needed.",
        )
    return Split(train, test, left_out, apart)


def draw(members: Indices, shots: int, seed: int, number: int) -> Indices:
    """Which pictures one draw fits on; the same for the same seed and number."""
    rng = np.random.default_rng((seed, shots, number))
    return np.sort(rng.choice(members, size=shots, replace=False))


def measure(labelled: LabelledSet, predicted: Doubles, members: Indices) -> dict[str, float]:
    """All measures of a set.

    Args:
        labelled: The set.
        predicted: ``(n, P, 2)`` in -1..1 of the views of ``members``.
        members: Which pictures these are.

    Returns:
        By name; ``name/part`` for single joints and activities.
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
        else:
            raise ValueError(f"there is no measure {name}")
    return figures


def evaluate(
    labelled: LabelledSet,
    found: Floats,
    split: Split,
    *,
    shots: Sequence[int] = (*SHOTS, ALL),
    draws: int = 10,
    seed: int = 0,
    matched: bool = False,
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
        progress: Told the share done.

    Returns:
        Rows by number of pictures, form, measure and part.
    """
    truth = labelled.points_norm()
    counts = [n for n in shots if n == ALL or n <= len(split.train)]
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
                points = regress(form, found[members], truth[members], found[split.test])
                figures.append(measure(labelled, points, split.test))
                done += 1
                if progress is not None:
                    progress(done / work)
            rows += _rows(figures, form, len(picked[0]), count == ALL)
    everything = len(split.train)
    if matched:
        landmarks = match(found[split.train].astype(np.float64), truth[split.train])
        points = found[split.test][:, landmarks].astype(np.float64)
        rows += _rows([measure(labelled, points, split.test)], "matched", everything, True)
    mean = truth[split.train].mean(axis=0, keepdims=True).repeat(len(split.test), axis=0)
    rows += _rows([measure(labelled, mean, split.test)], "mean points", everything, True)
    return rows


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
