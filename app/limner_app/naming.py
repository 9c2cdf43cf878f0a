"""Names landmarks from a person's labels: at once after each of them, better in the background."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from limner_app.document import Document
from limner_app.flows import Flows
from limner_app.naming_engine import NamingEngine
from limner_app.naming_figures import NamingFigures
from limner_app.naming_ingredients import Ingredients, all_labels, make_folder
from limner_app.naming_memory import MODEL_FILE, NamingMemory, base_of, names_folder
from limner_app.naming_process import NamingProcess
from limner_app.second_layer import SecondLayer
from limner_app.sweeping import Sweep
from limner_app.views.video_crops import VideoCrops
from limner_engine.model_file import SELF_TAUGHT, read_model_info
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.project import Project
from limner_engine.types import Landmarks, ModelInfo
from limner_training.naming.settings import NameOrder, NameSettings

JUDGE_MS = 1000
"""What takes a second or two waits until the person has stopped labelling for so long."""
_LOOK_AGAIN_MS = 120
"""A frame must stay on screen this long before a better model looks at it again."""


class Namer(QObject):
    """Keeps the project's named model as good as its labels.

    The named model is one model of the project whose file changes. It becomes the current one
    unless a person has chosen another since; that other one is then what names are made upon.

    Signals:
        changed: Another model, other figures, or on or off: a view asks for what it shows.

    Args:
        document: The open project.
        engine: The engine's client.
        flows: Runs the work.
        process: Learns the second layer; made here if not given.
    """

    changed = Signal()

    def __init__(
        self,
        document: Document,
        engine: NamingEngine,
        flows: Flows,
        process: NamingProcess | None = None,
    ) -> None:
        super().__init__(document)
        self.document, self._engine, self._flows = document, engine, flows
        self.crops = VideoCrops(document, engine)
        self.sweep = Sweep(document, engine, flows, self.crops)
        self.second = SecondLayer(self._write_run, process or NamingProcess(self), self)
        self.info: ModelInfo | None = None
        self.figures = NamingFigures()
        self._labelled: LabelledFrames | None = None
        self._project: Project | None = None
        self._fitting: asyncio.Task[None] | None = None
        self._again = self._mine = self._stale = False
        self._made_of: Ingredients | None = None
        self._looked: set[tuple[int, int]] | None = None
        self._settling = QTimer(self, singleShot=True, interval=_LOOK_AGAIN_MS)
        self._settling.timeout.connect(self._look_again)
        self._judging: asyncio.Task[None] | None = None
        self._judgement = QTimer(self, singleShot=True, interval=JUDGE_MS)
        self._judgement.timeout.connect(self._judge)
        document.project_changed.connect(self._project_changed)
        document.models_changed.connect(self._models_changed)
        document.annotations_changed.connect(lambda: self.fit())
        document.skeleton_changed.connect(lambda: self.fit())
        document.crop_changed.connect(self._crop_changed)
        document.subjects_changed.connect(self._subject_changed)
        document.frame_changed.connect(self._frame_changed)
        self.second.improved.connect(lambda: self.fit(better=True))
        self.second.ended.connect(self._second_ended)

    # --- what views ask ------------------------------------------------------------------

    @property
    def memory(self) -> NamingMemory:
        """How naming stands in the open project."""
        project = self.document.project
        return NamingMemory() if project is None else NamingMemory.of(project)

    @property
    def on(self) -> bool:
        """Whether landmarks are named after every label."""
        return self.memory.on

    @property
    def labels(self) -> int:
        """How many frames are labelled."""
        return 0 if self._labelled is None else len(self._labelled)

    @property
    def shown(self) -> bool:
        """Whether the named landmarks are what is on screen."""
        return self.info is not None and self.document.model_id == self.memory.model

    @property
    def nameable(self) -> bool:
        """Whether the project's landmarks have names of a person, and not only of a model."""
        names = self.document.skeleton.names
        return bool(names) and names != self._base_names()

    @property
    def file(self) -> Path | None:
        """The named model's file; None without a project."""
        project = self.document.project
        return None if project is None else names_folder(project.path) / MODEL_FILE

    def placed_count(self, landmark: int) -> int:
        """In how many frames a person has placed a landmark."""
        known = self._labelled
        if known is None or landmark >= known.placed.shape[1]:
            return 0
        return int(known.placed[:, landmark].sum())

    def seen_share(self, landmark: int) -> float:
        """In which share of its labels a landmark is to be seen, 0..1; NaN without any."""
        known = self._labelled
        if known is None or landmark >= known.told.shape[1] or not known.told[:, landmark].any():
            return math.nan
        return float(known.visible[:, landmark].sum() / known.told[:, landmark].sum())

    # --- what a person does --------------------------------------------------------------

    def switch(self, on: bool) -> None:
        """Name landmarks from here on, or leave them as they are."""
        if self.document.project is None or on == self.on:
            return
        self._remember(on=on)
        if on:
            self.fit()
        else:
            self.sweep.cancel()
            self.second.rest()
        self.changed.emit()

    def show(self) -> None:
        """Make the named landmarks the current ones."""
        path = self.file
        if path is not None and self.info is not None:
            self._remember(follow=True)
            self._make_current(path)

    def train_now(self) -> None:
        """Let the second layer learn now."""
        self.second.train_now()

    def close(self) -> None:
        """End with the window; what is unfinished goes on when the project is opened again."""
        self._judgement.stop()
        self.sweep.cancel()
        self.second.close(wait_s=15.0)

    # --- the first layer -----------------------------------------------------------------

    def fit(self, *, better: bool = False) -> None:
        """Name the landmarks anew; while that is being done, once more afterwards.

        Args:
            better: The labels are the same, only the second layer has learned more.
        """
        project = self.document.project
        if project is None or not self.nameable:
            return
        if not self.on:
            self._labelled = all_labels(project)
            self.changed.emit()
            return
        self._stale = self._stale or not better
        if self._judging is not None:
            self._judging.cancel()  # a label never waits for figures
            self._judging = None
        if self._fitting is not None and not self._fitting.done():
            self._again = True
            return
        self._fitting = self._flows.start(self._fit(project))

    async def _fit(self, project: Project) -> None:
        self._again = True
        while self._again and self.document.project is project:
            self._again = False
            await self._fit_once(project)

    async def _fit_once(self, project: Project) -> None:
        path = names_folder(project.path) / MODEL_FILE
        labelled = all_labels(project)
        names = labelled.skeleton.names
        self._labelled = labelled
        self.second.labels_changed(len(labelled), names)
        base, second = base_of(project), self.second.file
        made_of = Ingredients.of(labelled, base, second)
        stale, self._stale = self._stale, False
        if not labelled.placed.any() or made_of == self._made_of:
            self.changed.emit()
            return
        make_folder(path.parent)
        await self._engine.name(labelled, base=base, out=path, second=second)
        if self.document.project is not project or project.skeleton().names != names:
            return  # what was named is no more; the change asks for another fit by itself
        self._made_of = made_of
        self._judgement.start()
        if not stale and self._looked is None:
            # Frames keep what the model before said until they are looked at, or all is
            # learned: detecting them after each improvement would take the time that needs.
            self._looked = set()
        self._take(project, path, stale=stale)
        if not self._again:
            await self._detect_shown()

    def _judge(self) -> None:
        """Measure how true the confidence is, and what more labels would bring."""
        project = self.document.project
        if project is None or self._made_of is None or not self.on:
            return
        if self._fitting is None or self._fitting.done():
            self._judging = self._flows.start(self._judged(project, self._made_of))

    async def _judged(self, project: Project, made_of: Ingredients) -> None:
        path, labelled = names_folder(project.path) / MODEL_FILE, all_labels(project)
        base, second = base_of(project), self.second.file
        if Ingredients.of(labelled, base, second) != made_of:
            return
        await self._engine.name(labelled, base=base, out=path, second=second, judge=True)
        if self.document.project is project and self._made_of == made_of:
            self._take(project, path, stale=False)

    def _take(self, project: Project, path: Path, *, stale: bool) -> None:
        """Let the project know its new named model.

        Args:
            project: The open one.
            path: The model's file.
            stale: What it found before counts no more, and is found again.
        """
        info = read_model_info(path)
        memory = NamingMemory.of(project)
        if memory.model is None:
            replace(memory, model=project.add_model(info, path)).keep(project)
        else:
            project.renew_model(memory.model, info, path)
        memory = NamingMemory.of(project)
        self.info = info
        self.figures = NamingFigures.of(info).with_curves_of(self.figures)
        if stale and memory.model is not None:
            self.sweep.gaps.clear()
            self._looked = None
            for video in project.videos():
                project.clear_predictions(video.id, memory.model)
        if memory.follow:
            self._make_current(path)
            if stale:
                self.sweep.soon()
        self.changed.emit()

    def _make_current(self, path: Path) -> None:
        self._mine = True
        try:
            self.document.set_model(path)
        finally:
            self._mine = False
        self.changed.emit()

    async def _detect_shown(self) -> None:
        document, path = self.document, self.file
        video, model, subject = document.video, document.model_id, document.subject
        if video is None or path is None or not self.shown or model is None:
            return
        frame = document.frame_index
        found: Landmarks | None = await self._engine.detect(
            path, video.path, frame, document.crop(frame)
        )
        if found is not None and document.project is not None and document.model_id == model:
            document.store_frame(video.id, model, frame, found, subject=subject)
            if self._looked is not None:
                self._looked.add((video.id, frame))

    # --- the second layer ----------------------------------------------------------------

    def _write_run(self, folder: Path) -> None:
        """What the next run of the second layer learns from."""
        project = self.document.project
        if project is None:
            return
        tracks = {
            str(video.path): track.to_json()
            for video in project.videos()
            if not video.missing and (track := self.crops.known(video)) is not None
        }
        base = base_of(project)
        settings = NameSettings(start_from="" if base is None else str(base))
        NameOrder(all_labels(project), tracks, settings).write(folder)

    def _second_ended(self) -> None:
        if self._looked is not None and self.shown:
            self.sweep.soon(anew=True)
        self.changed.emit()

    def _frame_changed(self, _frame: int) -> None:
        self.second.process.yield_to_person()
        if self._looked is not None:
            self._settling.start()

    def _look_again(self) -> None:
        video = self.document.video
        if self._looked is None or video is None or not self.shown:
            return
        if (video.id, self.document.frame_index) not in self._looked:
            self._flows.start(self._detect_shown())

    # --- what follows from changes -------------------------------------------------------

    def _project_changed(self) -> None:
        project = self.document.project
        if project is self._project:
            return
        self.sweep.cancel()
        self.sweep.gaps.clear()
        self._judgement.stop()
        self._project, self._looked, self.info, self._labelled = project, None, None, None
        self._made_of, self._stale = None, False
        self.second.take(project)
        if project is None:
            self.changed.emit()
            return
        memory = NamingMemory.of(project)
        for model in project.models():
            if model.id == memory.model and not model.missing:
                self.info = model.info
        self.figures = NamingFigures.of(self.info)
        labelled = all_labels(project)
        self._labelled = labelled
        if memory.on and self.info is not None:
            # A run that the last window left unfinished goes on.
            self.second.labels_changed(len(labelled), labelled.skeleton.names)
        self.changed.emit()

    def _models_changed(self) -> None:
        """A person's choice of another model: names are made upon that one from here on."""
        document, project = self.document, self.document.project
        if self._mine or project is None or project is not self._project:
            return
        memory, current = NamingMemory.of(project), document.model_id
        if current == memory.model:
            if not memory.follow and current is not None:
                self._remember(follow=True)
        elif document.model_info is not None and document.model_info.kind in SELF_TAUGHT:
            if memory.model is not None and memory.follow and self.info is not None:
                self._remember(follow=False)
            if current != memory.base:
                self._remember(base=current)
                self.fit()
        elif current is not None and memory.model is not None:
            self._remember(follow=False)
        self.changed.emit()

    def _subject_changed(self) -> None:
        if self.shown and self.on:
            self.sweep.soon()

    def _crop_changed(self) -> None:
        """Another video is on screen, or it is looked at otherwise."""
        if self.info is not None and self.on:
            self.fit()
            if self.shown:
                self.sweep.soon()

    def _remember(self, **changes: Any) -> None:
        project = self.document.project
        if project is not None:
            replace(NamingMemory.of(project), **changes).keep(project)

    def _base_names(self) -> tuple[str, ...]:
        project = self.document.project
        if project is None:
            return ()
        base = NamingMemory.of(project).base
        known = {model.id: model.info.skeleton.names for model in project.models()}
        return known.get(base, ()) if base is not None else ()
