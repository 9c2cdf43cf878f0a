"""Pictures the real window without a screen: ``python -m limner_app.commands.window_picture``.

Run with ``QT_QPA_PLATFORM=offscreen``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from limner_app import window

SIZE = (1600, 900)
SETTLE_S = 2.5


def picture(project: Path, out: Path, frame_index: int) -> None:
    """Open a project in the window, go to a frame and write what the window shows.

    Args:
        project: The project file.
        out: The PNG to write.
        frame_index: Which frame of its first video is shown.

    Raises:
        RuntimeError: the frame does not appear, or the picture cannot be written.
    """
    shown = window.open_window([project], size=SIZE)
    document = shown.document
    try:
        if not window.wait_until(lambda: document.video is not None):
            raise RuntimeError(f"the window did not open {project.name}")
        document.show(frame_index)
        if not window.wait_until(
            lambda: document.frame_index == frame_index and document.image() is not None
        ):
            raise RuntimeError(f"the window did not show frame {frame_index}")
        # The timeline's thumbnails and curves come a little later than the frame.
        window.wait_until(lambda: False, SETTLE_S)
        beside = out.with_name(f".{out.stem}.part.png")
        if not shown.grab().save(str(beside)):
            raise RuntimeError(f"{out} cannot be written")
        beside.replace(out)
    finally:
        shown.close()
        window.wait_until(shown.closed.is_set)


def main(words: list[str] | None = None) -> int:
    """Read the words and picture the window."""
    parser = argparse.ArgumentParser(description="Pictures the window without a screen.")
    parser.add_argument("project", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--frame", type=int, default=0)
    chosen = parser.parse_args(words)
    picture(chosen.project, chosen.out, chosen.frame)
    return 0


if __name__ == "__main__":
    sys.exit(main())
