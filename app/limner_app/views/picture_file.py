"""Pictures that leave the program: one picture, or before and after side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from limner_app.views.edit_canvas import to_qimage
from limner_engine.errors import LimnerError
from limner_engine.types import Image


def both_pictures(before: Image, after: Image) -> Image:
    """Before and after side by side, ``(H, 2 W, 3)``."""
    return np.concatenate([before, after], axis=1)


def save_image(path: Path, image: Image) -> None:
    """Write a picture; an older file stays whole until the new one is.

    Args:
        path: The suffix says the format, such as ``.png``.
        image: ``(H, W, 3)`` uint8.

    Raises:
        LimnerError: the file cannot be written.
    """
    beside = path.with_name(f".{path.stem}.part{path.suffix}")
    if not to_qimage(image).save(str(beside)):
        beside.unlink(missing_ok=True)
        raise LimnerError(
            QCoreApplication.translate("PictureFile", "{0} cannot be written.").format(path),
            QCoreApplication.translate(
                "PictureFile",
                "Choose a folder that you may write to, and a name that ends in .png.",
            ),
        )
    beside.replace(path)


def ask_where(parent: QWidget, video: Path, frame_index: int) -> tuple[Path, bool] | None:
    """Ask where an edited frame is to be saved.

    Returns:
        The file, and whether before and after are both wanted; None where a person cancels.
    """
    translate = QCoreApplication.translate
    kinds = [
        translate("PictureFile", "Before and after (*.png)"),
        translate("PictureFile", "After only (*.png)"),
    ]
    start = video.with_name(f"{video.stem}-{frame_index:06d}-edited.png")
    title = translate("PictureFile", "Save the picture")
    chosen, kind = QFileDialog.getSaveFileName(parent, title, str(start), ";;".join(kinds))
    if not chosen:
        return None
    path = Path(chosen)
    return path if path.suffix else path.with_suffix(".png"), kind != kinds[1]
