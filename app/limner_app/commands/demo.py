"""``limner demo``: the main job without a screen."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from limner_app.commands.looking import opened
from limner_app.commands.parsing import add_json
from limner_app.table_names import free_names
from limner_engine.errors import LimnerError

NAME = "demo"
SUMMARY = "do the main job without a screen, on the sample or on your videos"
ABOUT = """\
Learn from a video for a short while, find its landmarks, redraw a frame with one landmark moved,
and picture the window with all of it. Leaves landmarks.csv, overlay.mp4, edited.png, loss.png,
window.png, model.safetensors and report.json with every measured figure. Without a video it takes
the sample; several videos get a folder each."""
EXAMPLE = "limner demo --out limner-demo"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("videos", nargs="*", metavar="VIDEO", help="videos; the sample if none")
    parser.add_argument(
        "--out", default="limner-demo", metavar="DIR", help="folder (default: limner-demo)"
    )
    parser.add_argument(
        "--minutes", type=float, default=2.0, metavar="M", help="time to learn (default: 2)"
    )
    parser.add_argument(
        "--network-only", action="store_true", help="show the network's picture as it is"
    )
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Do the job for each video."""
    from limner_app.demo import demonstrate
    from limner_resources import sample_video

    if not 0 < chosen.minutes <= 24 * 60:
        raise LimnerError("--minutes must be above 0.", "A minute or two shows something already.")
    out = Path(chosen.out)
    if out.exists() and not out.is_dir():
        raise LimnerError(f"--out {out} is a file.", "Name a folder.")
    videos = [Path(name) for name in chosen.videos] or [sample_video()]
    for path in videos:
        opened(path, 2).close()  # one that cannot be read is told before any work is done
    names = free_names([path.stem for path in videos])
    folders = [out] if len(videos) == 1 else [out / name for name in names]
    reports = []
    for path, folder in zip(videos, folders, strict=True):
        reports.append(demonstrate(path, folder, chosen.minutes, sharp=not chosen.network_only))
        if not chosen.json:
            print(f"written: {folder} ({', '.join(reports[-1]['files'])})")
    if chosen.json:
        print(json.dumps(reports if len(reports) > 1 else reports[0], indent=1))
    else:
        print("The figures stand in report.json.", file=sys.stderr)
    return 0
