"""``limner swap``: the looks of one video or picture, moved by another."""

from __future__ import annotations

import argparse
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from limner_app.commands.frame_range import add_range, check_frame, frame_range, has_range
from limner_app.commands.looking import check_model, choose_crops, choose_model, opened
from limner_app.commands.parsing import add_json, add_looking, crop_square, output_file
from limner_app.progress import long_work
from limner_engine.errors import LimnerError
from limner_engine.formats.png_file import write_png

if TYPE_CHECKING:
    from limner_engine.cropping import CropTrack
    from limner_engine.inference.render_job import Clip, Looks
    from limner_engine.inference.rendering import Rendered
    from limner_engine.inference.session import Session
    from limner_engine.video.reader import VideoReader

NAME = "swap"
SUMMARY = "give the motion of one video the looks of another"
ABOUT = """\
Take the looks from one frame of A and the geometry, that is where landmarks are, from B, and
redraw the frame of A with them: a video where B is one, a picture where B is a picture or one of
its frames is named. The result has the size of A's frame and the frame rate of B. Sound is not
kept.

With --grid N the result is one picture: N frames spread over B above, their poses below them where
the model has a skeleton, and A in each of these poses. --appearance may then be given several
times, for a row each.

Looks and geometry have to be of one kind, such as two faces, and the model has to know that kind.
At the end stands how far, on average, the landmarks that the model finds on the result are from
those of B, as a share of the crop.

Frames are numbered from 0."""
EXAMPLE = """\
limner swap --appearance anna.mp4 --geometry ben.mp4 --out anna-as-ben.mp4
  limner swap --appearance anna.mp4 --appearance cleo.mp4 --geometry ben.mp4 --grid 6 \\
    --out grid.png"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument(
        "--appearance",
        action="append",
        required=True,
        metavar="A",
        help="picture or video that gives the looks; with --grid, several are",
    )
    parser.add_argument(
        "--geometry", required=True, metavar="B", help="picture or video that gives the geometry"
    )
    parser.add_argument(
        "--out", required=True, metavar="OUT", help="the video (.mp4) or picture (.png) to write"
    )
    parser.add_argument(
        "--appearance-frame",
        type=int,
        metavar="N",
        help="frame of A that gives the looks (default: of 50 spread over A, the one whose "
        "landmarks are nearest to B's)",
    )
    parser.add_argument(
        "--geometry-frame", type=int, metavar="N", help="this frame of B alone, as a picture"
    )
    add_range(parser, "of B", "its first", "its last")
    parser.add_argument(
        "--grid", type=int, metavar="N", help="one picture: every A in the poses of N frames of B"
    )
    parser.add_argument(
        "--relative",
        action="store_true",
        help="keep A's proportions: add B's motion since its first frame to A's own landmarks",
    )
    parser.add_argument(
        "--beside", action="store_true", help="show B on the left and the result on the right"
    )
    parser.add_argument(
        "--network-only", action="store_true", help="show the network's picture as it is"
    )
    parser.add_argument(
        "--no-smoothing",
        action="store_true",
        help="take B's landmarks as they are found, with their trembling",
    )
    add_looking(parser)
    parser.add_argument(
        "--geometry-crop", metavar="CROP", help="what to look at in B (default: as --crop)"
    )
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Redraw and write."""
    appearances, geometry = [Path(text) for text in chosen.appearance], Path(chosen.geometry)
    check_model(chosen)
    for text in (chosen.crop, chosen.geometry_crop or chosen.crop):
        crop_square(text)
    _check_words(chosen)
    # What can be told of the name is told before any video is looked through.
    one = chosen.geometry_frame is not None or chosen.grid is not None
    suffixes = (".png",) if one else (".mp4", ".png")
    out = output_file(chosen.out, suffixes, [*appearances, geometry])
    with ExitStack() as videos:
        looks_of = [videos.enter_context(opened(path, chosen.threads)) for path in appearances]
        reader = videos.enter_context(opened(geometry, chosen.threads))
        start, stop = _frames(chosen, reader)
        if chosen.grid is None:
            _check_kind(chosen, out, reader, stop - start)
        for shown in looks_of if chosen.appearance_frame is not None else []:
            check_frame("--appearance-frame", chosen.appearance_frame, shown)
        tracks = [_crops(shown, chosen.crop) for shown in looks_of]
        track = _crops(reader, chosen.geometry_crop or chosen.crop)
        model = choose_model(chosen, looks_of[0], tracks[0])
        from limner_engine.inference.render_job import Clip
        from limner_engine.inference.session import Session

        session = Session(model, chosen.device, chosen.threads)
        clip = Clip(geometry, track, start, stop)
        looks = [
            _looks(chosen, session, shown, (reader, clip))
            for shown in zip(looks_of, tracks, strict=True)
        ]
    if chosen.grid is not None:
        from limner_app.commands.swap_grid import write_grid

        write_grid(chosen, session, clip, looks, out)
        return 0
    done = _draw(chosen, session, clip, looks[0], out)
    _tell(chosen, session, clip, looks[0], done, out)
    return 0


def _check_words(chosen: argparse.Namespace) -> None:
    """What does not go together."""
    if chosen.geometry_frame is not None and has_range(chosen):
        raise LimnerError(
            "--geometry-frame is one frame, --from and --to are many.", "Give one or the other."
        )
    if chosen.grid is None:
        if len(chosen.appearance) > 1:
            raise LimnerError("Several looks make a grid.", "Say how many poses it has: --grid 6.")
        return
    if chosen.grid < 1:
        raise LimnerError(f"--grid cannot be {chosen.grid}.", "Give a number of frames from 1 on.")
    for option in ("geometry_frame", "beside", "no_smoothing"):
        if getattr(chosen, option) not in (None, False):
            name = option.replace("_", "-")
            raise LimnerError(f"--{name} has no meaning for a grid.", "Leave it out.")


def _looks(
    chosen: argparse.Namespace,
    session: Session,
    appearance: tuple[VideoReader, CropTrack],
    geometry: tuple[VideoReader, Clip],
) -> Looks:
    """Which frame of A gives the looks."""
    from limner_engine.inference.render_job import Looks

    reader, track = appearance
    if chosen.appearance_frame is None:
        return _nearest(session, appearance, geometry, chosen.relative)
    return Looks(reader.path, chosen.appearance_frame, track.at(chosen.appearance_frame))


def _frames(chosen: argparse.Namespace, reader: VideoReader) -> tuple[int, int]:
    """The frames of B: the first, and the one after the last."""
    if chosen.geometry_frame is None:
        return frame_range(chosen, reader)
    check_frame("--geometry-frame", chosen.geometry_frame, reader)
    return chosen.geometry_frame, chosen.geometry_frame + 1


def _check_kind(chosen: argparse.Namespace, out: Path, reader: VideoReader, count: int) -> None:
    """One frame makes a picture and has no motion; several make a video."""
    suffix = ".png" if count == 1 else ".mp4"
    if out.suffix.lower() != suffix:
        what = "One frame drives, which makes a picture."
        if count > 1:
            what = f"{count} frames of {reader.path.name} drive, which makes a video."
        raise LimnerError(what, f"Let --out end in {suffix}: {out.stem}{suffix}.")
    if count == 1 and chosen.relative:
        raise LimnerError(
            "--relative follows B's motion since its first frame, and there is one frame alone.",
            "Leave it out, or name a video.",
        )


def _crops(reader: VideoReader, text: str) -> CropTrack:
    with long_work(f"Finding what to look at in {reader.path.name}") as advance:
        return choose_crops(reader, text, advance)


def _nearest(
    session: Session,
    appearance: tuple[VideoReader, CropTrack],
    geometry: tuple[VideoReader, Clip],
    relative: bool,
) -> Looks:
    from limner_engine.inference.nearest_looks import nearest_looks

    with long_work(f"Choosing a frame of {appearance[0].path.name}") as advance:
        return nearest_looks(session, appearance, geometry, advance, relative=relative)


def _draw(
    chosen: argparse.Namespace, session: Session, clip: Clip, looks: Looks, out: Path
) -> Rendered:
    from limner_engine.inference.render_job import SwapJob
    from limner_engine.inference.rendering import render, render_picture

    smooth = not chosen.no_smoothing
    sharp = not chosen.network_only
    job = SwapJob(clip, looks, chosen.relative, sharp, chosen.beside, smooth)
    if out.suffix.lower() == ".png":
        picture, done = render_picture(session, job)
        write_png(out, picture)
        return done
    with long_work(f"Redrawing {len(clip)} frames") as advance:
        return render(session, job, out, advance, measure=True)


def _tell(
    chosen: argparse.Namespace,
    session: Session,
    clip: Clip,
    looks: Looks,
    done: Rendered,
    out: Path,
) -> None:
    percent = None if done.geometry_error is None else round(100 * done.geometry_error, 2)
    if chosen.json:
        answer = {
            "output": str(out),
            "frames": done.frames,
            "unreadable": done.unreadable,
            "model": session.info.name,
            "device": session.label,
            "appearance": str(looks.video),
            "appearance_frame": looks.frame,
            "geometry": str(clip.video),
            "geometry_frames": [clip.start, clip.stop - 1],
            "geometry_error_percent": percent,
        }
        print(json.dumps(answer, indent=1))
        return
    print(f"looks: frame {looks.frame} of {looks.video.name}")
    if percent is not None:
        print(f"geometry: found again {percent:.1f} % of the crop from where it was wanted")
    if done.unreadable:
        print(f"{done.unreadable} frames of {clip.video.name} cannot be read and stand still")
    print(f"written: {out}")
