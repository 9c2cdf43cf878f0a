"""What a person labelled, gathered for learning: frames, their crops, and where landmarks are.

Nothing here reads a picture, so that the window can gather labels too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_engine.coordinates import frame_to_crop
from limner_engine.cropping.track import CropTrack
from limner_engine.inference.protocol import crop_from_json, crop_to_json
from limner_engine.project.origins import ACCEPTED
from limner_engine.project.store import Project
from limner_engine.types import Crop, Floats, Skeleton


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFrames:
    """N labelled frames of one subject, with P landmarks each.

    Attributes:
        sources: Of each frame, the video and the frame's index there.
        crops: Of each frame, the square that networks see.
        points_px: ``(N, P, 2)`` float32, pixels of the video; NaN where nobody said a place. A
            hidden landmark may have a place all the same: where it would be seen.
        visible: ``(N, P)`` bool: said to be there, and to be seen.
        told: ``(N, P)`` bool: whether anything was said; what is told and not visible is hidden.
        group: ``(N,)`` int64: frames of one video, or of one person, have one number.
        skeleton: Names of the P landmarks.
        skipped: Sentences about labels that could not be used.
    """

    sources: tuple[tuple[Path, int], ...]
    crops: tuple[Crop, ...]
    points_px: Floats
    visible: NDArray[np.bool_]
    told: NDArray[np.bool_]
    group: NDArray[np.int64]
    skeleton: Skeleton
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = (len(self.sources), len(self.skeleton.names))
        if self.points_px.shape != (*shape, 2):
            raise ValueError(f"points must be {(*shape, 2)}, not {self.points_px.shape}")
        if self.visible.shape != shape or self.told.shape != shape:
            raise ValueError("visible and told must have one value for each point")
        if len(self.crops) != shape[0] or self.group.shape != shape[:1]:
            raise ValueError("every frame needs a crop and a group")

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def frame_count(self) -> int:
        """``N``."""
        return len(self.sources)

    @property
    def placed(self) -> NDArray[np.bool_]:
        """``(N, P)`` bool: where there is a place to learn from."""
        return np.asarray(np.isfinite(self.points_px).all(axis=2), np.bool_)

    def crop_points(self) -> Floats:
        """The points as networks count: ``(N, P, 2)`` float32, -1..1 inside each frame's crop."""
        pairs = zip(self.points_px, self.crops, strict=True)
        placed = [frame_to_crop(points, crop) for points, crop in pairs]
        return np.stack(placed) if placed else np.empty_like(self.points_px)

    def px_per_unit(self) -> Floats:
        """Pixels of the video in one unit of -1..1, for each frame: ``(N,)`` float32."""
        return np.array([crop.side_px / 2 for crop in self.crops], np.float32)

    def take(self, members: NDArray[np.integer] | Sequence[int]) -> LabelledFrames:
        """Some of the frames, in the order of ``members``."""
        chosen = np.asarray(members, np.int64)
        return replace(
            self,
            sources=tuple(self.sources[i] for i in chosen),
            crops=tuple(self.crops[i] for i in chosen),
            points_px=self.points_px[chosen],
            visible=self.visible[chosen],
            told=self.told[chosen],
            group=self.group[chosen],
        )

    def to_message(self) -> tuple[dict[str, Any], tuple[NDArray[Any], ...]]:
        """As it goes through the pipe to the engine, and as it stands in a folder.

        Returns:
            A JSON object, and the arrays: points ``(N, P, 2)`` float32, said ``(N, P)`` uint8 (0
            hidden, 1 visible, 2 nothing said), group ``(N,)`` int64.
        """
        frames = [
            [str(video), frame, crop_to_json(crop)]
            for (video, frame), crop in zip(self.sources, self.crops, strict=True)
        ]
        said = np.where(self.told, self.visible, 2).astype(np.uint8)
        header = {"frames": frames, "skeleton": self.skeleton.to_json()}
        return header, (self.points_px, said, self.group)

    @classmethod
    def from_message(
        cls, header: dict[str, Any], arrays: Sequence[NDArray[Any]]
    ) -> LabelledFrames:
        """The inverse of `to_message`.

        Raises:
            ValueError, KeyError, TypeError: These are no labels.
        """
        points, said, group = arrays
        return cls(
            tuple((Path(video), int(frame)) for video, frame, _ in header["frames"]),
            tuple(crop_from_json(crop) for _, _, crop in header["frames"]),
            np.asarray(points, np.float32),
            said == 1,
            said != 2,
            np.asarray(group, np.int64),
            Skeleton.from_json(header["skeleton"]),
        )

    @classmethod
    def from_project(cls, project: Project, subject: int = 0) -> LabelledFrames:
        """All frames of a project in which a person said anything of a subject.

        A video whose file has gone is left out, and ``skipped`` says so; one whose crop was never
        found is looked at whole. Predictions that were accepted as they are do not count.

        Args:
            project: The open project.
            subject: Whose landmarks.
        """
        skeleton = project.skeleton()
        count = len(skeleton.names)
        sources: list[tuple[Path, int]] = []
        crops: list[Crop] = []
        rows: list[tuple[Floats, NDArray[np.bool_], NDArray[np.bool_]]] = []
        group: list[int] = []
        skipped: list[str] = []
        for video in project.videos():
            said = project.all_annotations(video.id, subject)
            # An accepted prediction is a model's own word: to learn from it proves nothing.
            own = ~np.char.startswith(said["origin"], ACCEPTED)
            said = {name: column[own] for name, column in said.items()}
            indices = np.unique(said["frame"])
            if video.missing:
                if len(indices):
                    skipped.append(
                        f"{video.path.name} is gone: {_frames(len(indices))} of it left out."
                    )
                continue
            text = project.crop_track_json(video.id, subject)
            whole = CropTrack.whole(video.width, video.height)
            track = whole if text is None else CropTrack.from_json(text)
            for index in indices.tolist():
                here = said["frame"] == index
                landmark = said["landmark"][here]
                points = np.full((count, 2), np.nan, np.float32)
                visible, told = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
                points[landmark, 0], points[landmark, 1] = said["x"][here], said["y"][here]
                visible[landmark], told[landmark] = said["visible"][here], True
                sources.append((video.path, index))
                crops.append(track.at(index))
                rows.append((points, visible, told))
                group.append(video.id)
        return cls(
            tuple(sources),
            tuple(crops),
            np.array([points for points, _, _ in rows], np.float32).reshape(len(rows), count, 2),
            np.array([visible for _, visible, _ in rows], np.bool_).reshape(len(rows), count),
            np.array([told for _, _, told in rows], np.bool_).reshape(len(rows), count),
            np.array(group, np.int64),
            skeleton,
            tuple(skipped),
        )


def _frames(count: int) -> str:
    return "one labelled frame" if count == 1 else f"{count} labelled frames"
