"""What naming needs of the engine's client."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from limner_app.detecting import Engine
from limner_app.naming_client import FirstFit
from limner_engine.naming.labelled import LabelledFrames


class NamingEngine(Engine, Protocol):
    """What this needs of the engine's client."""

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
