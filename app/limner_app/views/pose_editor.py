"""The window in which poses of a skeleton are drawn by hand, to learn what landmarks mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.panel_parts import dim
from limner_app.views.pose_actions import PoseActions
from limner_app.views.pose_canvas import PoseCanvas
from limner_app.views.pose_controls import (
    BackdropBar,
    PoseBar,
    PoseFoot,
    PosePanel,
    SideLegend,
    hint_words,
)
from limner_app.views.pose_history import PoseHistory
from limner_app.views.pose_layout import template_layout
from limner_app.views.pose_steps import PoseSteps
from limner_app.views.skeleton_controls import Question
from limner_app.views.skeleton_layout import Places
from limner_engine.priors import pose_edits
from limner_engine.priors.pose_edits import Pose, Way
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, Image, Skeleton

SOURCE = "drawn by hand"
_KEEP_MS = 600
_MANY = 24
"""With more joints none is dragged alone, unless a person wants it."""


class PoseEditor(QDialog):
    """Poses as small drawings on the left, the current one on a canvas; the window stays usable.

    ``accepted`` tells that a person saved; `prior` then gives the poses. Where a draft is kept,
    closing loses nothing; else it asks.

    Args:
        skeleton: Names, edges and pairs; at least one landmark.
        layout: ``(K, 2)``, x and y from 0 to 1, y down: the first pose, where there is none yet;
            by default as the templates draw these names.
        poses: ``(N, K, 2)`` in -1..1 of the crop, to go on with.
        backdrops: Pictures to trace, each with a title, ``(S, S, 3)`` uint8.
        name: What the prior is called.
        keep: Is given the prior a little after every change, and on closing.
        parent: Over which it opens.

    Raises:
        ValueError: The skeleton has no landmark.
    """

    def __init__(
        self,
        skeleton: Skeleton,
        layout: Places | None = None,
        poses: Floats | None = None,
        backdrops: Sequence[tuple[str, Image]] = (),
        name: str = "",
        keep: Callable[[PosePrior], None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.canvas = PoseCanvas(skeleton)
        self._skeleton, self._keep = skeleton, keep
        self._backdrops, self._backdrop = tuple(backdrops), 0
        self._name = name
        start = pose_edits.fitted(template_layout(skeleton) if layout is None else layout)
        begun: list[Pose] = [start]
        if poses is not None and len(poses):
            begun = list(poses.astype(np.float64))
        self.history = PoseHistory(begun)
        self.steps = PoseSteps(self.history, skeleton, start, self)
        self._settle = QTimer(self, singleShot=True, interval=_KEEP_MS)
        self._settle.timeout.connect(self._keep_now)
        self.setWindowTitle(self.tr("Draw poses"))
        self.resize(980, 680)
        self.actions_ = PoseActions(self)
        self.panel = PosePanel(skeleton, self.actions_)
        self.list = self.panel.list
        self.bar = PoseBar(self.actions_)
        self.pictures = BackdropBar(self.actions_)
        self.hint = dim("")
        self.question = Question()
        self.question.keep.setText(self.tr("Go on drawing"))
        self.foot = PoseFoot(name, kept=keep is not None)
        self._lay_out()
        self._connect()
        many = len(skeleton.names) > _MANY
        self.actions_.ways["nearby" if many else "joint"].trigger()
        # Over a picture the names of all joints would hide what is traced.
        self.actions_.names.setChecked(not many and not self._backdrops)
        self._set_named(self.actions_.names.isChecked())
        self.actions_.shown.setChecked(bool(self._backdrops))
        self._show_backdrop()
        self.reload()
        self.canvas.setFocus()

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(theme.MARGIN)
        below.addWidget(self.hint, 1)
        if self._skeleton.symmetries:
            below.addWidget(SideLegend())
        self.hint.setMinimumHeight(2 * self.hint.fontMetrics().lineSpacing())
        right = QVBoxLayout()
        right.setSpacing(theme.GRID)
        right.addWidget(self.bar)
        right.addWidget(self.canvas, 1)
        right.addWidget(self.pictures)
        right.addLayout(below)
        self.pictures.setVisible(bool(self._backdrops))
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
        actions, canvas, steps = self.actions_, self.canvas, self.steps
        for action, run in (
            (actions.new, self.add),
            (actions.duplicate, partial(self._take, steps.copy)),
            (actions.mirror, partial(self._take, steps.mirror)),
            (actions.add_mirrored, partial(self._take, partial(steps.copy, mirrored=True))),
            (actions.delete, partial(self._take, steps.delete)),
            (actions.fill, partial(self._take, self._fill, 2)),
            (actions.undo, partial(self.step_history, True)),
            (actions.redo, partial(self.step_history, False)),
            (actions.previous, partial(self.go_picture, -1)),
            (actions.following, partial(self.go_picture, 1)),
        ):
            action.triggered.connect(lambda *_, run=run: run())
        for way, action in actions.ways.items():
            action.triggered.connect(partial(self._set_way, way))
        actions.names.toggled.connect(self._set_named)
        actions.shown.toggled.connect(self._show_backdrop)
        self.pictures.strength.valueChanged.connect(lambda n: canvas.set_strength(n / 100))
        canvas.drawn.connect(self._drawn)
        canvas.selected_changed.connect(self._hint)
        self.list.current_changed.connect(self.choose)
        self.list.selection_changed.connect(self._enable)
        self.foot.name.textChanged.connect(self._settle.start)
        self.foot.save.clicked.connect(self.accept)
        self.foot.cancel.clicked.connect(self.reject)
        for key, run in (
            ("Ctrl+S", self.accept),
            ("PgUp", lambda: self.choose(self.history.current - 1)),
            ("PgDown", lambda: self.choose(self.history.current + 1)),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(run)

    # --- what comes of it ------------------------------------------------------------------

    def prior(self) -> PosePrior:
        """The poses as they are now."""
        name = self.foot.name.text().strip() or self._name or self.tr("Drawn poses")
        poses = np.stack(self.history.poses).astype(np.float32)
        return PosePrior(name, self._skeleton, poses, (SOURCE,))

    def _keep_now(self) -> None:
        self._settle.stop()
        if self._keep is not None:
            self._keep(self.prior())

    def accept(self) -> None:
        """Save, and close."""
        self._keep_now()
        super().accept()

    def reject(self) -> None:
        """Close; where that loses poses ask first."""
        if self._keep is not None or not self.history.changed:
            super().reject()
            return
        count = len(self.history.poses)
        words = (
            self.tr("This pose is not saved.")
            if count == 1
            else self.tr("These {n} poses are not saved.")
        )
        self.question.ask(words.format(n=count), self.tr("Discard"), super().reject)

    def hideEvent(self, event: QHideEvent) -> None:
        """A draft that waits to be kept waits no longer."""
        if self._settle.isActive():
            self._keep_now()
        self.question.close_()
        super().hideEvent(event)

    # --- steps -----------------------------------------------------------------------------

    def _drawn(self, pose: Pose, text: str, merge: str) -> None:
        self.history.draw(pose, text, merge)
        self._changed()

    def _take(self, step: Callable[[list[int]], list[int]], least: int = 1) -> None:
        """Take a step on the selected poses, where they are enough."""
        rows = self.list.selected()
        if len(rows) >= least:
            self._changed(step(rows))

    def add(self) -> None:
        """A copy of the current pose, to be drawn on."""
        self._changed(self.steps.add())
        self.canvas.setFocus()

    def _fill(self, rows: list[int]) -> list[int]:
        return self.steps.fill(rows, self.panel.count.value())

    def step_history(self, back: bool) -> None:
        """Undo or redo the newest step."""
        text = self.history.undo() if back else self.history.redo()
        if text is not None:
            self._changed([self.history.current])
            words = self.tr("Undone: {text}") if back else self.tr("Redone: {text}")
            self.foot.words.setText(words.format(text=text))

    def choose(self, number: int) -> None:
        """Draw on another pose; a number beyond the ends changes nothing."""
        if 0 <= number < len(self.history.poses) and number != self.history.current:
            self.history.choose(number)
            self.reload()

    def _set_way(self, way: Way) -> None:
        self.canvas.way = way

    def _set_named(self, on: bool) -> None:
        self.canvas.named = on
        self.canvas.update()

    # --- pictures --------------------------------------------------------------------------

    def go_picture(self, by: int) -> None:
        """Lay the picture before or after this one behind."""
        number = self._backdrop + by
        if 0 <= number < len(self._backdrops):
            self._backdrop = number
            self.actions_.shown.setChecked(True)
            self._show_backdrop()

    def _show_backdrop(self) -> None:
        actions, count = self.actions_, len(self._backdrops)
        for action in (actions.shown, actions.previous, actions.following):
            action.setEnabled(bool(count))
        if not count:
            return
        title, picture = self._backdrops[self._backdrop]
        on = actions.shown.isChecked()
        self.canvas.set_picture(picture if on else None)
        self.pictures.set_title(title, self._backdrop, count)
        self.pictures.strength.setEnabled(on)
        actions.previous.setEnabled(self._backdrop > 0)
        actions.following.setEnabled(self._backdrop < count - 1)

    # --- what follows from changes ---------------------------------------------------------

    def _changed(self, rows: Sequence[int] = ()) -> None:
        self.foot.words.setText("")
        self.question.close_()
        self._settle.start()
        self.reload(rows)

    def reload(self, rows: Sequence[int] = ()) -> None:
        """Show the poses as they are; ``rows`` are selected, by default the current one."""
        history = self.history
        self.list.load(history.poses, history.current, rows)
        self.canvas.set_pose(history.pose)
        distinct = len({pose.tobytes() for pose in history.poses})
        self.panel.show_count(len(history.poses), len(history.poses) - distinct)
        self.actions_.set_history(history.undo_text, history.redo_text)
        self._enable()
        self._hint()

    def _enable(self) -> None:
        rows = self.list.selected()
        actions = self.actions_
        for action in (actions.duplicate, actions.mirror, actions.add_mirrored, actions.delete):
            action.setEnabled(bool(rows))
        actions.fill.setEnabled(len(rows) > 1)
        self.panel.count.setEnabled(len(rows) > 1)

    def _hint(self) -> None:
        joint = self.canvas.selected
        name = None if joint is None else self._skeleton.names[joint]
        outside = int((np.abs(self.history.pose) > 1).any(axis=1).sum())
        self.hint.setText(hint_words(name, outside))
