"""Which videos go into which landmark table, and whether gaps are filled and paths smoothed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.export import Layout, project_tables, scorer_of, table_names, write_tables
from limner_app.panel_parts import dim, indent_number
from limner_engine.errors import LimnerError
from limner_engine.formats import Smoothing

_LAYOUTS: tuple[tuple[Layout, str], ...] = (("dlc", "DeepLabCut"), ("tidy", "Tidy CSV"))


class ExportDialog(QDialog):
    """What goes into the table, how it is changed on its way, and a file.

    Args:
        document: The open project.
        said: Told of what was written.
        parent: Over which it opens.
    """

    def __init__(
        self, document: Document, said: Callable[[str], object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document, self._said = document, said
        self.setWindowTitle(self.tr("Export landmarks"))
        self.setMinimumWidth(400)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.MARGIN)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GAP)
        self.layouts = QComboBox()
        for key, name in _LAYOUTS:
            self.layouts.addItem(name, key)
        self.videos = QComboBox()
        project = document.project
        count = len(project.videos()) if project is not None else 0
        name = document.video.path.name if document.video is not None else ""
        self.videos.addItem(self.tr("{name} only").format(name=name), False)
        if count > 1:
            self.videos.addItem(self.tr("All {n} videos").format(n=count), True)
        form.addRow(self.tr("Layout"), self.layouts)
        form.addRow(self.tr("Videos"), self.videos)
        self.gaps = QSpinBox()
        self.gaps.setRange(0, 100)
        self.gaps.setSpecialValueText(self.tr("None"))
        self.gaps.setSuffix(self.tr(" frames at most"))
        self.gaps.setToolTip(self.tr("A missing landmark goes on the line between its neighbours"))
        form.addRow(self.tr("Fill gaps"), self.gaps)
        self.smoothing = QComboBox()
        self.smoothing.addItem(self.tr("None"), None)
        self.smoothing.addItem(self.tr("Savitzky–Golay"), "savgol")
        self.smoothing.addItem(self.tr("Gaussian"), "gaussian")
        self.window_frames = QSpinBox()
        self.window_frames.setRange(5, 99)
        self.window_frames.setSingleStep(2)
        self.window_frames.setValue(7)
        self.window_frames.setSuffix(self.tr(" frames"))
        self.window_frames.setToolTip(self.tr("How far smoothing looks; an odd number of frames"))
        self.window_frames.setEnabled(False)
        indent_number(self.gaps)
        indent_number(self.window_frames)
        beside = QHBoxLayout()
        beside.setSpacing(theme.GAP)
        beside.addWidget(self.smoothing, 1)
        beside.addWidget(self.window_frames)
        form.addRow(self.tr("Smoothing"), beside)
        column.addLayout(form)
        self.words = dim("")
        column.addWidget(self.words)
        self.trouble = QLabel()
        self.trouble.setProperty("role", "loss")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        column.addWidget(self.trouble)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        save = buttons.addButton(self.tr("Export…"), QDialogButtonBox.ButtonRole.AcceptRole)
        save.setProperty("primary", True)
        buttons.accepted.connect(self._ask)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        for changed in (
            self.layouts.currentIndexChanged,
            self.smoothing.currentIndexChanged,
            self.gaps.valueChanged,
        ):
            changed.connect(self._explain)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._explain()

    def _explain(self) -> None:
        self.window_frames.setEnabled(self.smoothing.currentData() is not None)
        if self.layouts.currentData() == "dlc":
            text = self.tr(
                "One row for each frame; x, y and likelihood of every landmark. Opens in "
                "DeepLabCut, movement and napari."
            )
        else:
            text = self.tr(
                "One row for each landmark and frame, with times and whose it is. Opens in R, "
                "pandas and spreadsheets."
            )
        text += " " + self.tr("Your annotations win over the model's landmarks.")
        if self.smoothing.currentData() is not None or self.gaps.value():
            text += " " + self.tr("They stay where they are; the project itself is not changed.")
        self.words.setText(text)

    def _smoothing(self) -> Smoothing | None:
        method = self.smoothing.currentData()
        # An even number can be typed; the next odd one is meant.
        return None if method is None else Smoothing(method, self.window_frames.value() | 1)

    def _ask(self) -> None:
        stem = self.document.video.path.stem if self.document.video is not None else "landmarks"
        name, _ = QFileDialog.getSaveFileName(
            self, self.tr("Export landmarks"), f"{stem}.csv", self.tr("Tables (*.csv)")
        )
        if name:
            self.write(Path(name))

    def write(self, path: Path) -> None:
        """Write the table and close; where that fails say so and stay open."""
        project, video = self.document.project, self.document.video
        if project is None or video is None:
            return
        chosen = project.videos() if self.videos.currentData() else [video]
        layout: Layout = self.layouts.currentData()
        try:
            tables = project_tables(
                project,
                chosen,
                shown=self.document.reader,
                longest_gap=self.gaps.value(),
                smoothing=self._smoothing(),
            )
            files = [path]
            if layout == "dlc" and len(tables) > 1:
                ends = table_names(tables)
                files = [path.with_name(f"{path.stem}-{end}{path.suffix}") for end in ends]
            reports = write_tables(files, tables, layout, scorer_of(project))
        except LimnerError as error:
            self.trouble.setText(str(error))
            self.trouble.show()
            return
        names = ", ".join(file.name for file in files)
        first = reports[0].sentence()
        self._said(self.tr("Exported to {name}. {report}").format(name=names, report=first))
        damaged = {
            table.video: report.sentence()
            for table, report in zip(tables, reports, strict=True)
            if report.unreadable
        }
        if damaged:
            told = " ".join(f"{video}: {report}" for video, report in damaged.items())
            self.document.message.emit("warning", told, "")
        self.accept()
