"""Small models and drawn videos for tests of the engine and of what uses it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import torch

from limner_engine.model_file import CLASS_EMBEDDING, FABNET, KEYPOINTGAN, save_model
from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig
from limner_engine.models.fabnet import FAbNet, FAbNetConfig
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.models.keypointgan import KeypointGAN, KeypointGANConfig
from limner_engine.types import Image, ModelInfo, Skeleton
from limner_engine.video.writer import VideoWriter


def tiny_model(
    path: Path, landmarks: int = 5, *, width: int = 8, image_size: int = 64, seed: int = 0
) -> Path:
    """An untrained model whose heat maps are sharp enough that its points differ."""
    torch.manual_seed(seed)
    config = IMMConfig(image_size=image_size, width=width, landmark_count=landmarks)
    network = IMM(config)
    with torch.no_grad():
        network.heatmaps.weight.mul_(10)
        # Statistics of batch normalisation as some learning leaves them, not the identity.
        network.train()
        for _ in range(4):
            network(
                torch.rand(4, 3, image_size, image_size), torch.rand(4, 3, image_size, image_size)
            )
    info = ModelInfo("imm", "tiny", config.to_json(), Skeleton.numbered(landmarks))
    save_model(path, network.eval(), info)
    return path


def tiny_pose_model(path: Path, *, image_size: int = 32, seed: int = 0) -> Path:
    """An untrained model that draws its landmarks as a skeleton on the way."""
    torch.manual_seed(seed)
    skeleton = Skeleton(
        ("head", "hip", "left hand", "right hand"), ((0, 1), (0, 2), (0, 3)), ((2, 3),)
    )
    config = KeypointGANConfig(
        image_size=image_size,
        width=4,
        reader_width=4,
        landmark_count=4,
        edges=skeleton.edges,
        symmetries=skeleton.symmetries,
    )
    info = ModelInfo(KEYPOINTGAN, "tiny poses", config.to_json(), skeleton)
    save_model(path, KeypointGAN(config).eval(), info)
    return path


def tiny_warp_model(path: Path, *, levels: int = 3, seed: int = 0) -> Path:
    """An untrained class embedding whose warps differ from place to place and are rather sure."""
    torch.manual_seed(seed)
    config = ClassEmbeddingConfig(
        image_size=32, width=4, embedding_size=16, first_side=8, levels=levels
    )
    network = ClassEmbedding(config)
    with torch.no_grad():
        for heads, spread in ((network.warp_heads, 0.3), (network.doubt_heads, 0.1)):
            for name, weights in heads.named_parameters():
                if name.endswith("weight"):
                    torch.nn.init.normal_(weights, std=spread)
        _some_learning(network)
    info = ModelInfo(CLASS_EMBEDDING, "tiny warps", config.to_json(), Skeleton(()))
    save_model(path, network.eval(), info)
    return path


def tiny_fabnet(path: Path, *, seed: int = 0) -> Path:
    """An untrained FAb-Net whose flow is not zero."""
    torch.manual_seed(seed)
    config = FAbNetConfig(image_size=32, width=4, embedding_size=16, side=16)
    network = FAbNet(config)
    with torch.no_grad():
        torch.nn.init.normal_(network.head.weight, std=0.1)
        _some_learning(network)
    info = ModelInfo(FABNET, "tiny fabnet", config.to_json(), Skeleton(()))
    save_model(path, network.eval(), info)
    return path


def _some_learning(network: ClassEmbedding | FAbNet) -> None:
    """Statistics of batch normalisation as some learning leaves them, not the identity."""
    network.train()
    for _ in range(4):
        network(torch.rand(4, 3, 32, 32), torch.rand(4, 3, 32, 32))


def drawn_frame(index: int, width: int = 160, height: int = 120) -> Image:
    """A disc that walks over a gradient."""
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([columns % 256, rows % 256, (rows + columns) % 256], -1).astype(np.uint8)
    x = 20 + (3 * index) % (width - 40)
    image[(columns - x) ** 2 + (rows - height / 2) ** 2 < 15**2] = (250, 240, 30)
    return image


def drawn_video(path: Path, frames: int = 40, width: int = 160, height: int = 120) -> Path:
    """A video of `drawn_frame`."""
    with VideoWriter(path, width, height, Fraction(30)) as writer:
        for index in range(frames):
            writer.write(drawn_frame(index, width, height))
    return path
