"""Several models on the same pictures: who stands in which line of an ablation, and one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from limner_engine.model_file import KEYPOINTGAN
from limner_engine.types import ModelInfo
from limner_training.evaluation.paper_tables import (
    CONDITIONAL,
    CYCLE_GAN,
    NO_BOTTLENECK,
    OURS,
    OUTER,
    PUPILS,
    SIZE,
    TABLES,
    TWO_CYCLES,
    UNTRAINED,
    Line,
    fitted_on,
)
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
        variant: Which of `paper_tables.VARIANTS` it is; empty where it is no KeypointGAN.
        prior: How many poses it learned from; 0 likewise.
    """

    name: str
    landmarks: int
    vector: bool
    loss: str
    rows: tuple[Row, ...]
    variant: str = ""
    prior: int = 0


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
        variant(info),
        prior_poses(info),
    )


def variant(info: ModelInfo) -> str:
    """Which of `VARIANTS` a model is by its file; empty for one that is none of them.

    One that has learned nothing is none.
    """
    if info.kind != KEYPOINTGAN or info.provenance.get("loss") == UNTRAINED:
        return ""
    terms = info.provenance.get("terms")
    switches = (
        bool(info.config.get("conditional", True)),
        info.config.get("bottleneck", "landmarks") == "landmarks",
        bool(terms.get("second_cycle", False)) if isinstance(terms, dict) else False,
    )
    known = {
        (False, False, True): CYCLE_GAN,
        (True, False, True): CONDITIONAL,
        (True, True, True): TWO_CYCLES,
        (True, True, False): OURS,
        (True, False, False): NO_BOTTLENECK,
    }
    return known.get(switches, "")


def prior_poses(info: ModelInfo) -> int:
    """How many poses a model learned from, as its file says; 0 where it says none."""
    prior = info.provenance.get("prior")
    count = prior.get("poses") if isinstance(prior, dict) else None
    return count if isinstance(count, int) else 0


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


def ablation(line: Line, outcomes: Sequence[Outcome], form: str = "") -> Row | None:
    """The figure of the first model that learned as a line of the ablation says, or None.

    A line of a bottleneck stands for every loss, and one of a loss for every number of landmarks.

    Args:
        line: Of a table without a layout.
        outcomes: What was measured.
        form: The line's own if empty, or another. An untrained network gains from the paper's map:
            its landmarks hardly move, so that one serves as the constant which that map lacks.
    """
    for model in outcomes:
        if line.variant or model.variant:
            fits = line.variant == model.variant and _of_prior(line.prior, model.prior)
        elif line.bottleneck:
            fits = model.vector and 2 * model.landmarks == line.bottleneck
            # What has learned nothing has a line of its own, whatever its bottleneck.
            fits = fits and model.loss != UNTRAINED
        else:
            fits = model.loss in line.losses and (not model.vector or model.loss == UNTRAINED)
        if fits and line.shots is not None:
            measure = common_measure(model.rows)
            found = _figure(model.rows, measure, form or line.form, line.shots)
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
        if fitted_on(row, shots) and (row.measure, row.part, row.form) == (measure, "", form):
            return row
    return None


def _of_prior(wanted: int, poses: int) -> bool:
    """Whether a model of a prior of ``poses`` stands on the line of ``wanted``; see `Line`."""
    if wanted < 0:
        named = (line.prior for table in TABLES["keypointgan"] for line in table.lines)
        return poses not in named
    return wanted in (0, poses)
