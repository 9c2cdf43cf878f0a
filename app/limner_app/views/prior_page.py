"""What stands on the step about priors: sources and placing, and poses beside crops."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.panel_parts import dim, heading
from limner_app.views.prior_gallery import SHOWN, PriorGallery
from limner_app.views.prior_joints import JointTable
from limner_app.views.prior_list import PriorList
from limner_app.views.prior_placing import PriorPlacing
from limner_app.views.prior_reading import Source, box_of
from limner_engine.priors.prior import PosePrior
from limner_engine.priors.statistics import PoseStatistics, compare
from limner_engine.types import Skeleton

_LEFT_PX = 330
_BAR_PX = 12


class PriorPage(QWidget):
    """Choices on the left, the gallery under its warning on the right; files can be dropped."""

    def __init__(self) -> None:
        super().__init__()
        self.sources = PriorList()
        self.words = dim("")
        self.views = QComboBox()
        self.views.setAccessibleName(self.tr("Seen from"))
        for words, yaw_deg in (
            (self.tr("Seen from all sides"), 180),
            (self.tr("Seen from the front and the sides"), 90),
            (self.tr("Seen from the front"), 40),
        ):
            self.views.addItem(words, yaw_deg)
        self.views.setToolTip(self.tr("Where cameras stand that look at poses in space"))
        self.joints_head = heading(self.tr("Joints"))
        self.joints = JointTable()
        self.placing = PriorPlacing()
        self.gallery = PriorGallery()
        self.warning = QLabel()
        self.warning.setProperty("role", "warning")
        self.warning.setWordWrap(True)
        self.mend = QPushButton(self.tr("Fit to the crops"))
        self.others = QPushButton(self.tr("Show others"))
        self.others.setProperty("quiet", True)
        for button in (self.mend, self.others):
            button.setAutoDefault(False)
        self.shown = dim("")
        self._seed = 0
        self._prior: PosePrior | None = None
        self.setAcceptDrops(True)
        self._lay_out()
        self.show_joints(False)
        self.views.hide()
        self.others.clicked.connect(self._show_others)

    def _lay_out(self) -> None:
        inner = QWidget()
        left = QVBoxLayout(inner)
        left.setContentsMargins(0, 0, theme.GAP, 0)
        left.setSpacing(theme.GAP)
        left.addWidget(heading(self.tr("Poses")))
        left.addWidget(self.sources)
        left.addWidget(self.words)
        left.addWidget(self.views)
        left.addWidget(self.joints_head)
        left.addWidget(self.joints, 1)
        left.addSpacing(theme.GRID)
        left.addWidget(heading(self.tr("Place in the crop")))
        left.addWidget(self.placing)
        left.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inner)
        # Buttons of a longer language stand beside each other, too, and the bar beside them.
        scroll.setFixedWidth(max(_LEFT_PX, inner.minimumSizeHint().width() + _BAR_PX))
        scroll.viewport().setAutoFillBackground(False)
        inner.setAutoFillBackground(False)
        self.bar = QWidget()
        bar = QHBoxLayout(self.bar)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.setSpacing(theme.GAP)
        bar.addWidget(self.warning, 1)
        bar.addWidget(self.mend)
        self.bar.hide()
        below = QHBoxLayout()
        below.addWidget(self.shown, 1)
        below.addWidget(self.others)
        right = QVBoxLayout()
        right.setSpacing(theme.GAP)
        right.addWidget(self.bar)
        right.addWidget(self.gallery, 1)
        right.addLayout(below)
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(theme.MARGIN)
        across.addWidget(scroll)
        across.addLayout(right, 1)

    def show_joints(self, on: bool) -> None:
        """Show or hide the table of joints."""
        self.joints.setVisible(on)
        self.joints_head.setVisible(on)

    def show_source(self, source: Source | None, made: int | None) -> None:
        """Say where poses come from.

        Args:
            source: That.
            made: How many poses of the skeleton came of it; None while nobody knows.
        """
        self.words.setVisible(source is not None)
        self.views.setVisible(source is not None and source.spatial)
        if source is None:
            return
        words = self.tr("{name}: {n} poses.")
        if made is not None and source.spatial:
            words = self.tr("{name}: {n} poses in space, {k} views of them.")
        elif made is not None and made != source.count:
            words = self.tr("{name}: {n} poses; {k} are whole and not alike.")
        self.words.setText(
            words.format(name=source.name, n=f"{source.count:,}", k=f"{made or 0:,}")
        )

    def show_prior(self, prior: PosePrior | None, seen: PoseStatistics | None, empty: str) -> None:
        """Show some of the poses, and what of them differs from the crops.

        Args:
            prior: The poses as they are placed.
            seen: What the crops suggest of size and place; None where they tell nothing.
            empty: What is said in place of poses where there are none.
        """
        self._prior = prior
        self.sources.set_savable("" if prior is None else prior.name)
        self.placing.fit.setEnabled(seen is not None and prior is not None)
        self.placing.setEnabled(prior is not None)
        known = None if prior is None else PoseStatistics.of(prior.poses)
        # Where the crops tell nothing, the poses' own box over them helps to compare by eye.
        framed = seen or known
        self.gallery.set_box(None if framed is None else box_of(framed))
        self.others.setVisible(prior is not None and len(prior) > SHOWN)
        doubts = [] if known is None else compare(known, seen)
        self.warning.setText(" ".join(doubts))
        self.bar.setVisible(bool(doubts))
        self.mend.setVisible(seen is not None)
        if prior is None:
            self.gallery.set_poses(np.zeros((0, 0, 2), np.float32), Skeleton(()), empty)
            self.shown.setText("")
            return
        self._draw(prior)
        if seen is None:
            words = self.tr(
                "{n} of {all} poses. Dashed: where poses typically lie; the crops tell no size "
                "and place by themselves, so move poses to where bodies are."
            )
        elif seen.kind == "faces":
            words = self.tr("{n} of {all} poses. Dashed: where faces are in the crops, roughly.")
        elif seen.kind == "motion":
            words = self.tr("{n} of {all} poses. Dashed: where most moves in the crops, roughly.")
        else:
            words = self.tr("{n} of {all} poses. Dashed: where bodies are in the crops, roughly.")
        self.shown.setText(words.format(n=min(len(prior), SHOWN), all=f"{len(prior):,}"))

    def _draw(self, prior: PosePrior) -> None:
        rng = np.random.default_rng(self._seed)
        rows = rng.choice(len(prior), min(len(prior), SHOWN), replace=False)
        self.gallery.set_poses(prior.poses[rows], prior.skeleton)

    def _show_others(self) -> None:
        self._seed += 1
        if self._prior is not None:
            self._draw(self._prior)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere here."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Read what was dropped."""
        urls = event.mimeData().urls()
        paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
        event.acceptProposedAction()
        if paths:
            self.sources.files_chosen.emit(paths)
