"""The part of the table of actions that is about crops."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

CROP_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "crop_dialog",
        _T("actions", "Crop…"),
        ("Ctrl+Alt+B",),
        "selection",
        "Label",
        "video",
        new_group=True,
    ),
    _A(
        "crop_tool",
        _T("actions", "Adjust crop box"),
        ("Shift+B",),
        "crop",
        "Label",
        "video",
        checkable=True,
    ),
    _A(
        "crop_key",
        _T("actions", "Set crop box here"),
        ("Shift+K",),
        "bounding-box",
        "Label",
        "video",
    ),
    _A(
        "crop_unkey",
        _T("actions", "Take back crop box here"),
        ("Ctrl+Shift+K",),
        "minus-circle",
        "Label",
        "video",
    ),
    _A(
        "find_crops",
        _T("actions", "Find crop box again"),
        ("Ctrl+B",),
        "user-focus",
        "Label",
        "video",
    ),
    _A(
        "whole_crop",
        _T("actions", "Use the whole frame as crop box"),
        ("Ctrl+Shift+W",),
        "frame-corners",
        "Label",
        "video",
    ),
)
