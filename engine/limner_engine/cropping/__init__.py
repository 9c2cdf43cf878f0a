"""What the networks see of a frame: a square around the object, found, tracked and smoothed."""

from __future__ import annotations

from limner_engine.cropping.find import CropsCancelledError, find_crops
from limner_engine.cropping.track import CropTrack

__all__ = ["CropTrack", "CropsCancelledError", "find_crops"]
