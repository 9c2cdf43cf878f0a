"""The last step: how large a network, for how long, under which name."""

from __future__ import annotations

import dataclasses

from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
)

from limner_app import theme
from limner_app.panel_parts import indent_number
from limner_app.prior_run import METHOD
from limner_app.settings import settings
from limner_app.training_client import TrainingClient
from limner_app.views.knob_words import choice_words
from limner_app.views.prior_draft import PriorDraft, model_name
from limner_app.views.prior_steps import FlowStep
from limner_training.config import TrainConfig
from limner_training.presets import settings as preset

_SIZE, _MINUTES = "prior_flow/size", "prior_flow/minutes"
_FORM_PX = 420
_FEW_POSES = 50


class StartStep(FlowStep):
    """Three choices and a sentence on what will happen.

    Args:
        draft: What was chosen before.
        training: Says whether another run goes on.
    """

    def __init__(self, draft: PriorDraft, training: TrainingClient) -> None:
        super().__init__()
        self.title = self.tr("Start")
        self.about = self.tr("Look over what will happen, then start.")
        self._draft, self._training = draft, training
        self.network, self.minutes, self.name = QComboBox(), QDoubleSpinBox(), QLineEdit()
        knob = next(k for k in dataclasses.fields(TrainConfig) if k.name == "size")
        for value in knob.metadata["choices"]:
            self.network.addItem(choice_words("size", value), value)
        stored = str(settings().value(_SIZE, knob.default))
        self.network.setCurrentIndex(max(0, self.network.findData(stored)))
        self.minutes.setRange(0.5, 100_000.0)
        self.minutes.setDecimals(1)
        self.minutes.setSingleStep(5.0)
        indent_number(self.minutes)
        standing = float(preset(METHOD)["minutes"])
        self.minutes.setValue(float(str(settings().value(_MINUTES, standing))))
        self.name.setMaxLength(80)
        self.happens = QLabel()
        self.happens.setWordWrap(True)
        self.doubts = QLabel()
        self.doubts.setWordWrap(True)
        self.doubts.setProperty("role", "warning")
        form = QFormLayout()
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GAP)
        form.addRow(self.tr("&Network"), self.network)
        form.addRow(self.tr("&Minutes"), self.minutes)
        form.addRow(self.tr("N&ame of the model"), self.name)
        for box in (self.network, self.minutes, self.name):
            box.setFixedWidth(_FORM_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.MARGIN * 2)
        column.addLayout(form)
        column.addWidget(self.happens)
        column.addWidget(self.doubts)
        column.addStretch(1)
        for signal in (
            self.network.currentIndexChanged,
            self.minutes.valueChanged,
            self.name.textChanged,
        ):
            signal.connect(self._explain)
        training.state_changed.connect(self._state_changed)

    def _state_changed(self, _state: str) -> None:
        self.changed.emit()

    def enter(self) -> None:
        """Propose a name and say what will happen."""
        prior = "" if self._draft.prior is None else self._draft.prior.name
        self.name.setPlaceholderText(model_name(self._draft.sources or [""], prior))
        self._explain()

    def lack(self) -> str:
        """One run at a time."""
        if self._training.active:
            return self.tr("A run is going on. Stop it in Learn to start another.")
        return ""

    @property
    def chosen(self) -> tuple[str, str, float]:
        """Name, size of the network, minutes."""
        name = self.name.text().strip() or self.name.placeholderText()
        return name, str(self.network.currentData()), self.minutes.value()

    def remember(self) -> None:
        """Propose the same next time."""
        _, size, minutes = self.chosen
        settings().setValue(_SIZE, size)
        settings().setValue(_MINUTES, minutes)

    def _explain(self) -> None:
        prior, draft = self._draft.prior, self._draft
        name, _, minutes = self.chosen
        if prior is not None:
            self.happens.setText(
                self.tr(
                    "For {m} minutes a network learns to see {k} landmarks ({names}) in {n} "
                    "videos and folders, from the {p} poses of {prior} and no label; Learn shows "
                    "how far it has come, and at the end “{name}” stands in the list of models."
                ).format(
                    m=f"{minutes:g}",
                    k=len(prior.skeleton.names),
                    names=_some(prior.skeleton.names),
                    n=len(draft.sources),
                    p=f"{len(prior):,}",
                    prior=prior.name,
                    name=name,
                )
            )
        doubts = []
        if prior is not None and len(prior) < _FEW_POSES:
            words = (
                self.tr("One pose is very little: fifty and more make the landmarks surer.")
                if len(prior) == 1
                else self.tr("{n} poses are few: fifty and more make the landmarks surer.")
            )
            doubts.append(words.format(n=len(prior)))
        self.doubts.setText("\n".join(doubts))
        self.doubts.setVisible(bool(doubts))
        self.changed.emit()


def _some(names: tuple[str, ...], most: int = 3) -> str:
    return ", ".join(names) if len(names) <= most else ", ".join(names[:most]) + " …"
