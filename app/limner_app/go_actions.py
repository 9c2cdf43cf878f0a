"""The rows of the table of actions that go somewhere in the video."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

GO_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A("play", _T("actions", "Play"), ("Space",), "play", "Go", "video"),
    _A(
        "next_frame",
        _T("actions", "Next frame"),
        ("Right",),
        "caret-right",
        "Go",
        "video",
        new_group=True,
    ),
    _A("previous_frame", _T("actions", "Previous frame"), ("Left",), "caret-left", "Go", "video"),
    _A(
        "forward_10",
        _T("actions", "10 frames on"),
        ("Shift+Right",),
        "caret-double-right",
        "Go",
        "video",
    ),
    _A(
        "back_10",
        _T("actions", "10 frames back"),
        ("Shift+Left",),
        "caret-double-left",
        "Go",
        "video",
    ),
    _A("first_frame", _T("actions", "First frame"), ("Home",), "skip-back", "Go", "video"),
    _A("last_frame", _T("actions", "Last frame"), ("End",), "skip-forward", "Go", "video"),
    _A("go_to_frame", _T("actions", "Go to frame…"), ("G",), "hash", "Go", "video"),
    _A(
        "next_marked",
        _T("actions", "Next annotated or suggested frame"),
        ("N",),
        "arrow-line-right",
        "Go",
        "video",
        new_group=True,
    ),
    _A(
        "previous_marked",
        _T("actions", "Previous annotated or suggested frame"),
        ("P",),
        "arrow-line-left",
        "Go",
        "video",
    ),
    _A("next_to_label", _T("actions", "Label next"), ("L",), "target", "Go", "video"),
)
"""They stand in `limner_app.actions.ACTIONS`, which is what everything reads."""
