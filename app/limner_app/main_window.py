"""The main window: it wires the parts together and decides nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QMainWindow,
    QMenuBar,
    QVBoxLayout,
    QWidget,
)

from limner_app import theme
from limner_app.action_set import ActionSet
from limner_app.appearance import Appearance
from limner_app.command_palette import CommandPalette
from limner_app.detecting import Detector
from limner_app.document import Document
from limner_app.engine_client import EngineClient, EngineState
from limner_app.error_bar import ErrorBar
from limner_app.flows import Flows
from limner_app.label_queue import LabelQueue
from limner_app.naming import Namer
from limner_app.opening import Opening
from limner_app.panels import Panels
from limner_app.place_stack import PlaceStack
from limner_app.settings import remember_project
from limner_app.status_bar import StatusBar
from limner_app.tools.crop import CropTool
from limner_app.tools.label import LabelTool
from limner_app.top_bar import TopBar
from limner_app.training_client import TrainingClient
from limner_app.views.frame_view import FrameView
from limner_app.views.landmark_table import LandmarkTable
from limner_app.views.naming_panel import NamingPanel
from limner_app.views.timeline import Timeline
from limner_app.views.trajectory_view import TrajectoryView
from limner_app.views.transport import Player, Transport
from limner_app.views.video_list import VideoList
from limner_app.views.welcome import Welcome
from limner_app.window_commands import Commands
from limner_app.window_messages import Messages
from limner_resources import bundled_models, sample_video

_WARM_AFTER_MS = 150
"""The window itself comes first."""


class MainWindow(QMainWindow):
    """The window.

    Args:
        client: The engine's client; made here if not given.

    Attributes:
        document: The open project, video and frame.
    """

    def __init__(self, client: EngineClient | None = None) -> None:
        super().__init__()
        self.setWindowTitle("Limner")
        self._warmed = False
        self._warming = QTimer(self, singleShot=True, interval=_WARM_AFTER_MS)
        self._warming.timeout.connect(lambda: self.flows.start(self._warm()))
        self.setAcceptDrops(True)
        self.setMinimumSize(QSize(900, 560))
        self.closed: asyncio.Event = asyncio.Event()
        self.messages = Messages(self)
        self.flows: Flows = Flows(self.messages.report)
        self.document: Document = Document(self)
        self.client = client or EngineClient(on_state=self._engine_state)
        self.training = TrainingClient(self)
        self.detector = Detector(
            self.document, self.client, self.flows, bundled_models, sample_video()
        )
        self.namer = Namer(self.document, self.client, self.flows)
        self.queue = LabelQueue(self.document, self.namer, self.flows)
        self.frame_view = FrameView(self.document)
        self.label_tool, self.crop_tool = LabelTool(self.frame_view), CropTool(self.frame_view)
        self.frame_view.tool = self.label_tool
        self.player = Player(self.document, self)
        self.timeline = Timeline(self.document)
        self.stack = PlaceStack(self)
        self.opening = Opening(self)
        self.commands = Commands(self)
        self.appearance = Appearance(self)
        self.actions_by_id = ActionSet(self, self.commands.handlers(), self.commands.conditions)
        self._build()
        self._connect()
        self._restore()

    def _build(self) -> None:
        actions = self.actions_by_id
        # Not Qt's own menuBar(): asked for later, that would make another one over the top bar.
        self.menu_bar = QMenuBar()
        menus = actions.fill(self.menu_bar)
        self.commands.fill_templates(menus["Label"])
        self.top = TopBar(self.document, actions, self.opening.known_models, self.open_project)
        self.welcome = Welcome(actions)
        self.error_bar = ErrorBar()
        self.stack.addWidget(self.welcome)
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.error_bar)
        column.addWidget(self.stack, 1)
        self.setCentralWidget(middle)
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(0)
        head.addWidget(self.menu_bar)
        head.addWidget(self.top)
        self.setMenuWidget(self._head)
        self.status = StatusBar()
        self.setStatusBar(self.status)
        self.video_list = VideoList(self.document, actions, self.queue)
        self.landmark_table = LandmarkTable(self.document, actions)
        self.naming_panel = NamingPanel(self.namer, actions)
        self.trajectories = TrajectoryView(self.document, actions)
        self.transport = Transport(self.document, self.player, actions)
        strip = QWidget()
        rows = QVBoxLayout(strip)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.GRID)
        rows.addWidget(self.transport)
        rows.addWidget(self.timeline)
        strip.setFixedHeight(strip.sizeHint().height())
        self.panels = Panels(
            self,
            {
                "videos": (self.video_list, self.tr("Videos")),
                "landmarks": (self.landmark_table, self.tr("Landmarks")),
                "names": (self.naming_panel, self.tr("Names")),
                "timeline": (strip, self.tr("Timeline")),
                "trajectories": (self.trajectories, self.tr("Trajectories")),
            },
            actions,
        )
        self.palette_box = CommandPalette(actions, self)

    def _connect(self) -> None:
        document, detector = self.document, self.detector
        refresh = self.actions_by_id.refresh
        for signal in (
            document.project_changed,
            document.video_changed,
            document.history_changed,
            document.models_changed,
            self.timeline.range_changed,
            detector.work_ended,
        ):
            signal.connect(refresh)
        document.selection_changed.connect(refresh)
        detector.work_began.connect(refresh)
        document.history_changed.connect(self._name_history)
        document.project_changed.connect(self._project_changed)
        document.video_changed.connect(self._video_changed)
        document.frame_changed.connect(self._frame_changed)
        document.message.connect(self.messages.tell)
        document.crop_changed.connect(self.messages.crop_changed)
        document.models_changed.connect(self.messages.models_changed)
        self.frame_view.play_wished.connect(self.player.toggle)
        self.player.playing_changed.connect(self._playing_changed)
        self.welcome.project_chosen.connect(self.open_project)
        detector.work_began.connect(lambda text: self._work_began(text))
        detector.work_progress.connect(self.status.progress)
        detector.work_ended.connect(self.status.end)
        detector.frame_detected.connect(self.messages.offer_detection)
        detector.frame_detected.connect(self._show_engine)
        detector.work_ended.connect(lambda: self._show_engine(timed=False))
        sweep = self.namer.sweep
        sweep.began.connect(lambda text: self._work_began(text, sweep.cancel))
        sweep.progressed.connect(self.status.progress)
        sweep.ended.connect(self.status.end)
        self.namer.changed.connect(self._show_names)
        self.queue.changed.connect(lambda: self.timeline.suggest(self.queue.frames_here()))
        self.queue.changed.connect(refresh)
        self.stack.engine_used.connect(self._show_engine)
        self.training.event_heard.connect(self._show_learning)
        self.training.state_changed.connect(self._show_learning)
        detector.no_model_fits.connect(self.messages.no_model)
        detector.range_detected.connect(self.messages.range_done)
        self.stack.history_changed.connect(self._name_history)
        self.stack.history_changed.connect(refresh)
        self.stack.abilities_changed.connect(refresh)
        self.training.state_changed.connect(refresh)

    def _restore(self) -> None:
        self.appearance.restore()
        if not self.panels.restore():
            self.resize(1366, 768)
        self.show_welcome()

    # --- opening -------------------------------------------------------------------------

    def open_videos(self, paths: Sequence[Path]) -> asyncio.Task[None]:
        """Open videos: into the open project, else into one made for them."""
        return self.opening.videos(paths)

    def open_sample(self) -> None:
        """Open the sample clip in a project of its own."""
        self.opening.sample()

    def open_project(self, path: Path) -> None:
        """Open a project."""
        self.document.open(path)

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open whatever was dropped or named on the command line."""
        self.opening.paths(paths)

    # --- places --------------------------------------------------------------------------

    def show_place(self, place_id: str) -> None:
        """Go to one of the places: ``inspect``, ``edit``, ``learn`` or ``warp``."""
        if self.document.project is None:
            return
        place = self.stack.visit(place_id)
        self.top.show_place(place_id)
        if self.error_bar.level == "info" and place_id != "inspect":
            self.error_bar.clear()
        self.status.set_hint(QCoreApplication.translate("places", place.hint))
        self.detector.set_watching(place_id == "inspect")
        self.panels.set_place(place.panels)
        self.actions_by_id.refresh()

    def show_welcome(self) -> None:
        """Show the page that is seen before a project is open."""
        self.welcome.reload()
        self.stack.leave(self.welcome)
        self.panels.set_place(frozenset())
        self.actions_by_id.refresh()

    def history_texts(self) -> tuple[str | None, str | None]:
        """What undo and redo would do now, in words."""
        own = self.stack.history()
        if own is not None:
            return own.undo_text, own.redo_text
        project = self.document.project
        return (None, None) if project is None else (project.undo_text, project.redo_text)

    def use_crop_tool(self, on: bool) -> None:
        """Take the crop tool in hand, or put it away."""
        self.frame_view.tool = self.crop_tool if on else self.label_tool
        self.frame_view.unsetCursor()
        self.frame_view.update()
        self.actions_by_id["crop_tool"].setChecked(on)
        self.actions_by_id.refresh()
        if on:
            self.show_place("inspect")
            self.status.say(self.tr("Drag the box or its corners; Esc when done"), 0)
        else:
            self.status.clearMessage()

    def focus_frame_number(self) -> None:
        """Type the number of a frame to go to."""
        self.transport.frame.setFocus()
        self.transport.frame.selectAll()

    # --- what follows from changes -------------------------------------------------------

    def _name_history(self) -> None:
        undo, redo = self.history_texts()
        for name, head, text in (
            ("undo", self.tr("Undo"), undo),
            ("redo", self.tr("Redo"), redo),
        ):
            words = f"{head}: {text}" if text else head
            self.actions_by_id[name].setText(words.replace("&", "&&"))

    def _project_changed(self) -> None:
        project = self.document.project
        if project is None:
            self.setWindowTitle("Limner")
            return
        self.setWindowTitle(f"{project.path.stem} – Limner")
        remember_project(project.path)
        if not self.stack.current:
            self.show_place("inspect")

    def _video_changed(self) -> None:
        self.error_bar.clear()
        self._frame_changed(self.document.frame_index)

    def _frame_changed(self, frame_index: int) -> None:
        there = self.document.video is not None
        self.panels.titles["landmarks"].note.setText(
            self.tr("frame {n}").format(n=frame_index) if there else ""
        )
        # Whoever scrubs or plays wants every frame at once; learning goes on a moment later.
        self.training.yield_to_person()

    def _work_began(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        self.status.begin(text, cancel or self.detector.cancel)
        if self.error_bar.level == "info":
            self.error_bar.clear()  # what it offered is being done, or is of no interest now

    def _playing_changed(self, playing: bool) -> None:
        self.detector.set_playing(playing)
        self.namer.sweep.set_resting(playing)

    def _engine_state(self, state: EngineState) -> None:
        self.messages.engine_state(state)

    def _show_engine(self, timed: bool = True) -> None:
        client = self.client
        # After a range the last answer's time is that of the whole range.
        last_ms = client.last_ms if timed else float("nan")
        self.top.set_engine(client.state.kind, client.label, last_ms, client.state.message)

    def _show_learning(self) -> None:
        share = self.training.share
        self.top.set_learning(self.training.active, 0.0 if share is None else share)

    def _show_names(self) -> None:
        self.panels.titles["names"].note.setText(self.naming_panel.note())
        self.actions_by_id["name_landmarks"].setChecked(self.namer.on)
        self.actions_by_id.refresh()

    # --- Qt's events ---------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Space presses a button that has the keyboard; only elsewhere does it play."""
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.key() == Qt.Key.Key_Space
            and isinstance(self.focusWidget(), QAbstractButton | QComboBox)
        ):
            event.accept()
            return True
        return super().event(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files may be dropped anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        urls = event.mimeData().urls()
        self.open_paths([Path(url.toLocalFile()) for url in urls if url.isLocalFile()])
        event.acceptProposedAction()

    def showEvent(self, event: QShowEvent) -> None:
        """The engine takes seconds to start, so it begins before the first video is chosen."""
        super().showEvent(event)
        if not self._warmed:
            self._warmed = True
            self._warming.start()

    async def _warm(self) -> None:
        models = list(bundled_models().values())
        if models and not self.closed.is_set():
            await self.client.load(models[0])

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember the layout and end everything."""
        self.panels.save()
        self.appearance.save()
        self.player.stop()
        self._warming.stop()
        event.accept()
        self.flows.start(self.shut())

    async def shut(self) -> None:
        """End everything that runs for this window."""
        if self.closed.is_set():
            return
        self.opening.thumbnails.stop()
        self.queue.close()
        me = asyncio.current_task()
        await self.flows.stop(but=me)
        await self.client.close()
        self.training.close()
        self.namer.close()
        self.document.close()
        self.closed.set()
