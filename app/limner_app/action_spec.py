"""What one row of the table of actions says."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication


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
            ``undo``, ``redo``, ``model``, ``range``, ``work``, ``missing``; of predictions
            ``predicted``, ``stretch``; ``subjects`` for several; in Edit ``picture``, ``edited``,
            ``edited_landmark``; in Warp ``warped``, ``warp_target``; of learning ``tunable``,
            ``learnable``, ``startable``, ``learning``, ``resumable``, ``stoppable``; of names
            ``nameable``, ``named``, ``trainable``.
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


def marked(context: str, text: str) -> str:
    """Mark a text for translation; for ``lupdate -tr-function-alias QT_TRANSLATE_NOOP+=_T``."""
    del context
    return text


def action_text(spec: ActionSpec) -> str:
    """The text of a row in the person's language."""
    return QCoreApplication.translate("actions", spec.text)
