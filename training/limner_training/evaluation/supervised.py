"""A supervised network to compare with, and for nothing else: no command fits videos with it.

It follows the single-instance default of SLEAP (``baseline_medium_rf.single``): the whole frame, a
U-Net learned from scratch on the same labels, small turns and changes of size. The frame is taken
in full resolution unless its longer side is above `SupervisedConfig.max_side_px`. What differs is
said: a budget of minutes takes the place of 200 epochs, and so the network is judged on the
held-back labels every few steps instead of every 200; in such a budget the learning rate is never
lowered; every peak counts, however low, as every labelled point is measured. Convolutions are in
bfloat16 where the processor has it and pictures lie channels last, as for Limner's own networks:
on such a processor the same minutes hold nearly three times the steps.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from limner_engine.inference.device import choose_device
from limner_engine.types import Image
from limner_training.data.datasets.labelled import Doubles

STRIDE = 16
OUTPUT_STRIDE = 2
FILTERS = (16, 32, 64, 128)
MIDDLE_FILTERS = 256
REACH = 2
"""Cells to each side of the highest that the local centre of mass takes in, as in SLEAP."""
JUDGED_EVERY = 20


@dataclass(frozen=True, slots=True)
class SupervisedConfig:
    """Settings of the baseline; all but the sigma and the budget are SLEAP's own.

    Attributes:
        minutes: Of processor time of this process, so that others beside it take none away.
        steps: Learn for so many steps instead; 0 for minutes.
        sigma_px: Width of the Gaussian that is learned, pixels of the frame as it is seen.
        learning_rate: Of Adam. SLEAP's default; 5e-4 learns faster in so few minutes.
        turn_deg: Pictures are turned by up to so much to either side; 180 for full turns.
        smallest_scale: Least change of size.
        largest_scale: Most change of size.
        batch: Pictures of one step.
        max_side_px: Frames with a longer side are shrunk to it.
        held_back: Share of the labels that chooses the best weights and is never learned from.
        keep: ``best`` by the labels held back, or ``last``, which learns from all of them.
        seed: Of weights, order and warps.
    """

    minutes: float = 6.0
    steps: int = 0
    sigma_px: float = 5.0
    learning_rate: float = 1e-4
    turn_deg: float = 15.0
    smallest_scale: float = 0.9
    largest_scale: float = 1.1
    batch: int = 4
    max_side_px: int = 640
    held_back: float = 0.1
    keep: str = "best"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.keep not in ("best", "last"):
            raise ValueError(f"keep is best or last, not {self.keep!r}")
        if self.steps < 0 or not self.minutes > 0:
            raise ValueError("there has to be some time to learn")


class SupervisedUNet(nn.Module):
    """Four halvings with two convolutions each, a middle, three doublings with skips, one head.

    Args:
        points: P.
    """

    def __init__(self, points: int) -> None:
        super().__init__()
        widths = (3, *FILTERS)
        self.down = nn.ModuleList(
            _twice(before, after) for before, after in zip(widths, FILTERS, strict=False)
        )
        self.middle = _twice(FILTERS[-1], MIDDLE_FILTERS)
        below = (MIDDLE_FILTERS, *FILTERS[:1:-1])
        skips = FILTERS[:0:-1]
        self.up = nn.ModuleList(
            _twice(deep + skip, skip) for deep, skip in zip(below, skips, strict=True)
        )
        self.head = nn.Conv2d(FILTERS[1], points, 1)

    def forward(self, frames: Tensor) -> Tensor:
        """Heat maps.

        Args:
            frames: ``(B, 3, H, W)`` in 0..1, sides whole multiples of `STRIDE`.

        Returns:
            ``(B, P, H / 2, W / 2)``.
        """
        seen, skips = frames, []
        for block in self.down:
            seen = block(seen)
            skips.append(seen)
            seen = functional.max_pool2d(seen, 2)
        seen = self.middle(seen)
        for block, skip in zip(self.up, skips[:0:-1], strict=True):
            seen = functional.interpolate(seen, scale_factor=2, mode="bilinear")
            seen = block(torch.cat([seen, skip], dim=1))
        maps: Tensor = self.head(seen)
        return maps


def _twice(before: int, after: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(before, after, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(after, after, 3, padding=1),
        nn.ReLU(),
    )


class Fitting:
    """How frames of any size lie in the network's one size: shrunk or enlarged, then padded.

    Args:
        sizes: Width and height of every frame that will be seen.
        max_side_px: See `SupervisedConfig`.
    """

    def __init__(self, sizes: Sequence[tuple[int, int]], max_side_px: int) -> None:
        width, height = (max(size[axis] for size in sizes) for axis in (0, 1))
        shrink = min(1.0, max_side_px / max(width, height))
        self.width, self.height = max(1, round(width * shrink)), max(1, round(height * shrink))

    @property
    def padded(self) -> tuple[int, int]:
        """Width and height in whole strides."""
        return -(-self.width // STRIDE) * STRIDE, -(-self.height // STRIDE) * STRIDE

    def scale(self, frame: Image) -> float:
        """Network's pixels in one of the frame's."""
        height, width = frame.shape[:2]
        return min(self.width / int(width), self.height / int(height))

    def fit(self, frame: Image) -> Image:
        """The frame in the network's size, black at its right and below where it is shorter."""
        scale, (width, height) = self.scale(frame), self.padded
        fitted = np.zeros((height, width, 3), np.uint8)
        size = (
            max(1, min(self.width, round(frame.shape[1] * scale))),
            max(1, min(self.height, round(frame.shape[0] * scale))),
        )
        way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        seen = frame if scale == 1 else cv2.resize(frame, size, interpolation=way)
        fitted[: size[1], : size[0]] = seen
        return fitted

    def points(self, points_px: Doubles, frame: Image) -> Doubles:
        """Pixels of the frame to the network's; an integer is the centre of a pixel in both."""
        return (points_px + 0.5) * self.scale(frame) - 0.5

    def back(self, points: Doubles, frame: Image) -> Doubles:
        """The inverse of `points`."""
        return (points + 0.5) / self.scale(frame) - 0.5


def heat_maps(points: Doubles, width: int, height: int, sigma_px: float) -> Tensor:
    """What is learned: ``exp(-d^2 / (2 sigma^2))`` at every second pixel; 0 for missing points.

    Args:
        points: ``(B, P, 2)`` pixels; NaN where missing.
        width: Of the frames.
        height: Of the frames.
        sigma_px: Pixels of the frames.

    Returns:
        ``(B, P, height / 2, width / 2)`` float32.
    """
    at = torch.from_numpy(points).float()
    columns = torch.arange(0, width, OUTPUT_STRIDE).float()
    rows = torch.arange(0, height, OUTPUT_STRIDE).float()
    across = torch.exp(-((columns - at[..., :1]) ** 2) / (2 * sigma_px**2))
    down = torch.exp(-((rows - at[..., 1:]) ** 2) / (2 * sigma_px**2))
    return torch.nan_to_num(down[..., :, None] * across[..., None, :])


def read_peaks(maps: Tensor) -> Doubles:
    """The highest cell of each map, refined by the centre of mass of the cells around it.

    Args:
        maps: ``(B, P, h, w)``; what is below 0 weighs nothing.

    Returns:
        ``(B, P, 2)`` pixels of the frames.
    """
    batch, count, _, width = maps.shape
    best = maps.flatten(2).argmax(dim=2)
    row, column = best // width, best % width
    padded = functional.pad(maps.clamp(min=0), (REACH,) * 4)
    steps = torch.arange(-REACH, REACH + 1, device=maps.device)
    rows = row[..., None, None] + REACH + steps[:, None]
    columns = column[..., None, None] + REACH + steps
    cells = padded.flatten(2).gather(
        2, (rows * (width + 2 * REACH) + columns).reshape(batch, count, -1)
    )
    cells = cells.reshape(batch, count, len(steps), len(steps))
    mass = cells.sum(dim=(2, 3)).clamp(min=1e-12)
    x = column + (cells.sum(dim=2) * steps).sum(dim=2) / mass
    y = row + (cells.sum(dim=3) * steps).sum(dim=2) / mass
    return np.asarray((torch.stack([x, y], dim=2) * OUTPUT_STRIDE).double().cpu().numpy())


def augmented(
    frame: Image, points: Doubles, config: SupervisedConfig, rng: np.random.Generator
) -> tuple[Image, Doubles]:
    """A frame and its points, turned and scaled about the middle by one random map."""
    turn = math.radians(rng.uniform(-config.turn_deg, config.turn_deg))
    scale = rng.uniform(config.smallest_scale, config.largest_scale)
    height, width = frame.shape[:2]
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    cos, sin = scale * math.cos(turn), scale * math.sin(turn)
    linear = np.array([[cos, -sin], [sin, cos]])
    matrix = np.column_stack([linear, middle - linear @ middle])
    seen = cv2.warpAffine(frame, matrix, (width, height), flags=cv2.INTER_LINEAR)
    return np.asarray(seen, np.uint8), (points - middle) @ linear.T + middle


@dataclass(frozen=True, slots=True, eq=False)
class Supervised:
    """A learned baseline.

    Attributes:
        network: In evaluation mode.
        fitting: How frames come to its size.
        steps: Steps learned.
        seconds: Of processor time.
    """

    network: SupervisedUNet
    fitting: Fitting
    steps: int
    seconds: float

    def predict(self, frame: Image) -> Doubles:
        """Points of a frame: ``(P, 2)`` in its pixels."""
        with torch.inference_mode():
            maps = _maps(self.network, _as_units([self.fitting.fit(frame)]))
        return self.fitting.back(read_peaks(maps)[0], frame)


def learn_supervised(
    frames: Sequence[Image],
    points_px: Doubles,
    sizes: Sequence[tuple[int, int]],
    config: SupervisedConfig,
    progress: Callable[[float], bool] | None = None,
) -> Supervised:
    """Learn from labelled frames alone; the caller sets the threads.

    Args:
        frames: N frames, ``(H, W, 3)`` uint8.
        points_px: ``(N, P, 2)`` pixels of the frames; NaN where missing.
        sizes: Width and height of all frames that it will be asked about.
        config: The settings.
        progress: Told the share done; False ends it with what is learned.
    """
    rng = np.random.default_rng(config.seed)
    own = [(frame.shape[1], frame.shape[0]) for frame in frames]
    fitting = Fitting([*sizes, *own], config.max_side_px)
    fitted = [fitting.fit(frame) for frame in frames]
    points = np.stack(
        [fitting.points(one, frame) for one, frame in zip(points_px, frames, strict=True)]
    )
    order = rng.permutation(len(frames))
    held, learned = order[:0], order
    if config.keep == "best" and len(frames) > 1:
        count = max(1, round(config.held_back * len(frames)))
        held, learned = order[:count], order[count:]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = SupervisedUNet(points.shape[1])
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimiser = torch.optim.Adam(network.parameters(), config.learning_rate)
    targets = _Targets(fitted, points, config)
    best: tuple[float, dict[str, Tensor]] | None = None
    began, step, share = time.process_time(), 0, 0.0
    while share < 1:
        members = _batch(learned, config.batch, rng)
        inputs, wanted = targets.made(members, rng)
        loss = functional.mse_loss(_maps(network, inputs), wanted)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()
        step += 1
        passed = time.process_time() - began
        share = step / config.steps if config.steps else passed / (60 * config.minutes)
        if len(held) and (step % JUDGED_EVERY == 0 or share >= 1):
            judged = targets.judged(network, held)
            if best is None or judged < best[0]:
                best = judged, {k: v.clone() for k, v in network.state_dict().items()}
        if progress is not None and not progress(min(1.0, share)):
            break
    if best is not None:
        network.load_state_dict(best[1])
    return Supervised(network.eval(), fitting, step, time.process_time() - began)


class _Targets:
    """Frames with what is to be learned of them."""

    def __init__(self, frames: list[Image], points: Doubles, config: SupervisedConfig) -> None:
        self._frames, self._points, self._config = frames, points, config
        self._size = frames[0].shape[1], frames[0].shape[0]

    def made(self, members: NDArray[np.int64], rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        made = [
            augmented(self._frames[i], self._points[i], self._config, rng)
            for i in members.tolist()
        ]
        return self._paired([one for one, _ in made], np.stack([points for _, points in made]))

    def judged(self, network: SupervisedUNet, members: NDArray[np.int64]) -> float:
        """Mean squared error of frames that are not warped."""
        total = 0.0
        with torch.inference_mode():
            for i in members.tolist():
                inputs, wanted = self._paired([self._frames[i]], self._points[i : i + 1])
                total += float(functional.mse_loss(_maps(network, inputs), wanted))
        return total / len(members)

    def _paired(self, frames: list[Image], points: Doubles) -> tuple[Tensor, Tensor]:
        return _as_units(frames), heat_maps(points, *self._size, self._config.sigma_px)


def _maps(network: SupervisedUNet, frames: Tensor) -> Tensor:
    """Heat maps in float32, computed as fast as the processor can."""
    half = choose_device("cpu").dtype == torch.bfloat16
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        maps: Tensor = network(frames.contiguous(memory_format=torch.channels_last))
    return maps.float()


def _as_units(frames: Sequence[Image]) -> Tensor:
    pixels = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)
    return pixels.float() / 255


def _batch(members: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """So many of them in random order, each as often as any other."""
    rounds = -(-size // len(members))
    return np.concatenate([rng.permutation(members) for _ in range(rounds)])[:size]
