"""Human3.6M: people acting before four cameras, 32 joints of which 17 are compared.

The folder, as the parts are published::

    S1/Videos/Directions.54138969.mp4                          subjects S1, S5 to S9, S11
    S1/MyPoseFeatures/D2_Positions/Directions.54138969.cdf

Poses are CDF files, which Limner does not read. Convert each once, where cdflib is, to an array of
``(frames, 64)`` beside it::

    numpy.save("Directions.54138969.npy", cdflib.CDF("Directions.54138969.cdf")["Pose"][0])

Subjects 9 and 11 are tested on, the others learned from; every 60th frame is taken. What is seen
is a square around the labelled joints, 1.4 times the longer side of their box. Means are taken
over each activity first, then over activities; takes of one activity count as one.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.errors import FormatError
from limner_training.data.datasets.labelled import Doubles, LabelledSet, Progress, need
from limner_training.data.datasets.video_pictures import frames_of

NAME = "human36m"
TRAIN = ("S1", "S5", "S6", "S7", "S8")
TEST = ("S9", "S11")
POSES = Path("MyPoseFeatures", "D2_Positions")
EXPECTS = (
    "S1, S5 to S9, S11, each with Videos/<take>.mp4 and MyPoseFeatures/D2_Positions/<take>.npy "
    "(converted from .cdf)"
)
COMPARED = (11, 1, 2, 3, 6, 7, 8, 12, 14, 15, 13, 17, 18, 19, 25, 26, 27)
STORED = 32
STEP = 60
SIDE_SHARE = 1.4


def load(folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read the poses; frames are read from the videos when they are looked at.

    Raises:
        FormatError: A folder, video or pose is missing or not in its layout.
    """
    mend = f"Name the folder that holds {EXPECTS}."
    need(folder, [f"{subject}/Videos" for subject in (*TRAIN, *TEST)], "Human3.6M", mend)
    takes = [
        (subject, video)
        for subject in (*TRAIN, *TEST)
        for video in sorted((folder / subject / "Videos").glob("*.mp4"))
        # Recordings named so belong to the lab, not to an activity.
        if not video.stem.startswith("_ALL")
    ]
    points: list[Doubles] = []
    sources: list[tuple[Path, int]] = []
    people: list[str] = []
    groups: list[str] = []
    for done, (subject, video) in enumerate(takes):
        pose = _pose(folder / subject / POSES / f"{video.stem}.npy")
        numbers = range(0, len(pose), STEP)
        points.append(pose[::STEP])
        sources += [(video, number) for number in numbers]
        people += [subject] * len(numbers)
        groups += [_activity(video.stem)] * len(numbers)
        if progress is not None:
            progress((done + 1) / len(takes))
    if not takes:
        raise FormatError(f"There are no .mp4 files in {folder}/S1/Videos and its like.", mend)
    joined = np.concatenate(points)
    return LabelledSet(
        layout=NAME,
        picture=frames_of(sources, "Take video and poses of the same release."),
        views=np.stack([_view(pose) for pose in joined]),
        points_px=joined,
        part=np.where(np.isin(people, TEST), "test", "train").astype(np.str_),
        people=tuple(people),
        groups=tuple(groups),
        measures=("pixels", "image size"),
    )


def _pose(path: Path) -> Doubles:
    if not path.is_file():
        what = "Limner does not read CDF files: save the array Pose of each with cdflib and numpy."
        mend = what if path.with_suffix(".cdf").is_file() else f"{EXPECTS} are expected."
        raise FormatError(f"There is no {path}.", mend)
    try:
        stored = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise FormatError(f"{path} is no array: {error}.", "Convert it again.") from error
    if stored.ndim != 2 or stored.shape[1] != 2 * STORED:
        raise FormatError(
            f"{path} has the shape {stored.shape}, not (frames, 64).", "Convert it again."
        )
    return np.asarray(stored, np.float64).reshape(-1, STORED, 2)[:, COMPARED]


def _activity(take: str) -> str:
    """``Walking`` of ``Walking 1.54138969``; the set spells two of them in two ways."""
    name = take.split(".")[0].split(" ")[0]
    return {"TakingPhoto": "Photo", "WalkingDog": "WalkDog"}.get(name, name)


def _view(points: Doubles) -> Doubles:
    low, high = points.min(axis=0), points.max(axis=0)
    side = SIDE_SHARE * float((high - low).max())
    return np.array([*((low + high) / 2 - side / 2), side, side])
