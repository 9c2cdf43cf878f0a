"""The rows of the table of actions about pose priors."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

PRIOR_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "learn_prior",
        _T("actions", "Learn from unlabelled video with a pose prior…"),
        ("Ctrl+Alt+L",),
        "person-simple",
        "Model",
        "project",
        new_group=True,
    ),
    _A(
        "draw_poses",
        _T("actions", "Draw poses…"),
        ("Ctrl+Alt+D",),
        "pencil-line",
        "Model",
        "project",
    ),
)
"""They stand in `limner_app.actions.ACTIONS`, which is what everything reads."""
