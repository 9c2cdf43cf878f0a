"""What naming needs of the engine's client."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from limner_app.naming_client import FirstFit
from limner_app.sweeping import RangeEngine
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Landmarks


class NamingEngine(RangeEngine, Protocol):
    """What this needs of the engine's client."""

    async def detect(self, model: Path, video: Path, frame: int, crop: Crop) -> Landmarks | None:
        """Landmarks of one frame; None if a newer one was asked for."""
        ...

    async def name(
        self,
        labelled: LabelledFrames,
        *,
        base: Path | None,
        out: Path,
        second: Path | None = None,
        judge: bool = False,
    ) -> FirstFit:
        """Fit the first layer and write the named model."""
        ...
