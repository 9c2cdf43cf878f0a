"""The form of a learning run, made from the knobs that `TrainConfig` declares."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import heading
from limner_app.views.knob_controls import holds, make_control, put, value_of
from limner_app.views.knob_words import (
    group_words,
    heeds,
    knob_help,
    knob_label,
    knobs_of_the_form,
)
from limner_app.views.learn_sources import LearnSources
from limner_app.views.prior_field import PriorField
from limner_engine.errors import TrainingError
from limner_engine.types import ModelInfo
from limner_training.config import METHODS, TrainConfig
from limner_training.presets import settings

_OWN = frozenset({"sources", "start_from"})
"""Knobs with a control of their own."""
_WHOLE_ROW = frozenset({"method", "loss"})
"""Knobs whose choices are too long to stand beside a label; their heading says what they are."""


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
        self._forms = main, more = self._form(self._main), self._form(self._more)
        self._knobs = knobs_of_the_form()
        self._parts: dict[str, QLabel] = {}
        self.prior = PriorField(document)
        for place, knobs in self._knobs.items():
            if place != "main":
                self._parts[place] = self._part(group_words(place))
                more.addRow(self._parts[place])
            for knob in knobs:
                if knob.name not in _OWN:
                    self._add(main if place == "main" else more, knob)
                if knob.name == "method":
                    main.addRow(self.tr("Begin with"), self.begin)
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
        self.prior.changed.connect(self.refresh)
        document.models_changed.connect(self._list_models)
        self._method = str(self.value("method"))
        for name, heed in (("loss", self._enable), ("method", self._method_changed)):
            control = self.controls[name]
            assert isinstance(control, QComboBox)
            control.currentIndexChanged.connect(heed)
        self._show_heeded()
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
    def _part(text: str) -> QLabel:
        """A small dim heading of a few knobs."""
        label = QLabel(text)
        label.setProperty("role", "dim")
        font = label.font()
        font.setWeight(QFont.Weight.DemiBold)
        label.setFont(font)
        return label

    def _add(self, form: QFormLayout, knob: dataclasses.Field[Any]) -> None:
        """One row of a form."""
        control = self.prior if knob.name == "prior" else make_control(knob)
        words = knob_help(knob)
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
        # What the system does not heed stays as it would be without a form.
        values = settings(self._method) | {name: self.value(name) for name in self._heeded()}
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
        return value_of(self.controls[name])

    def set_value(self, name: str, value: Any) -> None:
        """Put something into a control."""
        put(self.controls[name], value)

    def write_prior(self) -> None:
        """See to it that the file of the prior is there, where the system learns from one.

        Raises:
            LimnerError: None is chosen, or it cannot be written.
        """
        if "prior" in self._heeded():
            self.prior.write()

    def fine_tune(self) -> None:
        """Choose the current model to begin with."""
        info = self._document.model_info
        if info is not None:
            self.set_value("method", _method_of(info))
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
        elif "prior" in self._heeded() and not self.prior.path:
            hint = self.tr(
                "Choose a pose prior. To make one: Model > Learn from unlabelled video with a "
                "pose prior…"
            )
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
        models = [(document.model_info, document.model_path)]
        if document.warp_model is not None:
            models.append((document.warp_model.info, document.warp_model.path))
        for info, path in models:
            # A network of one system cannot learn on in another.
            if info is not None and path is not None and _method_of(info) == self._method:
                self.begin.addItem(info.name, str(path))
        self.begin.addItem(self.tr("Nothing, from scratch"), "")
        self.begin.blockSignals(False)
        self._begin_changed()
        self.refresh()

    def _heeded(self) -> list[str]:
        """The knobs of the form that the chosen system heeds."""
        return [
            knob.name
            for knobs in self._knobs.values()
            for knob in knobs
            if knob.name not in _OWN and heeds(self._method, knob)
        ]

    def _method_changed(self) -> None:
        """What a person left as it was takes the other system's value."""
        before, after = settings(self._method), settings(str(self.value("method")))
        self._method = str(self.value("method"))
        for knobs in self._knobs.values():
            for knob in knobs:
                if knob.name in before.keys() | after.keys():
                    control = self.controls[knob.name]
                    if holds(control, before.get(knob.name, knob.default)):
                        put(control, after.get(knob.name, knob.default))
        self._show_heeded()
        self._list_models()

    def _show_heeded(self) -> None:
        """Rows of what the chosen system heeds, and headings of those."""
        heeded, first = set(self._heeded()), True
        for form, place in ((self._forms[place != "main"], place) for place in self._knobs):
            seen = False
            for knob in self._knobs[place]:
                if knob.name not in _OWN:
                    form.setRowVisible(self.controls[knob.name], knob.name in heeded)
                    seen = seen or knob.name in heeded
            if place != "main":
                part = self._parts[place]
                form.setRowVisible(part, seen)
                part.setContentsMargins(0, 0 if first else theme.GAP, 0, 0)
                first = first and not seen

    def _begin_changed(self) -> None:
        # A model that learns on keeps its landmarks and its network.
        info = self._document.model_info
        on = bool(self.begin.currentData())
        if on and info is not None and "landmarks" in self._heeded():
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


def _method_of(info: ModelInfo) -> str:
    """The system by which a model learns on."""
    return info.kind if info.kind in METHODS else METHODS[0]
