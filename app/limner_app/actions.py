"""One table of everything a person can do; menus, keys, the shortcut list and the search read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from limner_app import theme


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One row of the table.

    Attributes:
        id: How the program calls it.
        text: As in the menu, in British English; translated when shown.
        keys: Key sequences in Qt's portable spelling; the first one is shown.
        icon: Name in the Phosphor set; empty for none.
        menu: Which menu; ``"View/Theme"`` is a menu in a menu.
        enabled_when: Name of the condition: ``always``, ``project``, ``video``, ``landmark``,
            ``undo``, ``redo``, ``model``, ``work``, ``missing``.
        checkable: Whether it is switched on and off.
        new_group: Whether a line stands above it in the menu.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    icon: str
    menu: str
    enabled_when: str = "always"
    checkable: bool = False
    new_group: bool = False


_T = QT_TRANSLATE_NOOP
_A = ActionSpec

# fmt: off
ACTIONS: tuple[ActionSpec, ...] = (
    _A("open_videos", _T("actions", "Open videos…"), ("Ctrl+O",), "film-strip", "File"),
    _A("open_sample", _T("actions", "Open the sample"), ("Ctrl+Shift+S",), "sparkle", "File"),
    _A("new_project", _T("actions", "New project…"), ("Ctrl+N",), "file-plus", "File", new_group=True),
    _A("open_project", _T("actions", "Open project…"), ("Ctrl+Shift+O",), "folder-open", "File"),
    _A("backup", _T("actions", "Back up project…"), ("Ctrl+Shift+B",), "archive", "File", "project"),
    _A("find_moved", _T("actions", "Find moved video…"), ("Ctrl+Shift+F",), "link", "File", "missing", new_group=True),
    _A("remove_video", _T("actions", "Remove video from project"), ("Ctrl+Backspace",), "minus-circle", "File", "video"),
    _A("export", _T("actions", "Export landmarks…"), ("Ctrl+E",), "export", "File", "video", new_group=True),
    _A("quit", _T("actions", "Quit"), ("Ctrl+Q",), "sign-out", "File", new_group=True),

    _A("undo", _T("actions", "Undo"), ("Ctrl+Z",), "arrow-counter-clockwise", "Edit", "undo"),
    _A("redo", _T("actions", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "arrow-clockwise", "Edit", "redo"),
    _A("delete", _T("actions", "Delete annotation"), ("Delete",), "trash", "Edit", "video", new_group=True),
    _A("delete_frame", _T("actions", "Delete annotations of this frame"), ("Shift+Delete",), "eraser", "Edit", "video"),
    _A("copy_previous", _T("actions", "Copy from previous annotated frame"), ("D",), "copy", "Edit", "video"),
    _A("search", _T("actions", "Search actions…"), ("Ctrl+K",), "magnifying-glass", "Edit", new_group=True),

    _A("inspect", _T("actions", "Inspect"), ("1",), "cursor", "View", "project"),
    _A("edit", _T("actions", "Edit"), ("2",), "magic-wand", "View", "project"),
    _A("learn", _T("actions", "Learn"), ("3",), "graduation-cap", "View", "project"),
    _A("fit", _T("actions", "Fit the frame"), ("F",), "frame-corners", "View", "video", new_group=True),
    _A("zoom_in", _T("actions", "Zoom in"), ("Ctrl++", "Ctrl+="), "magnifying-glass-plus", "View", "video"),
    _A("zoom_out", _T("actions", "Zoom out"), ("Ctrl+-",), "magnifying-glass-minus", "View", "video"),
    _A("actual_size", _T("actions", "One pixel to one pixel"), ("Ctrl+0",), "corners-out", "View", "video"),
    _A("show_skeleton", _T("actions", "Show skeleton"), ("S",), "line-segments", "View", checkable=True, new_group=True),
    _A("show_confidence", _T("actions", "Show confidence"), ("C",), "percent", "View", checkable=True),
    _A("show_names", _T("actions", "Show names"), ("T",), "tag", "View", checkable=True),
    _A("show_crop", _T("actions", "Show crop box"), ("B",), "bounding-box", "View", checkable=True),
    _A("panel_videos", _T("actions", "Videos"), ("Ctrl+1",), "list", "View/Panels", checkable=True, new_group=True),
    _A("panel_landmarks", _T("actions", "Landmarks"), ("Ctrl+2",), "table", "View/Panels", checkable=True),
    _A("panel_timeline", _T("actions", "Timeline"), ("Ctrl+3",), "film-strip", "View/Panels", checkable=True),
    _A("panel_trajectories", _T("actions", "Trajectories"), ("Ctrl+4",), "chart-line", "View/Panels", checkable=True),
    _A("reset_layout", _T("actions", "Put the panels back"), ("Ctrl+5",), "layout", "View/Panels", new_group=True),
    _A("theme_system", _T("actions", "As the system"), ("Ctrl+Alt+1",), "monitor", "View/Look", checkable=True),
    _A("theme_light", _T("actions", "Light"), ("Ctrl+Alt+2",), "sun", "View/Look", checkable=True),
    _A("theme_dark", _T("actions", "Dark"), ("Ctrl+Alt+3",), "moon", "View/Look", checkable=True),

    _A("play", _T("actions", "Play"), ("Space",), "play", "Go", "video"),
    _A("next_frame", _T("actions", "Next frame"), ("Right",), "caret-right", "Go", "video", new_group=True),
    _A("previous_frame", _T("actions", "Previous frame"), ("Left",), "caret-left", "Go", "video"),
    _A("forward_10", _T("actions", "10 frames on"), ("Shift+Right",), "caret-double-right", "Go", "video"),
    _A("back_10", _T("actions", "10 frames back"), ("Shift+Left",), "caret-double-left", "Go", "video"),
    _A("first_frame", _T("actions", "First frame"), ("Home",), "skip-back", "Go", "video"),
    _A("last_frame", _T("actions", "Last frame"), ("End",), "skip-forward", "Go", "video"),
    _A("go_to_frame", _T("actions", "Go to frame…"), ("G",), "hash", "Go", "video"),
    _A("next_marked", _T("actions", "Next annotated or suggested frame"), ("N",), "arrow-line-right", "Go", "video", new_group=True),
    _A("previous_marked", _T("actions", "Previous annotated or suggested frame"), ("P",), "arrow-line-left", "Go", "video"),

    _A("accept", _T("actions", "Accept predictions of this frame"), ("A",), "check", "Label", "video"),
    _A("hide", _T("actions", "Hide or show landmark"), ("X",), "eye-slash", "Label", "landmark"),
    _A("next_landmark", _T("actions", "Select next landmark"), ("Down",), "caret-down", "Label", "video", new_group=True),
    _A("previous_landmark", _T("actions", "Select previous landmark"), ("Up",), "caret-up", "Label", "video"),
    _A("rename", _T("actions", "Rename landmark"), ("F2",), "pencil-simple", "Label", "landmark"),
    _A("crop_tool", _T("actions", "Adjust crop box"), ("Shift+B",), "crop", "Label", "video", checkable=True, new_group=True),
    _A("find_crops", _T("actions", "Find crop box again"), ("Ctrl+B",), "user-focus", "Label", "video"),
    _A("whole_crop", _T("actions", "Use the whole frame as crop box"), ("Ctrl+Shift+W",), "frame-corners", "Label", "video"),

    _A("detect_frame", _T("actions", "Detect on this frame"), ("Ctrl+D",), "crosshair", "Model", "model"),
    _A("detect_range", _T("actions", "Detect on the selected range"), ("Ctrl+Shift+D",), "selection", "Model", "range"),
    _A("detect_all", _T("actions", "Detect on the whole video"), ("Ctrl+Return",), "crosshair-simple", "Model", "model"),
    _A("cancel", _T("actions", "Cancel the work in progress"), ("Escape",), "x-circle", "Model", "work"),
    _A("add_model", _T("actions", "Add a model…"), ("Ctrl+M",), "cube", "Model", "project", new_group=True),

    _A("shortcuts", _T("actions", "Keyboard shortcuts"), ("F1", "?"), "keyboard", "Help"),
    _A("about", _T("actions", "About Limner"), ("Ctrl+F1",), "info", "Help"),
)
# fmt: on

_MENUS = tuple(
    _T("menus", name) for name in ("File", "Edit", "View", "Go", "Label", "Model", "Help")
)


def action_text(spec: ActionSpec) -> str:
    """The text of a row in the person's language."""
    return QCoreApplication.translate("actions", spec.text)


class ActionSet(QObject):
    """The table made into Qt's actions.

    Args:
        window: Whose keys they are.
        handlers: What each does, by id; checkable ones get the new state.
        conditions: Answers which conditions hold now.

    Raises:
        KeyError: a row has no handler.
    """

    def __init__(
        self,
        window: QWidget,
        handlers: Mapping[str, Callable[..., object]],
        conditions: Callable[[], set[str]],
    ) -> None:
        super().__init__(window)
        self._conditions = conditions
        self.by_id: dict[str, QAction] = {}
        for spec in ACTIONS:
            made = QAction(action_text(spec), window)
            if spec.icon:
                made.setIcon(theme.icon(spec.icon))
            made.setIconVisibleInMenu(not spec.checkable)
            made.setShortcuts([QKeySequence(key) for key in spec.keys])
            made.setCheckable(spec.checkable)
            if spec.checkable:
                made.triggered.connect(handlers[spec.id])
            else:
                made.triggered.connect(lambda _=False, run=handlers[spec.id]: run())
            shown = QKeySequence(spec.keys[0]).toString(QKeySequence.SequenceFormat.NativeText)
            made.setToolTip(f"{action_text(spec).rstrip('…')}  ({shown})")
            self.by_id[spec.id] = made
            window.addAction(made)
        self.refresh()

    def __getitem__(self, action_id: str) -> QAction:
        return self.by_id[action_id]

    def refresh(self) -> None:
        """Enable what can be done now."""
        holds = self._conditions() | {"always"}
        for spec in ACTIONS:
            self.by_id[spec.id].setEnabled(spec.enabled_when in holds)

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Make the menus; they are returned by their untranslated path."""
        menus: dict[str, QMenu] = {}
        for name in _MENUS:
            menus[name] = bar.addMenu(QCoreApplication.translate("menus", name))
        for spec in ACTIONS:
            head, _, inner = spec.menu.partition("/")
            if inner and spec.menu not in menus:
                menus[head].addSeparator()
                menus[spec.menu] = menus[head].addMenu(
                    QCoreApplication.translate("menus", inner)
                )
            elif spec.new_group and menus[spec.menu].actions():
                menus[spec.menu].addSeparator()
            menus[spec.menu].addAction(self.by_id[spec.id])
        return menus
