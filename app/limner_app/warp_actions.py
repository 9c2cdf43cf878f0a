"""The rows of the table of actions that belong to Warp."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

WARP_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "warp_source",
        _T("actions", "Warp from another frame…"),
        ("Shift+W",),
        "image-square",
        "Picture",
        "warped",
        new_group=True,
    ),
    _A(
        "warp_from_here",
        _T("actions", "Warp from this frame"),
        ("O",),
        "map-pin",
        "Picture",
        "warp_target",
    ),
    _A(
        "warp_swap",
        _T("actions", "Swap source and target of the warp"),
        ("Shift+X",),
        "arrows-left-right",
        "Picture",
        "warped",
    ),
    _A(
        "flow_arrows",
        _T("actions", "Flow as arrows"),
        ("Shift+F",),
        "arrow-up-right",
        "Picture",
        "warped",
        checkable=True,
    ),
    _A(
        "warp_heat",
        _T("actions", "Show where a place may come from"),
        ("Shift+H",),
        "fire",
        "Picture",
        "warped",
        checkable=True,
    ),
    _A("level_finer", _T("actions", "Finer level"), ("]",), "plus", "Picture", "warped"),
    _A("level_coarser", _T("actions", "Coarser level"), ("[",), "minus", "Picture", "warped"),
    _A(
        "learn_warps",
        _T("actions", "Learn warps between frames…"),
        ("Ctrl+Alt+W",),
        "flow-arrow",
        "Model",
        "learnable",
    ),
)
"""They stand in `limner_app.actions.ACTIONS`, which is what everything reads."""
