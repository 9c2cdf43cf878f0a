"""The layouts by name, for the command line and whoever reads sets."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from limner_engine.errors import FormatError
from limner_training.data.datasets import (
    aflw,
    bbc_pose,
    human36m,
    mafl,
    simple_human36m,
    small_norb,
    svhn,
    w300,
    ytf68,
)
from limner_training.data.datasets.labelled import LabelledSet, Progress


class Layout(Protocol):
    """What the file of a layout holds."""

    NAME: str
    EXPECTS: str

    def load(self, folder: Path, progress: Progress | None = None) -> LabelledSet:
        """Read a folder that the person has already."""


LAYOUTS: tuple[Layout, ...] = (
    ytf68,
    mafl,
    aflw,
    w300,
    bbc_pose,
    human36m,
    simple_human36m,
    small_norb,
    svhn,
)


def open_set(layout: str, folder: Path, progress: Progress | None = None) -> LabelledSet:
    """Read a folder in a layout.

    Raises:
        FormatError: No such layout or folder, or the folder is in another layout.
    """
    for known in LAYOUTS:
        if layout == known.NAME:
            if not folder.is_dir():
                raise FormatError(
                    f"There is no folder {folder}.", f"Name one that holds {known.EXPECTS}."
                )
            return known.load(folder, progress)
    names = ", ".join(known.NAME for known in LAYOUTS)
    raise FormatError(f"There is no layout {layout}.", f"Choose one of: {names}.")
