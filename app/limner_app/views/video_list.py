"""The project's videos, and the frames that are worth labelling next."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtWidgets import (
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
from limner_app.label_queue import LabelQueue
from limner_app.views.label_list import LabelList


class VideoList(QWidget):
    """Click a video to see it; a moved one asks to be found.

    Args:
        document: The open project.
        actions: For the menu of a row and the button under the list.
        queue: What is worth labelling next.
    """

    def __init__(self, document: Document, actions: ActionSet, queue: LabelQueue) -> None:
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
        column.addWidget(LabelList(queue), 2)
        document.project_changed.connect(self.reload)
        document.video_changed.connect(self.reload)
        document.annotations_changed.connect(self._annotated)
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
                done = len(project.labelled_frames(video.id, self.document.subject))
                words = video.path.name
                if video.missing:
                    words = self.tr("{name}  moved").format(name=words)
                elif done:
                    words += f"   ●{done}"
                item.setText(words)

    def _chosen(self, item: QListWidgetItem) -> None:
        video_id = item.data(Qt.ItemDataRole.UserRole)
        if self.document.video is None or self.document.video.id != video_id:
            self.document.show_video(video_id)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        for name in ("find_moved", "remove_video", "export"):
            menu.addAction(self._actions[name])
        menu.popup(self.list.viewport().mapToGlobal(at))
