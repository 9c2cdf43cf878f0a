"""``limner export``: landmark tables of a project."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.parsing import add_json, output_file
from limner_engine.errors import LimnerError, ProjectError

if TYPE_CHECKING:
    from limner_app.export import Layout
    from limner_engine.formats import LandmarkTable

NAME = "export"
SUMMARY = "write the landmark tables of a project"
ABOUT = """\
Write what a project knows of its videos: the model's landmarks, and a person's corrections where
there are any. Corrections win.

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
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Read the project and write the tables."""
    from limner_engine.project import Project

    path = Path(chosen.project)
    if not path.is_file():
        raise ProjectError(f"There is no project {path}.", "Check the name and the folder.")
    out = Path(chosen.out)
    folder = out.is_dir() or out.suffix == ""
    if not folder:
        output_file(chosen.out, (".csv",), [path])
    from limner_app.commands.looking import opened
    from limner_app.export import project_tables, scorer_of

    with Project.open(path) as project:
        tables = project_tables(project, project.videos(), opened=lambda video: opened(video, 2))
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
            "report": report.sentence(),
        }
        for table, report in zip(tables, reports, strict=True)
    ]
    return outputs, rows
