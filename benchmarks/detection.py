"""How fast landmarks are found: ``python benchmarks/detection.py MODEL VIDEO``.

Everything is measured in turn within each round of one run, so that ratios mean something on a
busy machine too; the best and the median round are shown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch

from limner_engine.coordinates import cut
from limner_engine.cropping.track import CropTrack
from limner_engine.inference.detect import detect_range
from limner_engine.inference.session import Session
from limner_engine.model_file import save_model
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import ModelInfo, Skeleton
from limner_engine.video.reader import VideoReader


def random_model(folder: Path) -> Path:
    """A model of the paper's size that has learned nothing; as fast as one that has."""
    torch.manual_seed(0)
    config = IMMConfig.paper()
    skeleton = Skeleton.numbered(config.landmark_count)
    path = folder / "random.safetensors"
    save_model(path, IMM(config).eval(), ModelInfo("imm", "random", config.to_json(), skeleton))
    return path


def frames_per_second(frames: int, work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return frames / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, nargs="?", help="a model file; none with --random")
    parser.add_argument("video", type=Path)
    parser.add_argument("--random", action="store_true", help="use an untrained paper model")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    if options.random == (options.model is not None):
        parser.error("give a model, or --random")
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        model = random_model(Path(folder)) if options.random else options.model
        session = Session(model, threads=options.threads)
    with VideoReader(options.video, threads=1) as reader:
        measure(session, reader, options.video, options.threads, options.rounds)


def measure(session: Session, reader: VideoReader, video: Path, threads: int, rounds: int) -> None:
    count = min(len(reader), 600)
    track = CropTrack.whole(reader.width, reader.height)
    frames = [frame for _, frame in reader.read(0, min(count, 96)) if frame is not None]
    crop = track.at(0)

    def from_decoded() -> None:
        session.detect_cuts(np.stack([cut(frame, crop, session.image_size) for frame in frames]))

    def decode() -> None:
        with VideoReader(video, threads=threads) as alone:
            for _ in alone.read(0, count):
                pass

    def end_to_end() -> None:
        for _ in detect_range(session, reader, track, 0, count):
            pass

    print(f"{video.name}: {reader.width} x {reader.height}, {count} frames")
    print(f"{session.info.name}: {session.image_size} px, {session.label}, {threads} threads")
    names = ("network, from decoded frames", "decoding alone", "decoding and network")
    jobs = ((len(frames), from_decoded), (count, decode), (count, end_to_end))
    rates: list[list[float]] = [[], [], []]
    for work in (from_decoded, decode, end_to_end):
        work()  # once in vain: memory, caches
    for _ in range(rounds):
        for rate, (number, work) in zip(rates, jobs, strict=True):
            rate.append(frames_per_second(number, work))
    print(f"{'frames/s':32}{'best':>8}{'median':>8}")
    for name, rate in zip(names, rates, strict=True):
        print(f"{name:32}{max(rate):8.0f}{statistics.median(rate):8.0f}")
    ratios = [whole / alone for alone, whole in zip(rates[1], rates[2], strict=True)]
    print(f"{'ratio to decoding alone':32}{max(ratios):8.2f}{statistics.median(ratios):8.2f}")


if __name__ == "__main__":
    main()
