"""The first step: from which videos and pictures it is learned."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from limner_app import theme
from limner_app.document import Document
from limner_app.panel_parts import dim
from limner_app.views.learn_sources import LearnSources
from limner_app.views.prior_draft import PriorDraft
from limner_app.views.prior_steps import FlowStep

_ROWS = 12


class VideosStep(FlowStep):
    """The project's videos and folders of pictures, each with a check.

    Args:
        document: The open project.
        draft: Gets the choice.
    """

    def __init__(self, document: Document, draft: PriorDraft) -> None:
        super().__init__()
        self.title = self.tr("Videos")
        self.about = self.tr(
            "Check what the network learns from. No picture of it needs a label; all should show "
            "one person, face or animal of the kind whose poses the prior has."
        )
        self._draft = draft
        self.sources = LearnSources(document, rows=_ROWS)
        # Return goes on to the next step.
        self.sources.add.setAutoDefault(False)
        self.count = dim("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GAP)
        column.addWidget(self.sources)
        column.addWidget(self.count)
        column.addStretch(1)
        self.sources.changed.connect(self._changed)
        self._changed()

    @property
    def left_out(self) -> list[str]:
        """What is listed and not checked."""
        return [path for path in self.sources.listed() if path not in self._draft.sources]

    def propose(self, left_out: list[str]) -> None:
        """Leave out what was left out last time."""
        self.sources.leave_out(left_out)

    def lack(self) -> str:
        """Something must be checked."""
        if self.sources.empty:
            return self.tr("Add a video to the project, or a folder of pictures here.")
        return "" if self._draft.sources else self.tr("Check at least one video or folder.")

    def _changed(self) -> None:
        self._draft.sources = self.sources.chosen()
        self.count.setText(
            self.tr("{n} of {all} are learned from.").format(
                n=len(self._draft.sources), all=self.sources.list.count()
            )
            if not self.sources.empty
            else ""
        )
        self.changed.emit()
