"""A small untrained KeypointGAN of drawn figures."""

from __future__ import annotations

from pathlib import Path

import torch

from drawn_figures import figure_skeleton
from limner_engine.model_file import KEYPOINTGAN, save_model
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
from limner_engine.priors.prior import PosePrior
from limner_engine.types import ModelInfo, Skeleton


def figure_model(
    path: Path, prior: PosePrior | None = None, *, skeleton: Skeleton | None = None, seed: int = 0
) -> Path:
    """Untrained, of 32 px, with the skeleton of the figures or another; it names its prior."""
    torch.manual_seed(seed)
    made = skeleton or figure_skeleton()
    config = KeypointGANConfig(
        image_size=32,
        width=4,
        reader_width=4,
        landmark_count=len(made.names),
        edges=made.edges,
        symmetries=made.symmetries,
        grid_size=8,
    )
    network = KeypointGAN(config).eval()
    with torch.no_grad():
        # Sharp enough that landmarks differ from one another and from picture to picture.
        network.reader.heatmaps.weight.mul_(100)
    told = {} if prior is None else {"prior": {"name": prior.name, "sha256": prior.sha256}}
    info = ModelInfo(KEYPOINTGAN, "tiny figures", config.to_json(), made, provenance=told)
    save_model(path, network, info)
    return path
