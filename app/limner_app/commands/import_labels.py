"""``limner import``: labels that were made in other programs."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from limner_app.commands.parsing import add_json
from limner_app.progress import long_work
from limner_engine.errors import LimnerError, ProjectError

NAME = "import"
SUMMARY = "bring labels of DeepLabCut, SLEAP or COCO into a project"
ABOUT = """\
Bring labels that were made elsewhere into a project, which is made where there is none: tables
CollectedData….csv of DeepLabCut, .slp files of SLEAP (these need h5py), COCO keypoints as JSON.

Videos and pictures are looked for in the project, beside the labels and in the folders that
--videos names. A labelled picture goes to the frame it was taken from, where its name says so and
both look alike. Other pictures become the frames of one lossless video beside the project.

What you annotated in the project stays as it is. Undo takes the whole import back."""
EXAMPLE = "limner import mice.limner --labels CollectedData_Ada.csv --videos dlc-project/videos"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("project", metavar="PROJECT", help="the project file; made if missing")
    parser.add_argument("--labels", required=True, metavar="FILE", help="the labels")
    parser.add_argument(
        "--format",
        choices=("dlc", "slp", "coco"),
        help="layout of the labels; told by the ending if not given",
    )
    parser.add_argument(
        "--videos",
        action="append",
        default=[],
        metavar="FOLDER",
        help="where the labelled videos or pictures are; may be given several times",
    )
    parser.add_argument(
        "--predicted",
        action="store_true",
        help="also take what a network found, as predictions under the name of the file",
    )
    parser.add_argument(
        "--add-landmarks",
        action="store_true",
        help="add landmarks that the project does not have; without it they are left out",
    )
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Read the labels and store them."""
    path, labels = Path(chosen.project), Path(chosen.labels)
    folders = [Path(name) for name in chosen.videos]
    _check(path, labels, folders)
    from limner_app.commands.looking import opened
    from limner_engine.importing.labels import Wishes, import_labels, read_labels
    from limner_engine.project import Project

    wishes = Wishes(chosen.format, folders, chosen.predicted, chosen.add_landmarks)
    is_new = not path.exists()
    if is_new:
        read_labels(labels, wishes.kind)  # before a project is made in vain
    with Project.create(path) if is_new else Project.open(path) as project:
        try:
            with long_work(f"Importing {labels.name}") as advance:
                report = import_labels(
                    project,
                    labels,
                    wishes,
                    opened=lambda video: opened(video, 2),
                    progress=advance,
                )
        except BaseException:
            if is_new:
                project.close()
                path.unlink(missing_ok=True)
            raise
    if chosen.json:
        facts = {"project": str(path), **asdict(report), "report": report.sentences()}
        print(json.dumps(facts, indent=1))
    else:
        print("\n".join(report.sentences()))
        if report.landmarks_left:
            print("To have them too, import again with --add-landmarks.")
        print(f"{'made' if is_new else 'changed'}: {path}")
    return 0


def _check(path: Path, labels: Path, folders: list[Path]) -> None:
    from limner_engine.project import SUFFIX

    if not labels.is_file():
        raise LimnerError(f"There is no file {labels}.", "Check the name and the folder.")
    for folder in folders:
        if not folder.is_dir():
            raise LimnerError(f"--videos {folder} is no folder.", "Name the folder of the videos.")
    if path.suffix != SUFFIX:
        raise ProjectError(
            f"{path} is no name of a project.", f"Try {path.with_suffix(SUFFIX).name}."
        )
