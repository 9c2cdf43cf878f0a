"""Whether a redrawn picture has its landmarks where they were wanted: the model looks again."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Floats, Image

_BATCH = 16


class FoundAgain:
    """Looks at redrawn frames, several at a time, and adds up how far the landmarks are off.

    Args:
        session: The model.
        crop: What was redrawn in each frame.
    """

    def __init__(self, session: Session, crop: Crop) -> None:
        self._session, self._crop = session, crop
        self._cuts: list[NDArray[np.uint8]] = []
        self._wanted: list[Floats] = []
        self._offs: list[Floats] = []

    def look(self, frame: Image, wanted_norm: Floats) -> None:
        """Take up a frame.

        Args:
            frame: ``(H, W, 3)`` uint8.
            wanted_norm: ``(K, 2)`` -1..1 of the crop: where landmarks should be; NaN: nowhere.
        """
        self._cuts.append(cut(frame, self._crop, self._session.image_size))
        self._wanted.append(wanted_norm)
        if len(self._cuts) == _BATCH:
            self._find()

    def error(self) -> float | None:
        """Mean distance over all landmarks, as a share of the crop's side; None without any."""
        if self._cuts:
            self._find()
        off = np.concatenate([np.zeros(0, np.float32), *self._offs])
        off = off[np.isfinite(off)]
        return float(off.mean()) if off.size else None

    def _find(self) -> None:
        found, _ = self._session.detect_cuts(np.stack(self._cuts))
        # From -1 to 1 is one side.
        off = np.linalg.norm(found - np.stack(self._wanted), axis=-1) / 2
        self._offs.append(np.asarray(off.ravel(), np.float32))
        self._cuts, self._wanted = [], []
