"""A model measured on videos without any label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
import torch

from limner_engine.errors import ModelError, TrainingError
from limner_engine.models.keypointgan import KeypointGAN
from limner_engine.models.named import Named
from limner_engine.priors.prior import PosePrior
from limner_engine.skeleton_drawing import draw_skeleton
from limner_engine.types import Floats, Image, Skeleton
from limner_training.config import TrainConfig
from limner_training.data.datasets.labelled import Indices, Progress
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import held_back_pairs
from limner_training.data.video_frames import Report, gather
from limner_training.evaluation.detecting import BATCH, Measured
from limner_training.evaluation.metrics import equivariance_error, plain, redrawing
from limner_training.evaluation.plausible import LimbRanges, variety
from limner_training.evaluation.sides import followers, sides_change, swapped_order

PAIRS = 500
"""How many pictures are redrawn."""
MOVED = 500
"""Most frames on which known moves are measured."""
SHEET_FRAMES, SHEET_COLUMNS, TILE_PX = 48, 8, 160


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """Figures of videos without labels; shares are 0..1, None where one has no meaning.

    Attributes:
        frames: How many were looked at.
        videos: From how many videos.
        redrawn_l1: Of pictures redrawn from their landmarks and another frame's looks.
        copied_l1: Of copying that other frame.
        ratio: The former over the latter.
        known_moves: How far landmarks stray under moves that are known, in shares of the side.
        plausible: Share of the frames with a plausible skeleton.
        prior_plausible: The same share of the prior's own poses.
        limbs_within: Share of single limbs inside their range.
        variety: How much poses vary, over how much those of the prior do.
        sides_change: Share of consecutive frames in which swapped sides would match better.
        corrected: Share of the frames whose sides the model itself exchanged.
    """

    frames: int
    videos: int
    redrawn_l1: float
    copied_l1: float
    ratio: float
    known_moves: float
    plausible: float | None
    prior_plausible: float | None
    limbs_within: float | None
    variety: float | None
    sides_change: float | None
    corrected: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """Landmarks of all frames of a set.

    Attributes:
        points_norm: ``(N, K, 2)`` in -1..1 of the crops.
        corrected: Share of the frames whose sides the model exchanged; None where it does not.
    """

    points_norm: Floats
    corrected: float | None


def read_frames(
    measured: Measured, sources: tuple[str, ...], crop: str, most: int, report: Report
) -> FrameSet:
    """The frames of videos, folders of pictures and packed arrays, as learning reads them.

    Args:
        measured: Whose sizes.
        sources: Files and folders.
        crop: What to look at; see `TrainConfig.crop_mode`.
        most: Frames a video, evenly taken.
        report: Told of progress.

    Raises:
        LimnerError: A source cannot be read, or there is nothing in it.
    """
    config = replace(TrainConfig(), sources=sources, crop_mode=crop, frames_per_video=most)
    return gather(config, measured.network.config.image_size, report)


def find(measured: Measured, frames: FrameSet, progress: Progress | None = None) -> Found:
    """Landmarks of every frame."""
    network, _, device = measured
    if isinstance(network, Named):
        raise ModelError(
            f"{measured.info.name} names landmarks from labels and redraws nothing.",
            "Measure it with --train-labels.",
        )
    sided = network if isinstance(network, KeypointGAN) and network.config.correct_sides else None
    places: list[Floats] = []
    exchanged = 0
    with torch.inference_mode():
        for start in range(0, len(frames), BATCH):
            rows = np.arange(start, min(start + BATCH, len(frames)))
            pixels = plain(frames, rows, network.config.image_size, device)
            seen = network.detect(pixels).points_norm
            if sided is not None:
                read, _ = sided.reader(sided.picture(pixels))
                exchanged += int((read - seen).abs().flatten(1).amax(1).gt(1e-4).sum())
            places.append(seen.float().cpu().numpy())
            if progress is not None:
                progress((start + len(rows)) / len(frames))
    corrects = sided is not None and bool(measured.info.skeleton.symmetries)
    return Found(np.concatenate(places), exchanged / len(frames) if corrects else None)


def measure_unlabelled(
    measured: Measured, frames: FrameSet, found: Found, prior: PosePrior | None, seed: int = 0
) -> Unlabelled:
    """All figures.

    Args:
        measured: The network.
        frames: What it looked at.
        found: What it found there.
        prior: Whose limb ratios are plausible; it has the landmarks of the model.
        seed: Of the pairs that are redrawn and of the known moves.

    Raises:
        TrainingError: No video has two frames.
    """
    network, info, device = measured
    if isinstance(network, Named):
        raise ModelError(f"{info.name} redraws nothing.")
    everything = np.arange(len(frames))
    size = network.config.image_size
    sources, targets = held_back_pairs(frames, everything, min(PAIRS, len(frames)), seed)
    if (sources == targets).any():
        raise TrainingError(
            "Unrelated pictures cannot be redrawn from one another.", "Name videos instead."
        )
    drawn = redrawing(
        network, plain(frames, sources, size, device), plain(frames, targets, size, device)
    )
    moved = everything[:: max(1, -(-len(frames) // MOVED))]
    strayed = equivariance_error(network, frames, moved, seed=seed, device=device)
    poses = found.points_norm
    plausible = prior_plausible = limbs = varied = None
    if prior is not None:
        if prior.skeleton.edges:
            ranges = LimbRanges.of(prior)
            plausible = float(ranges.plausible(poses).mean())
            prior_plausible = float(ranges.plausible(prior.poses).mean())
            limbs = float(ranges.within(poses).mean())
        varied = variety(poses) / max(variety(prior.poses), 1e-9)
    order = swapped_order(len(info.skeleton.names), info.skeleton.symmetries)
    changing = sides_change(poses, order, followers(frames.video, frames.frame))
    return Unlabelled(
        frames=len(frames),
        videos=len(frames.names),
        redrawn_l1=drawn.redrawn,
        copied_l1=drawn.copied,
        ratio=drawn.ratio,
        known_moves=strayed,
        plausible=plausible,
        prior_plausible=prior_plausible,
        limbs_within=limbs,
        variety=varied,
        sides_change=None if changing != changing else changing,
        corrected=found.corrected,
    )


def sheet(
    frames: FrameSet, points_norm: Floats, skeleton: Skeleton, image_size: int, seed: int = 0
) -> Image:
    """Frames picked at random, with the skeleton drawn over them.

    Args:
        frames: All frames.
        points_norm: ``(N, K, 2)`` in -1..1 of the crops.
        skeleton: Edges, and which landmarks are left and right.
        image_size: ``S`` of the network.
        seed: Of the draw; the same frames for the same seed.

    Returns:
        ``(H, W, 3)`` uint8: rows of `SHEET_COLUMNS`, in the order of videos and frames.
    """
    rng = np.random.default_rng(seed)
    count = min(SHEET_FRAMES, len(frames))
    rows: Indices = np.sort(rng.choice(len(frames), count, replace=False)).astype(np.int64)
    pictures = plain(frames, rows, image_size).permute(0, 2, 3, 1).numpy()
    tiles = [
        joined(np.round(picture * 255).astype(np.uint8), points_norm[row], skeleton)
        for row, picture in zip(rows, pictures, strict=True)
    ]
    columns = min(SHEET_COLUMNS, count)
    tiles += [np.full_like(tiles[0], 30)] * (-count % columns)
    bands = [np.concatenate(tiles[at : at + columns], 1) for at in range(0, len(tiles), columns)]
    return np.concatenate(bands, 0)


def joined(picture: Image, points_norm: Floats, skeleton: Skeleton) -> Image:
    """A picture of `TILE_PX` with landmarks joined: left blue, right orange, the rest white.

    Args:
        picture: ``(S, S, 3)`` uint8 RGB.
        points_norm: ``(K, 2)`` in -1..1 of the picture.
        skeleton: Edges and left/right pairs.
    """
    larger = cv2.resize(picture, (TILE_PX, TILE_PX), interpolation=cv2.INTER_CUBIC)
    tile: Image = np.ascontiguousarray(larger, np.uint8)
    draw_skeleton(tile, points_norm, skeleton.edges, skeleton.symmetries)
    return tile


def told(figures: Unlabelled) -> dict[str, Any]:
    """The figures by name, for programs."""
    return {name: getattr(figures, name) for name in Unlabelled.__slots__}
