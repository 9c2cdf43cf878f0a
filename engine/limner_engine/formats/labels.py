"""Labels as another program's file tells them, before it is known to what frames they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.types import Skeleton

LARGEST_BYTES = 2_000_000_000
LARGEST_TEXT_BYTES = 500_000_000
MOST_LANDMARKS = 1000
MOST_ROWS = 5_000_000
"""Of instances in one file. More is damage or malice, not somebody's labels."""


class LabelledPlace(NamedTuple):
    """What was labelled: a frame of a video, a picture, or a picture that was such a frame.

    Names stand as the file has them; they are words, and nobody opens them as paths.

    Attributes:
        video: Name or path of the video; empty where the file names none.
        frame: Number of the frame, from 0; -1 where the file does not tell.
        picture: Name or path of the picture; empty where the label is of a video alone.
    """

    video: str
    frame: int
    picture: str


@dataclass(frozen=True, eq=False)
class LabelTable:
    """All labels of one file, a row for each labelled instance.

    Attributes:
        kind: Which layout: ``dlc``, ``slp`` or ``coco``.
        skeleton: Names of the K landmarks; edges and pairs where the file has them.
        places: What was labelled, each once.
        subjects: Names of who carries the landmarks; empty where the file has none, so that they
            are told apart by their order alone.
        place: ``(n,)`` int64, number of the place.
        subject: ``(n,)`` int64, number of the subject.
        points: ``(n, K, 2)`` float64 pixels, an integer being the centre of a pixel; NaN where
            there is none.
        visible: ``(n, K)`` float64: 1 visible, 0 hidden, NaN where nothing was said.
        confidence: ``(n, K)`` float64, 0..1, of predictions; NaN for a person's labels.
        predicted: ``(n,)`` bool: found by a network, and no person has said so.
        inside: Encoded pictures that the file itself holds, by `LabelledPlace.picture`, with True
            unless red and blue were swapped when they were encoded.
        sizes: Width and height of videos and pictures where the file tells, by name.
        notes: Sentences on what the reader left out.
    """

    kind: str
    skeleton: Skeleton
    places: tuple[LabelledPlace, ...]
    subjects: tuple[str, ...]
    place: NDArray[np.int64]
    subject: NDArray[np.int64]
    points: NDArray[np.float64]
    visible: NDArray[np.float64]
    confidence: NDArray[np.float64]
    predicted: NDArray[np.bool_]
    inside: Mapping[str, tuple[bytes, bool]] = field(default_factory=dict)
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        n, k = len(self.place), len(self.skeleton.names)
        shapes = {
            "subject": (n,),
            "points": (n, k, 2),
            "visible": (n, k),
            "confidence": (n, k),
            "predicted": (n,),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")


@dataclass
class Rows:
    """Instances as a reader finds them, put together into columns at the end."""

    landmarks: int
    numbers: dict[LabelledPlace, int] = field(default_factory=dict)
    cells: list[tuple[int, int, bool]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)

    def add(
        self,
        place: LabelledPlace,
        subject: int,
        points: NDArray[np.float64],
        visible: NDArray[np.float64],
        confidence: NDArray[np.float64] | None = None,
    ) -> None:
        """Note one instance.

        Args:
            place: Of what.
            subject: Of whom.
            points: ``(K, 2)``.
            visible: ``(K,)``.
            confidence: ``(K,)`` for a prediction, None for a person's label.
        """
        number = self.numbers.setdefault(place, len(self.numbers))
        self.cells.append((number, subject, confidence is not None))
        if confidence is None:
            confidence = np.full(self.landmarks, np.nan)
        self.values.append(np.column_stack([points, visible, confidence]))

    def table(
        self,
        kind: str,
        skeleton: Skeleton,
        subjects: tuple[str, ...],
        *,
        inside: Mapping[str, tuple[bytes, bool]] | None = None,
        sizes: Mapping[str, tuple[int, int]] | None = None,
        notes: tuple[str, ...] = (),
    ) -> LabelTable:
        """All that was noted."""
        n = len(self.cells)
        cells = np.array(self.cells, np.int64).reshape(n, 3)
        values = np.array(self.values, np.float64).reshape(n, self.landmarks, 4)
        return LabelTable(
            kind,
            skeleton,
            tuple(self.numbers),
            subjects,
            cells[:, 0],
            cells[:, 1],
            values[..., :2],
            values[..., 2],
            values[..., 3],
            cells[:, 2].astype(np.bool_),
            {} if inside is None else inside,
            {} if sizes is None else sizes,
            notes,
        )


def checked_size(path: Path, largest: int = LARGEST_BYTES) -> None:
    """Refuse a file that is missing, or too large for labels, before it is read.

    Raises:
        FormatError: it is.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise FormatError(
            f"{path} could not be read: {error.strerror or error}.", "Check its name and place."
        ) from error
    if size > largest:
        raise FormatError(
            f"{path.name} has {size / 1e9:.1f} GB, too much for a file of labels.",
            "Export the labels alone, without pictures.",
        )


def checked_names(path: Path, names: tuple[str, ...]) -> None:
    """Refuse names of landmarks that no skeleton can have.

    Raises:
        FormatError: there are none or too many, or two are alike, or one is blank.
    """
    if not 0 < len(names) <= MOST_LANDMARKS:
        raise FormatError(f"{path.name} names {len(names)} landmarks.", "Export the labels again.")
    folded = [name.strip().casefold() for name in names]
    if "" in folded or len(set(folded)) != len(folded):
        raise FormatError(
            f"{path.name} has landmarks that are alike or have no name.",
            "Give each landmark a name of its own.",
        )
