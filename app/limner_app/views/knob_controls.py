"""Controls of single knobs: made from what `TrainConfig` declares, read and set alike."""

from __future__ import annotations

import dataclasses
from typing import Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSpinBox,
    QWidget,
)

from limner_app.panel_parts import indent_number
from limner_app.views.knob_words import choice_words, unset_words
from limner_app.views.prior_field import PriorField

_WIDEST = 2_000_000_000


def make_control(knob: dataclasses.Field[Any]) -> QWidget:
    """A control for a knob, with its default."""
    limits = knob.metadata
    if limits.get("choices"):
        choice = QComboBox()
        for value in limits.get("offered", limits["choices"]):
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


def value_of(control: QWidget) -> Any:
    """What stands in a control."""
    if isinstance(control, PriorField):
        return control.path
    if isinstance(control, QComboBox):
        return control.currentData()
    if isinstance(control, QCheckBox):
        return control.isChecked()
    if isinstance(control, QSpinBox | QDoubleSpinBox):
        return control.value()
    assert isinstance(control, QLineEdit)
    return control.text().strip()


def put(control: QWidget, value: Any) -> None:
    """Put something into a control."""
    if isinstance(control, PriorField):
        control.set_path(str(value))
    elif isinstance(control, QComboBox):
        control.setCurrentIndex(control.findData(value))
    elif isinstance(control, QCheckBox):
        control.setChecked(bool(value))
    elif isinstance(control, QSpinBox):
        control.setValue(int(value))
    elif isinstance(control, QDoubleSpinBox):
        control.setValue(float(value))
    elif isinstance(control, QLineEdit):
        control.setText(str(value))


def holds(control: QWidget, value: Any) -> bool:
    """Whether a control shows a value, as exactly as it can."""
    if isinstance(control, QDoubleSpinBox):
        return control.value() == round(float(value), control.decimals())
    return bool(value_of(control) == value)
