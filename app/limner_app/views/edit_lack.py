"""Why Edit has nothing to show, and which action mends it."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QCoreApplication

from limner_app.document import Document
from limner_app.model_titles import no_network
from limner_app.naming_memory import base_of


class Lack(NamedTuple):
    """What stands in the empty place; all empty where a picture can be edited.

    Attributes:
        reason: What is missing.
        button: What the button says that mends it.
        action: The action it stands for, by its id in `limner_app.actions.ACTIONS`.
    """

    reason: str = ""
    button: str = ""
    action: str = ""


def what_is_missing(document: Document) -> Lack:
    """What a document lacks to be edited."""
    say = QCoreApplication.translate
    if document.video is None:
        return Lack(
            say(
                "EditView",
                "Here a landmark can be dragged and the picture follows.\nOpen a video to begin.",
            ),
            say("EditView", "Open videos…"),
            "open_videos",
        )
    if document.image() is None:
        return Lack(
            say("EditView", "This frame cannot be read. Choose another one."),
            say("EditView", "Next frame"),
            "next_frame",
        )
    if document.imported:
        return Lack(
            "\n".join(no_network(document.model_title)),
            say("EditView", "Learn from this video"),
            "learn_anew",
        )
    if document.model_path is None:
        return Lack(
            say(
                "EditView",
                "Redrawing needs a model.\n"
                "Choose one at the top right, or let one learn from this video.",
            ),
            say("EditView", "Learn from this video"),
            "learn_anew",
        )
    if document.model_info is not None and document.model_info.kind == "named":
        return _without_names(document)
    return Lack()


def _without_names(document: Document) -> Lack:
    """Named landmarks are found; only those of the model beneath them can be redrawn."""
    say = QCoreApplication.translate
    reason = say(
        "EditView",
        "{title} finds landmarks by name and cannot redraw them.\n"
        "Pictures are redrawn with the landmarks of the model that it was made from.",
    ).format(title=document.model_title)
    if document.project is None or base_of(document.project) is None:
        return Lack(reason, say("EditView", "Learn from this video"), "learn_anew")
    return Lack(reason, say("EditView", "Use that model"), "use_base")
