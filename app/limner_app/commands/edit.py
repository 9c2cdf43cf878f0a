"""``limner edit``: move landmarks of a frame and redraw it, or a range of frames likewise."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.frame_range import add_range, check_frame, frame_range, has_range
from limner_app.commands.looking import check_model, choose_crops, choose_model, opened
from limner_app.commands.parsing import add_json, add_looking, move, output_file
from limner_app.progress import long_work
from limner_engine.errors import LimnerError
from limner_engine.formats.png_file import write_png

if TYPE_CHECKING:
    from limner_app.commands.redrawing import Edited
    from limner_engine.inference.render_job import Clip, Looks
    from limner_engine.inference.session import Session

NAME = "edit"
SUMMARY = "move landmarks of a frame and redraw it, or a range of frames"
ABOUT = """\
Find the landmarks of one frame, move some of them, and let the model redraw the frame with its own
looks. The picture shows the frame before, on the left, and after, on the right. The video's detail
is carried along; what it cannot show is drawn by the network, which is softer.

Where --out ends in .mp4, the edit goes along a range of frames: each landmark is moved, from where
it is found in each frame, by as much as in frame N, measured in the crop. The video has whole
frames. Sound is not kept.

A move with signs goes by so many pixels, right and down; one without goes to a place. Frames are
numbered from 0."""
EXAMPLE = """\
limner edit face.mp4 --frame 120 --move "point 3=+10,-5" --out edited.png
  limner edit face.mp4 --frame 120 --move "point 3=+10,-5" --from 100 --to 160 --ramp 10 \\
    --out edited.mp4"""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("video", metavar="VIDEO", help="the video")
    parser.add_argument("--frame", type=int, required=True, metavar="N", help="frame, from 0")
    parser.add_argument(
        "--move",
        action="append",
        default=[],
        metavar="MOVE",
        help='"NAME=+DX,+DY" or "NAME=X,Y" in pixels; may be given several times',
    )
    parser.add_argument(
        "--pose-from",
        type=int,
        metavar="FRAME",
        help="put all landmarks where this frame has them in its crop; moves come after it",
    )
    parser.add_argument(
        "--looks-from", type=int, metavar="FRAME", help="draw with the looks of this frame"
    )
    parser.add_argument(
        "--out", required=True, metavar="OUT", help="the picture (.png) or video (.mp4) to write"
    )
    parser.add_argument(
        "--after-only",
        action="store_true",
        help="write the redrawn picture alone, without dots; a video has it alone anyway",
    )
    parser.add_argument(
        "--network-only", action="store_true", help="show the network's picture as it is"
    )
    add_range(parser, "of the edited video", "the first", "the last")
    parser.add_argument(
        "--ramp",
        type=int,
        metavar="FRAMES",
        help="frames over which the edit comes in at the start of the range and goes out at its "
        "end (default: 0, at once)",
    )
    add_looking(parser)
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Redraw and write."""
    video = Path(chosen.video)
    out = output_file(chosen.out, (".png", ".mp4"), [video])
    _check_words(chosen, out)
    check_model(chosen)
    with opened(video, chosen.threads) as reader:
        for option in ("frame", "pose_from", "looks_from"):
            frame = getattr(chosen, option)
            if frame is not None:
                check_frame(f"--{option.replace('_', '-')}", frame, reader)
        start, stop = frame_range(chosen, reader)
        with long_work(f"Finding what to look at in {video.name}") as advance:
            track = choose_crops(reader, chosen.crop, advance)
        model = choose_model(chosen, reader, track)
        from limner_app.commands.redrawing import edited
        from limner_engine.inference.render_job import Clip, Looks
        from limner_engine.inference.session import Session

        session = Session(model, chosen.device, chosen.threads)
        done = edited(session, reader, track, chosen.frame, chosen.move, chosen.pose_from)
        looks = None
        if chosen.looks_from is not None:
            looks = Looks(video, chosen.looks_from, track.at(chosen.looks_from))
    if out.suffix.lower() == ".png":
        facts = _picture(chosen, session, done, looks, out)
    else:
        facts = _video(chosen, session, done, Clip(video, track, start, stop), looks, out)
    if chosen.json:
        names = session.info.skeleton.names
        crop = done.crop
        answer = {
            "output": str(out),
            "frame": chosen.frame,
            "model": session.info.name,
            "crop": [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad],
            "before": dict(zip(names, done.old_px.tolist(), strict=True)),
            "after": dict(zip(names, done.new_px.tolist(), strict=True)),
            **facts,
        }
        print(json.dumps(answer, indent=1))
        return 0
    if facts.get("unreadable"):
        print(f"{facts['unreadable']} frames of {video.name} cannot be read and stand still")
    print(f"written: {out}")
    return 0


def _check_words(chosen: argparse.Namespace, out: Path) -> None:
    """What is wrong with the words alone is told before the video is looked through."""
    for text in chosen.move:
        move(text)
    if not chosen.move and chosen.pose_from is None and chosen.looks_from is None:
        raise LimnerError("Nothing is edited.", "Give --move, --pose-from or --looks-from.")
    if out.suffix.lower() == ".png" and (has_range(chosen) or chosen.ramp is not None):
        raise LimnerError(
            "--from, --to and --ramp make a video.", f"Let --out end in .mp4: {out.stem}.mp4."
        )
    if chosen.ramp is not None and chosen.ramp < 0:
        raise LimnerError(f"--ramp cannot be {chosen.ramp}.", "Give a number of frames from 0 on.")


def _picture(
    chosen: argparse.Namespace, session: Session, done: Edited, looks: Looks | None, out: Path
) -> dict[str, Any]:
    from limner_app.commands.pictures import before_and_after
    from limner_app.commands.redrawing import redraw
    from limner_engine.inference.rendering import looks_frame

    source = None if looks is None else (looks_frame(looks), looks.crop)
    session.hold(done.frame, done.crop, source)
    after = redraw(session, done.frame, done.crop, done.new_px, sharp=not chosen.network_only)
    if not chosen.after_only:
        skeleton = session.info.skeleton
        after = before_and_after(done.frame, after, done.old_px, done.new_px, skeleton)
    write_png(out, after)
    return {}


def _video(
    chosen: argparse.Namespace,
    session: Session,
    done: Edited,
    clip: Clip,
    looks: Looks | None,
    out: Path,
) -> dict[str, Any]:
    from limner_engine.inference.render_job import EditJob
    from limner_engine.inference.rendering import render

    sharp = not chosen.network_only
    job = EditJob(clip, done.offsets(), looks, chosen.ramp or 0, sharp)
    with long_work(f"Redrawing {len(clip)} frames") as advance:
        rendered = render(session, job, out, advance)
    return {
        "frames": rendered.frames,
        "unreadable": rendered.unreadable,
        "range": [clip.start, clip.stop - 1],
    }
