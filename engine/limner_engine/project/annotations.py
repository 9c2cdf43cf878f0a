"""What a person says of landmarks: where they are, or that they are hidden."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import ProjectError
from limner_engine.project.changes import Row
from limner_engine.project.history import now
from limner_engine.project.origins import ACCEPTED, PERSON
from limner_engine.project.part import ProjectPart
from limner_engine.project.records import Annotation
from limner_engine.types import FrameKey

_IS_ACCEPTED = f"substr(origin, 1, {len(ACCEPTED)}) = '{ACCEPTED}'"
_OF_FRAME = "video_id = ? AND subject = ? AND frame_index = ?"


class AnnotationPart(ProjectPart):
    """Reads and writes annotations; every edit is undoable."""

    def annotations(self, key: FrameKey) -> dict[int, Annotation]:
        """The annotations of one frame, by landmark number."""
        rows = self._database.rows(
            "SELECT landmark, x, y, visible, author, created, origin FROM annotation"
            f" WHERE {_OF_FRAME} ORDER BY landmark",
            (key.video_id, key.subject, key.frame_index),
        )
        return {
            landmark: Annotation(
                landmark,
                math.nan if x is None else x,
                math.nan if y is None else y,
                bool(visible),
                author,
                created,
                origin,
            )
            for landmark, x, y, visible, author, created, origin in rows
        }

    def annotate(
        self,
        key: FrameKey,
        points: Mapping[int, tuple[float, float, bool]],
        *,
        author: str,
        text: str | None = None,
        origin: str = PERSON,
    ) -> None:
        """Say where landmarks of one frame are: one edit, one transaction.

        Args:
            key: The frame.
            points: By landmark number: ``x`` and ``y`` in pixels, and whether it is visible. A
                hidden landmark may have NaN for a place.
            author: Who says so.
            text: What is done, in words; made up from the points unless given.
            origin: Where it was said: ``"person"`` for by hand in this program, else the layout
                and the picture of imported labels.

        Raises:
            ProjectError: the video, frame, subject or landmark is not in the project.
            ValueError: a visible landmark has no finite place; or what a hand placed here would
                be overwritten by what no hand placed here.
        """
        with self._database.transaction():
            self._refuse_elsewhere(key, points)
            if origin != PERSON:
                self._refuse_overwriting(key, points)
            if text is None:
                text = self._text(key, points)
            created = now()
            with self._history.edit(text, key) as edit:
                for landmark, (x, y, visible) in points.items():
                    placed = math.isfinite(x) and math.isfinite(y)
                    if visible and not placed:
                        raise ValueError(f"landmark {landmark} is visible but at ({x}, {y})")
                    edit.put(
                        "annotation",
                        {
                            "video_id": key.video_id,
                            "subject": key.subject,
                            "frame_index": key.frame_index,
                            "landmark": int(landmark),
                            "x": float(x) if placed else None,
                            "y": float(y) if placed else None,
                            "visible": int(visible),
                            "author": author,
                            "created": created,
                            "origin": origin,
                        },
                    )

    def add_annotations(
        self,
        video_id: int,
        subject: int,
        frames: NDArray[np.int64],
        landmarks: NDArray[np.int64],
        points: NDArray[np.floating],
        origins: Sequence[str],
        *,
        author: str,
        text: str,
    ) -> int:
        """Say where landmarks are that nobody said anything of: one edit, however many.

        What is there already stays as it is, so nothing is ever overwritten here.

        Args:
            video_id: The video.
            subject: The subject.
            frames: ``(N,)`` frame of each.
            landmarks: ``(N,)`` number of each.
            points: ``(N, 2)`` finite pixels of the video.
            origins: Where each was said.
            author: Who says so.
            text: What is done, in words.

        Returns:
            How many were added.

        Raises:
            ProjectError: the video, a frame, the subject or a landmark is not in the project.
            ValueError: a place is not finite.
        """
        if not np.isfinite(points).all():
            raise ValueError("an annotation that is visible needs a place")
        if not len(frames):
            return 0
        with self._database.transaction():
            for frame in (int(frames.min()), int(frames.max())):
                self._refuse_elsewhere(FrameKey(video_id, frame, subject), set(landmarks.tolist()))
            known = self.annotated_cells(video_id, subject)
            there = set(zip(*(part.tolist() for part in known), strict=True))
            shared = {"visible": 1, "author": author, "created": now()}
            rows: list[Row] = []
            for frame, landmark, (x, y), origin in zip(
                frames.tolist(), landmarks.tolist(), points.tolist(), origins, strict=True
            ):
                if (frame, landmark) not in there:
                    there.add((frame, landmark))
                    rows.append(
                        {
                            "video_id": video_id,
                            "subject": subject,
                            "frame_index": frame,
                            "landmark": landmark,
                            "x": x,
                            "y": y,
                            **shared,
                            "origin": origin,
                        }
                    )
            if rows:
                place = FrameKey(video_id, rows[0]["frame_index"], subject)
                with self._history.edit(text, place) as edit:
                    edit.add("annotation", rows)
            return len(rows)

    def delete_annotations(self, key: FrameKey, landmarks: Iterable[int]) -> None:
        """Take back what was said of landmarks; a prediction shows there again."""
        wanted = sorted({int(landmark) for landmark in landmarks})
        with self._database.transaction():
            what = self._name(wanted)
            text = f"Clear {what} in frame {key.frame_index}"
            with self._history.edit(text, key) as edit:
                for landmark in wanted:
                    edit.delete(
                        "annotation",
                        f"{_OF_FRAME} AND landmark = ?",
                        (key.video_id, key.subject, key.frame_index, landmark),
                    )

    def copy_annotations(self, from_key: FrameKey, to_key: FrameKey, author: str) -> None:
        """Say the same of one frame as of another, over what was said there.

        Raises:
            ProjectError: the first frame has no annotations.
        """
        points = {
            landmark: (known.x, known.y, known.visible)
            for landmark, known in self.annotations(from_key).items()
        }
        if not points:
            raise ProjectError(
                f"Frame {from_key.frame_index} has no corrections to copy.",
                "Choose a frame that has some.",
            )
        text = f"Copy frame {from_key.frame_index} to frame {to_key.frame_index}"
        self.annotate(to_key, points, author=author, text=text)

    def annotated_frames(self, video_id: int, subject: int = 0) -> NDArray[np.int64]:
        """Indices of the frames that have any annotation, ``(N,)`` int64, rising."""
        return self._frames("1", video_id, subject)

    def accepted_frames(self, video_id: int, subject: int = 0) -> NDArray[np.int64]:
        """Indices of the frames that have an accepted prediction, ``(N,)`` int64, rising."""
        return self._frames(_IS_ACCEPTED, video_id, subject)

    def labelled_frames(self, video_id: int, subject: int = 0) -> NDArray[np.int64]:
        """Indices of the frames of which a person said anything anew, ``(N,)`` int64, rising.

        Those in which predictions were accepted and nothing else are left out.
        """
        return self._frames(f"NOT {_IS_ACCEPTED}", video_id, subject)

    def _frames(self, condition: str, video_id: int, subject: int) -> NDArray[np.int64]:
        rows = self._database.rows(
            "SELECT DISTINCT frame_index FROM annotation WHERE video_id = ? AND subject = ?"
            f" AND {condition} ORDER BY frame_index",
            (video_id, subject),
        )
        return np.array([frame for (frame,) in rows], np.int64)

    def annotated_cells(
        self, video_id: int, subject: int = 0, start: int = 0, stop: int | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Which landmarks of frames ``start`` to ``stop - 1`` are annotated.

        Returns:
            Frames and landmarks, ``(N,)`` int64 each, rising.
        """
        rows = self._database.rows(
            "SELECT frame_index, landmark FROM annotation WHERE video_id = ? AND subject = ?"
            " AND frame_index >= ? AND frame_index < ? ORDER BY frame_index, landmark",
            (video_id, subject, start, 2**62 if stop is None else stop),
        )
        cells = np.array(rows, np.int64).reshape(-1, 2)
        return cells[:, 0], cells[:, 1]

    def all_annotations(self, video_id: int, subject: int = 0) -> dict[str, NDArray[Any]]:
        """All annotations of a video as columns of one length, sorted by frame and landmark.

        Returns:
            ``frame`` and ``landmark`` int64, ``x`` and ``y`` float64 pixels (NaN where hidden and
            nowhere), ``visible`` bool, ``author``, ``created`` and ``origin`` str.
        """
        rows = self._database.rows(
            "SELECT frame_index, landmark, x, y, visible, author, created, origin FROM annotation"
            " WHERE video_id = ? AND subject = ? ORDER BY frame_index, landmark",
            (video_id, subject),
        )
        columns = list(zip(*rows, strict=True)) if rows else [()] * 8
        # None becomes NaN in a float array.
        return {
            "frame": np.array(columns[0], np.int64),
            "landmark": np.array(columns[1], np.int64),
            "x": np.array(columns[2], np.float64),
            "y": np.array(columns[3], np.float64),
            "visible": np.array(columns[4], np.bool_),
            "author": np.array(columns[5], np.str_),
            "created": np.array(columns[6], np.str_),
            "origin": np.array(columns[7], np.str_),
        }

    def _refuse_elsewhere(self, key: FrameKey, landmarks: Iterable[int]) -> None:
        row = self._database.first("SELECT frame_count FROM video WHERE id = ?", (key.video_id,))
        if row is None:
            raise ProjectError(f"The project has no video {key.video_id}.")
        if not 0 <= key.frame_index < row[0]:
            raise ProjectError(
                f"The video has no frame {key.frame_index}; its last one is {row[0] - 1}."
            )
        if self._database.first("SELECT 1 FROM subject WHERE id = ?", (key.subject,)) is None:
            raise ProjectError(f"The project has no subject {key.subject}.")
        (count,) = self._database.first("SELECT count(*) FROM landmark")
        for landmark in landmarks:
            if not 0 <= landmark < count:
                raise ProjectError(
                    f"The skeleton has no landmark {landmark + 1}; it has {count}.",
                    "Add the landmark to the skeleton first.",
                )

    def _refuse_overwriting(self, key: FrameKey, landmarks: Iterable[int]) -> None:
        known = self.annotations(key)
        hand = [i for i in landmarks if i in known and known[i].origin == PERSON]
        if hand:
            raise ValueError(f"landmarks {hand} of frame {key.frame_index} were placed by hand")

    def _name(self, landmarks: Iterable[int]) -> str:
        numbers = list(landmarks)
        if len(numbers) != 1:
            return f"{len(numbers)} landmarks"
        row = self._database.first("SELECT name FROM landmark WHERE number = ?", numbers)
        return f"landmark {numbers[0] + 1}" if row is None else str(row[0])

    def _text(self, key: FrameKey, points: Mapping[int, tuple[float, float, bool]]) -> str:
        known = self.annotations(key)
        if all(not visible for _, _, visible in points.values()):
            verb = "Hide"
        elif all(landmark in known and known[landmark].visible for landmark in points):
            verb = "Move"
        elif all(landmark in known for landmark in points):
            verb = "Show"
        else:
            verb = "Place"
        return f"{verb} {self._name(points)} in frame {key.frame_index}"
