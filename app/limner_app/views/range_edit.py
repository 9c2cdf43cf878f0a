"""The edit of one frame, told so that it can be made in any frame."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from limner_app.document import Document
from limner_app.views.edit_bar import moved_words
from limner_app.views.edit_sources import EditSources
from limner_app.views.frame_edits import FrameEdit
from limner_app.views.live_drawing import LiveDrawing
from limner_engine.cropping import CropTrack
from limner_engine.inference.render_job import Looks
from limner_engine.types import FrameKey


@dataclass(frozen=True, slots=True)
class RangeEdit:
    """What is to be done in every frame.

    Attributes:
        key: The frame where it was tried out.
        model: Draws.
        video: The file.
        frame_count: Its frames.
        track: What to look at in each.
        offsets: As in `limner_engine.inference.render_job.EditJob`.
        looks: Whose looks are drawn; None for each frame's own.
        words: The edit in words.
    """

    key: FrameKey
    model: Path
    video: Path
    frame_count: int
    track: CropTrack
    offsets: dict[int, tuple[float, float]]
    looks: Looks | None
    words: str


def range_edit(
    document: Document, edit: FrameEdit, drawing: LiveDrawing, sources: EditSources
) -> RangeEdit | None:
    """The edit of the frame on screen; None where there is none, or nothing is found yet."""
    target, found, video = drawing.aim(), drawing.found, document.video
    if edit.empty or target is None or found is None or video is None:
        return None
    looks = None
    if edit.looks_from is not None and target != target.plain:
        source = target.looks_video or target.video
        looks = Looks(source, target.looks_frame, target.looks_crop)
    words = (moved_words(len(edit.moved)), sources.looks_words())
    said = "  ·  ".join(part for part in words if part)
    return RangeEdit(
        document.key(),
        target.model,
        video.path,
        document.frame_count,
        document.crop_track or CropTrack.fixed(target.crop, "whole"),
        edit.offsets(found, target.crop),
        looks,
        said[:1].upper() + said[1:],
    )
