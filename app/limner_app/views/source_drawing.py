"""Live drawing whose looks and pose may come from another video of the project."""

from __future__ import annotations

from pathlib import Path

from limner_app.views.live_drawing import LiveDrawing
from limner_app.views.redrawer import Redrawer, Target, from_crop_to_crop
from limner_engine.project import Video
from limner_engine.types import Crop, Floats


class SourceDrawing(LiveDrawing):
    """Everything that draws in Edit goes through its one redrawer, since the engine holds one."""

    @property
    def redrawer(self) -> Redrawer:
        """Knows what the engine holds."""
        return self._redrawer

    def looks_video(self) -> Video | None:
        """The other video whose looks are drawn; None for the same one, or where it is gone."""
        other, project = self._edits.edit.looks_video, self._document.project
        if other is None or project is None:
            return None
        known = {video.id: video for video in project.videos()}
        video = known.get(other.video_id)
        return None if video is None or video.missing else video

    def aim(self) -> Target | None:
        """What the engine should hold for the frame on screen; None where it cannot draw.

        Looks of a video that is no longer there are left out; Edit says so below the pictures.
        """
        target, edit = super().aim(), self._edits.edit
        if target is None or edit.looks_video is None or edit.looks_from is None:
            return target
        video = self.looks_video()
        if video is None:
            return target.plain
        frame = min(edit.looks_from, video.frame_count - 1)
        return target._replace(
            looks_frame=frame, looks_crop=edit.looks_video.crop, looks_video=video.path
        )

    async def pose_of(self, video: Path, frame_index: int, crop: Crop) -> Floats | None:
        """The landmarks of any frame, moved from its crop into that of the frame on screen.

        Args:
            video: The file.
            frame_index: Which of its frames.
            crop: What the network sees of that frame.

        Returns:
            ``(K, 2)`` pixels of the video on screen; None where another frame has come on screen
            meanwhile.
        """
        target = self.aim()
        if target is None:
            return None
        other = Target(target.model, video, frame_index, crop, frame_index, crop)
        found = from_crop_to_crop(await self._redrawer.find(other), crop, target.crop)
        return found if self._still(target) else None
