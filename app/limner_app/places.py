"""The places of the window: a row in this table is all that a new one needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from limner_app.main_window import MainWindow


@dataclass(frozen=True, slots=True)
class Place:
    """One place.

    Attributes:
        id: Its name in the program, and of the action that goes there.
        text: On the switch; translated when shown.
        make: Makes what stands in the centre; called when the place is first visited.
        panels: Which panels belong to it, by the names of `limner_app.panels`.
        hint: What the line at the bottom says while nothing happens; translated when shown.
    """

    id: str
    text: str
    make: Callable[[MainWindow], QWidget]
    panels: frozenset[str]
    hint: str = ""


def _inspect(window: MainWindow) -> QWidget:
    return window.frame_view


def _edit(window: MainWindow) -> QWidget:
    from limner_app.views.edit_view import EditView

    view = EditView(window.document, window.client, on_busy=window.training.yield_to_person)
    view.mend_wished.connect(lambda action: window.actions_by_id[action].trigger())
    toggles = {
        "divider": view.bar.divider,
        "whole_frame": view.bar.whole,
        "network_only": view.bar.network_only,
    }
    for action, button in toggles.items():
        button.toggled.connect(window.actions_by_id[action].setChecked)
    return view


def _learn(window: MainWindow) -> QWidget:
    from limner_app.views.training_panel import TrainingPanel

    return TrainingPanel(window.document, window.training)


def _warp(window: MainWindow) -> QWidget:
    from limner_app.views.warp_view import WarpView

    view = WarpView(window.document, window.client, window.flows)
    view.mend_wished.connect(lambda action: window.actions_by_id[action].trigger())
    toggles = {"flow_arrows": view.bar.arrows, "warp_heat": view.bar.heat}
    for action, button in toggles.items():
        window.actions_by_id[action].setChecked(button.isChecked())
        button.toggled.connect(window.actions_by_id[action].setChecked)
    return view


def _T(context: str, text: str) -> str:  # noqa: N802
    """Mark a text for translation; for ``lupdate -tr-function-alias QT_TRANSLATE_NOOP+=_T``."""
    del context
    return text


_ALL = frozenset({"videos", "landmarks", "names", "timeline", "trajectories"})

_INSPECT_HINT = (
    "Click places the next missing landmark · drag moves · right-click hides · "
    "wheel zooms · F1 shows all keys"
)

PLACES = (
    Place("inspect", _T("places", "Inspect"), _inspect, _ALL, _T("places", _INSPECT_HINT)),
    Place("edit", _T("places", "Edit"), _edit, frozenset({"videos", "timeline"})),
    Place("learn", _T("places", "Learn"), _learn, frozenset({"videos", "timeline"})),
    Place("warp", _T("places", "Warp"), _warp, frozenset({"videos", "timeline"})),
)
