"""Exact frames out of video files, and video files out of frames."""

from __future__ import annotations

from limner_engine.video.cache import FrameCache
from limner_engine.video.fingerprint import fingerprint
from limner_engine.video.health import HealthReport
from limner_engine.video.index import VideoIndex
from limner_engine.video.reader import VideoReader

__all__ = ["FrameCache", "HealthReport", "VideoIndex", "VideoReader", "fingerprint"]
