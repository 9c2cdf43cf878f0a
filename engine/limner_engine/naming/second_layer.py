"""A finished second layer, read from the folder of the run that made it.

second.safetensors     networks, as a named model that has nothing else
held_back.npz          what networks said of labels that they had not seen
names.json             which frames those were
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from limner_engine.coordinates import crop_to_frame
from limner_engine.errors import ModelError
from limner_engine.inference.protocol import crop_from_json
from limner_engine.model_file import load_model
from limner_engine.models.heatmaps import HeatmapEnsemble
from limner_engine.models.named import Named
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Floats, ModelInfo

HELD_BACK_FILE, NAMES_FILE = "held_back.npz", "names.json"
_MEND = "Let the second layer learn anew."


@dataclass(frozen=True, slots=True, eq=False)
class SecondLayer:
    """Networks, and what they say of labelled frames that they had not seen.

    Attributes:
        ensemble: The networks, in evaluation mode.
        info: What their file says.
        sources: Of each of M frames, the video and the frame's index.
        points_px: ``(M, P, 2)`` float32, pixels of the video; NaN where nothing was held back.
        signals: ``(M, P, 3)`` float32: peak, spread and distance of the members.
    """

    ensemble: HeatmapEnsemble
    info: ModelInfo
    sources: tuple[tuple[str, int], ...]
    points_px: Floats
    signals: Floats

    def rows(self, labelled: LabelledFrames) -> tuple[Floats, Floats]:
        """What is said of labelled frames; NaN of frames that came later.

        Returns:
            Points ``(N, P, 2)`` in pixels of the video and signals ``(N, P, 3)``.
        """
        shape = labelled.points_px.shape
        points = np.full(shape, np.nan, np.float32)
        signals = np.full((*shape[:2], 3), np.nan, np.float32)
        row = {source: number for number, source in enumerate(self.sources)}
        for number, (video, frame) in enumerate(labelled.sources):
            known = row.get((str(video), frame))
            if known is not None:
                points[number], signals[number] = self.points_px[known], self.signals[known]
        return points, signals


def read_second_layer(path: Path) -> SecondLayer:
    """Read a second layer.

    Args:
        path: Its model file. Without the files beside it nothing was held back.

    Raises:
        ModelError: A file is refused.
    """
    loaded = load_model(path)
    if not isinstance(loaded.model, Named) or loaded.model.second is None:
        raise ModelError(f"{path.name} holds no networks for named landmarks.", _MEND)
    ensemble = loaded.model.second
    count = ensemble.config.landmark_count
    held_back, names = path.with_name(HELD_BACK_FILE), path.with_name(NAMES_FILE)
    if not held_back.is_file():
        none = np.empty((0, count, 2), np.float32)
        return SecondLayer(ensemble, loaded.info, (), none, np.empty((0, count, 3), np.float32))
    try:
        frames = json.loads(names.read_text("utf-8"))["labelled"]["frames"]
        with np.load(held_back) as stored:
            points = stored["points_norm"].astype(np.float32)
            parts = [stored[name].astype(np.float32) for name in ("peak", "spread", "apart")]
        sources = tuple((str(video), int(frame)) for video, frame, _ in frames)
        crops = [crop_from_json(crop) for _, _, crop in frames]
        if points.shape != (len(frames), count, 2):
            raise ValueError("the held-back points are of other frames")
        pairs = zip(points, crops, strict=True)
        placed = [crop_to_frame(one, crop) for one, crop in pairs]
        return SecondLayer(
            ensemble,
            loaded.info,
            sources,
            np.stack(placed) if placed else points,
            np.stack(parts, axis=2),
        )
    except (OSError, ValueError, KeyError, TypeError, BadZipFile) as error:
        raise ModelError(f"{held_back.name} cannot be read: {error}.", _MEND) from error
