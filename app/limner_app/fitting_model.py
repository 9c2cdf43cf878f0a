"""Which of the models that ship fits a video; window and command line choose alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def fitting_model(
    bundled: Mapping[str, Path], crop_mode: str | None, *, is_sample: bool
) -> Path | None:
    """The bundled model for a video, or None where none was made for what it shows.

    Args:
        bundled: Models by name, as `limner_resources.bundled_models` tells them.
        crop_mode: How the crop was found: ``"face"`` where faces are seen.
        is_sample: It is the sample clip; its model knows nothing else.
    """
    if is_sample and "sample" in bundled:
        return bundled["sample"]
    if crop_mode == "face" and "faces" in bundled:
        return bundled["faces"]
    return None
