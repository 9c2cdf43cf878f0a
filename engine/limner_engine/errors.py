"""The errors a person can act on.

Every one is a sentence that names the thing and, where there is one, the mend. Anything else is a
bug: it reaches the one exception hook of the window or ends a command with status 1.
"""

from __future__ import annotations


class LimnerError(Exception):
    """Something a person can mend.

    Args:
        message: One sentence that names the thing that is wrong.
        mend: One sentence that says what to do about it; empty where nothing can be done.
    """

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()


class VideoError(LimnerError):
    """A file that cannot be read as video."""


class FrameUnreadableError(VideoError):
    """One frame of an otherwise readable video cannot be decoded."""


class ModelError(LimnerError):
    """A model file that is refused, or a model that does not fit what it is asked."""


class ProjectError(LimnerError):
    """A project file that cannot be opened, or an edit that it refuses."""


class ProjectLockedError(ProjectError):
    """The project is open in another window."""


class FormatError(LimnerError):
    """A table that is not in the layout it should have."""


class EngineError(LimnerError):
    """The engine process could not answer."""


class TrainingError(LimnerError):
    """A learning run that cannot start or go on."""
