"""The prior that a run learns from, and the network that it begins with."""

from __future__ import annotations

from pathlib import Path

from limner_engine.errors import TrainingError
from limner_engine.model_file import load_model
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
from limner_engine.priors.prior import PosePrior
from limner_training.config import TrainConfig

_SIZES = {"lite": (64, 16, 16), "medium": (128, 16, 32), "paper": (128, 32, 32)}
"""Side of the pictures, width of `Phi` and `Psi`, width of the regressor."""


def chosen_prior(config: TrainConfig) -> PosePrior:
    """The prior that a run was told to use, all of it or the poses that its seed draws.

    Raises:
        TrainingError: It names none, or one that nothing can be drawn of.
        FormatError: The file is refused.
    """
    if not config.prior:
        raise TrainingError(
            "KeypointGAN learns from poses as well as from videos, and has none.",
            "Name a pose prior, made with `limner prior`.",
        )
    prior = PosePrior.open(Path(config.prior))
    if not prior.skeleton.edges:
        raise TrainingError(
            f"The skeleton of {prior.name} has no edges, so nothing of it can be drawn.",
            "Join its landmarks in the skeleton editor and make the prior anew.",
        )
    return prior.subset(config.prior_poses, config.seed) if config.prior_poses else prior


def begin(config: TrainConfig, prior: PosePrior) -> tuple[KeypointGAN, str]:
    """The network that a run begins with.

    Returns:
        A fresh one and an empty name, or one from a file and the name of that model.

    Raises:
        TrainingError: The file's model is of another kind or skeleton.
        ModelError: The file is refused.
    """
    if not config.start_from:
        return KeypointGAN(network_config(config, prior)), ""
    loaded = load_model(Path(config.start_from))
    if not isinstance(loaded.model, KeypointGAN):
        raise TrainingError(
            f"{loaded.info.name} did not learn from a pose prior.",
            "Begin from a fresh model, or choose one that did.",
        )
    if loaded.info.skeleton != prior.skeleton:
        raise TrainingError(
            f"{loaded.info.name} has another skeleton than the pose prior.",
            "Choose a prior of the model's skeleton, or begin from a fresh model.",
        )
    return loaded.model, loaded.info.name


def network_config(config: TrainConfig, prior: PosePrior) -> KeypointGANConfig:
    """Sizes of a fresh network for the prior's skeleton."""
    size, width, reader_width = _SIZES[config.size]
    skeleton = prior.skeleton
    return KeypointGANConfig(
        image_size=size,
        width=width,
        reader_width=reader_width,
        landmark_count=len(skeleton.names),
        edges=skeleton.edges,
        symmetries=skeleton.symmetries,
        renderer="squared" if config.renderer == "squared" else "distance",
        bottleneck="picture" if config.bottleneck == "picture" else "landmarks",
        conditional=config.conditional,
    )
