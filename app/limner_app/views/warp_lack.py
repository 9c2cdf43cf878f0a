"""Why Warp has nothing to show, and which action mends it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from limner_app.document import Document
from limner_app.views.edit_lack import Lack
from limner_app.views.warp_choices import WarpChoices


def lack_of(document: Document, choices: WarpChoices) -> Lack:
    """What a document lacks so that one frame can be warped onto another."""
    say = QCoreApplication.translate
    if document.video is None:
        return Lack(
            say(
                "WarpView",
                "Here one frame is redrawn from another, and every place says where it comes "
                "from.\nOpen a video to begin.",
            ),
            say("WarpView", "Open videos…"),
            "open_videos",
        )
    if document.warp_model is None:
        return Lack(
            say(
                "WarpView",
                "Here one frame is redrawn from another, and every place says where it comes "
                "from.\nThat needs a model of warps, which learns from videos without labels: in "
                "Learn, with the system of class embeddings.",
            ),
            say("WarpView", "Learn warps from this video"),
            "learn_warps",
        )
    if not document.warp_model.path.is_file():
        return Lack(
            say("WarpView", "The file of {title} is not there any more.").format(
                title=document.warp_model.info.name
            ),
            say("WarpView", "Add a model…"),
            "add_model",
        )
    if document.image() is None:
        return Lack(
            say("WarpView", "This frame cannot be read. Choose another one."),
            say("WarpView", "Next frame"),
            "next_frame",
        )
    if choices.video() is None:
        return Lack(
            say("WarpView", "The video of the source is not there any more."),
            say("WarpView", "Take this frame for the source"),
            "warp_from_here",
        )
    return Lack()
