"""How long a warp lets a person wait: ``python benchmarks/warping.py [MODEL]``.

Without a model file, untrained ones of each size; what was learned does not change the time.

- A pair never seen: both frames cut from a picture of 1280 x 720 and embedded, the warp of all
  levels with its confidence, and the finest level made ready for the window.
- The next frame: the same source, another target, as when a person steps through a video.
- Another level of the pair that is there; a place pointed at, with its alternatives.

Each time stands in processor and in wall time; of the latter the least one, since what else the
machine does only adds to it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from limner_engine.inference.held_warp import HeldWarp
from limner_engine.inference.warp_session import WarpSession
from limner_engine.model_file import CLASS_EMBEDDING, save_model
from limner_engine.models.class_embedding import ClassEmbedding, ClassEmbeddingConfig
from limner_engine.quiet_threads import wait_without_spinning
from limner_engine.types import Crop, ModelInfo, Skeleton

CROP = Crop(640.0, 360.0, 500.0, 0.1)
SIZES: dict[str, Callable[[], ClassEmbeddingConfig]] = {
    "lite": ClassEmbeddingConfig.lite,
    "medium": ClassEmbeddingConfig.medium,
    "paper": ClassEmbeddingConfig.paper,
}


def untrained(folder: Path, size: str) -> Path:
    """A model file of a size."""
    config = SIZES[size]()
    path = folder / f"{size}.safetensors"
    info = ModelInfo(CLASS_EMBEDDING, size, config.to_json(), Skeleton(()))
    save_model(path, ClassEmbedding(config).eval(), info)
    return path


def tell(name: str, what: str, work: Callable[[], object], times: int) -> None:
    """Print how long something takes; the first time is not counted."""
    work()
    wall, began = [], time.process_time()
    for _ in range(times):
        start = time.perf_counter()
        work()
        wall.append(time.perf_counter() - start)
    spent = (time.process_time() - began) / times
    print(f"{name:8} {what:22} {1000 * spent:9.2f} ms processor {1000 * min(wall):9.2f} ms wall")


def measure(session: WarpSession, name: str, times: int) -> None:
    """All lines of one model."""
    rng = np.random.default_rng(0)
    frames = [rng.integers(0, 255, (720, 1280, 3), dtype=np.uint8) for _ in range(2)]
    source = session.encode(frames[0], CROP)

    def pair(fresh: bool) -> HeldWarp:
        first = session.encode(frames[0], CROP) if fresh else source
        made = session.warp(first, session.encode(frames[1], CROP))
        made.level()
        return made

    tell(name, "pair never seen", lambda: pair(True), times)
    tell(name, "next frame", lambda: pair(False), times)
    held = pair(False)
    middle = np.array([CROP.centre_x_px, CROP.centre_y_px])
    each = iter(middle + rng.uniform(-200, 200, (10 * times + 1, 2)))
    tell(name, "place pointed at", lambda: held.places(*next(each)), 10 * times)
    if len(held.sides) > 1:
        again = iter([session.warp(source, source) for _ in range(times + 1)])
        tell(name, "another level", lambda: next(again).level(0), times)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    wait_without_spinning()
    with TemporaryDirectory() as folder:
        models = {"given": options.model}
        if options.model is None:
            models = {size: untrained(Path(folder), size) for size in SIZES}
        for name, path in models.items():
            session = WarpSession(path, options.device, options.threads)
            print(f"{name}: {session.image_size} px, {session.label}, {options.threads} threads")
            measure(session, name, options.times)


if __name__ == "__main__":
    main()
