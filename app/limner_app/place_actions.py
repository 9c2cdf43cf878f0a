"""The rows of the table of actions that belong to Edit and Learn."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

PLACE_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "reset_all",
        _T("actions", "Reset all landmarks"),
        ("R",),
        "arrow-counter-clockwise",
        "Picture",
        "edited",
    ),
    _A(
        "reset_landmark",
        _T("actions", "Reset this landmark"),
        ("Shift+R",),
        "arrow-bend-up-left",
        "Picture",
        "edited_landmark",
    ),
    _A(
        "pose_from",
        _T("actions", "Pose from another frame…"),
        ("Shift+P",),
        "person-simple-run",
        "Picture",
        "picture",
        new_group=True,
    ),
    _A(
        "looks_from",
        _T("actions", "Looks from another frame…"),
        ("Shift+L",),
        "palette",
        "Picture",
        "picture",
    ),
    _A(
        "divider",
        _T("actions", "One over the other, with a divider"),
        ("V",),
        "circle-half",
        "Picture",
        "picture",
        checkable=True,
        new_group=True,
    ),
    _A(
        "whole_frame",
        _T("actions", "Show the whole frame"),
        ("W",),
        "frame-corners",
        "Picture",
        "picture",
        checkable=True,
    ),
    _A(
        "copy_picture",
        _T("actions", "Copy picture"),
        ("Ctrl+C",),
        "copy",
        "Picture",
        "picture",
        new_group=True,
    ),
    _A(
        "save_picture",
        _T("actions", "Save picture…"),
        ("Ctrl+S",),
        "download-simple",
        "Picture",
        "picture",
    ),
    _A(
        "fine_tune",
        _T("actions", "Fine-tune on this project…"),
        ("Ctrl+T",),
        "graduation-cap",
        "Model",
        "tunable",
        new_group=True,
    ),
    _A(
        "learn_anew",
        _T("actions", "Learn from scratch…"),
        ("Ctrl+Shift+T",),
        "sparkle",
        "Model",
        "learnable",
    ),
    _A(
        "start_run",
        _T("actions", "Start learning"),
        ("Ctrl+L",),
        "play",
        "Model",
        "startable",
        new_group=True,
    ),
    _A(
        "pause_run",
        _T("actions", "Pause learning"),
        ("Ctrl+Alt+P",),
        "pause",
        "Model",
        "learning",
    ),
    _A(
        "resume_run",
        _T("actions", "Resume learning"),
        ("Ctrl+Alt+R",),
        "arrow-clockwise",
        "Model",
        "resumable",
    ),
    _A(
        "stop_run",
        _T("actions", "Stop learning and keep the model"),
        ("Ctrl+Alt+S",),
        "stop",
        "Model",
        "stoppable",
    ),
)
"""They stand in `limner_app.actions.ACTIONS`, which is what everything reads."""
