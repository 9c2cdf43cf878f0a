"""A project for videos that are opened without one, so that nothing is ever lost."""

from __future__ import annotations

from pathlib import Path

from limner_app.settings import projects_folder
from limner_engine.project import SUFFIX, Project


def project_for(video: Path, fingerprint: str) -> Project:
    """The project in the person's own folder that holds a video; made where there is none.

    Args:
        video: The file; its name becomes the project's.
        fingerprint: Tells it from others of the same name.

    Raises:
        ProjectError: the folder cannot be written, or the project is open in another window.
    """
    folder = projects_folder()
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        name = video.stem if number == 1 else f"{video.stem} {number}"
        path = folder / f"{name}{SUFFIX}"
        if not path.exists():
            return Project.create(path)
        project = Project.open(path)
        known = {item.fingerprint for item in project.videos()}
        if not known or fingerprint in known:
            return project
        project.close()
        number += 1
