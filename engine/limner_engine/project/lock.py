"""The lock that keeps a second window off a project.

The operating system holds it on a file beside the project and lets go of it when the process ends,
however it ends. So a crash leaves no stale lock behind, as a file with a process number would.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from pathlib import Path

from limner_engine.errors import ProjectError, ProjectLockedError

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        # flock belongs to the opened file, not to the process: it also keeps two windows of one
        # process apart, and closing another descriptor of the same file does not lose it.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK, errno.EDEADLK}


def lock_path(project_path: Path) -> Path:
    """The file beside a project on which the lock is held."""
    return project_path.with_name(project_path.name.removesuffix(".limner") + ".limner-lock")


class ProjectLock:
    """Holds a project for one window until `release` or the end of the process.

    Args:
        project_path: The project; it need not exist yet.

    Raises:
        ProjectLockedError: another window holds it.
        ProjectError: the folder cannot be written or allows no locks.
    """

    def __init__(self, project_path: Path) -> None:
        self._path = lock_path(project_path)
        self._descriptor: int | None = self._acquire(project_path)

    def _acquire(self, project_path: Path) -> int:
        while True:
            try:
                descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            except OSError as error:
                raise ProjectError(
                    f"The folder {project_path.parent} cannot be written: {error.strerror}.",
                    "Choose a folder that you may write to, or copy the project to one.",
                ) from error
            try:
                _try_lock(descriptor)
            except OSError as error:
                os.close(descriptor)
                if error.errno in _TAKEN:
                    raise ProjectLockedError(
                        f"{project_path.name} is open in another window.",
                        "Go on in that window, or close it first.",
                    ) from error
                raise ProjectError(
                    f"The folder {project_path.parent} does not let programs lock files: "
                    f"{error.strerror}.",
                    "Copy the project to a folder on this computer's own disk.",
                ) from error
            if self._is_current(descriptor):
                return descriptor
            # Its former owner removed the file between our opening and locking it.
            os.close(descriptor)

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let go, and remove the file; calling it again does nothing."""
        if self._descriptor is None:
            return
        descriptor, self._descriptor = self._descriptor, None
        if sys.platform == "win32":
            os.close(descriptor)
            # Windows refuses to remove a file that another window has opened by now: rightly.
            with contextlib.suppress(OSError):
                self._path.unlink()
        else:
            # Removed while held, so that whoever opened it meanwhile sees it is no longer current.
            self._path.unlink(missing_ok=True)
            os.close(descriptor)
