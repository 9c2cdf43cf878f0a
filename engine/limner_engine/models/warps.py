"""Probabilistic warps: for each place of a target, how likely each place of a source is behind it.

Wiles, Koepke and Zisserman, "Self-supervised learning of class embeddings from video", 2019. The
first level holds every pair of cells; each finer one holds, for every cell of the target, the 4 K
children of the K best cells of the level before, and no more:

    A^1 = softmax over all source cells of M^1                                  (Eq. 1)
    I_G = A^r I_S                                                               (Eq. 2)
    A^r = softmax over the 4 K children of M^r A^(r-1)        ``printed``        (Eq. 4, 5)
    A^r = softmax over the 4 K children of M^r + ln A^(r-1)   ``log``

A^(r-1) stands for the value of the parent cells, the same for all four children of a cell of
source or target. As printed, an M of 0 forgets the level before; in the ``log`` form it is exactly
that level, enlarged.

Letters in shape comments as in `blocks`, besides W for the side of a level, C for the candidates
of a cell, and D for what is carried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

Refine = Literal["printed", "log"]
Order = Literal["rank", "raster"]
Children = Literal["absolute", "relative"]

CHILDREN = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Steps (right, down) from a cell, doubled, to its children, in the order of the channels."""

NEAR = 2.0
"""Cells around the likeliest one that `Level.flow` counts to it."""

_LEAST = 1e-30
"""Below this a candidate is as good as impossible; its logarithm must stay finite."""


class Flow(NamedTuple):
    """Where the places of a target come from.

    Attributes:
        mean: ``(B, W, W, 2)`` float32 ``(x, y)``, from a place of the target to its place in the
            source, in units of half the picture: the expectation. Of two possible places it is
            the middle, where nothing may be.
        mode: ``(B, W, W, 2)``: the same to the likeliest place alone.
        peak: ``(B, W, W)`` in 0..1: how likely that place is.
        spread: ``(B, W, W)``: standard deviation of the place in the source.
    """

    mean: Tensor
    mode: Tensor
    peak: Tensor
    spread: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """One level of a warp.

    Attributes:
        weights: ``(B, W, W, C)`` float32: for every cell of the target, row by row, how likely
            its candidates are; they sum to one.
        cells: ``(B, W/2, W/2, C)`` int64: which source cells, ``row * W + column``, the candidates
            are; the four children of a target cell share theirs. None at the first level, where
            candidate c is cell c.
    """

    weights: Tensor
    cells: Tensor | None = None

    @property
    def side(self) -> int:
        """``W``."""
        return self.weights.shape[1]

    def carry(self, values: Tensor) -> Tensor:
        """What lies behind the cells of the target, on average (Eq. 2).

        Candidates of neighbours are the same, so values are fetched once for four of them, one
        channel at a time: nearly twice as fast on a processor as an embedding bag, and no more
        than ``W^2 C / 4`` of them are made at once (`benchmarks/warps_speed.py`).

        Args:
            values: ``(B, D, W, W)`` of the source.

        Returns:
            ``(B, D, W, W)`` float32.
        """
        count, channels, side, _ = values.shape
        if self.cells is None:
            source = values.float().flatten(2).transpose(1, 2)  # (B, W W, D)
            carried = self.weights.flatten(1, 2) @ source
            return carried.transpose(1, 2).reshape(count, channels, side, side)
        flat = values.float().flatten(2)
        weights = self._in_blocks()
        own = self.cells.flatten(1)  # (B, W/2 W/2 C)
        carried_each = []
        for channel in range(channels):
            fetched = flat[:, channel].gather(1, own).view(self.cells.shape)
            carried_each.append((weights * fetched[:, :, None, :, None]).sum(-1))
        return torch.stack(carried_each, 1).reshape(count, channels, side, side)

    def flow(self) -> Flow:
        """Where everything comes from; see `Flow`."""
        places = cell_places(self.side, self.weights.device)
        mean = self.carry(places.permute(2, 0, 1).expand(len(self.weights), -1, -1, -1))
        x, y = self._candidate_places(places)
        likeliest = self.weights.argmax(-1, keepdim=True)
        reach = 2 * NEAR / self.side
        apart = (x - x.gather(-1, likeliest)).square() + (y - y.gather(-1, likeliest)).square()
        near = torch.where(apart <= reach**2 * (1 + 1e-6), self.weights, 0.0)
        peak = near.sum(-1)
        mode = torch.stack([(near * x).sum(-1) / peak, (near * y).sum(-1) / peak], -1)
        mean = mean.permute(0, 2, 3, 1)
        squared = (self.weights * (x.square() + y.square())).sum(-1)
        spread = (squared - mean.square().sum(-1)).clamp_min(0).sqrt()
        return Flow(mean - places, mode - places, peak, spread)

    def distribution_of(self, item: int, row: int, column: int) -> Tensor:
        """How likely each cell of the source is behind one of the target: ``(W, W)`` float32."""
        side = self.side
        weights = self.weights[item, row, column]
        if self.cells is None:
            return weights.view(side, side)
        cells = self.cells[item, row // 2, column // 2]
        return weights.new_zeros(side * side).scatter_(0, cells, weights).view(side, side)

    def candidates(self) -> Tensor:
        """``(B, W, W, C)`` int64: the source cells that `weights` are of; a view."""
        count, side, _, many = self.weights.shape
        if self.cells is None:
            return torch.arange(many, device=self.weights.device).expand(count, side, side, many)
        blocks = self.cells[:, :, None, :, None].expand(-1, -1, 2, -1, 2, -1)
        return blocks.reshape(count, side, side, many)

    def _in_blocks(self) -> Tensor:
        """Weights with the rows and columns of target cells of one parent apart."""
        count, side, _, many = self.weights.shape
        return self.weights.view(count, side // 2, 2, side // 2, 2, many)

    def _candidate_places(self, places: Tensor) -> tuple[Tensor, Tensor]:
        """``(B, W, W, C)`` each: x and y of the candidates."""
        cells = self.candidates()
        return places[0, :, 0][cells % self.side], places[:, 0, 1][cells // self.side]


@dataclass(frozen=True, slots=True, eq=False)
class Warp:
    """All levels of a warp from a source to a target, from coarse to fine.

    Attributes:
        levels: At least one; each has twice the side of the one before.
        sigmas: ``(B, 1, W, W)`` float32 for each level: the scale of the Laplace distribution of
            the redrawn target's error, colours summed (Eq. 6); none where nobody asked.
    """

    levels: tuple[Level, ...]
    sigmas: tuple[Tensor, ...] = ()

    @property
    def finest(self) -> Level:
        """The last level."""
        return self.levels[-1]


def first_level(logits: Tensor) -> Level:
    """Eq. 1.

    Args:
        logits: ``(B, W W, W, W)``: for each target cell the logits of all source cells.
    """
    return Level(logits.permute(0, 2, 3, 1).float().softmax(-1))


def refined(
    coarse: Level,
    logits: Tensor,
    form: Refine = "log",
    order: Order = "rank",
    children: Children = "absolute",
) -> Level:
    """The level after ``coarse``: Eq. 4 and 5.

    Args:
        coarse: Of side ``W``.
        logits: ``(B, 4 K, 2 W, 2 W)``; channel ``4 k + c`` is child c of candidate k.
        form: See above.
        order: Whether candidate k is the k-th likeliest, or they stand as cells do, row by row.
        children: Whether child 0 is the upper left one (``absolute``, authors' program), or the
            one that lies in its parent as the target cell does in its own (``relative``), child 1
            its neighbour above or below, and so on. Then "everything stays" is the same channel
            everywhere, where otherwise neighbours must answer differently, which maps that were
            doubled smoothly hardly can.
    """
    side, most = coarse.side, logits.shape[1] // 4
    likely, chosen = coarse.weights.topk(most, -1)  # (B, W, W, K)
    kept = chosen if coarse.cells is None else coarse.candidates().gather(-1, chosen)
    if order == "raster":
        kept, order_of = kept.sort(-1)
        likely = likely.gather(-1, order_of)
    row, column = 2 * (kept // side), 2 * (kept % side)
    cells = torch.stack(
        [(row + down) * (2 * side) + column + right for right, down in CHILDREN], -1
    ).flatten(-2)
    parents = likely.repeat_interleave(4, -1)[:, :, None, :, None]  # (B, W, 1, W, 1, 4 K)
    fresh = logits.permute(0, 2, 3, 1).float()
    blocks = fresh.reshape(len(fresh), side, 2, side, 2, 4 * most)
    if children == "relative":
        blocks = _turned(blocks)
    printed = form == "printed"
    mixed = blocks * parents if printed else blocks + parents.clamp_min(_LEAST).log()
    return Level(mixed.softmax(-1).view(len(fresh), 2 * side, 2 * side, 4 * most), cells)


def _turned(blocks: Tensor) -> Tensor:
    """From relative children to absolute ones, or back: ``(B, W, 2, W, 2, 4 K)`` to the same."""
    apart = blocks.reshape(*blocks.shape[:-1], -1, 2, 2)  # ..., candidate, right, down
    left, right = apart.unbind(4)
    apart = torch.stack([left, right.flip(-2)], 4)
    upper, lower = apart.unbind(2)
    return torch.stack([upper, lower.flip(-1)], 2).flatten(-3)


def cell_places(side: int, device: torch.device | None = None) -> Tensor:
    """``(W, W, 2)`` float32: ``(x, y)`` of the centres of cells, in -1..1."""
    along = (2 * torch.arange(side, dtype=torch.float32, device=device) + 1) / side - 1
    y, x = torch.meshgrid(along, along, indexing="ij")
    return torch.stack([x, y], -1)


def shrunk(pictures: Tensor, side: int) -> Tensor:
    """Pictures ``(B, D, S, S)`` averaged over blocks to ``(B, D, side, side)``."""
    block = pictures.shape[-1] // side
    return pictures if block == 1 else F.avg_pool2d(pictures, block)
