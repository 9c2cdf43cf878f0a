"""How good named landmarks are after few labels: lessons, measures, and figures that are kept.

All layers get the same draws. Each figure is a line of JSON in a file, so that measuring that was
broken off goes on where it was, and lines from several runs add up.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_training.data.datasets.labelled import Doubles, Indices
from limner_training.evaluation.measures import distances, eye_distance, labelled_points
from limner_training.evaluation.shots import Shots

ALL = 0
"""Number of pictures that stands for all of them."""
FILE = "figures.jsonl"

Advance = Callable[[float, str], bool]
"""Told the share done and a few words; its False stops the work."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What one layer learns from and is asked about.

    Attributes:
        shots: The labels.
        learned: Numbers of pictures of ``shots.train``.
        tested: Numbers of pictures of ``shots.test``.
        seed: Number of the draw, for whatever is random in learning.
    """

    shots: Shots
    learned: Indices
    tested: Indices
    seed: int


class Layer(Protocol):
    """One way from labels to points.

    Attributes:
        name: What it is called.
        settings: What its figures depend on, as plain JSON.
        expected_s: How long one lesson takes, about.
    """

    name: str
    settings: Mapping[str, Any]
    expected_s: float

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        """Points of the tested pictures, ``(n, P, 2)`` in their pixels, by name of the line."""


def figures_of(
    predicted: Doubles, lesson: Lesson, radii_px: Sequence[float]
) -> dict[str, float | list[float | None]]:
    """Measures of one answer.

    A point that none of the lesson's pictures has counts nowhere: nobody could have learned it.

    Args:
        predicted: ``(n, P, 2)`` pixels.
        lesson: What was asked.
        radii_px: Distances for the share of points within.

    Returns:
        ``points`` that were measured; ``px``, their mean error; ``px, median``; ``% within R px``;
        ``% of eye distance, NAME`` where there are eyes; ``px, each``, the mean of every point.

    Raises:
        ValueError: A point that could be learned was not answered.
    """
    learned = labelled_points(lesson.shots.train.points_px[lesson.learned]).any(axis=0)
    truth = lesson.shots.test.points_px[lesson.tested].copy()
    truth[:, ~learned] = np.nan
    apart = distances(predicted, truth)
    asked = labelled_points(truth)
    if not np.isfinite(apart[asked]).all():
        raise ValueError("a layer left out points that were asked for")
    errors = apart[asked]
    each = [float(c[k].mean()) if k.any() else None for c, k in zip(apart.T, asked.T, strict=True)]
    figures: dict[str, float | list[float | None]] = {
        "points": len(errors),
        "px": float(errors.mean()),
        "px, median": float(np.median(errors)),
    }
    for radius in radii_px:
        figures[f"% within {radius:g} px"] = 100 * float((errors <= radius).mean())
    for eyes in lesson.shots.test.eyes:
        unit = np.broadcast_to(eye_distance(truth, eyes)[:, None], apart.shape)
        known = asked & np.isfinite(unit)
        if known.any():
            shares = apart[known] / unit[known]
            figures[f"% of eye distance, {eyes.name}"] = 100 * float(shares.mean())
    return figures | {"px, each": each}


class Book:
    """Figures that were measured, kept as lines of JSON.

    Args:
        path: The file; None keeps them in memory.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.rows: list[dict[str, Any]] = []
        if path is not None and path.is_file():
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                try:
                    self.rows.append(dict(json.loads(line)))
                except (ValueError, TypeError) as error:
                    raise FormatError(
                        f"Line {number} of {path} is no figure.", "Remove the line."
                    ) from error

    def find(self, key: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Rows of exactly this lesson, layer and settings."""
        return [row for row in self.rows if row.get("key") == key]

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Keep the rows of one lesson, all or none."""
        self.rows += rows
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write("".join(json.dumps(row) + "\n" for row in rows))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be measured.

    Attributes:
        shots: Numbers of pictures to learn from, `ALL` for every one.
        draws: How often they are drawn.
        seed: Number of the first draw; the others follow it, so that draws 0 to 9 can be measured
            one by one too.
        radii_px: See `figures_of`.
    """

    shots: tuple[int, ...] = (5, 10, 20, 50, ALL)
    draws: int = 10
    seed: int = 0
    radii_px: tuple[float, ...] = (5.0,)


def measure_shots(
    data: Shots, layers: Sequence[Layer], plan: Plan, book: Book, advance: Advance | None = None
) -> list[dict[str, Any]]:
    """Measure every layer on every draw, but for what the book has already.

    Args:
        data: The labels.
        layers: In the order in which they are shown.
        plan: How much.
        book: Where figures are kept.
        advance: Told how far the work is.

    Returns:
        The rows of this plan, in order of layers, numbers of pictures and draws. Of all pictures
        there is one draw, unless each draw tests on others.

    Raises:
        FormatError: There are fewer pictures than any of ``plan.shots``.
    """
    jobs = [
        (layer, count, number)
        for number in range(plan.seed, plan.seed + plan.draws)
        for count in plan.shots
        for layer in layers
        if _possible(data, plan, count, number)
    ]
    if not jobs:
        most = len(data.order(plan.seed)[0])
        raise FormatError(
            f"There are only {most} pictures to learn from.", "Learn from fewer of them, or all."
        )
    keys = [_key(data, plan, *job) for job in jobs]
    left = [not book.find(key) for key in keys]
    whole = sum(job[0].expected_s for job, missing in zip(jobs, left, strict=True) if missing)
    done_s = 0.0
    rows: list[dict[str, Any]] = []
    for (layer, count, number), key, missing in zip(jobs, keys, left, strict=True):
        if missing:
            order, tested = data.order(number)
            lesson = Lesson(data, order[: count or len(order)], tested, number)
            note = f"{layer.name}, {len(lesson.learned)} labels, draw {number}"

            def part(
                share: float, begun: float = done_s, job: Layer = layer, say: str = note
            ) -> bool:
                return advance is None or advance((begun + share * job.expected_s) / whole, say)

            part(0.0)
            began = time.perf_counter()
            answers = layer.answer(lesson, part)
            took = time.perf_counter() - began
            book.add(
                [
                    {
                        "key": key,
                        "line": line,
                        "seconds": round(took, 2),
                        "tested": len(tested),
                        "figures": figures_of(predicted, lesson, plan.radii_px),
                    }
                    for line, predicted in answers.items()
                ]
            )
            done_s += layer.expected_s
            part(0.0, done_s)
        rows += book.find(key)
    return rows


def _possible(data: Shots, plan: Plan, count: int, number: int) -> bool:
    if count == ALL:
        return number == plan.seed or not data.fixed
    return count <= len(data.order(number)[0])


def _key(data: Shots, plan: Plan, layer: Layer, count: int, number: int) -> dict[str, Any]:
    key = {
        "data": data.digest(),
        "layer": layer.name,
        "settings": dict(layer.settings),
        "shots": len(data.order(number)[0]) if count == ALL else count,
        "every": count == ALL,
        "draw": number,
        "radii_px": plan.radii_px,
    }
    # As it comes back from the file, where there are no tuples.
    return dict(json.loads(json.dumps(key)))


@dataclass(frozen=True, slots=True)
class Summary:
    """One measure of one line after so many labels.

    Attributes:
        line: The layer's line.
        measure: What is measured, with its unit.
        shots: Labels learned from; of draws that differ in what they have, the mean, rounded.
        every: Whether these are all there are.
        draws: How many draws.
        mean: Over draws.
        deviation: Over draws; 0 for one.
    """

    line: str
    measure: str
    shots: int
    every: bool
    draws: int
    mean: float
    deviation: float


def summaries(rows: Sequence[Mapping[str, Any]]) -> list[Summary]:
    """Rows put together over their draws; no measure of single points."""
    found: dict[tuple[str, str, int, bool], list[tuple[int, float]]] = {}
    for row in rows:
        key = row["key"]
        for name, value in row["figures"].items():
            if isinstance(value, list):
                continue
            place = (row["line"], name, 0 if key["every"] else key["shots"], key["every"])
            found.setdefault(place, []).append((key["shots"], float(value)))
    answer = []
    for (line, name, _, every), values in found.items():
        figures: NDArray[np.float64] = np.array([value for _, value in values])
        spread = float(figures.std(ddof=1)) if len(figures) > 1 else 0.0
        shots = round(float(np.mean([count for count, _ in values])))
        mean = float(figures.mean())
        answer.append(Summary(line, name, shots, every, len(values), mean, spread))
    return answer
