"""Names: the switch, how good the named landmarks are, and what more labels would bring."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.naming import Namer
from limner_app.naming_figures import FIRST, SECOND, NamingFigures
from limner_app.panel_parts import EmptyPlace, dim, heading
from limner_app.views.naming_drawings import (
    CalibrationDrawing,
    Drawing,
    ErrorDrawing,
    LearningDrawing,
)
from limner_app.views.naming_status import NamingStatus
from limner_app.views.naming_table import NamingTable

_CALIBRATION_PX = 132


class NamingPanel(QWidget):
    """The panel.

    Args:
        namer: Names the landmarks.
        actions: The way to a skeleton.
    """

    def __init__(self, namer: Namer, actions: ActionSet) -> None:
        super().__init__()
        self.namer = namer
        self.switch = QCheckBox(self.tr("Name landmarks"))
        self.switch.setToolTip(
            self.tr("Find the landmarks of your labels on all frames, anew after every label")
        )
        self.error = QLabel()
        self.error.setTextFormat(Qt.TextFormat.RichText)
        self.error.setFont(theme.tabular(self.error.font()))
        self.error.setToolTip(
            self.tr("Half of the held-back labels were found nearer than this, px of the video")
        )
        self.other = dim("")
        self.show_names = QPushButton(self.tr("Show names"))
        self.show_names.setProperty("quiet", True)
        self.status = NamingStatus(namer)
        self.table = NamingTable(namer)
        self.learning, self.calibration = LearningDrawing(), CalibrationDrawing()
        self.errors = ErrorDrawing()
        self.more = dim("")
        self.empty = EmptyPlace(
            "tag",
            self.tr(
                "Name the landmarks that you want to follow and label a few frames. They are "
                "then found on every frame of every video."
            ),
            self.tr("Edit the skeleton…"),
        )
        if self.empty.button is not None:
            self.empty.button.clicked.connect(actions["skeleton"].trigger)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._full())
        self._stack.addWidget(self.empty)
        self.switch.toggled.connect(namer.switch)
        self.show_names.clicked.connect(namer.show)
        for signal in (
            namer.changed,
            namer.document.skeleton_changed,
            namer.document.annotations_changed,
        ):
            signal.connect(self.refresh)
        self.refresh()

    def _full(self) -> QWidget:
        inner = QWidget()
        inner.setProperty("role", "panel")
        column = QVBoxLayout(inner)
        column.setContentsMargins(theme.GRID, theme.GAP, theme.GRID, theme.MARGIN)
        column.setSpacing(theme.GRID)
        head, below = _inset(), _inset()
        for widget in (self.switch, self.error, self.status):
            head.addWidget(widget)
        self._other_row = QWidget()
        other = QHBoxLayout(self._other_row)
        other.setContentsMargins(0, 0, 0, 0)
        other.addWidget(self.other, 1)
        other.addWidget(self.show_names)
        head.addWidget(self._other_row)
        column.addLayout(head)
        # The table takes the height that the drawings leave, so that both are in sight.
        column.addWidget(self.table, 1)
        self._pair = QWidget()
        pair = QHBoxLayout(self._pair)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setSpacing(theme.MARGIN)
        self._learning_box = _titled(self.tr("What more labels bring"), self.learning)
        self._calibration_box = _titled(self.tr("Confidence"), self.calibration)
        self._calibration_box.setFixedWidth(_CALIBRATION_PX)
        pair.addWidget(self._learning_box, 1)
        pair.addWidget(self._calibration_box)
        below.addWidget(self._pair)
        below.addWidget(self.more)
        self._errors_box = _titled(self.tr("Error by landmark"), self.errors)
        below.addWidget(self._errors_box)
        column.addLayout(below)
        column.addStretch(0)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inner)
        return scroll

    def refresh(self) -> None:
        """Show how naming stands."""
        namer, skeleton = self.namer, self.namer.document.skeleton
        self._stack.setCurrentIndex(0 if namer.nameable else 1)
        if not namer.nameable:
            return
        figures = namer.figures
        self.switch.blockSignals(True)
        self.switch.setChecked(namer.on)
        self.switch.blockSignals(False)
        self.error.setText(self._error_words(figures))
        self.error.setVisible(bool(self.error.text()))
        self.status.refresh()
        hidden = namer.info is not None and not namer.shown
        self._other_row.setVisible(hidden)
        self.other.setText(
            self.tr("{model} is shown, not your names.").format(model=namer.document.model_title)
        )
        self.table.show_figures(figures, skeleton)
        for drawing in (self.learning, self.calibration, self.errors):
            drawing.show_figures(figures, skeleton)
        self._learning_box.setVisible(bool(figures.labels))
        self.more.setText(self._more_words(figures))
        self.more.setVisible(bool(self.more.text()))
        self._calibration_box.setVisible(bool(figures.stated))
        self._errors_box.setVisible(any(map(math.isfinite, figures.error_px)))
        self._pair.setVisible(
            not self._learning_box.isHidden() or not self._calibration_box.isHidden()
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_stack"):
            self.error.setText(self._error_words(self.namer.figures))
        super().changeEvent(event)

    def note(self) -> str:
        """What stands beside the panel's heading: how many frames are labelled."""
        if not self.namer.nameable:
            return ""
        if not self.namer.labels:
            return self.tr("label a frame to begin")
        if self.namer.labels == 1:
            return self.tr("1 frame labelled")
        return self.tr("{n} frames labelled").format(n=self.namer.labels)

    def _error_words(self, figures: NamingFigures) -> str:
        if not math.isfinite(figures.overall_px):
            return ""
        big = f'<span style="font-size:15pt">± {figures.overall_px:.1f} px</span>'
        grey = theme.colours().dim
        words = self.tr("expected error")
        if len(figures.range_px) == 2:
            low, high = (f"{end:.1f}" for end in figures.range_px)
            words = self.tr("expected error, {low} to {high}").format(low=low, high=high)
        return f'{big}&nbsp; <span style="color:{grey}">{words}</span>'

    def _more_words(self, figures: NamingFigures) -> str:
        if not math.isfinite(figures.more_px) or not figures.label_px or not figures.more:
            return ""
        now = figures.label_px[-1]
        words = self.tr("{n} more labels: from {now:.1f} to about {then:.1f} px.")
        if figures.more_px > 0.97 * now:
            words = self.tr("{n} more labels would hardly change the error.")
        elif figures.curve_layer == FIRST and SECOND in figures.layer:
            words = self.tr(
                "{n} more labels: the quick layer from {now:.1f} to about {then:.1f} px."
            )
        return words.format(n=figures.more, now=now, then=figures.more_px)


def _inset() -> QVBoxLayout:
    """A column that stands as far inside as the text of the table."""
    made = QVBoxLayout()
    made.setContentsMargins(theme.GAP, 0, theme.GAP, 0)
    made.setSpacing(theme.GRID)
    return made


def _titled(text: str, drawing: Drawing, *below: QWidget) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, theme.GAP, 0, 0)
    column.setSpacing(2)
    column.addWidget(heading(text))
    for widget in (drawing, *below):
        column.addWidget(widget)
    return box
