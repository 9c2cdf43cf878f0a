"""``limner detect``: landmark tables of videos."""

from __future__ import annotations

import argparse
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from limner_app.commands.looking import (
    as_table,
    check_model,
    choose_crops,
    choose_model,
    find_landmarks,
    opened,
)
from limner_app.commands.parsing import add_json, add_looking, output_file, refuse_inputs
from limner_app.progress import long_work
from limner_app.table_names import free_names
from limner_engine.errors import LimnerError

if TYPE_CHECKING:
    from limner_engine.formats import LandmarkTable
    from limner_engine.inference.session import Session
    from limner_engine.video.reader import VideoReader

NAME = "detect"
SUMMARY = "write landmark tables of videos"
ABOUT = """\
Find the landmarks of every frame and write them as a table, one row for each shown frame.
Frames that cannot be read stay empty and are reported.

One video gives one table. Several videos give one tidy table, or a folder of DeepLabCut tables."""
EXAMPLE = "limner detect face.mp4 --out face.csv"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("videos", nargs="+", metavar="VIDEO", help="videos to look at")
    parser.add_argument(
        "--out", required=True, metavar="OUT", help="the table (.csv), or a folder for several"
    )
    parser.add_argument(
        "--format",
        choices=("dlc", "tidy"),
        help="DeepLabCut's layout, or one row for each landmark; dlc for one video or a folder, "
        "tidy for several videos in one file, if not given",
    )
    add_looking(parser)
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look at the videos and write the tables."""
    check_model(chosen)
    paths = [Path(name) for name in chosen.videos]
    layout, targets = _plan(chosen, paths)
    titles = _titles(paths)
    with contextlib.ExitStack() as open_videos:
        # All are opened first, so that one that cannot be read stops the work before it starts.
        readers = [open_videos.enter_context(opened(path, chosen.threads)) for path in paths]
        sessions: dict[Path, Session] = {}
        tables, rows = [], []
        for reader, title in zip(readers, titles, strict=True):
            table, facts = _look(chosen, reader, title, sessions)
            tables.append(table)
            rows.append(facts)
    _write(layout, targets, tables, rows)
    if chosen.json:
        outputs = [str(target) for target in targets]
        print(json.dumps({"outputs": outputs, "format": layout, "videos": rows}, indent=1))
    else:
        for facts in rows:
            print(f"{facts['video']}: {facts['report']} {facts['frames_per_s']:.0f} frames/s.")
        print(f"written: {', '.join(str(target) for target in targets)}")
    return 0


def _plan(chosen: argparse.Namespace, paths: list[Path]) -> tuple[str, list[Path]]:
    """The layout and the files, one for each video or one for all."""
    out = Path(chosen.out)
    folder = out.is_dir() or out.suffix == ""
    layout = chosen.format or ("dlc" if folder or len(paths) == 1 else "tidy")
    if not folder:
        if layout == "dlc" and len(paths) > 1:
            raise LimnerError(
                "A DeepLabCut table holds one video.",
                "Give --out a folder, or write all into one file with --format tidy.",
            )
        return layout, [output_file(chosen.out, (".csv",), paths)]
    if layout == "tidy":
        out.mkdir(parents=True, exist_ok=True)
        return layout, [out / "landmarks.csv"]
    targets = [out / f"{name}.csv" for name in free_names([path.stem for path in paths])]
    for target in targets:
        refuse_inputs(target, paths)
    return layout, targets


def _titles(paths: list[Path]) -> list[str]:
    """What the videos are called in a table: their file names, whole paths where two are alike.

    Raises:
        LimnerError: a video is named twice.
    """
    names = [path.name for path in paths]
    whole = [path.resolve() for path in paths]
    for path in paths:
        if whole.count(path.resolve()) > 1:
            raise LimnerError(f"{path} is named twice.", "Name every video once.")
    return [
        path.name if names.count(path.name) == 1 else path.resolve().as_posix() for path in paths
    ]


def _look(
    chosen: argparse.Namespace, reader: VideoReader, title: str, sessions: dict[Path, Session]
) -> tuple[LandmarkTable, dict[str, Any]]:
    name = reader.path.name
    with long_work(f"Finding what to look at in {name}") as advance:
        track = choose_crops(reader, chosen.crop, advance)
    path = choose_model(chosen, reader, track)
    if path not in sessions:
        from limner_engine.inference.session import Session

        sessions[path] = Session(path, chosen.device, chosen.threads)
    session = sessions[path]
    with long_work(f"Finding landmarks in {name}") as advance:
        found = find_landmarks(session, reader, track, advance)
    table = as_table(reader, session.info, found, title)
    report = table.report()
    seen = np.isfinite(found.confidence)
    return table, {
        "video": str(reader.path),
        "frames": reader.frame_count,
        "unreadable": list(report.unreadable),
        "empty": list(report.empty),
        "report": report.sentence(),
        "landmarks": list(table.names),
        "model": session.info.name,
        "model_sha256": session.info.sha256,
        "device": session.label,
        "crop": track.mode,
        "frames_per_s": round(found.frames_per_s, 1),
        "mean_confidence": round(float(found.confidence[seen].mean()), 4) if seen.any() else None,
    }


def _write(
    layout: str, targets: list[Path], tables: list[LandmarkTable], rows: list[dict[str, Any]]
) -> None:
    from limner_engine.formats import write_dlc, write_tidy

    if layout == "tidy":
        write_tidy(targets[0], tables)
        return
    targets[0].absolute().parent.mkdir(parents=True, exist_ok=True)
    for target, table, facts in zip(targets, tables, rows, strict=True):
        write_dlc(target, table, scorer=facts["model"])
