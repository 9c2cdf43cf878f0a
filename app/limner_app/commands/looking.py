"""Which crop and which model look at a video, and finding its landmarks."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from limner_app.commands.parsing import crop_square
from limner_app.fitting_model import fitting_model
from limner_app.progress import long_work
from limner_engine.errors import ModelError
from limner_engine.types import Crop, ModelInfo
from limner_resources import bundled_models, sample_video

if TYPE_CHECKING:
    from limner_engine.cropping import CropTrack
    from limner_engine.formats import LandmarkTable
    from limner_engine.inference.session import Session
    from limner_engine.video.reader import VideoReader

Progress = Callable[[float], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Landmarks of a whole video.

    Attributes:
        points_px: ``(N, K, 2)`` float32; NaN where a frame is unreadable.
        confidence: ``(N, K)`` float32 in 0..1; NaN likewise.
        frames_per_s: How fast they were found, decoding included.
    """

    points_px: NDArray[np.float32]
    confidence: NDArray[np.float32]
    frames_per_s: float


def choose_crops(reader: VideoReader, text: str, progress: Progress | None) -> CropTrack:
    """The crops that ``--crop`` asks for.

    Raises:
        LimnerError: there is no such thing in the video, or the text is no crop.
    """
    from limner_engine.cropping import CropTrack, find_crops

    square = crop_square(text)
    if square is not None:
        return CropTrack.fixed(Crop(*square))
    return find_crops(reader, text, progress=progress)  # type: ignore[arg-type]


def named_model(text: str) -> Path:
    """The file of a model that was named on the command line.

    Raises:
        ModelError: there is none.
    """
    bundled = bundled_models()
    if text in bundled:
        return bundled[text]
    path = Path(text)
    if path.is_dir() and (path / "model.safetensors").is_file():
        return path / "model.safetensors"
    if not path.is_file():
        known = f" Bundled models: {', '.join(bundled)}." if bundled else ""
        raise ModelError(f"There is no model {text}.", f"Name a model file.{known}")
    return path


def check_model(chosen: argparse.Namespace) -> None:
    """Refuse a model that cannot be read before any video is looked through.

    Raises:
        ModelError: ``--model`` names none.
    """
    from limner_engine.model_file import read_model_info

    if chosen.model:
        read_model_info(named_model(chosen.model))


def opened(path: Path, threads: int) -> VideoReader:
    """Open a video; a long one that is new takes a while, and shows it."""
    from limner_engine.video.reader import VideoReader

    with long_work(f"Looking through {path.name}") as advance:
        return VideoReader(path, threads=min(2, threads), progress=advance)


def default_model(reader: VideoReader, track: CropTrack) -> Path:
    """The bundled model that fits what is seen.

    Raises:
        ModelError: none does.
    """
    from limner_engine.video.fingerprint import fingerprint

    is_sample = fingerprint(sample_video()) == reader.fingerprint
    fitting = fitting_model(bundled_models(), track.mode, is_sample=is_sample)
    if fitting is not None:
        return fitting
    seen = "faces" if track.mode == "face" else "what is looked at, which is not a face"
    raise ModelError(
        f"No bundled model fits {reader.path.name}: there is none for {seen}.",
        "Name one with --model, or let one learn: "
        f"limner train {reader.path.name} --out run --minutes 5",
    )


def choose_model(chosen: argparse.Namespace, reader: VideoReader, track: CropTrack) -> Path:
    """The model that ``--model`` names, else the bundled one that fits."""
    return named_model(chosen.model) if chosen.model else default_model(reader, track)


def find_landmarks(
    session: Session, reader: VideoReader, track: CropTrack, progress: Progress
) -> Found:
    """Landmarks of every frame of a video."""
    from limner_engine.inference.detect import detect_range

    count = reader.frame_count
    points = np.full((count, session.landmark_count, 2), np.nan, np.float32)
    confidence = np.full((count, session.landmark_count), np.nan, np.float32)
    began = time.perf_counter()
    for chunk in detect_range(session, reader, track, 0, count):
        stop = chunk.start + len(chunk.points_px)
        points[chunk.start : stop] = chunk.points_px
        confidence[chunk.start : stop] = chunk.confidence
        progress(stop / count)
    return Found(points, confidence, count / (time.perf_counter() - began))


def as_table(reader: VideoReader, info: ModelInfo, found: Found, video: str = "") -> LandmarkTable:
    """What was found, as every format writes it: one row for each shown frame.

    Args:
        reader: The video.
        info: The model.
        found: What it found.
        video: What the video is called in the table; its file name if empty.
    """
    from limner_app.export import frame_times
    from limner_engine.formats import merge

    return merge(
        (found.points_px, found.confidence),
        None,
        video=video or reader.path.name,
        subject="subject 1",
        names=info.skeleton.names,
        time_s=frame_times(reader),
        model=info.name,
        unreadable=reader.health.unreadable,
    )
