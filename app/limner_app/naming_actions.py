"""The rows of the table of actions about named landmarks."""

from __future__ import annotations

from limner_app import action_spec

_T = action_spec.marked
_A = action_spec.ActionSpec

NAMING_ACTIONS: tuple[action_spec.ActionSpec, ...] = (
    _A(
        "name_landmarks",
        _T("actions", "Name landmarks"),
        ("Shift+N",),
        "tag",
        "Model",
        "nameable",
        checkable=True,
        new_group=True,
    ),
    _A(
        "use_names",
        _T("actions", "Use the named landmarks"),
        ("Ctrl+Alt+N",),
        "tag-simple",
        "Model",
        "named",
    ),
    _A(
        "use_base",
        _T("actions", "Use the model that names are made from"),
        ("Ctrl+Alt+M",),
        "cube",
        "Model",
        "based",
    ),
    _A(
        "train_names",
        _T("actions", "Train on the labels now"),
        ("Ctrl+Shift+L",),
        "barbell",
        "Model",
        "trainable",
    ),
)
"""They stand in `limner_app.actions.ACTIONS`, which is what everything reads."""
