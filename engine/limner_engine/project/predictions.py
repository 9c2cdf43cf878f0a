"""What models say of landmarks, apart from what people say.

Frames lie in chunks of 1024: one row of blobs for each. Finding a frame's chunk is one division
and one look-up by key, whatever the length of the video; a few chunks stay in memory. A second,
small table has the least confidence of each frame, from which a timeline is drawn without reading
points.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import ProjectError
from limner_engine.project.changes import mention
from limner_engine.project.models import ModelPart
from limner_engine.types import Floats, Landmarks

CHUNK = 1024
"""Frames in a chunk."""

_KEPT_CHUNKS = 16
_ChunkKey = tuple[int, int, int, int]  # video, model, subject, number of the chunk


@dataclass(frozen=True, eq=False)
class _Chunk:
    points: Floats  # (rows, K, 2)
    confidence: Floats  # (rows, K)
    written: NDArray[np.bool_]  # (CHUNK,): frames for which a model has answered


class PredictionPart(ModelPart):
    """Writes and reads predictions; not undoable, since a model can be asked again."""

    # Made here and not in __init__, which every part shares.
    _chunks: OrderedDict[_ChunkKey, _Chunk | None] | None = None
    _rollbacks = 0

    def write_predictions(
        self,
        video_id: int,
        model_id: int,
        subject: int,
        start: int,
        points: NDArray[np.floating],
        confidence: NDArray[np.floating],
    ) -> None:
        """Keep what a model found in a run of frames, over what it found there before.

        Args:
            video_id: The video.
            model_id: As `add_model` numbered it.
            subject: The subject.
            start: Index of the first frame.
            points: ``(n, K, 2)`` pixels; NaN where a frame could not be read.
            confidence: ``(n, K)``, 0..1 or NaN.

        Raises:
            ProjectError: video or model are not in the project, or the run goes past the end.
            ValueError: the shapes do not fit one another or what the model wrote before.
        """
        points = np.asarray(points, np.float32)
        confidence = np.asarray(confidence, np.float32)
        if points.ndim != 3 or points.shape[2] != 2 or confidence.shape != points.shape[:2]:
            raise ValueError(f"points {points.shape} and confidence {confidence.shape} do not fit")
        stop = start + len(points)
        touched: dict[_ChunkKey, _Chunk] = {}
        with self._database.transaction():
            frame_count = self._frame_count(video_id)
            if not 0 <= start <= stop <= frame_count:
                raise ProjectError(
                    f"Frames {start} to {stop - 1} go past the video's last one,"
                    f" {frame_count - 1}."
                )
            if not self._has_model(model_id):
                raise ProjectError(f"The project has no model {model_id}.")
            known = self._landmark_count(video_id, model_id, subject)
            if known not in (None, points.shape[1]):
                raise ValueError(
                    f"the model wrote {known} landmarks before, not {points.shape[1]}"
                )
            for number in range(start // CHUNK, -(-stop // CHUNK)):
                first = number * CHUNK
                low, high = max(start, first), min(stop, first + CHUNK)
                key = (video_id, model_id, subject, number)
                chunk = _merged(
                    self._stored(key),
                    low - first,
                    points[low - start : high - start],
                    confidence[low - start : high - start],
                )
                self._store(key, chunk)
                touched[key] = chunk
        for key, chunk in touched.items():
            self._keep(key, chunk)

    def predictions(
        self, video_id: int, model_id: int, subject: int, frame_index: int
    ) -> Landmarks | None:
        """What a model found in one frame; None where it was not asked.

        A frame that the model was asked about but that could not be read has NaN throughout.
        """
        if frame_index < 0:
            return None
        number, row = divmod(frame_index, CHUNK)
        chunk = self._chunk((video_id, model_id, subject, number))
        if chunk is None or not chunk.written[row]:
            return None
        return Landmarks(chunk.points[row].copy(), chunk.confidence[row].copy())

    def predictions_range(
        self, video_id: int, model_id: int, subject: int, start: int, stop: int
    ) -> tuple[Floats, Floats]:
        """What a model found in frames ``start`` to ``stop - 1``.

        Returns:
            ``(n, K, 2)`` float32 pixels and ``(n, K)`` float32 confidence, NaN where there is
            nothing; K is 0 where the model was never asked.
        """
        landmark_count = self._landmark_count(video_id, model_id, subject) or 0
        length = max(0, stop - start)
        points = np.full((length, landmark_count, 2), np.nan, np.float32)
        confidence = np.full((length, landmark_count), np.nan, np.float32)
        if length == 0 or landmark_count == 0:
            return points, confidence
        for number in range(max(0, start) // CHUNK, -(-stop // CHUNK)):
            chunk = self._chunk((video_id, model_id, subject, number))
            if chunk is None:
                continue
            if chunk.points.shape[1] != landmark_count:
                raise self._damaged()
            first = number * CHUNK
            low, high = max(start, first), min(stop, first + len(chunk.points))
            if low < high:
                points[low - start : high - start] = chunk.points[low - first : high - first]
                confidence[low - start : high - start] = chunk.confidence[
                    low - first : high - first
                ]
        return points, confidence

    def predicted_mask(self, video_id: int, model_id: int, subject: int = 0) -> NDArray[np.bool_]:
        """For which frames the model was asked, ``(frame_count,)`` bool.

        Also true for frames that could not be read: asking again would not help.
        """
        mask = np.zeros(self._frame_count(video_id), np.bool_)
        for number, written in self._database.rows(
            "SELECT chunk, written FROM prediction_summary"
            " WHERE video_id = ? AND model_id = ? AND subject = ?",
            (video_id, model_id, subject),
        ):
            part = mask[number * CHUNK : (number + 1) * CHUNK]
            part[:] = self._bits(written)[: len(part)]
        return mask

    def confidence_summary(self, video_id: int, model_id: int, subject: int = 0) -> Floats:
        """The least confidence of each frame's landmarks, for timelines.

        Returns:
            ``(frame_count,)`` float32, true to three digits; NaN where there is nothing.
        """
        summary = np.full(self._frame_count(video_id), np.nan, np.float32)
        for number, values in self._database.rows(
            "SELECT chunk, min_confidence FROM prediction_summary"
            " WHERE video_id = ? AND model_id = ? AND subject = ?",
            (video_id, model_id, subject),
        ):
            if len(values) % 2 or len(values) > 2 * CHUNK:
                raise self._damaged()
            part = summary[number * CHUNK :][: len(values) // 2]
            part[:] = np.frombuffer(values, "<f2")[: len(part)]
        return summary

    def clear_predictions(
        self, video_id: int, model_id: int | None = None, subject: int | None = None
    ) -> None:
        """Drop what a model, or every model, found in a video, of one subject or of all.

        Imported predictions go only when they are named: no model can make them again.
        """
        gone = [model_id]
        if model_id is None:
            gone = [model.id for model in self.models() if not model.info.imported]
        with self._database.transaction():
            for number in gone:
                self._database.write(
                    "DELETE FROM prediction_summary WHERE video_id = ? AND model_id = ?"
                    " AND (? IS NULL OR subject = ?)",
                    (video_id, number, subject, subject),
                )
        self._chunks = None

    def sweep(self) -> int:
        """Drop predictions of removed videos and subjects that undo cannot bring back any more.

        Done when a project is opened.

        Returns:
            How many chunks went.
        """
        orphans = (
            "(video_id NOT IN (SELECT id FROM video) AND video_id NOT IN"
            " (SELECT video_id FROM history WHERE video_id IS NOT NULL))"
            " OR (subject NOT IN (SELECT id FROM subject)"
            " AND NOT EXISTS (SELECT 1 FROM history WHERE instr(changes, ?)))"
        )
        of_subject = (mention("subject"),)
        with self._database.transaction():
            (count,) = self._database.first(
                f"SELECT count(*) FROM prediction_summary WHERE {orphans}", of_subject
            )
            if count:
                self._database.write(f"DELETE FROM prediction_summary WHERE {orphans}", of_subject)
        self._chunks = None
        return int(count)

    def _frame_count(self, video_id: int) -> int:
        row = self._database.first("SELECT frame_count FROM video WHERE id = ?", (video_id,))
        if row is None:
            raise ProjectError(f"The project has no video {video_id}.")
        return int(row[0])

    def _landmark_count(self, video_id: int, model_id: int, subject: int) -> int | None:
        row = self._database.first(
            "SELECT landmark_count FROM prediction_summary"
            " WHERE video_id = ? AND model_id = ? AND subject = ? LIMIT 1",
            (video_id, model_id, subject),
        )
        return None if row is None else int(row[0])

    def _chunk(self, key: _ChunkKey) -> _Chunk | None:
        kept = self._kept()
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
        chunk = self._stored(key)
        self._keep(key, chunk)
        return chunk

    def _keep(self, key: _ChunkKey, chunk: _Chunk | None) -> None:
        kept = self._kept()
        kept[key] = chunk
        kept.move_to_end(key)
        while len(kept) > _KEPT_CHUNKS:
            kept.popitem(last=False)

    def _kept(self) -> OrderedDict[_ChunkKey, _Chunk | None]:
        # What was written in a transaction that was taken back must not be remembered.
        if self._chunks is None or self._rollbacks != self._database.rollbacks:
            self._chunks = OrderedDict()
            self._rollbacks = self._database.rollbacks
        return self._chunks

    def _stored(self, key: _ChunkKey) -> _Chunk | None:
        row = self._database.first(
            "SELECT landmark_count, row_count, written, points, confidence"
            " FROM prediction_summary JOIN prediction_chunk USING (id)"
            " WHERE video_id = ? AND model_id = ? AND subject = ? AND chunk = ?",
            key,
        )
        if row is None:
            return None
        landmark_count, rows, written, points, confidence = row
        cells = rows * landmark_count
        if len(points) != 8 * cells or len(confidence) != 4 * cells or not 0 <= rows <= CHUNK:
            raise self._damaged()
        return _Chunk(
            np.frombuffer(points, "<f4").reshape(rows, landmark_count, 2),
            np.frombuffer(confidence, "<f4").reshape(rows, landmark_count),
            self._bits(written),
        )

    def _store(self, key: _ChunkKey, chunk: _Chunk) -> None:
        # fmin passes over NaN; a frame without any landmark stays NaN.
        least = np.fmin.reduce(chunk.confidence, axis=1, initial=np.nan).astype("<f2")
        rows, landmark_count = chunk.confidence.shape
        self._database.write(
            "INSERT INTO prediction_summary (video_id, model_id, subject, chunk, landmark_count,"
            " row_count, written, min_confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (video_id, model_id, subject, chunk) DO UPDATE SET"
            " row_count = excluded.row_count, written = excluded.written,"
            " min_confidence = excluded.min_confidence",
            (*key, landmark_count, rows, np.packbits(chunk.written).tobytes(), least.tobytes()),
        )
        # lastrowid is not set by an upsert that updates, so the number is looked up.
        (number,) = self._database.first(
            "SELECT id FROM prediction_summary"
            " WHERE video_id = ? AND model_id = ? AND subject = ? AND chunk = ?",
            key,
        )
        self._database.write(
            "INSERT OR REPLACE INTO prediction_chunk (id, points, confidence) VALUES (?, ?, ?)",
            (
                number,
                chunk.points.astype("<f4", copy=False).tobytes(),
                chunk.confidence.astype("<f4", copy=False).tobytes(),
            ),
        )

    def _bits(self, written: bytes) -> NDArray[np.bool_]:
        if len(written) * 8 != CHUNK:
            raise self._damaged()
        return np.unpackbits(np.frombuffer(written, np.uint8)).astype(np.bool_)

    def _damaged(self) -> ProjectError:
        return ProjectError(
            f"Predictions in {self.path.name} are damaged.",
            "Clear them and run the model again.",
        )


def _merged(former: _Chunk | None, offset: int, points: Floats, confidence: Floats) -> _Chunk:
    """A chunk with new rows from ``offset`` on, and the former ones elsewhere."""
    landmark_count = points.shape[1]
    stop = offset + len(points)
    written = np.zeros(CHUNK, np.bool_) if former is None else former.written.copy()
    rows = stop
    if former is not None:
        rows = max(stop, len(former.points))
    all_points = np.full((rows, landmark_count, 2), np.nan, np.float32)
    all_confidence = np.full((rows, landmark_count), np.nan, np.float32)
    if former is not None:
        all_points[: len(former.points)] = former.points
        all_confidence[: len(former.points)] = former.confidence
    all_points[offset:stop] = points
    all_confidence[offset:stop] = confidence
    written[offset:stop] = True
    return _Chunk(all_points, all_confidence, written)
