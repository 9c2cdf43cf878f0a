"""The request ``name``: a named model from labelled frames, at once.

What is seen of a frame is kept, so that after a correction only what was corrected is fitted anew.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import cut
from limner_engine.errors import FrameUnreadableError, LimnerError, ModelError, VideoError
from limner_engine.inference.file_key import FileKey, file_key
from limner_engine.inference.protocol import Message
from limner_engine.model_file import save_model
from limner_engine.naming.assembling import Assembled, assemble, medians
from limner_engine.naming.embedding import Embedder, SeenFrames
from limner_engine.naming.first_layer import FirstLayer, fit_first_layer, folds
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.naming.learning_curve import fit_learning_curve, measure_learning
from limner_engine.naming.second_layer import SecondLayer, read_second_layer
from limner_engine.types import Image

FRAMES_KEPT = 4000
"""Frames whose features are kept: about 10 kB each."""
CURVE_DRAWS = 3
BATCH = 4
"""Frames that are looked at between two looks at what else is asked for."""

FrameKey: TypeAlias = tuple[object, ...]


class Namer:
    """Fits named models, and keeps what it saw.

    Args:
        frame: Reads a frame of a video.
        between: Called between pieces of work; lets others pass, or raises to stop it.
        device: See `choose_device`.
    """

    def __init__(
        self,
        frame: Callable[[str, int], Image],
        between: Callable[[], None] = lambda: None,
        device: str = "auto",
    ) -> None:
        self._frame, self._between, self._device = frame, between, device
        self._embedder: tuple[FileKey | None, Embedder] | None = None
        self._second: tuple[FileKey, SecondLayer] | None = None
        self._seen: OrderedDict[FrameKey, SeenFrames] = OrderedDict()

    def name(
        self,
        labelled: LabelledFrames,
        base: Path | None,
        second: Path | None = None,
        *,
        judge: bool = False,
    ) -> tuple[Assembled, FirstLayer, LabelledFrames]:
        """Fit a named model.

        Args:
            labelled: Frames and what a person said of them.
            base: The file of a model that finds landmarks, or None.
            second: The file of a finished second layer, or None.
            judge: Also check the calibration, and measure what more labels would buy; this takes
                longer than the fit.

        Returns:
            The model, its first layer, and the labels without those of frames that cannot be
            read; ``skipped`` says which.

        Raises:
            LimnerError: A model file is refused, or no landmark has a place.
        """
        embedder = self._base(base)
        networks = None if second is None else self._networks(second)
        skipped = list(labelled.skipped)
        if networks is not None and networks.info.skeleton.names != labelled.skeleton.names:
            skipped.append("The second layer was learned for other names and is left out.")
            networks = None
        size = embedder.image_size
        if networks is not None:
            size = max(size, networks.ensemble.config.image_size)
        seen, readable, unread = self._look(labelled, embedder, size)
        labelled = replace(labelled.take(readable), skipped=(*skipped, *unread))
        if not labelled.placed.any():
            raise LimnerError(
                "No labelled frame can be read." if unread else "No landmark has a place yet.",
                "Find the videos again." if unread else "Place the landmarks in one frame.",
            )
        said = np.where(labelled.told, labelled.visible, np.nan)
        frames = np.array([frame for _, frame in labelled.sources], np.int64)
        fold = folds(labelled.group, frames)
        first = fit_first_layer(embedder.embedding, seen, labelled.crop_points(), said, fold)
        assembled = assemble(labelled, embedder, first, networks, curve=judge)
        if judge:
            learned = self._learning(labelled, embedder, seen, said, fold, assembled)
            assembled.info.provenance["figures"]["learning_curve"] = learned
        return assembled, first, labelled

    def answer(self, message: Message) -> tuple[dict[str, Any], Path]:
        """Do what a request asks, and write the model file.

        Returns:
            The header of the answer, and where the file is.

        Raises:
            LimnerError: As `name`; or the file cannot be written.
            ValueError, KeyError, TypeError: The request is not one.
        """
        began = time.perf_counter()
        header = message.header
        labelled = LabelledFrames.from_message(header, message.blobs)
        base, second = header.get("base"), header.get("second")
        assembled, first, used = self.name(
            labelled,
            None if base is None else Path(base),
            None if second is None else Path(second),
            judge=bool(header.get("judge", False)),
        )
        out = Path(header["out"])
        try:
            info = save_model(out, assembled.network, assembled.info)
        except OSError as error:
            raise ModelError(
                f"{out.name} cannot be written: {error.strerror}.",
                "Free some space, or move the project to another folder.",
            ) from error
        figures = info.provenance["figures"]
        return {
            "names": int(first.known.sum()),
            "error_px": [
                None if value != value else round(float(value), 4)
                for value in medians(assembled.held_back_px)
            ],
            "layer": figures["layer"],
            "form": first.form,
            "frames": len(used),
            "skipped": list(used.skipped),
            "ms": round(1000 * (time.perf_counter() - began), 1),
        }, out

    def _learning(
        self,
        labelled: LabelledFrames,
        embedder: Embedder,
        seen: SeenFrames,
        said: NDArray[np.float64],
        fold: NDArray[np.int64],
        assembled: Assembled,
    ) -> dict[str, Any] | None:
        """The first layer's error at rising numbers of labels, and what more of them would buy."""
        truth, per_unit = labelled.crop_points(), labelled.px_per_unit()[:, None]

        def held_back(learn: NDArray[np.intp], judged: NDArray[np.intp]) -> NDArray[np.float64]:
            self._between()
            away = np.full((len(judged), truth.shape[1]), np.nan)
            if np.isfinite(truth[learn]).any():
                part = seen.take(learn)
                layer = fit_first_layer(
                    embedder.embedding, part, truth[learn], said[learn], fold[learn]
                )
                found = layer.predict(embedder.embedding, seen.take(judged))
                away = np.linalg.norm(found - truth[judged], axis=2) * per_unit[judged]
            return away

        count = len(labelled)
        counts, errors = measure_learning(held_back, count, draws=CURVE_DRAWS)
        # The curve's shape is the first layer's; it goes on from the error of what was chosen.
        held = assembled.held_back_px
        told: NDArray[np.float64] = held[np.isfinite(held)]
        now = float(told.mean()) if len(told) else None
        found = fit_learning_curve(counts, errors, labels=count, now=now)
        if not len(found.counts):
            return None
        return {
            "labels": [int(one) for one in found.counts],
            "error_px": [float(one) for one in found.errors],
            "more": found.more,
            "expected_px": None if found.expected != found.expected else found.expected,
            "unsaid": found.unsaid,
            "layer": "first",
        }

    def _base(self, path: Path | None) -> Embedder:
        key = None if path is None else file_key(path)
        if self._embedder is None or self._embedder[0] != key:
            self._embedder = key, Embedder(path, self._device)
        return self._embedder[1]

    def _networks(self, path: Path) -> SecondLayer:
        key = file_key(path)
        if self._second is None or self._second[0] != key:
            self._second = key, read_second_layer(path)
        return self._second[1]

    def _look(
        self, labelled: LabelledFrames, embedder: Embedder, size: int
    ) -> tuple[SeenFrames, NDArray[np.int64], list[str]]:
        """What is seen of the frames that can be read, which these are, and what cannot."""
        assert self._embedder is not None
        keys: list[FrameKey | None] = []
        gone: dict[Path, str] = {}
        files: dict[Path, FileKey | None] = {}
        for (video, frame), crop in zip(labelled.sources, labelled.crops, strict=True):
            if video not in files:
                try:
                    files[video] = file_key(video)
                except ModelError:
                    files[video] = None
                    gone[video] = f"{video.name} is gone: its labels are left out."
            file = files[video]
            keys.append(None if file is None else (self._embedder[0], size, *file, frame, crop))
        wanted = [i for i, key in enumerate(keys) if key is not None and key not in self._seen]
        lost: dict[Path, str] = {}
        for start in range(0, len(wanted), BATCH):
            cuts, found = [], []
            for number in wanted[start : start + BATCH]:
                video, frame = labelled.sources[number]
                try:
                    picture = self._frame(str(video), frame)
                except (FrameUnreadableError, VideoError) as error:
                    lost[video] = f"{error.message} Its label is left out."
                    continue
                cuts.append(cut(picture, labelled.crops[number], size))
                found.append(keys[number])
            if cuts:
                seen = embedder.see(np.stack(cuts))
                for row, key in enumerate(found):
                    if key is not None:
                        self._seen[key] = SeenFrames(*(part[row : row + 1] for part in seen))
            self._between()
        rows, parts = [], []
        for number, key in enumerate(keys):
            if key is not None and key in self._seen:
                self._seen.move_to_end(key)
                rows.append(number)
                parts.append(self._seen[key])
        while len(self._seen) > max(FRAMES_KEPT, len(keys)):
            self._seen.popitem(last=False)
        words = [*gone.values(), *lost.values()]
        if not parts:
            raise LimnerError("No labelled frame can be read.", "Find the videos again.")
        return SeenFrames.join(parts), np.array(rows, np.int64), words
