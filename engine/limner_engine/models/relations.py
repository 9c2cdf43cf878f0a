"""What labelled frames say of where landmarks lie to one another, spoken in heat maps.

A network that learned from ten pictures takes one paw for another. That the two views of one paw
stand above each other, or that the mouth is below the nose, is in the labels already, and needs no
network: `limner_engine.naming.shape` fits, for every landmark and each of its most telling
neighbours, a line with a deviation along x and along y. Here these lines speak: what a neighbour's
map says is carried over along them (a *message*), and a landmark's own map times the messages is
what is believed. This is one round of belief propagation as in Tompson, Jain, LeCun and Bregler,
"Joint Training of a Convolutional Network and a Graphical Model for Human Pose Estimation",
NeurIPS 2014, with Gaussians in closed form in place of learned kernels. A second round, in which
each would hear itself, measured worse.

Letters in shape comments: B pictures, P landmarks, T neighbours of each, M side of a heat map.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor, nn

from limner_engine.naming.shape import Lines

DOUBT = 0.05
"""Share of a network's map that may be anywhere: it takes one paw for another, and is sure."""

HEEDLESS = 1e-3
"""Share of a message that is everywhere: poses that nobody labelled must stay possible."""


class Relations(nn.Module):
    """Lines between landmarks; none until `take`.

    Args:
        landmark_count: ``P``.
        neighbours: ``T``; 0 for maps that are believed as they are.

    Attributes:
        neighbour: ``(P, T)`` int64 buffer: who speaks to each landmark; itself where nobody does.
        slope: ``(P, T, 2)`` buffer: with the next, ``x_here = slope x_there + offset``.
        offset: ``(P, T, 2)`` buffer, -1..1.
        spread: ``(P, T, 2)`` buffer: standard deviation about that line; 0 where nobody speaks.
    """

    neighbour: Tensor
    slope: Tensor
    offset: Tensor
    spread: Tensor

    def __init__(self, landmark_count: int, neighbours: int) -> None:
        super().__init__()
        itself = torch.arange(landmark_count)[:, None].repeat(1, neighbours)
        self.register_buffer("neighbour", itself)
        for name in ("slope", "offset", "spread"):
            self.register_buffer(name, torch.zeros(landmark_count, neighbours, 2))
        # They are the same for every picture, and took as long to make as a picture to look at.
        self._ways: list[tuple[Tensor, Tensor]] | None = None
        self.register_load_state_dict_post_hook(_forget)  # type: ignore[no-untyped-call]

    def take(self, lines: Lines) -> None:
        """Speak along these lines from now on.

        Raises:
            ValueError: They are of another number of landmarks or neighbours.
        """
        if lines.neighbour.shape != tuple(self.neighbour.shape):
            raise ValueError("the lines are between other landmarks")
        self.neighbour.copy_(torch.from_numpy(lines.neighbour))
        for name in ("slope", "offset", "spread"):
            getattr(self, name).copy_(torch.from_numpy(getattr(lines, name)))
        self._ways = None

    def forward(self, maps: Tensor, cells: Tensor) -> Tensor:
        """What is believed.

        Args:
            maps: ``(B, P, M, M)`` float32, each summing to one.
            cells: ``(M,)``: coordinates of the cells.

        Returns:
            ``(B, P, M, M)``, each summing to one.
        """
        if not self.neighbour.shape[1] or not bool((self.spread > 0).any()):
            return maps
        even = 1 / len(cells) ** 2
        believed = ((1 - DOUBT) * maps + DOUBT * even).log()
        ways = self._ways
        if ways is None or ways[0][0].shape[-1] != len(cells) or ways[0][0].device != maps.device:
            ways = [self._way(number, cells) for number in range(self.neighbour.shape[1])]
            self._ways = ways
        for number, (down, across) in enumerate(ways):
            spoken = maps[:, self.neighbour[:, number]]
            message = down @ spoken @ across.transpose(1, 2)  # (B, P, M, M)
            speaks = (self.spread[:, number, 0] > 0)[:, None, None]
            believed = believed + torch.where(speaks, (message + HEEDLESS * even).log(), 0)
        heard = (self.spread > 0).any((1, 2))[:, None, None]
        return torch.where(heard, believed.flatten(2).softmax(-1).view_as(maps), maps)

    def _way(self, number: int, cells: Tensor) -> tuple[Tensor, Tensor]:
        """From a neighbour's rows and columns to a landmark's: ``(P, M, M)`` each.

        Each column sums to one, so that a message does as well.
        """
        slope, offset = self.slope[:, number], self.offset[:, number]
        spread = self.spread[:, number].clamp_min(1e-4)
        expected = slope[..., None] * cells + offset[..., None]  # (P, 2, M)
        away = (cells[:, None] - expected[:, :, None, :]) / spread[..., None, None]
        bumps = torch.exp(-(away**2) / 2)  # (P, 2, M here, M there)
        bumps = bumps / bumps.sum(2, keepdim=True).clamp_min(1e-6)
        return bumps[:, 1], bumps[:, 0]


def _forget(relations: nn.Module, _: object) -> None:
    cast(Relations, relations)._ways = None
