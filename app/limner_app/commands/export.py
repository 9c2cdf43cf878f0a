"""``limner export``: landmark tables of a project."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.parsing import add_json, output_file, whole_number
from limner_engine.errors import LimnerError, ProjectError

if TYPE_CHECKING:
    from limner_app.export import Layout
    from limner_engine.formats import LandmarkTable, Smoothing

NAME = "export"
SUMMARY = "write the landmark tables of a project"
ABOUT = """\
Write what a project knows of its videos: the model's landmarks, and a person's corrections where
there are any. Corrections win.

--fill-gaps and --smooth change what is written, never what the project keeps, and leave
corrections exactly where they are. The tidy layout tells filled and smoothed places by their
source.

A file gets one table; a folder gets one for each video and subject."""
EXAMPLE = "limner export mice.limner --out mice.csv --format tidy"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("project", metavar="PROJECT", help="the project file")
    parser.add_argument(
        "--out", required=True, metavar="OUT", help="the table (.csv), or a folder for several"
    )
    parser.add_argument(
        "--format",
        choices=("dlc", "tidy"),
        default="dlc",
        help="DeepLabCut's layout, or one row for each landmark (default: dlc)",
    )
    parser.add_argument(
        "--smooth",
        choices=("savgol", "gaussian"),
        metavar="WAY",
        help="smooth in time: savgol (Savitzky-Golay, a parabola) or gaussian",
    )
    parser.add_argument(
        "--smooth-window",
        default="7",
        metavar="N",
        help="how far smoothing looks: an odd number of frames, or seconds such as 0.2s "
        "(default: 7)",
    )
    parser.add_argument(
        "--fill-gaps",
        type=whole_number,
        default=0,
        metavar="N",
        help="fill gaps of up to N frames by a straight line",
    )
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Read the project and write the tables."""
    from limner_engine.project import Project

    path = Path(chosen.project)
    if not path.is_file():
        raise ProjectError(f"There is no project {path}.", "Check the name and the folder.")
    smoothing = _smoothing(chosen)
    out = Path(chosen.out)
    folder = out.is_dir() or out.suffix == ""
    if not folder:
        output_file(chosen.out, (".csv",), [path])
    from limner_app.commands.looking import opened
    from limner_app.export import project_tables, scorer_of

    with Project.open(path) as project:
        tables = project_tables(
            project,
            project.videos(),
            opened=lambda video: opened(video, 2),
            longest_gap=chosen.fill_gaps,
            smoothing=smoothing,
        )
        scorer = scorer_of(project)
    if chosen.format == "dlc" and not folder and len(tables) > 1:
        raise LimnerError(
            f"A DeepLabCut table holds one video, and {path.name} has {len(tables)} to write.",
            "Give --out a folder, or write all into one file with --format tidy.",
        )
    outputs, rows = _write(chosen.format, out, folder, tables, scorer)
    if chosen.json:
        print(json.dumps({"outputs": [str(file) for file in outputs], "videos": rows}, indent=1))
    else:
        for facts in rows:
            print(f"{facts['video']}, {facts['subject']}: {facts['report']}")
        print(f"written: {', '.join(str(file) for file in outputs)}")
    return 0


def _smoothing(chosen: argparse.Namespace) -> Smoothing | None:
    """What ``--smooth`` and ``--smooth-window`` ask for.

    Raises:
        LimnerError: the window is none.
    """
    from limner_engine.formats import Smoothing

    if chosen.smooth is None:
        return None
    text = chosen.smooth_window
    try:
        if text.endswith("s"):
            seconds = float(text[:-1])
            if not 0 < seconds < 3600:
                raise ValueError(text)
            return Smoothing(chosen.smooth, 0, seconds)
        return Smoothing(chosen.smooth, int(text))
    except ValueError as error:
        raise LimnerError(
            f"--smooth-window cannot be {text!r}.",
            "Give an odd number of frames from 5 on such as 7, or seconds such as 0.2s.",
        ) from error


def _write(
    layout: Layout, out: Path, folder: bool, tables: list[LandmarkTable], scorer: str
) -> tuple[list[Path], list[dict[str, Any]]]:
    from limner_app.export import table_names, write_tables

    outputs = [out]
    if folder:
        out.mkdir(parents=True, exist_ok=True)
        names = ["landmarks"] if layout == "tidy" else table_names(tables)
        outputs = [out / f"{name}.csv" for name in names]
    reports = write_tables(outputs, tables, layout, scorer)
    rows = [
        {
            "video": table.video,
            "subject": table.subject,
            "frames": report.rows,
            "unreadable": list(report.unreadable),
            "empty": len(report.empty),
            "corrected": report.corrected,
            "filled": len(report.filled),
            "report": report.sentence(),
        }
        for table, report in zip(tables, reports, strict=True)
    ]
    return outputs, rows
