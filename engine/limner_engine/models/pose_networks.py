"""The two networks of KeypointGAN that know of poses: one draws them, one reads them.

Letters in shape comments as in `blocks`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from limner_engine.models.blocks import ConvBlock, Encoder, InstanceBlock
from limner_engine.models.bottlenecks import marginals, moments


class PoseDrawer(nn.Module):
    """`Phi`: a picture into the picture of a skeleton; an hourglass with concatenated skips.

    Args:
        image_size: ``S``.
        width: Channels of the first pair.
        grid_size: ``G``: side at the waist.
    """

    def __init__(self, image_size: int, width: int, grid_size: int) -> None:
        super().__init__()
        self.encoder = Encoder(image_size, width, grid_size)
        channels, side = self.encoder.channels, grid_size
        self.waist = nn.Sequential(ConvBlock(channels, channels), ConvBlock(channels, channels))
        self.merges, self.levels = nn.ModuleList(), nn.ModuleList()
        self.doubling = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        while side < image_size:
            side *= 2
            narrower = channels // 2
            self.merges.append(nn.Conv2d(channels + narrower, channels, 1, bias=False))
            level: list[nn.Module] = [ConvBlock(channels, narrower)]
            if side < image_size:
                level.append(ConvBlock(narrower, narrower))
            self.levels.append(nn.Sequential(*level))
            channels = narrower
        self.last = nn.Conv2d(channels, 1, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Draw, and give what is seen at the waist.

        Args:
            x: ``(B, 3, S, S)`` in -1..1.

        Returns:
            ``(B, 1, S, S)``, unbounded; -1 is background, 1 a line. ``(B, C, G, G)``.
        """
        skips: list[Tensor] = []
        layers = list(self.encoder.layers)
        for number, layer in enumerate(layers):
            x = layer(x)
            if number % 2 and number < len(layers) - 1:  # the end of a pair
                skips.append(x)
        features = x
        x = self.waist(x)
        for merge, level in zip(self.merges, self.levels, strict=True):
            x = level(merge(torch.cat([self.doubling(x), skips.pop()], 1)))
        drawn: Tensor = self.last(x)
        return drawn, features


class PoseReader(nn.Module):
    """`eta`: the picture of a skeleton into its landmarks.

    Args:
        image_size: ``S``.
        width: Channels of the first pair.
        grid_size: ``G``: side of the heat maps.
        landmark_count: ``K``.
    """

    grid: Tensor

    def __init__(self, image_size: int, width: int, grid_size: int, landmark_count: int) -> None:
        super().__init__()
        self.encoder = Encoder(image_size, width, grid_size, inputs=1, block=InstanceBlock)
        self.heatmaps = nn.Conv2d(self.encoder.channels, landmark_count, 1)
        along = torch.arange(grid_size, dtype=torch.float32)
        grid = (2 * along + 1) / grid_size - 1
        self.register_buffer("grid", grid, persistent=False)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Read landmarks by the marginals of their heat maps (IMM, Eq. 2).

        Args:
            pictures: ``(B, 1, S, S)``, -1 background, 1 lines.

        Returns:
            ``(B, K, 2)`` points in -1..1 and ``(B, K)`` standard deviations, float32.
        """
        logits = self.heatmaps(self.encoder(pictures)).float()
        along_y, along_x = marginals(logits, "mean_logit")
        x, spread_x = moments(along_x, self.grid)
        y, spread_y = moments(along_y, self.grid)
        return torch.stack([x, y], -1), (spread_x + spread_y) / 2
