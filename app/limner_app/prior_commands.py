"""What the actions about pose priors do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject

from limner_app.prior_run import METHOD, keep_prior
from limner_app.views.render_parts import off_thread
from limner_engine.coordinates import cut
from limner_engine.errors import FrameUnreadableError

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow
    from limner_app.prior_dialog import PriorDialog
    from limner_app.views.prior_drawing import PoseDrawing
    from limner_engine.formats.skeleton_file import SkeletonFile
    from limner_engine.priors.prior import PosePrior
    from limner_engine.types import Image

_BACKDROPS = 12
_BACKDROP_PX = 256


class PriorCommands(QObject):
    """Handlers of the actions about priors.

    Args:
        window: On whose project they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._document = window, window.document
        self._dialog: PriorDialog | None = None
        self._drawing: PoseDrawing | None = None

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id in `limner_app.prior_actions.PRIOR_ACTIONS`."""
        return {
            "learn_prior": self.learn,
            "draw_poses": lambda: self._window.flows.start(self._draw()),
        }

    def learn(self) -> PriorDialog | None:
        """Open the flow from unlabelled videos and loose poses to a run."""
        from limner_app.prior_dialog import PriorDialog, PriorParts

        window = self._window
        if self._document.project is None:
            return None
        if self._dialog is None:
            crops = window.commands.crops
            parts = PriorParts(
                self._document,
                window.client,
                window.flows,
                window.training,
                crops.ask,
                self._edit_skeleton,
            )
            self._dialog = PriorDialog(parts, window)
            self._dialog.starting.connect(lambda: window.show_place("learn"))
            self._dialog.started.connect(self._follow)
            self._dialog.destroyed.connect(self._gone)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()
        return self._dialog

    def _gone(self) -> None:
        self._dialog = None

    def _edit_skeleton(self, content: SkeletonFile | None) -> None:
        editor = self._window.commands.places.edit_skeleton()
        if content is not None:
            editor.use(content)

    def _follow(self, folder: Path) -> None:
        """Show the run in Learn, whose form then proposes the same."""
        from limner_app.views.training_panel import TrainingPanel

        self._window.show_place("learn")
        panel = self._window.stack.view("learn")
        assert isinstance(panel, TrainingPanel)
        panel.form.set_value("method", METHOD)
        project, run = self._document.project, self._window.training.run
        if project is not None and run is not None:
            panel.form.set_value("prior", run.config.prior)
        panel.follow(folder)

    async def _draw(self) -> None:
        """Open the pose editor on the project's skeleton, over crops of the video on screen."""
        from limner_app.views.prior_drawing import PoseDrawing
        from limner_app.views.skeleton_layout import layout_of

        document = self._document
        if not document.skeleton.names:
            document.message.emit(
                "warning",
                self.tr("The project has no skeleton of which poses could be drawn."),
                self.tr("Choose one in Label > Skeleton templates."),
            )
            return
        pictures = [(self.tr("Frame {n}").format(n=n), p) for n, p in await self._pictures()]
        if self._drawing is None:
            self._drawing = PoseDrawing(self._window)
            self._drawing.drawn.connect(self._keep)
        self._drawing.open(document.skeleton, layout_of(document), None, pictures)

    def _keep(self, prior: PosePrior) -> None:
        keep_prior(self._document, prior, {})
        words = self.tr("{n} poses are kept in the project as {name}")
        self._window.status.say(words.format(n=len(prior), name=prior.name))

    async def _pictures(self) -> list[tuple[int, Image]]:
        """Crops of some frames of the video on screen, to draw on."""
        from limner_app.views.frame_reading import FrameReading

        document = self._document
        video = document.video
        if video is None or video.missing:
            return []
        count = min(_BACKDROPS, video.frame_count)
        places = np.unique(np.linspace(0, video.frame_count - 1, count).round().astype(int))
        wanted = [(index, document.crop(index)) for index in places.tolist()]
        frames, found = FrameReading(), []
        try:
            for index, crop in wanted:
                try:
                    frame = await off_thread(frames.read, video.path, index)
                except FrameUnreadableError:
                    continue
                found.append((index, cut(frame, crop, _BACKDROP_PX)))
        finally:
            frames.close()
        return found
