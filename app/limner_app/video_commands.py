"""Videos that the window writes: the dialogs that ask for them, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from limner_app.views.render_work import RenderWork

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow
    from limner_app.views.edit_view import EditView
    from limner_app.views.render_dialog import RenderDialog
    from limner_app.views.render_parts import RenderParts
    from limner_app.views.swap_dialog import SwapDialog


class VideoCommands(QObject):
    """Edit along a range, and swap. What is written goes on when its dialog is closed.

    Args:
        window: Over which the dialogs open, and whose bars tell of the work.
        edit_view: Goes to Edit and gives its view.

    Attributes:
        work: Writes the video.
    """

    def __init__(self, window: MainWindow, edit_view: Callable[[], EditView]) -> None:
        super().__init__(window)
        self._window, self._edit_view = window, edit_view
        self.work = RenderWork(window.client, window.flows, self)
        self._words = ""
        self._range_dialog: RenderDialog | None = None
        self._swap_dialog: SwapDialog | None = None
        self._parts: RenderParts | None = None
        self.work.began.connect(self._began)
        self.work.advanced.connect(lambda share: window.status.progress(share))
        self.work.written.connect(self._written)
        self.work.failed.connect(self._failed)
        self.work.ended.connect(self._ended)
        # The status bar shows one thing: when shorter work beside this one ends, it is back.
        window.detector.work_ended.connect(lambda: QTimer.singleShot(0, self._show_again))

    def edit_range(self) -> None:
        """Ask along which frames the edit on screen is to be made."""
        from limner_app.views.render_dialog import RenderDialog

        view = self._edit_view()
        edit = view.range_edit()
        if edit is None:
            self._window.status.say(self.tr("The landmarks of this frame are still looked for."))
            return
        if self._range_dialog is None:
            self._range_dialog = RenderDialog(self._made_parts(view), self._window)
            view.edits.edited.connect(self._follow)
        self._range_dialog.take(edit, self._window.timeline.selection)
        self._open(self._range_dialog)

    def swap(self) -> None:
        """Ask whose motion is to move whose looks."""
        from limner_app.views.swap_dialog import SwapDialog

        view = self._edit_view()
        if self._swap_dialog is None:
            self._swap_dialog = SwapDialog(self._made_parts(view), self._window)
        self._swap_dialog.propose(self._window.timeline.selection)
        self._open(self._swap_dialog)

    def _made_parts(self, view: EditView) -> RenderParts:
        from limner_app.views.frame_reading import FrameReading
        from limner_app.views.render_parts import RenderParts

        if self._parts is None:
            window = self._window
            self._parts = RenderParts(
                window.document,
                view.drawing.redrawer,
                view.crops,
                FrameReading(),
                window.flows,
                self.work,
            )
        return self._parts

    @staticmethod
    def _open(dialog: RenderDialog | SwapDialog) -> None:
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def _follow(self) -> None:
        edit = self._edit_view_shown().range_edit()
        if edit is not None and self._range_dialog is not None:
            self._range_dialog.follow(edit)

    def _edit_view_shown(self) -> EditView:
        from limner_app.views.edit_view import EditView

        view = self._window.stack.view("edit")
        assert isinstance(view, EditView)
        return view

    def _dialog_shown(self) -> bool:
        """Whether the dialog that asked for the video tells of it already."""
        dialogs = (self._range_dialog, self._swap_dialog)
        return any(d is not None and d is self.work.asker and d.isVisible() for d in dialogs)

    def _began(self, words: str) -> None:
        self._words = words
        self._show_again()
        self._window.actions_by_id.refresh()

    def _show_again(self) -> None:
        if self.work.working:
            self._window.status.begin(self._words, self.work.cancel)

    def _written(self, path: Path, frames: int) -> None:
        from limner_app.views.file_manager import show_in_folder

        if not self._dialog_shown():
            self._window.error_bar.tell(
                "info",
                self.tr("Written: {0} · {1} frames").format(path.name, frames),
                button=self.tr("Show in folder"),
                action=lambda: show_in_folder(path),
            )

    def _failed(self, message: str, mend: str) -> None:
        if not self._dialog_shown():
            self._window.error_bar.tell("error", message, mend)

    def _ended(self) -> None:
        if not self._window.detector.working:
            self._window.status.end()
        self._window.actions_by_id.refresh()
