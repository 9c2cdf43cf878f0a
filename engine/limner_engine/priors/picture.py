"""Pose pictures without torch: the skeleton drawn in light, and galleries of them.

The picture of a pose is ``max over edges of exp(-25 d)``, with ``d`` the distance of a pixel from
the edge in units of the canvas (-1..1), as the first of the two forms that the learning recipe
draws.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from limner_engine.palette import OKABE_ITO
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, Image, Skeleton

GAMMA = 25.0
PAPER = 255
GAP_PX = 4
SHADE = 0.55
"""How dark the pose picture is behind the coloured lines of a gallery."""


def skeleton_picture(pose: Floats, skeleton: Skeleton, side: int) -> Floats:
    """Draw a pose as networks see it.

    Args:
        pose: ``(K, 2)``, -1..1.
        skeleton: Whose edges are drawn; landmarks without any edge are drawn as points where the
            skeleton has no edges at all.
        side: Pixels.

    Returns:
        ``(side, side)`` float32, 0..1.
    """
    pose = np.asarray(pose, np.float64)
    edges = np.array(skeleton.edges or [(i, i) for i in range(len(pose))])
    first, last = pose[edges[:, 0]], pose[edges[:, 1]]
    grid = (2.0 * np.arange(side) + 1.0) / side - 1.0
    pixels = np.stack(np.meshgrid(grid, grid), axis=-1)
    nearest = np.full((side, side), np.inf)
    for a, b in zip(first, last, strict=True):
        along = b - a
        share = ((pixels - a) @ along) / max(float(along @ along), 1e-6)
        off = pixels - a - np.clip(share, 0.0, 1.0)[..., None] * along
        nearest = np.minimum(nearest, (off**2).sum(axis=-1))
    return np.asarray(np.exp(-GAMMA * np.sqrt(nearest)), np.float32)


def pose_tile(pose: Floats, skeleton: Skeleton, side: int) -> Image:
    """A pose for people: its picture in grey on white, edges and landmarks in colours.

    Edges of the left are blue, of the right orange, others grey, so that a mirrored pose is seen.

    Args:
        pose: ``(K, 2)``, -1..1.
        skeleton: Of it.
        side: Pixels.
    """
    light = skeleton_picture(pose, skeleton, side)
    grey = np.asarray(PAPER * (1 - SHADE * light), np.uint8)
    tile = np.repeat(grey[..., None], 3, axis=2)
    places = np.rint(((np.asarray(pose, np.float64) + 1) * side - 1) / 2 * 8).astype(int)
    colours = _colours(skeleton)
    thick = max(1, side // 96)
    for a, b in skeleton.edges:
        colour = colours[a] if colours[a] == colours[b] else _MIDDLE
        cv2.line(tile, tuple(places[a]), tuple(places[b]), colour, thick, cv2.LINE_AA, 3)
    radius = max(8, side // 12)
    for place, colour in zip(places, colours, strict=True):
        cv2.circle(tile, tuple(place), radius, colour, -1, cv2.LINE_AA, 3)
    return tile


_MIDDLE = (90, 92, 96)


def _colours(skeleton: Skeleton) -> list[tuple[int, int, int]]:
    colours = [_MIDDLE] * len(skeleton.names)
    left, right = ((0, 114, 178), (213, 94, 0))
    for a, b in skeleton.symmetries:
        colours[a], colours[b] = left, right
    if not skeleton.symmetries:
        # Without sides landmarks differ in colour; the last one, white, is not seen on paper.
        return [OKABE_ITO[i % (len(OKABE_ITO) - 1)] for i in range(len(colours))]
    return colours


def gallery(
    prior: PosePrior,
    crops: Sequence[Image] = (),
    *,
    rows: int = 5,
    columns: int = 8,
    side: int = 128,
    seed: int = 0,
) -> Image:
    """A sheet of poses drawn at random; where there are crops, as many of them beside it.

    Args:
        prior: Whose poses.
        crops: Square pictures of any size.
        rows: Of tiles.
        columns: Of tiles, for poses; the crops get half as many, at least one.
        side: Of a tile, pixels.
        seed: Of which are drawn.

    Returns:
        ``(H, W, 3)`` uint8.
    """
    rng = np.random.default_rng(seed)
    picks = rng.choice(len(prior), min(len(prior), rows * columns), replace=False)
    tiles = [pose_tile(prior.poses[i], prior.skeleton, side) for i in picks]
    sheet = _sheet(tiles, rows, columns, side)
    if not len(crops):
        return sheet
    across = max(1, columns // 2)
    chosen = rng.choice(len(crops), min(len(crops), rows * across), replace=False)
    size = (side, side)
    pictures = [cv2.resize(crops[i], size, interpolation=cv2.INTER_AREA) for i in chosen]
    beside = _sheet([np.asarray(picture, np.uint8) for picture in pictures], rows, across, side)
    gap = np.full((len(sheet), 3 * GAP_PX, 3), PAPER, np.uint8)
    return np.concatenate([sheet, gap, beside], axis=1)


def _sheet(tiles: Sequence[Image], rows: int, columns: int, side: int) -> Image:
    step = side + GAP_PX
    sheet = np.full((rows * step + GAP_PX, columns * step + GAP_PX, 3), 222, np.uint8)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        top, left = GAP_PX + row * step, GAP_PX + column * step
        sheet[top : top + side, left : left + side] = tile
    return sheet
