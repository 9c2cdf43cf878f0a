"""How soon a dragged landmark is a picture: ``python benchmarks/drag.py MODEL VIDEO``.

Measured where a person would: in the window's process, from the request to the picture in hand,
through the pipe and back. A sharp picture has the crop's own resolution, 512 pixels a side at
most; the network's is as small as the network. What the window does then, laying the picture over
the frame, is timed too.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from limner_app.engine_client import EngineClient
from limner_app.views.redrawer import patch_of
from limner_engine.types import Crop
from limner_engine.video.reader import VideoReader

BURST_HZ = 120
BURST_S = 3.0


def wander(points: NDArray[np.float32], step: int, side: float) -> NDArray[np.float32]:
    """The points with one of them on a circle."""
    moved = points.copy()
    moved[step % 3] += 0.1 * side * np.array([np.cos(step / 9), np.sin(step / 9)], np.float32)
    return moved


def show(name: str, times_ms: list[float]) -> None:
    p50, p95 = np.percentile(times_ms, [50, 95])
    print(f"{name:48}{min(times_ms):8.1f}{p50:8.1f}{p95:8.1f}{len(times_ms):8d}")


async def measure(model: Path, video: Path, threads: int) -> None:
    with VideoReader(video) as reader:
        frame, crop = reader[0], Crop.whole(reader.width, reader.height)
    client = EngineClient(threads=threads)
    info = await client.load(model)
    landmarks = await client.hold(model, video, 0, crop)
    print(f"{info.name}: {info.config['image_size']} px, {client.label}, {threads} threads")
    print(f"{'request to picture, ms':48}{'best':>8}{'p50':>8}{'p95':>8}{'count':>8}")
    for _ in range(10):
        await client.redraw(landmarks.points_px)

    async def one(step: int, times: list[float], sharp: bool) -> bool:
        began = time.perf_counter()
        points = wander(landmarks.points_px, step, crop.side_px)
        image = await client.redraw(points, sharp=sharp)
        if image is not None:
            times.append(1000 * (time.perf_counter() - began))
        return image is not None

    for sharp, name in ((True, "sharp"), (False, "network only")):
        alone: list[float] = []
        for step in range(200):
            await one(step, alone, sharp)
        show(f"{name}, one after another", alone)

        burst: list[float] = []
        tasks: list[asyncio.Task[bool]] = []
        began = time.perf_counter()
        for step in range(int(BURST_HZ * BURST_S)):
            tasks.append(asyncio.create_task(one(step, burst, sharp)))
            due = began + (step + 1) / BURST_HZ
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        answered = await asyncio.gather(*tasks)
        took = time.perf_counter() - began
        show(f"{name}, burst at {BURST_HZ} Hz, newest wins", burst)
        print(
            f"{sum(answered)} pictures, {answered.count(False)} superseded, last one answered: "
            f"{answered[-1]}, {sum(answered) / took:.0f} pictures/s"
        )

    picture = await client.redraw(wander(landmarks.points_px, 0, crop.side_px))
    if picture is not None:
        laid: list[float] = []
        for _ in range(50):
            began = time.perf_counter()
            patch_of(frame, picture, crop)
            laid.append(1000 * (time.perf_counter() - began))
        show(f"laying {len(picture)} px over the frame", laid)
    await client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", help="a model file; none with --random")
    parser.add_argument("video", type=Path)
    parser.add_argument("--random", action="store_true", help="use an untrained paper model")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.random == (options.model is not None):
        parser.error("give a model, or --random")
    with tempfile.TemporaryDirectory() as folder:
        model = options.model
        if options.random:
            from detection import random_model

            model = random_model(Path(folder))
        asyncio.run(measure(model, options.video, options.threads))


if __name__ == "__main__":
    main()
