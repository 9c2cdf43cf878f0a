"""The window in which the landmarks of a project are named, joined and paired."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.settings import settings
from limner_app.views.skeleton_canvas import SkeletonCanvas
from limner_app.views.skeleton_change import SkeletonChange
from limner_app.views.skeleton_controls import CanvasBar, Foot, ListPanel, Question, empty_place
from limner_app.views.skeleton_edits import SkeletonEdits
from limner_app.views.skeleton_layout import (
    all_placed,
    as_annotated,
    as_in_frame,
    keep_layout,
    layout_of,
)
from limner_app.views.skeleton_pairs import suggested_pairs
from limner_engine.formats.skeleton_file import (
    SkeletonFile,
    parsed,
    read_skeleton,
    write_skeleton,
)
from limner_resources import skeleton_templates

_FOLDER = "skeleton/folder"


class SkeletonEditor(QDialog):
    """A list of the landmarks, and a drawing in which two clicks join or pair them.

    Every step is written at once and can be undone; the window can be used meanwhile, and shows
    what a step does. A step that takes annotations along asks first.

    Args:
        document: The open project.
        parent: Over which it opens.
    """

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.edits = SkeletonEdits(document, self)
        self.setWindowTitle(self.tr("Skeleton"))
        self.resize(960, 600)
        self.panel = ListPanel(self.edits)
        self.list = self.panel.list
        self.canvas = SkeletonCanvas()
        self.bar = CanvasBar()
        self.question = Question()
        self.foot = Foot()
        self.empty = empty_place()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        drawn = QWidget()
        self._stack = QStackedLayout(drawn)
        self._stack.addWidget(self.canvas)
        self._stack.addWidget(self.empty)
        right = QVBoxLayout()
        right.setSpacing(theme.GRID)
        right.addWidget(self.bar)
        right.addWidget(drawn, 1)
        right.addWidget(self.bar.hint)
        across = QHBoxLayout()
        across.setSpacing(theme.MARGIN)
        across.addWidget(self.panel)
        across.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(theme.GAP)
        column.addLayout(across, 1)
        column.addWidget(self.question)
        column.addWidget(self.foot)

    def _connect(self) -> None:
        document, canvas = self.document, self.canvas
        self.foot.fill_templates(
            [(key, data["title"], data["about"]) for key, data in skeleton_templates().items()],
            self.use_template,
            self.use_model,
            self.start_afresh,
        )
        if self.empty.button is not None:
            self.empty.button.setAutoDefault(False)
            self.empty.button.clicked.connect(self.foot.show_templates)
        self.foot.load.clicked.connect(lambda: self.load())
        self.foot.save.clicked.connect(lambda: self.save())
        self.foot.close_.clicked.connect(self.hide)
        self.panel.added.connect(self.add)
        self.panel.pair_all.clicked.connect(self.pair_all)
        self.list.remove_wished.connect(self.remove)
        self.panel.remove.clicked.connect(lambda: self.remove(self.list.chosen()))
        self.list.move_wished.connect(self.move_rows)
        self.list.rows.refused.connect(self.foot.tell)
        self.list.selectionModel().selectionChanged.connect(self._rows_chosen)
        canvas.two_chosen.connect(self._two_chosen)
        canvas.chosen.connect(lambda i: document.select(None if i < 0 else i))
        canvas.layout_kept.connect(self._keep)
        canvas.start_changed.connect(self._hint)
        self.bar.pairing.toggled.connect(canvas.set_pairing)
        self.bar.pairing.toggled.connect(self._hint)
        self.bar.over_frame.toggled.connect(canvas.set_over_frame)
        self.bar.over_frame.toggled.connect(self._hint)
        self.bar.arranged.connect(self.arrange)
        self.bar.undo.clicked.connect(lambda: self.step_history(True))
        self.bar.redo.clicked.connect(lambda: self.step_history(False))
        document.history_changed.connect(lambda: self.foot.tell(""))
        for signal in (
            document.skeleton_changed,
            document.annotations_changed,
            document.predictions_changed,
            document.models_changed,
            document.project_changed,
            document.history_changed,
        ):
            signal.connect(self.reload)
        document.frame_changed.connect(self._frame_changed)
        document.frame_image.connect(self._frame_changed)
        document.selection_changed.connect(self._show_selection)
        keys: dict[str, Callable[[], object]] = {
            "Ctrl+Z": lambda: self.step_history(True),
            "Ctrl+Shift+Z": lambda: self.step_history(False),
            "Ctrl+Y": lambda: self.step_history(False),
            "Ctrl+O": lambda: self.load(),
            "Ctrl+S": lambda: self.save(),
            "Ctrl+N": self.panel.name.setFocus,
            "Ctrl+T": self.foot.show_templates,
            "E": lambda: self.bar.joining.setChecked(True),
            "P": lambda: self.bar.pairing.setChecked(True),
            "O": self.bar.over_frame.toggle,
        }
        for key, run in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(run)

    # --- steps ---------------------------------------------------------------------------

    def add(self, text: str) -> None:
        """Add landmarks by name."""
        with self.foot.telling():
            if self.edits.add(text):
                self.panel.name.clear()
                self.list.choose(len(self.edits.skeleton.names) - 1)

    def remove(self, numbers: list[int]) -> None:
        """Remove landmarks; asks where that takes annotations along."""
        if numbers:
            made, text = self.edits.removal(numbers)
            self._ask(made, text, text)

    def move_rows(self, numbers: list[int], to: int) -> None:
        """Put landmarks before the one that has the number ``to``."""
        made, text = self.edits.move(numbers, to)
        rows = [made.origins.index(number) for number in numbers]
        self._ask(made, text, self.tr("Move"), lambda: self.list.choose_all(rows))

    def pair_all(self) -> None:
        """Make the pairs that names suggest."""
        self.edits.pair_all(suggested_pairs(self.edits.skeleton))

    def use_template(self, key: str) -> None:
        """Take over a skeleton that ships with the program."""
        self.use(parsed(skeleton_templates()[key], key))

    def use_model(self) -> None:
        """Take over the landmarks of the current model."""
        info = self.document.model_info
        if info is not None and info.skeleton.names:
            self.use(SkeletonFile(info.skeleton, info.name))

    def start_afresh(self) -> None:
        """Take all landmarks out, to define others."""
        made, _ = self.edits.removal(range(len(self.edits.skeleton.names)))
        text = self.tr("Start an empty skeleton")
        self._ask(made, text, text, self.panel.name.setFocus)

    def use(self, content: SkeletonFile) -> None:
        """Take over a skeleton; asks where that takes annotations along."""
        made, text = self.edits.replacement(content)
        self._ask(made, text, self.tr("Take over"), before=lambda: self.edits.take_layout(content))

    def _ask(
        self,
        made: SkeletonChange,
        text: str,
        button: str,
        then: Callable[[], object] | None = None,
        before: Callable[[], object] | None = None,
    ) -> None:
        """Apply a change; where it has a price name that first."""
        self.foot.tell("")

        def apply() -> None:
            if before is not None:
                before()
            self.edits.apply(made, text)
            if then is not None:
                then()

        price = self.edits.price(made)
        if price:
            self.question.ask(price, button, apply)
        else:
            apply()

    def _two_chosen(self, first: int, second: int) -> None:
        if self.canvas.pairing:
            self.edits.pair(first, second)
        else:
            self.edits.join(first, second)

    def step_history(self, back: bool) -> None:
        """Undo or redo the newest step of the project."""
        self.question.close_()
        text = self.document.undo() if back else self.document.redo()
        if text is not None:
            words = self.tr("Undone: {text}") if back else self.tr("Redone: {text}")
            self.foot.tell(words.format(text=text), "dim")

    # --- files ---------------------------------------------------------------------------

    def load(self, path: Path | None = None) -> None:
        """Take over a skeleton from a file; a dialog asks which without a path."""
        if path is None:
            name, _ = QFileDialog.getOpenFileName(
                self, self.tr("Load a skeleton"), self._folder(), self.tr("Skeletons (*.json)")
            )
            if not name:
                return
            path = Path(name)
        with self.foot.telling():
            content = read_skeleton(path)
            self._keep_folder(path)
            title = content.title or path.stem[:40]
            self.use(SkeletonFile(content.skeleton, title, content.layout))

    def save(self, path: Path | None = None) -> None:
        """Write the skeleton into a file; a dialog asks where without a path."""
        project, skeleton = self.document.project, self.edits.skeleton
        if project is None or not skeleton.names:
            return
        if path is None:
            proposed = Path(self._folder()) / f"{project.path.stem}-skeleton.json"
            name, _ = QFileDialog.getSaveFileName(
                self, self.tr("Save the skeleton"), str(proposed), self.tr("Skeletons (*.json)")
            )
            if not name:
                return
            path = Path(name)
        path = path if path.suffix else path.with_suffix(".json")
        layout = tuple((round(x, 4), round(y, 4)) for x, y in layout_of(self.document).tolist())
        with self.foot.telling():
            write_skeleton(path, SkeletonFile(skeleton, "", layout))
            self._keep_folder(path)
            self.foot.tell(self.tr("Saved as {name}").format(name=path.name), "dim")

    def _folder(self) -> str:
        project = self.document.project
        own = project.path.parent if project is not None else Path.home()
        return str(settings().value(_FOLDER, str(own)))

    def _keep_folder(self, path: Path) -> None:
        settings().setValue(_FOLDER, str(path.parent))

    # --- the drawing ---------------------------------------------------------------------

    def arrange(self, how: str) -> None:
        """Lay the drawing out anew: ``"annotated"``, ``"frame"`` or ``"circle"``."""
        count = len(self.edits.skeleton.names)
        made = np.full((count, 2), np.nan)
        if how == "annotated":
            made = as_annotated(self.document)
        elif how == "frame":
            made = as_in_frame(self.document)
        if how != "circle" and not np.isfinite(made).any():
            self.foot.tell(self.tr("Too few landmarks are placed for that."), "warning")
            return
        self._keep(all_placed(made))
        self.reload()

    def _keep(self, layout: object) -> None:
        project = self.document.project
        if project is not None and isinstance(layout, np.ndarray):
            keep_layout(project, self.edits.skeleton, layout)

    # --- what follows from changes -------------------------------------------------------

    def reload(self) -> None:
        """Show the project's skeleton."""
        project = self.document.project
        if not self.isVisible():
            return
        if project is None:
            self.hide()
            return
        skeleton = self.edits.skeleton
        if skeleton.names != self.list.rows.skeleton.names:
            self.question.close_()  # it was asked of another skeleton
        self.list.load(skeleton, project.annotation_counts())
        self.canvas.load(skeleton, layout_of(self.document))
        self._stack.setCurrentIndex(0 if skeleton.names else 1)
        self.panel.show_suggestion(skeleton, suggested_pairs(skeleton))
        self.panel.about.setText(self.edits.model_words())
        self.panel.about.setVisible(bool(self.panel.about.text()))
        self.foot.set_model(self.document.model_info)
        self.foot.save.setEnabled(bool(skeleton.names))
        self.bar.set_history(project.undo_text, project.redo_text)
        self.bar.set_usable(bool(skeleton.names), self.document.video is not None)
        self._frame_changed()
        self._show_selection()

    def _frame_changed(self, *_: object) -> None:
        if self.isVisible() and self.document.project is not None:
            self.canvas.set_frame(self.document.image(), self.document.landmarks())
            self._hint()

    def _rows_chosen(self) -> None:
        rows = self.list.chosen()
        self.panel.remove.setEnabled(bool(rows))
        if len(rows) == 1:
            self.document.select(rows[0])

    def _show_selection(self, *_: object) -> None:
        if not self.isVisible():
            return
        selected = self.document.selected
        if selected is not None or len(self.list.chosen()) <= 1:
            self.list.choose(selected)
        self.canvas.select(selected)
        self.panel.remove.setEnabled(bool(self.list.chosen()))

    def _hint(self, *_: object) -> None:
        names, start = self.edits.skeleton.names, self.canvas.start
        if start is not None and start < len(names):
            words = (
                self.tr("Left is {name}; click the right one · Esc lets go")
                if self.canvas.pairing
                else self.tr("Click what {name} is joined to · Esc lets go")
            ).format(name=names[start])
        elif self.canvas.pairing:
            words = self.tr("Click the left one, then the right one; again to part them")
        else:
            words = self.tr("Click two dots to join them; again to part them")
        if self.canvas.over_frame and start is None:
            here = sum(place is not None for place in self.canvas.places())
            words += " · " + self.tr("{n} of {k} are placed in frame {frame}").format(
                n=here, k=len(names), frame=self.document.frame_index
            )
        elif start is None:
            words += " · " + self.tr("drag to lay out the drawing")
        self.bar.hint.setText(words if names else "")

    def showEvent(self, event: QShowEvent) -> None:
        """Show the newest."""
        super().showEvent(event)
        self.foot.tell("")
        self.reload()
        if not self.edits.skeleton.names:
            self.panel.name.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        """A question that was left open is answered with no."""
        self.question.close_()
        super().hideEvent(event)
