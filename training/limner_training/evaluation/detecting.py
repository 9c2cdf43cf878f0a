"""Landmarks of all pictures of a set, in float32: figures are not to depend on the processor."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from limner_engine.errors import ModelError
from limner_engine.inference.device import choose_device
from limner_engine.model_file import load_model
from limner_engine.models.imm import IMM
from limner_engine.models.keypointgan import KeypointGAN
from limner_engine.models.named import Named
from limner_engine.types import Floats, ModelInfo
from limner_training.data.datasets.labelled import Indices, LabelledSet, Progress, cut_view
from limner_training.data.frames import MARGIN, FrameSet, packed_size
from limner_training.evaluation.comparing import is_vector
from limner_training.evaluation.metrics import KNOWN_SHIFT, KNOWN_TURN_RAD, equivariance_error
from limner_training.evaluation.paper_tables import UNTRAINED

BATCH = 32
KNOWN_MOVES = 500
"""Most pictures on which known moves are measured."""


class Landmarks(NamedTuple):
    """What a network finds in the pictures of a set.

    Attributes:
        points_norm: ``(N, K, 2)`` in -1..1 of the views, or the unbounded numbers of a fully
            connected bottleneck; NaN for pictures that were not looked at.
        confidence: ``(N, K)`` in 0..1; NaN likewise.
        uncorrected_norm: ``points_norm`` before left and right were told apart; None for networks
            that do not tell.
    """

    points_norm: Floats
    confidence: Floats
    uncorrected_norm: Floats | None = None


class Measured(NamedTuple):
    """A network to be measured, in evaluation mode, and what its file says of it."""

    network: IMM | Named | KeypointGAN
    info: ModelInfo
    device: str


def open_model(path: Path, device: str = "auto", threads: int = 2) -> Measured:
    """Read a model.

    Raises:
        ModelError: The file is refused, or holds a network of another kind.
    """
    torch.set_num_threads(threads)
    place = choose_device(device).device
    loaded = load_model(path, place)
    if not isinstance(loaded.model, IMM | Named | KeypointGAN):
        raise ModelError(f"{path.name} holds no landmarks that could be measured.")
    return Measured(loaded.model.eval(), loaded.info, place)


def untrained(measured: Measured, seed: int = 0) -> Measured:
    """A fresh network of the same sizes: what landmarks say before anything is learned.

    Args:
        measured: Whose sizes.
        seed: Of the weights.

    Raises:
        ModelError: What the network knows was not only learned, but labelled.
    """
    if isinstance(measured.network, Named):
        raise ModelError(
            f"{measured.info.name} names landmarks from labels, and is nothing before these.",
            "Compare the model it was made from.",
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: IMM | KeypointGAN
        if isinstance(measured.network, KeypointGAN):
            network = KeypointGAN(measured.network.config)
        else:
            network = IMM(measured.network.config)
    told = {"loss": UNTRAINED, "seed": seed}
    info = replace(measured.info, name=UNTRAINED, provenance=told, sha256="")
    return Measured(network.to(measured.device).eval(), info, measured.device)


def detect(
    measured: Measured,
    labelled: LabelledSet,
    members: Indices | None = None,
    progress: Progress | None = None,
) -> Landmarks:
    """Landmarks of the pictures of a set.

    Args:
        measured: The network.
        labelled: The set.
        members: Which pictures to look at; all if None.
        progress: Told the share done.

    Returns:
        Where they are and how sure the network is.
    """
    network, _, device = measured
    size = network.config.image_size
    wanted = np.arange(len(labelled)) if members is None else members
    count = network.config.landmark_count
    found = np.full((len(labelled), count, 2), np.nan, np.float32)
    confidence = np.full((len(labelled), count), np.nan, np.float32)
    corrects = isinstance(network, KeypointGAN) and network.config.correct_sides
    uncorrected = np.full_like(found, np.nan) if corrects else None
    with torch.inference_mode():
        for start in range(0, len(wanted), BATCH):
            part = wanted[start : start + BATCH]
            cuts = np.stack([labelled.cut(int(number), size) for number in part])
            pixels = torch.from_numpy(cuts).to(device).permute(0, 3, 1, 2).float() / 255
            if isinstance(network, Named):
                # Places of hidden landmarks, too, and the middle for those never labelled: a map
                # takes numbers alone.
                seen = network.inspect(pixels, hide=False)[0]
                seen = seen._replace(
                    points_norm=seen.points_norm.nan_to_num(0.0),
                    confidence=seen.confidence.nan_to_num(0.0),
                )
            else:
                seen = network.detect(pixels)
            found[part] = seen.points_norm.float().cpu().numpy()
            confidence[part] = seen.confidence.float().cpu().numpy()
            if uncorrected is not None and isinstance(network, KeypointGAN):
                read, _ = network.reader(network.picture(pixels))
                uncorrected[part] = read.float().cpu().numpy()
            if progress is not None:
                progress((start + len(part)) / len(wanted))
    return Landmarks(found, confidence, uncorrected)


def known_moves(measured: Measured, labelled: LabelledSet, seed: int = 0) -> float:
    """How far landmarks stray when pictures are shifted and turned by known amounts.

    This needs no labelled points. Pictures are taken evenly from the test part.

    Raises:
        ModelError: What the network finds are bare numbers, which have no place to stray from, or
            landmarks with names, for which there are labels to measure by.

    Returns:
        Mean distance as a share of the side, for moves of `KNOWN_SHIFT` and `KNOWN_TURN_RAD`.
    """
    if is_vector(measured.info):
        raise ModelError(
            f"{measured.info.name} finds numbers without places, which known moves cannot judge.",
            "Choose a data set with labelled points.",
        )
    if isinstance(measured.network, Named):
        raise ModelError(
            f"{measured.info.name} finds what was labelled, which known moves do not judge.",
            "Choose a data set with labelled points.",
        )
    test = labelled.members("test")
    chosen = test[:: max(1, -(-len(test) // KNOWN_MOVES))]
    size = packed_size(measured.network.config.image_size)
    cuts = []
    for number in chosen:
        view = labelled.views[number]
        margin = view[2:] * (MARGIN - 1) / 2
        wide = np.concatenate([view[:2] - margin, view[2:] * MARGIN])
        cuts.append(cut_view(labelled.picture(int(number)), wide, size))
    count = len(chosen)
    frames = FrameSet(
        np.stack(cuts), np.zeros(count, np.int32), np.arange(count, dtype=np.int64), ("test",)
    )
    return equivariance_error(
        measured.network,
        frames,
        np.arange(count),
        shift=KNOWN_SHIFT,
        turn_rad=KNOWN_TURN_RAD,
        seed=seed,
        device=measured.device,
    )
