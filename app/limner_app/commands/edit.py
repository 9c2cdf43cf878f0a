"""``limner edit``: move landmarks of a frame and redraw it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from limner_app.commands.looking import check_model, choose_crops, choose_model, opened
from limner_app.commands.parsing import add_json, add_looking, move, output_file
from limner_app.progress import long_work
from limner_engine.errors import LimnerError

NAME = "edit"
SUMMARY = "move landmarks of a frame and redraw it"
ABOUT = """\
Find the landmarks of one frame, move some of them, and let the model redraw the frame with its own
looks. The picture shows the frame before, on the left, and after, on the right. The video's detail
is carried along; what it cannot show is drawn by the network, which is softer.

A move with signs goes by so many pixels, right and down; one without goes to a place. Frames are
numbered from 0."""
EXAMPLE = 'limner edit face.mp4 --frame 120 --move "point 3=+10,-5" --out edited.png'


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("video", metavar="VIDEO", help="the video")
    parser.add_argument("--frame", type=int, required=True, metavar="N", help="frame, from 0")
    parser.add_argument(
        "--move",
        action="append",
        required=True,
        metavar="MOVE",
        help='"NAME=+DX,+DY" or "NAME=X,Y" in pixels; may be given several times',
    )
    parser.add_argument("--out", required=True, metavar="PNG", help="the picture to write")
    parser.add_argument(
        "--after-only", action="store_true", help="write the redrawn frame alone, without dots"
    )
    parser.add_argument(
        "--network-only", action="store_true", help="show the network's picture as it is"
    )
    add_looking(parser)
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Redraw the frame and write the picture."""
    video = Path(chosen.video)
    out = output_file(chosen.out, (".png",), [video])
    check_model(chosen)
    for text in chosen.move:
        move(text)  # what cannot be read is told before the video is looked through
    with opened(video, chosen.threads) as reader:
        if not 0 <= chosen.frame < reader.frame_count:
            raise LimnerError(
                f"{video.name} has no frame {chosen.frame}.",
                f"Its frames go from 0 to {reader.frame_count - 1}.",
            )
        frame = reader[chosen.frame]
        with long_work(f"Finding what to look at in {video.name}") as advance:
            track = choose_crops(reader, chosen.crop, advance)
        model = choose_model(chosen, reader, track)
    from limner_app.commands.pictures import before_and_after, save_png
    from limner_app.commands.redrawing import moved_points, redraw
    from limner_engine.inference.session import Session

    session = Session(model, chosen.device, chosen.threads)
    crop = track.at(chosen.frame)
    old_px = session.hold(frame, crop).points_px
    new_px = moved_points(old_px, session.info.skeleton, chosen.move)
    after = redraw(session, frame, crop, new_px, sharp=not chosen.network_only)
    save_png(out, after if chosen.after_only else before_and_after(frame, after, old_px, new_px))
    if chosen.json:
        names = session.info.skeleton.names
        answer = {
            "output": str(out),
            "frame": chosen.frame,
            "model": session.info.name,
            "crop": [crop.centre_x_px, crop.centre_y_px, crop.side_px, crop.angle_rad],
            "before": dict(zip(names, old_px.tolist(), strict=True)),
            "after": dict(zip(names, new_px.tolist(), strict=True)),
        }
        print(json.dumps(answer, indent=1))
    else:
        print(f"written: {out}")
    return 0
