"""The looks of one crop, ready to be drawn with its landmarks anywhere.

A session holds one for the person who drags; a rendering has its own, so that neither disturbs the
other. What both share is the network, which keeps nothing of what it drew.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.errors import EngineError
from limner_engine.inference.detail import Detail, cut_source
from limner_engine.types import Crop, Floats, Image

if TYPE_CHECKING:
    from limner_engine.inference.session import Session


class Redrawer:
    """Looks, encoded once, and the detail of where they were seen.

    Args:
        session: Whose network draws.
        source: ``(H, W, 3)`` uint8: the frame that has the looks.
        crop: The square of it that is drawn.
        points_norm: ``(K, 2)`` -1..1 of the crop: the landmarks there; NaN where missing.
    """

    def __init__(self, session: Session, source: Image, crop: Crop, points_norm: Floats) -> None:
        self.points_norm = points_norm
        self._session, self._source, self._crop = session, source, crop
        self._appearance = session.encode(cut(source, crop, session.image_size))

    @cached_property
    def _detail(self) -> Detail:
        """Made when it is first wanted: the network's bare picture needs none."""
        sharp = cut_source(self._source, self._crop, self._session.image_size)
        drawn = self._session.render(self._appearance, self.points_norm)
        return Detail(sharp, self.points_norm, drawn)

    def prepare(self) -> None:
        """Do now what a first sharp picture would have to wait for."""
        _ = self._detail

    def redraw(self, points_norm: NDArray[np.floating], *, sharp: bool = True) -> Image:
        """The crop with its landmarks elsewhere.

        Args:
            points_norm: ``(K, 2)`` -1..1 of the crop; NaN leaves a landmark out.
            sharp: Keep the source's detail where it only moves (`detail`); the network's bare
                picture if not.

        Returns:
            ``(N, N, 3)`` uint8: ``N`` is the side of the crop, pixels of its video, from ``S`` to
            `detail.LARGEST_SIDE`; ``S`` if not ``sharp``.

        Raises:
            EngineError: The number of points is another than the model's.
        """
        if points_norm.shape != self.points_norm.shape:
            raise EngineError(
                f"The model redraws {len(self.points_norm)} landmarks, not {len(points_norm)}."
            )
        points = np.asarray(points_norm, np.float32)
        redrawn = self._session.render(self._appearance, points)
        return self._detail.apply(points, redrawn) if sharp else redrawn
