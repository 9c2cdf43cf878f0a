"""The rows of the table of actions about predictions and subjects."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

REVIEW_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "accept",
        _T("actions", "Accept predictions of this frame"),
        ("A",),
        "check",
        "Label",
        "video",
    ),
    _A(
        "accept_landmark",
        _T("actions", "Accept prediction of this landmark"),
        ("Shift+A",),
        "check-circle",
        "Label",
        "landmark",
    ),
    _A(
        "accept_range",
        _T("actions", "Accept predictions of the selected range"),
        ("Ctrl+Shift+A",),
        "checks",
        "Label",
        "stretch",
    ),
    _A(
        "reject",
        _T("actions", "Reject or restore predictions of this frame"),
        ("J",),
        "prohibit",
        "Label",
        "video",
        new_group=True,
    ),
    _A(
        "reject_landmark",
        _T("actions", "Reject or restore prediction of this landmark"),
        ("Shift+J",),
        "x-circle",
        "Label",
        "landmark",
    ),
    _A(
        "reject_range",
        _T("actions", "Reject or restore predictions of the selected range"),
        ("Ctrl+Shift+J",),
        "prohibit-inset",
        "Label",
        "stretch",
    ),
    _A(
        "review",
        _T("actions", "Accept or reject by confidence…"),
        ("Ctrl+Shift+C",),
        "sliders-horizontal",
        "Label",
        "predicted",
    ),
)
"""Of predictions."""

SUBJECT_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "next_subject",
        _T("actions", "Next subject"),
        ("Ctrl+Down",),
        "caret-circle-down",
        "Label/Subjects",
        "subjects",
    ),
    _A(
        "previous_subject",
        _T("actions", "Previous subject"),
        ("Ctrl+Up",),
        "caret-circle-up",
        "Label/Subjects",
        "subjects",
    ),
    _A(
        "add_subject",
        _T("actions", "Add subject…"),
        ("Ctrl+U",),
        "user-plus",
        "Label/Subjects",
        "project",
        new_group=True,
    ),
    _A(
        "rename_subject",
        _T("actions", "Rename subject…"),
        ("Ctrl+F2",),
        "user",
        "Label/Subjects",
        "project",
    ),
    _A(
        "remove_subject",
        _T("actions", "Remove subject"),
        ("Ctrl+Shift+U",),
        "user-minus",
        "Label/Subjects",
        "subjects",
    ),
)
"""Of subjects."""
