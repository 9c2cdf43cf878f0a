"""Stills of the YouTube Faces videos with 68 points.

A folder holds ``images/`` and ``landmarks.csv``, a table with one row a picture: ``file, identity,
video, source, width, height, labelled`` and ``x0, y0`` to ``x67, y67`` in pixels, in iBUG's order.
The stills of one video count as frames of one video; people come in the order of their names, so
that what is held back shows other people. Crops are found in the pictures alone, as for any video;
points serve measuring and nothing else.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from limner_engine.coordinates import cut, frame_to_crop
from limner_engine.errors import FormatError
from limner_engine.types import Crop, Floats, Image
from limner_training.data.datasets.labelled import (
    Doubles,
    Eyes,
    LabelledSet,
    Progress,
    read_picture,
)
from limner_training.data.datasets.still_crops import face_squares
from limner_training.data.frames import FrameSet, packed_size, wider

NAME = "ytf68"
EXPECTS = "images/ and landmarks.csv"
POINTS = 68
EYES = (
    Eyes("outer corners", (36,), (45,)),
    Eyes("pupils", tuple(range(36, 42)), tuple(range(42, 48))),
)
TEST_SHARE = 0.08
"""Share of people that is tested on: a little less than the tenth of videos that runs of this set
hold back, so that nobody tested on was learned from."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFaces:
    """Cut faces and where their points lie.

    Attributes:
        frames: The cuts; ``names`` are videos, ``<identity>/<video>``.
        points_norm: ``(N, 68, 2)`` in -1..1 of the crop; NaN where a picture has no points.
    """

    frames: FrameSet
    points_norm: Floats


def read(
    folder: Path, image_size: int, progress: Callable[[float], bool] | None = None
) -> LabelledFaces:
    """Read, find faces and cut.

    Videos in which no face is found are left out.

    Args:
        folder: Holds ``images`` and ``landmarks.csv``.
        image_size: ``S`` of the network that will see them.
        progress: Told the share done; answers False to stop early with what is read so far.

    Raises:
        FormatError: The table or a picture is missing.
    """
    videos = _videos(folder)
    cuts: list[Image] = []
    points: list[Floats] = []
    video: list[int] = []
    frame: list[int] = []
    names: list[str] = []
    for done, (name, members) in enumerate(sorted(videos.items())):
        pictures = [read_picture(folder / "images" / row["file"]) for row in members]
        crops = _crops(pictures)
        if crops is None:
            continue
        for number, (row, picture, crop) in enumerate(zip(members, pictures, crops, strict=True)):
            cuts.append(cut(picture, wider(crop), packed_size(image_size)))
            points.append(frame_to_crop(_points(row), crop))
            video.append(len(names))
            frame.append(number)
        names.append(name)
        if progress is not None and not progress((done + 1) / len(videos)):
            break
    if not cuts:
        raise FormatError(f"No face is found in the pictures of {folder}.")
    frames = FrameSet(
        np.stack(cuts), np.array(video, np.int32), np.array(frame, np.int64), tuple(names)
    )
    return LabelledFaces(frames, np.stack(points))


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read and find faces; only pictures with all points, in videos where a face is found.

    The last people by name are tested on. The squares are those of `read`.

    Raises:
        FormatError: The table or a picture is missing, or no face is found.
    """
    videos = _videos(folder)
    files: list[str] = []
    people: list[str] = []
    points: list[Doubles] = []
    views: list[list[float]] = []
    for done, (_, members) in enumerate(sorted(videos.items())):
        pictures = [read_picture(folder / "images" / row["file"]) for row in members]
        # All frames of a video are looked at, so that squares do not depend on the labels.
        for row, crop in zip(members, _crops(pictures) or (), strict=False):
            marked = _points(row)
            if np.isfinite(marked).all():
                side = crop.side_px
                files.append(row["file"])
                people.append(row["identity"])
                points.append(marked)
                views.append(
                    [crop.centre_x_px - side / 2, crop.centre_y_px - side / 2, side, side]
                )
        if progress is not None and not progress((done + 1) / len(videos)):
            break
    if not files:
        raise FormatError(f"No labelled face is found in the pictures of {folder}.")
    known = sorted({row["identity"] for members in videos.values() for row in members})
    tested = set(known[len(known) - max(1, round(TEST_SHARE * len(known))) :])

    def picture(number: int) -> Image:
        return read_picture(folder / "images" / files[number])

    return LabelledSet(
        layout=NAME,
        picture=picture,
        views=np.array(views),
        points_px=np.stack(points),
        part=np.where([person in tested for person in people], "test", "train").astype(np.str_),
        people=tuple(people),
        measures=("eyes", "image size"),
        eyes=EYES,
        sources=tuple((folder / "images" / file, 0) for file in files),
    )


def _videos(folder: Path) -> dict[str, list[dict[str, str]]]:
    table = folder / "landmarks.csv"
    if not table.is_file():
        raise FormatError(
            f"{folder} has no landmarks.csv.", "Name the folder that holds it and images/."
        )
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    videos: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        videos.setdefault(f"{row['identity']}/{row['video']}", []).append(row)
    return videos


def _points(row: dict[str, str]) -> Doubles:
    if row["labelled"] != "1":
        return np.full((POINTS, 2), np.nan)
    values = [float(row[f"{axis}{i}"] or "nan") for i in range(POINTS) for axis in "xy"]
    return np.array(values).reshape(POINTS, 2)


def _crops(pictures: list[Image]) -> list[Crop] | None:
    """A square around the face in every picture of a video, or None where none shows one."""
    height, width = pictures[0].shape[:2]
    return face_squares(pictures, width, height)
