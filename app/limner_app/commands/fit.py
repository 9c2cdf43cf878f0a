"""``limner fit``: from a handful of labels to named landmarks on every frame, in one go."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.fit_learning import chosen_base, learned_second, named, settled
from limner_app.commands.fit_project import Place, place_of, prepared
from limner_app.commands.fit_text import facts_of, fit_text
from limner_app.commands.looking import named_model, opened
from limner_app.commands.parsing import UsageError, add_json, minutes, output_file, whole_number
from limner_app.naming_memory import MODEL_FILE, names_folder
from limner_app.progress import long_work
from limner_engine.errors import ProjectError

if TYPE_CHECKING:
    from limner_engine.project import Project

NAME = "fit"
SUMMARY = "name landmarks from a few labelled frames, on every frame of every video"
ABOUT = """\
Learn named landmarks from a few labelled frames and find them in every frame: what the window does
in the background, without a window. Labels are the project's own, or a table that is brought into
it: CollectedData.csv of DeepLabCut, .slp of SLEAP, COCO keypoints as .json, or a tidy table.

Two layers learn. The first, at once, maps what a self-supervised model finds to the names. The
second, in minutes, is a network for the names alone. For each landmark the one is taken that is
better on labels it did not learn from, and what is printed is the error on those.

Videos become a project in the folder --out, which the window opens. In a project the named model
and its predictions are those of the window, which goes on from there; nothing that a person placed
is changed. Ctrl+C while the second layer learns keeps what it has learned and goes on."""
EXAMPLE = "limner fit mouse.mp4 --labels CollectedData_Ada.csv --out mouse --export mouse.csv"
TABLE = "landmarks.csv"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument(
        "sources", nargs="+", metavar="PROJECT_OR_VIDEO", help="one project, or videos"
    )
    parser.add_argument("--labels", metavar="TABLE", help="labels to bring into the project")
    parser.add_argument(
        "--videos",
        action="append",
        default=[],
        metavar="FOLDER",
        help="where else labelled videos or pictures are; may be given several times",
    )
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        help="where the project of videos is made (default: named after the first)",
    )
    parser.add_argument(
        "--minutes",
        type=minutes,
        default=2.0,
        metavar="M",
        help="how long the second layer learns (default: 2)",
    )
    parser.add_argument(
        "--steps", type=whole_number, default=0, metavar="N", help="let it learn so many steps"
    )
    parser.add_argument(
        "--first-only", action="store_true", help="do without the second layer: seconds in all"
    )
    parser.add_argument(
        "--base",
        metavar="MODEL",
        help="the self-supervised model to start from, or a bundled name (default: the project's, "
        "or the bundled one that fits)",
    )
    parser.add_argument(
        "--learn-minutes",
        type=minutes,
        default=0.0,
        metavar="M",
        help="where no model fits, first learn one from the videos, without labels, for so long",
    )
    parser.add_argument(
        "--crop",
        default="",
        metavar="CROP",
        help="what to look at: auto, face, motion, turning, whole, or a square as X,Y,SIDE "
        "(default: the project's own crops, or auto)",
    )
    parser.add_argument(
        "--export",
        metavar="CSV",
        help="where the table goes (default: landmarks.csv beside the named model)",
    )
    parser.add_argument(
        "--format",
        choices=("dlc", "tidy"),
        default="tidy",
        help="layout of the table; DeepLabCut's holds one video (default: tidy)",
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of what is random")
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="where to compute"
    )
    parser.add_argument(
        "--threads", type=whole_number, default=2, metavar="N", help="processor threads"
    )
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Do all of it."""
    place = place_of(chosen)
    base = named_model(chosen.base) if chosen.base else None
    folder = names_folder(place.project)
    inputs = [Path(name) for name in (*chosen.sources, chosen.labels) if name]
    export = folder / TABLE
    if chosen.export:
        export = output_file(chosen.export, (".csv",), inputs)
    elif chosen.format == "dlc":
        raise UsageError("--format dlc needs --export FILE.csv. See: limner fit --help")
    from limner_engine.project import Project

    began = time.perf_counter()
    place.project.parent.mkdir(parents=True, exist_ok=True)
    with Project.create(place.project) if place.is_new else Project.open(place.project) as project:
        try:
            said = prepared(chosen, place, project)
        except BaseException:
            if place.is_new:
                project.close()
                _remove(place)
            raise
        facts = _fit(chosen, project, folder, base)
        with long_work("Writing the table"):
            rows = _write(project, export, chosen.format)
    facts |= {
        "project": str(place.project),
        "model": str(folder / MODEL_FILE),
        "table": str(export),
        "imported": said,
        "videos": rows,
        "seconds": round(time.perf_counter() - began, 1),
    }
    print(json.dumps(facts, indent=1) if chosen.json else fit_text(facts))
    return 0


def _remove(place: Place) -> None:
    """Take a project back that was made in vain, and its folder where that is empty."""
    place.project.unlink(missing_ok=True)
    if not any(place.project.parent.iterdir()):
        place.project.parent.rmdir()


def _fit(
    chosen: argparse.Namespace, project: Project, folder: Path, base: Path | None
) -> dict[str, Any]:
    """Both layers, then every frame; what is to be told."""
    from limner_engine.model_file import read_model_info
    from limner_engine.naming.labelled import LabelledFrames

    folder.mkdir(parents=True, exist_ok=True)
    out = folder / MODEL_FILE
    base = chosen_base(chosen, project, folder, base)
    labelled = LabelledFrames.from_project(project)
    if not labelled.placed.any():
        raise ProjectError(
            f"No video of {project.path.name} with labels is there.",
            "Open the project in the window and say where its videos are.",
        )
    seconds: dict[str, float] = {}
    began = time.perf_counter()
    with long_work(f"Naming {len(labelled.skeleton.names)} landmarks from {len(labelled)} frames"):
        named(labelled, base, None, out, chosen)
    seconds["first"] = round(time.perf_counter() - began, 2)
    notes: list[str] = []
    if len(labelled) < 2 and not chosen.first_only:
        notes.append("One labelled frame teaches no second layer.")
    elif not chosen.first_only:
        began = time.perf_counter()
        second = learned_second(chosen, project, labelled, base, folder)
        named(labelled, base, second, out, chosen)
        seconds["second"] = round(time.perf_counter() - began, 2)
    began = time.perf_counter()
    model = settled(project, out, base)
    frames = _detect(chosen, project, model, out)
    seconds["detection"] = round(time.perf_counter() - began, 2)
    info = read_model_info(out)
    for note in notes:
        print(f"limner: {note}", file=sys.stderr)
    return facts_of(info, labelled) | {
        "base": None if base is None else str(base),
        "frames": frames,
        "stages_s": seconds,
    }


def _detect(chosen: argparse.Namespace, project: Project, model: int, path: Path) -> int:
    """Find the named landmarks in every frame of every video and keep them; how many frames."""
    from limner_engine.cropping import CropTrack
    from limner_engine.inference.detect import detect_range
    from limner_engine.inference.session import Session

    session = Session(path, chosen.device, chosen.threads)
    frames = 0
    for video in project.videos():
        project.clear_predictions(video.id, model)
        text = project.crop_track_json(video.id, 0)
        if video.missing or text is None:
            continue
        track = CropTrack.from_json(text)
        with opened(video.path, chosen.threads) as reader:
            count = reader.frame_count
            with long_work(f"Finding landmarks in {video.path.name}") as advance:
                for chunk in detect_range(session, reader, track, 0, count):
                    project.write_predictions(
                        video.id, model, 0, chunk.start, chunk.points_px, chunk.confidence
                    )
                    advance((chunk.start + len(chunk.points_px)) / count)
        frames += count
    return frames


def _write(project: Project, path: Path, layout: str) -> list[dict[str, Any]]:
    from limner_app.export import project_tables, scorer_of, write_tables

    tables = project_tables(project, project.videos(), opened=lambda video: opened(video, 2))
    if layout == "dlc" and len(tables) > 1:
        raise ProjectError(
            f"A DeepLabCut table holds one video, and {project.path.name} has {len(tables)}.",
            "Everything else is done; write them with: limner export.",
        )
    write_tables([path], tables, "dlc" if layout == "dlc" else "tidy", scorer_of(project))
    return [
        {"video": one.video, "frames": len(one.frames), "report": one.report().sentence()}
        for one in tables
    ]
