"""The second layer in the comparison of few labels; it learns as it does for a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import FormatError
from limner_engine.model_file import read_model_info, save_model
from limner_engine.models.heatmaps import HeatmapEnsemble
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.naming.choice import choose_layers
from limner_engine.types import Floats, Image
from limner_training.control import Control
from limner_training.data.datasets.labelled import Doubles
from limner_training.evaluation.few_shot import Lesson
from limner_training.evaluation.first_shots import FirstShots, to_pixels
from limner_training.evaluation.labelled_frames import crops_of, frames_of
from limner_training.events import Event, Progress
from limner_training.naming.cuts import (
    RUN,
    NameCuts,
    from_pictures,
    run_cuts,
    run_starts,
    stored_cut,
)
from limner_training.naming.placing import stored_size
from limner_training.naming.second_layer import learn_names
from limner_training.naming.settings import NameSettings

_BATCH = 16


def unlabelled_cuts(
    videos: Sequence[tuple[Path, CropTrack]], image_size: int, most: int
) -> NDArray[np.uint8]:
    """Runs of neighbouring frames spread over videos, as `NameCuts` keeps them.

    Args:
        videos: With their crops.
        image_size: ``S`` of the network.
        most: Frames, all videos together.
    """
    from limner_engine.video.reader import VideoReader

    cuts: list[Image] = []
    for path, track in videos:
        with VideoReader(path) as reader:
            for start in run_starts(len(reader), most // len(videos) // RUN):
                cuts += run_cuts(reader, track, start, image_size)
    side = stored_size(image_size)
    return np.stack(cuts) if cuts else np.zeros((0, side, side, 3), np.uint8)


class SecondLayer:
    """The heat-map networks.

    Args:
        settings: Knobs; the seed is the lesson's.
        unlabelled: ``(U, Q, Q, 3)``, frames without labels that teach too; see `NameCuts`.
        told: What else the figures depend on, such as the videos of those frames.
        rest: Instead of those, at most so many of the pictures that a draw leaves out teach,
            without their labels.
        name: What the line is called.
        first: A first layer beside it; then a line ``shown`` tells what a person is shown, each
            landmark from the layer that is better on held-back labels.
    """

    def __init__(
        self,
        settings: NameSettings,
        unlabelled: NDArray[np.uint8] | None = None,
        told: Mapping[str, Any] | None = None,
        rest: int = 0,
        name: str = "second",
        first: FirstShots | None = None,
    ) -> None:
        self._first, self._rest = first, rest
        self.name, self._settings, self._unlabelled = name, settings, unlabelled
        knobs = dataclasses.asdict(settings)
        for one in ("seed", "threads", "start_from", "device"):
            del knobs[one]
        start = settings.start_from
        knobs["start"] = read_model_info(Path(start)).sha256 if start else ""
        if rest:
            knobs["rest"] = rest
        if first is not None:
            knobs["beside"] = dict(first.settings)
        self.settings: Mapping[str, Any] = knobs | dict(told or {})
        self.expected_s = 60 * settings.minutes + 10

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        """See `few_shot.Layer`."""
        learned = learn_names(
            self._cuts(lesson),
            dataclasses.replace(self._settings, seed=lesson.seed),
            lambda event: _tell(event, progress),
            Control(None),
        )
        points = ask(learned.ensemble, lesson)
        answers = {self.name: to_pixels(points, lesson)}
        if self._first is not None:
            first = self._first.learn(lesson, lambda _: True)
            labelled = frames_of(lesson.shots.train, lesson.learned)
            off = np.linalg.norm(learned.held_back.points_norm - labelled.crop_points(), axis=2)
            second_px = off * labelled.px_per_unit()[:, None]
            chosen = choose_layers(first.left_out_px, second_px).second
            both = np.where(chosen[:, None], points, first.points_norm)
            answers["shown"] = to_pixels(both, lesson)
        return answers

    def _cuts(self, lesson: Lesson) -> NameCuts:
        train = lesson.shots.train
        pictures = [train.picture(int(i)) for i in lesson.learned]
        labelled = frames_of(train, lesson.learned)
        size = self._settings.image_size
        if not self._rest:
            return from_pictures(pictures, labelled, size, self._unlabelled)
        others = np.setdiff1d(lesson.shots.trained, [*lesson.learned, *lesson.tested])
        others = np.random.default_rng(lesson.seed).permutation(others)[: self._rest]
        seen = [
            stored_cut(train.picture(int(i)), crop, size)
            for i, crop in zip(others, crops_of(train, others), strict=True)
        ]
        teaching = np.stack(seen) if seen else None
        return from_pictures(pictures, labelled, size, teaching, still=True)


def ask(ensemble: HeatmapEnsemble, lesson: Lesson) -> Floats:
    """What an ensemble finds in the tested pictures, cut as the program cuts videos.

    Returns:
        ``(n, P, 2)`` in -1..1 of the crops.
    """
    test, size, answers = lesson.shots.test, ensemble.config.image_size, []
    crops = crops_of(test, lesson.tested)
    for start in range(0, len(crops), _BATCH):
        part = range(start, min(start + _BATCH, len(crops)))
        cuts = np.stack([cut(test.picture(int(lesson.tested[i])), crops[i], size) for i in part])
        with torch.inference_mode():
            found = ensemble.read(torch.from_numpy(cuts).permute(0, 3, 1, 2).float() / 255)
        answers.append(found.points_norm.numpy())
    return cast(Floats, np.concatenate(answers))


def _tell(event: Event, progress: Callable[[float], bool]) -> None:
    if isinstance(event, Progress):
        progress(event.elapsed_s / max(event.elapsed_s + event.left_s, 1e-9))


def untrained_copy(model: Path, path: Path, seed: int = 0) -> Path:
    """A model of the same sizes with random weights: what a start from the model is judged by.

    Args:
        model: A self-supervised model.
        path: Where to write the copy.
        seed: Of the weights.
    """
    info = read_model_info(model)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = IMM(IMMConfig.from_json(info.config))
    save_model(path, network, dataclasses.replace(info, name="untrained", provenance={}))
    return path


def size_of(model: Path) -> int:
    """Side of the pictures that a self-supervised model sees.

    Raises:
        FormatError: It is a model of another kind.
    """
    info = read_model_info(model)
    if info.kind != "imm":
        raise FormatError(
            f"{model.name} has no encoder to start from.",
            "Choose a model that discovered its landmarks.",
        )
    return IMMConfig.from_json(info.config).image_size
