"""Takes the pictures of the window that the documents show, from the drawn sample alone.

Opens the real window without a screen, detects the sample, drags a landmark in Edit, lets a small
network learn for a moment, and writes ``welcome.png``, ``inspect.png``, ``edit.png``,
``learn.png``, and the dialogs that write videos: ``range.png`` and ``swap.png``. In a project of
its own it labels a few frames with what the sample is drawn from, and writes ``names.png`` and
the dialog about crops, ``crop.png``. In another, with drawn figures, it writes the step about pose
priors, ``prior.png``, and the pose editor, ``poses.png``; a run that has learned from such figures
makes ``learn.png`` in place of the sample's (`pose_screenshots`).
Nothing of the person's own settings, projects or caches is read or changed::

    python packaging/take_screenshots.py --pose-run runs/figures/RUN
    python packaging/take_screenshots.py --out /tmp/looks --both-looks --learn-seconds 5
    python packaging/take_screenshots.py --out /tmp/looks --no-dialogs --no-names
    python packaging/take_screenshots.py --only-poses --pose-run runs/figures/RUN
    QT_SCALE_FACTOR=2 python packaging/take_screenshots.py --size 1280x720 --out /tmp/looks
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from limner_app.main_window import MainWindow
    from limner_app.training_client import TrainingClient
    from limner_app.views.edit_view import EditView

LOOKS = {
    "welcome": "light",
    "inspect": "light",
    "edit": "dark",
    "learn": "dark",
    "range": "dark",
    "swap": "light",
    "names": "light",
    "crop": "light",
    "prior": "light",
    "poses": "dark",
}
"""Which look each shipped picture has."""
SCREENSHOTS = Path(__file__).resolve().parent.parent / "docs" / "screenshots"
PATIENCE_S = 600.0
SETTLE_S = 2.0
"""Thumbnails and curves come a little later than the frame."""
LABELLED = (20, 96, 180)
SHOWN = 148
EDITED = 60
NAMED = (4, 39, 74, 109, 144, 179, 214, 243)
"""Frames that are labelled for the picture of names."""
UNLABELLED = 127
DRAG_SHARE = 0.06
"""How far a landmark is dragged in Edit, as a share of the crop's side."""


class Photographer:
    """Goes through the places of one window and pictures them.

    Args:
        out: Folder of the pictures.
        size: Of the window, pixels.
        both_looks: Take each picture light and dark, named ``<view>-<look>.png``.
        dialogs: Also picture the dialogs that write videos.
        names: Also picture named landmarks and the dialog about crops.
        poses: Also picture the step about pose priors and the pose editor.
    """

    def __init__(
        self,
        out: Path,
        size: tuple[int, int],
        both_looks: bool,
        *,
        dialogs: bool = True,
        names: bool = True,
        poses: bool = True,
    ) -> None:
        self._out, self._size, self._both = out, size, both_looks
        self._dialogs, self._names, self._poses = dialogs, names, poses
        self._told: Callable[[], str] = str

    def take_all(
        self, model: Path | None, learn_seconds: float, pose_run: Path | None = None
    ) -> None:
        """All pictures.

        Args:
            model: Finds and draws the landmarks; the sample's own if not given.
            learn_seconds: How long the run of ``learn.png`` lasts.
            pose_run: Folder of a finished run on drawn figures, for ``learn.png``.
        """
        from limner_app import window as starting
        from limner_resources import sample_video

        window = starting.open_window([sample_video()], size=self._size)
        document = window.document
        self._told = lambda: window.error_bar.text.text()
        self.wait(lambda: document.crop_track is not None, "the sample's crop is found")
        self.wait(lambda: not window.detector.working, "the sample is prepared")
        if model is not None:
            document.set_model(model.resolve())
        self.wait(lambda: "model" in document.landmarks().origin, "landmarks are found")
        self._inspect(window)
        self._edit(window)
        if pose_run is None:
            self._learn(window, learn_seconds)
        self._close(window)
        window = starting.open_window(size=self._size)
        self.picture(window, "welcome")
        if self._names:
            self._name(window)
        self._close(window)
        if self._poses:
            self.take_poses(pose_run)

    def take_poses(self, run: Path | None) -> None:
        """Pictures of what has to do with pose priors.

        Args:
            run: Folder of a finished run on drawn figures; none is pictured if not given.
        """
        from pose_screenshots import PosePictures

        from limner_app import window as starting

        with tempfile.TemporaryDirectory() as folder:
            window = starting.open_window(size=self._size)
            self._told = lambda: window.error_bar.text.text()
            PosePictures(window, self, Path(folder)).take(run)
            self._close(window)

    def _inspect(self, window: MainWindow) -> None:
        document = window.document
        window.detector.detect_range(0, document.frame_count)
        self.wait(lambda: not window.detector.working, "the whole sample is detected")
        for frame in LABELLED:
            self._go(window, frame)
            document.accept()
        self._go(window, SHOWN)
        known = document.landmarks()
        for landmark in range(0, len(known), 5):
            x, y = known.points[landmark].tolist()
            document.move(landmark, x, y)
        window.error_bar.clear()
        window.appearance.show_overlay("crop", False)
        document.select(min(2, len(known) - 1))
        window.panels.wish("trajectories", True)
        self.picture(window, "inspect")
        window.panels.wish("trajectories", False)

    def _edit(self, window: MainWindow) -> None:
        from limner_app.views.edit_view import EditView

        self._go(window, EDITED)
        window.show_place("edit")
        view = window.stack.currentWidget()
        if not isinstance(view, EditView):
            raise TypeError("Edit is not on screen")
        self.wait(lambda: view.drawing.found is not None, "the engine holds the frame")
        self._drag(window, view)
        self.wait(lambda: view.drawing.patch is not None, "the picture is redrawn")
        self.picture(window, "edit")
        if self._dialogs:
            self._write_videos(window)

    def _write_videos(self, window: MainWindow) -> None:
        """The dialogs that write videos, with what they preview."""
        from limner_app.views.render_dialog import RenderDialog
        from limner_app.views.swap_dialog import SwapDialog

        window.actions_by_id["edit_range"].trigger()
        (along,) = window.findChildren(RenderDialog)
        self.wait(lambda: not along.previewing, "the edit along a range is drawn")
        # What is proposed tells of the computer the pictures are taken on.
        along.file.set_path(Path("Videos", "sample-edited.mp4"))
        self.picture(window, "range", along)
        along.hide()
        window.actions_by_id["swap"].trigger()
        (swap,) = window.findChildren(SwapDialog)
        self.wait(lambda: not swap.previewing, "the swap is drawn")
        swap.settings.file.set_path(Path("Videos", "sample-moved-by-sample.mp4"))
        self.picture(window, "swap", swap)
        swap.hide()

    def _drag(self, window: MainWindow, view: EditView) -> None:
        """Move the topmost landmark outwards, as a person would."""
        found = view.drawing.found
        if found is None or not len(found):
            raise RuntimeError("the model finds no landmarks to drag")
        highest = int(found[:, 1].argmin())
        side = window.document.crop().side_px
        window.document.select(highest)
        view.nudge(-DRAG_SHARE * side, -DRAG_SHARE * side / 2)

    def _learn(self, window: MainWindow, seconds: float) -> None:
        from limner_app.views.run_records import runs_folder
        from limner_app.views.training_panel import TrainingPanel

        window.show_place("learn")
        panel = window.stack.currentWidget()
        if not isinstance(panel, TrainingPanel):
            raise TypeError("Learn is not on screen")
        panel.learn_anew()
        training, project = window.training, window.document.project
        if project is None:
            raise RuntimeError("no project is open")
        # Shorter and with more previews than the form offers, which keeps what it says. Learning
        # the colours of the frames takes longer than such a run: the shipped network compares.
        config = replace(
            panel.form.config(),
            minutes=seconds / 60,
            preview_seconds=seconds / 12,
            colour_steps=0,
        )
        panel.follow(training.start(config, runs_folder(project.path)).path)
        self.wait(lambda: training.active, "learning begins")
        self._wait_for_the_end(training)
        if training.failure:
            raise RuntimeError(training.failure)
        self.picture(window, "learn")

    def _name(self, window: MainWindow) -> None:
        """A project in which a few frames are labelled; needs a window without one."""
        from limner_app.settings import projects_folder
        from limner_engine.formats.skeleton_file import parsed
        from limner_resources import sample_landmarks, sample_video, skeleton_templates

        document, namer = window.document, window.namer
        projects_folder().mkdir(exist_ok=True)
        document.create(projects_folder() / "fox.limner")
        window.open_videos([sample_video()])
        self.wait(lambda: document.crop_track is not None, "the sample's crop is found")
        self.wait(lambda: "model" in document.landmarks().origin, "landmarks are found")
        template = parsed(skeleton_templates()["sample"], "sample")
        document.set_skeleton(template.skeleton)
        truth = sample_landmarks()
        for frame in NAMED:
            self._go(window, frame)
            for landmark, (x, y) in enumerate(truth.points_px[frame].tolist()):
                if truth.visible[frame, landmark]:
                    document.place(landmark, x, y)
        self._go(window, UNLABELLED)
        window.panels.docks["names"].raise_()
        self.wait(lambda: namer.second.process.active, "the network begins to learn the names")
        self._wait_for_the_end(namer.second.process)
        if namer.second.process.failure:
            raise RuntimeError(namer.second.process.failure)
        self.wait(lambda: bool(namer.figures.stated), "confidence is measured")
        self.wait(lambda: not namer.sweep.working, "the whole sample is named")
        self.wait(lambda: bool(window.queue.entries), "frames to label are chosen")
        window.appearance.show_overlay("crop", False)
        self.picture(window, "names")
        self._crop(window)

    def _crop(self, window: MainWindow) -> None:
        from limner_app.crop_dialog import CropDialog

        window.actions_by_id["crop_dialog"].trigger()
        (dialog,) = window.findChildren(CropDialog)
        self.wait(lambda: not dialog.working, "the crop of the sample is shown")
        self.picture(window, "crop", dialog)
        dialog.close()

    def _go(self, window: MainWindow, frame: int) -> None:
        window.document.show(frame)
        self.wait(lambda: window.document.frame_index == frame, f"frame {frame} is on screen")

    def picture(self, window: MainWindow, name: str, part: QWidget | None = None) -> None:
        """Write a picture of the window, or of a part of it, in each look that is wanted."""
        from limner_app.window import wait_until

        for look in ("light", "dark") if self._both else (LOOKS[name],):
            window.appearance.set_theme(look)
            window.setFocus()
            wait_until(lambda: False, SETTLE_S)
            path = self._out / (f"{name}-{look}.png" if self._both else f"{name}.png")
            beside = path.with_name(f".{path.stem}.part.png")
            if not (part or window).grab().save(str(beside)):
                raise RuntimeError(f"{path} cannot be written")
            beside.replace(path)
            print(path)

    def _wait_for_the_end(self, training: TrainingClient) -> None:
        """Wait for a run as long as it says anything.

        It gives way to all other work, so that on a busy machine starting, reading and measuring
        take many times as long as learning does.
        """
        from limner_app.window import wait_until

        heard_at_s = time.monotonic()

        def hear(_event: object) -> None:
            nonlocal heard_at_s
            heard_at_s = time.monotonic()

        def over() -> bool:
            return not training.active or time.monotonic() - heard_at_s > PATIENCE_S

        training.event_heard.connect(hear)
        wait_until(over, math.inf)
        training.event_heard.disconnect(hear)
        if training.active:
            raise RuntimeError(f"the run has said nothing for {PATIENCE_S:.0f} s")

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Let the window work until something is so.

        Raises:
            RuntimeError: It takes too long.
        """
        from limner_app.window import wait_until

        if not wait_until(condition, PATIENCE_S):
            raise RuntimeError(f"waited in vain until {what}. {self._told()}")

    def _close(self, window: MainWindow) -> None:
        window.close()
        self.wait(window.closed.is_set, "the window has closed")
        asyncio.get_event_loop().close()


def main(words: Sequence[str] | None = None) -> int:
    """Read the words and take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--out", type=Path, default=SCREENSHOTS)
    parser.add_argument("--model", type=Path, help="the sample's own model if not given")
    parser.add_argument("--size", default="1366x768")
    parser.add_argument("--learn-seconds", type=float, default=20.0)
    parser.add_argument("--both-looks", action="store_true", help="each view light and dark")
    parser.add_argument(
        "--dialogs",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="picture those that write videos",
    )
    parser.add_argument(
        "--names",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="picture named landmarks, which takes some minutes, and the dialog about crops",
    )
    parser.add_argument(
        "--poses",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="picture the step about pose priors and the pose editor",
    )
    parser.add_argument("--only-poses", action="store_true", help="picture nothing else")
    parser.add_argument(
        "--pose-run",
        type=Path,
        metavar="FOLDER",
        help="a finished run on drawn figures, for learn.png; the sample is learned if not given",
    )
    chosen = parser.parse_args(words)
    width, _, height = chosen.size.partition("x")
    chosen.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # Set before the program is imported, so that nothing of the person's own is touched.
        os.environ["LIMNER_CONFIG"] = os.environ["LIMNER_CACHE"] = folder
        photographer = Photographer(
            chosen.out,
            (int(width), int(height)),
            chosen.both_looks,
            dialogs=chosen.dialogs,
            names=chosen.names,
            poses=chosen.poses,
        )
        if chosen.only_poses:
            photographer.take_poses(chosen.pose_run)
        else:
            photographer.take_all(chosen.model, chosen.learn_seconds, chosen.pose_run)
    return 0


if __name__ == "__main__":
    sys.exit(main())
