"""How crops are to be found: what a person can choose, and what a project remembers of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from limner_engine.errors import FormatError

CropMode: TypeAlias = Literal["auto", "face", "motion", "turning", "whole"]

MODES: tuple[CropMode, ...] = ("auto", "face", "motion", "turning", "whole")
PROJECT_SETTING = "crop_setting"
"""The project's setting that holds `CropSetting.to_json` for videos that are new."""
MARGIN = 0.25
MOST_MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class CropSetting:
    """How to find the square around what is looked at.

    Attributes:
        mode: ``face``; ``motion``: what moves, upright; ``turning``: what moves, turned with its
            long axis so that it always heads up, for animals seen from above; ``whole``; or
            ``auto``, which chooses.
        margin: Room around what is found, as a share of its size; 0 to `MOST_MARGIN`.
        least_side_px: Smallest side of the square, pixels of the video; 0 for none of a person's.
    """

    mode: CropMode = "auto"
    margin: float = MARGIN
    least_side_px: float = 0.0

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"there is no crop mode {self.mode!r}")
        if not 0 <= self.margin <= MOST_MARGIN:
            raise ValueError(f"a crop's margin is 0 to {MOST_MARGIN}, not {self.margin}")
        if not (0 <= self.least_side_px < math.inf):
            raise ValueError(f"a crop's least side cannot be {self.least_side_px} px")

    def to_json(self) -> dict[str, Any]:
        """As it stands in projects and messages."""
        return {"mode": self.mode, "margin": self.margin, "least_side_px": self.least_side_px}

    @classmethod
    def from_json(cls, data: Any) -> CropSetting:
        """The inverse of `to_json`.

        Raises:
            FormatError: It is no such setting.
        """
        try:
            return cls(data["mode"], float(data["margin"]), float(data["least_side_px"]))
        except (ValueError, TypeError, KeyError) as error:
            raise FormatError(f"This says not how crops are to be found: {error}.") from error
