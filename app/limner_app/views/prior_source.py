"""The fourth step: which poses, how joints become landmarks, and where poses lie in the crop."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout

from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.prior_run import keep_prior
from limner_app.views.prior_draft import Placing, PriorDraft
from limner_app.views.prior_drawing import PoseDrawing
from limner_app.views.prior_gallery import SHOWN
from limner_app.views.prior_page import PriorPage
from limner_app.views.prior_reading import (
    ReadingDroppedError,
    Source,
    Told,
    fitted,
    former_maps,
    guessed_map,
    laid,
    read_source,
    remember_map,
    unplaced,
)
from limner_app.views.prior_seen import SeenInCrops
from limner_app.views.prior_steps import FlowStep, OneWork
from limner_app.views.render_parts import off_thread
from limner_engine.errors import LimnerError
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, Skeleton

_SETTLE_MS = 30
_BACKDROPS = 12


class PriorStep(FlowStep):
    """Sources and placing on the left, poses beside crops on the right.

    Args:
        document: Its project keeps priors.
        draft: Gets the prior.
        flows: Runs long work.

    Signals:
        skeleton_wished: The chosen prior has a skeleton of its own; with the prior's name.
    """

    skeleton_wished = Signal(object, str)

    def __init__(self, document: Document, draft: PriorDraft, flows: Flows) -> None:
        super().__init__()
        self.title = self.tr("Prior")
        self.about = self.tr(
            "Poses without pictures teach what the landmarks mean. They should look like what is "
            "seen in the crops, and lie where that is: compare left and right."
        )
        self._document, self._draft = document, draft
        self._work, self.seen = OneWork(flows, self), SeenInCrops(flows, self, self._show)
        self._source: Source | None = None
        self._chosen_id: int | None = None
        self._base: Floats | None = None
        self._made_for = Skeleton(())
        self._wanted: object = None
        self.drawing = PoseDrawing(self)
        self.page = PriorPage()
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._lay)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.page)
        self._connect()

    def _connect(self) -> None:
        self.page.sources.chosen.connect(self.choose)
        self.page.sources.files_chosen.connect(self.read_files)
        self.page.sources.draw_wished.connect(self.draw)
        self.page.sources.save_wished.connect(self.save)
        self.page.sources.rename_wished.connect(self._rename)
        self.page.sources.remove_wished.connect(self._remove)
        self.page.joints.changed.connect(self._joints_changed)
        self.page.views.currentIndexChanged.connect(self._make)
        self.page.placing.changed.connect(self._placed)
        self.page.placing.fit_wished.connect(self.fit_to_crops)
        self.page.mend.clicked.connect(self.fit_to_crops)
        self.drawing.drawn.connect(self._take_drawn)
        self._document.history_changed.connect(self._history_changed)

    # --- the step ----------------------------------------------------------------------------

    @property
    def remembered(self) -> dict[str, Any]:
        """What is chosen, to be proposed next time."""
        if self._chosen_id is not None:
            return {"id": self._chosen_id}
        paths = [] if self._source is None else self._source.paths
        return {"files": [str(path) for path in paths], "view": self.page.views.currentData()}

    def propose(self, stored: object, placing: Placing) -> None:
        """Choose what was chosen last time, when the step is next on screen."""
        self._wanted = stored
        self._draft.placing = placing

    def enter(self) -> None:
        """Show the newest crops, and make the prior of the newest skeleton."""
        self._list()
        self.page.gallery.set_crops(self._draft.sample_pictures(SHOWN))
        self.seen.look(self._draft.crops)
        wanted, self._wanted = self._wanted, None
        if self._source is None and isinstance(wanted, dict):
            self._take_again(wanted)
        elif self._source is not None and self._draft.skeleton != self._made_for:
            self._begin(self._source)
        else:
            self._lay()

    def _take_again(self, wanted: dict[str, Any]) -> None:
        """What was chosen last time, where it is still there."""
        project = self._document.project
        stored = [] if project is None else [one.id for one in project.priors()]
        files = [Path(str(name)) for name in wanted.get("files") or []]
        view = self.page.views.findData(wanted.get("view"))
        self.page.views.setCurrentIndex(max(0, view))
        if wanted.get("id") in stored:
            self._take_stored(int(wanted["id"]), self._draft.placing)
        elif files and all(path.exists() for path in files):
            self.read_files(files, self._draft.placing)
        else:
            self._lay()

    def cancel(self) -> None:
        """End the reading."""
        self._work.cancel()

    def close_all(self) -> None:
        """Nobody looks any more."""
        self._work.cancel()
        self.seen.cancel()

    def lack(self) -> str:
        """There must be a prior."""
        if self._work.busy:
            return self.tr("The poses are read.")
        if self._source is None:
            return self.tr("Read poses from files, draw some, or choose a prior of the project.")
        if self._table_used and self.page.joints.map.missing:
            return self.tr("Choose a joint for every landmark, or a skeleton of fewer landmarks.")
        return "" if self._draft.prior is not None else self.tr("There is no pose to learn from.")

    # --- where poses come from ---------------------------------------------------------------

    def choose(self, prior_id: int) -> None:
        """Take a prior of the project."""
        if prior_id != self._chosen_id:
            self._take_stored(prior_id, Placing("given"))

    def _take_stored(self, prior_id: int, placing: Placing) -> None:
        project = self._document.project
        if project is None:
            return
        try:
            prior = project.prior(prior_id)
            known = next(one for one in project.priors() if one.id == prior_id)
        except LimnerError as error:
            self.troubled.emit(str(error))
            return
        self._take(Source.of_prior(prior, known.joints), placing, prior_id)

    def read_files(self, paths: list[Path], placing: Placing | None = None) -> None:
        """Read poses from files or folders, off the window's thread."""
        dropped = threading.Event()

        async def work() -> None:
            try:
                source = await off_thread(read_source, paths, self._teller(dropped))
            finally:
                dropped.set()
            if placing is not None:
                usual = placing
            elif source.prior is not None:
                usual = Placing("given")
            else:
                usual = Placing("centred" if source.spatial else "each")
            self._take(source, usual, None)

        words = paths[0].name if len(paths) == 1 else self.tr("{n} files").format(n=len(paths))
        self._work.start(self.tr("Reading {name}").format(name=words), work)
        self.changed.emit()

    def draw(self) -> None:
        """Draw poses by hand, or go on with those that were drawn."""
        draft, source = self._draft, self._source
        pictures = [
            (self.tr("Crop {n}").format(n=number + 1), picture)
            for number, picture in enumerate(draft.sample_pictures(_BACKDROPS))
        ]
        former = None if source is None else source.prior
        self.drawing.open(draft.skeleton, draft.layout, former, pictures)

    def _take_drawn(self, prior: PosePrior) -> None:
        """What was drawn is kept in the project at once: nobody wants to draw it again."""
        number = keep_prior(self._document, prior, {})
        self._take(Source.of_prior(prior), Placing("given"), number)

    def save(self, path: Path) -> None:
        """Write the prior, as it is placed, to a file."""
        if self._draft.prior is None:
            return
        try:
            self._draft.prior.save(path)
        except LimnerError as error:
            self.troubled.emit(str(error))

    def _take(self, source: Source, placing: Placing, prior_id: int | None) -> None:
        """Poses have come; a prior that exists brings its skeleton along."""
        self._source, self._chosen_id = source, prior_id
        self._draft.placing = placing
        self.page.placing.propose(placing)
        prior = source.prior
        if prior is not None and prior.skeleton != self._draft.skeleton:
            self.skeleton_wished.emit(prior.skeleton, prior.name)
        self._list()
        self._begin(source)

    def _begin(self, source: Source) -> None:
        """Make poses of the skeleton; by the joint table, where that is needed."""
        skeleton = self._draft.skeleton
        self._made_for, self._base, self._draft.prior = skeleton, None, None
        project = self._document.project
        former = [] if project is None else former_maps(project)
        self.page.joints.load(guessed_map(source, skeleton, former), source.joint_names)
        self._show_table()
        self._make()

    def _make(self) -> None:
        source, skeleton, joints = self._source, self._made_for, self.page.joints.map
        if source is None:
            return
        if self._table_used and joints.missing:
            self._base = self._draft.prior = None
            self._work.cancel()
            self._show()
            self.changed.emit()
            return
        dropped, yaw_deg = threading.Event(), self.page.views.currentData()

        async def work() -> None:
            told = self._teller(dropped)
            try:
                base = await off_thread(unplaced, source, skeleton, joints, told, yaw_deg)
            finally:
                dropped.set()
            self._base = base
            self._draft.joints = joints.to_json() if source.spatial else {}
            self._lay()

        self._work.start(self.tr("Making poses of {name}").format(name=source.name), work)
        self.changed.emit()

    def _teller(self, dropped: threading.Event) -> Told:
        """Tells of the share done from another thread, and ends what nobody waits for."""

        def tell(share: float) -> None:
            if dropped.is_set():
                raise ReadingDroppedError("Nobody waits for these poses any more.")
            self.advanced.emit(share)

        return tell

    # --- joints ------------------------------------------------------------------------------

    @property
    def _table_used(self) -> bool:
        """Whether joints become landmarks by the table."""
        source = self._source
        if source is None or not source.joint_names:
            return False
        return source.prior is None or source.prior.skeleton.names != self._made_for.names

    def _show_table(self) -> None:
        source = self._source
        used = self._table_used and source is not None and not source.plain(self._made_for)
        self.page.show_joints(used)

    def _joints_changed(self) -> None:
        project = self._document.project
        if project is not None:
            remember_map(project, self.page.joints.map)
        self._make()

    # --- placing -----------------------------------------------------------------------------

    def _placed(self) -> None:
        self._draft.placing = self.page.placing.placing
        self._settle.start()

    def fit_to_crops(self) -> None:
        """Take size and place from what the crops suggest."""
        source, base, seen = self._source, self._base, self.seen.statistics
        if source is None or base is None or seen is None:
            return
        placing = fitted(base, self.page.placing.placing, seen)
        self.page.placing.propose(placing)
        self._draft.placing = self.page.placing.placing
        self._lay()

    def _lay(self) -> None:
        """Lay the poses anew and show them."""
        self._settle.stop()
        source, base, draft = self._source, self._base, self._draft
        draft.prior = None
        if source is not None and base is not None:
            try:
                draft.prior = laid(source, self._made_for, base, draft.placing, source.name)
            except LimnerError as error:
                self.troubled.emit(str(error))
        self._show()
        self.changed.emit()

    # --- what is shown -----------------------------------------------------------------------

    def _show(self) -> None:
        made = None if self._base is None else len(self._base)
        self.page.show_source(self._source, made)
        empty = self.tr("Poses will be drawn here, as the network draws them.")
        self.page.show_prior(self._draft.prior, self.seen.statistics, empty)

    def _list(self) -> None:
        project = self._document.project
        stored, source = ([] if project is None else project.priors()), self._source
        file = source.name if source is not None and self._chosen_id is None else ""
        self.page.sources.load(stored, file, self._chosen_id)

    def _history_changed(self) -> None:
        """Priors may have come or gone, by undo, too."""
        project = self._document.project
        if project is None or not self.isVisible():
            return
        if self._chosen_id is not None and self._chosen_id not in {
            one.id for one in project.priors()
        }:
            self._source, self._chosen_id, self._base, self._draft.prior = None, None, None, None
            self._show_table()
            self._show()
            self.changed.emit()
        self._list()

    def _rename(self, prior_id: int | None, name: str) -> None:
        project, name = self._document.project, name.strip()
        if project is None:
            return
        try:
            if prior_id is not None:
                project.rename_prior(prior_id, name)
        except LimnerError as error:
            self.troubled.emit(str(error))
        else:
            if prior_id == self._chosen_id and self._source is not None and name:
                self._source.name = name
                self._lay()
        self._list()
        if prior_id is not None:
            self._document.history_changed.emit()

    def _remove(self, prior_id: int) -> None:
        project = self._document.project
        if project is not None:
            project.remove_prior(prior_id)
            self._document.history_changed.emit()
