"""The lower part of a dialog that writes a video: where to, how far it is, and what came of it."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from limner_app import theme
from limner_app.status_bar import left_text
from limner_app.views.file_manager import remember_folder, show_in_folder
from limner_app.views.render_work import RenderWork
from limner_engine.errors import LimnerError


def form_layout() -> QFormLayout:
    """Rows of settings, their names on the line of the controls."""
    form = QFormLayout()
    form.setHorizontalSpacing(theme.MARGIN)
    form.setVerticalSpacing(theme.GAP)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
    return form


def form_label(text: str) -> QLabel:
    """The name of a row; Qt would let it hang from the row's top."""
    label = QLabel(text)
    label.setMinimumHeight(theme.ROW_PX)
    return label


class FileLine(QWidget):
    """A file name that can be typed or chosen.

    Signals:
        changed: Another name stands there.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = QLineEdit()
        self.line.setAccessibleName(self.tr("File"))
        self.line.textChanged.connect(self._changed)
        choose = QPushButton(self.tr("Choose…"))
        choose.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.line, 1)
        row.addWidget(choose)

    @property
    def path(self) -> Path | None:
        """The file; ``.mp4`` where no ending was typed. None where nothing is there."""
        text = self.line.text().strip()
        if not text:
            return None
        path = Path(text).expanduser()
        return path if path.suffix else path.with_suffix(".mp4")

    def set_path(self, path: Path) -> None:
        """Propose a file."""
        self.line.setText(str(path))
        self.line.setCursorPosition(len(str(path)))

    def checked(self, sources: list[Path]) -> Path:
        """The file, if a video can be written there.

        Args:
            sources: Files that must not be overwritten.

        Raises:
            LimnerError: It cannot.
        """
        path = self.path
        if path is None:
            raise LimnerError(self.tr("The video has no name yet."), self.tr("Choose a file."))
        if path.suffix.lower() != ".mp4":
            raise LimnerError(
                self.tr("{0} is no name for this video.").format(path.name),
                self.tr("Limner writes MP4: choose a name that ends in .mp4."),
            )
        if not path.absolute().parent.is_dir():
            raise LimnerError(
                self.tr("There is no folder {0}.").format(path.absolute().parent),
                self.tr("Choose another one."),
            )
        if any(path.resolve() == source.resolve() for source in sources):
            raise LimnerError(
                self.tr("{0} is one of the files that are drawn from.").format(path.name),
                self.tr("Choose another name; your videos are never changed."),
            )
        return path

    def _changed(self) -> None:
        self.line.setToolTip(self.line.text())
        self.changed.emit()

    def _ask(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self.window(),
            self.tr("Export the video"),
            self.line.text(),
            self.tr("Videos (*.mp4)"),
            # That a file will be replaced stands in the dialog itself, as for a typed name.
            options=QFileDialog.Option.DontConfirmOverwrite,
        )
        if name:
            path = Path(name)
            self.set_path(path if path.suffix else path.with_suffix(".mp4"))


class RenderFoot(QWidget):
    """Progress or result on the left, buttons on the right.

    Signals:
        export_wished: The button was pressed.
        close_wished: The other button was pressed.

    Args:
        work: Writes the video.
        owner: Who asks; what is written for others is only waited for.
    """

    export_wished = Signal()
    close_wished = Signal()

    def __init__(self, work: RenderWork, owner: QWidget) -> None:
        super().__init__(owner)
        self._work, self._owner = work, owner
        self._began_s = 0.0
        self._ready = True
        self.result: Path | None = None
        self.words = QLabel()
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setWordWrap(True)
        self.show_file = QPushButton(self.tr("Show in folder"))
        self.show_file.setProperty("quiet", True)
        self.show_file.clicked.connect(self._show_file)
        said = QWidget()
        across = QHBoxLayout(said)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.GAP)
        across.addWidget(self.words, 1)
        across.addWidget(self.show_file)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.left = QLabel()
        self.left.setProperty("role", "dim")
        self.left.setFont(theme.tabular(self.left.font()))
        self.left.setMinimumWidth(self.left.fontMetrics().horizontalAdvance("about 00 min left  "))
        running = QWidget()
        along = QHBoxLayout(running)
        along.setContentsMargins(0, 0, 0, 0)
        along.setSpacing(theme.GAP)
        along.addWidget(self.bar, 1, Qt.AlignmentFlag.AlignVCenter)
        along.addWidget(self.left)
        self._stack = QStackedWidget()
        self._stack.addWidget(said)
        self._stack.addWidget(running)
        self._stack.setMinimumHeight(theme.ROW_PX)
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.clicked.connect(self._close_or_cancel)
        self.export = QPushButton(self.tr("Export"))
        self.export.setProperty("primary", True)
        self.export.setDefault(True)
        self.export.clicked.connect(self.export_wished)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.GAP)
        self._row.addWidget(self._stack, 1)
        self._row.addWidget(self.close_button)
        self._row.addWidget(self.export)
        work.began.connect(self._began)
        work.advanced.connect(self._advanced)
        work.written.connect(self._written)
        work.failed.connect(self._failed)
        work.ended.connect(self._ended)
        self.say("")
        self._refresh()

    def add_button(self, button: QPushButton) -> None:
        """Put another button before those that are there."""
        self._row.insertWidget(1, button)

    def set_ready(self, ready: bool) -> None:
        """Whether there is anything to export."""
        self._ready = ready
        self._refresh()

    def say(self, text: str, role: str = "dim", result: Path | None = None) -> None:
        """Say something where the progress stands otherwise.

        Args:
            text: What.
            role: ``dim``, ``warning`` or ``loss``.
            result: A file that the button beside it shows.
        """
        self.result = result
        self.words.setText(text)
        self.words.setProperty("role", role)
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        self.show_file.setVisible(result is not None)

    @property
    def running(self) -> bool:
        """Whether this dialog's video is being written."""
        return self._work.working and self._work.asker is self._owner

    def _refresh(self) -> None:
        running = self.running
        self._stack.setCurrentIndex(1 if running else 0)
        self.close_button.setText(self.tr("Cancel") if running else self.tr("Close"))
        self.export.setEnabled(self._ready and not self._work.working)
        waits = self._work.working and not running
        self.export.setToolTip(self.tr("Another video is being written") if waits else "")

    def _began(self) -> None:
        if self._work.asker is self._owner:
            self._began_s = time.monotonic()
            self.bar.setRange(0, 0)
            self.left.setText(self.tr("Beginning…"))
            self.say("")
        self._refresh()

    def _advanced(self, share: float) -> None:
        if not self.running:
            return
        self.bar.setRange(0, 1000)
        self.bar.setValue(round(1000 * share))
        spent = time.monotonic() - self._began_s
        if share > 0.02 and spent > 1.0:
            self.left.setText(left_text(spent * (1 - share) / share))

    def _written(self, path: Path, frames: int) -> None:
        if self._work.asker is self._owner:
            remember_folder(path)
            text = self.tr("Written: {0} · {1} frames").format(path.name, frames)
            self.say(text, "", path)

    def _failed(self, message: str, mend: str) -> None:
        if self._work.asker is self._owner:
            self.say(f"{message} {mend}".strip(), "loss")

    def _ended(self) -> None:
        if self._work.asker is self._owner and not self.words.text():
            self.say(self.tr("Cancelled; nothing was written."))
        self._refresh()

    def _close_or_cancel(self) -> None:
        if self.running:
            self._work.cancel()
        else:
            self.close_wished.emit()

    def _show_file(self) -> None:
        if self.result is not None:
            show_in_folder(self.result)
