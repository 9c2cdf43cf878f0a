"""What the networks see of a frame: a square around the object, found, tracked and smoothed."""

from __future__ import annotations

from limner_engine.cropping.find import CropsCancelledError, find_crops, look
from limner_engine.cropping.setting import CropMode, CropSetting
from limner_engine.cropping.sightings import Sightings
from limner_engine.cropping.track import CropTrack

__all__ = [
    "CropMode",
    "CropSetting",
    "CropTrack",
    "CropsCancelledError",
    "Sightings",
    "find_crops",
    "look",
]
