"""Learning a KeypointGAN: what one step does, what is measured, shown and saved.

    L(Phi, Psi) = 10 content(x^, x) + a mean over scales (D(y) - 1)^2          (a: `adversarial`)
    L(D)        = mean over scales ((D(beta(p)) - 1)^2 + D(y)^2) / 2, p from the prior
    L(eta)      = 0.9 MSE(eta(beta(p)), p) + 0.1 MSE(beta(eta(y)), y)

in this order, each with an Adam of its own (authors' program). Judges see the pose picture as it
was drawn, not the clean one. Nothing is labelled.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from limner_engine.inference.device import DeviceSpec
from limner_engine.types import Image, ModelInfo
from limner_training.checkpoint import load_momenta, momenta
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet
from limner_training.evaluation.metrics import (
    Redrawing,
    equivariance_error,
    redrawing,
    typical_spread,
)
from limner_training.events import Say, Warned
from limner_training.losses.content import SCALE
from limner_training.losses.landmarks import equivariance
from limner_training.losses.picture import PictureLoss
from limner_training.preview import pose_sheet
from limner_training.recipes.collapse import LOOK_EVERY, Watch
from limner_training.recipes.descent import descend, frozen
from limner_training.recipes.imm import carried_back, ramp
from limner_training.recipes.judging import BETAS, Judging
from limner_training.recipes.loss_network import PREPARING_SHARE, picture_loss
from limner_training.recipes.pose_network import begin, chosen_prior
from limner_training.recipes.recipe import HELD_BACK_PAIRS, name_after, parted, placed
from limner_training.recipes.regressor import GOOD_ENOUGH, PosePool, teach
from limner_training.recipes.views import PairViews, Views
from limner_training.run_folder import RunFolder

CONTENT = 10.0
"""Weight of the content loss, which is about 1 as it is measured here."""
READING, READING_DRAWN = 0.9, 0.1
"""Weights of the regressor's two terms."""
CYCLE = 10.0
"""Weight of the second cycle's own term (paper, Table 4)."""

_PREVIEW_PAIRS = 6
_POSES, _CYCLED = 8, 9
"""Streams of random numbers of a step."""


class KeypointGANRecipe:
    """One KeypointGAN, its judges, its prior and the frames it learns from.

    Attributes:
        model: The network, on the device.
        grown: Always: it has one size.
    """

    grown = True

    def __init__(self, config: TrainConfig, device: DeviceSpec) -> None:
        self.config, self.device = config, device
        self.prior = chosen_prior(config)
        torch.manual_seed(config.seed)
        model, self._started_from = begin(config, self.prior)
        self.model = placed(model, device.device)
        self._pool = PosePool(self.prior, config)
        side, width = self.image_size, 64 if config.size == "paper" else 32
        self._pose_judges = Judging(1, side, width, config.seed, device.device)
        self._picture_judges: Judging | None = None
        if config.picture_judge > 0 or config.second_cycle:
            channels = 4 if config.picture_judge > 0 else 3
            self._picture_judges = Judging(channels, side, width, config.seed + 1, device.device)
        self._reading = torch.optim.Adam(self.model.reader.parameters(), betas=BETAS)
        self._watch, self._said = Watch(), list[str]()

    @property
    def image_size(self) -> int:
        """``S``: what the network sees."""
        return self.model.config.image_size

    def grow(self) -> None:
        """Nothing: it has its whole size from the start."""

    def use(self, frames: FrameSet) -> None:
        """Take the frames to learn from and hold some back."""
        config = self.config
        self.frames = frames
        self.learned, self.held_back, self.pairs, held = parted(frames, config)
        self._views = Views(frames, config, self.image_size, self.device.device)
        self._held_views: PairViews = self._views.plain(*held)

    def prepare(self, folder: RunFolder, say: Say, control: Control) -> None:
        """Make ready what pictures are compared with, and teach the regressor to read."""
        self._compare: PictureLoss = picture_loss(
            folder, self.frames, self.learned, self.device, say, control
        )
        if folder.checkpoint_path.is_file() or self.config.start_from:
            return
        minutes = self.config.minutes
        most_s = PREPARING_SHARE * 60 * minutes if minutes else math.inf
        error = teach(self.model, self._pool, self.config, self.device, say, control, most_s)
        if error > 2 * GOOD_ENOUGH:
            say(
                Warned(
                    f"Drawn poses are read with an error of {error:.1%} of the picture's side: "
                    "landmarks will be no finer. Give the run more time."
                )
            )

    def optimiser(self) -> torch.optim.Adam:
        """Adam of what translates pictures: `Phi` and `Psi`."""
        return torch.optim.Adam(self._translating(), lr=self.config.learning_rate, betas=BETAS)

    def learn(self, optimiser: torch.optim.Adam, step: int, batch: int, rate: float) -> float:
        """One change of all networks; see `Recipe`."""
        config, model = self.config, self.model
        if step and step % LOOK_EVERY == 0:
            self._look(step)
        views = self._views.draw(*self.pairs.draw(step, batch), step)
        poses = torch.from_numpy(self._pool.draw(batch, step, _POSES)).to(self.device.device)
        with torch.no_grad():
            real = model.draw(poses)
        with self._autocast(), frozen(model.reader):
            picture = model.picture(views.target)
            looks = model.encode(views.source)
            points, _ = model.reader(picture)
            clean = model.draw(points)
            passed = picture if config.bottleneck == "picture" else clean
            redrawn = model.render_picture(looks, passed)
            content = self._compare(redrawn, views.target, views.mask) / SCALE
            loss = CONTENT * content + self._watch.weight(config.adversarial, step) * (
                self._pose_judges.passing(picture)
            )
            agreement = self._watch.agreement(config.agreement, step)
            if agreement > 0:
                loss = loss + agreement * F.mse_loss(picture.float(), clean.detach())
            if config.equivariance > 0 and views.again is not None:
                moved, _ = model.reader(model.picture(views.again))
                agreed = equivariance(moved, carried_back(points, views.back))
                loss = loss + config.equivariance * ramp(step) * agreed
            judged: tuple[Tensor, Tensor] | None = None
            if config.picture_judge > 0 and self._picture_judges is not None:
                posed = clean.detach()
                drawn = torch.cat([2 * redrawn - 1, posed], 1)
                judged = torch.cat([2 * views.target - 1, posed], 1), drawn
                loss = loss + config.picture_judge * self._picture_judges.passing(drawn)
            elif config.second_cycle and self._picture_judges is not None:
                cycled = model.render_picture(looks, real)
                judged = 2 * views.target - 1, 2 * cycled - 1
                again = model.picture(cycled)
                loss = loss + CYCLE * F.mse_loss(again.float(), real)
                loss = loss + config.adversarial * self._picture_judges.passing(judged[1])
        descend(loss, optimiser, self._translating(), rate, step)

        self._pose_judges.learn(real, picture, step, rate, self._autocast())
        if judged is not None and self._picture_judges is not None:
            self._picture_judges.learn(*judged, step, rate, self._autocast())
        with self._autocast():
            read, _ = model.reader(torch.cat([real, picture.detach().float()]))
            again = model.draw(read[batch:])
        reading = READING * F.mse_loss(read[:batch], poses)
        reading = reading + READING_DRAWN * F.mse_loss(again, picture.detach().float())
        descend(reading, self._reading, model.reader.parameters(), rate, step)
        self._compare.after_step(redrawn.detach(), views.target, views.mask)
        return float((redrawn.detach() - views.target).abs().mean())

    def extras(self) -> dict[str, Tensor]:
        """What a checkpoint must hold beside the model and its optimiser."""
        parts = {
            "compare": self._compare.tensors(),
            "poses": self._pose_judges.tensors(),
            "reading": momenta(self._reading),
            "watch": self._watch.tensors(),
        }
        if self._picture_judges is not None:
            parts["pictures"] = self._picture_judges.tensors()
        return {
            f"{part}.{name}": value
            for part, tensors in parts.items()
            for name, value in tensors.items()
        }

    def load_extras(self, tensors: dict[str, Tensor]) -> None:
        """Go on from what `extras` gave."""
        parts: dict[str, dict[str, Tensor]] = {}
        for name, tensor in tensors.items():
            part, _, rest = name.partition(".")
            parts.setdefault(part, {})[rest] = tensor
        self._compare.load(parts.get("compare", {}))
        self._pose_judges.load(parts["poses"])
        load_momenta(self._reading, parts["reading"])
        self._watch.load(parts["watch"])
        if self._picture_judges is not None:
            self._picture_judges.load(parts["pictures"])

    def measure(self) -> Redrawing:
        """Redrawing of the held-back pairs, which are the same all through the run."""
        return redrawing(self.model, self._held_views.source, self._held_views.target)

    def warnings(self) -> list[str]:
        """Whether the pose picture has collapsed, and what is done about it."""
        said, self._said = self._said, []
        return said

    def _look(self, step: int) -> None:
        """Watch for collapse, by the number of the step, so that a resumed run does the same."""
        with self._evaluating():
            picture = self.model.picture(self._held_views.target)
            points, _ = self.model.reader(picture)
        poses = self._pool.draw(HELD_BACK_PAIRS, 0, _POSES)
        with torch.no_grad():
            real = self.model.draw(torch.from_numpy(poses).to(picture.device))
            wrong = self.model.sides_wrong(points) if self.model.config.symmetries else None
        self._said += self._watch.look(picture, points, real, torch.from_numpy(poses), wrong, step)
        if self._watch.mirrored:
            self.model.reader.load_state_dict(self.model.first_reader.state_dict())
            self._reading = torch.optim.Adam(self.model.reader.parameters(), betas=BETAS)

    def preview(self) -> Image:
        """Source, target, pose picture, clean pose, redrawn and landmarks of a few pairs."""
        source = self._held_views.source[:_PREVIEW_PAIRS]
        target = self._held_views.target[:_PREVIEW_PAIRS]
        with self._evaluating():
            picture = self.model.picture(target)
            redrawn, found = self.model(source, target)
            clean = self.model.draw(found.points_norm)
        config = self.model.config
        return pose_sheet(
            source,
            target,
            picture,
            clean,
            redrawn,
            found.points_norm,
            config.edges,
            config.symmetries,
        )

    def finish(self) -> dict[str, float]:
        """Measure the finished model and note in it how wide its landmarks usually are."""
        rng = np.random.default_rng(self.config.seed)
        few = rng.permutation(self.learned)[:256]

        def spread(pictures: Tensor) -> Tensor:
            with torch.inference_mode():
                return self.model.detect(pictures.to(self.device.device)).spread_norm

        self.model.eval()
        usual = typical_spread(spread, self.frames, few, self.image_size)
        self.model.typical_spread.copy_(torch.from_numpy(usual))
        self._look(0)  # for the figures alone: nothing is mended at the first step
        whole = self.measure()
        held = rng.permutation(self.held_back)[:192]
        moved = equivariance_error(self.model, self.frames, held, device=self.device.device)
        return {
            "held_back_l1": whole.redrawn,
            "held_back_ratio": whole.ratio,
            "known_move_error": moved,
        } | self._watch.figures

    def describe(self, steps: int, minutes: float, figures: dict[str, float]) -> ModelInfo:
        """What the model file says of itself."""
        config, names, prior = self.config, self.frames.names, self.prior
        return ModelInfo(
            kind="keypointgan",
            name=config.name or name_after(names),
            config=self.model.config.to_json(),
            skeleton=prior.skeleton,
            provenance={
                "learned_from": list(names[:20])
                + ([f"and {len(names) - 20} more"] if len(names) > 20 else []),
                "frames": len(self.learned),
                "prior": {
                    "name": prior.name,
                    "sha256": prior.sha256,
                    "poses": len(prior),
                    "sources": list(prior.sources),
                },
                "started_from": self._started_from,
                "steps": steps,
                "minutes": round(minutes, 2),
                "loss": config.loss,
                "terms": {
                    name: getattr(config, name)
                    for name in (
                        "adversarial",
                        "agreement",
                        "equivariance",
                        "picture_judge",
                        "second_cycle",
                        "prior_jitter",
                    )
                },
                "seed": config.seed,
                "date": datetime.now(UTC).date().isoformat(),
                "figures": {name: round(value, 5) for name, value in figures.items()},
            },
            licence="Apache-2.0",
        )

    def _translating(self) -> list[Tensor]:
        """Weights of `Phi` and `Psi`."""
        readers = {*self.model.reader.parameters(), *self.model.first_reader.parameters()}
        return [weight for weight in self.model.parameters() if weight not in readers]

    def _autocast(self) -> torch.autocast:
        half = self.device.dtype == torch.bfloat16
        return torch.autocast(self.device.device, torch.bfloat16, enabled=half)

    @contextlib.contextmanager
    def _evaluating(self) -> Iterator[None]:
        self.model.eval()
        try:
            with torch.inference_mode():
                yield
        finally:
            self.model.train()
