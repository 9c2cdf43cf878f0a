"""What several tests of the window begin with; a file may have its own instead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video
from limner_app.document import Document
from limner_app.views.skeleton_editor import SkeletonEditor


@pytest.fixture
def document(qtbot: QtBot, tmp_path: Path) -> Iterator[Document]:
    """A new project with one video of twelve frames."""
    made = Document()
    made.author = "Ada"
    made.create(tmp_path / "a.limner")
    made.add_videos([draw_video(tmp_path / "a.mp4", n=12, size=(160, 128))])
    yield made
    made.close()


@pytest.fixture
def editor(qtbot: QtBot, document: Document) -> SkeletonEditor:
    """The skeleton editor on that project, shown."""
    made = SkeletonEditor(document)
    qtbot.addWidget(made)
    made.show()
    return made
