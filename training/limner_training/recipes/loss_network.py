"""The loss network of a run: fetched, or taught to colour the run's own frames."""

from __future__ import annotations

import time

import torch

from limner_engine.errors import TrainingError
from limner_engine.inference.device import DeviceSpec
from limner_resources import loss_network
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import Indices
from limner_training.events import Preparing, Say, Warned
from limner_training.losses.adversarial import Adversary
from limner_training.losses.colouriser import (
    BUNDLED_WIDTH,
    COLOURLESS,
    Colouriser,
    coloured_pictures,
    grey,
    learn_colours,
    load_colouriser,
    mean_chroma,
    save_colouriser,
)
from limner_training.losses.content import ContentLoss, Prepare
from limner_training.losses.imagenet import imagenet_vgg, to_vgg
from limner_training.losses.picture import PictureLoss
from limner_training.losses.vgg import VGG
from limner_training.run_folder import RunFolder

PREPARING_SHARE = 0.2
"""Colours are learned for no more than this share of a run's time: most of it is for landmarks."""

_SAY_EVERY_S = 0.5
_LOOKED_AT = 4
"""Draws that tell whether there is colour at all."""


def picture_loss(
    folder: RunFolder,
    frames: FrameSet,
    learned: Indices,
    device: DeviceSpec,
    say: Say,
    control: Control,
) -> PictureLoss:
    """The loss that a run was told to use, its loss network ready.

    Args:
        folder: The run; a network that learned here is kept there until the run ends.
        frames: What a colouriser learns from.
        learned: Which of them.
        device: Where it computes.
        say: Told how far it is.
        control: Learning colours ends when the person stops the run.

    Raises:
        TrainingError: The network cannot be fetched, or cannot learn from these frames.
    """
    config = folder.config
    if config.loss in ("content", "imagenet"):
        trunk: VGG
        prepare: Prepare
        if config.loss == "content":
            trunk = _colouriser(folder, frames, learned, device, say, control).trunk
            prepare = grey
        else:
            trunk, prepare = _fetched(say, control), to_vgg
        content = ContentLoss(trunk, prepare, config.loss_pixels, config.picture_share)
        content = content.to(device.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return PictureLoss(content=content)
    pixels, _, judged = config.loss.partition("+")
    return PictureLoss(pixels, adversary=Adversary(device, config.seed) if judged else None)


def _fetched(say: Say, control: Control) -> VGG:
    def progress(share: float) -> bool:
        say(Preparing("Fetching the ImageNet loss network", share))
        return not control.stopped

    return imagenet_vgg(progress)


def _colouriser(
    folder: RunFolder,
    frames: FrameSet,
    learned: Indices,
    device: DeviceSpec,
    say: Say,
    control: Control,
) -> Colouriser:
    config = folder.config
    kept = folder.loss_network_path
    if kept.is_file():
        return load_colouriser(kept, config.loss_width)
    bundled = config.loss_width == BUNDLED_WIDTH
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(config.seed)
        network = (
            load_colouriser(loss_network(), BUNDLED_WIDTH)
            if bundled
            else Colouriser(config.loss_width)
        )
    look = [coloured_pictures(frames, learned, step, config.seed) for step in range(_LOOKED_AT)]
    if mean_chroma(torch.cat(look)) < COLOURLESS:
        if not bundled:
            raise TrainingError(
                "These frames have no colour that a loss network could learn from.",
                f"Leave loss_width at {BUNDLED_WIDTH}, or choose another loss.",
            )
        say(Warned("These frames are grey: the loss network that ships is used as it is."))
    elif config.colour_steps:
        _teach(network, config, frames, learned, device, say, control)
    elif not bundled:
        raise TrainingError(
            f"No loss network of width {config.loss_width} ships with Limner.",
            "Give colour_steps above 0, or leave the width as it is.",
        )
    save_colouriser(kept, network)
    return network


def _teach(
    network: Colouriser,
    config: TrainConfig,
    frames: FrameSet,
    learned: Indices,
    device: DeviceSpec,
    say: Say,
    control: Control,
) -> None:
    network.to(device.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    half = device.dtype == torch.bfloat16
    said_at, late = 0.0, False
    ends_at = time.monotonic() + PREPARING_SHARE * 60 * config.minutes

    def draw(step: int) -> torch.Tensor:
        return coloured_pictures(frames, learned, step, config.seed).to(device.device)

    def autocast() -> torch.autocast:
        return torch.autocast(device.device, torch.bfloat16, enabled=half)

    def report(share: float, _: float) -> bool:
        nonlocal said_at, late
        control.wait_while_yielding()
        if control.paused:
            control.wait_while_paused()
        if time.monotonic() - said_at > _SAY_EVERY_S:
            say(Preparing("Learning the colours of these frames", share))
            said_at = time.monotonic()
        late = bool(config.minutes) and time.monotonic() > ends_at
        return not (control.stopped or late)

    whole = learn_colours(network, draw, config.colour_steps, autocast, report)
    if control.stopped and not whole:
        raise TrainingError("The run was stopped while its loss network learned colours.")
