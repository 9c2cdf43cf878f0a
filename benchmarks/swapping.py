"""Whether a swap has the driving geometry: ``python benchmarks/swapping.py MODEL VIDEO VIDEO``.

Each video drives each other one: from the first frames of the one come the landmarks, from the
other one comes the frame that `limner swap` would choose. On the result the model finds its
landmarks again: ``off`` is their mean distance from the driving ones, % of the crop's side.
``flicker`` is the mean second difference in time of the result's crop, grey levels: steady motion
has little, trembling has much. ``looks off`` says how far the looks' own landmarks were: what
doing nothing would give.
"""

from __future__ import annotations

import argparse
import itertools
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from limner_engine.coordinates import cut
from limner_engine.cropping import CropTrack, find_crops
from limner_engine.cropping.find import CropMode
from limner_engine.inference.found_again import FoundAgain
from limner_engine.inference.nearest_looks import nearest_looks
from limner_engine.inference.render_job import Clip, Looks
from limner_engine.inference.rendering import Swap, clip_points, smoothed
from limner_engine.inference.session import Session
from limner_engine.types import Floats
from limner_engine.video.reader import VideoReader

WAYS = {
    "network only": (False, True),
    "sharp": (True, True),
    "sharp, not smoothed": (True, False),
}
"""Sharp, and smoothed in time."""


@dataclass(frozen=True, slots=True)
class Head:
    """A video and what was found in it."""

    reader: VideoReader
    track: CropTrack
    clip: Clip
    points: Floats


def measure(
    session: Session, looks: Looks, wanted: Floats, sharp: bool, calm: bool
) -> list[float]:
    """Distance from the driving landmarks, % of the crop, and flicker in grey levels."""
    swap, again = Swap(session, looks, sharp=sharp), FoundAgain(session, looks.crop)
    cuts = []
    for asked, place in zip(wanted, smoothed(wanted) if calm else wanted, strict=True):
        picture = swap.draw(place)
        again.look(picture, asked)
        cuts.append(cut(picture, looks.crop, session.image_size).astype(np.float32))
    error = again.error()
    flicker = float(np.abs(np.diff(np.stack(cuts), 2, axis=0)).mean())
    return [float("nan") if error is None else 100 * error, flicker]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("videos", type=Path, nargs="+")
    parser.add_argument("--frames", type=int, default=60, help="frames that drive")
    parser.add_argument("--crop", default="auto", choices=("auto", "face", "motion", "whole"))
    parser.add_argument("--relative", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    crop_mode: CropMode = options.crop
    cv2.setNumThreads(1)
    session = Session(options.model, options.device, options.threads)
    heads = []
    for video in options.videos:
        reader = VideoReader(video)
        track = find_crops(reader, crop_mode)
        clip = Clip(video, track, 0, min(options.frames, reader.frame_count))
        points = clip_points(session, reader, clip, lambda _: None)
        heads.append(Head(reader, track, clip, points))
    print(f"{session.info.name}: {session.image_size} px; off in % of the crop, flicker")
    print(f"{'looks <- geometry':22}{'looks off':>12}" + "".join(f"{way:>24}" for way in WAYS))
    rows = []
    for appearance, geometry in itertools.permutations(heads, 2):
        looks = nearest_looks(
            session,
            (appearance.reader, appearance.track),
            (geometry.reader, geometry.clip),
            lambda _: None,
            relative=options.relative,
        )
        swap = Swap(session, looks, sharp=False)
        wanted = swap.wanted(geometry.points, relative=options.relative)
        still = 50 * float(np.nanmean(np.linalg.norm(wanted - swap.points_norm, axis=-1)))
        row = [still]
        for sharp, calm in WAYS.values():
            row += measure(session, looks, wanted, sharp, calm)
        rows.append(row)
        name = f"{appearance.clip.video.stem} <- {geometry.clip.video.stem}"
        print(f"{name:22}{_cells(row)}", flush=True)
    print(f"{'mean':22}{_cells(np.mean(rows, axis=0).tolist())}")
    print(f"{'largest':22}{_cells(np.max(rows, axis=0).tolist())}")


def _cells(row: list[float]) -> str:
    pairs = zip(row[1::2], row[2::2], strict=True)
    return f"{row[0]:12.2f}" + "".join(f"{off:16.2f}{flicker:8.2f}" for off, flicker in pairs)


if __name__ == "__main__":
    main()
