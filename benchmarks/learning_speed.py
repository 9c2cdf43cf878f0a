"""How fast learning is at the paper's size: ``python benchmarks/learning_speed.py``.

One whole step (drawing the pictures, IMM of 128 px and 30 landmarks, content loss through a
VGG-16 of full width up to conv5_2, backward, clipping, Adam) as Limner's loop does it, against the
same step written plainly: float32, torch's own layout of tensors and its own settings. Both begin
with the same weights and see the same pictures, and take turns, so that what else the machine does
slows both. On a CUDA device the plain step has torch's defaults too, TF32 in convolutions.

A multiply-accumulate counts as two operations. The device's peak is that of a large bf16 product
of matrices, measured here; the share is of Limner's step. Pictures are noise and the loss network
is untrained: neither changes the time.
"""

from __future__ import annotations

import argparse
import copy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from limner_engine.errors import LimnerError
from limner_engine.inference.device import DeviceSpec, choose_device
from limner_engine.models.imm import IMM
from limner_training.checkpoint import Counters
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet, packed_size
from limner_training.data.pairs import Pairs
from limner_training.losses.colouriser import Colouriser, save_colouriser
from limner_training.losses.content import FOLLOW, SCALE
from limner_training.losses.picture import FOLLOWED
from limner_training.losses.vgg import VGG
from limner_training.presets import PAPER
from limner_training.recipes.imm import IMMRecipe
from limner_training.recipes.views import Views
from limner_training.run_folder import RunFolder

Network = TypeVar("Network", bound=nn.Module)

FRAMES = 256
WARM_UP_STEPS = 2
PEAK_SIDE = {"cpu": 2048, "cuda": 8192}
AGREE = 0.05
"""How far a term of the loss may differ between the two, as a share: bf16 has 8 bits."""


class PlainStep:
    """The step without any of Limner's speed."""

    def __init__(self, model: IMM, trunk: VGG, views: Views, pairs: Pairs) -> None:
        self.model, self.views, self.pairs = model, views, pairs
        self.blocks = _plainly_laid(trunk).blocks
        self.means: list[Tensor] = []
        self.optimiser = torch.optim.Adam(model.parameters(), lr=PAPER["imm"]["learning_rate"])

    def __call__(self, step: int, batch: int) -> float:
        """One change of the weights; the loss."""
        drawn = self.views.draw(*self.pairs.draw(step, batch), step)
        source, target = drawn.source.contiguous(), drawn.target.contiguous()
        points = self.model.detect(target).points_norm
        redrawn = self.model.render(self.model.encode(source), points)
        terms = [
            F.mse_loss(a, b)
            for a, b in zip(self.features(redrawn), self.features(target), strict=True)
        ]
        now = [term.detach() for term in terms]
        old = self.means or now
        self.means = [mean + FOLLOW * (new - mean) for mean, new in zip(old, now, strict=True)]
        scaled = [term / mean for term, mean in zip(terms, self.means, strict=True)]
        loss = SCALE * torch.stack(scaled).mean()
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        for weight in self.model.parameters():
            nn.utils.clip_grad_norm_(weight, 1.0)
        self.optimiser.step()
        return loss.item()

    def features(self, pictures: Tensor) -> list[Tensor]:
        """The picture and conv1_2, 2_2, 3_2, 4_2 and 5_2 of its grey."""
        red, green, blue = pictures.unbind(1)
        x = ((0.299 * red + 0.587 * green + 0.114 * blue - 0.5) * 4).unsqueeze(1)
        taps = [pictures]
        for number, block in enumerate(self.blocks.children()):
            if number:
                x = F.max_pool2d(x, 2)
            for place, layer in enumerate(block.children()):
                x = F.relu(layer(x))
                if place == 1:
                    taps.append(x)
                    if len(taps) == 6:
                        return taps
        return taps


def _plainly_laid(network: Network) -> Network:
    """A copy whose weights lie in torch's own layout."""
    copied = copy.deepcopy(network)
    for weight in copied.parameters():
        weight.data = weight.data.contiguous()
    return copied


def noise(size: int) -> FrameSet:
    """Frames of two videos of noise."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (FRAMES, size, size, 3), np.uint8)
    video = np.repeat(np.arange(2, dtype=np.int32), FRAMES // 2)
    return FrameSet(pixels, video, np.arange(FRAMES) % (FRAMES // 2), ("one", "other"))


def gmac(network: nn.Module, run: Callable[[], object]) -> float:
    """Multiply-accumulates of all convolutions while ``run`` runs, 1e9."""
    count = 0

    def counted(layer: nn.Module, _: object, out: Tensor) -> None:
        nonlocal count
        assert isinstance(layer, nn.Conv2d)
        count += out.numel() * layer.weight[0].numel()

    hooks = [
        part.register_forward_hook(counted)
        for part in network.modules()
        if isinstance(part, nn.Conv2d)
    ]
    with torch.no_grad():
        run()
    for hook in hooks:
        hook.remove()
    return count / 1e9


def step_gmac(model: IMM, trunk: nn.Module) -> tuple[float, float, float]:
    """Of one image: the networks forwards, the loss network forwards, a whole step.

    A step is three times the networks (forwards, gradient of what came in, gradient of weights)
    and three times the loss network (target, redrawn picture, gradient of the latter).
    """
    model, trunk = copy.deepcopy(model).cpu().eval(), copy.deepcopy(trunk).cpu()
    pictures = torch.rand(1, 3, model.config.image_size, model.config.image_size)
    networks = gmac(model, lambda: model(pictures, pictures))
    loss_network = gmac(trunk, lambda: trunk(pictures[:, :1]))
    return networks, loss_network, 3 * networks + 3 * loss_network


def finished(device: DeviceSpec) -> float:
    """The clock, once the device has done all it was told."""
    if device.device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def peak_gflops(device: DeviceSpec) -> float:
    """Of a large bf16 product of square matrices."""
    side = PEAK_SIDE.get(device.device, 2048)
    one = torch.randn(side, side, device=device.device, dtype=torch.bfloat16)
    best = 0.0
    for _ in range(10):
        began = finished(device)
        one @ one
        best = max(best, 2 * side**3 / (finished(device) - began) / 1e9)
    return best


def measure(options: argparse.Namespace, folder: Path) -> None:
    device = choose_device(options.device)
    batch = options.batch or (50 if device.device == "cuda" else 8)
    steps = options.steps or (20 if device.device == "cuda" else 2)
    config = TrainConfig(**PAPER["imm"] | {"batch": batch, "steps": 10**6, "minutes": 0.0})
    recipe = IMMRecipe(config, device)
    recipe.use(noise(packed_size(recipe.image_size)))
    run = RunFolder.adopt(folder / "run", config)
    colouriser = Colouriser(config.loss_width)
    save_colouriser(run.loss_network_path, colouriser)
    plain_model = _plainly_laid(recipe.model)
    recipe.prepare(run, lambda _: None, Control(None))
    optimiser = recipe.optimiser()
    views = Views(recipe.frames, config, recipe.image_size, device.device)
    trunk = colouriser.trunk.requires_grad_(False).to(device.device)
    plain = PlainStep(plain_model, trunk, views, recipe.pairs)

    def ours(step: int) -> float:
        counters = Counters(step=step, elapsed_s=0.0, batch=batch)
        return recipe.learn(optimiser, counters.step, counters.batch, config.learning_rate)

    def theirs(step: int) -> float:
        return plain(step, batch)

    ours(0)
    theirs(0)
    first, second = recipe.extras()[FOLLOWED].cpu(), torch.stack(plain.means).cpu()
    if ((first - second).abs() > AGREE * second).any():
        raise LimnerError(f"The terms of the first steps differ: {first} and {second}.")
    ways = {"Limner": ours, "plain float32": theirs}
    speeds: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        for step in range(1, WARM_UP_STEPS + 1):
            way(step)
    done = WARM_UP_STEPS
    for _ in range(options.rounds):
        for name, way in ways.items():
            began = finished(device)
            for step in range(done + 1, done + steps + 1):
                way(step)
            speeds[name].append(steps * batch / (finished(device) - began))
        done += steps
    report(device, batch, speeds, step_gmac(plain_model, trunk))


def report(
    device: DeviceSpec,
    batch: int,
    speeds: dict[str, list[float]],
    work: tuple[float, float, float],
) -> None:
    networks, loss_network, whole = work
    print(f"{device.label}, {torch.get_num_threads()} threads, {batch} pairs a step")
    print(f"GMAC an image: networks {networks:.2f}, loss network {loss_network:.2f} forwards;")
    print(f"               {whole:.1f} in a step of learning")
    print(f"{'images/s':16}{'median':>10}{'lowest':>10}{'highest':>10}")
    for name, values in speeds.items():
        middle = statistics.median(values)
        print(f"{name:16}{middle:10.2f}{min(values):10.2f}{max(values):10.2f}")
    ours, theirs = speeds.values()
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    print(
        f"{'ratio, by round':16}{statistics.median(ratios):10.2f}"
        f"{min(ratios):10.2f}{max(ratios):10.2f}"
    )
    peak, used = peak_gflops(device), 2 * whole * statistics.median(ours)
    print(f"{used / 1e3:.2f} of {peak / 1e3:.2f} TFLOPS, {used / peak:.0%} of the device's peak")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--threads", type=int, default=2, help="of the processor")
    parser.add_argument("--batch", type=int, default=0, help="8 on a processor, 50 on CUDA")
    parser.add_argument("--steps", type=int, default=0, help="in a turn; 2 or 20")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each")
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
