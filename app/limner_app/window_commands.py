"""What each action of the table does in the window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMenu

from limner_app.appearance import OVERLAYS
from limner_app.crop_commands import CropCommands
from limner_app.going import Going
from limner_app.naming_commands import NamingCommands
from limner_app.place_commands import PlaceCommands
from limner_app.prior_commands import PriorCommands
from limner_app.review import Review
from limner_app.warp_commands import WarpCommands
from limner_engine.project import SUFFIX

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow

VIDEO_ENDINGS = ("mp4", "mov", "avi", "mkv", "webm", "m4v", "mpg", "mpeg", "ts", "wmv", "gif")
_ZOOM_STEP = 1.25


class Commands(QObject):
    """The handlers of the table, and the conditions under which they can be used.

    Args:
        window: On whose parts they work.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.document = window.document
        self.places = PlaceCommands(window)
        self.crops = CropCommands(window)
        self.review = Review(window)
        self.going = Going(window)
        self.naming = NamingCommands(window.namer)
        self.priors = PriorCommands(window)
        self.warps = WarpCommands(window)
        self._missing = False
        self.document.project_changed.connect(self._look_for_missing)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """What each action does, by its id in `limner_app.actions.ACTIONS`."""
        window, document = self._window, self.document
        view = window.frame_view
        made: dict[str, Callable[..., object]] = {
            "open_videos": self.ask_videos,
            "open_sample": window.open_sample,
            "new_project": self.ask_new_project,
            "open_project": self.ask_project,
            "backup": self.ask_backup,
            "find_moved": self.ask_moved,
            "remove_video": self.remove_video,
            "import_labels": self.ask_import,
            "export": self.ask_export,
            "quit": window.close,
            "undo": lambda: self.step_history(True),
            "redo": lambda: self.step_history(False),
            "delete": self.delete,
            "delete_frame": lambda: document.delete(),
            "copy_previous": self.copy_previous,
            "search": lambda: window.palette_box.open(),
            "fit": view.fit,
            "zoom_in": lambda: view.zoom(_ZOOM_STEP),
            "zoom_out": lambda: view.zoom(1 / _ZOOM_STEP),
            "actual_size": lambda: view.zoom_to(1.0),
            "reset_layout": lambda: window.panels.arrange(),
            "hide": self.hide,
            "next_landmark": lambda: self.select_step(1),
            "previous_landmark": lambda: self.select_step(-1),
            "rename": lambda: window.landmark_table.rename_selected(),
            **self.crops.handlers(),
            "detect_frame": lambda: window.detector.detect_frame(),
            "detect_range": self.detect_range,
            "detect_all": lambda: window.detector.detect_range(0, document.frame_count),
            "cancel": self.cancel,
            "add_model": self.ask_model,
            "shortcuts": self.show_shortcuts,
            "about": self.show_about,
        }
        made.update(self.places.handlers())
        made.update(self.review.handlers())
        made.update(self.going.handlers())
        made.update(self.naming.handlers())
        made.update(self.priors.handlers())
        made.update(self.warps.handlers())
        for name in ("inspect", "edit", "learn", "warp"):
            made[name] = lambda to=name: window.show_place(to)
        for name in OVERLAYS:
            made[f"show_{name}"] = lambda on, what=name: window.appearance.show_overlay(what, on)
        for name in ("videos", "landmarks", "names", "timeline", "trajectories"):
            made[f"panel_{name}"] = lambda on, what=name: window.panels.wish(what, on)
        for name in ("system", "light", "dark"):
            made[f"theme_{name}"] = lambda _on, mode=name: window.appearance.set_theme(mode)
        return made

    def conditions(self) -> set[str]:
        """Which of the table's conditions hold now."""
        document, window = self.document, self._window
        holds: set[str] = set()
        project = document.project
        undo, redo = window.history_texts()
        if undo is not None:
            holds.add("undo")
        if redo is not None:
            holds.add("redo")
        writing = self.places.videos.work.working
        sweeping = window.namer.sweep.working
        if (
            window.detector.working
            or sweeping
            or writing
            or window.frame_view.tool is window.crop_tool
        ):
            holds.add("work")
        if project is None:
            return holds
        holds.add("project")
        holds |= self.places.conditions() | self.review.conditions() | self.naming.conditions()
        if self._missing:
            holds.add("missing")
        if document.video is not None:
            holds.add("video")
            if document.selected is not None:
                holds.add("landmark")
            if document.model_path is not None:
                holds.add("model")
                if window.timeline.selection is not None:
                    holds.add("range")
        return holds

    def _look_for_missing(self) -> None:
        # Asking the disk for each video is too slow for every change that enables actions.
        project = self.document.project
        self._missing = project is not None and any(v.missing for v in project.videos())

    # --- files ---------------------------------------------------------------------------

    def _endings(self) -> str:
        return " ".join(f"*.{ending}" for ending in VIDEO_ENDINGS)

    def ask_videos(self) -> None:
        """Ask for videos and open them."""
        names, _ = QFileDialog.getOpenFileNames(
            self._window,
            self.tr("Open videos"),
            "",
            self.tr("Videos ({endings});;All files (*)").format(endings=self._endings()),
        )
        if names:
            self._window.open_videos([Path(name) for name in names])

    def ask_project(self) -> None:
        """Ask for a project and open it."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Open project"), "", self.tr("Projects (*.limner)")
        )
        if name:
            self._window.open_project(Path(name))

    def ask_new_project(self) -> None:
        """Ask where a new project shall be and make it."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("New project"), "", self.tr("Projects (*.limner)")
        )
        if name:
            path = Path(name)
            # The dialog has asked already whether an older one may go.
            path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
            self.document.create(path)

    def ask_backup(self) -> None:
        """Ask where a copy of the project shall be and write it."""
        project = self.document.project
        if project is None:
            return
        name, _ = QFileDialog.getSaveFileName(
            self._window,
            self.tr("Back up project"),
            f"{project.path.stem}-backup{SUFFIX}",
            self.tr("Projects (*.limner)"),
        )
        if name:
            project.backup(Path(name))
            self._window.status.say(self.tr("Backed up to {path}").format(path=name))

    def ask_moved(self) -> None:
        """Ask where a moved video is now."""
        project, video_id = self.document.project, self._window.video_list.missing_selected()
        if project is None or video_id is None:
            return
        video = project.video(video_id)
        name, _ = QFileDialog.getOpenFileName(
            self._window,
            self.tr("Where is {name} now?").format(name=video.path.name),
            str(video.path.parent if video.path.parent.is_dir() else Path.home()),
            self.tr("Videos ({endings});;All files (*)").format(endings=self._endings()),
        )
        if name:
            self.document.relink(video_id, Path(name))

    def remove_video(self) -> None:
        """Take the video on screen out of the project; undo brings it back."""
        if self.document.video is not None:
            self.document.remove_video(self.document.video.id)

    def ask_export(self) -> None:
        """Ask which videos go into which table and write it."""
        from limner_app.export_dialog import ExportDialog

        ExportDialog(self.document, self._window.status.say, self._window).open()

    def ask_import(self) -> None:
        """Ask which labels of other programs come into the project, and take them."""
        from limner_app.import_dialog import ImportDialog

        if self.document.project is None:
            self.ask_new_project()
        if self.document.project is not None:
            dialog = ImportDialog(self.document, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    def ask_model(self) -> None:
        """Ask for a model file and make it the current one."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Add a model"), "", self.tr("Models (*.safetensors)")
        )
        if name:
            self.document.set_model(Path(name))

    # --- landmarks -----------------------------------------------------------------------

    def step_history(self, back: bool) -> None:
        """Undo or redo, in the view where that belongs."""
        view = self._window.stack.history()
        if view is not None:
            text = view.undo() if back else view.redo()
        else:
            text = self.document.undo() if back else self.document.redo()
        if text is not None:
            words = self.tr("Undone: {text}") if back else self.tr("Redone: {text}")
            self._window.status.say(words.format(text=text))

    def delete(self) -> None:
        """Delete the selected landmark's annotation, or all of the frame if none is selected."""
        selected = self.document.selected
        self.document.delete(None if selected is None else [selected])

    def copy_previous(self) -> None:
        """Copy from the nearest annotated frame before."""
        if not self.document.copy_previous():
            self._window.status.say(
                self.tr("These are separate pictures; none comes before another")
                if self.document.gathered
                else self.tr("No annotated frame before this one")
            )

    def hide(self) -> None:
        """Hide or show the selected landmark."""
        selected = self.document.selected
        if selected is not None:
            self.document.hide(selected, bool(self.document.landmarks().visible[selected]))

    def select_step(self, count: int) -> None:
        """Select the landmark before or after the selected one."""
        total = len(self.document.skeleton.names)
        if total:
            now = self.document.selected
            start = (0 if count > 0 else total - 1) if now is None else (now + count) % total
            self.document.select(start)

    def fill_templates(self, menu: QMenu) -> None:
        """Offer the skeletons that ship with the program."""
        from limner_resources import skeleton_templates

        inner = menu.addMenu(self.tr("Skeleton templates"))
        for key, template in skeleton_templates().items():
            inner.addAction(str(template["title"]), partial(self.use_template, key))

    def use_template(self, key: str) -> None:
        """Take over a skeleton that ships with the program; asks where that costs labels."""
        from limner_app.views.skeleton_edits import SkeletonEdits
        from limner_engine.formats.skeleton_file import parsed
        from limner_resources import skeleton_templates

        if self.document.project is None:
            return
        edits, content = SkeletonEdits(self.document), parsed(skeleton_templates()[key], key)
        made, text = edits.replacement(content)
        if edits.price(made):
            self.places.edit_skeleton().use(content)
        else:
            edits.take_layout(content)
            edits.apply(made, text)

    def detect_range(self) -> None:
        """Detect the range that is selected on the timeline."""
        if self._window.timeline.selection is not None:
            self._window.detector.detect_range(*self._window.timeline.selection)

    def show_shortcuts(self) -> None:
        """The list of keys."""
        from limner_app.shortcuts import ShortcutList

        listed = ShortcutList(self._window)
        listed.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        listed.show()

    def show_about(self) -> None:
        """Which version this is."""
        from importlib.metadata import version

        words = self.tr("Limner {version}, Apache-2.0.").format(version=version("limner"))
        self._window.error_bar.tell("info", words)

    def cancel(self) -> None:
        """End long work, or put a tool away."""
        if self._window.frame_view.tool is self._window.crop_tool:
            self._window.use_crop_tool(False)
        elif self._window.detector.working:
            self._window.detector.cancel()
        elif self._window.namer.sweep.working:
            self._window.namer.sweep.cancel()
        else:
            self.places.videos.work.cancel()
