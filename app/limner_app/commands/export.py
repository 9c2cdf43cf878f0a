"""``limner export``: landmark tables of a project."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.parsing import add_json, output_file
from limner_app.commands.tables import free_names
from limner_engine.errors import LimnerError, ProjectError

if TYPE_CHECKING:
    from limner_engine.formats import LandmarkTable
    from limner_engine.project import Project
    from limner_engine.project.records import Video

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
    with Project.open(path) as project:
        tables = _tables(project)
        scorer = _scorer(project)
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


def _tables(project: Project) -> list[LandmarkTable]:
    """A table for each video and each subject that has anything in it."""
    from limner_engine.formats import project_table

    videos = project.videos()
    if not videos:
        raise ProjectError(f"{project.path.name} has no videos.", "Add some in the window first.")
    tables = []
    for video in videos:
        times, unreadable = _facts_of(video)
        for subject in project.subjects():
            table = project_table(
                project, video.id, subject.id, time_s=times, unreadable=unreadable
            )
            # Every video has its first subject; the others only where they were seen.
            if subject.id == 0 or (table.source != "").any():
                tables.append(table)
    return tables


def _facts_of(video: Video) -> tuple[Any, tuple[int, ...]]:
    """Times of the frames and which cannot be read; without the file, times by its frame rate."""
    if video.missing:
        return None, ()
    from limner_app.commands.looking import frame_times, opened

    with opened(video.path, 2) as reader:
        return frame_times(reader), reader.health.unreadable


def _scorer(project: Project) -> str:
    for model in project.models():
        if model.id == project.current_model_id:
            return model.info.name
    return "limner"


def _write(
    layout: str, out: Path, folder: bool, tables: list[LandmarkTable], scorer: str
) -> tuple[list[Path], list[dict[str, Any]]]:
    from limner_engine.formats import write_dlc, write_tidy

    if folder:
        out.mkdir(parents=True, exist_ok=True)
    if layout == "tidy":
        outputs = [out / "landmarks.csv" if folder else out]
        reports = write_tidy(outputs[0], tables)
    else:
        names = free_names([_stem(table, tables) for table in tables])
        outputs = [out / f"{name}.csv" for name in names] if folder else [out]
        reports = [
            write_dlc(file, table, scorer) for file, table in zip(outputs, tables, strict=True)
        ]
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


def _stem(table: LandmarkTable, tables: list[LandmarkTable]) -> str:
    stem = Path(table.video).stem
    alone = sum(other.video == table.video for other in tables) == 1
    return stem if alone else f"{stem}-{table.subject.replace(' ', '-')}"
