"""How large the pictures of the second layer are; asked by the window too, so no torch here."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from limner_engine.model_file import read_model_info
from limner_engine.naming.labelled import LabelledFrames

USUAL = 128
"""Side where nothing speaks for another one."""

FINE_ENOUGH_PX = 5.0
"""Pixels of the video in one of the network's, up to which a start is worth more than finer
pictures. Faces from ten labels: 8.2 % of the eye distance at 64 px from the faces model, 9.6 % at
64 px and 10.9 % at 128 px from random weights. A mouse that fills 400 px needs the finer ones."""


def picture_side(image_size: int, start_from: str, labelled: LabelledFrames) -> int:
    """Side of the pictures that a run looks at.

    Args:
        image_size: As a person set it; 0 to judge.
        start_from: The model to start from; "" for none.
        labelled: What is learned from.

    Raises:
        ModelError: The model to start from is missing, or no model.
    """
    if image_size:
        return image_size
    seen = read_model_info(Path(start_from)).config.get("image_size", 0) if start_from else 0
    if not isinstance(seen, int) or seen < 32 or not len(labelled):
        return USUAL
    return seen if float(np.median(2 * labelled.px_per_unit())) <= FINE_ENOUGH_PX * seen else USUAL
