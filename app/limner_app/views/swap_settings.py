"""The settings of a swap: motion, looks, and how one goes onto the other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import dim, heading
from limner_app.views.frame_picker import FramePicker
from limner_app.views.range_choice import RangeChoice
from limner_app.views.render_foot import FileLine, form_label, form_layout
from limner_app.views.render_parts import quality_box, remember, remembered
from limner_engine.project import Video


class SwapSettings(QWidget):
    """Two columns, motion and looks, over the rest.

    Signals:
        changed: Something that is drawn is another thing now.
        motion_changed: Another driving video was chosen.
    """

    changed = Signal()
    motion_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: dict[int, Video] = {}
        self.driving = QComboBox()
        self.driving.setAccessibleName(self.tr("Driving video"))
        self.driving.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.range = RangeChoice()
        self.range.count.hide()
        self.looks = FramePicker(pictures=True)
        self.how = QComboBox()
        self.how.addItem(self.tr("Copy the pose"), False)
        self.how.addItem(self.tr("Copy only the movement"), True)
        self.how.setCurrentIndex(int(remembered("relative", "0") == "1"))
        self.how_words = dim("")
        self.quality = quality_box()
        self.beside = QCheckBox(self.tr("Show the driving video beside the result"))
        self.beside.setChecked(remembered("beside", "0") == "1")
        self.file = FileLine()
        self._lay_out()
        self.driving.currentIndexChanged.connect(self.motion_changed)
        self.range.changed.connect(self.changed)
        self.looks.changed.connect(self.changed)
        self.how.currentIndexChanged.connect(self._explain)
        self.how.currentIndexChanged.connect(self.changed)
        self.quality.currentIndexChanged.connect(self.changed)
        self._explain()

    def _lay_out(self) -> None:
        columns = QHBoxLayout()
        columns.setSpacing(theme.MARGIN * 2)
        for title, widgets in (
            (self.tr("Motion of"), (self.driving, self.range)),
            (self.tr("Looks of"), (self.looks,)),
        ):
            column = QVBoxLayout()
            column.setSpacing(theme.GAP)
            column.addWidget(heading(title))
            for widget in widgets:
                column.addWidget(widget)
            column.addStretch(1)
            columns.addLayout(column, 1)
        self.form = form_layout()
        motion = QHBoxLayout()
        motion.setSpacing(theme.MARGIN)
        motion.addWidget(self.how)
        motion.addWidget(self.how_words, 1)
        self.form.addRow(form_label(self.tr("Movement")), motion)
        self.form.addRow(form_label(self.tr("Drawn")), self.quality)
        self.form.addRow("", self.beside)
        self.form.addRow(form_label(self.tr("File")), self.file)
        self.top = columns

    @property
    def driving_video(self) -> Video | None:
        """The video whose motion is taken."""
        return self._known.get(self.driving.currentData())

    def set_videos(self, videos: Sequence[Video], shown: int, driving: int) -> None:
        """What there is to choose from; what was chosen stays chosen where it is still there.

        Args:
            videos: Of the project; those whose file is gone are left out.
            shown: The project's number of the one on screen, whose looks are proposed.
            driving: The one whose motion is proposed.
        """
        chosen = self.driving.currentData()
        with QSignalBlocker(self.driving):
            self._known = {video.id: video for video in videos if not video.missing}
            self.driving.clear()
            for number, video in self._known.items():
                self.driving.addItem(theme.icon("film-strip", "dim"), video.path.name, number)
            wanted = chosen if chosen in self._known else driving
            self.driving.setCurrentIndex(max(0, self.driving.findData(wanted)))
        with QSignalBlocker(self.looks):
            self.looks.set_videos(videos, shown)

    def sources(self) -> list[Path]:
        """The files that are drawn from."""
        video, looks = self.driving_video, self.looks.path
        return [path for path in (None if video is None else video.path, looks) if path]

    def keep(self) -> None:
        """Propose the same next time."""
        remember("relative", str(int(self.how.currentData())))
        remember("sharp", str(int(self.quality.currentData())))
        remember("beside", str(int(self.beside.isChecked())))

    def _explain(self) -> None:
        self.how_words.setText(
            self.tr("The looks keep their own pose and move as the video does.")
            if self.how.currentData()
            else self.tr("Every landmark goes where the video has it.")
        )
