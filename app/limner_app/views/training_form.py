"""The form of a learning run, made from the knobs that `TrainConfig` declares."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
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
from limner_app.views.knob_words import (
    choice_words,
    group_words,
    knob_help,
    knob_label,
    knobs_of_the_form,
    unset_words,
)
from limner_app.views.learn_sources import LearnSources
from limner_engine.errors import TrainingError
from limner_training.config import TrainConfig

_OWN = frozenset({"sources", "start_from"})
"""Knobs with a control of their own."""
_WHOLE_ROW = frozenset({"loss"})
"""Knobs whose choices are too long to stand beside a label; their heading says what they are."""
_WIDEST = 2_000_000_000


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
        self._labels: dict[str, QLabel] = {}
        self.sources = LearnSources(document)
        self.begin = QComboBox()
        self.begin.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.begin.setToolTip(self.tr("A model that exists learns on, or a fresh one begins."))
        self._main, self._more = QWidget(), QWidget()
        main, more = self._form(self._main), self._form(self._more)
        main.addRow(self.tr("Begin with"), self.begin)
        for place, knobs in knobs_of_the_form().items():
            if place != "main":
                more.addRow(self._part(group_words(place), first=more.rowCount() == 0))
            for knob in knobs:
                if knob.name not in _OWN:
                    self._add(main if place == "main" else more, knob)
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
        self.sources.changed.connect(self.refresh)
        document.models_changed.connect(self._list_models)
        loss = self.controls["loss"]
        assert isinstance(loss, QComboBox)
        loss.currentIndexChanged.connect(self._enable)
        self._list_models()

    def _lay_out(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.MARGIN, theme.MARGIN, theme.MARGIN, theme.GAP)
        column.setSpacing(theme.GAP)
        column.addWidget(heading(self.tr("Learn from")))
        column.addWidget(self.sources)
        column.addWidget(heading(self.tr("How")))
        column.addWidget(self._main)
        column.addWidget(self._unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._more)
        column.addStretch(1)
        self._scroll = scroll = QScrollArea()
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
        foot.setSpacing(theme.GAP)
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
    def _part(text: str, *, first: bool) -> QLabel:
        """A small dim heading of a few knobs."""
        label = QLabel(text)
        label.setProperty("role", "dim")
        label.setContentsMargins(0, 0 if first else theme.GAP, 0, 0)
        font = label.font()
        font.setWeight(QFont.Weight.DemiBold)
        label.setFont(font)
        return label

    def _add(self, form: QFormLayout, knob: dataclasses.Field[Any]) -> None:
        """One row of a form."""
        control, words = self._control(knob), knob_help(knob)
        control.setToolTip(words)
        # As wide as there is room: a long choice must not push the form under its bar.
        control.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        control.setMinimumWidth(72)
        self.controls[knob.name] = control
        if knob.name in _WHOLE_ROW:
            control.setAccessibleName(knob_label(knob.name))
            form.addRow(control)
            return
        label = QLabel(knob_label(knob.name))
        label.setToolTip(words)
        label.setBuddy(control)
        self._labels[knob.name] = label
        form.addRow(label, control)

    @staticmethod
    def _control(knob: dataclasses.Field[Any]) -> QWidget:
        limits = knob.metadata
        if limits.get("choices"):
            choice = QComboBox()
            for value in limits["choices"]:
                choice.addItem(choice_words(knob.name, value), value)
            choice.setCurrentIndex(choice.findData(knob.default))
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
            number.setSpecialValueText(unset_words(knob.name))
            indent_number(number)
            return number
        if isinstance(knob.default, float):
            real = QDoubleSpinBox()
            real.setDecimals(5 if 0 < knob.default < 0.01 else 2 if knob.default < 1 else 1)
            real.setRange(float(low), float(high))
            real.setSingleStep(0.05 if knob.default < 1 else 1.0)
            real.setValue(knob.default)
            real.setSpecialValueText(unset_words(knob.name))
            indent_number(real)
            return real
        line = QLineEdit(str(knob.default))
        line.setPlaceholderText(unset_words(knob.name))
        return line

    # --- what is chosen ----------------------------------------------------------------------

    def config(self) -> TrainConfig:
        """What the run is told.

        Raises:
            TrainingError: nothing to learn from, or a value that does not go.
        """
        sources = self.sources.chosen()
        if not sources:
            raise TrainingError(
                self.tr("There is nothing to learn from."),
                self.tr("Add a video or a folder of pictures, or check one in the list."),
            )
        values: dict[str, Any] = {name: self.value(name) for name in self.controls}
        values["name"] = str(values["name"]).strip() or self._own_name(sources)
        start_from = str(self.begin.currentData() or "")
        return TrainConfig(sources=tuple(sources), start_from=start_from, **values)

    def _own_name(self, sources: list[str]) -> str:
        first = Path(sources[0])
        stem = first.name if first.is_dir() else first.stem
        more = f"+{len(sources) - 1}" if len(sources) > 1 else ""
        return f"{stem}{more}-{self.value('size')}"

    def value(self, name: str) -> Any:
        """What stands in a control."""
        control = self.controls[name]
        if isinstance(control, QComboBox):
            return control.currentData()
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
            control.setCurrentIndex(control.findData(value))
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
        if self.sources.empty:
            hint = self.tr("Add a video or a folder of pictures: the network learns from them.")
        elif not self.sources.chosen():
            hint = self.tr("Check at least one video or folder.")
        elif self._running:
            hint = self.tr("A run is going on. Stop it to start another.")
        words = hint
        if not hint and self._document.imported:
            words = self.tr(
                "{title}: no network, so a run cannot begin with it. To fine-tune, choose a model "
                "at the top right."
            ).format(title=self._document.model_title)
        self.hint.setText(words)
        self.hint.setVisible(bool(words))
        if self.start.isEnabled() == bool(hint):
            self.start.setEnabled(not hint)
            self.readiness_changed.emit()

    def _list_models(self) -> None:
        document = self._document
        self.begin.blockSignals(True)
        self.begin.clear()
        if document.model_path is not None and document.model_info is not None:
            self.begin.addItem(document.model_info.name, str(document.model_path))
        self.begin.addItem(self.tr("Nothing, from scratch"), "")
        self.begin.blockSignals(False)
        self._begin_changed()
        self.refresh()

    def _begin_changed(self) -> None:
        # A model that learns on keeps its landmarks and its network.
        info = self._document.model_info
        on = bool(self.begin.currentData())
        if on and info is not None:
            self.set_value("landmarks", len(info.skeleton.names))
        self._enable()

    def _enable(self) -> None:
        """Only what has a meaning beside the other choices can be set."""
        on = bool(self.begin.currentData())
        for name, able in (
            ("landmarks", not on),
            ("size", not on),
            ("patience", on),
            ("colour_steps", self.value("loss") == "content"),
        ):
            self.controls[name].setEnabled(able)
            self._labels[name].setEnabled(able)

    def _fold(self, open_: bool) -> None:
        self._unfold.setIcon(theme.icon("caret-down" if open_ else "caret-right", "dim"))
        self._more.setVisible(open_)
        if open_:
            # What was asked for would open below the edge; its place is known after this event.
            QTimer.singleShot(0, self._show_more)

    def _show_more(self) -> None:
        self._scroll.verticalScrollBar().setValue(self._unfold.y() - theme.GAP)
