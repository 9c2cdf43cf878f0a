"""The commands, one file each: `NAME`, `SUMMARY`, `ABOUT`, `EXAMPLE`, `add_options` and `run`."""

from __future__ import annotations

import argparse
from typing import Protocol

from limner_app.commands import (
    demo,
    detect,
    doctor,
    edit,
    embed,
    evaluate,
    export,
    fit,
    import_labels,
    prior,
    swap,
    train,
    warp,
    window,
)


class Command(Protocol):
    """What the file of a command holds."""

    NAME: str
    SUMMARY: str
    ABOUT: str
    EXAMPLE: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Say what may stand after the command."""

    def run(self, chosen: argparse.Namespace) -> int:
        """Do it; gives the exit status."""


COMMANDS: tuple[Command, ...] = (
    window,
    demo,
    prior,
    train,
    detect,
    edit,
    swap,
    warp,
    embed,
    import_labels,
    fit,
    export,
    evaluate,
    doctor,
)
