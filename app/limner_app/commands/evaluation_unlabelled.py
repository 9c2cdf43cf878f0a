"""``limner evaluate VIDEO…``: a model on videos that nobody labelled."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.evaluation_prior import learned_with, model_prior
from limner_app.commands.evaluation_text import NONE, aligned
from limner_app.commands.looking import named_model
from limner_app.commands.parsing import UsageError, output_file, whole_number
from limner_app.progress import long_work

if TYPE_CHECKING:
    from limner_engine.types import Image
    from limner_training.evaluation.unlabelled import Unlabelled


def add_unlabelled_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command for videos without labels."""
    parser.add_argument(
        "videos",
        nargs="*",
        metavar="VIDEO",
        help="videos or packed arrays (.npz) to measure on without any label",
    )
    parser.add_argument(
        "--prior",
        metavar="P",
        help="the pose prior that the model was learned with, a file or a project that keeps it: "
        "which poses are plausible, and what its mean pose would give",
    )
    parser.add_argument(
        "--frames",
        type=whole_number,
        default=2000,
        metavar="N",
        help="most frames of each unlabelled video, evenly taken (default: 2000)",
    )
    parser.add_argument(
        "--sheet",
        metavar="PNG",
        help="also draw the landmarks on 48 frames of the unlabelled videos, picked by the seed",
    )


def run_unlabelled(chosen: argparse.Namespace) -> int:
    """Measure and print."""
    labelled = ("data", "layout", "out", "shots", "table", "compare", "pck", "match")
    wrong = next((name for name in labelled if getattr(chosen, name)), None)
    if wrong is not None:
        raise UsageError(
            f"--{wrong} is for labelled pictures, not for videos without labels. "
            "See: limner evaluate --help"
        )
    if not chosen.model:
        raise UsageError("measuring needs --model. See: limner evaluate --help")
    out = None
    if chosen.sheet:
        out = output_file(chosen.sheet, (".png",), [Path(v) for v in chosen.videos], "--sheet")
    from limner_engine.model_file import read_model_info

    path = named_model(chosen.model)
    info = read_model_info(path)
    prior = model_prior(chosen.prior, info)
    # What reads networks takes seconds to come up; mistakes above are told before.
    from limner_training.evaluation.detecting import open_model
    from limner_training.evaluation.unlabelled import (
        find,
        measure_unlabelled,
        read_frames,
        sheet,
        told,
    )

    measured = open_model(path, chosen.device, chosen.threads)
    sources = tuple(str(Path(video).absolute()) for video in chosen.videos)
    with long_work("Reading videos") as advance:
        frames = read_frames(
            measured,
            sources,
            chosen.crop or "auto",
            chosen.frames,
            lambda _, share: advance(share),
        )
    with long_work(f"Finding landmarks in {len(frames)} frames with {info.name}") as advance:
        found = find(measured, frames, advance)
    with long_work("Redrawing and measuring"):
        figures = measure_unlabelled(measured, frames, found, prior, chosen.seed)
    if out is not None:
        size = measured.network.config.image_size
        _write(out, sheet(frames, found.points_norm, info.skeleton, size, chosen.seed))
    facts: dict[str, Any] = {
        "model": info.name,
        "model_sha256": info.sha256,
        "prior": prior.name if prior is not None else None,
        "learned_with_this_prior": learned_with(prior, info) if prior is not None else None,
        "seed": chosen.seed,
        "sheet": str(out) if out is not None else None,
    }
    if chosen.json:
        print(json.dumps(facts | told(figures), indent=1))
        return 0
    print(unlabelled_text(facts, figures))
    if out is not None:
        print(f"written: {out}")
    return 0


def unlabelled_text(facts: dict[str, Any], figures: Unlabelled) -> str:
    """The figures as a table, a line each."""

    def percent(value: float | None) -> str:
        return NONE if value is None else f"{value:.1%}"

    own = figures.prior_plausible
    lines = [
        ("redrawn, L1", f"{figures.redrawn_l1:.4f}"),
        ("copying the other frame, L1", f"{figures.copied_l1:.4f}"),
        ("redrawn over copying", percent(figures.ratio)),
        ("strayed under known moves, of the image size", percent(figures.known_moves)),
        ("frames with a plausible skeleton", percent(figures.plausible)),
        ("the same of the prior's own poses", percent(own)),
        ("limbs of plausible length", percent(figures.limbs_within)),
        ("variety of poses, of the prior's", percent(figures.variety)),
        ("consecutive frames that sides change in", percent(figures.sides_change)),
        ("frames whose sides the model exchanged itself", percent(figures.corrected)),
    ]
    start = (
        f"{facts['model']} on {figures.frames} frames of {figures.videos} videos without labels, "
        f"seed {facts['seed']}"
    )
    if facts["prior"] is None:
        start += "; without --prior nothing is plausible or not"
    elif not facts["learned_with_this_prior"]:
        start += f"; {facts['prior']} is not the very prior that the model's file names"
    return "\n".join([f"{start}.", "", *aligned(lines)])


def _write(path: Path, picture: Image) -> None:
    """A picture file that appears whole."""
    import cv2

    from limner_engine.formats.whole_file import write_whole

    done, coded = cv2.imencode(".png", picture[..., ::-1])
    if not done:
        raise RuntimeError("OpenCV did not encode a picture")
    write_whole(path, coded.tobytes())
