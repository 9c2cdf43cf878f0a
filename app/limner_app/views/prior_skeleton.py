"""The third step: which landmarks are learned, and how they hang together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import dim
from limner_app.settings import settings
from limner_app.views.prior_draft import PriorDraft
from limner_app.views.prior_steps import FlowStep
from limner_app.views.skeleton_canvas import SkeletonCanvas
from limner_app.views.skeleton_layout import Places, all_placed, layout_of
from limner_engine.errors import LimnerError
from limner_engine.formats.skeleton_file import SkeletonFile, parsed, read_skeleton
from limner_engine.types import Skeleton
from limner_resources import skeleton_templates

PROJECT = "project"
_PRIOR = "prior"
_LIST_PX = 232
_FOLDER = "skeleton/folder"
_KEY = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class _Choice:
    title: str
    about: str
    content: SkeletonFile


class SkeletonStep(FlowStep):
    """Choices on the left, the drawing of the chosen one on the right.

    Args:
        document: The open project, whose own skeleton is one of the choices.
        draft: Gets the choice.
        edit: Opens the skeleton editor, and lets it take over a skeleton where one is given.
    """

    def __init__(
        self,
        document: Document,
        draft: PriorDraft,
        edit: Callable[[SkeletonFile | None], object],
    ) -> None:
        super().__init__()
        self.title = self.tr("Skeleton")
        self.about = self.tr(
            "The landmarks get these names. The lines between them are what the network draws, so "
            "every landmark should be at the end of one."
        )
        self._document, self._draft, self._edit = document, draft, edit
        self._choices: dict[str, _Choice] = {}
        self._wanted = ""
        self.list = QListWidget()
        self.list.setFixedWidth(_LIST_PX)
        self.list.setAccessibleName(self.tr("Skeletons"))
        self.load = QPushButton(self.tr("Load from a file…"))
        self.edit = QPushButton(self.tr("Edit…"))
        for button in (self.load, self.edit):
            button.setAutoDefault(False)
        self.canvas = SkeletonCanvas()
        # A drawing to look at; it is changed in the skeleton editor.
        self.canvas.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = dim("")
        self._lay_out()
        self.list.currentRowChanged.connect(self._picked)
        self.load.clicked.connect(lambda: self.ask_file())
        self.edit.clicked.connect(self.edit_chosen)
        document.skeleton_changed.connect(self._project_changed)
        self._list()

    def _lay_out(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(theme.GAP)
        left.addWidget(self.list, 1)
        left.addWidget(self.load)
        left.addWidget(self.edit)
        right = QVBoxLayout()
        right.setSpacing(theme.GAP)
        right.addWidget(self.canvas, 1)
        right.addWidget(self.words)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.MARGIN)
        across.addLayout(left)
        across.addLayout(right, 1)

    @property
    def chosen(self) -> str:
        """What is chosen: `PROJECT`, the key of a template, or the path of a file."""
        row = self.list.currentRow()
        return "" if row < 0 else str(self.list.item(row).data(_KEY))

    def enter(self) -> None:
        """Show the newest of the project's own."""
        self._list()

    def lack(self) -> str:
        """There must be landmarks and lines."""
        skeleton = self._draft.skeleton
        if not skeleton.names:
            return self.tr("Choose a skeleton.")
        if not skeleton.edges:
            return self.tr("This skeleton has no lines. Join its landmarks with Edit…")
        return ""

    def propose(self, key: str) -> None:
        """Choose what was chosen last time, where it is still there."""
        self._wanted = key
        if key.endswith(".json") and Path(key).is_file():
            self.use_file(Path(key))
        self._list()

    def ask_file(self) -> None:
        """Ask for a file and choose what it holds."""
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Load a skeleton"),
            str(settings().value(_FOLDER, "")),
            self.tr("Skeletons (*.json)"),
        )
        if name:
            settings().setValue(_FOLDER, str(Path(name).parent))
            self.use_file(Path(name))

    def use_file(self, path: Path) -> None:
        """Choose the skeleton of a file; a bad one is told."""
        try:
            content = read_skeleton(path)
        except LimnerError as error:
            self.troubled.emit(str(error))
            return
        self.troubled.emit("")
        title = content.title or path.stem
        self._choices[str(path)] = _Choice(title, self.tr("From a file."), content)
        self._wanted = str(path)
        self._list()

    def use(self, skeleton: Skeleton, title: str) -> None:
        """Choose the skeleton that a prior brings along."""
        same = next((k for k, c in self._choices.items() if c.content.skeleton == skeleton), None)
        if same is None:
            same = _PRIOR
            content = SkeletonFile(skeleton, title)
            about = self.tr("It came with the prior.")
            self._choices[same] = _Choice(
                self.tr("Of {title}").format(title=title), about, content
            )
        self._wanted = same
        self._list()

    def edit_chosen(self) -> None:
        """Open the skeleton editor: on the project's own, or to take over what is chosen."""
        choice = self._choices.get(self.chosen)
        own = self.chosen == PROJECT
        if choice is not None:
            self._wanted = PROJECT
            self._edit(None if own else choice.content)
            self._list()

    def _list(self) -> None:
        """List the choices anew, the same one chosen."""
        before = self.chosen
        skeleton = self._document.skeleton
        more = {k: c for k, c in self._choices.items() if k == _PRIOR or k.endswith(".json")}
        self._choices = {}
        if skeleton.names:
            layout = tuple((float(x), float(y)) for x, y in layout_of(self._document))
            content = SkeletonFile(skeleton, "", layout)
            self._choices[PROJECT] = _Choice(
                self.tr("The project's skeleton"), self.tr("As it is in this project."), content
            )
        self._choices |= more
        for key, data in skeleton_templates().items():
            self._choices[key] = _Choice(str(data["title"]), str(data["about"]), parsed(data, key))
        self.list.blockSignals(True)
        self.list.clear()
        for key, choice in self._choices.items():
            item = QListWidgetItem(choice.title, self.list)
            item.setData(_KEY, key)
            item.setSizeHint(QSize(0, theme.ROW_PX))
        keys = list(self._choices)
        # What is wanted may not be there yet: a skeleton that the editor asks about first.
        chosen = next((key for key in (self._wanted, before) if key in keys), keys[0])
        self.list.setCurrentRow(keys.index(chosen))
        self.list.blockSignals(False)
        self._show()

    def _picked(self) -> None:
        self._wanted = self.chosen
        self._show()

    def _show(self) -> None:
        choice = self._choices.get(self.chosen)
        if choice is None:
            return
        skeleton, layout = choice.content.skeleton, choice.content.layout
        count = len(skeleton.names)
        places: Places = all_placed(
            np.full((count, 2), np.nan) if layout is None else np.array(layout, np.float64)
        )
        self._draft.skeleton, self._draft.layout = skeleton, places
        self.canvas.load(skeleton, places)
        self.words.setText(
            self.tr("{about} {n} landmarks, {e} lines, {p} pairs of left and right.").format(
                about=choice.about,
                n=count,
                e=len(skeleton.edges),
                p=len(skeleton.symmetries),
            )
        )
        self.troubled.emit("")
        self.changed.emit()

    def _project_changed(self) -> None:
        if self.isVisible():
            self._list()
