"""``limner embed``: what every frame shows, as a row of numbers."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from limner_app.commands.frame_range import add_range, frame_range
from limner_app.commands.looking import check_model, choose_crops, named_model, opened
from limner_app.commands.parsing import add_json, add_looking, crop_square, output_file
from limner_app.commands.warp import MODEL
from limner_app.progress import long_work

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from limner_engine.cropping import CropTrack
    from limner_engine.inference.warp_session import WarpSession
    from limner_engine.video.reader import VideoReader

NAME = "embed"
SUMMARY = "write the pose and shape in every frame as numbers"
ABOUT = """\
Embed the frames of a video: each becomes a row of numbers that says how what is looked at is posed
and shaped, such that frames of like poses have like rows.

The archive holds embeddings (frames, numbers), frame (their numbers, from 0), time_s (seconds
after the first), crop (centre x, centre y, side in pixels, angle in radians) and header (a JSON
text about model and video). Frames that cannot be read have rows of NaN."""
EXAMPLE = "limner embed anna.mp4 --model run --out anna.npz"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("video", metavar="VIDEO", help="the video to look at")
    parser.add_argument("--out", required=True, metavar="FILE", help="the archive (.npz)")
    add_range(parser, "to embed", "its first", "its last")
    add_looking(parser, MODEL)
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look at the frames and write the archive."""
    path = Path(chosen.video)
    check_model(chosen)
    crop_square(chosen.crop)
    out = output_file(chosen.out, (".npz",), [path])
    with opened(path, chosen.threads) as reader:
        start, stop = frame_range(chosen, reader)
        from limner_engine.inference.warp_session import WarpSession

        session = WarpSession(named_model(chosen.model), chosen.device, chosen.threads)
        with long_work(f"Finding what to look at in {path.name}") as advance:
            track = choose_crops(reader, chosen.crop, advance)
        began = time.perf_counter()
        embeddings = _embeddings(session, reader, track, start, stop)
        speed = (stop - start) / (time.perf_counter() - began)
        facts = {
            "video": str(path),
            "frames": [start, stop - 1],
            "unreadable": [start + int(i) for i in np.flatnonzero(np.isnan(embeddings[:, 0]))],
            "size": session.embedding_size,
            "model": session.info.name,
            "model_sha256": session.info.sha256,
            "crop": track.mode,
        }
        _write(out, facts, embeddings, reader, track)
    facts |= {"device": session.label, "frames_per_s": round(speed, 1)}
    _tell(chosen, out, facts)
    return 0


def _embeddings(
    session: WarpSession, reader: VideoReader, track: CropTrack, start: int, stop: int
) -> NDArray[np.float32]:
    from limner_engine.inference.warp_answers import embed_range

    chunks = []
    with long_work(f"Embedding {stop - start} frames of {reader.path.name}") as advance:
        for first, chunk in embed_range(session, reader, track, start, stop):
            chunks.append(chunk)
            advance((first + len(chunk) - start) / (stop - start))
    return np.concatenate(chunks)


def _write(
    out: Path,
    facts: dict[str, Any],
    embeddings: NDArray[np.float32],
    reader: VideoReader,
    track: CropTrack,
) -> None:
    from limner_engine.formats.array_file import write_arrays

    frames = range(facts["frames"][0], facts["frames"][1] + 1)
    crops = [track.at(index) for index in frames]
    squares = [(c.centre_x_px, c.centre_y_px, c.side_px, c.angle_rad) for c in crops]
    arrays: dict[str, NDArray[Any]] = {
        "embeddings": embeddings,
        "frame": np.array(frames, np.int64),
        "time_s": np.array([reader.time_s(index) for index in frames]),
        "crop": np.array(squares),
    }
    write_arrays(out, facts, arrays)


def _tell(chosen: argparse.Namespace, out: Path, facts: dict[str, Any]) -> None:
    if chosen.json:
        print(json.dumps({"output": str(out), **facts}, indent=1))
        return
    first, last = facts["frames"]
    count = last - first + 1
    lost = len(facts["unreadable"])
    unread = f", {lost} of them cannot be read" if lost else ""
    print(
        f"{count} frames{unread}: {facts['size']} numbers each, {facts['frames_per_s']} frames/s"
    )
    print(f"written: {out}")
