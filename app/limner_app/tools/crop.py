"""Moving and resizing the square that the network looks at."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent, QPainter

from limner_app.tools.crop_box import HANDLE_PX, corners, draw_crop_box
from limner_app.tools.tool import Tool
from limner_app.views.frame_view import FrameView
from limner_engine.coordinates import frame_to_crop
from limner_engine.cropping import CropTrack
from limner_engine.types import Crop

_LEAST_SIDE_PX = 16.0


def changed_track(
    track: CropTrack | None, frame_index: int, before: Crop, after: Crop
) -> CropTrack:
    """A track after its crop of one frame was changed by hand.

    A square that follows something goes on following it: all its places get the same shift and
    the same change of size. One that is keyed by hand gets a key in this frame.

    Args:
        track: As it was; None where the whole frame was taken.
        frame_index: The frame in which the crop was changed.
        before: The crop of the frame before.
        after: And after.
    """
    if track is not None and track.mode == "keys":
        return track.with_key(frame_index, after)
    if track is None or len(track.frames) == 1:
        return CropTrack.fixed(after)
    values = track.values.copy()
    values[:, 0] += after.centre_x_px - before.centre_x_px
    values[:, 1] += after.centre_y_px - before.centre_y_px
    values[:, 2] *= after.side_px / before.side_px
    return CropTrack(track.frames.copy(), values.astype(np.float32), "hand")


class CropTool(Tool):
    """Drag a corner to resize, drag inside to move; one undoable edit at release."""

    def __init__(self, view: FrameView) -> None:
        super().__init__(view)
        self._start: Crop | None = None
        self._now: Crop | None = None
        self._corner: int | None = None
        self._pressed = (0.0, 0.0)

    def _corner_at(self, at: QPointF) -> int | None:
        for i, corner in enumerate(corners(self.view, self.view.document.crop())):
            if max(abs(corner.x() - at.x()), abs(corner.y() - at.y())) <= HANDLE_PX:
                return i
        return None

    def _holds(self, at: QPointF) -> bool:
        point = np.array(self.view.to_video(at), np.float32)
        return bool((abs(frame_to_crop(point, self.view.document.crop())) <= 1).all())

    def press(self, event: QMouseEvent) -> None:
        """Take a corner or the whole square."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._corner = self._corner_at(event.position())
        if self._corner is not None or self._holds(event.position()):
            self._start = self._now = self.view.document.crop()
            self._pressed = self.view.to_video(event.position())

    def move(self, event: QMouseEvent) -> None:
        """Show the square where it would be."""
        start = self._start
        if start is None:
            corner = self._corner_at(event.position())
            if corner is not None:
                slant = Qt.CursorShape.SizeFDiagCursor
                other = Qt.CursorShape.SizeBDiagCursor
                self.view.setCursor(slant if corner % 2 == 0 else other)
            elif self._holds(event.position()):
                self.view.setCursor(Qt.CursorShape.SizeAllCursor)
            else:
                self.view.unsetCursor()
            return
        x, y = self.view.to_video(event.position())
        if self._corner is None:
            dx, dy = x - self._pressed[0], y - self._pressed[1]
            self._now = Crop(
                start.centre_x_px + dx, start.centre_y_px + dy, start.side_px, start.angle_rad
            )
        else:
            self._now = self._resized(start, x, y)
        self.view.update()

    def _resized(self, start: Crop, x: float, y: float) -> Crop:
        """The square between the corner opposite to the taken one and the mouse."""
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))[self._corner or 0]
        inside = frame_to_crop(np.array([x, y], np.float32), start)
        # How far the mouse is from the opposite corner along the diagonal, in half sides.
        reach = (signs[0] * float(inside[0]) + 1 + signs[1] * float(inside[1]) + 1) / 2
        side = max(_LEAST_SIDE_PX, start.side_px * reach / 2)
        shift = (side - start.side_px) / 2
        cos, sin = math.cos(start.angle_rad), math.sin(start.angle_rad)
        dx, dy = signs[0] * shift, signs[1] * shift
        return Crop(
            start.centre_x_px + cos * dx - sin * dy,
            start.centre_y_px + sin * dx + cos * dy,
            side,
            start.angle_rad,
        )

    def release(self, _event: QMouseEvent) -> None:
        """Write the square as one edit."""
        start, now = self._start, self._now
        self._start = self._now = None
        if start is not None and now is not None and now != start:
            document = self.view.document
            changed = changed_track(document.crop_track, document.frame_index, start, now)
            document.set_crop_track(changed)
        self.view.update()

    def frame_left(self) -> None:
        """Let go of the square."""
        self._start = self._now = None

    def paint(self, painter: QPainter) -> None:
        """The square with its handles."""
        crop = self._now or self.view.document.crop()
        draw_crop_box(painter, self.view, crop, handles=True)
