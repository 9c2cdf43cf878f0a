"""What the actions of Edit and Learn do, and when they can be used."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from limner_app import training_client as states
from limner_app.video_commands import VideoCommands

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow
    from limner_app.views.edit_view import EditView
    from limner_app.views.skeleton_editor import SkeletonEditor
    from limner_app.views.training_panel import TrainingPanel


class PlaceCommands(QObject):
    """Handlers for Edit and Learn; the places are made when they are first needed.

    Args:
        window: On whose places they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.videos = VideoCommands(window, self.edit_view)
        self._skeleton: SkeletonEditor | None = None

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id in `limner_app.actions.ACTIONS`."""
        training = self._window.training
        return {
            "reset_all": lambda: self.edit_view().reset_all(),
            "reset_landmark": lambda: self.edit_view().reset_selected(),
            "pose_from": lambda: self.edit_view().bar.pose.ask(),
            "looks_from": lambda: self.edit_view().bar.looks.ask(),
            "edit_range": lambda: self.videos.edit_range(),
            "swap": lambda: self.videos.swap(),
            "divider": lambda _on: self.edit_view().toggle_divider(),
            "whole_frame": lambda _on: self.edit_view().toggle_whole_frame(),
            "network_only": lambda _on: self.edit_view().bar.network_only.toggle(),
            "copy_picture": lambda: self.edit_view().copy_picture(),
            "save_picture": lambda: self.edit_view().save_picture(),
            "fine_tune": lambda: self._learn().fine_tune(),
            "learn_anew": lambda: self._learn().learn_anew(),
            "start_run": lambda: self._learn().start_run(),
            "pause_run": training.pause,
            "resume_run": lambda: self._learn().resume_run(),
            "stop_run": training.stop,
            "skeleton": self.edit_skeleton,
        }

    def conditions(self) -> set[str]:
        """Which conditions of Edit and Learn hold now."""
        window, training = self._window, self._window.training
        holds = set(window.stack.abilities())
        if training.state in {states.STARTING, states.PREPARING, states.RUNNING}:
            holds.add("learning")
        if training.state in {states.PAUSING, states.PAUSED}:
            holds.add("resumable")
        if training.active and training.state != states.STOPPING:
            holds.add("stoppable")
        if not training.active and window.document.video is not None:
            holds.add("learnable")
            if window.document.model_path is not None:
                holds.add("tunable")
        return holds

    def edit_skeleton(self) -> SkeletonEditor:
        """Open the window in which landmarks are named, joined and paired."""
        from limner_app.views.skeleton_editor import SkeletonEditor

        if self._skeleton is None:
            self._skeleton = SkeletonEditor(self._window.document, self._window)
        self._skeleton.show()
        self._skeleton.raise_()
        self._skeleton.activateWindow()
        return self._skeleton

    def edit_view(self) -> EditView:
        """Go to Edit."""
        from limner_app.views.edit_view import EditView

        self._window.show_place("edit")
        view = self._window.stack.view("edit")
        assert isinstance(view, EditView)
        return view

    def _learn(self) -> TrainingPanel:
        from limner_app.views.training_panel import TrainingPanel

        self._window.show_place("learn")
        view = self._window.stack.view("learn")
        assert isinstance(view, TrainingPanel)
        return view
