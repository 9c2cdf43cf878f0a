"""Unlabelled frames as teachers: what several networks and the labelled poses agree on.

Each network saw another part of the labels. Where the mean of their maps, corrected by what labels
say of poses, has one clear peak that moves smoothly from frame to frame, it is as good as a label;
the last network learns from it, seeing the frame otherwise placed and lit.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from limner_engine.inference.device import DeviceSpec
from limner_engine.models.heatmaps import HeatmapEnsemble, Reading
from limner_engine.types import Floats
from limner_training.naming.cuts import RUN
from limner_training.naming.network import Lessons, to_pictures
from limner_training.naming.placing import Places

LEAST_PEAK = 0.5
"""Share of a map about its peak below which nothing is taught."""

JUMP = 0.15
"""Half the second difference over neighbouring frames that halves trust and more, -1..1."""

_BATCH = 8


def taught_by(
    ensemble: HeatmapEnsemble,
    unlabelled: NDArray[np.uint8],
    device: DeviceSpec,
    *,
    still: bool = False,
) -> Lessons:
    """Lessons from unlabelled frames.

    Args:
        ensemble: What is asked; in evaluation mode.
        unlabelled: ``(U, Q, Q, 3)``, runs of `RUN` neighbours.
        device: Where.
        still: They are unrelated pictures instead.
    """
    found = read_cuts(ensemble, unlabelled, device)
    points = found.points_norm.numpy()
    trust = np.clip((found.peak.numpy() - LEAST_PEAK) / (1 - LEAST_PEAK), 0, 1)
    seen = found.visible.sigmoid().numpy()
    even = 1.0 if still else smoothness(points)
    weight = (trust * seen * even).astype(np.float32)
    return Lessons(unlabelled, points, weight, np.full(weight.shape, np.nan, np.float32))


def smoothness(points: Floats) -> Floats:
    """Trust in points by how evenly they move: ``exp(-(d / JUMP)^2)``.

    Args:
        points: ``(U, P, 2)``, runs of `RUN` neighbours.

    Returns:
        ``(U, P)``, the same for all frames of a run.
    """
    runs = points.reshape(-1, RUN, *points.shape[1:])
    jump = np.linalg.norm(runs[:, 0] - 2 * runs[:, 1] + runs[:, 2], axis=-1) / 2
    return np.repeat(np.exp(-((jump / JUMP) ** 2)), RUN, axis=0).astype(np.float32)


@torch.no_grad()
def read_cuts(ensemble: HeatmapEnsemble, pixels: NDArray[np.uint8], device: DeviceSpec) -> Reading:
    """What an ensemble finds in stored cuts, seen as they are; on the processor."""
    size, half = ensemble.config.image_size, device.dtype == torch.bfloat16
    parts: list[Reading] = []
    for first in range(0, len(pixels), _BATCH):
        cuts = to_pictures(pixels[first : first + _BATCH])
        seen = Places.plain(len(cuts)).pictures(cuts, size).to(device.device)
        with torch.autocast(device.device, torch.bfloat16, enabled=half):
            found = ensemble.read(seen.contiguous(memory_format=torch.channels_last))
        parts.append(Reading(*(part.float().cpu() for part in found)))
    return Reading(*(torch.cat(part) for part in zip(*parts, strict=True)))
