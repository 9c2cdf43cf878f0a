"""Learning an IMM: what one step does, what is measured, shown and saved.

A step redraws targets from their landmarks and the looks of other frames of the same videos, and
lowers the loss between pictures. Nothing is labelled.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_engine.model_file import load_model
from limner_engine.models.blocks import Initial
from limner_engine.models.growth import grow, seed_config
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import Image, ModelInfo, Skeleton
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import held_back_pairs
from limner_training.evaluation.metrics import (
    Redrawing,
    equivariance_error,
    redrawing,
    typical_spread,
)
from limner_training.events import Say
from limner_training.losses.landmarks import equivariance, separation
from limner_training.losses.obedience import obedience, pulled
from limner_training.losses.picture import PictureLoss
from limner_training.preview import preview_sheet
from limner_training.recipes.descent import descend
from limner_training.recipes.loss_network import picture_loss
from limner_training.recipes.recipe import HELD_BACK_PAIRS, name_after, parted, placed
from limner_training.recipes.views import PairViews, Views
from limner_training.run_folder import RunFolder

_PREVIEW_PAIRS = 6


class IMMRecipe:
    """One IMM and the frames it learns from.

    Attributes:
        model: The network, on the device.
        grown: Whether it has its whole size; False while it learns at half of it.
    """

    def __init__(self, config: TrainConfig, device: DeviceSpec) -> None:
        self.config = config
        self.device = device
        torch.manual_seed(config.seed)
        self.grown = True
        if config.start_from:
            self._start = load_model(Path(config.start_from))
            if not isinstance(self._start.model, IMM):
                raise TrainingError(
                    f"{self._start.info.name} is no IMM, so this run cannot begin with it.",
                    "Choose a model whose landmarks were discovered, or begin from scratch.",
                )
            model, self._skeleton = self._start.model, self._start.info.skeleton
        else:
            whole = _network_config(config)
            self.grown = config.half_size == 0
            initial: Initial = "paper" if config.initial == "paper" else "fast"
            model = IMM(whole if self.grown else seed_config(whole), initial=initial)
            self._skeleton = Skeleton.numbered(config.landmarks)
        self._whole_size = model.config.image_size * (1 if self.grown else 2)
        self.model = placed(model, device.device)

    @property
    def image_size(self) -> int:
        """``S``: what the network sees when it is done."""
        return self._whole_size

    def grow(self) -> None:
        """Double the network's picture; everything it has learned is carried over."""
        torch.manual_seed(self.config.seed + 1)
        self.model = placed(grow(self.model), self.device.device)
        self.grown = True
        self._look()

    def use(self, frames: FrameSet) -> None:
        """Take the frames to learn from and hold some back."""
        self.frames = frames
        self.learned, self.held_back, self.pairs, self._held_pairs = parted(frames, self.config)
        self._look()

    def prepare(self, folder: RunFolder, say: Say, control: Control) -> None:
        """Make ready what pictures are compared with, which may itself have to learn first."""
        self._compare: PictureLoss = picture_loss(
            folder, self.frames, self.learned, self.device, say, control
        )

    def optimiser(self) -> torch.optim.Adam:
        """Adam; only convolutions decay, through the gradient, as in the authors' program."""
        weights = list(self.model.parameters())
        groups = [
            {
                "params": [w for w in weights if w.dim() > 1],
                "weight_decay": self.config.weight_decay,
            },
            {"params": [w for w in weights if w.dim() <= 1], "weight_decay": 0.0},
        ]
        return torch.optim.Adam(groups, lr=self.config.learning_rate)

    def learn(self, optimiser: torch.optim.Adam, step: int, batch: int, rate: float) -> float:
        """One change of the weights; see `Recipe`.

        Returns:
            What `after_step` gives.
        """
        each = self.config.clip == "each"
        descend(self.loss(step, batch), optimiser, self.model.parameters(), rate, step, each=each)
        return self.after_step()

    def warnings(self) -> list[str]:
        """Nothing that is worth a sentence goes wrong by itself."""
        return []

    def loss(self, step: int, batch: int) -> Tensor:
        """The loss of one step; a function of the weights, the seed and the arguments alone.

        Args:
            step: Number of the step.
            batch: Pairs in it.
        """
        config = self.config
        views = self._views.draw(*self.pairs.draw(step, batch), step)
        half = self.device.dtype == torch.bfloat16
        places = self.model.config.bottleneck == "landmarks"
        with torch.autocast(self.device.device, torch.bfloat16, enabled=half):
            looks = self.model.encode(views.source)
            found = self.model.detect(views.target).points_norm
            redrawn = self.model.render(looks, found)
            loss = self._compare(redrawn, views.target, views.mask)
            if config.separation > 0 and places:
                loss = loss + config.separation * separation(found)
            if views.again is not None and places:
                moved, wanted = views.again, carried_back(found, views.back)
                if config.pull > 0:
                    rng = np.random.default_rng((config.seed, step, 4))
                    moved, wanted = pulled(moved, wanted, rng, strength=config.pull)
                    moved = moved.contiguous(memory_format=torch.channels_last)
                agreement = equivariance(self.model.detect(moved).points_norm, wanted)
                loss = loss + config.equivariance * ramp(step) * agreement
            if config.obedience > 0 and places:
                rng = np.random.default_rng((config.seed, step, 3))
                obeyed = obedience(self.model, looks, found, rng)
                loss = loss + config.obedience * ramp(step) * obeyed
        self._drawn = redrawn.detach(), views
        return loss

    def after_step(self) -> float:
        """What learns beside the model learns from the same step.

        Returns:
            L1 of the pictures just redrawn, in 0..1: to show beside the same of held-back frames.
            The loss itself may be measured by its own running means, and then says nothing.
        """
        redrawn, views = self._drawn
        self._compare.after_step(redrawn, views.target, views.mask)
        return float((redrawn - views.target).abs().mean())

    def extras(self) -> dict[str, Tensor]:
        """What a checkpoint must hold beside the model."""
        return self._compare.tensors()

    def load_extras(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `extras` gave."""
        self._compare.load(tensors)

    def measure(self) -> Redrawing:
        """Redrawing of the held-back pairs, which are the same all through the run."""
        return redrawing(self.model, self._held_views.source, self._held_views.target)

    def preview(self) -> Image:
        """Source, target, redrawn and landmarks of a few held-back pairs."""
        source = self._held_views.source[:_PREVIEW_PAIRS]
        target = self._held_views.target[:_PREVIEW_PAIRS]
        self.model.eval()
        with torch.inference_mode():
            redrawn, found = self.model(source, target)
        self.model.train()
        return preview_sheet(source, target, redrawn, found.points_norm)

    def finish(self) -> dict[str, float]:
        """Measure the finished model and note in it how wide its landmarks usually are."""
        rng = np.random.default_rng(self.config.seed)
        few = rng.permutation(self.learned)[:256]

        def spread(pictures: Tensor) -> Tensor:
            with torch.inference_mode():
                return self.model.detect(pictures.to(self.device.device)).spread_norm

        self.model.eval()
        size = self.model.config.image_size
        usual = typical_spread(spread, self.frames, few, size)
        places = self.model.config.bottleneck == "landmarks"
        if places:
            self.model.typical_spread.copy_(torch.from_numpy(usual))
        figures: dict[str, float] = {}
        whole = self.measure()
        figures["held_back_l1"], figures["held_back_ratio"] = whole.redrawn, whole.ratio
        held = rng.permutation(self.held_back)[:192]
        if places:
            figures["known_move_error"] = equivariance_error(
                self.model, self.frames, held, device=self.device.device
            )
        videos = np.unique(self.frames.video[self.held_back])
        if len(videos) <= 8:
            for video in videos:
                members = self.held_back[self.frames.video[self.held_back] == video]
                pairs = held_back_pairs(self.frames, members, HELD_BACK_PAIRS, self.config.seed)
                views = self._views.plain(*pairs)
                of_one = redrawing(self.model, views.source, views.target)
                figures[f"held_back_ratio of {self.frames.names[video]}"] = of_one.ratio
        return figures

    def describe(self, steps: int, minutes: float, figures: dict[str, float]) -> ModelInfo:
        """What the model file says of itself."""
        config = self.config
        names = self.frames.names
        return ModelInfo(
            kind="imm",
            name=config.name or name_after(names),
            config=self.model.config.to_json(),
            skeleton=self._skeleton,
            provenance={
                "learned_from": list(names[:20])
                + ([f"and {len(names) - 20} more"] if len(names) > 20 else []),
                "frames": len(self.learned),
                "started_from": self._start.info.name if config.start_from else "",
                "steps": steps,
                "minutes": round(minutes, 2),
                "loss": config.loss,
                "terms": {
                    name: getattr(config, name)
                    for name in ("separation", "equivariance", "pull", "obedience")
                },
                "seed": config.seed,
                "date": datetime.now(UTC).date().isoformat(),
                "figures": {name: round(value, 5) for name, value in figures.items()},
            },
            licence="Apache-2.0",
        )

    def _look(self) -> None:
        """Views at the size that the network has now."""
        size = self.model.config.image_size
        self._views = Views(self.frames, self.config, size, self.device.device)
        self._held_views: PairViews = self._views.plain(*self._held_pairs)


def ramp(step: int) -> float:
    """Weight of what is asked of landmarks: it sets in once they have spread.

    From the first step on it holds them together on the one point that moves most surely. Set in
    later than this, as it was by share of a long run, it finds them spread evenly and at rest.

    Args:
        step: Number of the step.
    """
    return min(1.0, max(0.0, (step - 80) / 320))


def _network_config(config: TrainConfig) -> IMMConfig:
    sizes = {"lite": IMMConfig.lite, "medium": IMMConfig.medium, "paper": IMMConfig.paper}
    return IMMConfig.from_json(
        sizes[config.size](config.landmarks).to_json()
        | {name: getattr(config, name) for name in ("bottleneck", "marginals", "grid")}
    )


def carried_back(points_norm: Tensor, maps: Tensor) -> Tensor:
    """Points ``(B, K, 2)`` moved by the inverses of similarity maps ``(B, 2, 3)``."""
    moves = maps.to(points_norm)
    there = points_norm - moves[:, :, 2].unsqueeze(1)
    back: Tensor = torch.linalg.solve(moves[:, :, :2], there.transpose(1, 2))
    return back.transpose(1, 2)
