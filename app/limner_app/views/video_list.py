"""The project's videos, and the frames that are worth labelling next."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.document import Document
from limner_app.marks import suggest_frames
from limner_app.panel_parts import dim, heading

_CHIPS_ACROSS = 3


class VideoList(QWidget):
    """Click a video to see it; a moved one asks to be found.

    Args:
        document: The open project.
        actions: For the menu of a row and the button under the list.
    """

    def __init__(self, document: Document, actions: ActionSet) -> None:
        super().__init__()
        self.document, self._actions = document, actions
        self.list = QListWidget()
        self.list.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._chosen)
        self.list.itemActivated.connect(self._chosen)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.setAccessibleName(self.tr("Videos"))
        add = QPushButton(self.tr("Add videos…"))
        add.setIcon(theme.icon("plus", "accent"))
        add.setProperty("quiet", True)
        add.clicked.connect(actions["open_videos"].trigger)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, 0, theme.GRID, theme.MARGIN)
        column.setSpacing(theme.GRID)
        column.addWidget(self.list, 1)
        column.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)
        column.addSpacing(theme.GAP)
        self._head = heading(self.tr("To label"))
        self._head.setContentsMargins(theme.GAP, 0, 0, 0)
        self._count = QLabel()
        self._count.setProperty("role", "dim")
        top = QHBoxLayout()
        top.addWidget(self._head)
        top.addStretch(1)
        top.addWidget(self._count)
        top.setContentsMargins(0, 0, theme.GAP, 0)
        column.addLayout(top)
        self._words = dim(
            self.tr(
                "Frames of which the model is unsure will be suggested here, "
                "once it has gone through the video."
            )
        )
        self._words.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
        column.addWidget(self._words)
        self._chips = QGridLayout()
        self._chips.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
        self._chips.setSpacing(theme.GRID)
        column.addLayout(self._chips)
        document.project_changed.connect(self.reload)
        document.video_changed.connect(self.reload)
        document.annotations_changed.connect(self._annotated)
        document.predictions_changed.connect(self._suggest)
        document.models_changed.connect(self._suggest)
        self._shown: list[int] = []
        self.reload()

    def reload(self) -> None:
        """List the videos anew."""
        project, shown = self.document.project, self.document.video
        self.list.clear()
        for video in project.videos() if project is not None else []:
            item = QListWidgetItem(self.list)
            item.setData(Qt.ItemDataRole.UserRole, video.id)
            item.setToolTip(
                f"{video.path}\n{video.width} × {video.height} · {video.frame_count} · "
                f"{video.frame_rate:.4g} fps"
            )
            icon = ("link-break", "warning") if video.missing else ("film-strip", "dim")
            item.setIcon(theme.icon(*icon))
            item.setSizeHint(QSize(0, theme.ROW_PX))
            if shown is not None and shown.id == video.id:
                self.list.setCurrentItem(item)
        self._annotated()

    def missing_selected(self) -> int | None:
        """The selected video's number where its file is gone; else of any that is gone."""
        project = self.document.project
        gone = [v.id for v in project.videos() if v.missing] if project is not None else []
        item = self.list.currentItem()
        chosen = item.data(Qt.ItemDataRole.UserRole) if self.list.count() else None
        return chosen if chosen in gone else (gone[0] if gone else None)

    def _annotated(self) -> None:
        project = self.document.project
        if project is not None:
            names = {v.id: v for v in project.videos()}
            for row in range(self.list.count()):
                item = self.list.item(row)
                video = names[item.data(Qt.ItemDataRole.UserRole)]
                done = len(project.annotated_frames(video.id, self.document.subject))
                words = video.path.name
                if video.missing:
                    words = self.tr("{name}  moved").format(name=words)
                elif done:
                    words += f"   ●{done}"
                item.setText(words)
        self._suggest()

    def _suggest(self) -> None:
        frames = suggest_frames(
            self.document.confidence_summary(), self.document.annotated_frames()
        ).tolist()
        self._words.setVisible(not frames)
        self._count.setText(str(len(frames)) if frames else "")
        if frames == self._shown:
            return
        self._shown = frames
        while self._chips.count():
            entry = self._chips.takeAt(0)
            old = entry.widget() if entry is not None else None
            if old is not None:
                old.deleteLater()
        for i, frame in enumerate(frames):
            chip = QPushButton(str(frame))
            chip.setFont(theme.tabular(chip.font()))
            chip.setProperty("quiet", True)
            chip.setToolTip(
                self.tr("Show frame {n}, of which the model is unsure").format(n=frame)
            )
            chip.clicked.connect(lambda _=False, to=frame: self.document.show(to))
            self._chips.addWidget(chip, i // _CHIPS_ACROSS, i % _CHIPS_ACROSS)

    def _chosen(self, item: QListWidgetItem) -> None:
        video_id = item.data(Qt.ItemDataRole.UserRole)
        if self.document.video is None or self.document.video.id != video_id:
            self.document.show_video(video_id)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        for name in ("find_moved", "remove_video", "export"):
            menu.addAction(self._actions[name])
        menu.popup(self.list.viewport().mapToGlobal(at))
