"""Limner's own layers in the comparison of few labels: both learn as they do for a person."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.coordinates import crop_to_frame, cut
from limner_engine.cropping.track import CropTrack
from limner_engine.errors import FormatError
from limner_engine.model_file import read_model_info, save_model
from limner_engine.models.heatmaps import HeatmapEnsemble
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Floats, Image, Skeleton
from limner_training.control import Control
from limner_training.data.datasets.labelled import Doubles, Indices, LabelledSet
from limner_training.evaluation.few_shot import Lesson
from limner_training.events import Event, Progress
from limner_training.naming.cuts import RUN, NameCuts, from_pictures, run_starts, stored_cut
from limner_training.naming.second_layer import learn_names
from limner_training.naming.settings import NameSettings

_BATCH = 16


def crops_of(labelled: LabelledSet, members: Indices) -> list[Crop]:
    """The squares of some pictures.

    Raises:
        FormatError: They are no squares.
    """
    left, top, width, height = labelled.views[members].T
    if not np.allclose(width, height):
        raise FormatError(
            f"The pictures of {labelled.layout} are looked at in rectangles.",
            "Bring the labels into a project, where squares are found.",
        )
    turns = np.zeros(len(members))
    if labelled.angles_rad is not None:
        turns = labelled.angles_rad[members]
    squares = zip(left + width / 2, top + height / 2, width, turns, strict=True)
    return [Crop(*(float(value) for value in square)) for square in squares]


def frames_of(labelled: LabelledSet, members: Indices) -> LabelledFrames:
    """Some pictures of a set as what a person labelled."""
    points = labelled.points_px[members].astype(np.float32)
    there = np.isfinite(points).all(axis=2)
    said = np.where(there, 1.0, np.nan)
    if labelled.visible is not None:
        said = np.where(there, 1.0, labelled.visible[members])
    names = labelled.joints or Skeleton.numbered(labelled.point_count).names
    groups = np.zeros(len(members), np.int64)
    if labelled.people:
        groups = np.unique(np.array(labelled.people), return_inverse=True)[1][members]
    sources = tuple(labelled.sources[i] for i in members.tolist()) if labelled.sources else ()
    return LabelledFrames(
        sources or tuple((Path(labelled.layout), int(i)) for i in members),
        tuple(crops_of(labelled, members)),
        points,
        said == 1,
        np.isfinite(said),
        groups,
        Skeleton(names),
    )


def looks_whole(labelled: LabelledSet) -> bool:
    """Whether the first picture is looked at whole, and so all are."""
    height, width = labelled.picture(0).shape[:2]
    return crops_of(labelled, np.zeros(1, np.int64)) == [Crop.whole(width, height)]


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
                run = reader.read(start, start + RUN)
                seen = [(i, frame) for i, frame in run if frame is not None]
                if len(seen) == RUN:
                    cuts += [stored_cut(frame, track.at(i), image_size) for i, frame in seen]
    side = stored_cut(np.zeros((8, 8, 3), np.uint8), Crop(4, 4, 8), image_size).shape[0]
    return np.stack(cuts) if cuts else np.zeros((0, side, side, 3), np.uint8)


class SecondLayer:
    """The heat-map networks.

    Args:
        settings: Knobs; the seed is the lesson's.
        unlabelled: ``(U, Q, Q, 3)``, frames without labels that teach too; see `NameCuts`.
        told: What else the figures depend on, such as the videos of those frames.
        name: What the line is called.
    """

    def __init__(
        self,
        settings: NameSettings,
        unlabelled: NDArray[np.uint8] | None = None,
        told: Mapping[str, Any] | None = None,
        name: str = "second",
    ) -> None:
        self.name, self._settings, self._unlabelled = name, settings, unlabelled
        knobs = dataclasses.asdict(settings)
        for one in ("seed", "threads", "start_from", "device"):
            del knobs[one]
        start = settings.start_from
        knobs["start"] = read_model_info(Path(start)).sha256 if start else ""
        self.settings: Mapping[str, Any] = knobs | dict(told or {})
        self.expected_s = 60 * settings.minutes + 10

    def answer(self, lesson: Lesson, progress: Callable[[float], bool]) -> dict[str, Doubles]:
        """See `few_shot.Layer`."""
        ensemble = learn_names(
            self._cuts(lesson),
            dataclasses.replace(self._settings, seed=lesson.seed),
            lambda event: _tell(event, progress),
            Control(None),
        ).ensemble
        return {self.name: ask(ensemble, lesson)}

    def _cuts(self, lesson: Lesson) -> NameCuts:
        train = lesson.shots.train
        pictures = [train.picture(int(i)) for i in lesson.learned]
        labelled = frames_of(train, lesson.learned)
        return from_pictures(pictures, labelled, self._settings.image_size, self._unlabelled)


def ask(ensemble: HeatmapEnsemble, lesson: Lesson) -> Doubles:
    """What an ensemble finds in the tested pictures: ``(n, P, 2)`` in their pixels."""
    size = ensemble.config.image_size

    def read(cuts: NDArray[np.uint8]) -> Floats:
        with torch.inference_mode():
            found = ensemble.read(torch.from_numpy(cuts).permute(0, 3, 1, 2).float() / 255)
        return cast(Floats, found.points_norm.numpy())

    return asked_by(read, size, lesson)


def asked_by(read: Callable[[NDArray[np.uint8]], Floats], size: int, lesson: Lesson) -> Doubles:
    """Ask about the tested pictures, cut as the program cuts videos.

    Args:
        read: From ``(B, S, S, 3)`` uint8 to ``(B, P, 2)`` in -1..1.
        size: ``S``.
        lesson: What is asked.

    Returns:
        ``(n, P, 2)`` in pixels of the pictures.
    """
    test, answers = lesson.shots.test, []
    crops = crops_of(test, lesson.tested)
    for start in range(0, len(crops), _BATCH):
        part = range(start, min(start + _BATCH, len(crops)))
        cuts = [cut(test.picture(int(lesson.tested[i])), crops[i], size) for i in part]
        found = read(np.stack(cuts))
        answers += [crop_to_frame(points, crops[i]) for points, i in zip(found, part, strict=True)]
    return np.stack(answers).astype(np.float64)


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
