"""Whether an edit does what the hand did: landmarks are dragged, and looked for on the result.

Random landmarks of held-back pictures are dragged at random, the picture is redrawn as a person's
would be, cut back to the network's size, and the landmarks are found again on it. Lengths are in
pixels of 128, that is, in 1/128 of the crop's side, whatever the sizes of network and picture.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import crop_to_frame, cut, frame_to_crop
from limner_engine.inference.detail import cut_source
from limner_engine.inference.motion import Motion
from limner_engine.inference.session import Session
from limner_engine.types import Crop, Floats, Image
from limner_training.data.frames import MARGIN, FrameSet
from limner_training.data.pairs import split
from limner_training.evaluation.measures import known_mean

UNIT = 128
"""Pixels a side in which lengths are told."""
LONGEST_PX = 12.0
"""Drags are up to so long."""
MOVED_WITHIN_PX = 2.0
"""So near must the dragged landmark be to where it was put."""
OTHERS_WITHIN_PX = 1.5
"""So near must the others be to where they were."""
AROUND_PX = 24.0
"""The neighbourhood of a drag reaches so much farther than the drag is long."""
ANOTHER = 8
"""Pixels that differ by more grey levels than this, in any colour, have changed."""
INSIDE = 0.95
"""No drag leads farther out than this, in units of half the side."""
WAYS = ("network", "sharp")

Doubles: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Framed: TypeAlias = tuple[Image, Crop]
"""A frame, and which square of it is looked at."""


class Drag(NamedTuple):
    """One landmark that is moved.

    Attributes:
        landmark: Which.
        wanted_norm: ``(K, 2)`` -1..1: where all of them are wanted.
        length_px: How far it is moved, pixels of 128.
    """

    landmark: int
    wanted_norm: Floats
    length_px: float


@dataclass(frozen=True, slots=True, eq=False)
class Obeyed:
    """What became of D drags in one way of redrawing.

    Attributes:
        length_px: ``(D,)``: how far the landmark was dragged, pixels of 128.
        moved_px: ``(D,)``: from where it was put to where it is found again.
        others_px: ``(D, K - 1)``: the same of the landmarks that were left alone.
        changed: ``(D,)``: share of the pixels outside the neighbourhood that changed.
        kept_outside: ``(D,)``: high-frequency energy outside the neighbourhood, as a share of the
            source's there.
        kept_resting: ``(D,)``: the same where the field of motion is nothing; NaN where all moves.
    """

    length_px: Doubles
    moved_px: Doubles
    others_px: Doubles
    changed: Doubles
    kept_outside: Doubles
    kept_resting: Doubles

    def figures(self) -> dict[str, float]:
        """What is reported: shares in 0..1, lengths in pixels of 128."""
        others = self.others_px
        each = others.mean(axis=1) if others.shape[1] else np.zeros(len(others))
        farthest = others.max(axis=1, initial=0.0)
        return {
            "drags": float(len(self.moved_px)),
            "drag_px": float(self.length_px.mean()),
            "moved_within": float((self.moved_px <= MOVED_WITHIN_PX).mean()),
            "moved_mean_px": float(self.moved_px.mean()),
            "moved_median_px": float(np.median(self.moved_px)),
            "moved_p95_px": float(np.percentile(self.moved_px, 95)),
            "others_mean_px": float(others.mean()) if others.size else 0.0,
            "others_p95_px": float(np.percentile(others, 95)) if others.size else 0.0,
            "others_within": float((each <= OTHERS_WITHIN_PX).mean()),
            "all_others_within": float((farthest <= OTHERS_WITHIN_PX).mean()),
            "changed_outside": float(self.changed.mean()),
            "kept_outside": known_mean(self.kept_outside),
            "kept_resting": known_mean(self.kept_resting),
        }


def draw_drag(points_norm: Floats, rng: np.random.Generator) -> Drag:
    """Drag one landmark in any direction, by any length up to `LONGEST_PX`.

    Args:
        points_norm: ``(K, 2)`` -1..1.
        rng: Draws.
    """
    landmark, angle = int(rng.integers(len(points_norm))), rng.uniform(0, 2 * math.pi)
    length = rng.uniform(0, LONGEST_PX) * 2 / UNIT
    wanted = points_norm.copy()
    step = length * np.array([math.cos(angle), math.sin(angle)])
    place = points_norm[landmark]
    wanted[landmark] = np.clip(
        place + step, np.minimum(place, -INSIDE), np.maximum(place, INSIDE)
    ).astype(np.float32)
    moved = float(np.linalg.norm(wanted[landmark] - place)) * UNIT / 2
    return Drag(landmark, wanted, moved)


def measure_drags(
    session: Session, pictures: Iterable[Framed], drags: int = 4, seed: int = 0
) -> dict[str, Obeyed]:
    """Drag landmarks of pictures, redraw, and look for them on the result.

    Args:
        session: The model.
        pictures: Frames, and which square of each is looked at.
        drags: How many of each picture.
        seed: Of all draws.

    Returns:
        For each of `WAYS`, the network's bare picture and the sharp one.
    """
    rng = np.random.default_rng(seed)
    rows: dict[str, list[_Row]] = {way: [] for way in WAYS}
    for frame, crop in pictures:
        found = frame_to_crop(session.hold(frame, crop).points_px, crop)
        source = cut_source(frame, crop, session.image_size)
        still = session.redraw(crop_to_frame(found, crop), sharp=False)
        motion = Motion(found, still)
        for _ in range(drags):
            drag = draw_drag(found, rng)
            asked = crop_to_frame(drag.wanted_norm, crop)
            bare, sharp = session.redraw(asked, sharp=False), session.redraw(asked)
            cuts = [_seen(picture, session.image_size) for picture in (bare, sharp)]
            again, _ = session.detect_cuts(np.stack(cuts))
            apart = np.linalg.norm(again - drag.wanted_norm, axis=-1) * (UNIT / 2)
            outside = far_from(found[drag.landmark], drag.length_px + AROUND_PX, len(source))
            resting = _resting(motion.field(drag.wanted_norm, bare), len(source))
            pictures_of = (
                (_enlarged(still, len(source)), _enlarged(bare, len(source))),
                (source, sharp),
            )
            for way, off, (before, after) in zip(WAYS, apart, pictures_of, strict=True):
                others = np.delete(off, drag.landmark).astype(np.float64)
                changed = changed_share(before, after, outside)
                kept = [kept_energy(source, after, where) for where in (outside, resting)]
                moved = float(off[drag.landmark])
                rows[way].append(_Row(drag.length_px, moved, others, changed, *kept))
    return {
        way: Obeyed(*(np.array(column) for column in zip(*of, strict=True)))
        for way, of in rows.items()
    }


def packed_pictures(path: Path, count: int, held_back: float, seed: int = 0) -> list[Framed]:
    """Frames of a packed set that a run with the same share held back has never learned from.

    Args:
        path: An ``.npz`` file or a folder, see `FrameSet`.
        count: How many at most; drawn at random, each once.
        held_back: Share of the run.
        seed: Of the draw.
    """
    frames = FrameSet.open(path)
    held = split(frames, held_back)[1]
    chosen = np.sort(np.random.default_rng(seed).permutation(held)[:count])
    side = frames.pixels.shape[1]
    crop = Crop((side - 1) / 2, (side - 1) / 2, side / MARGIN)
    return [(np.ascontiguousarray(frames.pixels[number]), crop) for number in chosen]


def far_from(place_norm: Floats, far_px: float, side: int) -> Mask:
    """Pixels of an ``N x N`` picture that are farther than ``far_px`` (of 128) from a place."""
    at = ((2 * np.arange(side) + 1) / side - 1) * (UNIT / 2)
    x, y = place_norm * (UNIT / 2)
    far: Mask = np.hypot(at[None] - x, at[:, None] - y) > far_px
    return far


def changed_share(before: Image, after: Image, where: Mask) -> float:
    """Share of the pixels there that are another colour now, see `ANOTHER`; 0 where are none."""
    other = cv2.absdiff(before, after).max(axis=-1) > ANOTHER
    return float(other[where].mean()) if where.any() else 0.0


def kept_energy(before: Image, after: Image, where: Mask) -> float:
    """Energy of the Laplacian after over before, of grey, over some pixels; NaN where is none."""
    old, new = (
        float(
            (
                cv2.Laplacian(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.CV_32F)[where] ** 2
            ).sum()
        )
        for picture in (before, after)
    )
    return new / old if old > 0 else float("nan")


class _Row(NamedTuple):
    """One drag, one way; the columns of `Obeyed`."""

    length_px: float
    moved_px: float
    others_px: Doubles
    changed: float
    kept_outside: float
    kept_resting: float


def _resting(field: Floats, side: int) -> Mask:
    """Where nothing moves, ``(N, N)``; a field is as small as the network's picture."""
    moving = (field != 0).any(axis=-1).astype(np.uint8)
    # The Laplacian looks one pixel farther.
    around = cv2.dilate(moving, np.ones((3, 3), np.uint8))
    still: Mask = cv2.resize(around, (side, side), interpolation=cv2.INTER_NEAREST) == 0
    return still


def _seen(picture: Image, size: int) -> Image:
    """A redrawn crop as the network sees it, ``(S, S, 3)``."""
    return cut(picture, Crop.whole(len(picture), len(picture)), size)


def _enlarged(picture: Image, side: int) -> Image:
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
