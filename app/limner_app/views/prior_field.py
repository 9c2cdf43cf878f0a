"""The row of the form in which a pose prior is chosen."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QSizePolicy, QVBoxLayout, QWidget

from limner_app import theme
from limner_app.document import Document
from limner_app.views.run_records import make_folder, prior_file, runs_folder
from limner_engine.errors import FormatError, TrainingError
from limner_engine.priors.prior import PRIOR_SUFFIX, PosePrior
from limner_engine.project import Project, StoredPrior

_TIP = Qt.ItemDataRole.ToolTipRole
_FACTS = Qt.ItemDataRole.UserRole + 1
_NUMBER = Qt.ItemDataRole.UserRole + 2
_ASK = "ask"
"""The data of the row that opens a dialog."""


class PriorField(QWidget):
    """A choice of the project's priors, and of files.

    A run reads its prior from a file: one of the project is written beside the runs when a run
    starts, see `write`.

    Args:
        document: Its project's priors are offered.

    Signals:
        changed: Another prior, or none, is chosen.
    """

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._project: Project | None = None
        self._stored: tuple[StoredPrior, ...] = ()
        self._files: dict[str, str] = {}  # what is said of files that were chosen, by path
        self._path = ""
        self.choice = QComboBox()
        self.choice.setIconSize(QSize(theme.ICON_PX, theme.ICON_PX))
        self.choice.setPlaceholderText(self.tr("None chosen"))
        self.choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.choice.setMinimumWidth(72)
        self.choice.setAccessibleName(self.tr("Pose prior"))
        self.facts = QLabel()
        self.facts.setProperty("role", "dim")
        self.facts.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.choice)
        column.addWidget(self.facts)
        self.setFocusProxy(self.choice)
        self.choice.activated.connect(self._activated)
        document.project_changed.connect(self.reload)
        document.history_changed.connect(self.reload)
        self._fill()
        self._show()
        self.reload()

    @property
    def path(self) -> str:
        """The file from which a run reads; empty where none is chosen."""
        return self._path

    def set_path(self, path: str) -> None:
        """Choose a file, or none; one that is no prior is refused with a sentence."""
        if path and self.choice.findData(path) < 0:
            try:
                prior = PosePrior.open(Path(path))
            except FormatError as error:
                self._document.message.emit("error", error.message, error.mend)
                return
            known = next((one for one in self._stored if one.sha256 == prior.sha256), None)
            if known is not None:
                # The project keeps the same one: it stands in the list already.
                self.choose_stored(known.id)
                return
            self._files[path] = self._facts_of(len(prior.skeleton.names), len(prior))
            self._fill()
        self._take(path)

    def choose_stored(self, prior_id: int) -> None:
        """Choose a prior of the project by its number."""
        self.reload()
        row = self.choice.findData(prior_id, _NUMBER)
        if row >= 0:
            self._take(str(self.choice.itemData(row)))

    def write(self) -> None:
        """See to it that the chosen prior's file is there.

        Raises:
            LimnerError: None is chosen, or the file that was chosen is gone.
        """
        if not self._path:
            raise TrainingError(
                self.tr("No pose prior is chosen."), self.tr("Choose one in Learn.")
            )
        file, project = Path(self._path), self._document.project
        number = self.choice.currentData(_NUMBER)
        if file.is_file():
            return
        if project is None or number is None:
            raise TrainingError(
                self.tr("There is no file {0} any more.").format(file),
                self.tr("Choose another pose prior in Learn."),
            )
        make_folder(file.parent)
        project.prior(int(number)).save(file)

    def reload(self) -> None:
        """Offer what the project has now; what was chosen stays so while it is there."""
        project = self._document.project
        stored = () if project is None else tuple(project.priors())
        if stored != self._stored or project is not self._project:
            self._stored, self._project = stored, project
            self._fill()
            if self._path and self.choice.findData(self._path) < 0:
                self._take("")
            else:
                self._show()

    def _fill(self) -> None:
        with QSignalBlocker(self.choice):
            self.choice.clear()
            if self._project is not None:
                folder = runs_folder(Path(self._project.path))
                for one in self._stored:
                    path = prior_file(folder, one.sha256)
                    facts = self._facts_of(len(one.skeleton.names), one.pose_count)
                    self._add(one.name, str(path), facts, one.id)
            for file, facts in self._files.items():
                self._add(Path(file).name.removesuffix(PRIOR_SUFFIX), file, facts, None)
            if self.choice.count():
                self.choice.insertSeparator(self.choice.count())
            self.choice.addItem(theme.icon("folder-open", "dim"), self.tr("From a file…"), _ASK)

    def _add(self, name: str, path: str, facts: str, number: int | None) -> None:
        self.choice.addItem(name, path)
        row = self.choice.count() - 1
        for role, value in ((_FACTS, facts), (_NUMBER, number), (_TIP, path)):
            self.choice.setItemData(row, value, role)

    def _facts_of(self, landmarks: int, poses: int) -> str:
        return self.tr("{0} landmarks · {1} poses").format(landmarks, f"{poses:n}")

    def _take(self, path: str) -> None:
        other = path != self._path
        self._path = path
        self._show()
        if other:
            self.changed.emit()

    def _show(self) -> None:
        row = self.choice.findData(self._path) if self._path else -1
        with QSignalBlocker(self.choice):
            self.choice.setCurrentIndex(row)
        self.facts.setText(str(self.choice.itemData(row, _FACTS)) if row >= 0 else "")
        self.facts.setVisible(row >= 0)

    def _activated(self, row: int) -> None:
        data = self.choice.itemData(row)
        if data != _ASK:
            self._take(str(data))
            return
        self._show()  # the row that asks is no choice
        project = self._document.project
        start = Path.home() if project is None else Path(project.path).parent
        name, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("A pose prior"),
            str(Path(next(reversed(self._files))).parent if self._files else start),
            self.tr("Pose priors (*{0})").format(PRIOR_SUFFIX),
        )
        if name:
            self.set_path(name)
