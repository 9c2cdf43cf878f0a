"""The command line: finds the command, and turns what goes wrong into a status and one line.

0: the output exists and is whole. 1: a bug. 2: a mistake that the person can mend. 130: stopped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from limner_app.commands import COMMANDS
from limner_app.commands.parsing import Parser, UsageError
from limner_engine.errors import LimnerError
from limner_engine.quiet_threads import wait_without_spinning

_ABOUT = """\
Landmarks from your own videos without labels: see, correct, redraw, export, keep learning.
Without a command the window opens, on the files that are named.

commands:
{commands}

limner COMMAND --help shows the options of a command and one worked example."""


def parser() -> Parser:
    """The whole command line."""
    width = max(len(command.NAME) for command in COMMANDS) + 2
    lines = "\n".join(f"  {c.NAME:{width}}{c.SUMMARY}" for c in COMMANDS)
    top = Parser(
        prog="limner",
        usage="limner [FILE ...] | limner COMMAND ... | limner --version",
        description=_ABOUT.format(commands=lines),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"limner {version('limner')}")
    subparsers = top.add_subparsers(
        prog="limner", dest="command", metavar="COMMAND", help=argparse.SUPPRESS
    )
    for command in COMMANDS:
        below = subparsers.add_parser(
            command.NAME,
            description=command.ABOUT,
            epilog=f"example:\n  {command.EXAMPLE}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_options(below)
        below.set_defaults(run=command.run)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        words: What stands after the program's name; the process's own words if None.

    Returns:
        The exit status.
    """
    given = list(sys.argv[1:] if words is None else words)
    wait_without_spinning()
    names = {command.NAME for command in COMMANDS}
    if not given or (given[0] not in names and given[0] not in ("-h", "--help", "--version")):
        given.insert(0, "open")
    try:
        chosen = parser().parse_args(given)
        return int(chosen.run(chosen))
    except UsageError as error:
        print(f"limner: {error}", file=sys.stderr)
        return 2
    except LimnerError as error:
        print(f"limner: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output has seen enough, as in `limner doctor | head`.
        sys.stderr.close()
        return 1
    except KeyboardInterrupt:
        print("limner: stopped", file=sys.stderr)
        return 130
