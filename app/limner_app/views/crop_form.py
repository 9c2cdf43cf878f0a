"""What can be chosen about crops, in words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QHBoxLayout, QSpinBox, QWidget

from limner_app import theme
from limner_app.panel_parts import dim, indent_number
from limner_engine.cropping import CropSetting
from limner_engine.cropping.setting import MODES, MOST_MARGIN

HAND = "hand"
BOX = "box"
_ROW_PX = 280


def mode_names() -> dict[str, str]:
    """Every way to crop by its name."""
    translate = QCoreApplication.translate
    return {
        "auto": translate("CropForm", "Found by itself"),
        "face": translate("CropForm", "The face"),
        "motion": translate("CropForm", "What moves"),
        "turning": translate("CropForm", "What moves, turned with it"),
        "whole": translate("CropForm", "The whole frame"),
        HAND: translate("CropForm", "The box I drew"),
        BOX: translate("CropForm", "The box I drew, followed"),
    }


def mode_words() -> dict[str, str]:
    """What every way does, in a sentence."""
    translate = QCoreApplication.translate
    return {
        "auto": translate("CropForm", "Faces where they are seen, else what moves."),
        "face": translate("CropForm", "A square around the face, in every frame."),
        "motion": translate(
            "CropForm", "A square around what differs from the background that stands still."
        ),
        "turning": translate(
            "CropForm",
            "For animals seen from above: the square turns with the body, its head always at the "
            "top.",
        ),
        "whole": translate("CropForm", "Nothing is cut off; small things stay small."),
        HAND: translate(
            "CropForm",
            "Drag it with Adjust crop box (Shift+B). Set crop box here (Shift+K) gives single "
            "frames a box of their own; between them it goes from one to the next.",
        ),
        BOX: translate(
            "CropForm", "What is in the box is followed through the video by its looks."
        ),
    }


class CropForm(QWidget):
    """The way to crop, the room around, the least side.

    Signals:
        changed: Another choice stands there.

    Args:
        drawn: Which of ``hand`` and ``box`` can be chosen, since a person drew a box.
    """

    changed = Signal()

    def __init__(self, drawn: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.MARGIN)
        form.setVerticalSpacing(theme.GAP)
        self.modes = QComboBox()
        names = mode_names()
        for mode in (*MODES, *drawn):
            self.modes.addItem(names[mode], mode)
        self.modes.setMinimumWidth(_ROW_PX)
        self.margin = QSpinBox()
        self.margin.setRange(0, round(100 * MOST_MARGIN))
        self.margin.setSingleStep(5)
        self.margin.setSuffix(self.tr(" % of its size"))
        self.margin.setToolTip(self.tr("How much larger the square is than what is found"))
        self.least = QSpinBox()
        self.least.setRange(0, 9999)
        self.least.setSingleStep(8)
        self.least.setSpecialValueText(self.tr("Chosen by itself"))
        self.least.setSuffix(self.tr(" px"))
        self.least.setToolTip(self.tr("The square never gets smaller than this"))
        self.words = dim("")
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.keep = QCheckBox(self.tr("Also for &videos that come new to the project"))
        for box in (self.margin, self.least):
            indent_number(box)
        room = QHBoxLayout()
        room.setSpacing(theme.GAP)
        room.addWidget(self.margin, 1)
        form.addRow(self.tr("&Look at"), self.modes)
        form.addRow("", self.words)
        form.addRow(self.tr("&Room around it"), self.margin)
        form.addRow(self.tr("Least &side"), self.least)
        form.addRow("", self.keep)
        self.keep.setChecked(True)
        self.modes.currentIndexChanged.connect(self._changed)
        self.margin.valueChanged.connect(self._changed)
        self.least.valueChanged.connect(self._changed)
        self._changed()

    @property
    def mode(self) -> str:
        """One of `mode_names`."""
        return str(self.modes.currentData())

    @property
    def setting(self) -> CropSetting | None:
        """What is to be found; None where a drawn box is chosen."""
        mode = next((known for known in MODES if known == self.mode), None)
        if mode is None:
            return None
        return CropSetting(mode, self.margin.value() / 100, float(self.least.value()))

    def propose(self, mode: str, setting: CropSetting) -> None:
        """Choose what holds now, without telling of it."""
        self.blockSignals(True)
        self.modes.setCurrentIndex(max(0, self.modes.findData(mode)))
        self.margin.setValue(round(100 * setting.margin))
        self.least.setValue(round(setting.least_side_px))
        self.blockSignals(False)

    def _changed(self) -> None:
        found = self.mode in MODES
        self.words.setText(mode_words()[self.mode])
        self.margin.setEnabled(found and self.mode != "whole")
        self.least.setEnabled(found and self.mode != "whole")
        self.keep.setEnabled(found)
        self.changed.emit()
