"""A button that lets a person choose another frame, of this video or another one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.views.frame_picker import FramePicker
from limner_app.views.frame_reading import FrameReading
from limner_app.views.preview_tile import PreviewTile
from limner_app.views.reading import Reading
from limner_engine.errors import LimnerError
from limner_engine.project import Video
from limner_engine.types import Image

_WIDTH_PX = 300
_TILE_PX = 168


def small_frame(frames: FrameReading, video: Video, frame_index: int) -> Image | str:
    """A frame shrunk for a tile, or why it cannot be read."""
    import cv2

    try:
        image = frames.read(video.path, frame_index)
    except LimnerError as error:
        return error.message
    scale = min(1.0, 2 * _WIDTH_PX / image.shape[1])
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


class FrameChoice(QToolButton):
    """Opens a small panel with the videos of the project, a frame number and its picture.

    Signals:
        opening: The panel is about to open, and wants to know what there is (`set_videos`).
        chosen: The frame that was chosen, and the project's number of its video.
        cleared: The frame's own is wanted back.
    """

    opening = Signal(object)
    chosen = Signal(int, int)
    cleared = Signal()

    def __init__(
        self, text: str, icon: str, question: str, own: str, parent: QWidget | None = None
    ) -> None:
        """Make the button.

        Args:
            text: What stands on it.
            icon: Its icon's name.
            question: What the panel says above the number.
            own: What the button says that goes back to the frame's own.
            parent: Qt's owner.
        """
        super().__init__(parent)
        self.setText(text)
        self.setIcon(theme.icon(icon))
        self.setToolTip(question)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._frames = FrameReading()
        self._reading = Reading(self)
        self._reading.done.connect(self._show)
        self._panel = QFrame(self, Qt.WindowType.Popup)
        self._panel.setProperty("role", "card")
        self._panel.setFixedWidth(_WIDTH_PX)
        self.picker = FramePicker()
        self.number = self.picker.number
        self.tile = PreviewTile(_TILE_PX, self.tr("The chosen frame"))
        self.tile.captioned = False
        self.use = QPushButton(self.tr("Use"))
        self.use.setProperty("primary", True)
        self.use.setDefault(True)
        self.own = QPushButton(own)
        self.own.setProperty("quiet", True)
        label = QLabel(question)
        label.setProperty("role", "dim")
        foot = QHBoxLayout()
        foot.setSpacing(theme.GAP)
        foot.addWidget(self.own)
        foot.addStretch(1)
        foot.addWidget(self.use)
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.MARGIN)
        column.setSpacing(theme.GAP)
        column.addWidget(label)
        column.addWidget(self.picker)
        column.addWidget(self.tile)
        column.addLayout(foot)
        self.clicked.connect(self.ask)
        self.use.clicked.connect(self._choose)
        self.own.clicked.connect(self._clear)
        self.number.lineEdit().returnPressed.connect(self._choose)
        self.picker.changed.connect(self._look)

    def set_videos(self, videos: Sequence[Video], shown: int, frame_index: int) -> None:
        """What there is to choose from.

        Args:
            videos: Of the project.
            shown: The project's number of the one on screen.
            frame_index: The frame on screen; proposed while its video is chosen.
        """
        self.picker.set_videos(videos, shown)
        video = self.picker.video
        if video is not None and video.id == shown:
            self.picker.choose(shown, frame_index)

    def ask(self) -> None:
        """Open the panel under the button, ready to choose."""
        self.opening.emit(self)
        self._panel.adjustSize()
        at = self.mapToGlobal(QPoint(0, self.height() + theme.GRID))
        screen = QGuiApplication.screenAt(at)
        if screen is not None:
            room = screen.availableGeometry()
            at.setX(max(room.left(), min(at.x(), room.right() - self._panel.width())))
        self._panel.move(at)
        self._panel.show()
        self.number.setFocus()
        self.number.selectAll()
        self._look()

    def _look(self) -> None:
        video, frame = self.picker.video, self.picker.frame
        self.use.setEnabled(video is not None)
        if video is not None and self._panel.isVisible():
            self._reading.start(lambda: small_frame(self._frames, video, frame))

    def _show(self, found: Image | str) -> None:
        if isinstance(found, str):
            self.tile.set_words(found)
        else:
            self.tile.set_picture(found)

    def _close(self) -> None:
        self._panel.hide()
        self._reading.drop()

    def _choose(self) -> None:
        video = self.picker.video
        self._close()
        if video is not None:
            self.chosen.emit(self.picker.frame, video.id)

    def _clear(self) -> None:
        self._close()
        self.cleared.emit()
