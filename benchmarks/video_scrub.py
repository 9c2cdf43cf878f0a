"""How quick exact reading is against bare PyAV: ``python benchmarks/video_scrub.py VIDEO...``.

Both sides give RGB arrays of the same frames in the same run, turn and turn about, so that a busy
machine slows both. Bare PyAV seeks to the nearest keyframe and decodes up to the frame; it knows
no open GOPs, edit lists or damage. Ratios above 1 mean that the reader is slower.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

import av
import numpy as np
from rich.console import Console
from rich.table import Table

from limner_engine.errors import LimnerError
from limner_engine.types import Image
from limner_engine.video.reader import VideoReader


class Bare:
    """The plain way with PyAV, with the same number of threads."""

    def __init__(self, path: Path, threads: int) -> None:
        self.container = av.open(str(path))
        self.stream = self.container.streams.video[0]
        self.stream.thread_type = "AUTO"
        self.stream.codec_context.thread_count = threads

    def seek(self, pts: int) -> Image:
        """The frame shown at a timestamp, from the nearest keyframe."""
        self.container.seek(pts, stream=self.stream, backward=True)
        for frame in self.container.decode(self.stream):
            if frame.pts is not None and frame.pts >= pts:
                return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        raise SystemExit("bare PyAV did not reach the frame")

    def forward(self, count: int) -> None:
        """All frames from the first, one after another."""
        self.container.seek(0, stream=self.stream, backward=True)
        for number, frame in enumerate(self.container.decode(self.stream)):
            frame.to_ndarray(format="rgb24")
            if number + 1 == count:
                break


def clock(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def each(reader: VideoReader, numbers: Iterable[int]) -> None:
    for number in numbers:
        reader[number]


def measure(path: Path, scrubs: int, steps: int, threads: int, table: Table) -> None:
    with tempfile.TemporaryDirectory() as folder:
        opened = clock(lambda: VideoReader(path, cache_dir=Path(folder), threads=threads).close())
        reader = VideoReader(path, cache_dir=Path(folder), threads=threads)
        again = clock(lambda: VideoReader(path, cache_dir=Path(folder), threads=threads).close())
        bare = Bare(path, threads)
        count = len(reader)
        pick = random.Random(1)
        targets = [pick.randrange(count) for _ in range(scrubs)]
        pts = reader.index.pts
        ours, fresh, theirs = [], [], []
        for target in targets:
            reader.forget()
            fresh.append(clock(partial(reader.__getitem__, target)))
        for target in targets:
            ours.append(clock(partial(reader.__getitem__, target)))
            theirs.append(clock(partial(bare.seek, int(pts[target]))))
        rows = [
            ("random, nothing kept, p50", statistics.median(fresh), statistics.median(theirs)),
            (
                "random, nothing kept, p95",
                float(np.quantile(fresh, 0.95)),
                float(np.quantile(theirs, 0.95)),
            ),
            ("random, p50", statistics.median(ours), statistics.median(theirs)),
            ("random, p95", float(np.quantile(ours, 0.95)), float(np.quantile(theirs, 0.95))),
        ]
        steps = min(steps, count)
        forward, straight = [], []
        for _ in range(3):
            each(reader, [count - 1, 0])
            forward.append(clock(partial(each, reader, range(steps))) / steps)
            straight.append(clock(partial(bare.forward, steps)) / steps)
        rows.append(("forward, a step", min(forward), min(straight)))
        back = clock(lambda: each(reader, range(count - 1, count - 1 - steps, -1))) / steps
        rows.append(("backward, a step", back, min(straight)))
        turned = reader.index.rotation or reader.index.mirrored
        same = turned or np.array_equal(reader[targets[0]], bare.seek(int(pts[targets[0]])))
        reader.close()
    for name, mine, other in rows:
        table.add_row(
            path.name, name, f"{1e3 * mine:.2f}", f"{1e3 * other:.2f}", f"{mine / other:.2f}"
        )
    table.add_row(path.name, "first opening", f"{1e3 * opened:.0f}", "", "")
    table.add_row(path.name, "opening again", f"{1e3 * again:.0f}", "", "")
    if not same:
        raise SystemExit(f"{path.name}: the reader and PyAV disagree")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("video", type=Path, nargs="+")
    parser.add_argument("--scrubs", type=int, default=60, help="random frames (60)")
    parser.add_argument("--steps", type=int, default=200, help="steps forward and backward (200)")
    parser.add_argument("--threads", type=int, default=2, help="decoder threads, both sides (2)")
    chosen = parser.parse_args()
    table = Table("video", "what", "limner, ms", "PyAV, ms", "ratio")
    for path in chosen.video:
        try:
            measure(path, chosen.scrubs, chosen.steps, chosen.threads, table)
        except LimnerError as error:
            print(error, file=sys.stderr)
            return 2
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
