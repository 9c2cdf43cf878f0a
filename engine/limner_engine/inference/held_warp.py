"""All levels of a warp between two frames, kept so that any place can be asked about at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import torch
from torch import Tensor

from limner_engine.coordinates import crop_to_frame, frame_to_crop, norm_to_pixel, pixel_to_norm
from limner_engine.errors import ModelError
from limner_engine.inference.frame_warp import Alternative, FrameWarp, SourcePlaces
from limner_engine.models.class_embedding import ClassEmbedding
from limner_engine.models.fabnet import FAbNet
from limner_engine.models.warps import NEAR, Warp, cell_places, shrunk
from limner_engine.types import Crop, Floats

LEAST_SHARE = 0.02
"""A place that is less likely, with its surroundings, is no alternative."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedFrame:
    """What a network has of a frame.

    Attributes:
        crop: What was looked at.
        units: ``(1, 3, S, S)`` float32 in 0..1: the cut.
        embedding: ``(1, E)`` float32.
    """

    crop: Crop
    units: Tensor
    embedding: Tensor


class HeldWarp:
    """A warp, and the frames that it is between.

    Args:
        network: What made it.
        warp: What it made, all levels.
        source: Where the colours come from.
        target: What is redrawn.

    Attributes:
        sides: Sides of the levels, the coarsest first.
    """

    def __init__(
        self,
        network: ClassEmbedding | FAbNet,
        warp: Warp | Tensor,
        source: EncodedFrame,
        target: EncodedFrame,
    ) -> None:
        self._network, self._warp = network, warp
        self._source, self._target = source, target
        if isinstance(warp, Warp):
            self.sides = tuple(level.side for level in warp.levels)
        else:
            self.sides = (warp.shape[1],)
        self._made: dict[int, FrameWarp] = {}

    def level(self, level: int | None = None) -> FrameWarp:
        """One level as pictures and numbers.

        Args:
            level: From 0, the coarsest; the finest if not given.

        Raises:
            ModelError: The model has no such level.
        """
        chosen = self._chosen(level)
        if chosen not in self._made:
            with torch.inference_mode():
                self._made[chosen] = self._make(chosen)
        return self._made[chosen]

    def places(
        self, x_px: float, y_px: float, level: int | None = None, *, most: int = 5
    ) -> SourcePlaces | None:
        """Where one place of the target may come from.

        Args:
            x_px: Pixels of the target's video.
            y_px: Pixels of the target's video.
            level: As for `level`.
            most: How many alternatives are wanted at most.

        Returns:
            The places; None where ``(x_px, y_px)`` is outside the target's crop.

        Raises:
            ModelError: The model has no such level.
        """
        chosen = self._chosen(level)
        side = self.sides[chosen]
        inside = frame_to_crop(np.array([x_px, y_px]), self._target.crop)
        if not (np.abs(inside) < 1).all():
            return None
        column, row = (
            min(max(math.floor(at + 0.5), 0), side - 1) for at in norm_to_pixel(inside, side)
        )
        if isinstance(self._warp, Warp):
            share = self._warp.levels[chosen].distribution_of(0, row, column).cpu().numpy()
        else:
            share = _around(norm_to_pixel(self._warp[0, row, column].cpu().numpy(), side), side)
        found = likely_places(share, most)
        in_video = crop_to_frame(pixel_to_norm(found[:, :2], side), self._source.crop)
        alternatives = tuple(
            Alternative(float(x), float(y), float(likely))
            for (x, y), likely in zip(in_video, found[:, 2], strict=True)
        )
        return SourcePlaces(chosen, share, alternatives)

    def _chosen(self, level: int | None) -> int:
        last = len(self.sides) - 1
        chosen = last if level is None else level
        if not 0 <= chosen <= last:
            raise ModelError(
                f"The model's warps have no level {chosen}.",
                f"Its levels go from 0, the coarsest, to {last}."
                if last
                else "Its only level is 0.",
            )
        return chosen

    def _make(self, level: int) -> FrameWarp:
        warp, source, side = self._warp, self._source.units, self.sides[level]
        confidence: Floats | None = None
        if isinstance(warp, Warp):
            network = cast("ClassEmbedding", self._network)
            part = Warp(warp.levels[: level + 1], warp.sigmas[: level + 1])
            redrawn, flow = network.redraw(source, part), network.flow(part)
            confidence = _numbers(network.confidence(part)[0])
        else:
            baseline = cast("FAbNet", self._network)
            redrawn, flow = baseline.redraw(source, warp), baseline.flow(warp)
        wanted = shrunk(self._target.units, side)
        difference = (redrawn.float().clamp(0, 1) - wanted).abs().mean(1)[0]
        colours = redrawn[0].float().mul(255).round_().clamp_(0, 255).to(torch.uint8)
        places = cell_places(side, flow.mode.device)
        own = norm_to_pixel(_numbers(places), side)
        return FrameWarp(
            level,
            self.sides,
            np.ascontiguousarray(colours.permute(1, 2, 0).cpu().numpy()),
            norm_to_pixel(_numbers(places + flow.mode[0]), side) - own,
            norm_to_pixel(_numbers(places + flow.mean[0]), side) - own,
            _numbers(flow.peak[0]),
            _numbers(flow.spread[0]) * (side / 2),
            _numbers(difference),
            confidence,
        )


def likely_places(share: Floats, most: int) -> Floats:
    """The places round which a distribution gathers.

    A place is the middle of what lies within `NEAR` cells of a cell that is the likeliest there,
    as in `Level.flow`; no two places share cells.

    Args:
        share: ``(W, W)``, sums to one.
        most: How many are wanted at most.

    Returns:
        ``(n, 3)`` float32: x and y in cells, and how likely the place is. The likeliest cell's
        place comes first, the others as they are likely.
    """
    reach = math.floor(NEAR)
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    tops = np.flatnonzero((share > 0) & (share >= cv2.dilate(share, kernel)))
    tops = tops[np.argsort(-share.ravel()[tops], kind="stable")]
    rows, columns = np.divmod(np.arange(share.size).reshape(share.shape), share.shape[1])
    taken = np.zeros(share.shape, np.bool_)
    found: list[tuple[float, float, float]] = []
    for row, column in zip(*np.divmod(tops, share.shape[1]), strict=True):
        near = np.hypot(rows - row, columns - column) <= NEAR
        likely = float(share[near].sum(dtype=np.float64))
        if (taken & near).any() or (found and likely < LEAST_SHARE):
            continue
        taken |= near
        x, y = (float((share * along)[near].sum() / likely) for along in (columns, rows))
        found.append((x, y, likely))
        if len(found) == most:
            break
    first, others = found[:1], sorted(found[1:], key=lambda place: -place[2])
    return np.array(first + others, np.float32).reshape(-1, 3)


def _around(place: Floats, side: int) -> Floats:
    """``(W, W)``: the cells between which a place lies, as sampling by lines weighs them."""
    share = np.zeros((side, side), np.float32)
    x, y = (float(min(max(at, 0.0), side - 1.0)) for at in place)
    left, top = min(int(x), side - 2), min(int(y), side - 2)
    for row, down in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, across in ((left, 1 - (x - left)), (left + 1, x - left)):
            share[row, column] = down * across
    return share


def _numbers(values: Tensor) -> Floats:
    return np.asarray(values.float().cpu().numpy(), np.float32)
