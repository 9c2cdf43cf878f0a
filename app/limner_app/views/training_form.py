"""The form of a learning run, made from the knobs that `TrainConfig` declares."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import heading, indent_number
from limner_engine.errors import TrainingError
from limner_training.config import TrainConfig

_OWN = frozenset({"sources", "start_from"})
"""Knobs with a control of their own."""
_WIDEST = 2_000_000_000


def knob_label(name: str) -> str:
    """What people call a knob."""
    translate = QCoreApplication.translate
    known = {
        "method": translate("TrainingForm", "System"),
        "size": translate("TrainingForm", "Network"),
        "minutes": translate("TrainingForm", "Minutes"),
        "gap_min": translate("TrainingForm", "Least gap"),
        "gap_max": translate("TrainingForm", "Largest gap"),
        "crop_mode": translate("TrainingForm", "Looks at"),
        "crops": translate("TrainingForm", "Crops file"),
        "frames_per_video": translate("TrainingForm", "Frames a video"),
        "preview_seconds": translate("TrainingForm", "Preview every, s"),
        "checkpoint_seconds": translate("TrainingForm", "Save every, s"),
        "warp_share": translate("TrainingForm", "Bent pairs"),
        "half_size": translate("TrainingForm", "At half size"),
    }
    return known.get(name, name.replace("_", " ").capitalize())


class TrainingForm(QWidget):
    """What to learn from, with what, for how long.

    Signals:
        start_requested: The Start button was pressed.
        readiness_changed: Start can be pressed now, or no longer.
    """

    start_requested = Signal()
    readiness_changed = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._document = document
        self.controls: dict[str, QWidget] = {}
        self.videos = QListWidget()
        self.videos.setAccessibleName(self.tr("What to learn from"))
        self.videos.setMinimumHeight(64)
        self.videos.setMaximumHeight(132)
        self.begin = QComboBox()
        self.begin.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.begin.setToolTip(self.tr("A model that exists learns on, or a fresh one begins."))
        self._main, self._more = QWidget(), QWidget()
        main, more = self._form(self._main), self._form(self._more)
        main.addRow(self.tr("Begin with"), self.begin)
        for knob in dataclasses.fields(TrainConfig):
            only = len(knob.metadata.get("choices", ())) == 1
            if knob.name in _OWN or only or knob.metadata.get("expert"):
                continue
            control = self._control(knob)
            control.setToolTip(knob.metadata["help"])
            # As wide as there is room: a long choice must not push the form under its bar.
            control.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            control.setMinimumWidth(72)
            self.controls[knob.name] = control
            label = QLabel(knob_label(knob.name))
            label.setToolTip(knob.metadata["help"])
            label.setBuddy(control)
            (more if knob.metadata.get("advanced") else main).addRow(label, control)
        self._unfold = QToolButton()
        self._unfold.setText(self.tr("More settings"))
        self._unfold.setCheckable(True)
        self._unfold.setProperty("fold", True)
        self._unfold.setIcon(theme.icon("caret-right", "dim"))
        self._unfold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._unfold.toggled.connect(self._fold)
        self._more.hide()
        self.start = QPushButton(self.tr("Start learning"))
        self.start.setProperty("primary", True)
        self.start.clicked.connect(self.start_requested)
        self.hint = QLabel()
        self.hint.setProperty("role", "dim")
        self.hint.setWordWrap(True)
        self._lay_out()
        self.begin.currentIndexChanged.connect(self._begin_changed)
        self.videos.itemChanged.connect(self.refresh)
        document.project_changed.connect(self._list_videos)
        document.models_changed.connect(self._list_models)
        self._list_videos()
        self._list_models()

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addWidget(heading(self.tr("Learn from")))
        column.addWidget(self.videos)
        column.addWidget(heading(self.tr("How")))
        column.addWidget(self._main)
        column.addWidget(self._unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._more)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(theme.MARGIN, theme.GAP, theme.MARGIN, theme.MARGIN)
        foot.addWidget(self.hint)
        foot.addWidget(self.start)
        outer.addLayout(foot)

    @staticmethod
    def _form(owner: QWidget) -> QFormLayout:
        made = QFormLayout(owner)
        made.setContentsMargins(0, 0, 0, 0)
        made.setHorizontalSpacing(theme.MARGIN)
        made.setVerticalSpacing(theme.GRID + 2)
        made.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        made.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        # A long word of another language takes a line of its own rather than the control's room.
        made.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        return made

    @staticmethod
    def _control(knob: dataclasses.Field[Any]) -> QWidget:
        limits = knob.metadata
        if limits.get("choices"):
            choice = QComboBox()
            choice.addItems(list(limits["choices"]))
            choice.setCurrentText(str(knob.default))
            return choice
        if isinstance(knob.default, bool):
            box = QCheckBox()
            box.setChecked(knob.default)
            return box
        low, high = limits.get("minimum", 0), limits.get("maximum", _WIDEST)
        if isinstance(knob.default, int):
            number = QSpinBox()
            number.setRange(int(low), int(high))
            number.setValue(knob.default)
            indent_number(number)
            return number
        if isinstance(knob.default, float):
            real = QDoubleSpinBox()
            real.setDecimals(5 if knob.default < 0.01 else 2 if knob.default < 1 else 1)
            real.setRange(float(low), float(high))
            real.setSingleStep(0.05 if knob.default < 1 else 1.0)
            real.setValue(knob.default)
            indent_number(real)
            return real
        return QLineEdit(str(knob.default))

    # --- what is chosen ----------------------------------------------------------------------

    def chosen_videos(self) -> list[str]:
        """Paths of the checked videos."""
        items = (self.videos.item(row) for row in range(self.videos.count()))
        return [
            str(item.data(Qt.ItemDataRole.UserRole))
            for item in items
            if item.checkState() == Qt.CheckState.Checked
        ]

    def config(self) -> TrainConfig:
        """What the run is told.

        Raises:
            TrainingError: nothing to learn from, or a value that does not go.
        """
        sources = self.chosen_videos()
        if not sources:
            raise TrainingError(
                self.tr("There is nothing to learn from."),
                self.tr("Add a video to the project, or check one in the list."),
            )
        values: dict[str, Any] = {name: self.value(name) for name in self.controls}
        values["name"] = str(values["name"]).strip() or self._own_name(sources)
        start_from = str(self.begin.currentData() or "")
        return TrainConfig(sources=tuple(sources), start_from=start_from, **values)

    def _own_name(self, sources: list[str]) -> str:
        stem = Path(sources[0]).stem
        more = f"+{len(sources) - 1}" if len(sources) > 1 else ""
        return f"{stem}{more}-{self.value('size')}"

    def value(self, name: str) -> Any:
        """What stands in a control."""
        control = self.controls[name]
        if isinstance(control, QComboBox):
            return control.currentText()
        if isinstance(control, QCheckBox):
            return control.isChecked()
        if isinstance(control, QSpinBox | QDoubleSpinBox):
            return control.value()
        assert isinstance(control, QLineEdit)
        return control.text().strip()

    def set_value(self, name: str, value: Any) -> None:
        """Put something into a control."""
        control = self.controls[name]
        if isinstance(control, QComboBox):
            control.setCurrentText(str(value))
        elif isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, QSpinBox):
            control.setValue(int(value))
        elif isinstance(control, QDoubleSpinBox):
            control.setValue(float(value))
        elif isinstance(control, QLineEdit):
            control.setText(str(value))

    def fine_tune(self) -> None:
        """Choose the current model to begin with."""
        if self.begin.count() > 1:
            self.begin.setCurrentIndex(0)

    def learn_anew(self) -> None:
        """Choose to begin with nothing."""
        self.begin.setCurrentIndex(self.begin.count() - 1)

    def set_running(self, running: bool) -> None:
        """Only one run at a time: Start waits while one goes on."""
        self._running = running
        self.refresh()

    _running = False

    def refresh(self) -> None:
        """Bring the button and its hint in line with what is chosen."""
        hint = ""
        if self.videos.count() == 0:
            hint = self.tr("Open a video first: it is what the network learns from.")
        elif not self.chosen_videos():
            hint = self.tr("Check at least one video.")
        elif self._running:
            hint = self.tr("A run is going on. Stop it to start another.")
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        if self.start.isEnabled() == bool(hint):
            self.start.setEnabled(not hint)
            self.readiness_changed.emit()

    def _list_videos(self) -> None:
        project = self._document.project
        unchecked = {
            self.videos.item(row).data(Qt.ItemDataRole.UserRole)
            for row in range(self.videos.count())
            if self.videos.item(row).checkState() == Qt.CheckState.Unchecked
        }
        self.videos.blockSignals(True)
        self.videos.clear()
        for video in [] if project is None else project.videos():
            if video.missing:
                continue
            item = QListWidgetItem(video.path.name)
            item.setToolTip(str(video.path))
            item.setData(Qt.ItemDataRole.UserRole, str(video.path))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            kept = str(video.path) not in unchecked
            item.setCheckState(Qt.CheckState.Checked if kept else Qt.CheckState.Unchecked)
            self.videos.addItem(item)
        self.videos.blockSignals(False)
        rows = min(4, max(1, self.videos.count()))
        self.videos.setFixedHeight(rows * 26 + 8)
        self.refresh()

    def _list_models(self) -> None:
        document = self._document
        self.begin.blockSignals(True)
        self.begin.clear()
        if document.model_path is not None and document.model_info is not None:
            self.begin.addItem(document.model_info.name, str(document.model_path))
        self.begin.addItem(self.tr("Nothing, from scratch"), "")
        self.begin.blockSignals(False)
        self._begin_changed()

    def _begin_changed(self) -> None:
        # A model that learns on keeps its landmarks and its network.
        info = self._document.model_info
        on = bool(self.begin.currentData())
        if on and info is not None:
            self.set_value("landmarks", len(info.skeleton.names))
        for name in ("landmarks", "size"):
            self.controls[name].setEnabled(not on)

    def _fold(self, open_: bool) -> None:
        self._unfold.setIcon(theme.icon("caret-down" if open_ else "caret-right", "dim"))
        self._more.setVisible(open_)
