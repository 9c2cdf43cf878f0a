"""A named model from its two layers: whose answer counts, how sure it is, how good it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from limner_engine.coordinates import frame_to_crop
from limner_engine.model_file import NAMED
from limner_engine.models.named import FIRST, RISING, SECOND, SIGNALS, Named, NamedConfig
from limner_engine.naming.calibration import RADIUS, calibration_curve, fit_calibration
from limner_engine.naming.choice import choose_layers, estimate_errors
from limner_engine.naming.embedding import Embedder
from limner_engine.naming.first_layer import FirstLayer
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.naming.ridge import Doubles
from limner_engine.naming.second_layer import SecondLayer
from limner_engine.types import Floats, ModelInfo

LAYER_NAMES = ("first", "second")
TITLE = "Names"


@dataclass(frozen=True, slots=True, eq=False)
class Assembled:
    """A named model and what is told of it.

    Attributes:
        network: In evaluation mode.
        info: For its file; figures stand in the provenance.
        error_px: ``(L, N, P)``: held-back errors of both layers, pixels of the video.
        choice: ``(P,)``: `FIRST` or `SECOND`.
    """

    network: Named
    info: ModelInfo
    error_px: Doubles
    choice: NDArray[np.int64]

    @property
    def held_back_px(self) -> Doubles:
        """``(N, P)``: errors of the layers that were chosen."""
        second = self.choice == SECOND
        answer: Doubles = np.where(second, self.error_px[SECOND], self.error_px[FIRST])
        return answer


def assemble(
    labelled: LabelledFrames,
    embedder: Embedder,
    first: FirstLayer,
    second: SecondLayer | None,
    *,
    curve: bool = False,
) -> Assembled:
    """Put both layers together.

    Args:
        labelled: What the first layer was fitted to.
        embedder: What it was fitted upon.
        first: The first layer.
        second: The second, of the same landmarks, or None.
        curve: Whether to check the calibration on frames left out of it, and to say how sure the
            overall error is, too.
    """
    network = _network(labelled, embedder, first, second)
    truth = labelled.points_px.astype(np.float64)
    per_unit = labelled.px_per_unit().astype(np.float64)[:, None]
    truth_norm = labelled.crop_points().astype(np.float64)
    error_px = np.full((2, *truth.shape[:2]), np.nan)
    error_px[FIRST] = _distance(first.left_out, truth_norm) * per_unit
    signals = np.full((2, *truth.shape[:2], len(SIGNALS)), np.nan)
    signals[FIRST] = first.signals
    if second is not None:
        points, raw = second.rows(labelled)
        error_px[SECOND] = _distance(points.astype(np.float64), truth)
        signals[SECOND, ..., :3] = raw
        found = _in_crops(points, labelled)
        signals[:, :, :, 3] = _distance(found, first.left_out)
    other = None if second is None else error_px[SECOND]
    chosen = choose_layers(error_px[FIRST], other)
    choice = np.where(chosen.second, SECOND, FIRST).astype(np.int64)
    if second is not None and not bool(np.isfinite(error_px[SECOND]).any()):
        # Nothing was held back: it was made to be used.
        choice[:] = SECOND
    choice[~first.known] = FIRST
    # Shares of the crop's side: half of the units of half a crop.
    shares = error_px / (2 * per_unit)
    for layer in (FIRST, SECOND)[: 1 if second is None else 2]:
        network.set_trust(layer, fit_calibration(shares[layer], signals[layer], RISING))
    network.choice.copy_(_tensor(choice))
    figures = _figures(labelled, error_px, choice, second is not None)
    if first.visibility is not None:
        hidden = np.asarray((labelled.told & ~labelled.visible).any(axis=0), np.bool_)
        areas = np.full(len(hidden), np.nan)
        areas[hidden] = first.visibility.area
        figures["visibility"] = {"auc": _plain(areas)}
    if curve:
        figures["calibration"] = _checked(labelled, shares, signals, choice)
        used = np.where(choice == SECOND, error_px[SECOND], error_px[FIRST])
        _, overall = estimate_errors(used, labelled.group)
        if overall.count:
            figures["overall_range_px"] = [overall.median_low, overall.median_high]
    info = ModelInfo(
        NAMED,
        TITLE,
        network.config.to_json(),
        labelled.skeleton,
        {
            "base": None if embedder.info is None else embedder.info.name,
            "base_sha256": None if embedder.info is None else embedder.info.sha256,
            "first_layer": first.form,
            "second_layer": None if second is None else second.info.provenance,
            "figures": figures,
        },
        "" if embedder.info is None else embedder.info.licence,
    )
    return Assembled(network.eval(), info, error_px, choice)


def _network(
    labelled: LabelledFrames,
    embedder: Embedder,
    first: FirstLayer,
    second: SecondLayer | None,
) -> Named:
    sizes: dict[str, Any] = {}
    image_size = embedder.image_size
    if second is not None:
        sizes = {
            "heatmaps": second.ensemble.config.to_json(),
            "members": len(second.ensemble.members),
        }
        image_size = max(image_size, second.ensemble.config.image_size)
    config = NamedConfig(
        image_size=image_size,
        landmark_count=len(labelled.skeleton.names),
        base=None if embedder.config is None else embedder.config.to_json(),
        rank=first.rank,
        **sizes,
    )
    ensemble = None if second is None else second.ensemble
    network = Named(config, embedding=embedder.embedding, second=ensemble)
    network.embedding.reference.copy_(_tensor(first.reference))
    for name in ("weights", "laid", "known", "middle", "stretch", "metric", "novelty", "sight"):
        getattr(network, name).copy_(_tensor(getattr(first, name)))
    return network


def _figures(
    labelled: LabelledFrames, error_px: Doubles, choice: NDArray[np.int64], both: bool
) -> dict[str, Any]:
    told = labelled.told.sum(axis=0)
    share = np.where(told > 0, labelled.visible.sum(axis=0) / np.maximum(told, 1), np.nan)
    used = np.where(choice == SECOND, error_px[SECOND], error_px[FIRST])
    known: Doubles = used[np.isfinite(used)]
    return {
        "labels": {
            "frames": len(labelled),
            "per_landmark": labelled.placed.sum(axis=0).tolist(),
            "visible_share": _plain(share),
        },
        "layer": [LAYER_NAMES[number] for number in choice],
        "error_px": _plain(medians(used)),
        "error_px_first": _plain(medians(error_px[FIRST])),
        "error_px_second": _plain(medians(error_px[SECOND])) if both else None,
        "overall_px": float(np.median(known)) if len(known) else None,
        "overall_range_px": None,
        "calibration": None,
        "learning_curve": None,
        "visibility": None,
    }


def _checked(
    labelled: LabelledFrames, shares: Doubles, signals: Doubles, choice: NDArray[np.int64]
) -> dict[str, Any] | None:
    """How true the confidences are of the layers that were chosen."""
    second = choice == SECOND
    error = np.where(second, shares[SECOND], shares[FIRST])
    score = np.where(second[:, None], signals[SECOND], signals[FIRST])
    if np.count_nonzero(np.isfinite(error).any(axis=1)) < 2:
        return None
    found = calibration_curve(error, score, RISING, labelled.group).curve
    side = float(np.median([crop.side_px for crop in labelled.crops]))
    return {
        "stated": _plain(found.stated),
        "observed": _plain(found.observed),
        "count": [int(count) for count in found.count],
        "radius_px": RADIUS * side,
    }


def medians(error_px: Doubles) -> Doubles:
    """Median of each column, ``(P,)``; NaN where nothing is known."""
    columns = [column[np.isfinite(column)] for column in error_px.T]
    return np.array([np.median(one) if len(one) else np.nan for one in columns])


def _in_crops(points_px: Floats, labelled: LabelledFrames) -> Doubles:
    pairs = zip(points_px, labelled.crops, strict=True)
    return np.stack([frame_to_crop(points, crop) for points, crop in pairs]).astype(np.float64)


def _tensor(array: NDArray[np.generic]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(array))


def _distance(found: Doubles, truth: Doubles) -> Doubles:
    return np.asarray(np.sqrt(((found - truth) ** 2).sum(axis=-1)), np.float64)


def _plain(values: Doubles) -> list[float | None]:
    """As JSON holds them: None for NaN."""
    return [float(value) if np.isfinite(value) else None for value in values]
