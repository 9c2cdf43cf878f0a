"""From the tenth label to names on every frame: ``python benchmarks/fitting.py [--minutes 2]``.

A video of 2,000 frames of 640 x 480 is drawn: a body that runs about and turns, with ears, a head
and a tail that move. Ten frames are labelled with what was drawn. Then ``limner fit`` works in a
process of its own, first without and then with the second layer. What is timed starts at the tenth
label: the video is open and its crops are known, as in the window. Errors are against what was
drawn, over all frames.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from limner_engine.formats import read_tidy
from limner_engine.project import Project
from limner_engine.types import FrameKey, Image, Skeleton
from limner_engine.video.reader import VideoReader
from limner_engine.video.writer import VideoWriter

WIDTH, HEIGHT, FRAMES, LABELS = 640, 480, 2000, 10
NAMES = ("nose", "left ear", "right ear", "middle", "tail base", "tail tip")


def places(frame: int) -> NDArray[np.float64]:
    """Where the landmarks of a frame are drawn: ``(6, 2)`` pixels."""
    t = frame / 30.0
    middle = np.array(
        [320 + 190 * math.sin(0.43 * t) + 40 * math.sin(1.7 * t), 240 + 140 * math.sin(0.61 * t)]
    )
    heading = 0.9 * t + 0.8 * math.sin(0.7 * t)
    nod, wag = 0.35 * math.sin(2.3 * t), 0.7 * math.sin(3.1 * t)

    def along(angle: float, length: float) -> NDArray[np.float64]:
        return length * np.array([math.cos(angle), math.sin(angle)])

    neck = middle + along(heading, 32)
    nose = neck + along(heading + nod, 30)
    left, right = (neck + along(heading + nod + turn, 15) for turn in (-1.3, 1.3))
    base = middle - along(heading, 38)
    return np.stack([nose, left, right, middle, base, base - along(heading + wag, 55)])


def drawn(frame: int, floor: Image) -> Image:
    """One frame."""
    picture = floor.copy()
    nose, left, right, middle, base, tip = (tuple(p) for p in places(frame))

    def at(point: tuple[float, ...]) -> tuple[int, int]:
        return round(point[0] * 16), round(point[1] * 16)

    line = cv2.LINE_AA
    cv2.line(picture, at(base), at(tip), (190, 140, 130), 5, line, 4)
    heading = math.degrees(math.atan2(middle[1] - base[1], middle[0] - base[0]))
    box = (middle[0], middle[1]), (92.0, 46.0), heading
    cv2.ellipse(picture, box, (70, 60, 55), -1, line)
    neck = tuple((np.array(left) + right) / 2)
    cv2.line(picture, at(neck), at(nose), (85, 72, 66), 22, line, 4)
    for ear in (left, right):
        cv2.circle(picture, at(ear), 9 * 16, (150, 110, 105), -1, line, 4)
    cv2.circle(picture, at(nose), 4 * 16, (220, 150, 150), -1, line, 4)
    return picture


def draw_video(path: Path) -> None:
    """Write the video."""
    rng = np.random.default_rng(5)
    coarse = rng.uniform(170, 225, (12, 16)).astype(np.float32)
    wide = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    floor = np.asarray(wide)[..., None] * np.array([1.0, 0.97, 0.92])
    lit = [
        np.clip(floor + rng.normal(0, 4, (HEIGHT, WIDTH, 1)), 0, 255).astype(np.uint8)
        for _ in range(8)
    ]
    with VideoWriter(path, WIDTH, HEIGHT, 30) as writer:
        for frame in range(FRAMES):
            writer.write(drawn(frame, lit[frame % 8]))


def labelled_project(folder: Path, video: Path) -> tuple[Path, float]:
    """A project with the video, its crops and ten labels; and how long finding crops took."""
    from limner_engine.cropping import find_crops

    path = folder / "drawn.limner"
    with VideoReader(video) as reader, Project.create(path) as project:
        began = time.perf_counter()
        track = find_crops(reader)
        seconds = time.perf_counter() - began
        known = project.add_video(
            video,
            fingerprint=reader.fingerprint,
            frame_count=reader.frame_count,
            width=reader.width,
            height=reader.height,
            frame_rate=float(reader.frame_rate),
        )
        project.set_skeleton(Skeleton(NAMES, symmetries=((1, 2),)))
        project.set_crop_track_json(known.id, 0, track.to_json())
        for frame in np.linspace(40, FRAMES - 40, LABELS).astype(int).tolist():
            said = {i: (float(x), float(y), True) for i, (x, y) in enumerate(places(frame))}
            project.annotate(FrameKey(known.id, frame), said, author="benchmark")
    print(f"crops: {track.mode}, found in {seconds:.1f} s")
    return path, seconds


def fitted(project: Path, *words: str) -> tuple[dict[str, Any], float]:
    """What ``limner fit`` says, and its seconds, start of the process included."""
    command = [sys.executable, "-m", "limner_app", "fit", str(project), "--json", *words]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout), time.perf_counter() - began


def errors(table: Path) -> NDArray[np.float64]:
    """Distance of every landmark to what was drawn: ``(2000, 6)`` pixels."""
    (found,) = read_tidy(table)
    truth = np.stack([places(int(frame)) for frame in found.frames])
    return np.asarray(np.linalg.norm(found.points - truth, axis=2), np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="for the second layer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="a folder for the video and the project")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        video = folder / "drawn.mp4"
        if not video.exists():
            draw_video(video)
        project, _ = labelled_project(folder, video)
        threads = ("--threads", str(options.threads))
        ways = {
            "first layer": ("--first-only",),
            "second layer": ("--minutes", str(options.minutes)),
        }
        for name, words in ways.items():
            said, seconds = fitted(project, *threads, *words)
            off = errors(Path(said["table"]))
            known = off[np.isfinite(off)]
            stages = ", ".join(f"{part} {value:.1f} s" for part, value in said["stages_s"].items())
            print(
                f"{name}: {seconds:.1f} s for {FRAMES} frames of {WIDTH} x {HEIGHT} ({stages}); "
                f"error {known.mean():.1f} px, median {np.median(known):.1f} px, "
                f"{np.mean(known <= 5):.0%} within 5 px, {1 - len(known) / off.size:.0%} not found"
            )


if __name__ == "__main__":
    main()
