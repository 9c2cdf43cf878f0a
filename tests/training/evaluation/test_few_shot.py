"""Draws of few labels, and figures that add up."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from drawn_sets import drawn_set
from limner_engine.errors import FormatError
from limner_training.data.datasets.labelled import Doubles, LabelledSet
from limner_training.evaluation.few_shot import (
    ALL,
    Book,
    Lesson,
    Plan,
    figures_of,
    measure_shots,
    summaries,
)
from limner_training.evaluation.shots import split_shots


def _own(videos: int = 5, each: int = 4) -> LabelledSet:
    """A set of the kind that people label themselves."""
    drawn = drawn_set(people=videos, each=each, tested=1)
    people = drawn.people if videos > 1 else ()
    sources = tuple((Path(f"{name}.mp4"), i) for i, name in enumerate(drawn.people))
    return dataclasses.replace(
        drawn, angles_rad=np.zeros(len(drawn)), people=people, sources=sources, eyes=()
    )


class _Told:
    """Answers the truth, moved by so many pixels, and remembers what it was asked."""

    def __init__(self, name: str, off_px: float) -> None:
        self.name, self._off = name, off_px
        self.settings: Mapping[str, Any] = {"off": off_px, "sizes": (1, 2)}
        self.expected_s = 1.0
        self.lessons: list[Lesson] = []

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        self.lessons.append(lesson)
        progress(0.5)
        points = lesson.shots.test.points_px[lesson.tested]
        return {
            self.name: points + np.array([self._off, 0.0]),
            f"{self.name} twice": points + 2 * self._off,
        }


def test_draws_are_nested_the_same_for_all_and_apart() -> None:
    data = split_shots(_own())
    assert not data.fixed
    assert data.text == "split by video, 40% of 5 tested on, other ones in each draw"
    first = data.order(3)
    again = data.order(3)
    np.testing.assert_array_equal(first[0], again[0])
    assert data.order(4)[0].tolist() != first[0].tolist()
    people = np.array(data.train.people)
    for number in range(6):
        order, tested = data.order(number)
        assert len(order) + len(tested) == 20
        assert not set(people[order]) & set(people[tested])
        assert len(set(people[tested])) == 2


def test_a_published_split_stays_and_shares_nobody() -> None:
    drawn = drawn_set()
    data = split_shots(drawn)
    assert data.fixed
    order, tested = data.order(5)
    assert sorted(order) == np.flatnonzero(drawn.part == "train").tolist()
    np.testing.assert_array_equal(tested, np.flatnonzero(drawn.part == "test"))
    alone = split_shots(drawn, groups="none")
    assert alone.text.startswith("split by picture")
    assert len(alone.order(0)[1]) == 24


def test_one_video_is_split_by_picture() -> None:
    data = split_shots(_own(videos=1, each=10))
    order, tested = data.order(0)
    assert (len(order), len(tested)) == (6, 4)
    assert not set(order) & set(tested)


def test_two_tables_keep_what_they_share_apart() -> None:
    everything = _own()
    other = dataclasses.replace(everything, people=tuple(f"b{p}" for p in everything.people))
    assert len(split_shots(everything, other).trained) == 20
    some = dataclasses.replace(
        other, people=("p00",) * 20, sources=everything.sources, visible=None
    )
    left = split_shots(everything, some)
    assert set(left.trained.tolist()) == set(range(4, 20))
    assert "4 pictures of who is in both" in left.text
    pictures = dataclasses.replace(everything, people=())
    with pytest.raises(FormatError, match="0 pictures to learn from"):
        split_shots(pictures, pictures)


def test_what_cannot_be_split_is_refused() -> None:
    with pytest.raises(FormatError, match="by identity"):
        split_shots(_own(), groups="identity")
    with pytest.raises(FormatError, match="by video"):
        split_shots(drawn_set(), groups="video")
    named = dataclasses.replace(_own(), joints=("a", "b", "c"))
    with pytest.raises(FormatError, match="other points"):
        split_shots(named, _own())
    with pytest.raises(FormatError, match="only one"):
        split_shots(_own(videos=1, each=1))


def test_measures_by_hand() -> None:
    drawn = drawn_set(people=2, each=2, tested=1)
    points = np.array([[[0, 0], [10, 0], [5, 5]]] * 4, float)
    points[2, 2] = np.nan
    points[:2, 1] = np.nan
    data = split_shots(dataclasses.replace(drawn, points_px=points))
    lesson = Lesson(data, np.array([0, 1]), np.array([2, 3]), 0)
    predicted = np.zeros((2, 3, 2))
    predicted[:, 0] = [[3, 4], [0, 1]]
    predicted[:, 2] = [[np.nan, np.nan], [5.0, 9.0]]
    # Nobody could learn the second point, so there are no eyes to measure between either.
    figures = figures_of(predicted, lesson, (4.0,))
    assert figures["points"] == 3
    assert figures["px"] == pytest.approx((5 + 1 + 4) / 3)
    assert figures["px, median"] == 4
    assert figures["% within 4 px"] == pytest.approx(200 / 3)
    assert figures["px, each"] == [3, None, 4]
    assert "% of eye distance, pupils" not in figures
    whole = Lesson(data, np.array([2, 3]), np.array([2, 3]), 0)
    predicted[:, 1] = [[10, 0], [10, 2]]
    eyed = figures_of(predicted, whole, ())
    assert eyed["% of eye distance, pupils"] == pytest.approx(
        100 * (0.5 + 0.1 + 0 + 0.2 + 0.4) / 5
    )
    predicted[1, 0] = np.nan
    with pytest.raises(ValueError, match="left out"):
        figures_of(predicted, whole, ())


def test_a_run_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    data, path = split_shots(_own()), tmp_path / "out" / "figures.jsonl"
    plan = Plan(shots=(2, 5, ALL), draws=3)
    told: list[tuple[float, str]] = []

    def advance(share: float, note: str) -> bool:
        told.append((share, note))
        return True

    near, far = _Told("near", 1.0), _Told("far", 6.0)
    rows = measure_shots(data, [near], plan, Book(path), advance)
    assert len(rows) == 2 * 9
    assert told[0] == (0.0, "near, 2 labels, draw 0")
    assert told[-1][0] == 1.0
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    again, both = _Told("near", 1.0), [_Told("near", 1.0), far]
    assert measure_shots(data, [again], plan, Book(path)) == rows
    assert not again.lessons
    measured = measure_shots(data, both, plan, Book(path))
    assert not both[0].lessons
    assert len(far.lessons) == 9
    assert len(path.read_text().splitlines()) == len(measured) == 36
    # The same pictures for all layers, and more labels have the fewer ones in them.
    for one, two in zip(near.lessons, far.lessons, strict=True):
        np.testing.assert_array_equal(one.learned, two.learned)
    assert set(near.lessons[0].learned) < set(near.lessons[1].learned)
    # One of the draws alone is the same one.
    alone = measure_shots(data, [near], Plan(shots=(5,), draws=1, seed=2), Book(path))
    assert [row for row in rows if row["key"]["draw"] == 2 and row["key"]["shots"] == 5] == alone
    changed = _Told("near", 2.0)
    measure_shots(data, [changed], plan, Book(path))
    assert len(changed.lessons) == 9


def test_summaries_over_draws(tmp_path: Path) -> None:
    data = split_shots(drawn_set())
    rows = measure_shots(data, [_Told("near", 3.0)], Plan(shots=(5, ALL), draws=4), Book(None))
    found = {(s.line, s.measure, s.every): s for s in summaries(rows)}
    px = found["near", "px", False]
    assert (px.shots, px.draws) == (5, 4)
    assert px.mean == pytest.approx(3.0)
    assert px.deviation == pytest.approx(0.0)
    assert found["near", "% within 5 px", False].mean == 100
    every = found["near", "px", True]
    assert (every.shots, every.draws) == (40, 1)
    assert not any(s.measure == "px, each" for s in found.values())
    rows[0]["figures"]["px"] = 5.0
    spread = next(s for s in summaries(rows) if s.measure == "px")
    assert spread.deviation == pytest.approx(np.std([5, 3, 3, 3], ddof=1))


def test_mistakes_are_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="only 40 pictures"):
        measure_shots(split_shots(drawn_set()), [_Told("a", 1)], Plan(shots=(90,)), Book(None))
    broken = tmp_path / "figures.jsonl"
    broken.write_text(json.dumps({"key": {}}) + "\n{cut")
    with pytest.raises(FormatError, match="Line 2"):
        Book(broken)
