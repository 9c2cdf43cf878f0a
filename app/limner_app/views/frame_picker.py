"""One frame of any video of the project, chosen by eye or by number."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import indent_number
from limner_engine.project import Video

_ASK = "ask"
_PICTURES = "*.png *.jpg *.jpeg *.bmp *.tif *.tiff *.webp"


class FramePicker(QWidget):
    """A list of videos over a slider and a number.

    Signals:
        changed: Another frame is chosen.

    Args:
        pictures: Also offer a picture file.
    """

    changed = Signal()

    def __init__(self, *, pictures: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = pictures
        self._known: dict[int, Video] = {}
        self._picture: Path | None = None
        self._before = 0
        self.videos = QComboBox()
        self.videos.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.videos.setMinimumWidth(120)
        self.videos.setAccessibleName(self.tr("Video"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Frame"))
        self.slider.setMinimumWidth(80)
        self.number = QSpinBox()
        self.number.setMinimumWidth(88)
        indent_number(self.number)
        self.number.setFont(theme.tabular(self.font()))
        self.number.setAccessibleName(self.tr("Frame number"))
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(self.slider, 1)
        row.addWidget(self.number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.videos)
        column.addLayout(row)
        self.number.valueChanged.connect(self._number_changed)
        self.slider.valueChanged.connect(self.number.setValue)
        self.videos.activated.connect(self._activated)
        self.videos.currentIndexChanged.connect(self._video_changed)

    @property
    def video(self) -> Video | None:
        """The chosen video of the project; None for a picture file, or where there is none."""
        chosen = self.videos.currentData()
        return self._known.get(chosen) if isinstance(chosen, int) else None

    @property
    def path(self) -> Path | None:
        """The chosen file; None where there is none."""
        if isinstance(self.videos.currentData(), Path):
            return self._picture
        return None if self.video is None else self.video.path

    @property
    def frame(self) -> int:
        """The chosen frame."""
        return self.number.value()

    def set_videos(self, videos: Sequence[Video], shown: int | None = None) -> None:
        """What there is to choose from; what was chosen stays chosen where it is still there.

        Args:
            videos: Of the project; those whose file is gone are left out.
            shown: The project's number of the one that is marked as on screen, and is chosen
                where nothing else was.
        """
        chosen = self.videos.currentData()
        blocker = QSignalBlocker(self.videos)
        self._known = {video.id: video for video in videos if not video.missing}
        self.videos.clear()
        for number, video in self._known.items():
            name = video.path.name
            if number == shown:
                name = self.tr("{name}  (this video)").format(name=name)
            self.videos.addItem(theme.icon("film-strip", "dim"), name, number)
        if self._picture is not None:
            self.videos.addItem(theme.icon("image", "dim"), self._picture.name, self._picture)
        if self._pictures:
            self.videos.insertSeparator(self.videos.count())
            self.videos.addItem(self.tr("A picture…"), _ASK)
        places = [self.videos.itemData(row) for row in range(self.videos.count())]
        wanted = chosen if chosen in places else shown
        self.videos.setCurrentIndex(places.index(wanted) if wanted in places else 0)
        blocker.unblock()
        self._fit()

    def choose(self, video_id: int, frame: int) -> None:
        """Choose a frame of a video of the project."""
        row = self.videos.findData(video_id)
        if row >= 0:
            with QSignalBlocker(self), QSignalBlocker(self.videos):
                self.videos.setCurrentIndex(row)
                self._fit()
                self.number.setValue(frame)
            self.changed.emit()

    def choose_picture(self, path: Path) -> None:
        """Choose a picture file."""
        self._picture = path
        shown = next(iter(self._known), None)
        with QSignalBlocker(self):
            self.set_videos(list(self._known.values()), shown)
            row = next(i for i in range(self.videos.count()) if self.videos.itemData(i) == path)
            self.videos.setCurrentIndex(row)
        self.changed.emit()

    def _fit(self) -> None:
        video = self.video
        count = 1 if video is None else video.frame_count
        for box in (self.number, self.slider):
            with QSignalBlocker(box):
                box.setRange(0, max(0, count - 1))
        self.slider.setPageStep(max(1, count // 20))
        with QSignalBlocker(self.slider):
            self.slider.setValue(self.number.value())
        for box in (self.number, self.slider):
            box.setEnabled(count > 1)
        if self.videos.currentData() != _ASK:
            self._before = self.videos.currentIndex()

    def _video_changed(self) -> None:
        if self.videos.currentData() != _ASK:
            self._fit()
            self.changed.emit()

    def _number_changed(self, number: int) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(number)
        self.changed.emit()

    def _activated(self, row: int) -> None:
        if self.videos.itemData(row) != _ASK:
            return
        self.videos.setCurrentIndex(self._before)
        name, _ = QFileDialog.getOpenFileName(
            self.window(),
            self.tr("Looks from a picture"),
            "",
            self.tr("Pictures ({endings});;All files (*)").format(endings=_PICTURES),
        )
        if name:
            self.choose_picture(Path(name))
