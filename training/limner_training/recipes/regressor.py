"""The regressor learns to read drawn poses of the prior, before it sees any picture.

    MSE(eta(beta(p)), p), p from the prior

It is then kept twice: one copy goes on learning with the rest, the other stays as it is and tells
left from right (`KeypointGAN.sides_wrong`).
"""

from __future__ import annotations

import math
import time

import numpy as np
import torch
from torch import Tensor

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_engine.models.keypointgan import KeypointGAN
from limner_engine.priors.canvas import jittered
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.events import Preparing, Say
from limner_training.recipes.descent import descend

BATCH = 32
GOOD_ENOUGH = 0.01
"""Mean distance, as a share of the picture's side, at which it has learned enough."""
RATE = 5e-3
"""Highest step size; it falls to nothing along a cosine."""

_FIRST_STREAM = 7
_LOOKED_AT = 128
_LOOK_EVERY = 250
_SAY_EVERY_S = 0.5


class PosePool:
    """The poses that a run draws from.

    Args:
        prior: All of its poses, or the subset that the run was told to use.
        config: How much they are varied, and the seed.
    """

    def __init__(self, prior: PosePrior, config: TrainConfig) -> None:
        self._poses = prior.poses
        self._strength, self._seed = config.prior_jitter, config.seed

    def draw(self, count: int, step: int, stream: int) -> Floats:
        """``(count, K, 2)`` poses in -1..1; a function of the seed and the arguments alone.

        Args:
            count: How many.
            step: Number of the step.
            stream: Which of a step's streams of random numbers.
        """
        rng = np.random.default_rng((self._seed, step, stream))
        rows = rng.integers(len(self._poses), size=count)
        return jittered(self._poses[rows], rng, self._strength)


def teach(
    model: KeypointGAN,
    pool: PosePool,
    config: TrainConfig,
    device: DeviceSpec,
    say: Say,
    control: Control,
    most_s: float,
) -> float:
    """Teach ``model.reader`` and keep a copy as ``model.first_reader``.

    Args:
        model: On the device.
        pool: Where poses come from.
        config: How many steps at most, and the seed.
        device: Where and how it computes.
        say: Told how far it is.
        control: The person's wishes.
        most_s: Seconds it may take; infinite for as long as the steps take.

    Returns:
        Mean distance between landmarks read and drawn, as a share of the picture's side.

    Raises:
        TrainingError: The person stopped it, or the loss is not finite.
    """
    weights = list(model.reader.parameters())
    optimiser = torch.optim.Adam(weights, lr=RATE)
    began = said_at = time.monotonic()
    error = math.inf
    step = 0
    while True:
        spent = time.monotonic() - began
        share = max(step / config.regressor_steps, spent / most_s)
        if share >= 1:
            break
        control.wait_while_yielding()
        if control.stopped:
            raise TrainingError("The run was stopped while its regressor learned to read poses.")
        if time.monotonic() - said_at > _SAY_EVERY_S:
            say(Preparing("Learning to read drawn poses", share))
            said_at = time.monotonic()
        poses = torch.from_numpy(pool.draw(BATCH, step, _FIRST_STREAM)).to(device.device)
        read = read_poses(model, poses, device)
        rate = RATE * 0.5 * (1 + math.cos(math.pi * share))
        descend((read - poses).square().mean(), optimiser, weights, rate, step)
        step += 1
        if step % _LOOK_EVERY == 0:
            error = reading_error(model, pool, device)
            if error < GOOD_ENOUGH / 2:
                break
    model.first_reader.load_state_dict(model.reader.state_dict())
    return min(error, reading_error(model, pool, device))


def read_poses(model: KeypointGAN, poses: Tensor, device: DeviceSpec) -> Tensor:
    """Poses ``(B, K, 2)`` drawn and read again, by the reader that learns."""
    half = device.dtype == torch.bfloat16
    with torch.no_grad():
        drawn = model.draw(poses)
    with torch.autocast(device.device, torch.bfloat16, enabled=half):
        points, _ = model.reader(drawn)
    return torch.as_tensor(points)


def reading_error(model: KeypointGAN, pool: PosePool, device: DeviceSpec) -> float:
    """Mean distance between landmarks read and drawn, as a share of the picture's side."""
    poses = torch.from_numpy(pool.draw(_LOOKED_AT, 0, _FIRST_STREAM + 1)).to(device.device)
    with torch.no_grad():
        read = read_poses(model, poses, device)
    return float((read - poses).norm(dim=-1).mean()) / 2
