"""What a run learns from: the project's videos, and folders of pictures remembered with it."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_engine.importing.gathered import GATHERED
from limner_engine.project.media import stored_path

SETTING = "learn_pictures"
"""The project's setting: a list of ``[relative path or null, absolute path or null]``."""
_PATH = Qt.ItemDataRole.UserRole
_FOLDER = Qt.ItemDataRole.UserRole + 1
_ROWS = (1, 5)
"""Fewest and most lines of the list that are seen at once."""
_SEARCHED = 20_000
"""Names looked at before a folder is taken to hold pictures somewhere; the run will tell."""


def picture_folders(document: Document) -> list[Path]:
    """The folders of pictures that a project remembers, whether they are there or not."""
    project = document.project
    if project is None:
        return []
    beside = Path(project.path).resolve().parent
    folders = []
    for relative, absolute in project.setting(SETTING, []):
        candidates = []
        if relative is not None:
            candidates.append(Path(os.path.normpath(beside / PurePosixPath(relative))))
        if absolute is not None:
            candidates.append(Path(absolute))
        folders.append(next((path for path in candidates if path.is_dir()), candidates[-1]))
    return folders


def holds_pictures(folder: Path) -> bool:
    """Whether a run would find pictures in a folder or below it."""
    # The reader of pictures brings the face finder along, which the window starts without.
    from limner_training.data.pictures import ENDINGS

    seen = 0
    for _, below, names in os.walk(folder):
        below[:] = [name for name in below if not name.startswith(".")]
        if any(n.lower().endswith(ENDINGS) and not n.startswith(".") for n in names):
            return True
        seen += len(names) + len(below)
        if seen > _SEARCHED:
            return True
    return False


class _SourceList(QListWidget):
    """A list onto which folders can be dropped; all else that is dropped goes to the window.

    Signals:
        dropped: Folders, a list of `Path`.
        removal_wished: Delete was pressed.
    """

    dropped = Signal(object)
    removal_wished = Signal()
    _hovered = False

    def __init__(self) -> None:
        super().__init__()
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setDropIndicatorShown(False)

    @staticmethod
    def _folders(event: QDropEvent) -> list[Path]:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        return paths if paths and all(path.is_dir() for path in paths) else []

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Folders may be dropped here."""
        self._hover(bool(self._folders(event)))
        event.setAccepted(self._hovered)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Anywhere on the list is right."""
        event.setAccepted(self._hovered)

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        """They went elsewhere."""
        self._hover(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """Take folders."""
        self._hover(False)
        folders = self._folders(event)
        event.setAccepted(bool(folders))
        if folders:
            self.dropped.emit(folders)

    def _hover(self, on: bool) -> None:
        self._hovered = on
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The list, framed while a folder is held over it."""
        super().paintEvent(event)
        if self._hovered:
            painter = QPainter(self.viewport())
            painter.setPen(theme.colour("accent"))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete takes a folder off the list."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removal_wished.emit()
        else:
            super().keyPressEvent(event)


class LearnSources(QWidget):
    """Videos and folders of pictures, each with a check.

    Args:
        document: Its project's videos are listed, and its project remembers the folders.
        rows: Most lines of the list that are seen at once.

    Signals:
        changed: Something else is listed or checked.
    """

    changed = Signal()

    def __init__(self, document: Document, rows: int = _ROWS[1]) -> None:
        super().__init__()
        self._document, self._most_rows = document, rows
        self.list = _SourceList()
        self.list.setAccessibleName(self.tr("What to learn from"))
        self.list.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.add = QPushButton(self.tr("Add pictures…"))
        self.add.setIcon(theme.icon("plus", "accent"))
        self.add.setProperty("quiet", True)
        self.add.setToolTip(
            self.tr("A folder of still pictures to learn from; it can be dropped here as well")
        )
        self.remove = QToolButton()
        self.remove.setIcon(theme.icon("minus", "dim"))
        self.remove.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.remove.setToolTip(self.tr("Take the selected folder off the list; its files stay"))
        self.remove.setAccessibleName(self.tr("Take the folder off the list"))
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.add)
        row.addStretch(1)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.list)
        column.addLayout(row)
        self.add.clicked.connect(self._ask)
        self.remove.clicked.connect(self.remove_selected)
        self.list.dropped.connect(self.add_folders)
        self.list.removal_wished.connect(self.remove_selected)
        self.list.customContextMenuRequested.connect(self._menu)
        self.list.itemChanged.connect(self.changed)
        self.list.itemSelectionChanged.connect(self._enable)
        document.project_changed.connect(self.reload)
        self.reload()

    def chosen(self) -> list[str]:
        """Paths of what is checked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        return [
            str(item.data(_PATH)) for item in items if item.checkState() == Qt.CheckState.Checked
        ]

    def listed(self) -> list[str]:
        """Paths of all that can be checked."""
        items = (self.list.item(row) for row in range(self.list.count()))
        there = (item for item in items if item.data(Qt.ItemDataRole.CheckStateRole) is not None)
        return [str(item.data(_PATH)) for item in there]

    def leave_out(self, paths: list[str]) -> None:
        """Uncheck some."""
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(_PATH) in paths:
                item.setCheckState(Qt.CheckState.Unchecked)

    @property
    def empty(self) -> bool:
        """Whether nothing is listed."""
        return self.list.count() == 0

    def add_folders(self, folders: list[Path]) -> None:
        """Remember folders of pictures; one without any is refused with a sentence."""
        known = picture_folders(self._document)
        for folder in folders:
            there = folder.resolve()
            if not holds_pictures(folder):
                self._document.message.emit(
                    "error",
                    self.tr("There are no pictures in {0}.").format(folder.name),
                    self.tr("Choose a folder that holds PNG or JPEG files."),
                )
            elif there not in (path.resolve() for path in known):
                known.append(folder)
        self._remember(known)

    def remove_selected(self) -> None:
        """Take the selected folder off the list."""
        folder = self._selected_folder()
        if folder is not None:
            self._remember([known for known in picture_folders(self._document) if known != folder])

    def reload(self) -> None:
        """List the videos and the folders anew; what was unchecked stays so."""
        checked = Qt.ItemDataRole.CheckStateRole
        items = [self.list.item(row) for row in range(self.list.count())]
        # What is missing has no check, which `checkState` would call unchecked.
        there = [item for item in items if item.data(checked) is not None]
        unchecked = {i.data(_PATH) for i in there if i.checkState() == Qt.CheckState.Unchecked}
        listed = {item.data(_PATH) for item in there}
        project = self._document.project
        gathered = {} if project is None else project.setting(GATHERED, {})
        self.list.blockSignals(True)
        self.list.clear()
        for video in [] if project is None else project.videos():
            if not video.missing:
                if str(video.id) in gathered:
                    self._list_gathered(video.path, unchecked, new=str(video.path) not in listed)
                else:
                    self._list(video.path, "film-strip", unchecked)
        for folder in picture_folders(self._document):
            if folder.is_dir():
                self._list(folder, "image", unchecked, folder=True)
            else:
                self._list_missing(folder)
        self.list.blockSignals(False)
        rows = min(self._most_rows, max(_ROWS[0], self.list.count()))
        self.list.setFixedHeight(rows * theme.ROW_PX + theme.GRID)
        self.add.setEnabled(project is not None)
        self._enable()
        self.changed.emit()

    def _list_gathered(self, path: Path, unchecked: set[str], *, new: bool) -> None:
        """A video of separate pictures: it is learned from only where a person checks it."""
        item = self._list(path, "image-square", unchecked | ({str(path)} if new else set()))
        item.setToolTip(
            self.tr(
                "{path}\nPictures that do not follow on one another, as a run takes the frames of "
                "a video to do. Add the folder of the pictures instead."
            ).format(path=path)
        )

    def _list(
        self, path: Path, icon: str, unchecked: set[str], *, folder: bool = False
    ) -> QListWidgetItem:
        item = self._item(path, icon, "dim", folder)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        on = str(path) not in unchecked
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        return item

    def _list_missing(self, folder: Path) -> None:
        item = self._item(folder, "link-break", "warning", True)
        item.setText(self.tr("{name}  missing").format(name=folder.name))

    def _item(self, path: Path, icon: str, ink: str, folder: bool) -> QListWidgetItem:
        item = QListWidgetItem(theme.icon(icon, ink), path.name, self.list)
        item.setToolTip(str(path))
        item.setData(_PATH, str(path))
        item.setData(_FOLDER, folder)
        item.setSizeHint(QSize(0, theme.ROW_PX))
        return item

    def _selected_folder(self) -> Path | None:
        for item in self.list.selectedItems():
            if item.data(_FOLDER):
                return Path(item.data(_PATH))
        return None

    def _enable(self) -> None:
        self.remove.setEnabled(self._selected_folder() is not None)

    def _remember(self, folders: list[Path]) -> None:
        project = self._document.project
        if project is not None:
            beside = Path(project.path).resolve().parent
            project.set_setting(SETTING, [stored_path(folder, beside) for folder in folders])
            self.reload()

    def _ask(self) -> None:
        known = picture_folders(self._document)
        project = self._document.project
        start = known[-1] if known else Path(project.path) if project is not None else Path.home()
        chosen = QFileDialog.getExistingDirectory(
            self, self.tr("A folder of pictures to learn from"), str(start.parent)
        )
        if chosen:
            self.add_folders([Path(chosen)])

    def _menu(self, at: QPoint) -> None:
        folder = self._selected_folder()
        if folder is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Take off the list"), self.remove_selected)
        show = menu.addAction(
            self.tr("Show folder"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))),
        )
        show.setEnabled(folder.is_dir())
        menu.popup(self.list.viewport().mapToGlobal(at))
