"""Predictions that a person does not want: kept apart from them, so that they can be had again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from limner_engine.project.part import ProjectPart
from limner_engine.types import FrameKey

_OF_MODEL = "video_id = ? AND subject = ? AND model_id = ?"


class RejectionPart(ProjectPart):
    """Rejects predictions and takes that back; all of it undoable.

    A rejection is of one landmark of one subject in one frame, as one model finds it. It holds
    when that model is asked again, also after it has learned more; another model's prediction
    shows. What the model found stays where it is.
    """

    def rejected(self, key: FrameKey, model_id: int) -> frozenset[int]:
        """Landmarks of one frame whose predictions were rejected."""
        rows = self._database.rows(
            f"SELECT landmark FROM rejection WHERE {_OF_MODEL} AND frame_index = ?",
            (key.video_id, key.subject, model_id, key.frame_index),
        )
        return frozenset(landmark for (landmark,) in rows)

    def rejections(
        self,
        video_id: int,
        model_id: int,
        subject: int = 0,
        start: int = 0,
        stop: int | None = None,
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """What was rejected in a run of frames, by default a whole video.

        Returns:
            Frames and landmarks, ``(N,)`` int64 each, rising.
        """
        rows = self._database.rows(
            f"SELECT frame_index, landmark FROM rejection WHERE {_OF_MODEL}"
            " AND frame_index >= ? AND frame_index < ? ORDER BY frame_index, landmark",
            (video_id, subject, model_id, start, 2**62 if stop is None else stop),
        )
        cells = np.array(rows, np.int64).reshape(-1, 2)
        return cells[:, 0], cells[:, 1]

    def add_rejections(
        self,
        video_id: int,
        model_id: int,
        subject: int,
        frames: NDArray[np.int64],
        landmarks: NDArray[np.int64],
        text: str,
    ) -> int:
        """Reject predictions: one edit, however many; gives how many were not rejected before.

        Args:
            video_id: The video.
            model_id: Whose predictions.
            subject: The subject.
            frames: ``(N,)`` frame of each.
            landmarks: ``(N,)`` the project's number of each landmark.
            text: What is done, in words.

        Raises:
            ProjectError: video, model or subject are not in the project.
        """
        with self._database.transaction():
            known = self.rejections(video_id, model_id, subject)
            former = set(zip(*(part.tolist() for part in known), strict=True))
            new = [
                cell
                for cell in sorted(set(zip(frames.tolist(), landmarks.tolist(), strict=True)))
                if cell not in former
            ]
            if not new:
                return 0
            with self._history.edit(text, _place(video_id, subject, new)) as edit:
                edit.add(
                    "rejection",
                    [
                        {
                            "video_id": video_id,
                            "subject": subject,
                            "model_id": model_id,
                            "frame_index": frame,
                            "landmark": landmark,
                        }
                        for frame, landmark in new
                    ],
                )
            return len(new)

    def take_back_rejections(
        self,
        video_id: int,
        model_id: int,
        subject: int,
        start: int,
        stop: int,
        landmark: int | None = None,
    ) -> int:
        """Let rejected predictions of frames ``start`` to ``stop - 1`` show again: one edit.

        Args:
            video_id: The video.
            model_id: Whose predictions.
            subject: The subject.
            start: First frame.
            stop: Behind the last frame.
            landmark: Only this one.

        Returns:
            How many they were.
        """
        where = f"{_OF_MODEL} AND frame_index >= ? AND frame_index < ?"
        values = [video_id, subject, model_id, start, stop]
        if landmark is not None:
            where, values = f"{where} AND landmark = ?", [*values, landmark]
        place = FrameKey(video_id, start, subject)
        with self._history.edit("Take rejections back", place) as edit:
            return edit.delete("rejection", where, values)


def _place(video_id: int, subject: int, cells: Sequence[tuple[int, int]]) -> FrameKey:
    return FrameKey(video_id, cells[0][0], subject)
