"""The second step: what the network looks at, in sample frames of the chosen videos."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
)

from limner_app import theme
from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.panel_parts import dim
from limner_app.views.crop_form import mode_names, mode_words
from limner_app.views.crop_search import SearchEngine
from limner_app.views.crop_tile import HEIGHT_PX, CropTile
from limner_app.views.prior_draft import OWN_CROPS, PriorDraft
from limner_app.views.prior_sampling import PriorSampling, chosen_samples
from limner_app.views.prior_steps import FlowStep, OneWork
from limner_engine.cropping.setting import MODES

COLUMNS, ROWS = 3, 3
_CHOICE_PX = 260


class CropStep(FlowStep):
    """A way to crop, and what comes of it; the samples are those that poses are laid beside.

    Args:
        document: The open project.
        draft: Gets the choice and the samples.
        engine: Looks through videos.
        flows: Runs the work.
        open_dialog: Opens the window about the crops of the video on screen.
    """

    def __init__(
        self,
        document: Document,
        draft: PriorDraft,
        engine: SearchEngine,
        flows: Flows,
        open_dialog: Callable[[], object],
    ) -> None:
        super().__init__()
        self.title = self.tr("Crop")
        self.about = self.tr(
            "The network sees a square. Poses of the prior are compared with what is in it, so "
            "choose one that holds the whole body or face, with a little room around it."
        )
        self._document, self._draft = document, draft
        self.sampling = PriorSampling(document, engine)
        self._work = OneWork(flows, self)
        self._seen: tuple[object, ...] = ()
        self._trouble = False
        self.modes = QComboBox()
        self.modes.setMinimumWidth(_CHOICE_PX)
        self.modes.setAccessibleName(self.tr("Look at"))
        self.words = dim("")
        self.words.setMinimumHeight(2 * self.words.fontMetrics().lineSpacing())
        self.more = QPushButton(self.tr("Crop of this video…"))
        self.more.setAutoDefault(False)
        self.more.setToolTip(
            self.tr("Room around it, boxes drawn by hand, and the same for all videos")
        )
        self.more.clicked.connect(open_dialog)
        self.tiles = [
            CropTile(self.tr("Sample {n}").format(n=number + 1))
            for number in range(COLUMNS * ROWS)
        ]
        self._lay_out()
        self.modes.currentIndexChanged.connect(self._mode_chosen)
        document.crop_changed.connect(self._crops_changed)

    def _lay_out(self) -> None:
        label = QLabel(self.tr("Look &at"))
        label.setBuddy(self.modes)
        row = QHBoxLayout()
        row.setSpacing(theme.GAP)
        row.addWidget(label)
        row.addWidget(self.modes)
        row.addWidget(self.words, 1)
        row.addWidget(self.more)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.MARGIN)
        grid.setVerticalSpacing(theme.GAP)
        for number, tile in enumerate(self.tiles):
            tile.unsetCursor()
            grid.addWidget(tile, number // COLUMNS, number % COLUMNS)
            tile.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.MARGIN)
        column.addLayout(row)
        column.addLayout(grid)
        column.addWidget(
            dim(self.tr("Left: the frame and its square. Right: what the network sees of it."))
        )
        column.addStretch(1)

    # --- the choice --------------------------------------------------------------------------

    def enter(self) -> None:
        """Look at the chosen sources, where they are others than before."""
        self.more.setEnabled(self._document.video is not None)
        self._list_modes()
        self._look()

    def cancel(self) -> None:
        """End the looking."""
        if self._work.busy:
            self._work.cancel()
            self._seen = ()

    def close_files(self) -> None:
        """Nobody looks any more."""
        self._work.cancel()
        self.sampling.close()

    def lack(self) -> str:
        """All samples must have been looked at: poses are compared with them."""
        if self._work.busy:
            return self.tr("The videos are looked through.")
        if not self._draft.crops:
            return self.tr("Choose another way to crop: nothing of this kind was seen.")
        return ""

    def propose(self, mode: str) -> None:
        """Choose what was chosen last time, where it can be."""
        self._draft.crop_mode = mode if mode in (OWN_CROPS, *MODES) else "auto"

    def _list_modes(self) -> None:
        own, draft = self.sampling.has_own(self._draft.sources), self._draft
        names = mode_names()
        self.modes.blockSignals(True)
        self.modes.clear()
        if own:
            self.modes.addItem(self.tr("What the project looks at"), OWN_CROPS)
        for mode in MODES:
            self.modes.addItem(names[mode], mode)
        # Nothing was chosen yet, or crops of the project are gone.
        wanted = draft.crop_mode if draft.crop_mode != "auto" else OWN_CROPS
        place = self.modes.findData(wanted)
        self.modes.setCurrentIndex(max(0, place))
        self.modes.blockSignals(False)
        draft.crop_mode = str(self.modes.currentData())
        self._explain()

    def _mode_chosen(self) -> None:
        self._draft.crop_mode = str(self.modes.currentData())
        self._explain()
        self._look()

    def _explain(self) -> None:
        mode = self._draft.crop_mode
        if mode == OWN_CROPS:
            words = self.tr("As in Inspect; videos that have no crop yet get one found by itself.")
        else:
            words = mode_words()[mode]
            differing = self.sampling.differing(self._draft.sources, mode)
            if differing and mode != "auto":
                replaced = (
                    self.tr("It replaces the crop of a video in the project when learning starts.")
                    if differing == 1
                    else self.tr("It replaces {n} crops of the project when learning starts.")
                )
                words += " " + replaced.format(n=differing)
        self.words.setText(words)

    def _crops_changed(self) -> None:
        """The window about crops has changed some."""
        self._seen = ()
        if self.isVisible():
            self._draft.crop_mode = OWN_CROPS
            self.enter()

    # --- the samples -------------------------------------------------------------------------

    def _look(self) -> None:
        wanted = (self._draft.crop_mode, *self._draft.sources)
        if wanted == self._seen:
            return
        self._seen = wanted
        self._draft.crops, self._draft.tracks = [], {}
        for tile in self.tiles:
            tile.set_old()
        self._work.start(self.tr("Looking through the videos"), self._sample)
        self.changed.emit()

    async def _sample(self) -> None:
        draft, mode = self._draft, self._draft.crop_mode
        height_px = math.ceil(HEIGHT_PX * self.devicePixelRatioF())
        plan = chosen_samples(draft.sources, len(self.tiles))
        used = 0
        try:
            for done, (source, shown) in enumerate(plan):
                self.advanced.emit(done / len(plan))
                made = await self.sampling.sample(
                    source,
                    mode,
                    shown,
                    height_px,
                    lambda share, at=done: self.advanced.emit((at + share) / len(plan)),  # type: ignore[misc]
                )
                if made.track is not None:
                    draft.tracks[source] = made.track
                if len(made.crops.pictures):
                    draft.crops.append(made.crops)
                for view, words in made.views:
                    tile = self.tiles[used]
                    tile.set_frame_share(view.frame.width() / view.frame.height())
                    tile.set_view(view, words)
                    tile.setToolTip("")
                    tile.show()
                    used += 1
                self.changed.emit()
        finally:
            for tile in self.tiles[used:]:
                tile.set_view(None, "")
                tile.hide()
