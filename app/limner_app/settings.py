"""What the program remembers between starts, and where it keeps it."""

from __future__ import annotations

import getpass
import hashlib
import os
from pathlib import Path

import appdirs
from PySide6.QtCore import QSettings

RECENT_LIMIT = 8
_NOBODY = frozenset({"root", "user", "admin", "administrator", "ubuntu", "debian", "unknown"})


def config_folder() -> Path:
    """Where settings live; the environment's ``LIMNER_CONFIG`` wins."""
    named = os.environ.get("LIMNER_CONFIG")
    return Path(named) if named else Path(appdirs.user_config_dir("limner"))


def projects_folder() -> Path:
    """Where projects are made for videos that are opened without one."""
    named = os.environ.get("LIMNER_CONFIG")
    root = Path(named) if named else Path(appdirs.user_data_dir("limner"))
    return root / "projects"


def settings() -> QSettings:
    """The settings file, one for all platforms so that it can be copied and read."""
    folder = config_folder()
    folder.mkdir(parents=True, exist_ok=True)
    return QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)


def author_name() -> str:
    """Who makes annotations: the name set, else the person's own, else the account's.

    An account that is called what thousands are called says nothing of a person; then it is
    ``you``.
    """
    for name in (str(settings().value("author", "") or ""), _full_name(), _account()):
        if name and name.lower() not in _NOBODY:
            return name
    return "you"


def _full_name() -> str:
    """The full name of the account's owner; empty where the system keeps none."""
    try:
        import pwd
    except ImportError:  # Windows
        return ""
    try:
        return pwd.getpwuid(os.getuid()).pw_gecos.split(",")[0].strip()
    except KeyError:  # a number without an account, as in some containers
        return ""


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""


def recent_projects() -> list[Path]:
    """Projects opened lately that are still there, newest first."""
    value = settings().value("recent", [])
    names = value if isinstance(value, list) else [value]
    return [path for path in (Path(str(name)) for name in names if name) if path.exists()]


def remember_project(path: Path) -> None:
    """Put a project at the head of the recent ones."""
    path = path.resolve()
    kept = [path, *(item for item in recent_projects() if item != path)][:RECENT_LIMIT]
    settings().setValue("recent", [str(item) for item in kept])


def picture_of(project: Path) -> Path:
    """Where the small picture of a project lies that the welcome page shows."""
    named = hashlib.sha256(str(project.resolve()).encode()).hexdigest()[:16]
    return config_folder() / "pictures" / f"{named}.jpg"
