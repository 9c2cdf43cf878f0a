"""How true and how sharp an edit is: ``python benchmarks/editing.py MODEL SOURCE [SOURCE ...]``.

Sources are videos, and packed frames (``.npz``) for what is made of drags.

The landmarks of a frame A are moved to where the model finds them in a frame B, a third of a
second to a second later, and the picture is compared with the real frame B inside the crop: mean
difference in grey levels (L1), and the variance of its Laplacian as a share of B's. Copying A says
what doing nothing would give. Frames are drawn at random, the same for the same seed.

With ``--drags N`` single landmarks are dragged instead, N times in all of each source, on what
runs that hold back the same share have never seen: is a landmark found again where it was put, and
the others where they were? See `limner_training.evaluation.drags`; lengths are pixels of 128.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from limner_engine.cropping import find_crops
from limner_engine.cropping.find import CropMode
from limner_engine.inference.detail import cut_source
from limner_engine.inference.session import Session
from limner_engine.types import Image
from limner_engine.video.reader import VideoReader
from limner_training.evaluation.drags import Framed, Obeyed, measure_drags, packed_pictures

GAP = (10, 30)
WAYS = ("copying A", "network only", "sharp")
DRAGS_A_PICTURE = 4


def pairs(
    session: Session, video: Path, count: int, crop_mode: CropMode, rng: np.random.Generator
) -> Iterator[tuple[Image, dict[str, Image]]]:
    """The real crop of B, and what each way makes of A."""
    with VideoReader(video) as reader:
        track = find_crops(reader, crop_mode)
        for _ in range(count):
            first = int(rng.integers(0, reader.frame_count - GAP[1]))
            frame, later = reader[first], reader[first + int(rng.integers(GAP[0], GAP[1] + 1))]
            crop = track.at(first)
            wanted = session.detect([later], [crop])[0].points_px
            session.hold(frame, crop)
            true, sharp = cut_source(later, crop, session.image_size), session.redraw(wanted)
            bare = cv2.resize(
                session.redraw(wanted, sharp=False), true.shape[:2], interpolation=cv2.INTER_CUBIC
            )
            made = (cut_source(frame, crop, session.image_size), np.asarray(bare, np.uint8), sharp)
            yield true, dict(zip(WAYS, made, strict=True))


def sharpness(picture: Image) -> float:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F).var())


def save_rows(path: Path, rows: list[tuple[Image, dict[str, Image]]], side: int = 320) -> None:
    """A picture with a row a pair: A, network only, sharp, the real B."""
    drawn = [
        np.hstack([cv2.resize(p, (side, side)) for p in (*made.values(), true)])
        for true, made in rows
    ]
    cv2.imwrite(str(path), np.vstack(drawn)[..., ::-1])


def pictures_of(source: Path, options: argparse.Namespace) -> list[Framed]:
    """Frames to drag landmarks of, and what is looked at in each."""
    count = -(-options.drags // DRAGS_A_PICTURE)
    if source.suffix == ".npz":
        return packed_pictures(source, count, options.held_back, options.seed)
    rng = np.random.default_rng(options.seed)
    with VideoReader(source) as reader:
        track = find_crops(reader, options.crop)
        first = round(reader.frame_count * (1 - options.held_back))
        chosen = first + rng.permutation(reader.frame_count - first)[:count]
        return [(reader[int(index)], track.at(int(index))) for index in sorted(chosen)]


def show_drags(source: str, ways: dict[str, Obeyed]) -> None:
    """Two lines: what became of the drags in the network's picture, and in the sharp one."""
    for way, obeyed in ways.items():
        f = obeyed.figures()
        print(
            f"{source:16}{way:10}{f['drags']:6.0f}{f['moved_within']:8.1%}"
            f"{f['moved_mean_px']:7.2f}{f['moved_median_px']:6.2f}{f['moved_p95_px']:6.2f}"
            f"{f['others_within']:10.1%}{f['all_others_within']:7.1%}"
            f"{f['others_mean_px']:7.2f}{f['others_p95_px']:6.2f}"
            f"{f['changed_outside']:9.2%}{f['kept_outside']:9.1%}{f['kept_resting']:7.1%}",
            flush=True,
        )


def measure_obedience(session: Session, options: argparse.Namespace) -> None:
    """Drag landmarks of all sources and print what became of it."""
    print(f"{session.info.name}: {session.image_size} px; lengths in pixels of 128")
    print(
        f"{'':26}{'drags':>6}{'in 2 px':>8}{'mean':>7}{'p50':>6}{'p95':>6}"
        f"{'rest: mean':>10}{'all':>7}{'mean':>7}{'p95':>6}"
        f"{'changed':>9}{'kept far':>9}{'still':>7}"
    )
    for source in options.sources:
        pictures = pictures_of(source, options)
        ways = measure_drags(session, pictures, DRAGS_A_PICTURE, options.seed)
        show_drags(source.stem, ways)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("sources", type=Path, nargs="+", metavar="SOURCE")
    parser.add_argument("--pairs", type=int, default=20, help="pairs a video")
    parser.add_argument("--crop", default="auto", choices=("auto", "face", "motion", "whole"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pictures", type=Path, help="a folder for the first pairs as PNG")
    parser.add_argument("--drags", type=int, default=0, help="drag landmarks, so often a source")
    parser.add_argument("--held-back", type=float, default=0.1, help="share of frames for drags")
    options = parser.parse_args()
    if not options.drags and any(source.suffix == ".npz" for source in options.sources):
        parser.error("packed frames are for --drags")
    cv2.setNumThreads(1)
    session = Session(options.model, "cpu", options.threads)
    if options.drags:
        measure_obedience(session, options)
        return
    print(f"{session.info.name}: {session.image_size} px; L1 and sharpness against the real frame")
    print(f"{'':16}" + "".join(f"{way:>20}" for way in WAYS))
    for video in options.sources:
        rng = np.random.default_rng(options.seed)
        rows = list(pairs(session, video, options.pairs, options.crop, rng))
        cells = ""
        for way in WAYS:
            off = np.mean(
                [np.abs(made[way].astype(np.float32) - true).mean() for true, made in rows]
            )
            share = np.median([sharpness(made[way]) / sharpness(true) for true, made in rows])
            cells += f"{off:12.2f}{share:7.0%} "
        print(f"{video.stem:16}{cells}", flush=True)
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
            save_rows(options.pictures / f"{video.stem}.png", rows[:6])


if __name__ == "__main__":
    main()
