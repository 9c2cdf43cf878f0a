"""The file of a second layer: a model of named landmarks that has nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from limner_engine.model_file import save_model
from limner_engine.models.heatmaps import HeatmapEnsemble
from limner_engine.models.named import SECOND, Named, NamedConfig
from limner_engine.types import ModelInfo, Skeleton


def save_second(
    path: Path, ensemble: HeatmapEnsemble, skeleton: Skeleton, provenance: dict[str, Any]
) -> ModelInfo:
    """Write a named model whose every landmark the second layer answers.

    Args:
        path: Where to; what was there is replaced.
        ensemble: The second layer.
        skeleton: Names of its landmarks.
        provenance: How it came about.
    """
    config = NamedConfig(
        image_size=ensemble.config.image_size,
        landmark_count=ensemble.config.landmark_count,
        heatmaps=ensemble.config.to_json(),
        members=len(ensemble.members),
    )
    named = Named(config)
    if named.second is None:
        raise ValueError("a named model with heat maps has a second layer")
    named.second.load_state_dict(ensemble.state_dict())
    named.choice.fill_(SECOND)
    info = ModelInfo("named", "Named landmarks", config.to_json(), skeleton, provenance)
    return save_model(path, named, info)
