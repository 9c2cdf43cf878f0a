"""What has been chosen in the flow about pose priors, from step to step."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.cropping import CropTrack
from limner_engine.priors.canvas import EXTENT, FITS, Fit
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Image, Skeleton

OWN_CROPS = "project"
"""The way to crop that takes what the project has."""
SETTING = "prior_flow"
"""The project's setting that remembers what was chosen."""
EXTENTS = (0.2, 2.0)
"""Smallest and largest of poses."""


@dataclass(frozen=True, slots=True)
class Placing:
    """How poses are laid on the canvas.

    Attributes:
        how: As `limner_engine.priors.canvas.fit` has it.
        extent: Longer side of a typical pose, 0..2 of the canvas.
        centre: Where its middle lies, -1..1 of the canvas.
    """

    how: Fit = "centred"
    extent: float = EXTENT
    centre: tuple[float, float] = (0.0, 0.0)

    def to_json(self) -> dict[str, Any]:
        """As a project remembers it."""
        return {"how": self.how, "extent": self.extent, "centre": list(self.centre)}

    @classmethod
    def from_json(cls, stored: object) -> Placing:
        """The inverse; the standing choice where anyone else wrote there."""
        if not isinstance(stored, dict):
            return cls()
        how = next((known for known in FITS if known == stored.get("how")), None)
        extent, centre = stored.get("extent"), stored.get("centre")
        numbers = [extent, *(centre if isinstance(centre, list) else [])]
        if (
            how is None
            or len(numbers) != 3
            or not all(isinstance(n, int | float) for n in numbers)
        ):
            return cls()
        size, x, y = (float(n) for n in numbers)
        if not (EXTENTS[0] <= size <= EXTENTS[1] and abs(x) <= 1 and abs(y) <= 1):
            return cls()
        return cls(how, size, (x, y))


@dataclass(frozen=True, slots=True, eq=False)
class SampleCrops:
    """What the network will see of one video or folder, at a few moments.

    Attributes:
        name: Of the file.
        pictures: ``(T, S, S, 3)`` uint8 crops in the order of time.
        sign: By what poses can be known in them, as `limner_engine.priors.statistics` has it.
    """

    name: str
    pictures: Image
    sign: str = ""


@dataclass(eq=False)
class PriorDraft:
    """All choices; each step writes its own.

    Attributes:
        sources: Videos and folders.
        crop_mode: A mode of crops, or `OWN_CROPS`.
        tracks: Crops that were found for a mode, by the video's path.
        crops: What the network will see.
        skeleton: Of the landmarks to be learned.
        layout: ``(K, 2)`` places of its drawing, 0..1.
        joints: Of which joints each landmark is made, where they came from motion capture.
        placing: How they are laid on the canvas.
        prior: The outcome.
    """

    sources: list[str] = field(default_factory=list)
    crop_mode: str = "auto"
    tracks: dict[str, CropTrack] = field(default_factory=dict)
    crops: list[SampleCrops] = field(default_factory=list)
    skeleton: Skeleton = field(default_factory=lambda: Skeleton(()))
    layout: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 2)))
    joints: dict[str, Any] = field(default_factory=dict)
    placing: Placing = field(default_factory=Placing)
    prior: PosePrior | None = None

    def sample_pictures(self, count: int) -> list[Image]:
        """Crops of as many videos as there are, one of each in turn, ``(S, S, 3)`` each.

        Args:
            count: How many at most.
        """
        found: list[Image] = []
        for turn in range(max((len(one.pictures) for one in self.crops), default=0)):
            for one in self.crops:
                # Moments far from each other come first.
                order = np.argsort(np.arange(len(one.pictures)) * 0.6180339887 % 1.0)
                if turn < len(order) and len(found) < count:
                    found.append(one.pictures[order[turn]])
        return found


def model_name(sources: list[str], prior: str) -> str:
    """What a model is called that nobody gave a name."""
    first = Path(sources[0])
    stem = first.name if first.is_dir() else first.stem
    more = f"+{len(sources) - 1}" if len(sources) > 1 else ""
    return f"{stem}{more}-{prior}" if prior else f"{stem}{more}"
