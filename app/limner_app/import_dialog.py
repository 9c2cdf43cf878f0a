"""Which labels come into the project, where their videos are, and what came of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import dim
from limner_engine.errors import LimnerError
from limner_engine.importing.labels import Wishes, import_labels
from limner_engine.importing.report import ImportReport


class ImportDialog(QDialog):
    """A file, a folder and two wishes; then the report, in the same place.

    The work is done on a thread; closing the dialog stops it, and then nothing has happened.

    Args:
        document: Whose project gets the labels.
        parent: Over which it opens.

    Signals:
        imported(ImportReport): The labels are in the project.
    """

    imported = Signal(object)
    _advanced = Signal(float)
    _ended = Signal(object)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.report: ImportReport | None = None
        self._thread: threading.Thread | None = None
        self._stopped = False
        self.setWindowTitle(self.tr("Import labels"))
        self.setMinimumWidth(520)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(theme.MARGIN)
        self.form = QWidget()
        form = QFormLayout(self.form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GAP)
        self.file, self.folder = QLineEdit(), QLineEdit()
        self.folder.setPlaceholderText(self.tr("Beside the labels and in the project"))
        form.addRow(self.tr("Labels"), self._with_button(self.file, self._ask_file))
        form.addRow(
            self.tr("Videos or pictures"), self._with_button(self.folder, self._ask_folder)
        )
        self.add = QCheckBox(self.tr("Add landmarks that the project does not have"))
        self.predicted = QCheckBox(self.tr("Also take what a network found, as predictions"))
        form.addRow("", self.add)
        form.addRow("", self.predicted)
        column.addWidget(self.form)
        self.words = dim(
            self.tr(
                "CollectedData.csv of DeepLabCut, .slp of SLEAP, or COCO keypoints. Pictures that "
                "belong to no video here become the frames of one video beside the project. Your "
                "own annotations stay as they are."
            )
        )
        column.addWidget(self.words)
        self.trouble = QLabel()
        self.trouble.setProperty("role", "loss")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        column.addWidget(self.trouble)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.hide()
        column.addWidget(self.bar)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.cancel = buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self.go = buttons.addButton(self.tr("Import"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.go.setProperty("primary", True)
        self.go.setEnabled(False)
        buttons.accepted.connect(self.start)
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)
        self.file.textChanged.connect(lambda text: self.go.setEnabled(bool(text.strip())))
        self._advanced.connect(lambda share: self.bar.setValue(round(1000 * share)))
        self._ended.connect(self._end)

    def _with_button(self, line: QLineEdit, ask: Callable[[], None]) -> QHBoxLayout:
        button = QPushButton(self.tr("Choose…"))
        button.setAutoDefault(False)
        button.clicked.connect(ask)
        across = QHBoxLayout()
        across.setSpacing(theme.GAP)
        across.addWidget(line, 1)
        across.addWidget(button)
        return across

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Import labels"),
            str(Path(self.file.text()).parent) if self.file.text() else "",
            self.tr("Labels (*.csv *.slp *.json);;All files (*)"),
        )
        if name:
            self.file.setText(name)

    def _ask_folder(self) -> None:
        start = self.folder.text() or str(Path(self.file.text()).parent)
        name = QFileDialog.getExistingDirectory(self, self.tr("Videos or pictures"), start)
        if name:
            self.folder.setText(name)

    @property
    def working(self) -> bool:
        """Whether labels are being imported."""
        return self._thread is not None

    def start(self) -> None:
        """Import, or close when that has been done."""
        project = self.document.project
        if self.report is not None or project is None:
            self.accept()
            return
        if self.working:
            return
        folder = self.folder.text().strip()
        wishes = Wishes(
            folders=[Path(folder)] if folder else [],
            predicted=self.predicted.isChecked(),
            add_landmarks=self.add.isChecked(),
        )
        path = Path(self.file.text().strip())
        self._stopped = False

        def advance(share: float) -> bool:
            self._advanced.emit(share)
            return not self._stopped

        def work() -> None:
            try:
                self._ended.emit(import_labels(project, path, wishes, progress=advance))
            except Exception as error:  # told by the window, like every other
                self._ended.emit(error)

        self._show_working(True)
        self._thread = threading.Thread(target=work, name="limner-import", daemon=True)
        self._thread.start()

    def reject(self) -> None:
        """Close; work in progress is stopped first, and leaves nothing behind."""
        if self.working:
            self._stopped = True
            self.cancel.setEnabled(False)
            return
        super().reject()

    def _show_working(self, working: bool) -> None:
        self.form.setEnabled(not working)
        self.go.setEnabled(not working)
        self.cancel.setEnabled(True)
        self.bar.setValue(0)
        self.bar.setVisible(working)
        self.trouble.hide()
        self.adjustSize()

    def _end(self, result: ImportReport | Exception) -> None:
        assert self._thread is not None
        self._thread.join()
        self._thread = None
        self._show_working(False)
        if isinstance(result, Exception):
            if self._stopped and isinstance(result, LimnerError):
                super().reject()
                return
            self.trouble.setText(str(result))
            self.trouble.show()
            if not isinstance(result, LimnerError):
                raise result
            return
        self.report = result
        self.form.hide()
        self.words.setProperty("role", "")
        self.words.style().polish(self.words)
        self.cancel.hide()
        self.go.setText(self.tr("Close"))
        self._tell()
        self.words.setText("\n".join([*result.sentences(), *self._where(result)]))
        self.adjustSize()
        self.imported.emit(result)

    def _where(self, report: ImportReport) -> list[str]:
        """What of it is not on screen, and where it is."""
        document, words = self.document, []
        subjects = [] if document.project is None else document.project.subjects()
        if len(subjects) > 1:
            words = [
                self.tr(
                    "There are {n} subjects; switch between them over the list of landmarks."
                ).format(n=len(subjects))
            ]
        known = document.imported_predictions()
        titles = [title for title, _ in known if report.file in title]
        if report.predictions and titles and not document.imported:
            choose = self.tr("To see the predictions, choose “{title}” at the top right.")
            words.append(choose.format(title=titles[-1]))
        return words

    def _tell(self) -> None:
        """Let the views know, and show the first frame that got a label."""
        document, report = self.document, self.report
        document.adopt_stored_model()
        for signal in (
            document.project_changed,
            document.skeleton_changed,
            document.annotations_changed,
            document.predictions_changed,
            document.history_changed,
        ):
            signal.emit()
        if report is None or report.place is None:
            return
        video_id, frame = report.place
        if document.video is None or document.video.id != video_id:
            document.show_video(video_id)
        document.show(frame)
