"""How fast KeypointGAN learns: ``python benchmarks/keypointgan_speed.py``.

One whole step (pictures and poses drawn, translating, regressing, drawing anew, redrawing, content
loss, judges at all scales and their own step, the regressor's own step) as Limner's loop does it,
against the same step written plainly: float32, torch's own layout of tensors, torch's instance
normalisation, and a renderer that draws every edge and takes the maximum, as the equation stands.
Both have the same networks, losses, pictures and poses, and take turns, so that what else the
machine does slows both. Pictures are noise, which does not change the time.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.errors import LimnerError
from limner_engine.inference.device import DeviceSpec, choose_device
from limner_engine.models.instance_norm import InstanceNorm
from limner_engine.models.keypointgan import KeypointGAN
from limner_engine.models.skeleton_picture import SHARPNESS
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Skeleton
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet, packed_size
from limner_training.presets import settings
from limner_training.recipes.keypointgan import KeypointGANRecipe
from limner_training.run_folder import RunFolder

FRAMES = 128
LANDMARKS = 17
WARM_UP_STEPS = 2


def _edge_by_edge(model: KeypointGAN) -> Any:
    """The renderer as its equation stands: one picture for each edge, and their maximum."""

    def draw(points_norm: Tensor) -> Tensor:
        points = points_norm.float()
        first, second = points[:, model.edges[:, 0]], points[:, model.edges[:, 1]]  # (B, E, 2)
        along = (second - first)[:, :, None, None]
        off = model.pixels - first[:, :, None, None]  # (B, E, S, S, 2)
        length = along.square().sum(-1).clamp_min(1e-6)
        share = ((off * along).sum(-1) / length).clamp(0, 1)
        squared = (off - share[..., None] * along).square().sum(-1)
        pictures = torch.exp(-SHARPNESS * (squared + 1e-6).sqrt())
        return 2 * pictures.amax(1, keepdim=True) - 1

    return draw


class _Plain(nn.Module):
    """Instance normalisation as torch has it."""

    def forward(self, x: Tensor) -> Tensor:
        return F.instance_norm(x)


def _plainly(module: nn.Module) -> None:
    """Torch's own layout and normalisation in place of ours."""
    module.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    for part in module.modules():
        for name, child in part.named_children():
            if isinstance(child, InstanceNorm):
                setattr(part, name, _Plain())


def _recipe(config: TrainConfig, device: DeviceSpec, folder: Path) -> KeypointGANRecipe:
    recipe = KeypointGANRecipe(config, device)
    rng = np.random.default_rng(0)
    side = packed_size(recipe.image_size)
    pixels = rng.integers(0, 255, (FRAMES, side, side, 3)).astype(np.uint8)
    video = np.repeat(np.arange(4, dtype=np.int32), FRAMES // 4)
    frame = np.tile(np.arange(FRAMES // 4, dtype=np.int64), 4)
    recipe.use(FrameSet(pixels, video, frame, ("a", "b", "c", "d")))
    recipe.prepare(RunFolder.adopt(folder, config), lambda _: None, Control(None))
    return recipe


def _plain_recipe(config: TrainConfig, device: DeviceSpec, folder: Path) -> KeypointGANRecipe:
    plain = DeviceSpec(device.device, torch.float32, f"{device.device} fp32")
    recipe = _recipe(config, plain, folder)
    _plainly(recipe.model)
    _plainly(recipe._pose_judges.network)
    recipe.model.draw = _edge_by_edge(recipe.model)  # type: ignore[method-assign]
    draw = recipe._views.draw

    def laid_plainly(*where: Any) -> Any:
        views = draw(*where)
        for name in ("source", "target"):
            object.__setattr__(views, name, getattr(views, name).contiguous())
        return views

    recipe._views.draw = laid_plainly  # type: ignore[assignment,method-assign]
    return recipe


def _prior(path: Path) -> Path:
    rng = np.random.default_rng(0)
    edges = tuple((number, number + 1) for number in range(LANDMARKS - 1))
    skeleton = Skeleton(tuple(f"joint {n}" for n in range(LANDMARKS)), edges)
    poses = rng.uniform(-0.7, 0.7, (64, LANDMARKS, 2)).astype(np.float32)
    PosePrior("noise", skeleton, poses).save(path)
    return path


def _finished(device: DeviceSpec) -> float:
    if device.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def measure(options: argparse.Namespace, folder: Path) -> None:
    """Take turns and print images a second and their ratio."""
    device = choose_device(options.device)
    prior = _prior(folder / "noise.prior.npz")
    for size in options.sizes:
        steps = options.steps * (8 if size == "lite" else 1)
        values = settings("keypointgan") | {
            "method": "keypointgan",
            "prior": str(prior),
            "size": size,
            "minutes": 0.0,
            "steps": 10**6,
            "regressor_steps": 1,
            "colour_steps": 0,
            "threads": options.threads,
        }
        config = TrainConfig(**values)
        batch = config.batch
        ways = {
            "Limner": _recipe(config, device, folder / f"{size}-ours"),
            "plain float32": _plain_recipe(config, device, folder / f"{size}-plain"),
        }
        optimisers = {name: recipe.optimiser() for name, recipe in ways.items()}
        speeds: dict[str, list[float]] = {name: [] for name in ways}
        done = 0
        for turn in range(options.rounds + 1):
            for name, recipe in ways.items():
                count = steps if turn else WARM_UP_STEPS
                began = _finished(device)
                for step in range(done, done + count):
                    recipe.learn(optimisers[name], step, batch, 1e-5)
                if turn:
                    speeds[name].append(count * batch / (_finished(device) - began))
            done += steps
        print(f"{size}: {device.label}, {torch.get_num_threads()} threads, {batch} pairs a step")
        print(f"{'images/s':16}{'median':>10}{'lowest':>10}{'highest':>10}")
        ours, theirs = speeds.values()
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        for name, values_ in (*speeds.items(), ("ratio, by round", ratios)):
            middle = statistics.median(values_)
            print(f"{name:16}{middle:10.2f}{min(values_):10.2f}{max(values_):10.2f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument("--sizes", nargs="+", default=["lite", "paper"])
    parser.add_argument("--steps", type=int, default=1, help="of the paper size in a turn")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    with tempfile.TemporaryDirectory() as folder:
        try:
            measure(options, Path(folder))
        except LimnerError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
