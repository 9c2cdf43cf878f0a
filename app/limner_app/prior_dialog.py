"""The flow from unlabelled videos and loose poses to a run, step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.panel_parts import dim, heading
from limner_app.prior_run import start_run
from limner_app.training_client import TrainingClient
from limner_app.views.crop_search import SearchEngine
from limner_app.views.prior_crop import CropStep
from limner_app.views.prior_draft import SETTING, Placing, PriorDraft
from limner_app.views.prior_foot import PriorFoot
from limner_app.views.prior_skeleton import SkeletonStep
from limner_app.views.prior_source import PriorStep
from limner_app.views.prior_start import StartStep
from limner_app.views.prior_steps import FlowStep, StepList
from limner_app.views.prior_videos import VideosStep
from limner_engine.errors import LimnerError
from limner_engine.formats.skeleton_file import SkeletonFile

_SIZE = (1120, 690)


@dataclass(frozen=True, slots=True)
class PriorParts:
    """What the flow needs of the window.

    Attributes:
        document: The open project.
        engine: Looks through videos.
        flows: Runs long work.
        training: Starts the run.
        open_crops: Opens the window about the crops of the video on screen.
        edit_skeleton: Opens the skeleton editor, and lets it take over a skeleton where one is
            given.
    """

    document: Document
    engine: SearchEngine
    flows: Flows
    training: TrainingClient
    open_crops: Callable[[], object]
    edit_skeleton: Callable[[SkeletonFile | None], object]


class PriorDialog(QDialog):
    """Videos, crop, skeleton, prior, start.

    Args:
        parts: What it works with.
        parent: Over which it opens; the window can be used meanwhile.

    Signals:
        starting: A run is about to begin; who wants to hear of it has to be there.
        started: It has begun; its folder.
    """

    starting = Signal()
    started = Signal(object)

    def __init__(self, parts: PriorParts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        document, flows = parts.document, parts.flows
        assert document.project is not None
        self._parts, self._project = parts, document.project
        self.draft = PriorDraft()
        self.videos = VideosStep(document, self.draft)
        self.crop = CropStep(document, self.draft, parts.engine, flows, parts.open_crops)
        self.skeleton = SkeletonStep(document, self.draft, parts.edit_skeleton)
        self.prior = PriorStep(document, self.draft, flows)
        self.start = StartStep(self.draft, parts.training)
        self.steps: tuple[FlowStep, ...] = (
            self.videos,
            self.crop,
            self.skeleton,
            self.prior,
            self.start,
        )
        self.setWindowTitle(self.tr("Learn from unlabelled video with a pose prior"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.list = StepList([step.title for step in self.steps])
        self.stack = QStackedWidget()
        self.about = dim("")
        self.trouble = QLabel()
        self.trouble.setProperty("role", "loss")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.foot = PriorFoot()
        self._lay_out()
        self._connect()
        self._restore()
        self.show_step(0)

    def _lay_out(self) -> None:
        for step in self.steps:
            self.stack.addWidget(step)
        left = QWidget()
        left.setProperty("role", "panel")
        left.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        steps = QVBoxLayout(left)
        steps.setContentsMargins(theme.GAP, theme.MARGIN + 4, theme.GAP, theme.MARGIN)
        steps.setSpacing(theme.GAP)
        title = heading(self.tr("Steps"))
        title.setContentsMargins(theme.GRID, 0, 0, 0)
        steps.addWidget(title)
        steps.addWidget(self.list, 1)
        right = QVBoxLayout()
        right.setContentsMargins(20, 16, 20, 12)
        right.setSpacing(theme.MARGIN)
        right.addWidget(self.about)
        right.addWidget(self.trouble)
        right.addWidget(self.stack, 1)
        right.addWidget(self.foot)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(left)
        across.addLayout(right, 1)

    def _connect(self) -> None:
        for number, step in enumerate(self.steps):
            step.changed.connect(self._refresh)
            step.troubled.connect(lambda words, at=number: self._tell(at, words))
            step.began.connect(lambda words: self.foot.begin(words))
            step.advanced.connect(self.foot.advance)
            step.ended.connect(self.foot.end)
        self.list.wished.connect(self.show_step)
        self.foot.back.clicked.connect(lambda: self.show_step(self.current - 1))
        self.foot.next.clicked.connect(lambda: self.go_on())
        self.foot.cancelled.connect(lambda: self.steps[self.current].cancel())
        self.prior.skeleton_wished.connect(self.skeleton.use)
        self._parts.document.project_changed.connect(self._project_changed)
        for key, run in (
            ("Alt+Left", lambda: self.show_step(self.current - 1)),
            ("Alt+Right", lambda: self.go_on(last=False)),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(run)

    # --- going -------------------------------------------------------------------------------

    @property
    def current(self) -> int:
        """Number of the step on screen."""
        return self.stack.currentIndex()

    @property
    def reachable(self) -> int:
        """Number of the last step that can be gone to."""
        for number, step in enumerate(self.steps):
            if number >= self.current and step.lack():
                return number
            if number < self.current and step.lack():
                return self.current
        return min(self.current + 1, len(self.steps) - 1)

    def show_step(self, number: int) -> None:
        """Go to a step, if all before it are done."""
        if not 0 <= number < len(self.steps):
            return
        if number > self.current and any(
            step.lack() for step in self.steps[self.current : number]
        ):
            self._refresh()
            return
        # Each step in between looks at what the one before has left.
        for between in range(self.current + 1, number):
            self.steps[between].enter()
            if self.steps[between].lack():
                number = between
                break
        if number != self.current:
            self.steps[self.current].leave()
        self._tell(self.current, "")
        self.stack.setCurrentIndex(number)
        step = self.steps[number]
        self.about.setText(step.about)
        step.enter()
        self._refresh()

    def go_on(self, *, last: bool = True) -> None:
        """Go to the next step; from the last one start."""
        if self.steps[self.current].lack():
            return
        if self.current < len(self.steps) - 1:
            self.show_step(self.current + 1)
        elif last:
            self.begin()

    def begin(self) -> None:
        """Start the run."""
        name, size, minutes = self.start.chosen
        self.starting.emit()
        try:
            run = start_run(
                self._parts.document,
                self._parts.training,
                self.draft,
                name=name,
                size=size,
                minutes=minutes,
            )
        except LimnerError as error:
            self._tell(self.current, str(error))
            return
        self.start.remember()
        self.started.emit(run.path)
        self.close()

    def _refresh(self) -> None:
        final = self.current == len(self.steps) - 1
        self.foot.next.setText(self.tr("&Start learning") if final else self.tr("&Next"))
        self.foot.back.setEnabled(self.current > 0)
        self.foot.show_lack(self.steps[self.current].lack())
        self.list.show_state(self.current, self.reachable)

    def _tell(self, number: int, words: str) -> None:
        """Say what went wrong in a step that is on screen."""
        if number == self.current:
            self.trouble.setText(words)
            self.trouble.setVisible(bool(words))

    # --- what is remembered ------------------------------------------------------------------

    def _restore(self) -> None:
        stored = self._project.setting(SETTING)
        known: dict[str, Any] = stored if isinstance(stored, dict) else {}
        self.crop.propose(str(known.get("crop", "")))
        self.skeleton.propose(str(known.get("skeleton", "")))
        self.prior.propose(known.get("prior"), Placing.from_json(known.get("placing")))
        left_out = known.get("left_out")
        self.videos.propose([str(one) for one in left_out] if isinstance(left_out, list) else [])

    def _remember(self) -> None:
        self._project.set_setting(
            SETTING,
            {
                "left_out": self.videos.left_out,
                "crop": self.draft.crop_mode,
                "skeleton": self.skeleton.chosen,
                "prior": self.prior.remembered,
                "placing": self.draft.placing.to_json(),
            },
        )

    def _project_changed(self) -> None:
        if self._parts.document.project is not self._project:
            self.done(QDialog.DialogCode.Rejected)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing goes on behind a closed window; drawn poses are not lost unasked."""
        if self.prior.drawing.close():
            self._stop()
            super().closeEvent(event)
        else:
            event.ignore()

    def reject(self) -> None:
        """Escape ends long work first, and closes only then."""
        if self.foot.busy:
            self.steps[self.current].cancel()
        elif self.prior.drawing.close():
            super().reject()

    def done(self, result: int) -> None:
        """Remember what was chosen, and close."""
        self._stop()
        if self._parts.document.project is self._project:
            self._remember()
        super().done(result)

    def _stop(self) -> None:
        self.crop.close_files()
        self.prior.close_all()
        self.foot.end()
