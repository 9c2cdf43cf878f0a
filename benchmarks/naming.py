"""How long naming takes: after a correction, and from the tenth label to every frame.

Draws a video of 2,000 frames, 640x480, and labels 17 points of the figure in it from what was
drawn. Asks a real engine process as the window does: for a fit of ten labelled frames and then for
all frames; and for fits of a hundred labelled frames of which one was just corrected. The base is
a bundled model of size `lite`; how well it fits the drawing does not matter to times. Run
it on the cores that are of interest::

    taskset -c 0,1 python benchmarks/naming.py [--base MODEL] [--frames 2000] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from limner_app.engine_client import EngineClient
from limner_engine.cropping import CropTrack
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.types import Crop, Image, Skeleton
from limner_engine.video.writer import VideoWriter
from limner_resources import bundled_models

WIDTH, HEIGHT, POINTS = 640, 480, 17
CROP = Crop(319.5, 239.5, 640.0)
AIM_FIT_MS, AIM_ALL_S = 100.0, 10.0
CORRECTIONS = 15


def points_of(frame: int) -> NDArray[np.float32]:
    """Where the 17 points of the figure are in a frame: ``(17, 2)`` pixels."""
    middle = np.array([320 + 150 * np.sin(frame / 90), 240 + 90 * np.cos(frame / 70)])
    turn = 0.6 * np.sin(frame / 50)
    angle = turn + np.arange(POINTS) * (2 * np.pi / POINTS)
    reach = 70 + 25 * np.sin(frame / 20 + np.arange(POINTS))
    away = np.stack([np.cos(angle), np.sin(angle)], axis=1) * reach[:, None]
    return np.asarray(middle + away, np.float32)


def drawn(frame: int, ground: Image) -> Image:
    """A frame: the figure's points as squares on a ground."""
    image = ground.copy()
    for number, (x, y) in enumerate(points_of(frame)):
        colour = (60 + 11 * number, 250 - 12 * number, 120)
        left, top = int(x) - 9, int(y) - 9
        image[max(top, 0) : top + 19, max(left, 0) : left + 19] = colour
    return image


def write_video(path: Path, frames: int) -> None:
    """Draw the video."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(40, 140, (HEIGHT // 16, WIDTH // 16, 3), np.uint8)
    ground = coarse.repeat(16, axis=0).repeat(16, axis=1)
    with VideoWriter(path, WIDTH, HEIGHT, Fraction(30)) as writer:
        for frame in range(frames):
            writer.write(drawn(frame, ground))


def labels(video: Path, frames: NDArray[np.int64]) -> LabelledFrames:
    """All points of some frames, as a person would label them: to a pixel or so."""
    rng = np.random.default_rng(1)
    points = np.stack([points_of(int(frame)) for frame in frames])
    points += rng.normal(scale=0.7, size=points.shape).astype(np.float32)
    told = np.ones(points.shape[:2], np.bool_)
    return LabelledFrames(
        tuple((video, int(frame)) for frame in frames),
        (CROP,) * len(frames),
        points,
        told.copy(),
        told,
        np.zeros(len(frames), np.int64),
        Skeleton.numbered(POINTS),
    )


async def measure(base: Path, folder: Path, frames: int) -> dict[str, Any]:
    """All figures."""
    video, out = folder / "drawn.mp4", folder / "names.safetensors"
    write_video(video, frames)
    client = EngineClient(threads=2, log_path=folder / "engine.log")
    try:
        await client.load(base)  # the window has had it loaded for long
        ten = labels(video, np.linspace(0, frames - 1, 10).round().astype(np.int64))
        # Nine are known already when the tenth is made.
        await client.name(ten.take(range(9)), base=base, out=out)
        began = time.perf_counter()
        await client.name(ten, base=base, out=out)
        first_s = time.perf_counter() - began
        found = np.full((frames, POINTS, 2), np.nan, np.float32)

        def take(first: int, points: NDArray[np.float32], _: NDArray[np.float32]) -> None:
            found[first : first + len(points)] = points

        track = CropTrack.fixed(CROP)
        await client.detect_range(out, video, 0, frames, track, take)
        all_s = time.perf_counter() - began
        began = time.perf_counter()
        await client.detect_range(base, video, 0, frames, track, lambda *_: None)
        base_s = time.perf_counter() - began
        truth = np.stack([points_of(frame) for frame in range(frames)])
        apart = np.linalg.norm(found - truth, axis=2)

        hundred = labels(video, np.linspace(0, frames - 1, 100).round().astype(np.int64))
        await client.name(hundred, base=base, out=out)
        times, engine = [], []
        for number in range(CORRECTIONS):
            moved = hundred.points_px.copy()
            moved[number, number % POINTS] += 2
            began = time.perf_counter()
            fit = await client.name(replace(hundred, points_px=moved), base=base, out=out)
            times.append(1000 * (time.perf_counter() - began))
            engine.append(fit.ms)
        began = time.perf_counter()
        await client.name(hundred, base=base, out=out, judge=True)
        judge_s = time.perf_counter() - began
    finally:
        await client.close()
    return {
        "base": base.stem,
        "fit_after_a_correction_ms": round(statistics.median(times), 1),
        "slowest_fit_ms": round(max(times), 1),
        "fit_in_the_engine_ms": round(statistics.median(engine), 1),
        "fit_aim_ms": AIM_FIT_MS,
        "tenth_label_to_model_s": round(first_s, 3),
        "tenth_label_to_all_frames_s": round(all_s, 2),
        "all_frames_aim_s": AIM_ALL_S,
        "same_frames_by_the_base_s": round(base_s, 2),
        "frames": frames,
        "median_error_px": round(float(np.nanmedian(apart)), 1),
        "judged_s": round(judge_s, 2),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, default=bundled_models()["faces"])
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = asyncio.run(measure(chosen.base, Path(folder), chosen.frames))
    if chosen.json:
        print(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        print(f"{name.replace('_', ' ')}: {value}")


if __name__ == "__main__":
    main()
