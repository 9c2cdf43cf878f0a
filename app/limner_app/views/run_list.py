"""The runs of a project: how they ended, what they reached, what can be done with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QDateTime, QLocale, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QStackedLayout,
    QTableWidget,
    QTableWidgetItem,
    QTableWidgetSelectionRange,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import EmptyPlace, heading_row
from limner_app.views.knob_words import choice_words
from limner_app.views.run_records import RunRecord


def clock(seconds: float) -> str:
    """Seconds as ``m:ss`` or ``h:mm:ss``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


class RunList(QWidget):
    """A table of runs, newest first.

    Signals:
        use_requested: The model file that should become the current one.
        resume_requested: The run folder that should go on.
        compare_requested: Two run folders whose held-back curves are wanted.
        chosen: The run folder to look at.
    """

    use_requested = Signal(object)
    resume_requested = Signal(object)
    compare_requested = Signal(object)
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._records: list[RunRecord] = []
        self._alive: tuple[Path, str] | None = None
        self._current: Collection[Path] = ()
        self._busy = False
        self.table = QTableWidget(0, 6)
        self.table.setHorizontalHeaderLabels(
            [
                self.tr("Run"),
                self.tr("Started"),
                self.tr("State"),
                self.tr("Held back"),
                self.tr("Against copying"),
                self.tr("Time"),
            ]
        )
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)  # arrows go through it, Tab goes on
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(26)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.use = QPushButton(self.tr("Use this model"))
        self.resume = QPushButton(self.tr("Resume"))
        self.compare = QPushButton(self.tr("Compare"))
        self.compare.setToolTip(self.tr("Select two runs to lay their held-back curves together"))
        self.folder = QPushButton(self.tr("Show folder"))
        buttons = (self.folder, self.compare, self.resume, self.use)
        for button in buttons:
            button.setProperty("quiet", True)
        self._empty = EmptyPlace(
            "graduation-cap", self.tr("Runs of this project stand here with what they reached.")
        )
        below = QWidget()
        self._stack = QStackedLayout(below)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(heading_row(self.tr("Runs"), *buttons))
        inset = QHBoxLayout()
        inset.setContentsMargins(theme.GAP, 0, theme.GAP, theme.GRID)
        inset.addWidget(below)
        column.addLayout(inset, 1)
        self.table.itemSelectionChanged.connect(self._selected)
        self.table.customContextMenuRequested.connect(self._menu)
        self.use.clicked.connect(self._use)
        self.resume.clicked.connect(self._resume)
        self.compare.clicked.connect(self._compare)
        self.folder.clicked.connect(self._show_folder)
        self._enable()

    def set_records(
        self,
        records: Sequence[RunRecord],
        alive: tuple[Path, str] | None,
        current_models: Collection[Path],
    ) -> None:
        """Show runs.

        Args:
            records: Newest first.
            alive: Folder and state word of the run that has a process now.
            current_models: The project's current models, which are marked.
        """
        kept = {record.path for record in self.selected()}
        self._records, self._alive, self._current = list(records), alive, current_models
        self._busy = alive is not None
        self.table.blockSignals(True)
        self.table.setRowCount(len(records))
        for row, record in enumerate(records):
            self._fill(row, record)
        self.table.clearSelection()
        for row, record in enumerate(records):
            if record.path in kept:
                place = QTableWidgetSelectionRange(row, 0, row, self.table.columnCount() - 1)
                self.table.setRangeSelected(place, True)
        self.table.blockSignals(False)
        self._stack.setCurrentWidget(self.table if records else self._empty)
        self._enable()

    def _fill(self, row: int, record: RunRecord) -> None:
        state = record.state
        if self._alive is not None and self._alive[0] == record.path:
            state = self._alive[1]
        begun = QLocale().toString(
            QDateTime.fromSecsSinceEpoch(int(record.begun.timestamp())), "d MMM, HH:mm"
        )
        texts = (
            record.name,
            begun,
            self.state_text(state),
            "" if record.loss is None else f"{record.loss:.4f}",
            "" if record.ratio is None else f"{record.ratio * 100:.0f} %",
            clock(record.elapsed_s) if record.elapsed_s else "",
        )
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            if column in (3, 4, 5):
                item.setFont(theme.tabular(self.font()))
            if column == 0:
                used = record.model in self._current
                item.setIcon(
                    theme.icon("check-circle", "accent") if used else theme.icon("circle", "faint")
                )
                kinds = (("method", record.method), ("size", record.size))
                words = " · ".join(choice_words(knob, value) for knob, value in kinds if value)
                item.setToolTip(f"{words}\n{record.path}" if words else str(record.path))
            if column == 2:
                item.setToolTip(record.note)
                if state == "failed":
                    item.setForeground(theme.colour("loss"))
            self.table.setItem(row, column, item)

    def state_text(self, state: str) -> str:
        """A state in the person's language."""
        return {
            "starting": self.tr("starting"),
            "preparing": self.tr("preparing"),
            "running": self.tr("learning"),
            "pausing": self.tr("pausing"),
            "paused": self.tr("paused"),
            "stopping": self.tr("stopping"),
            "finished": self.tr("finished"),
            "early": self.tr("finished early"),
            "stopped": self.tr("stopped, kept"),
            "failed": self.tr("failed, can be resumed"),
            "interrupted": self.tr("interrupted, can be resumed"),
        }.get(state, state)

    def selected(self) -> list[RunRecord]:
        """The selected runs, from the top."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        return [self._records[row] for row in rows if row < len(self._records)]

    def select(self, path: Path) -> None:
        """Select one run."""
        for row, record in enumerate(self._records):
            if record.path == path:
                self.table.selectRow(row)

    def _selected(self) -> None:
        self._enable()
        runs = self.selected()
        if len(runs) == 1:
            self.chosen.emit(runs[0].path)

    def _enable(self) -> None:
        runs = self.selected()
        one = runs[0] if len(runs) == 1 else None
        self.use.setEnabled(
            one is not None and one.model is not None and one.model not in self._current
        )
        self.resume.setEnabled(one is not None and one.resumable and not self._busy)
        self.compare.setEnabled(len(runs) == 2)
        self.folder.setEnabled(one is not None)

    def _use(self) -> None:
        for record in self.selected()[:1]:
            self.use_requested.emit(record.model)

    def _resume(self) -> None:
        for record in self.selected()[:1]:
            self.resume_requested.emit(record.path)

    def _compare(self) -> None:
        self.compare_requested.emit([record.path for record in self.selected()])

    def _show_folder(self) -> None:
        for record in self.selected()[:1]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(record.path)))

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for button in (self.use, self.resume, self.compare, self.folder):
            action = menu.addAction(button.text(), button.click)
            action.setEnabled(button.isEnabled())
        menu.popup(self.table.viewport().mapToGlobal(at))
