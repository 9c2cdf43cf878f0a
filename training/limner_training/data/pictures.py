"""A folder of still pictures as something to learn from: read, find faces, cut.

Every picture is taken for one of an object of its own, so none is paired with another.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from limner_engine.coordinates import cut
from limner_engine.cropping.faces import FACE_SCALE, FaceFinder
from limner_engine.cropping.find import FACES_SHARE
from limner_engine.errors import TrainingError
from limner_engine.types import Crop, Image
from limner_training.data.frames import FrameSet, packed_size, wider
from limner_training.data.picture_file import stored_picture

if TYPE_CHECKING:
    from limner_engine.cropping.find import CropMode

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
MOST = 20_000
"""Pictures taken from one folder, evenly spread over the names."""
SAMPLES = 60
"""Pictures that ``auto`` looks at to tell whether they show faces."""
_SEARCHED = 200
"""Side given to the finder, the one it searches at: pictures come to it that small already."""


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """What a folder gave, and what had to be left out.

    Attributes:
        frames: One pool of stills; ``frame`` is a picture's place among the sorted names.
        unreadable: Files that are no pictures, whatever their names say.
        faceless: Pictures left out because no face was found in them.
        beyond: Pictures left out because there are more than `MOST`.
    """

    frames: FrameSet
    unreadable: int
    faceless: int
    beyond: int

    @property
    def note(self) -> str:
        """One sentence on what was left out; empty where nothing was."""
        parts = (
            (self.unreadable, "unreadable"),
            (self.faceless, "without a face"),
            (self.beyond, f"beyond the {MOST} that a run takes"),
        )
        said = ", ".join(f"{count} {why}" for count, why in parts if count)
        return f"Pictures left out of {self.frames.names[0]}: {said}." if said else ""


def read_pictures(
    folder: Path,
    mode: CropMode,
    image_size: int,
    share: Callable[[float], bool],
    *,
    most: int | None = None,
) -> Pictures:
    """Cut all pictures of a folder and the folders in it; hidden ones are passed over.

    Args:
        folder: Holds files with one of `ENDINGS`.
        mode: ``face`` looks at the largest face of each picture and leaves pictures without one
            out. ``whole``, ``motion`` and ``turning`` take the middle square. ``auto`` looks at
            faces where half of a sample shows one, else takes the middle square.
        image_size: ``S`` of the network that will see them.
        share: Told the share done, 0 to 1; answers False to give up.
        most: Pictures taken, evenly spread over the names; `MOST` where it is not given.

    Raises:
        TrainingError: There are not two pictures, none can be read, no face is found where faces
            were asked for, or ``share`` said to give up.
    """
    found = _files(folder)
    most = MOST if most is None else most
    files = found if len(found) <= most else [found[i * len(found) // most] for i in range(most)]
    places = {path: number for number, path in enumerate(found)}
    name = folder.resolve().name
    faces = _faces_wanted(files, mode)
    size = packed_size(image_size)
    # Pictures of many thousands would not fit twice.
    pixels = np.empty((len(files), size, size, 3), np.uint8)
    numbers: list[int] = []
    unreadable = faceless = 0
    for done, path in enumerate(files):
        picture = stored_picture(path)
        crop = None if picture is None else _crop(picture, faces)
        if picture is None:
            unreadable += 1
        elif crop is None:
            faceless += 1
        else:
            pixels[len(numbers)] = cut(picture, wider(crop), size)
            numbers.append(places[path])
        if not share((done + 1) / len(files)):
            raise TrainingError("The run was stopped while it read its pictures.")
    if len(numbers) < 2:
        raise _too_few(name, len(files), unreadable, faceless)
    count = len(numbers)
    frames = FrameSet(
        pixels[:count],
        np.zeros(count, np.int32),
        np.array(numbers, np.int64),
        (name,),
        np.ones(1, np.bool_),
    )
    return Pictures(frames, unreadable, faceless, len(found) - len(files))


class _StillFaces(FaceFinder):
    """Looks for the face of one picture at a time, whatever its size."""

    def __init__(self, *, thorough: bool) -> None:
        super().__init__(_SEARCHED, _SEARCHED, thorough=thorough)

    def face(self, picture: Image) -> Crop | None:
        """The square around the largest face."""
        height, width = picture.shape[:2]
        shrink = max(1.0, min(width, height) / _SEARCHED)
        small = (round(width / shrink), round(height / shrink))
        self.look(np.asarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8))
        boxes = self._faces(self._grey.pop())
        if not len(boxes):
            return None
        x, y, side = boxes[np.argmax(boxes[:, 2])]
        # The finder answers in pixels of the small picture; an integer is the centre of a pixel.
        x, y = (x + 0.5) * shrink - 0.5, (y + 0.5) * shrink - 0.5
        return Crop(float(x), float(y), float(side) * shrink * FACE_SCALE)


def _files(folder: Path) -> list[Path]:
    """Pictures by their names, sorted."""
    found: list[Path] = []
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(root, name)
            for name in names
            if not name.startswith(".") and name.lower().endswith(ENDINGS)
        ]
    return sorted(found)


def _faces_wanted(files: list[Path], mode: CropMode) -> _StillFaces | None:
    """The finder to use, or None for the middle square."""
    if mode in ("whole", "motion", "turning"):
        return None
    faces = _StillFaces(thorough=mode == "face")
    if mode == "face":
        return faces
    sample = files[:: max(1, -(-len(files) // SAMPLES))]
    pictures = [picture for picture in map(stored_picture, sample) if picture is not None]
    seen = sum(faces.face(picture) is not None for picture in pictures)
    return faces if seen >= FACES_SHARE * len(pictures) else None


def _crop(picture: Image, faces: _StillFaces | None) -> Crop | None:
    if faces is not None:
        return faces.face(picture)
    height, width = picture.shape[:2]
    return Crop((width - 1) / 2, (height - 1) / 2, float(min(width, height)))


def _too_few(name: str, files: int, unreadable: int, faceless: int) -> TrainingError:
    if files and unreadable == files:
        return TrainingError(
            f"None of the {files} pictures in {name} can be read.", "Save them as PNG or JPEG."
        )
    if faceless:
        return TrainingError(
            f"Fewer than two pictures in {name} show a face.", "Choose whole to see all of them."
        )
    return TrainingError(
        f"{name} has fewer than two readable pictures.",
        f"Choose a folder that holds pictures ({', '.join(ENDINGS)}).",
    )
