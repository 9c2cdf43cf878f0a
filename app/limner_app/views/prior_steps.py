"""What the steps of the flow about pose priors have in common, and the list of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from limner_app import theme
from limner_app.flows import Flows
from limner_engine.errors import LimnerError

_STEPS_PX = 150
_DONE, _ITEM_PX = "check-circle", 34


class FlowStep(QWidget):
    """One page of the flow.

    Attributes:
        title: What stands in the list of steps.
        about: What is to be done here, one sentence.

    Signals:
        changed: Something else is chosen, or it can now be gone on with.
        troubled: What went wrong, one sentence; empty when that is over.
        began: Long work has begun; what it does.
        advanced: Its share done, 0 to 1.
        ended: It is over.
    """

    title = ""
    about = ""
    changed = Signal()
    troubled = Signal(str)
    began = Signal(str)
    advanced = Signal(float)
    ended = Signal()

    def enter(self) -> None:
        """The step is on screen now."""

    def leave(self) -> None:
        """Another step is on screen now; long work may go on."""

    def cancel(self) -> None:
        """End long work."""

    def lack(self) -> str:
        """What is missing before the next step, one sentence; empty when nothing is."""
        return ""


class OneWork:
    """Long work of a step: a newer one takes the place of the former.

    Args:
        flows: Runs it.
        step: Tells of it.
    """

    def __init__(self, flows: Flows, step: FlowStep) -> None:
        self._flows, self._step = flows, step
        self._task: asyncio.Task[None] | None = None
        self._number, self._told = 0, False

    @property
    def busy(self) -> bool:
        """Whether it goes on."""
        return self._task is not None and not self._task.done()

    def start(self, words: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do something; what a person can mend is told by the step.

        Args:
            words: What goes on; empty where nobody has to wait for it.
            work: Does it.
        """
        self.cancel()
        self._told = bool(words)
        if words:
            self._step.troubled.emit("")
        self._task = self._flows.start(self._guarded(self._number, words, work))

    def cancel(self) -> None:
        """Drop it."""
        self._number += 1
        if self._task is not None and not self._task.done():
            self._task.cancel()
            if self._told:
                self._step.ended.emit()
        self._task = None

    async def _guarded(self, number: int, words: str, work: Callable[[], Awaitable[None]]) -> None:
        if words:
            self._step.began.emit(words)
        try:
            await work()
        except LimnerError as error:
            if number == self._number:
                self._step.troubled.emit(str(error))
        finally:
            if number == self._number:
                self._task = None
                if words:
                    self._step.ended.emit()
                self._step.changed.emit()


class StepList(QListWidget):
    """The steps, one below the other; those that can be gone to are pressed.

    Args:
        titles: What stands there.

    Signals:
        wished: A step, by its number.
    """

    wished = Signal(int)

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self.setFixedWidth(_STEPS_PX)
        self.setAccessibleName(self.tr("Steps"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for title in titles:
            item = QListWidgetItem(title, self)
            item.setSizeHint(QSize(0, _ITEM_PX))
        self.currentRowChanged.connect(self._chosen)

    def show_state(self, current: int, reachable: int) -> None:
        """Which step is on screen, and up to which one can be gone.

        Args:
            current: Number of the step on screen.
            reachable: Number of the last that can be gone to.
        """
        self.blockSignals(True)
        for row in range(self.count()):
            item = self.item(row)
            there = row <= reachable
            item.setFlags(
                Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
                if there
                else Qt.ItemFlag.NoItemFlags
            )
            done = row < current
            item.setIcon(
                theme.icon(
                    _DONE if done else "circle" if row != current else "arrow-circle-right",
                    "good" if done else "accent" if row == current else "faint",
                )
            )
        self.setCurrentRow(current)
        self.blockSignals(False)

    def _chosen(self, row: int) -> None:
        if row >= 0:
            self.wished.emit(row)
