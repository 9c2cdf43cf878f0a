"""What stands around the drawing of a pose: its list, the ways to drag, pictures, the foot."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import dim, indent_number, tool_button
from limner_app.views.pose_actions import PoseActions
from limner_app.views.pose_drawing import LEFT, RIGHT, mark, side_colour
from limner_app.views.pose_list import THUMB_PX, PoseList
from limner_engine.types import Skeleton

SENSIBLE = 50
"""From so many poses on a prior teaches nearly as well as a large one."""
_COLUMNS = 3
_SCROLL_PX = 14


def count_words(count: int, copies: int) -> str:
    """How many poses there are, and how many are sensible.

    Args:
        count: All of them.
        copies: How many of them equal another one before them.
    """
    tr = QCoreApplication.translate
    words = tr("pose", "1 pose") if count == 1 else tr("pose", "{n} poses").format(n=count)
    if copies == 1:
        words = tr("pose", "{poses}, one of them a copy").format(poses=words)
    elif copies:
        words = tr("pose", "{poses}, {n} of them copies").format(poses=words, n=copies)
    if count - copies < SENSIBLE:
        return tr("pose", "{poses}; fifty teach well").format(poses=words)
    return tr("pose", "{poses}; enough to learn from").format(poses=words)


def hint_words(name: str | None, outside: int) -> str:
    """What can be done now, and what a person may have missed.

    Args:
        name: Of the selected joint; None for none.
        outside: How many joints lie outside the crop.
    """
    tr = QCoreApplication.translate
    if name is None:
        words = tr(
            "pose",
            "Drag a joint, with Ctrl its limb, with Shift keeping lengths; beside it drag the "
            "pose · Ctrl+wheel scales, Shift+wheel turns · Tab goes through the joints",
        )
    else:
        words = tr(
            "pose", "{name}: arrows move it a pixel, with Shift ten · Tab goes on · Esc lets go"
        ).format(name=name)
    if outside == 1:
        return tr("pose", "1 joint lies outside the crop · {words}").format(words=words)
    if outside:
        out = tr("pose", "{n} joints lie outside the crop · {words}")
        return out.format(n=outside, words=words)
    return words


class PosePanel(QWidget):
    """The list of poses with what can be done to them.

    Args:
        skeleton: Of the poses.
        actions: Of the editor.
    """

    def __init__(self, skeleton: Skeleton, actions: PoseActions) -> None:
        super().__init__()
        self.list = PoseList(skeleton)
        self.setFixedWidth(_COLUMNS * (THUMB_PX) + _SCROLL_PX + 2 * theme.GRID)
        self.counted = dim("")
        self.count = QSpinBox()
        self.count.setRange(1, 99)
        self.count.setValue(4)
        self.count.setFont(theme.tabular(self.count.font()))
        self.count.setFixedWidth(64)
        self.count.setAccessibleName(self.tr("How many poses between two"))
        indent_number(self.count)
        fill = QToolButton()
        fill.setDefaultAction(actions.fill)
        fill.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        fill.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        fill.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        filling = QHBoxLayout()
        filling.setSpacing(theme.GRID)
        filling.addWidget(fill)
        filling.addStretch(1)
        filling.addWidget(self.count)
        tools = QHBoxLayout()
        tools.setSpacing(theme.GRID)
        for action in (
            actions.new,
            actions.duplicate,
            actions.mirror,
            actions.add_mirrored,
            actions.delete,
        ):
            tools.addWidget(tool_button(action))
        tools.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addLayout(tools)
        column.addWidget(self.list, 1)
        column.addLayout(filling)
        column.addWidget(self.counted)

    def show_count(self, count: int, copies: int) -> None:
        """Say how many there are."""
        self.counted.setText(count_words(count, copies))


class PoseBar(QWidget):
    """What goes along with a dragged joint, names, undo and redo.

    Args:
        actions: Of the editor.
    """

    def __init__(self, actions: PoseActions) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for action in actions.ways.values():
            button = tool_button(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            row.addWidget(button)
        row.addStretch(1)
        for action in (actions.names, actions.undo, actions.redo):
            row.addWidget(tool_button(action))


class BackdropBar(QWidget):
    """Which picture lies behind, and how much of it is seen.

    Args:
        actions: Of the editor.
    """

    def __init__(self, actions: PoseActions) -> None:
        super().__init__()
        self.title = QLabel()
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.title.setFont(theme.tabular(self.title.font()))
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(10, 100)
        self.strength.setValue(60)
        self.strength.setFixedWidth(96)
        self.strength.setAccessibleName(self.tr("Strength of the picture"))
        self.strength.setToolTip(self.tr("How much of the picture is seen"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        for action in (actions.shown, actions.previous, actions.following):
            row.addWidget(tool_button(action))
        row.addWidget(self.title, 1)
        row.addWidget(self.strength)

    def set_title(self, title: str, number: int, count: int) -> None:
        """Name the picture, and which of how many it is."""
        text = self.tr("{title}  ({n} of {all})").format(title=title, n=number + 1, all=count)
        self.title.setText(text)
        self.title.setToolTip(text)


class SideLegend(QWidget):
    """Which colour and shape is left, which right; of the figure, not of the onlooker."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ((LEFT, self.tr("left")), (RIGHT, self.tr("right")))
        self.setToolTip(self.tr("Left and right of the figure itself, as its names say"))
        self.setAccessibleName(self.tr("Blue and round is left, orange and square is right"))

    def sizeHint(self) -> QSize:
        """One line."""
        metrics = self.fontMetrics()
        wide = sum(metrics.horizontalAdvance(word) + 28 for _, word in self._words)
        return QSize(wide, metrics.height() + 2)

    def minimumSizeHint(self) -> QSize:
        """The same."""
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A mark and a word for each side."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            metrics, x = self.fontMetrics(), 6.0
            middle = self.height() / 2
            for side, word in self._words:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(side_colour(side))
                mark(painter, QPointF(x, middle), 4.5, side)
                painter.setPen(theme.colour("dim"))
                base = middle + (metrics.ascent() - metrics.descent()) / 2
                painter.drawText(QPointF(x + 9, base), word)
                x += metrics.horizontalAdvance(word) + 28


class PoseFoot(QWidget):
    """The prior's name, what came of the last step, and the two ways out.

    Args:
        name: The prior's.
        kept: Whether a draft is kept, so that nothing is lost by closing.
    """

    def __init__(self, name: str, *, kept: bool) -> None:
        super().__init__()
        self.name = QLineEdit(name)
        self.name.setPlaceholderText(self.tr("Name of these poses"))
        self.name.setAccessibleName(self.tr("Name of these poses"))
        self.name.setFixedWidth(200)
        self.words = QLabel()
        self.words.setProperty("role", "dim")
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.cancel = QPushButton(self.tr("Close") if kept else self.tr("Cancel"))
        self.cancel.setToolTip(
            self.tr("The draft stays as it is  (Esc)") if kept else self.tr("Leave  (Esc)")
        )
        self.save = QPushButton(self.tr("Save"))
        self.save.setToolTip(self.tr("Make these poses a prior  (Ctrl+S)"))
        self.save.setProperty("primary", True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.name)
        row.addWidget(self.words, 1)
        for button in (self.cancel, self.save):
            button.setAutoDefault(False)  # Enter belongs to the name
            row.addWidget(button)
