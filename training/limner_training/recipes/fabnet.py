"""Learning a FAb-Net: L1 of the redrawn target, easy pairs first.

The authors' curriculum: pairs of a batch are sorted by their loss, and only the lower half counts.
When the held-back figure stays as it is, the half moves up by a tenth, until the hardest count.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_engine.model_file import FABNET, load_model
from limner_engine.models.fabnet import FAbNet, FAbNetConfig
from limner_engine.models.warps import shrunk
from limner_engine.types import Image
from limner_training.config import TrainConfig
from limner_training.recipes.curriculum import Curriculum
from limner_training.recipes.views import PairViews
from limner_training.recipes.warping import WarpingRecipe
from limner_training.warp_preview import warp_sheet

WINDOW, MOVE = 0.5, 0.1
"""Share of a batch that counts, and how far it moves up at a plateau."""

LATEST = (0.2, 0.35, 0.5, 0.65)
"""Shares of the run at which the window moves up at the latest."""


class FAbNetRecipe(WarpingRecipe):
    """One FAb-Net and the frames it learns from; see `WarpingRecipe`."""

    kind = FABNET

    def __init__(self, config: TrainConfig, device: DeviceSpec) -> None:
        torch.manual_seed(config.seed)
        self.network, started_from = _begin(config)
        curriculum = Curriculum(LATEST, config.plateau, len(LATEST) if started_from else 0)
        super().__init__(config, device, self.network, started_from, curriculum)

    @property
    def side(self) -> int:
        """Side of redrawn targets."""
        return self.network.config.side

    def loss(self, source: Tensor, target: Tensor, views: PairViews) -> tuple[Tensor, Tensor]:
        """See `WarpingRecipe`."""
        with self.autocast():
            warp = self.network.warp(source, target)
        redrawn = self.network.redraw(views.source, warp)
        apart = (redrawn - shrunk(views.target, self.side)).abs()
        if views.mask is not None:
            apart = apart * shrunk(views.mask, self.side)
        each = apart.flatten(1).mean(1)
        return each[counted(each.detach(), self.curriculum.stage)].mean(), redrawn

    def redrawn(self, source: Tensor, target: Tensor) -> Tensor:
        """See `WarpingRecipe`."""
        redrawn: Tensor = self.network(source, target)[0]
        return redrawn

    def watched(self, source: Tensor, target: Tensor) -> Tensor:
        """L1 of the redrawn targets."""
        return (self.redrawn(source, target) - shrunk(target, self.side)).abs().mean()

    def preview(self) -> Image:
        """Source, target, redrawn and flow of a few held-back pairs."""
        source, target = self.shown()
        with self.evaluating():
            redrawn, warp = self.network(source, target)
            flow = self.network.flow(warp).mode
        return warp_sheet(source, target, redrawn, flow)

    def terms(self) -> dict[str, Any]:
        """See `WarpingRecipe`."""
        return {"embedding_tint": self.config.embedding_tint}


def counted(losses: Tensor, stage: int) -> Tensor:
    """Which pairs of a batch count.

    Args:
        losses: ``(B,)``.
        stage: 0 for the easy half, 4 for the hardest.

    Returns:
        Indices; at least one.
    """
    count = len(losses)
    first = min(round(MOVE * stage * count), count - 1)
    last = max(round((MOVE * stage + WINDOW) * count), first + 1)
    return losses.argsort()[first:last]


def _begin(config: TrainConfig) -> tuple[FAbNet, str]:
    """A fresh network and an empty name, or one from a file and that model's name."""
    sizes = {
        "lite": FAbNetConfig.lite,
        "medium": FAbNetConfig.medium,
        "paper": FAbNetConfig.paper,
    }
    if not config.start_from:
        return FAbNet(sizes[config.size]()), ""
    loaded = load_model(Path(config.start_from))
    if not isinstance(loaded.model, FAbNet):
        raise TrainingError(
            f"{loaded.info.name} is no FAb-Net.",
            "Begin from a fresh model, or choose one that is.",
        )
    return loaded.model, loaded.info.name
