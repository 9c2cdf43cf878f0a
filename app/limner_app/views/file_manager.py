"""The person's own file manager, and where finished videos go."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtCore import QDir, QProcess, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

import limner_resources
from limner_app.settings import settings

_FOLDER = "render/folder"


def show_in_folder(path: Path) -> None:
    """Open the file manager where a file lies, with the file selected where that can be asked."""
    if sys.platform == "win32":
        QProcess.startDetached("explorer", ["/select,", QDir.toNativeSeparators(str(path))])
    elif sys.platform == "darwin":
        QProcess.startDetached("open", ["-R", str(path)])
    else:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))


def proposed_file(video: Path, ending: str) -> Path:
    """A free name for what is made of a video.

    Args:
        video: Its stem begins the name.
        ending: Goes on with it, such as ``edited``.

    Returns:
        In the folder that was used last, else beside the video where that can be written.
    """
    folder = _folder_for(video)
    path = folder / f"{video.stem}-{ending}.mp4"
    number = 2
    while path.exists():
        path = folder / f"{video.stem}-{ending}-{number}.mp4"
        number += 1
    return path


def remember_folder(path: Path) -> None:
    """The next file is proposed beside this one."""
    settings().setValue(_FOLDER, str(path.absolute().parent))


def _folder_for(video: Path) -> Path:
    last = str(settings().value(_FOLDER, "") or "")
    if last and Path(last).is_dir():
        return Path(last)
    ours = Path(limner_resources.__file__).resolve().parent
    if os.access(video.parent, os.W_OK) and not video.resolve().is_relative_to(ours):
        return video.parent
    films = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MoviesLocation)
    return Path(films) if films and Path(films).is_dir() else Path.home()
