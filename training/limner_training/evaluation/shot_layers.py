"""The ways from few labels to points that are measured beside one another."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from limner_engine.inference.device import choose_device
from limner_training.data.datasets.labelled import Doubles
from limner_training.evaluation.few_shot import Lesson
from limner_training.evaluation.measures import labelled_points
from limner_training.evaluation.supervised import SupervisedConfig, learn_supervised


class MeanPoints:
    """Always the mean of the labelled points in the crop: what knowing nothing else gives."""

    name = "mean"
    settings: Mapping[str, Any] = {}
    expected_s = 0.1

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        """See `few_shot.Layer`."""
        progress(0.0)
        known = lesson.shots.train.points_norm()[lesson.learned]
        there = labelled_points(known)[..., None]
        counts = np.maximum(there.sum(axis=0), 1)
        mean = np.where(there, known, 0.0).sum(axis=0) / counts
        every = np.broadcast_to(mean, (len(lesson.tested), *mean.shape))
        return {self.name: lesson.shots.test.to_pixels(every, lesson.tested)}


class SupervisedLayer:
    """The supervised baseline.

    Args:
        config: Its settings; the seed is the lesson's.
        name: What the line is called.
    """

    def __init__(self, config: SupervisedConfig, name: str = "supervised") -> None:
        self.name, self._config = name, config
        told = dataclasses.asdict(config)
        del told["seed"]
        if config.steps:
            del told["minutes"]
        told["precision"] = str(choose_device("cpu").dtype).removeprefix("torch.")
        self.settings: Mapping[str, Any] = told
        self.expected_s = 60 * config.minutes * 1.1

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        """See `few_shot.Layer`."""
        shots = lesson.shots
        learned = [shots.train.picture(int(i)) for i in lesson.learned]
        asked = [shots.test.picture(int(i)) for i in lesson.tested]
        # Settings of a scale are made from what is learned from and asked about, as a user would.
        sizes = [(one.shape[1], one.shape[0]) for one in asked]
        network = learn_supervised(
            learned,
            shots.train.points_px[lesson.learned],
            sizes,
            dataclasses.replace(self._config, seed=lesson.seed),
            lambda share: progress(0.95 * share),
        )
        return {self.name: np.stack([network.predict(one) for one in asked])}
