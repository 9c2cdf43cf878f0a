"""How fast frames to label are chosen, and what choosing is worth: ``label_queue.py [DATA]``.

Without a folder: seconds of one core for 10,000 frames of 20 and of 68 landmarks, all drawn.

With the folder of research data, labelling is played through on ``animals/mirror-mouse-example``
(90 labelled frames; 25 at random to judge by) and on ``animals/sleap_centered_pair`` (one fly in
1,100 frames of one video, whose published predictions stand for labels; every fourth frame to
judge by; needs h5py). Five frames are labelled at random, then those that the queue asks for, five
at a time, or as many in random order. Two quick layers learn from them, ridge regression from
small pictures and from histograms of gradients; errors are means over the other frames, as shares
of those of random order with the same beginning.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.naming.queue import VideoFindings, label_next
from limner_engine.naming.ridge import regress

Doubles = NDArray[np.float64]
SIZE = 64


@dataclass(frozen=True, eq=False)
class Played:
    """Pictures with all their labels; times are unknown where they are stills."""

    points: Doubles  # (N, P, 2), pixels of the video
    small: Doubles  # (N, F)
    gradients: Doubles  # (N, G)
    time_s: Doubles  # (N,)
    judged: NDArray[np.bool_] | None  # the same frames each time, or 25 at random


def drawn(frames: int, landmarks: int) -> VideoFindings:
    """An animal that sways, found with noise."""
    random = np.random.default_rng(landmarks)
    seconds = np.arange(frames) / 30
    waves = np.sin(np.outer(seconds, random.uniform(0.2, 2, 8)) + random.uniform(0, 6, 8))
    points = (waves @ random.normal(0, 10, (8, 2 * landmarks))).reshape(frames, landmarks, 2)
    return VideoFindings(
        points + 200 + random.normal(size=points.shape),
        random.random((frames, landmarks)),
        labelled=np.arange(0, 500, 50),
        time_s=seconds,
        gap_px=random.gamma(1, 3, (frames, landmarks)),
        embedding=waves @ random.normal(size=(8, 64)) + random.normal(0, 0.1, (frames, 64)),
    )


def directions(pictures: Doubles, count: int) -> Doubles:
    """The main directions, of unit deviation in all; an even number of them."""
    off = pictures - pictures.mean(axis=0)
    left, sizes, _ = np.linalg.svd(off, full_matrices=False)
    kept = left[:, :count] * sizes[:count]
    return np.asarray(kept / np.sqrt((kept**2).sum(axis=1).mean()), np.float64)


def described(pictures: list[NDArray[np.uint8]]) -> tuple[Doubles, Doubles]:
    """Small pictures and histograms of gradients, in their main directions."""
    histograms = cv2.HOGDescriptor((SIZE, SIZE), (16, 16), (8, 8), (8, 8), 9)
    half = [cv2.resize(p, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for p in pictures]
    gradients = np.array([np.ravel(np.asarray(histograms.compute(p))) for p in half], np.float64)
    small = [cv2.resize(p, (32, 32), interpolation=cv2.INTER_AREA).ravel() for p in half]
    return directions(np.array(small, np.float64), 40), directions(gradients, 80)


def mouse(folder: Path) -> Played:
    with (folder / "CollectedData.csv").open() as table:
        rows = list(csv.reader(table))[3:]
    points = [[float(cell) if cell else np.nan for cell in row[1:]] for row in rows]
    pictures = [cv2.imread(str(folder / row[0]), cv2.IMREAD_GRAYSCALE) for row in rows]
    small, gradients = described([np.asarray(picture, np.uint8) for picture in pictures])
    places = np.array(points).reshape(len(rows), -1, 2)
    return Played(places, small, gradients, np.full(len(rows), np.nan), None)


def fly(folder: Path) -> Played:
    import h5py  # type: ignore[import-untyped, unused-ignore]

    with h5py.File(folder / "centered_pair_predictions.slp") as file:
        frames, instances, found = (
            file[name][:] for name in ("frames", "instances", "pred_points")
        )
    film = cv2.VideoCapture(str(folder / "centered_pair_low_quality.mp4"))
    points, pictures = [], []
    for frame in frames:
        grey = cv2.cvtColor(film.read()[1], cv2.COLOR_BGR2GRAY)
        for one in instances[frame["instance_id_start"] : frame["instance_id_end"]]:
            if one["track"] == 0:
                part = found[one["point_id_start"] : one["point_id_end"]]
                place = np.stack([part["x"], part["y"]], axis=1)
                place[~part["visible"]] = np.nan
                middle = np.nanmean(place, axis=0)
                shift = np.array([[1, 0, 64 - middle[0]], [0, 1, 64 - middle[1]]])
                points.append(place - middle + 64)
                pictures.append(np.asarray(cv2.warpAffine(grey, shift, (128, 128)), np.uint8))
    small, gradients = described(pictures)
    count = len(points)
    judged = np.arange(count) % 4 == 1
    return Played(np.array(points), small, gradients, np.arange(count) / 30, judged)


def layer(columns: Doubles, points: Doubles, learned: NDArray[np.intp]) -> Doubles:
    """Points of all frames, by ridge regression from those learned."""
    features = columns.reshape(len(columns), -1, 2)
    return regress("ridge", features[learned], points[learned], features)


def errors(played: Played, learned: NDArray[np.intp], judged: NDArray[np.bool_]) -> list[float]:
    """Mean distance of either layer."""
    answer = []
    for columns in (played.small, played.gradients):
        off = layer(columns, played.points, learned) - played.points
        answer.append(float(np.nanmean(np.linalg.norm(off, axis=2)[judged])))
    return answer


def asked(played: Played, learned: NDArray[np.intp], judged: NDArray[np.bool_]) -> list[int]:
    """Five frames by the queue, which sees what the window would give it."""
    first = layer(played.small, played.points, learned)
    second = layer(played.gradients, played.points, learned)
    # Stills have no neighbours in time.
    step = 1 if np.isfinite(played.time_s).all() else 2
    frames = np.arange(len(first)) * step
    findings = VideoFindings(
        np.where(judged[:, None, None], np.nan, second),
        np.full(second.shape[:2], np.nan),
        labelled=frames[learned],
        frame=frames,
        time_s=played.time_s,
        gap_px=np.linalg.norm(first - second, axis=2),
        embedding=played.gradients[:, :16],
    )
    return [chosen.frame // step for chosen in label_next([findings], 5)]


def play(name: str, played: Played, rounds: int, most: int) -> None:
    counts = list(range(10, most + 1, 5))
    figures = np.zeros((rounds, 2, len(counts), 2))
    for turn in range(rounds):
        order = np.random.default_rng(turn).permutation(len(played.points))
        judged = played.judged
        if judged is None:
            judged = np.isin(np.arange(len(order)), order[:25])
        order = order[~judged[order]]
        learned = order[:5]
        for place, count in enumerate(counts):
            learned = np.append(learned, asked(played, learned, judged)).astype(np.intp)
            figures[turn, 0, place] = errors(played, learned, judged)
            figures[turn, 1, place] = errors(played, order[:count], judged)
    ratio = figures[:, 0] / figures[:, 1]
    print(
        f"{name}: {rounds} rounds; error of random order in px, and the queue's as a share of it"
    )
    for place, count in enumerate(counts):
        told = []
        for part, kind in enumerate(("small pictures", "gradients")):
            shares = ratio[:, place, part]
            told.append(
                f"{kind} {figures[:, 1, place, part].mean():5.1f} px"
                f" x {shares.mean():.2f} +- {shares.std() / np.sqrt(rounds):.2f}"
            )
        print(f"  {count:3d} labels: " + "; ".join(told))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", help="the folder of research data")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--most", type=int, default=40, help="labels at the end")
    options = parser.parse_args()
    if options.data is None:
        for landmarks in (20, 68):
            findings = drawn(10_000, landmarks)
            taken = []
            for _ in range(5):
                before = time.process_time()
                label_next([findings], 20)
                taken.append(time.process_time() - before)
            print(
                f"10,000 frames of {landmarks} landmarks: {min(taken):.2f} s to {max(taken):.2f} s"
            )
        return
    animals = options.data / "animals"
    play("mirror-mouse", mouse(animals / "mirror-mouse-example"), options.rounds, options.most)
    play("flies", fly(animals / "sleap_centered_pair"), options.rounds, options.most)


if __name__ == "__main__":
    main()
