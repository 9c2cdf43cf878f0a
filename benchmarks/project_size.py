"""A project of a million frames of 30 landmarks: how fast it opens, looks up, and takes an edit.

Run it as ``python benchmarks/project_size.py``; it needs about 400 MB of disk for a while.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from limner_engine.project import Project
from limner_engine.types import FrameKey, ModelInfo, Skeleton


def make(path: Path, frames: int, landmarks: int) -> float:
    """A project with one video of that many predicted frames; gives the seconds it took."""
    film = path.with_name("film.mp4")
    film.write_bytes(b"stands for a long film")
    random = np.random.default_rng(1)
    before = time.perf_counter()
    with Project.create(path) as project:
        project.set_skeleton(Skeleton.numbered(landmarks))
        video = project.add_video(
            film, fingerprint="f", frame_count=frames, width=1920, height=1080, frame_rate=30.0
        )
        info = ModelInfo("imm", "m", {}, Skeleton.numbered(landmarks), sha256="s")
        model = project.add_model(info, film)
        project.current_model_id = model
        run = 64 * 1024
        points = random.uniform(0, 1080, (run, landmarks, 2)).astype(np.float32)
        confidence = random.uniform(0, 1, (run, landmarks)).astype(np.float32)
        for start in range(0, frames, run):
            count = min(run, frames - start)
            project.write_predictions(
                video.id, model, 0, start, points[:count], confidence[:count]
            )
    return time.perf_counter() - before


def timed(deed: Callable[[int], object], arguments: list[int]) -> dict[str, float]:
    """Milliseconds of a deed: median, 95th percentile and worst."""
    taken = []
    for argument in arguments:
        before = time.perf_counter()
        deed(argument)
        taken.append((time.perf_counter() - before) * 1e3)
    p50, p95 = np.percentile(taken, [50, 95])
    return {"p50_ms": round(p50, 4), "p95_ms": round(p95, 4), "max_ms": round(max(taken), 4)}


def forget_cached(path: Path) -> bool:
    """Ask the system to drop the file from its cache, where it can be asked."""
    if not hasattr(os, "posix_fadvise"):
        return False
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
    return True


def measure(path: Path) -> dict[str, Any]:
    """Times in this, fresh, process."""
    before = time.perf_counter()
    project = Project.open(path)
    (video,) = project.videos()
    model = project.current_model_id
    assert model is not None
    opened = time.perf_counter()
    project.confidence_summary(video.id, model)
    project.predicted_mask(video.id, model)
    shown = time.perf_counter()
    random = np.random.default_rng(2)
    frames = random.integers(0, video.frame_count, 2000).tolist()
    look_up = timed(lambda frame: project.predictions(video.id, model, 0, frame), frames)
    in_order = timed(lambda frame: project.predictions(video.id, model, 0, frame), [*range(5000)])

    def edit(frame: int) -> None:
        project.annotate(FrameKey(video.id, frame), {3: (1.0, 2.0, True)}, author="a")

    edits = timed(edit, frames[:500])
    undos = timed(lambda _: project.undo(), frames[:500])
    project.close()
    return {
        "open_s": round(opened - before, 4),
        "open_and_timeline_s": round(shown - before, 4),
        "look_up_anywhere": look_up,
        "look_up_in_order": in_order,
        "edit_with_fsync": edits,
        "undo_with_fsync": undos,
    }


def main() -> None:
    """Make the project, measure it in a fresh process, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--landmarks", type=int, default=30)
    parser.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.measure)))
        return
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        path = Path(folder) / "million.limner"
        figures: dict[str, Any] = {
            "frames": chosen.frames,
            "landmarks": chosen.landmarks,
            "write_s": round(make(path, chosen.frames, chosen.landmarks), 2),
            "file_bytes": path.stat().st_size,
        }
        command = [sys.executable, __file__, "--measure", str(path)]
        for name in ("cold", "warm"):
            if name == "cold" and not forget_cached(path):
                continue
            figures[name] = json.loads(
                subprocess.run(command, capture_output=True, check=True).stdout
            )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
