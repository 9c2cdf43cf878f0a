"""x and y of landmarks over time, linked to the frame on screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.document import Document
from limner_app.panel_parts import EmptyPlace

_WORDS_PX = 20
"""Room over the curves for the words in the corner."""
_SMOOTH_POINTS = 40_000
"""Up to so many points curves are painted with smooth edges; more would take too long."""
_DASH = 0.3
"""How far a picture's dash reaches to either side, where no curve is drawn; frames."""
_WAIT_MS = 300
"""While a whole video is being detected the curves are drawn anew this often, not each chunk."""


class TrajectoryView(QWidget):
    """Curves of the selected landmark, or of all while none is selected; click to go there.

    Pictures that were gathered into a video have a dash each and no curves.

    The plotting library is loaded when the view is first seen.

    Args:
        document: Whose landmarks.
        actions: Offers detection where there is nothing to draw.
    """

    def __init__(self, document: Document, actions: ActionSet) -> None:
        super().__init__()
        self.document = document
        self._actions = actions
        self._plots: list[Any] = []
        self._cursors: list[Any] = []
        self._notes: list[Any] = []
        self._graphics: Any = None
        self._spread: tuple[float, float] | None = None
        self._spans: list[tuple[float, float] | None] = [None, None]
        self.setMinimumHeight(120)
        self._stack = QStackedLayout(self)
        self.empty = EmptyPlace(
            "chart-line",
            self.tr(
                "x and y of the landmarks over time will be drawn here, once they are "
                "detected on the video."
            ),
            self.tr("Detect on the whole video"),
        )
        if self.empty.button is not None:
            self.empty.button.clicked.connect(actions["detect_all"].trigger)
        self._stack.addWidget(self.empty)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._draw)
        for signal in (
            document.predictions_changed,
            document.annotations_changed,
            document.skeleton_changed,
            document.video_changed,
            document.models_changed,
        ):
            signal.connect(self._later)
        document.selection_changed.connect(self._later)
        document.frame_changed.connect(self._move_cursor)

    def _later(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Bring it up to date."""
        super().showEvent(event)
        self._timer.start(0)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the look."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._graphics is not None:
            self._dress()
            self._later()

    def _make(self) -> None:
        import pyqtgraph as pg

        self._graphics = pg.GraphicsLayoutWidget()
        # As wide as the timeline above, so that both cursors stand over one another.
        self._graphics.ci.layout.setContentsMargins(theme.MARGIN, 0, theme.MARGIN, theme.GRID)
        self._graphics.ci.layout.setVerticalSpacing(2)
        for row, name in enumerate(("x", "y")):
            plot = self._graphics.addPlot(row=row, col=0)
            plot.setMenuEnabled(False)
            plot.hideButtons()
            plot.setMouseEnabled(x=True, y=False)
            plot.hideAxis("left")
            plot.setTitle(None)
            plot.setMinimumHeight(44)
            note = pg.TextItem(name, anchor=(0, 0))
            note.setParentItem(plot.vb)
            note.setPos(theme.GRID, 0)
            note.setFont(theme.tabular(self.font()))
            self._notes.append(note)
            plot.setDownsampling(auto=True, mode="peak")
            plot.setClipToView(True)
            if row == 0:
                plot.getAxis("bottom").setStyle(showValues=False)
            else:
                plot.setXLink(self._plots[0])
                plot.invertY(True)  # as in the picture, y grows downwards
            cursor = pg.InfiniteLine(angle=90)
            plot.addItem(cursor, ignoreBounds=True)
            self._plots.append(plot)
            self._cursors.append(cursor)
        self._graphics.scene().sigMouseClicked.connect(self._clicked)
        self._dress()
        self._stack.addWidget(self._graphics)

    def _dress(self) -> None:
        import pyqtgraph as pg

        self._graphics.setBackground(theme.colour("panel"))
        self._write_notes()
        for plot, cursor in zip(self._plots, self._cursors, strict=True):
            cursor.setPen(pg.mkPen(theme.colour("text"), width=self.devicePixelRatioF()))
            plot.getAxis("bottom").setPen(pg.mkPen(theme.colour("line")))
            plot.getAxis("bottom").setTextPen(pg.mkPen(theme.colour("dim")))

    def _write_notes(self) -> None:
        """Which axis a plot has and from where to where it goes, in its corner."""
        for name, note, span in zip("xy", self._notes, self._spans, strict=True):
            words = name if span is None else f"{name}  {span[0]:.0f} – {span[1]:.0f} px"
            note.setText(words, color=theme.colour("dim"))

    def _draw(self) -> None:
        if not self.isVisible():
            return
        points = self.document.trajectories()
        there = np.isfinite(points).any() if points.size else False
        if not there:
            if self.empty.button is not None:  # nothing detects with what was imported
                self.empty.button.setVisible(self._actions["detect_all"].isEnabled())
            self._stack.setCurrentWidget(self.empty)
            return
        if self._graphics is None:
            self._make()
        import pyqtgraph as pg

        colours = theme.landmark_colours(self.document.skeleton)
        selected = self.document.selected
        chosen = range(points.shape[1]) if selected is None else [selected]
        frames = np.arange(len(points))
        smooth = len(points) * len(chosen) <= _SMOOTH_POINTS
        for axis, plot in enumerate(self._plots):
            plot.clearPlots()
            for landmark in chosen:
                pen = pg.mkPen(colours[landmark], width=1.3 * self.devicePixelRatioF())
                at, drawn, joined = frames, points[:, landmark, axis], "finite"
                if self.document.gathered:  # nothing lies between one picture and the next
                    at = np.stack([frames - _DASH, frames + _DASH], axis=1).ravel()
                    drawn, joined = np.repeat(drawn, 2), "pairs"
                plot.plot(at, drawn, pen=pen, connect=joined, antialias=smooth)
            plot.setLimits(xMin=-0.5, xMax=max(1, len(points)) - 0.5)
            drawn = points[:, list(chosen), axis]
            known = drawn[np.isfinite(drawn)]
            self._spans[axis] = (float(known.min()), float(known.max())) if known.size else None
            low, high = self._spans[axis] or (0.0, 1.0)
            room = max(1.0, high - low)
            # The words of the corner stand over the curves, whichever way the axis grows.
            height = max(2.5 * _WORDS_PX, plot.vb.height())
            above, below = _WORDS_PX / (height - _WORDS_PX) * room, 0.06 * room
            plot.setYRange(
                low - (above if axis else below), high + (below if axis else above), padding=0
            )
        self._write_notes()
        whole = (-0.5, max(1, len(points)) - 0.5)
        if self._spread != whole:
            self._spread = whole
            self._plots[0].setXRange(*whole, padding=0)
        self._move_cursor(self.document.frame_index)
        self._stack.setCurrentWidget(self._graphics)

    def _move_cursor(self, frame_index: int) -> None:
        for cursor in self._cursors:
            cursor.setValue(frame_index)

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._plots:
            at = self._plots[0].vb.mapSceneToView(event.scenePos())
            self.document.show(round(at.x()))
