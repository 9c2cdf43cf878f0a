"""What networks said of every frame, made comparable across landmarks, videos and units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from limner_engine.types import Floats

_MOST_DIRECTIONS = 24
_SAMPLE = 600  # frames from which usual distances are told
_BRIM = 6.0  # deviations beyond which a coordinate counts no further: a lost point is no new pose
_POSE_SHARE = 0.1  # of squared distances, where there is an embedding too


@dataclass(frozen=True, eq=False)
class VideoFindings:
    """What a network found in N frames of one video.

    Attributes:
        points_px: ``(N, P, 2)``, pixels of the video; NaN where a landmark was not found. A frame
            without any is left alone.
        confidence: ``(N, P)``, 0..1.
        labelled: Frames that a person labelled, ``(M,)`` indices in the video.
        time_s: ``(N,)``: when each frame is shown, rising; NaN where unknown. Without times,
            frames of a video are kept apart by how they look alone.
        frame: ``(N,)``: index of each row's frame in the video; rows are frames 0 to N - 1 if
            not given.
        gap_px: ``(N, P)``: distance of the two layers' points; NaN where there is only one.
        reach_px: ``(N, P)``: radius within which a point lies with some fixed probability
            (`calibration.Calibration.reach`), against which gaps are held; if not given, the
            landmark's usual gap.
        pose: ``(N, D)`` a description of the pose to use in place of the points about their
            middle, such as points within a crop that turns with the animal.
        embedding: ``(N, E)``: what the picture looks like to a network.
    """

    points_px: NDArray[np.floating]
    confidence: NDArray[np.floating]
    labelled: NDArray[np.integer] | Sequence[int] = ()
    time_s: NDArray[np.floating] | None = None
    frame: NDArray[np.integer] | None = None
    gap_px: NDArray[np.floating] | None = None
    reach_px: NDArray[np.floating] | None = None
    pose: NDArray[np.floating] | None = None
    embedding: NDArray[np.floating] | None = None

    def __post_init__(self) -> None:
        shape = self.points_px.shape[:2]
        if self.points_px.ndim != 3 or self.points_px.shape[2] != 2:
            raise ValueError(f"points must be (N, P, 2), not {self.points_px.shape}")
        for name in ("confidence", "gap_px", "reach_px"):
            values = getattr(self, name)
            if values is not None and values.shape != shape:
                raise ValueError(f"{name} must be {shape}, not {values.shape}")
        for name in ("time_s", "frame", "pose", "embedding"):
            values = getattr(self, name)
            if values is not None and len(values) != shape[0]:
                raise ValueError(f"{name} must have {shape[0]} rows, not {len(values)}")


@dataclass(frozen=True, eq=False)
class Signals:
    """All frames of all videos, one after another.

    Attributes:
        video: ``(F,)``: place of the video.
        frame: ``(F,)``: index in it.
        time_s: ``(F,)``: NaN where unknown.
        seen: ``(F,)`` bool: whether anything was found.
        labelled: ``(F,)`` bool.
        frames: By reason, ``(F,)``: how much of it each frame has; NaN where unknown. Reasons of
            which nothing is known are not there.
        worst: By reason, ``(F,)``: the landmark that has most of it.
    """

    video: NDArray[np.intp]
    frame: NDArray[np.intp]
    time_s: NDArray[np.float64]
    seen: NDArray[np.bool_]
    labelled: NDArray[np.bool_]
    frames: dict[str, Floats] = field(default_factory=dict)
    worst: dict[str, NDArray[np.intp]] = field(default_factory=dict)


def gather(videos: Sequence[VideoFindings]) -> Signals:
    """Put videos one behind the other and tell what speaks for each frame."""
    if not videos:
        none = np.zeros(0, np.intp)
        return Signals(none, none, np.zeros(0), none.astype(bool), none.astype(bool))
    rows = [len(video.points_px) for video in videos]
    frames = [_frames(video) for video in videos]
    points = [np.isfinite(video.points_px).all(axis=2) for video in videos]
    times = [
        np.full(count, np.nan) if video.time_s is None else np.asarray(video.time_s, np.float64)
        for video, count in zip(videos, rows, strict=True)
    ]
    signals = Signals(
        np.repeat(np.arange(len(videos)), rows),
        np.concatenate(frames),
        np.concatenate(times),
        np.concatenate([found.any(axis=1) for found in points]),
        np.concatenate(
            [np.isin(index, video.labelled) for index, video in zip(frames, videos, strict=True)]
        ),
    )
    found = np.concatenate(points)
    doubt = 1 - np.concatenate([np.asarray(video.confidence, np.float32) for video in videos])
    _add(signals, "unsure", np.where(found, doubt, np.float32(np.nan)))
    if any(video.gap_px is not None for video in videos):
        _add(signals, "disagree", np.concatenate([_gaps(video) for video in videos]))
    _add(signals, "jump", np.concatenate([_jumps(video) for video in videos]))
    return signals


def look_vectors(videos: Sequence[VideoFindings], signals: Signals) -> tuple[Floats, float]:
    """What a frame looks like, as numbers whose distances are differences of frames.

    Returns:
        ``(F, D)`` float32, finite, and the usual distance of two frames, above 0.
    """
    parts = []
    if all(video.pose is not None for video in videos):
        pose = _stacked([video.pose for video in videos])
    else:
        pose = np.concatenate([_about_middle(video) for video in videos])
    parts.append(_compressed(pose, signals.seen))
    if all(video.embedding is not None for video in videos):
        seen_by = _compressed(_stacked([video.embedding for video in videos]), signals.seen)
        share = np.sqrt(_POSE_SHARE), np.sqrt(1 - _POSE_SHARE)
        parts = [parts[0] * share[0], seen_by * share[1]]
    looks = np.ascontiguousarray(np.concatenate(parts, axis=1), np.float32)
    sample = looks[signals.seen]
    sample = sample[:: -(-len(sample) // _SAMPLE)] if len(sample) else sample
    # The root of the mean squared distance of two frames is the deviation times root two.
    usual = float(np.sqrt(2 * sample.var(axis=0).sum())) if len(sample) else 0.0
    return looks, max(usual, 1e-9)


def _frames(video: VideoFindings) -> NDArray[np.intp]:
    count = len(video.points_px)
    return np.arange(count) if video.frame is None else np.asarray(video.frame, np.intp)


def _add(signals: Signals, name: str, values: Floats) -> None:
    """The mean over the worst quarter of landmarks, and which is the worst of all.

    One landmark that is always bad would else be every frame's reason, so that each is held
    against its own usual value.
    """
    known = np.isfinite(values)
    if not known.any():
        return
    usual = _medians(values, 0.0)
    spread = _medians(np.abs(values - usual), 0.0)
    floor = max(float(np.median(spread)) * 0.2, 1e-9)
    excess = np.where(known, (values - usual) / np.maximum(spread, floor), -np.inf)
    count = max(1, values.shape[1] // 4)
    top = -np.sort(-np.where(known, values, -np.inf), axis=1)[:, :count]
    there = np.isfinite(top)
    sums = np.where(there, top, 0.0).sum(axis=1)
    number = there.sum(axis=1)
    means = np.where(number > 0, sums / np.maximum(number, 1), np.nan)
    signals.frames[name] = means.astype(np.float32)
    signals.worst[name] = excess.argmax(axis=1)


def _gaps(video: VideoFindings) -> Floats:
    shape = video.points_px.shape[:2]
    if video.gap_px is None:
        return np.full(shape, np.nan, np.float32)
    gap = np.asarray(video.gap_px, np.float32)
    if video.reach_px is not None:
        reach = np.maximum(np.asarray(video.reach_px, np.float32), 1e-6)
        return np.asarray(gap / reach, np.float32)
    return np.asarray(gap / _usual(gap), np.float32)


def _jumps(video: VideoFindings) -> Floats:
    """How far each point is from the middle of its neighbours, in the landmark's usual measure.

    Frames whose neighbours are not at hand have none. A point that moves evenly has 0.
    """
    points = np.asarray(video.points_px, np.float32)
    answer = np.full(points.shape[:2], np.nan, np.float32)
    if len(points) < 3:
        return answer
    frame = _frames(video)
    off = points[1:-1] - (points[:-2] + points[2:]) / 2
    distance = np.sqrt((off**2).sum(axis=2))
    run = (frame[2:] - frame[:-2]) == 2
    answer[1:-1] = np.where(run[:, None], distance, np.nan)
    return np.asarray(answer / _usual(answer), np.float32)


def _usual(values: Floats) -> Floats:
    """Median of each column of lengths in pixels, at least a twentieth of a pixel."""
    return np.asarray(np.maximum(_medians(values, 1.0), 0.05), np.float32)


def _medians(columns: Floats, otherwise: float) -> Floats:
    """Median of what is known in each column, ``(D,)``."""
    known = np.isfinite(columns)
    answer = np.full(columns.shape[1], otherwise, np.float32)
    for place in np.flatnonzero(known.any(axis=0)):
        answer[place] = np.median(columns[known[:, place], place])
    return answer


def _stacked(parts: Sequence[NDArray[np.floating] | None]) -> NDArray[np.floating]:
    rows = [
        np.asarray(part, np.float32).reshape(len(part), -1) for part in parts if part is not None
    ]
    return np.concatenate(rows)


def _about_middle(video: VideoFindings) -> Floats:
    """Points about the middle of those found, over the video's usual size: ``(N, 2 P)``."""
    points = np.asarray(video.points_px, np.float32)
    found = np.asarray(np.isfinite(points).all(axis=2), np.bool_)
    count = np.maximum(found.sum(axis=1), 1)[:, None, None]
    filled = np.where(found[..., None], points, 0.0)
    off = np.where(found[..., None], points - filled.sum(axis=1, keepdims=True) / count, np.nan)
    size = np.sqrt(np.nanmean(off**2)) if found.any() else 1.0
    return np.asarray((off / max(float(size), 1e-6)).reshape(len(points), -1), np.float32)


def _compressed(columns: NDArray[np.floating], seen: NDArray[np.bool_]) -> Floats:
    """Main directions of the columns, of unit deviation in all, gross values brought in.

    What is missing takes the middle, so that a hidden point makes no difference of its own.
    """
    columns = np.asarray(columns, np.float32)
    known = columns[seen]
    if not len(known) or not columns.shape[1]:
        return np.zeros((len(columns), 0), np.float32)
    sample = known[:: -(-len(known) // _SAMPLE)]
    middle = _medians(sample, 0.0)
    off = np.where(np.isfinite(sample), sample - middle, 0.0)
    brim = _BRIM * np.maximum(np.median(np.abs(off), axis=0) * 1.4826, 1e-6)
    brim = np.maximum(brim, 0.2 * np.median(brim))
    columns = np.clip(np.where(np.isfinite(columns), columns - middle, 0.0), -brim, brim)
    sample = columns[seen][:: -(-len(known) // _SAMPLE)]
    _, _, right = np.linalg.svd(sample - sample.mean(axis=0), full_matrices=False)
    answer = (columns - sample.mean(axis=0)) @ right[:_MOST_DIRECTIONS].T
    deviation = float(np.sqrt(answer[seen].var(axis=0).sum()))
    return np.asarray(answer / max(deviation, 1e-9), np.float32)
