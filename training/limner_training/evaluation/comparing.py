"""Several models on the same pictures: who stands in which line of an ablation, and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limner_engine.types import ModelInfo
from limner_training.evaluation.paper_tables import OUTER, PUPILS, SIZE, UNTRAINED, Line
from limner_training.evaluation.protocol import ALL, Row

COMPARED_SHOTS = (10, 50, 100, ALL)
"""Numbers of labelled pictures across the table."""
COMPARED_FORMS = ("corner", "bias", "ridge")
"""The paper's map, the same with a constant, and Limner's own, which suits few pictures."""
MEAN_POINTS = "mean points"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One model and what was measured of it.

    Attributes:
        name: What people call it.
        landmarks: K; half of d where it has a fully connected bottleneck.
        vector: Whether it has one.
        loss: With which loss it learned, as its file says; ``untrained`` for none at all.
        rows: The figures.
    """

    name: str
    landmarks: int
    vector: bool
    loss: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class ComparedLine:
    """A line of the comparison.

    Attributes:
        label: The model, or ``mean points``.
        form: One of `COMPARED_FORMS`; empty for the mean points, which have no map.
        rows: A figure a column; None where there is none.
    """

    label: str
    form: str
    rows: tuple[Row | None, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Limner's own table.

    Attributes:
        title: What is compared.
        measure: What all figures are in.
        shots: Labelled pictures of each column; `ALL` for every one.
        lines: From top to bottom.
    """

    title: str
    measure: str
    shots: tuple[int, ...]
    lines: tuple[ComparedLine, ...]


def outcome(info: ModelInfo, rows: Sequence[Row]) -> Outcome:
    """What a model's file says of itself, and its figures."""
    return Outcome(
        info.name,
        len(info.skeleton.names),
        is_vector(info),
        str(info.provenance.get("loss", "")),
        tuple(rows),
    )


def is_vector(info: ModelInfo) -> bool:
    """Whether what passes through a model are bare numbers and no places.

    Files from before there were such models do not say.
    """
    return bool(info.config.get("bottleneck", "landmarks") == "vector")


def common_measure(rows: Sequence[Row]) -> str:
    """The measure that a set is compared by: outer corners, then pupils, then the image size.

    A set that has none of these, as BBC Pose, is compared by its own first one.
    """
    measured = [row.measure for row in rows]
    known = next((name for name in (OUTER, PUPILS, SIZE) if name in measured), "")
    return known or next(iter(measured), "")


def ablation(line: Line, outcomes: Sequence[Outcome], form: str = "corner") -> Row | None:
    """The figure of the first model that learned as a line of the ablation says, or None.

    A line of a bottleneck stands for every loss, and one of a loss for every number of landmarks.

    Args:
        line: Of a table without a layout.
        outcomes: What was measured.
        form: The paper's map, or another. An untrained network gains from the paper's: its
            landmarks hardly move, so that one serves as the constant which that map lacks.
    """
    for model in outcomes:
        if line.bottleneck:
            fits = model.vector and 2 * model.landmarks == line.bottleneck
            # What has learned nothing has a line of its own, whatever its bottleneck.
            fits = fits and model.loss != UNTRAINED
        else:
            fits = model.loss in line.losses and (not model.vector or model.loss == UNTRAINED)
        if fits and line.shots is not None:
            measure = common_measure(model.rows)
            found = _figure(model.rows, measure, form, line.shots)
            if found is not None:
                return found
    return None


def comparison(
    layout: str, points: int, outcomes: Sequence[Outcome], shots: Sequence[int] = COMPARED_SHOTS
) -> Comparison:
    """All models through all maps, and what always answering the mean of all points gives.

    Args:
        layout: The data set.
        points: Labelled points of a picture.
        outcomes: At least one.
        shots: The columns.
    """
    measure = common_measure(outcomes[0].rows)
    lines = [
        ComparedLine(
            model.name,
            form,
            tuple(_figure(model.rows, measure, form, count) for count in shots),
        )
        for model in outcomes
        for form in COMPARED_FORMS
    ]
    means = tuple(
        _figure(outcomes[0].rows, measure, MEAN_POINTS, count) if count == ALL else None
        for count in shots
    )
    lines.append(ComparedLine(MEAN_POINTS, "", means))
    title = f"Limner's own, {layout}: {points} points from n labelled pictures"
    return Comparison(title, measure, tuple(shots), tuple(lines))


def _figure(rows: Sequence[Row], measure: str, form: str, shots: int) -> Row | None:
    for row in rows:
        same = row.every if shots == ALL else row.shots == shots and not row.every
        if same and (row.measure, row.part, row.form) == (measure, "", form):
            return row
    return None
