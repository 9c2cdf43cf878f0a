"""The recipe of a method."""

from __future__ import annotations

from collections.abc import Callable

from limner_engine.inference.device import DeviceSpec
from limner_training.config import TrainConfig
from limner_training.recipes.class_embedding import ClassEmbeddingRecipe
from limner_training.recipes.fabnet import FAbNetRecipe
from limner_training.recipes.imm import IMMRecipe
from limner_training.recipes.keypointgan import KeypointGANRecipe
from limner_training.recipes.recipe import Recipe


def make_recipe(config: TrainConfig, device: DeviceSpec) -> Recipe:
    """The recipe that a run asks for.

    Raises:
        LimnerError: A file that it begins with is refused.
    """
    recipes: dict[str, Callable[[TrainConfig, DeviceSpec], Recipe]] = {
        "imm": IMMRecipe,
        "keypointgan": KeypointGANRecipe,
        "class_embedding": ClassEmbeddingRecipe,
        "fabnet": FAbNetRecipe,
    }
    return recipes[config.method](config, device)
