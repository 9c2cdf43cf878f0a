"""Named landmarks: a linear map upon a base model, and a network of their own beside it.

The *first layer* is a linear map from what `Embedding` sees. Each landmark is predicted in one of
two frames: the crop's, or that of the object's shape (`similarity`). The *second layer* are
heat-map networks of one size, averaged (`HeatmapEnsemble`). For each landmark ``choice`` says
whose answer counts. Both give signals of how well they know, from which `naming.calibration`
makes the confidence: the probability that a point lies within a stated radius.

Letters in shape comments as in `embedding`, and P named landmarks, L = 2 layers.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from limner_engine.models.embedding import Embedding, Features, lay, resized
from limner_engine.models.heatmaps import HeatmapConfig, HeatmapEnsemble
from limner_engine.models.imm import Detection, IMMConfig
from limner_engine.models.keypointgan import KeypointGANConfig
from limner_engine.naming.calibration import LEAST_SCORE, Calibration

SIGNALS = ("peak", "spread", "members", "layers")
"""What confidence is made from, for both layers.

``peak``, 0..1: how much alike to labelled frames the picture is (first layer), or the share of the
heat map about its peak (second). ``spread``: the base's doubt, 1 less its mean confidence (first),
or the spread of the heat map (second). ``members``: how far the second layer's networks are apart,
0 in the first. ``layers``: distance between the layers' answers, 0 where there is one. The last
three are at least 0; lengths are in units of half the picture."""
RISING = (False, True, True, True)
"""Whether errors rise with a signal."""
FIRST, SECOND = 0, 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedConfig:
    """Sizes of a network for named landmarks.

    Attributes:
        image_size: ``S``: side of the pictures; each part resamples them to its own.
        landmark_count: ``P``.
        base: Sizes of the base model (`IMMConfig`, or `KeypointGANConfig`, which has edges), or
            None.
        rank: Directions in which the likeness to labelled frames is measured; 0 where there is no
            first layer.
        heatmaps: Sizes of the second layer's networks (`HeatmapConfig`), or None.
        members: How many there are; 0 with ``heatmaps`` None.
    """

    image_size: int
    landmark_count: int
    base: dict[str, Any] | None = None
    rank: int = 0
    heatmaps: dict[str, Any] | None = None
    members: int = 0

    def __post_init__(self) -> None:
        if not 16 <= self.image_size <= 1024:
            raise ValueError("image_size must be 16 to 1024")
        if not 1 <= self.landmark_count <= 200:
            raise ValueError("landmark_count must be 1 to 200")
        if not 0 <= self.rank <= 512:
            raise ValueError("rank must be 0 to 512")
        if not (self.rank or self.members):
            raise ValueError("there must be one layer at least")
        if not (1 <= self.members <= 16 if self.heatmaps is not None else self.members == 0):
            raise ValueError("members must be 1 to 16 with heatmaps, 0 without")

    @property
    def base_config(self) -> IMMConfig | KeypointGANConfig | None:
        """The base's sizes.

        Raises:
            ValueError: They make no network.
        """
        if self.base is None:
            return None
        if "edges" in self.base:
            return KeypointGANConfig.from_json(self.base)
        return IMMConfig.from_json(self.base)

    def to_json(self) -> dict[str, Any]:
        """Plain values, as they stand in a model file."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> NamedConfig:
        """The inverse of `to_json`.

        Raises:
            ValueError: A value is missing, unknown, of the wrong type or out of range.
        """
        kinds: dict[str, tuple[type, ...]] = {
            "image_size": (int,),
            "landmark_count": (int,),
            "base": (dict, type(None)),
            "rank": (int,),
            "heatmaps": (dict, type(None)),
            "members": (int,),
        }
        if wrong := kinds.keys() ^ data.keys():
            raise ValueError(f"missing or unknown: {', '.join(sorted(wrong))}")
        for name, value in data.items():
            if type(value) not in kinds[name]:
                raise ValueError(f"{name} cannot be {value!r}")
        return cls(**data)


class Layers(NamedTuple):
    """What both layers say.

    Attributes:
        points_norm: ``(L, B, P, 2)`` float32, -1..1; NaN of a layer that is not there.
        signals: ``(L, B, P, 4)`` float32, see `SIGNALS`.
        visible: ``(L, B, P)`` float32: log odds that the landmark is to be seen.
    """

    points_norm: Tensor
    signals: Tensor
    visible: Tensor


class Named(nn.Module):
    """Both layers.

    Args:
        config: Sizes.
        embedding: One that is there already, of these sizes; made anew if not given.
        second: Likewise.

    Attributes:
        weights: ``(F + 1, 2 P)`` buffer: the first layer's map, the constant last.
        laid: ``(P,)`` bool buffer: predicted in the frame of the shape, not of the crop.
        metric: ``(F, R)`` buffer: with the next three, how little the labelled frames say of a
            picture; see `limner_engine.naming.ridge.Ridge.metric`.
        middle: ``(F,)`` buffer: mean of the columns over the labelled frames.
        stretch: ``(F,)`` buffer: what columns are multiplied by to be compared.
        novelty: ``(2,)`` buffer: the leverage of the mean, and what the squared length in
            directions that nobody knows is multiplied by.
        sight: ``(F + 1, P)`` buffer: log odds of being visible, the first layer's.
        known: ``(P,)`` bool buffer: whether the landmark was ever labelled.
        choice: ``(P,)`` int64 buffer: `FIRST` or `SECOND`.
        second: The second layer, where there is one.
        trust_offset: ``(L, P)`` buffer: with the next two, the calibration of each layer, its
            scores the `SIGNALS`; see `limner_engine.naming.calibration.Calibration`.
        trust_scores: ``(L, 4, 4)`` buffer: slope, typical, low and high of each score's logarithm.
        trust_shape: ``(L, 3)`` buffer: freedom, doubt, radius.
    """

    weights: Tensor
    laid: Tensor
    metric: Tensor
    middle: Tensor
    stretch: Tensor
    novelty: Tensor
    sight: Tensor
    known: Tensor
    choice: Tensor
    trust_offset: Tensor
    trust_scores: Tensor
    trust_shape: Tensor

    def __init__(
        self,
        config: NamedConfig,
        *,
        embedding: Embedding | None = None,
        second: HeatmapEnsemble | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        count = config.landmark_count
        self.embedding = Embedding(config.base_config) if embedding is None else embedding
        rows = self.embedding.feature_count + 1
        self.register_buffer("weights", torch.zeros(rows, 2 * count))
        self.register_buffer("laid", torch.zeros(count, dtype=torch.bool))
        self.register_buffer("metric", torch.zeros(rows - 1, config.rank))
        self.register_buffer("middle", torch.zeros(rows - 1))
        self.register_buffer("stretch", torch.zeros(rows - 1))
        self.register_buffer("novelty", torch.zeros(2))
        self.register_buffer("sight", torch.zeros(rows, count))
        self.register_buffer("known", torch.ones(count, dtype=torch.bool))
        self.register_buffer("choice", torch.zeros(count, dtype=torch.int64))
        self.register_buffer("trust_offset", torch.zeros(2, count))
        self.register_buffer("trust_scores", torch.zeros(2, 4, len(SIGNALS)))
        # Nothing is known of either layer: every point is called half sure.
        self.register_buffer("trust_shape", torch.tensor([[4.0, 0.5, 0.03]] * 2))
        self.second: HeatmapEnsemble | None = None
        if config.heatmaps is not None:
            heatmaps = HeatmapConfig.from_json(config.heatmaps)
            if heatmaps.landmark_count != count:
                raise ValueError("the second layer finds another number of landmarks")
            self.second = HeatmapEnsemble(heatmaps, config.members) if second is None else second

    @property
    def layered(self) -> bool:
        """Whether there are two layers, whose answers can be compared."""
        return self.config.rank > 0 and self.second is not None

    def check(self) -> None:
        """Refuse weights that no learning leaves behind.

        Raises:
            ValueError: A landmark is answered by a layer that is not there.
        """
        first = {FIRST} if self.config.rank else set()
        second = set() if self.second is None else {SECOND}
        if not set(self.choice.tolist()) <= first | second:
            raise ValueError("a landmark is answered by a layer that is not there")

    def detect(self, images: Tensor) -> Detection:
        """As `inspect`, without the distance of the layers."""
        return self.inspect(images)[0]

    def inspect(self, images: Tensor, *, hide: bool = True) -> tuple[Detection, Tensor]:
        """Find the named landmarks of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.
            hide: Whether landmarks that are rather hidden than visible go without a place.

        Returns:
            ``confidence`` is the calibrated probability to be within the radius. A landmark that
            is rather hidden than visible has no place, but a confidence; one that was never
            labelled has neither. ``spread_norm`` is the spread signal of the layer that counts.
            Beside it the distance of the layers' answers, ``(B, P)``, NaN where there is one.
        """
        layers = self.layers(images)
        which = self.choice[None, None, :].expand(1, len(images), -1)
        points = layers.points_norm.gather(0, which[..., None].expand(-1, -1, -1, 2))[0]
        visible = layers.visible.gather(0, which)[0]
        confidence = self.confidence(layers.signals).gather(0, which)[0]
        spread = layers.signals[..., 1].gather(0, which)[0]
        nothing = float("nan")
        gone = (visible < 0) | ~self.known if hide else ~self.known.expand_as(visible)
        points = points.masked_fill(gone[..., None], nothing)
        confidence = confidence.masked_fill(~self.known, nothing)
        gap = (layers.points_norm[0] - layers.points_norm[1]).square().sum(-1).sqrt()
        return Detection(points, confidence, spread), gap.masked_fill(~self.known, nothing)

    def layers(self, images: Tensor) -> Layers:
        """What each layer says of pictures.

        Args:
            images: ``(B, 3, S, S)`` in 0..1.
        """
        return self.both(self.features(images), images)

    def features(self, images: Tensor) -> Features:
        """What the first layer goes by."""
        return self.embedding.columns(self.embedding.see(images))

    def both(self, features: Features, images: Tensor) -> Layers:
        """As `layers`, where the features are known."""
        points, peak, spread, visible = self._first(features)
        still = torch.zeros_like(peak)
        if self.second is None:
            signals = torch.stack([peak, spread, still, still], -1)
            nowhere = torch.full_like(points, float("nan"))
            return Layers(
                torch.stack([points, nowhere]),
                torch.stack([signals, torch.zeros_like(signals)]),
                torch.stack([visible, visible]),
            )
        said = self.second.read(resized(images, self.second.config.image_size))
        gap = (said.points_norm - points).square().sum(-1).sqrt()
        first = torch.stack([peak, spread, still, gap], -1)
        second = torch.stack([said.peak, said.spread, said.apart, gap], -1)
        return Layers(
            torch.stack([points, said.points_norm]),
            torch.stack([first, second]),
            torch.stack([visible, said.visible]),
        )

    def confidence(self, signals: Tensor) -> Tensor:
        """Probability to be within the stated radius, ``(L, B, P)``.

        The equations of `Calibration.confidence`, for both layers at once.

        Args:
            signals: ``(L, B, P, 4)``.
        """
        slope, typical, low, high = self.trust_scores[:, :, None, None, :].unbind(1)
        freedom, doubt, radius = self.trust_shape[:, :, None, None].unbind(1)
        scores = signals.clamp_min(LEAST_SCORE).log()
        scores = torch.where(scores.isfinite(), scores, typical).clamp(low, high)
        scale = (self.trust_offset[:, None] + (slope * scores).sum(-1)).exp()
        right = -torch.expm1(-freedom / 2 * torch.log1p((radius / scale).square() / freedom))
        return doubt + (1 - 2 * doubt) * right

    def set_trust(self, layer: int, trust: Calibration) -> None:
        """Calibrate a layer.

        Args:
            layer: `FIRST` or `SECOND`.
            trust: With the `SIGNALS` as scores.
        """
        rows = np.stack([trust.slope, trust.typical, trust.low, trust.high])
        shape = np.array([trust.freedom, trust.doubt, trust.radius])
        self.trust_offset[layer] = torch.from_numpy(trust.offset)
        self.trust_scores[layer] = torch.from_numpy(rows)
        self.trust_shape[layer] = torch.from_numpy(shape)

    def _first(self, features: Features) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Points, peak, spread and log odds of visibility, of the first layer."""
        columns = features.columns
        if not self.config.rank:
            nothing = columns.new_full((len(columns), len(self.known)), float("nan"))
            return nothing[..., None].expand(-1, -1, 2), nothing, nothing, nothing
        flat = columns @ self.weights[:-1] + self.weights[-1]
        points = flat.view(len(flat), -1, 2)
        points = torch.where(self.laid[:, None], lay(points, features.placement), points)
        away = (columns - self.middle) * self.stretch
        unknown = away.square().sum(1) - (away @ self.metric).square().sum(1)
        leverage = self.novelty[0] + self.novelty[1] * unknown.clamp_min(0)
        peak = (1 / (1 + leverage))[:, None].expand(-1, points.shape[1])
        spread = features.doubt[:, None].expand_as(peak)
        return points, peak, spread, columns @ self.sight[:-1] + self.sight[-1]
