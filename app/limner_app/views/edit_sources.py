"""Pose and looks that an edit takes from other frames, of this video or another one."""

from __future__ import annotations

from PySide6.QtCore import QObject

from limner_app.document import Document
from limner_app.views.frame_choice import FrameChoice
from limner_app.views.frame_edits import FrameEdit, OtherVideo
from limner_app.views.live_drawing import LiveDrawing
from limner_app.views.picture_edits import PictureEdits
from limner_app.views.video_crops import VideoCrops
from limner_engine.project import Video


class EditSources(QObject):
    """Steps of the edit that need another frame; each can be taken back.

    Args:
        document: What is on screen.
        edits: Takes the steps.
        drawing: Finds landmarks.
        crops: What to look at in other videos.
        parent: Qt's owner.
    """

    def __init__(
        self,
        document: Document,
        edits: PictureEdits,
        drawing: LiveDrawing,
        crops: VideoCrops,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._drawing, self._crops = drawing, crops

    def take_looks_from(self, frame_index: int | None, video_id: int | None = None) -> None:
        """Draw with the appearance of another frame.

        Args:
            frame_index: Which; None for the own looks of the frame on screen.
            video_id: The project's number of its video; the one on screen if not given.
        """
        document, edit = self._document, self._edits.edit
        video = self._other(video_id)
        if frame_index is None:
            self._edits.commit(self.tr("This frame's own looks"), edit.with_looks(None))
        elif video is not None:
            self._drawing.spawn(self._take_looks_of(video, frame_index))
        else:
            frame_index = min(max(0, frame_index), document.frame_count - 1)
            text = self.tr("Looks from frame {0}").format(frame_index)
            if frame_index == document.frame_index:
                self._edits.commit(self.tr("This frame's own looks"), edit.with_looks(None))
            else:
                self._edits.commit(text, edit.with_looks(frame_index))

    async def _take_looks_of(self, video: Video, frame_index: int) -> None:
        key = self._document.key()
        frame_index = min(max(0, frame_index), video.frame_count - 1)
        crop = (await self._crops.track(video)).at(frame_index)
        if self._still(key):
            text = self.tr("Looks from frame {0} of {1}").format(frame_index, video.path.name)
            other = OtherVideo(video.id, crop)
            self._edits.commit(text, self._edits.edit.with_looks(frame_index, other))

    def take_pose_from(self, frame_index: int, video_id: int | None = None) -> None:
        """Put all landmarks where another frame has them, within its crop.

        Args:
            frame_index: Which.
            video_id: The project's number of its video; the one on screen if not given.
        """
        video = self._other(video_id) or self._document.video
        if video is not None:
            frame_index = min(max(0, frame_index), video.frame_count - 1)
            self._drawing.spawn(self._take_pose_of(video, frame_index))

    async def _take_pose_of(self, video: Video, frame_index: int) -> None:
        key, other = self._document.key(), self._other(video.id) is not None
        crop = (await self._crops.track(video)).at(frame_index)
        if not self._still(key):
            return
        found = await self._drawing.pose_of(video.path, frame_index, crop)
        if found is None:
            return
        moved = {i: (x, y) for i, (x, y) in enumerate(found.tolist()) if x == x}
        text = self.tr("Pose from frame {0}").format(frame_index)
        if other:
            text = self.tr("Pose from frame {0} of {1}").format(frame_index, video.path.name)
        self._edits.commit(text, self._edits.edit.with_pose(moved))

    def own_pose(self) -> None:
        """Put the landmarks of the frame on screen back, leaving its looks."""
        edit = FrameEdit().with_looks(self._edits.edit.looks_from, self._edits.edit.looks_video)
        self._edits.commit(self.tr("This frame's own pose"), edit)

    def looks_words(self) -> str:
        """Whose looks the picture has, in words; empty for its own."""
        edit = self._edits.edit
        if edit.looks_from is None:
            return ""
        if edit.looks_video is None:
            return self.tr("looks of frame {0}").format(edit.looks_from)
        video = self._drawing.looks_video()
        if video is None:
            return self.tr("the video of the chosen looks is not there; drawn with its own")
        return self.tr("looks of frame {0} of {1}").format(edit.looks_from, video.path.name)

    def offer(self, choice: FrameChoice) -> None:
        """Say which videos there are to choose from, and propose the frame on screen."""
        project, video = self._document.project, self._document.video
        if project is not None and video is not None:
            choice.set_videos(project.videos(), video.id, self._document.frame_index)

    def _other(self, video_id: int | None) -> Video | None:
        """Another video of the project; None where the one on screen is meant."""
        document = self._document
        if video_id is None or document.project is None or document.video is None:
            return None
        return None if video_id == document.video.id else document.project.video(video_id)

    def _still(self, key: object) -> bool:
        return self._document.video is not None and self._document.key() == key
