"""How poses are laid on the square that the network sees: size and place, each with a slider."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import indent_number
from limner_app.views.prior_draft import Placing
from limner_engine.priors.canvas import Fit

_LEAST, _MOST = 10, 100
_REACH = 50


def fit_names() -> dict[Fit, str]:
    """Every way to lay poses on the canvas by its name."""
    translate = QCoreApplication.translate
    return {
        "centred": translate("PriorPlacing", "One scale for all, each in the middle"),
        "each": translate("PriorPlacing", "Each pose at full size, in the middle"),
        "set": translate("PriorPlacing", "Where each stands in its picture"),
        "given": translate("PriorPlacing", "As the prior has them"),
    }


class _Share(QWidget):
    """A number of per cent with a slider.

    Signals:
        changed: Another number stands there.
    """

    changed = Signal()

    def __init__(self, low: int, high: int, name: str) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setAccessibleName(name)
        self.box = QSpinBox()
        self.box.setRange(low, high)
        self.box.setSuffix(self.tr(" %"))
        self.box.setFixedWidth(78)
        self.box.setAccessibleName(name)
        indent_number(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GAP)
        row.addWidget(self.slider, 1)
        row.addWidget(self.box)
        self.slider.valueChanged.connect(self.box.setValue)
        self.box.valueChanged.connect(self._box_changed)

    def set_value(self, value: int) -> None:
        """Put a number there without telling of it."""
        for part in (self.slider, self.box):
            part.blockSignals(True)
            part.setValue(value)
            part.blockSignals(False)

    def _box_changed(self, value: int) -> None:
        self.slider.blockSignals(True)
        self.slider.setValue(value)
        self.slider.blockSignals(False)
        self.changed.emit()


class PriorPlacing(QWidget):
    """The way to lay poses, their size, and where their middle lies.

    Signals:
        changed: Another choice stands there.
        fit_wished: Size and place shall be those of the crops.
    """

    changed = Signal()
    fit_wished = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.ways = QComboBox()
        self.ways.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.ways.setAccessibleName(self.tr("How poses are laid"))
        for how, words in fit_names().items():
            self.ways.addItem(words, how)
        self.extent = _Share(_LEAST, _MOST, self.tr("Size, share of the crop's side"))
        self.across = _Share(-_REACH, _REACH, self.tr("Shift to the right, share of the side"))
        self.down = _Share(-_REACH, _REACH, self.tr("Shift downwards, share of the side"))
        self.fit = QPushButton(self.tr("Fit to the crops"))
        self.fit.setAutoDefault(False)
        self.fit.setToolTip(
            self.tr("Take size and place from what is seen in the crops of the chosen videos")
        )
        form = QFormLayout()
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GRID)
        for words, share in (
            (self.tr("&Size"), self.extent),
            (self.tr("R&ight"), self.across),
            (self.tr("Do&wn"), self.down),
        ):
            label = QLabel(words)
            label.setBuddy(share.slider)
            form.addRow(label, share)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.ways)
        column.addLayout(form)
        column.addWidget(self.fit)
        self.ways.currentIndexChanged.connect(self._changed)
        for share in (self.extent, self.across, self.down):
            share.changed.connect(self._changed)
        self.fit.clicked.connect(self.fit_wished)
        self.propose(Placing())

    @property
    def placing(self) -> Placing:
        """What is chosen."""
        return Placing(
            self.ways.currentData(),
            self.extent.box.value() / 50,
            (self.across.box.value() / 50, self.down.box.value() / 50),
        )

    def propose(self, placing: Placing) -> None:
        """Show a choice without telling of it; what is out of reach is brought in."""
        self.ways.blockSignals(True)
        self.ways.setCurrentIndex(self.ways.findData(placing.how))
        self.ways.blockSignals(False)
        self.extent.set_value(round(50 * placing.extent))
        self.across.set_value(round(50 * placing.centre[0]))
        self.down.set_value(round(50 * placing.centre[1]))
        self._enable()

    def _changed(self) -> None:
        self._enable()
        self.changed.emit()

    def _enable(self) -> None:
        movable = self.ways.currentData() != "given"
        for share in (self.extent, self.across, self.down):
            share.setEnabled(movable)
