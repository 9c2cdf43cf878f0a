"""What stands around the drawing of a skeleton: the list's panel, tools, questions and files."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import EmptyPlace, dim
from limner_app.views.skeleton_edits import SkeletonEdits
from limner_app.views.skeleton_list import SkeletonList
from limner_engine.errors import LimnerError
from limner_engine.types import ModelInfo, Skeleton

_LIST_PX = 356


def empty_place() -> EmptyPlace:
    """What is seen before there are landmarks."""
    tr = QCoreApplication.translate
    return EmptyPlace(
        "line-segments",
        tr(
            "skeleton",
            "The landmarks will be drawn here, to be joined and paired. Choose a template, load a "
            "skeleton, or type names on the left.",
        ),
        tr("skeleton", "Choose a template"),
    )


class ListPanel(QWidget):
    """The list with a line to add names, and the pairs that names suggest.

    Args:
        edits: Where edited cells go.

    Attributes:
        added: Names were typed.
    """

    added = Signal(str)

    def __init__(self, edits: SkeletonEdits) -> None:
        super().__init__()
        self.setFixedWidth(_LIST_PX)
        self.list = SkeletonList(edits)
        self.name = QLineEdit()
        self.name.setPlaceholderText(self.tr("Add a landmark…"))
        self.name.setToolTip(
            self.tr("Type a name and press Enter; several with commas between them  (Ctrl+N)")
        )
        self.name.setAccessibleName(self.tr("Name of a new landmark"))
        self.name.returnPressed.connect(lambda: self.added.emit(self.name.text()))
        self.remove = _button("trash", self.tr("Remove the selected landmarks  (Delete)"))
        self.remove.setEnabled(False)
        row = QHBoxLayout()
        row.setSpacing(theme.GRID)
        row.addWidget(self.name, 1)
        row.addWidget(self.remove)
        self.suggestion = dim("")
        self.pair_all = QPushButton(self.tr("Pair them"))
        self.pair_all.setProperty("quiet", True)
        self.pair_all.setAutoDefault(False)
        self._suggested = QWidget()
        suggested = QHBoxLayout(self._suggested)
        suggested.setContentsMargins(0, 0, 0, 0)
        suggested.addWidget(self.suggestion, 1)
        suggested.addWidget(self.pair_all)
        self._suggested.hide()
        self.about = dim("")
        self.about.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        column.addWidget(self._suggested)
        column.addWidget(self.about)

    def show_suggestion(self, skeleton: Skeleton, pairs: Sequence[tuple[int, int]]) -> None:
        """Offer to make pairs; nothing is seen where names suggest none."""
        self._suggested.setVisible(bool(pairs))
        if not pairs:
            return
        left, right = (skeleton.names[number] for number in pairs[0])
        if len(pairs) == 1:
            words = self.tr("{left} and {right} look like a pair.")
        else:
            words = self.tr("{left} and {right} look like a pair, and {n} more.")
        self.suggestion.setText(words.format(left=left, right=right, n=len(pairs) - 1))


class CanvasBar(QWidget):
    """What two clicks do, where the drawing comes from, undo and redo; its `hint` stands below.

    Attributes:
        arranged: How the drawing shall be laid out: ``annotated``, ``frame`` or ``circle``.
    """

    arranged = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.joining = _button("line-segments", self.tr("Join or part two landmarks  (E)"))
        self.joining.setText(self.tr("Edges"))
        self.pairing = _button("arrows-left-right", self.tr("Make left and right pairs  (P)"))
        self.pairing.setText(self.tr("Pairs"))
        self._modes = QButtonGroup(self)
        for button in (self.joining, self.pairing):
            button.setCheckable(True)
            self._modes.addButton(button)
        self.joining.setChecked(True)
        self.over_frame = _button("image", self.tr("Draw over the frame on screen  (O)"))
        self.over_frame.setText(self.tr("Over the frame"))
        self.over_frame.setCheckable(True)
        for button in (self.joining, self.pairing, self.over_frame):
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.arrange = _button("circles-three", self.tr("Lay the drawing out anew"))
        menu = QMenu(self.arrange)
        for how, text in (
            ("annotated", self.tr("As annotated, on average")),
            ("frame", self.tr("As in the frame on screen")),
            ("circle", self.tr("On a circle")),
        ):
            menu.addAction(text, partial(self.arranged.emit, how))
        self.arrange.setMenu(menu)
        self.arrange.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.undo = _button("arrow-counter-clockwise", "")
        self.redo = _button("arrow-clockwise", "")
        self.hint = dim("")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for widget in (self.joining, self.pairing):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.over_frame, self.arrange, self.undo, self.redo):
            row.addWidget(widget)

    def set_history(self, undo: str | None, redo: str | None) -> None:
        """What undo and redo would do."""
        for button, head, text, key in (
            (self.undo, self.tr("Undo"), undo, "Ctrl+Z"),
            (self.redo, self.tr("Redo"), redo, "Ctrl+Shift+Z"),
        ):
            button.setEnabled(text is not None)
            button.setToolTip(f"{head}: {text}  ({key})" if text else f"{head}  ({key})")

    def set_usable(self, landmarks: bool, video: bool) -> None:
        """Enable what can be done now."""
        for button in (self.joining, self.pairing, self.arrange):
            button.setEnabled(landmarks)
        self.over_frame.setEnabled(landmarks and video)


class Question(QFrame):
    """A line that names the price of a step before it is done; Esc is no."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._run: Callable[[], object] | None = None
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.go_on = QPushButton()
        self.keep = QPushButton(self.tr("Leave as it is"))
        for button in (self.go_on, self.keep):
            button.setAutoDefault(False)
        self.go_on.clicked.connect(self._answered)
        self.keep.clicked.connect(self.close_)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.MARGIN, theme.GAP, theme.GAP, theme.GAP)
        row.setSpacing(theme.GAP)
        row.addWidget(self.words, 1)
        row.addWidget(self.keep)
        row.addWidget(self.go_on)
        self.hide()

    def ask(self, words: str, button: str, run: Callable[[], object]) -> None:
        """Show a question.

        Args:
            words: What the step costs.
            button: What it does, on its button.
            run: The step.
        """
        self._run = run
        self.words.setText(words)
        self.go_on.setText(button)
        self.show()
        self.go_on.setFocus()

    def close_(self) -> None:
        """Answer no."""
        self._run = None
        self.hide()

    def _answered(self) -> None:
        run = self._run
        self.close_()
        if run is not None:
            run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the question, not the window around it."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self.keep if self.keep.hasFocus() else self.go_on).click()
        else:
            super().keyPressEvent(event)


class Foot(QWidget):
    """Templates and files on the left, what came of the last step, and the way out."""

    def __init__(self) -> None:
        super().__init__()
        self.templates = QPushButton(self.tr("Templates"))
        self.templates.setIcon(theme.icon("caret-down"))
        self.templates.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        self.templates.setToolTip(
            self.tr("Start from a skeleton that ships with Limner  (Ctrl+T)")
        )
        self.templates.clicked.connect(self.show_templates)
        self._menu = QMenu(self)
        self._menu.setToolTipsVisible(True)
        self.load = QPushButton(self.tr("Load…"))
        self.load.setToolTip(self.tr("Take over a skeleton from a file  (Ctrl+O)"))
        self.save = QPushButton(self.tr("Save…"))
        self.save.setToolTip(self.tr("Write this skeleton into a file  (Ctrl+S)"))
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.close_ = QPushButton(self.tr("Close"))
        self.close_.setToolTip(self.tr("Everything is in the project already  (Esc)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        for button in (self.templates, self.load, self.save, self.close_):
            button.setAutoDefault(False)  # Enter belongs to the line of names
        for widget in (self.templates, self.load, self.save):
            row.addWidget(widget)
        row.addSpacing(theme.GRID)
        row.addWidget(self.words, 1)
        row.addWidget(self.close_)

    def fill_templates(
        self,
        templates: Sequence[tuple[str, str, str]],
        use: Callable[[str], object],
        use_model: Callable[[], object],
        start_afresh: Callable[[], object],
    ) -> None:
        """Make the menu.

        Args:
            templates: Key, title and explanation of each.
            use: Takes a key.
            use_model: Takes over the model's landmarks.
            start_afresh: Begins an own skeleton.
        """
        for key, title, about in templates:
            self._menu.addAction(title, partial(use, key)).setToolTip(about)
        self._menu.addSeparator()
        self._model = self._menu.addAction("", use_model)
        self._menu.addAction(self.tr("Custom: start empty"), start_afresh).setToolTip(
            self.tr("Type the names of your own landmarks")
        )

    def set_model(self, info: ModelInfo | None) -> None:
        """Offer the landmarks of the current model, too."""
        self._model.setVisible(info is not None)
        if info is not None:
            words = self.tr("As {model} finds them, {n} points")
            self._model.setText(words.format(model=info.name, n=len(info.skeleton.names)))

    def show_templates(self) -> None:
        """Open the menu above its button."""
        high = self._menu.sizeHint().height()
        self._menu.popup(self.templates.mapToGlobal(QPoint(0, -high)))

    def tell(self, text: str, role: str = "loss") -> None:
        """Say what came of a step; as an error unless another role is given."""
        self.words.setText(text)
        self.words.setToolTip(text)
        self.words.setProperty("role", role)
        self.words.style().polish(self.words)

    @contextlib.contextmanager
    def telling(self) -> Iterator[None]:
        """Say what a person can mend in the step inside; forgets what was said before."""
        self.tell("")
        try:
            yield
        except LimnerError as error:
            self.tell(str(error))


def _button(icon: str, tip: str) -> QToolButton:
    made = QToolButton()
    made.setIcon(theme.icon(icon))
    made.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
    made.setToolTip(tip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made
