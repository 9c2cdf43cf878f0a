"""Whether poses could be poses of a prior: ratios of limb lengths, and how much poses vary.

What a limb of a picture measures depends on how near and how large the person is; its share of the
length of all limbs does not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats
from limner_training.data.datasets.labelled import Doubles

PERCENTILES = (1.0, 99.0)
"""Of the ratios in the prior, between which a ratio is plausible."""

_SHORTEST = 1e-9


def limb_ratios(poses: Floats | Doubles, edges: tuple[tuple[int, int], ...]) -> Doubles:
    """Each edge's length over that of all edges: ``(N, E)``; they add up to 1.

    Args:
        poses: ``(N, K, 2)``.
        edges: Pairs of landmarks.
    """
    ends = np.array(edges, np.int64).reshape(-1, 2)
    spans = poses[:, ends[:, 0]].astype(np.float64) - poses[:, ends[:, 1]]
    lengths: Doubles = np.linalg.norm(spans, axis=-1)
    ratios: Doubles = lengths / np.maximum(lengths.sum(axis=1, keepdims=True), _SHORTEST)
    return ratios


@dataclass(frozen=True, slots=True, eq=False)
class LimbRanges:
    """What ratios a prior has.

    Attributes:
        edges: Pairs of landmarks.
        low: ``(E,)``: the lower of `PERCENTILES` of each edge's ratio.
        high: ``(E,)``: the upper one.
    """

    edges: tuple[tuple[int, int], ...]
    low: Doubles
    high: Doubles

    @classmethod
    def of(cls, prior: PosePrior) -> LimbRanges:
        """The ranges of a prior whose skeleton has edges."""
        ratios = limb_ratios(prior.poses, prior.skeleton.edges)
        low, high = np.percentile(ratios, PERCENTILES, axis=0)
        return cls(prior.skeleton.edges, low, high)

    def within(self, poses: Floats | Doubles) -> NDArray[np.bool_]:
        """Which ratios of which poses are inside their range, the ends too: ``(N, E)``."""
        ratios = limb_ratios(poses, self.edges)
        return np.asarray((ratios >= self.low) & (ratios <= self.high), np.bool_)

    def plausible(self, poses: Floats | Doubles) -> NDArray[np.bool_]:
        """Poses all of whose ratios are inside: ``(N,)``."""
        return np.asarray(self.within(poses).all(axis=1), np.bool_)


def variety(poses: Floats | Doubles) -> float:
    """Root mean square distance of landmarks from where they are in the mean, poses centred.

    A model that answers one pose whatever it sees is plausible and steady; this tells it.
    """
    own = poses - poses.mean(axis=1, keepdims=True)
    return float(np.sqrt(np.square(own - own.mean(axis=0)).sum(axis=-1).mean()))
