"""Learning class embeddings: levels set in one after another.

    L = sum over levels r of L_con(A^r I_S, I_T, sigma^r) + c L_cyc(A^1, back)    (c: `cycle`)

after Wiles, Koepke and Zisserman (2019); without confidence, L_ph stands for L_con. The coarsest
level comes first, and the next one when the held-back loss stays as it is. The way back is the
same pair exchanged, at the first level alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_engine.model_file import CLASS_EMBEDDING, load_model
from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig
from limner_engine.models.warps import Warp, shrunk
from limner_engine.types import Image
from limner_training.config import TrainConfig
from limner_training.losses.warp import Reduction, confident, cyclic, photometric
from limner_training.recipes.curriculum import Curriculum
from limner_training.recipes.views import PairViews
from limner_training.recipes.warping import WarpingRecipe
from limner_training.warp_preview import warp_sheet

LATEST = (0.4, 0.6)
"""Shares of the run at which levels 2 and 3 set in at the latest."""


class ClassEmbeddingRecipe(WarpingRecipe):
    """One class embedding and the frames it learns from; see `WarpingRecipe`."""

    kind = CLASS_EMBEDDING

    def __init__(self, config: TrainConfig, device: DeviceSpec) -> None:
        torch.manual_seed(config.seed)
        self.network, started_from = _begin(config)
        latest = LATEST[: self.network.config.levels - 1]
        # What exists already has learned all its levels.
        stage = len(latest) if started_from else 0
        curriculum = Curriculum(latest, config.plateau, stage)
        super().__init__(config, device, self.network, started_from, curriculum)
        self._reduction: Reduction = "sum" if config.warp_reduction == "sum" else "mean"

    @property
    def open_levels(self) -> int:
        """How many levels are learned now."""
        return self.curriculum.stage + 1

    def loss(self, source: Tensor, target: Tensor, views: PairViews) -> tuple[Tensor, Tensor]:
        """See `WarpingRecipe`."""
        config = self.config
        back: Warp | None = None
        with self.autocast():
            warp = self._warp(source, target)
            if config.cycle > 0 and config.cycle_passes == 2:
                back = self.network.warp(target, source, levels=1, doubt=False)
        power = config.sigma_power
        loss, redrawn = self._levels(warp, views.source, views.target, views.mask, power)
        if config.cycle > 0:
            there = warp.levels[0].weights.flatten(1, 2)
            returning = back.levels[0].weights.flatten(1, 2) if back is not None else None
            loss = loss + config.cycle * cyclic(there, returning, self._reduction)
        return loss, redrawn

    def redrawn(self, source: Tensor, target: Tensor) -> Tensor:
        """See `WarpingRecipe`."""
        warp = self._between(source, target, doubt=False)
        return self.network.redraw(source, warp)

    def watched(self, source: Tensor, target: Tensor) -> Tensor:
        """The loss without the cycle, as in the authors' program."""
        warp = self._between(source, target, doubt=self.config.confidence)
        return self._levels(warp, source, target, None, 0.0)[0]

    def preview(self) -> Image:
        """Source, target, redrawn, flow and confidence of a few held-back pairs."""
        source, target = self.shown()
        with self.evaluating():
            warp = self._between(source, target, doubt=self.config.confidence)
            redrawn, flow = self.network.redraw(source, warp), self.network.flow(warp).mode
            trusted = self.network.confidence(warp) if warp.sigmas else None
        return warp_sheet(source, target, redrawn, flow, trusted)

    def finish(self) -> dict[str, float]:
        """Measure, and leave out levels that a run ended early never came to."""
        levels = self.open_levels
        figures = super().finish() | {"levels": float(levels)}
        if levels < self.network.config.levels:
            self.model = self.network = with_levels(self.network, levels)
        return figures

    def terms(self) -> dict[str, Any]:
        """See `WarpingRecipe`."""
        named = (
            *("confidence", "sigma_power", "cycle", "cycle_passes", "warp_reduction"),
            "embedding_tint",
        )
        return {name: getattr(self.config, name) for name in named}

    def _warp(self, source: Tensor, target: Tensor) -> Warp:
        doubt = self.config.confidence
        return self.network.warp(source, target, levels=self.open_levels, doubt=doubt)

    def _between(self, source: Tensor, target: Tensor, *, doubt: bool) -> Warp:
        """The warp between pictures."""
        embedded = self.network.embed(torch.cat([source, target])).chunk(2)
        return self.network.warp(*embedded, levels=self.open_levels, doubt=doubt)

    def _levels(
        self, warp: Warp, source: Tensor, target: Tensor, mask: Tensor | None, power: float
    ) -> tuple[Tensor, Tensor]:
        """The loss of all levels, and the finest redrawn target."""
        loss = source.new_zeros(())
        redrawn = source
        for number, level in enumerate(warp.levels):
            redrawn = level.carry(shrunk(source, level.side))
            wanted = shrunk(target, level.side)
            counts = None if mask is None else shrunk(mask, level.side)
            if warp.sigmas:
                sigma = warp.sigmas[number]
                loss = loss + confident(redrawn, wanted, sigma, counts, self._reduction, power)
            else:
                loss = loss + photometric(redrawn, wanted, counts, self._reduction)
        return loss, redrawn


def with_levels(model: ClassEmbedding, levels: int) -> ClassEmbedding:
    """The same network with its first levels alone."""
    config = model.config.to_json() | {"levels": levels}
    smaller = ClassEmbedding(ClassEmbeddingConfig.from_json(config))
    weights = model.state_dict()
    smaller.load_state_dict({name: weights[name] for name in smaller.state_dict()})
    return smaller.to(next(model.parameters()).device).train(model.training)


def _begin(config: TrainConfig) -> tuple[ClassEmbedding, str]:
    """A fresh network and an empty name, or one from a file and that model's name."""
    if not config.start_from:
        return ClassEmbedding(network_config(config)), ""
    loaded = load_model(Path(config.start_from))
    if not isinstance(loaded.model, ClassEmbedding):
        raise TrainingError(
            f"{loaded.info.name} is no class embedding.",
            "Begin from a fresh model, or choose one that is.",
        )
    return loaded.model, loaded.info.name


def network_config(config: TrainConfig) -> ClassEmbeddingConfig:
    """Sizes and forms of a fresh network."""
    sizes = {
        "lite": ClassEmbeddingConfig.lite,
        "medium": ClassEmbeddingConfig.medium,
        "paper": ClassEmbeddingConfig.paper,
    }
    return ClassEmbeddingConfig.from_json(
        sizes[config.size](config.levels).to_json()
        | {
            "refine": config.refine,
            "order": config.candidate_order,
            "children": config.child_order,
            "doubt": config.sigma_form,
            "floor": config.sigma_floor,
        }
    )
