"""``limner warp``: one frame redrawn from another, and where everything comes from."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from limner_app.commands.looking import check_model, choose_crops, named_model, opened
from limner_app.commands.named_frame import chosen_frame, named_frame
from limner_app.commands.parsing import add_json, add_looking, crop_square, refuse_inputs
from limner_app.commands.warp_pictures import full_colour_px, overview, warp_pictures
from limner_app.progress import long_work
from limner_engine.errors import LimnerError
from limner_engine.formats.png_file import write_png

if TYPE_CHECKING:
    from limner_engine.inference.frame_warp import FrameWarp
    from limner_engine.inference.warp_session import WarpSession
    from limner_engine.types import Crop, Image
    from limner_engine.video.reader import VideoReader

NAME = "warp"
SUMMARY = "see how one frame flows onto another"
ABOUT = """\
Redraw TARGET from the colours of SOURCE, with a model that learned by itself where the places of
one frame lie in another: limner train VIDEO --out run --method class_embedding

SOURCE and TARGET are pictures, or frames of videos as VIDEO:FRAME, counted from 0; they may be of
different videos.

The folder gets overview.png, and each of its pictures alone: redrawn.png; flow.png, whose colour
says in which direction a place of the target lies in the source, and how far; confidence.png, how
far the model trusts the redrawn colours; difference.png, how far they are from the target's. The
numbers are in flow.npz, also in pixels of both videos: what is at target_xy_px of the one is at
source_xy_px of the other."""
EXAMPLE = "limner warp anna.mp4:0 anna.mp4:250 --model run --out anna-warp"

FILES = ("redrawn.png", "flow.png", "confidence.png", "difference.png", "overview.png", "flow.npz")
MODEL = "the model file or run folder of a class embedding"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("source", metavar="SOURCE", help="where the colours come from")
    parser.add_argument("target", metavar="TARGET", help="what is redrawn from them")
    parser.add_argument(
        "--out", required=True, metavar="DIR", help="the folder to write to; made if need be"
    )
    parser.add_argument(
        "--level",
        type=int,
        metavar="N",
        help="which level of the warp, from 0, the coarsest (default: the finest)",
    )
    add_looking(parser, MODEL)
    parser.add_argument(
        "--source-crop", metavar="CROP", help="what to look at in SOURCE (default: as --crop)"
    )
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Warp and write."""
    names = [named_frame(chosen.source), named_frame(chosen.target)]
    crops = [chosen.source_crop or chosen.crop, chosen.crop]
    check_model(chosen)
    for text in crops:
        crop_square(text)
    out = _folder(chosen.out, [path for path, _ in names])
    with ExitStack() as videos:
        readers: dict[Path, VideoReader] = {}
        for path, _ in names:
            if path not in readers:
                readers[path] = videos.enter_context(opened(path, chosen.threads))
        frames = [chosen_frame(frame, readers[path]) for path, frame in names]
        from limner_engine.inference.warp_session import WarpSession

        session = WarpSession(named_model(chosen.model), chosen.device, chosen.threads)
        places = _crops([readers[path] for path, _ in names], crops, frames)
        pictures = [readers[path][frame] for (path, _), frame in zip(names, frames, strict=True)]
    source, target = (
        session.encode(picture, crop) for picture, crop in zip(pictures, places, strict=True)
    )
    warp = session.warp(source, target).level(chosen.level)
    cuts = _cuts(session, pictures, places)
    facts = _facts(session, warp, cuts)
    ends = zip(("source", "target"), names, frames, places, strict=True)
    for name, (path, _), frame, crop in ends:
        square = [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad]
        facts[name] = {"file": str(path), "frame": frame, "crop": square}
    _write(out, warp, cuts, places, facts)
    _tell(chosen, out, facts)
    return 0


def _folder(text: str, inputs: list[Path]) -> Path:
    """Where to, checked before any work is done."""
    out = Path(text)
    if out.exists() and not out.is_dir():
        raise LimnerError(f"--out {out} is a file.", "Name a folder.")
    for name in FILES:
        refuse_inputs(out / name, inputs)
    return out


def _crops(readers: list[VideoReader], texts: list[str], frames: list[int]) -> list[Crop]:
    """What is looked at; a video that gives both frames is looked through once."""
    tracks: dict[tuple[VideoReader, str], Any] = {}
    for reader, text in zip(readers, texts, strict=True):
        if (reader, text) not in tracks:
            with long_work(f"Finding what to look at in {reader.path.name}") as advance:
                tracks[reader, text] = choose_crops(reader, text, advance)
    asked = zip(readers, texts, frames, strict=True)
    return [tracks[reader, text].at(frame) for reader, text, frame in asked]


def _cuts(session: WarpSession, pictures: list[Image], places: list[Crop]) -> list[Image]:
    """The squares that the network sees."""
    from limner_engine.coordinates import cut

    pairs = zip(pictures, places, strict=True)
    return [cut(picture, crop, session.image_size) for picture, crop in pairs]


def _facts(session: WarpSession, warp: FrameWarp, cuts: list[Image]) -> dict[str, Any]:
    small = [
        cv2.resize(one, (warp.side, warp.side), interpolation=cv2.INTER_AREA).astype(np.float32)
        for one in cuts
    ]
    sure = None if warp.confidence is None else round(float(warp.confidence.mean()), 4)
    return {
        "model": session.info.name,
        "model_sha256": session.info.sha256,
        "device": session.label,
        "level": warp.level,
        "sides": list(warp.sides),
        "difference_percent": round(100 * float(warp.difference.mean()), 2),
        "unmoved_difference_percent": round(float(np.abs(small[0] - small[1]).mean()) / 2.55, 2),
        "mean_confidence": sure,
        "full_colour_px": round(full_colour_px(warp), 3),
    }


def _write(
    out: Path, warp: FrameWarp, cuts: list[Image], places: list[Crop], facts: dict[str, Any]
) -> None:
    from limner_engine.formats.array_file import write_arrays

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LimnerError(
            f"The folder {out} cannot be made: {error.strerror or error}.", "Choose another one."
        ) from error
    pictures = warp_pictures(warp)
    pictures["overview"] = overview(cuts[0], cuts[1], pictures)
    facts["files"] = []
    for name in FILES[:-1]:
        if name.removesuffix(".png") in pictures:
            write_png(out / name, pictures[name.removesuffix(".png")])
            facts["files"].append(name)
        else:
            # One of an earlier warp would be taken for this one's.
            (out / name).unlink(missing_ok=True)
    names = ("redrawn", "flow_px", "expected_px", "peak", "spread_px", "difference")
    arrays = {name: getattr(warp, name) for name in names}
    if warp.confidence is not None:
        arrays["confidence"] = warp.confidence
    arrays["source_xy_px"] = warp.source_px(places[0])
    arrays["target_xy_px"] = warp.target_px(places[1])
    facts["files"].append("flow.npz")
    write_arrays(out / "flow.npz", facts, arrays)


def _tell(chosen: argparse.Namespace, out: Path, facts: dict[str, Any]) -> None:
    if chosen.json:
        print(json.dumps({"output": str(out), **facts}, indent=1))
        return
    side = facts["sides"][facts["level"]]
    print(f"level {facts['level']}: {side} x {side}, of {facts['model']}")
    print(
        f"redrawn: {facts['difference_percent']:.1f} % from the target's colours on average; "
        f"the source as it stands: {facts['unmoved_difference_percent']:.1f} %"
    )
    if facts["mean_confidence"] is not None:
        print(f"confidence: {facts['mean_confidence']:.2f} on average")
    print(f"written: {out} ({', '.join(facts['files'])})")
