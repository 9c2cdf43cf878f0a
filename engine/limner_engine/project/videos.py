"""The videos of a project and the crops that the network sees of them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from limner_engine.errors import ProjectError
from limner_engine.project.media import located_path, stored_path
from limner_engine.project.part import ProjectPart
from limner_engine.project.records import Video

_COLUMNS = (
    "id, relative_path, absolute_path, fingerprint, size_bytes, frame_count, width, height,"
    " frame_rate"
)


class VideoPart(ProjectPart):
    """Adds, removes and relinks videos; all of it undoable."""

    def videos(self) -> list[Video]:
        """All videos in the order they were added."""
        rows = self._database.rows(f"SELECT {_COLUMNS} FROM video ORDER BY id")
        return [self._video(row) for row in rows]

    def video(self, video_id: int) -> Video:
        """One video.

        Raises:
            ProjectError: the project has none of that number.
        """
        row = self._database.first(f"SELECT {_COLUMNS} FROM video WHERE id = ?", (video_id,))
        if row is None:
            raise ProjectError(
                f"The project has no video {video_id}.",
                "It may have been removed; undo brings it back.",
            )
        return self._video(row)

    def add_video(
        self,
        path: Path,
        *,
        fingerprint: str,
        frame_count: int,
        width: int,
        height: int,
        frame_rate: float,
    ) -> Video:
        """Add a video; one that is there already is given back unchanged.

        Args:
            path: The file.
            fingerprint: As `limner_engine.video.fingerprint` tells it.
            frame_count: Frames that are shown.
            width: Pixels, as shown.
            height: Pixels, as shown.
            frame_rate: Average, frames per second; above 0.

        Raises:
            ProjectError: there is no such file, or the project has it under another path.
        """
        for known in self.videos():
            if known.fingerprint == fingerprint:
                if known.path == path.absolute() or known.path == path.resolve():
                    return known
                raise ProjectError(
                    f"{path.name} is in the project already, as {known.path}.",
                    "Relink that one if it has moved.",
                )
        row = self._described(path, fingerprint, frame_count, width, height, frame_rate)
        with self._history.edit(f"Add {path.name}") as edit:
            number = self._next_id()
            edit.put("video", {"id": number, **row})
        return self.video(number)

    def remove_video(self, video_id: int) -> None:
        """Take a video out of the project, with its annotations, rejections and crops.

        The file itself is left alone. Predictions go out of sight with it; undo brings everything
        back, predictions too. Only when the removal is no longer in the history are they dropped
        for good, by `sweep`.
        """
        video = self.video(video_id)
        with self._history.edit(f"Remove {video.path.name}", video_id=video_id) as edit:
            for table in ("annotation", "rejection", "crop_track"):
                edit.delete(table, "video_id = ?", (video_id,))
            edit.delete("video", "id = ?", (video_id,))

    def relink(
        self,
        video_id: int,
        path: Path,
        fingerprint: str,
        *,
        frame_count: int | None = None,
        width: int | None = None,
        height: int | None = None,
        frame_rate: float | None = None,
        force: bool = False,
    ) -> Video:
        """Say where a video is now.

        Args:
            video_id: Which.
            path: The file.
            fingerprint: Of that file.
            frame_count: Of that file, where known; told in a refusal, stored when forced.
            width: Likewise.
            height: Likewise.
            frame_rate: Likewise.
            force: Take a file with other contents all the same.

        Raises:
            ProjectError: there is no such file, or its contents are others; says what differs.
        """
        video = self.video(video_id)
        row = self._described(
            path,
            fingerprint,
            video.frame_count if frame_count is None else frame_count,
            video.width if width is None else width,
            video.height if height is None else height,
            video.frame_rate if frame_rate is None else frame_rate,
        )
        if fingerprint != video.fingerprint and not force:
            raise ProjectError(
                f"{path.name} is not the video that the project knows as {video.path.name}: "
                f"{_difference(video, row)}.",
                "Choose the file with the same contents, or add this one as another video.",
            )
        with self._history.edit(f"Relink {video.path.name}", video_id=video_id) as edit:
            edit.put("video", {"id": video_id, **row})
        return self.video(video_id)

    def crop_track_json(self, video_id: int, subject: int = 0) -> str | None:
        """The crops of a video as `set_crop_track_json` got them; None where there are none."""
        row = self._database.first(
            "SELECT track FROM crop_track WHERE video_id = ? AND subject = ?", (video_id, subject)
        )
        return None if row is None else str(row[0])

    def set_crop_track_json(self, video_id: int, subject: int, text: str | None) -> None:
        """Keep the crops of a video; None takes them away. Undoable."""
        name = self.video(video_id).path.name
        with self._history.edit(f"Change the crop of {name}", video_id=video_id) as edit:
            if text is None:
                edit.delete("crop_track", "video_id = ? AND subject = ?", (video_id, subject))
            else:
                edit.put("crop_track", {"video_id": video_id, "subject": subject, "track": text})

    def _next_id(self) -> int:
        # AUTOINCREMENT keeps the highest number ever used, also of rows that undo took away.
        row = self._database.first("SELECT seq FROM sqlite_sequence WHERE name = 'video'")
        return 1 if row is None else int(row[0]) + 1

    def _described(
        self,
        path: Path,
        fingerprint: str,
        frame_count: int,
        width: int,
        height: int,
        frame_rate: float,
    ) -> dict[str, Any]:
        if not path.is_file():
            raise ProjectError(f"There is no file {path}.", "It may have been moved or renamed.")
        if not (math.isfinite(frame_rate) and frame_rate > 0):
            raise ValueError(f"a frame rate must be above 0, not {frame_rate}")
        relative, absolute = stored_path(path, self.folder)
        return {
            "relative_path": relative,
            "absolute_path": absolute,
            "fingerprint": fingerprint,
            "size_bytes": path.stat().st_size,
            "frame_count": int(frame_count),
            "width": int(width),
            "height": int(height),
            "frame_rate": float(frame_rate),
        }

    def _video(self, row: tuple[Any, ...]) -> Video:
        number, relative, absolute, fingerprint, size, frames, width, height, rate = row
        path = located_path(relative, absolute, self.folder)
        return Video(
            number,
            path,
            relative,
            fingerprint,
            frames,
            width,
            height,
            rate,
            not path.is_file(),
            size,
        )


def _difference(video: Video, row: dict[str, Any]) -> str:
    parts = []
    if row["frame_count"] != video.frame_count:
        parts.append(f"it has {row['frame_count']} frames, not {video.frame_count}")
    if (row["width"], row["height"]) != (video.width, video.height):
        parts.append(
            f"its pictures are {row['width']} × {row['height']} pixels, not "
            f"{video.width} × {video.height}"
        )
    if row["size_bytes"] != video.size_bytes:
        parts.append(f"the file has {row['size_bytes']:,} bytes, not {video.size_bytes:,}")
    return " and ".join(parts) or "its contents are others, though its size is the same"
