"""An engine for tests of the window: answers at once, in this process, without a network."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from limner_app.engine_client import EngineState
from limner_app.naming_client import FirstFit
from limner_engine.cropping import CropMode, CropSetting, CropTrack
from limner_engine.model_file import save_model
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Landmarks, ModelInfo, Skeleton


class SmallEngine:
    """Finds as many landmarks as its model has, on a diagonal that moves with the frame."""

    def __init__(self, count: int = 4, mode: str = "motion") -> None:
        self.count, self.mode = count, mode
        self.models: list[Path] = []
        self.detected: list[int] = []
        self.ranges: list[tuple[int, int]] = []
        self.crops: list[str] = []
        self.apart: list[bool] = []
        self.state = EngineState("ready", "The engine is ready.")
        self.label, self.last_ms = "CPU", 1.0
        self.named: list[LabelledFrames] = []
        self.judged = 0
        self.bases: list[tuple[Path | None, Path | None]] = []
        self.error: Exception | None = None
        self.closed = False

    async def load(self, model: Path) -> ModelInfo:
        return ModelInfo("imm", "small", {}, Skeleton.numbered(self.count))

    def _found(self, frame: int, model: Path | None = None) -> tuple[np.ndarray, np.ndarray]:
        if model is not None and model.name == "names.safetensors" and self.named:
            return self._mean_of_labels()
        at = np.arange(self.count, dtype=np.float32)[:, None] * 12 + 20 + frame
        confidence = np.full(self.count, 0.9, np.float32)
        confidence[0] = 0.2 if frame % 10 == 3 else 0.95
        return np.repeat(at, 2, axis=1), confidence

    def _mean_of_labels(self) -> tuple[np.ndarray, np.ndarray]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # a landmark without any label
            points = np.nanmean(self.named[-1].points_px, axis=0).astype(np.float32)
        return points, np.where(np.isfinite(points[:, 0]), 0.8, np.nan).astype(np.float32)

    async def name(
        self,
        labelled: LabelledFrames,
        *,
        base: Path | None,
        out: Path,
        second: Path | None = None,
        judge: bool = False,
    ) -> FirstFit:
        """The named landmarks stand where they were labelled on average."""
        if self.error is not None:
            raise self.error
        if judge:
            self.judged += 1
        else:
            self.named.append(labelled)
            self.bases.append((base, second))
        small_named(out, labelled, len(self.named), judge=judge)
        count = len(labelled.skeleton.names)
        return FirstFit(count, (None,) * count, ("first",) * count, "", len(labelled), (), 1.0)

    async def detect(self, model: Path, video: Path, frame: int, crop: Crop) -> Landmarks | None:
        if self.error is not None:
            raise self.error
        self.detected.append(frame)
        self.models.append(model)
        return Landmarks(*self._found(frame, model))

    async def detect_range(
        self,
        model: Path,
        video: Path,
        start: int,
        stop: int,
        track: CropTrack,
        on_chunk: Callable[[int, np.ndarray, np.ndarray], None],
        on_progress: Callable[[float], None] | None = None,
        on_gap: Callable[[int, np.ndarray], None] | None = None,
    ) -> None:
        self.ranges.append((start, stop))
        for first in range(start, stop, 8):
            found = [self._found(i, model) for i in range(first, min(first + 8, stop))]
            on_chunk(first, np.stack([f[0] for f in found]), np.stack([f[1] for f in found]))
            if on_gap is not None and model.name == "names.safetensors":
                on_gap(first, np.full((len(found), len(found[0][1])), first, np.float32))
            if on_progress is not None:
                on_progress((first - start) / (stop - start))

    async def hold(
        self, model: Path, video: Path, frame: int, crop: Crop, looks: object = None
    ) -> Landmarks:
        return Landmarks(*self._found(frame))

    async def redraw(self, points_px: np.ndarray, *, sharp: bool = True) -> np.ndarray:
        return np.full((32, 32, 3), 90, np.uint8)

    async def find_crops(
        self,
        video: Path,
        setting: CropMode | CropSetting,
        on_progress: Callable[[float], None] | None = None,
        *,
        apart: bool = False,
    ) -> CropTrack:
        self.apart.append(apart)
        self.crops.append(setting.mode if isinstance(setting, CropSetting) else setting)
        return CropTrack.fixed(Crop(80.0, 64.0, 100.0), self.mode)

    async def close(self) -> None:
        self.closed = True


def small_model(path: Path, count: int = 4, name: str = "small") -> Path:
    """A model file with random weights, to be read by its header."""
    from limner_engine.models.imm import IMM, IMMConfig

    config = {"image_size": 32, "width": 8, "landmark_count": count}
    info = ModelInfo("imm", name, config, Skeleton.numbered(count))
    save_model(path, IMM(IMMConfig(**config)), info)
    return path


def small_figures(count: int, frames: int) -> dict[str, Any]:
    """What a named model says of itself, with a second layer for every other landmark."""
    layers = ["second" if i % 2 else "first" for i in range(count)]
    return {
        "labels": {
            "frames": frames,
            "per_landmark": [frames] * count,
            "visible_share": [1.0] * (count - 1) + [0.5],
        },
        "layer": layers,
        "error_px": [2.0 + i for i in range(count)],
        "error_px_first": [4.0 + i for i in range(count)],
        "error_px_second": [2.0 + i for i in range(count)],
        "overall_px": 2.0 + (count - 1) / 2,
        "calibration": {
            "stated": [0.25, 0.75, 0.95],
            "observed": [0.3, 0.7, 0.9],
            "count": [5, 20, 40],
            "radius_px": 6.0,
        },
        "learning_curve": {
            "labels": [2, 4, 8],
            "error_px": [9.0, 6.0, 4.0],
            "more": 10,
            "expected_px": 2.6,
        },
        "visibility": {"auc": [None] * (count - 1) + [0.9]},
    }


def small_named(path: Path, labelled: LabelledFrames, turn: int, *, judge: bool = True) -> Path:
    """A file of named landmarks, to be read by its header; each turn has another hash.

    Written without torch, which takes seconds to load.
    """
    import json

    from safetensors.numpy import save

    count = len(labelled.skeleton.names)
    figures = small_figures(count, len(labelled))
    if not judge:
        figures |= {"calibration": None, "learning_curve": None}
    header = {
        "format_version": 1,
        "kind": "named",
        "name": "Names",
        "config": {"image_size": 32, "landmark_count": count},
        "skeleton": labelled.skeleton.to_json(),
        "provenance": {"figures": figures},
        "licence": "",
        "sha256": f"{2 * turn + judge:064x}",
    }
    path.write_bytes(save({"none": np.zeros(1, np.float32)}, {"limner": json.dumps(header)}))
    return path
