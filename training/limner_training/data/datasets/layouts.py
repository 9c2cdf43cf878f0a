"""The layouts by name, for the command line and whoever reads sets."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from limner_engine.errors import FormatError
from limner_training.data.datasets import (
    aflw,
    bbc_pose,
    dlc,
    human36m,
    mafl,
    project,
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


class OwnLayout(Protocol):
    """What the file of a layout holds that people label for themselves."""

    NAME: str
    EXPECTS: str

    def load(self, folder: Path, progress: Progress | None = None, crop: str = "") -> LabelledSet:
        """Read a folder or file; crops are found anew where one is named."""


PUBLISHED: tuple[Layout, ...] = (
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
OWN: tuple[OwnLayout, ...] = (project, dlc)


def open_set(
    layout: str, folder: Path, progress: Progress | None = None, crop: str = ""
) -> LabelledSet:
    """Read a folder in a layout.

    Args:
        layout: Its name.
        folder: What the person named; for the layouts of their own a file will do too.
        progress: Told the share done.
        crop: What to look at: ``auto``, ``face``, ``motion`` or ``whole``; empty for what the
            layout has. Published sets say it themselves.

    Raises:
        FormatError: No such layout or folder, the folder is in another layout, or its crops are
            published.
    """
    for own in OWN:
        if layout == own.NAME:
            if not folder.exists():
                raise FormatError(
                    f"There is nothing at {folder}.", f"Name what holds {own.EXPECTS}."
                )
            return own.load(folder, progress, crop)
    for known in PUBLISHED:
        if layout == known.NAME:
            if crop:
                raise FormatError(
                    f"What is seen of the pictures of {layout} is a matter of that set.",
                    "Leave out --crop.",
                )
            if not folder.is_dir():
                raise FormatError(
                    f"There is no folder {folder}.", f"Name one that holds {known.EXPECTS}."
                )
            return known.load(folder, progress)
    names = ", ".join(known.NAME for known in (*PUBLISHED, *OWN))
    raise FormatError(f"There is no layout {layout}.", f"Choose one of: {names}.")
