"""Pictures of what has to do with pose priors, in a project of drawn figures alone.

No picture of a person is in them: videos and poses are drawn by ``tests/drawn_figures.py``, and a
run whose preview is shown has to have learned from such figures, too::

    python benchmarks/keypointgan_figures.py --videos 72 --frames 40 --out runs/figures
    python packaging/take_screenshots.py --pose-run runs/figures/RUN
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

# The figures are drawn by what the tests draw them with.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from drawn_figures import DrawnFigures, draw_prior, draw_videos, figure_skeleton

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from limner_app.main_window import MainWindow

VIDEOS, FRAMES, SIDE_PX = 4, 40, 256
POSES = 2000
SEED = 7
TRACED = tuple(range(45, 117, 4))
"""Frames on which the poses of the picture of the pose editor lie."""
NAME = "drawn figures"


class Photographing(Protocol):
    """What takes pictures of a window."""

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Let the window work until something is so."""

    def picture(self, window: MainWindow, name: str, part: QWidget | None = None) -> None:
        """Write a picture of a window, or of a part of it."""


class PosePictures:
    """Goes from drawn videos to the step about priors, the pose editor and a finished run.

    Args:
        window: Without a project.
        photographer: Takes the pictures.
        folder: For videos and priors.
    """

    def __init__(self, window: MainWindow, photographer: Photographing, folder: Path) -> None:
        self._window, self._photographer, self._folder = window, photographer, folder
        self._drawn = draw_videos(VIDEOS, FRAMES, SIDE_PX, SEED)
        self._prior = replace(draw_prior(POSES, SEED), name=NAME)

    def take(self, run: Path | None) -> None:
        """Write ``prior.png`` and ``poses.png``, and ``learn.png`` where there is a run.

        Args:
            run: Folder of a finished run on figures.
        """
        self._open()
        self._flow()
        self._editor()
        if run is not None:
            self._learned(run)

    def _open(self) -> None:
        """A project with the drawn videos, of which the whole picture is looked at."""
        from limner_app.settings import projects_folder
        from limner_engine.cropping import CropSetting
        from limner_engine.cropping.setting import PROJECT_SETTING

        document, wait = self._window.document, self._photographer.wait
        projects_folder().mkdir(exist_ok=True)
        document.create(projects_folder() / "figures.limner")
        project = document.project
        if project is None:
            raise RuntimeError("no project is open")
        project.set_setting(PROJECT_SETTING, CropSetting("whole").to_json())
        document.set_skeleton(figure_skeleton())
        self._window.open_videos(written(self._drawn, self._folder))
        wait(lambda: len(project.videos()) == VIDEOS, "the videos are in the project")
        wait(lambda: document.crop_track is not None, "the crop is known")

    def _flow(self) -> None:
        """The step about priors, its gallery beside crops of the videos."""
        from limner_app.prior_dialog import PriorDialog

        prior = self._folder / f"{NAME}.prior.npz"
        self._prior.save(prior)
        self._window.actions_by_id["learn_prior"].trigger()
        (dialog,) = self._window.findChildren(PriorDialog)
        wait, next_ = self._photographer.wait, dialog.foot.next
        next_.click()
        dialog.crop.propose("whole")
        wait(lambda: len(dialog.draft.crops) == VIDEOS, "crops of all videos are there")
        for step in (dialog.skeleton, dialog.prior):
            wait(next_.isEnabled, "the flow goes on")
            next_.click()
            if dialog.stack.currentWidget() is not step:
                raise RuntimeError(f"the step {step.title} is not on screen")
        dialog.prior.read_files([prior])
        wait(next_.isEnabled, "the poses are read")
        self._photographer.picture(self._window, "prior", dialog)
        dialog.close()

    def _editor(self) -> None:
        """The pose editor, with poses drawn upon crops."""
        from limner_app.views.pose_editor import PoseEditor

        crops = self._drawn.crops()
        editor = PoseEditor(
            figure_skeleton(),
            poses=self._drawn.joints_norm[list(TRACED)],
            backdrops=[(f"Crop {n + 1}", crops[row]) for n, row in enumerate(TRACED)],
            name="traced by hand",
            parent=self._window,
        )
        editor.show()
        self._photographer.picture(self._window, "poses", editor)
        editor.deleteLater()

    def _learned(self, run: Path) -> None:
        """A finished run in Learn."""
        from limner_app.prior_run import METHOD, keep_prior
        from limner_app.views.run_records import runs_folder
        from limner_app.views.training_panel import TrainingPanel
        from limner_engine.model_file import load_model, save_model
        from limner_training.run_folder import RunFolder

        window, document = self._window, self._window.document
        if document.project is None:
            raise RuntimeError("no project is open")
        number = keep_prior(document, self._prior, {})
        config = RunFolder.open(run).config
        # Under names that tell nothing of the computer the run was made on.
        copy = RunFolder.adopt(
            runs_folder(document.project.path) / run.name,
            replace(config, name=NAME, sources=("figures.npz",), prior=f"{NAME}.prior.npz"),
        )
        for name in ("events.jsonl", "preview.png"):
            shutil.copy(run / name, copy.path / name)
        model = load_model(run / "model.safetensors")
        save_model(copy.model_path, model.model, replace(model.info, name=NAME))
        document.set_model(copy.model_path)
        window.detector.detect_range(0, document.frame_count)
        self._photographer.wait(lambda: not window.detector.working, "the video is detected")
        window.show_place("learn")
        panel = window.stack.currentWidget()
        if not isinstance(panel, TrainingPanel):
            raise TypeError("Learn is not on screen")
        panel.form.set_value("method", METHOD)
        panel.learn_anew()
        if number is not None:
            panel.form.prior.choose_stored(number)
        panel.follow(copy.path)
        self._photographer.wait(lambda: not panel.preview.empty, "the run's preview is shown")
        self._photographer.picture(window, "learn")


def written(drawn: DrawnFigures, folder: Path) -> list[Path]:
    """The drawn videos as files, without the margin of learning."""
    from limner_engine.video.writer import VideoWriter

    crops, paths = drawn.crops(), []
    for number in range(int(drawn.video.max()) + 1):
        paths.append(folder / f"figure {number + 1}.mp4")
        with VideoWriter(paths[-1], SIDE_PX, SIDE_PX, Fraction(25, 2)) as writer:
            for crop in crops[drawn.video == number]:
                writer.write(np.ascontiguousarray(crop))
    return paths
