"""Warps of drawn hands against FAb-Net and optical flow: ``python benchmarks/warps_hands.py``.

A head and two hands of one colour move far between frames (``tests/drawn_hands.py``); where every
place comes from is known. ``limner train --method class_embedding`` and ``fabnet`` learn, each in
a process of its own. Below stand, for pairs whose targets were never learned from:

- the mean distance between the flow and the known one on the moving parts that both frames show,
  in % of the picture's side: of the expectation and of the mode, of OpenCV's DIS flow between the
  same two frames, and of no motion at all;
- how often a place of a hand was taken from nearer the other hand;
- what redrawing errs, as a share of what copying would, and that error by stated confidence.

``--set cycle=0`` learns without the cyclic loss; any other option of ``limner train`` goes too.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

# The hands are drawn by what the tests draw them with.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from drawn_hands import DrawnHands, draw_hands
from limner_engine.types import Floats
from limner_training.data.pairs import held_back_pairs, split

PAIRS = 96
SIDE = 64
"""Flows are compared at this side."""

METHODS = ("class_embedding", "fabnet")


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """Pairs that are measured on.

    Attributes:
        drawn: All videos.
        sources: ``(N,)`` frames.
        targets: ``(N,)`` frames, never learned from.
        flow: ``(N, W, W, 2)`` in units of half the picture.
        parts: ``(N, W, W)``: which part moves there, 0 for none.
    """

    drawn: DrawnHands
    sources: Any
    targets: Any
    flow: Floats
    parts: Any


def draw(folder: Path, side: int, videos: int, frames: int, seed: int) -> tuple[Path, DrawnHands]:
    """What is learned from, drawn where it is not there yet, and where the parts are in it."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"hands-{side}-{videos}x{frames}-{seed}"
    packed, places = folder / f"{name}.npz", folder / f"{name}-parts.npz"
    if not (packed.exists() and places.exists()):
        drawn = draw_hands(videos, frames, side, seed)
        np.savez(places, placements=drawn.placements)  # apart: what learns cannot see them
        drawn.frame_set().pack(packed)
    with np.load(packed, allow_pickle=False) as stored, np.load(places) as known:
        drawn = DrawnHands(stored["pixels"], stored["video"], stored["frame"], known["placements"])
    return packed, drawn


def held_back(drawn: DrawnHands, share: float = 0.15) -> Test:
    """Pairs of held-back targets and any other frame of their video."""
    frames = drawn.frame_set()
    sources, targets = held_back_pairs(frames, split(frames, share)[1], PAIRS, seed=7)
    known = [drawn.flow(a, b, SIDE) for a, b in zip(sources, targets, strict=True)]
    flow, parts = (np.stack(part) for part in zip(*known, strict=True))
    return Test(drawn, sources, targets, flow, parts)


def apart(test: Test, flow: Floats) -> float:
    """Mean end-point error on the moving parts, % of the picture's side."""
    return float(np.linalg.norm(flow - test.flow, axis=-1)[test.parts > 0].mean() * 50)


def mistaken(test: Test, flow: Floats) -> float:
    """Which share of the hands' places was taken from nearer the other hand, %."""
    along = (2 * np.arange(SIDE) + 1) / SIDE - 1
    places = np.stack(np.meshgrid(along, along), -1) + flow
    wrong = total = 0
    for row, source in enumerate(test.sources):
        hands = test.drawn.placements[source, 1:, :2]
        distance = np.linalg.norm(places[row][None] - hands[:, None, None], axis=-1)
        for hand in (0, 1):
            there = test.parts[row] == hand + 2
            wrong += int((distance[1 - hand] < distance[hand])[there].sum())
            total += int(there.sum())
    return 100 * wrong / total


def optical_flow(test: Test) -> Floats:
    """OpenCV's DIS from target to source, at its finest settings."""
    dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flows = []
    for source, target in zip(test.sources, test.targets, strict=True):
        first, second = (
            cv2.cvtColor(test.drawn.crops(np.array([row]))[0], cv2.COLOR_RGB2GRAY)
            for row in (target, source)
        )
        # None lets it begin at rest; the types of OpenCV do not know that.
        flow: Any = dis.calc(first, second, None)  # type: ignore[call-overload]
        small = cv2.resize(flow, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        flows.append(small * (2 / first.shape[0]))
    return np.stack(flows)


def answers(model: Path, test: Test, threads: int) -> dict[str, Any]:
    """Flows, redrawn pictures and confidence of a model for all pairs."""
    import torch

    from limner_engine.model_file import load_model
    from limner_engine.models.class_embedding import ClassEmbedding
    from limner_engine.models.warps import shrunk

    torch.set_num_threads(threads)
    network: Any = load_model(model).model
    made: dict[str, list[Any]] = {}
    with torch.inference_mode():
        for start in range(0, PAIRS, 16):
            source, target = (
                torch.from_numpy(test.drawn.crops(rows[start : start + 16]).copy())
                .permute(0, 3, 1, 2)
                .float()
                / 255
                for rows in (test.sources, test.targets)
            )
            redrawn, warp = network(source, target)
            flow, side = network.flow(warp), redrawn.shape[-1]
            wanted, plain = shrunk(target, side), shrunk(source, side)
            part: dict[str, Any] = {
                "mean": flow.mean,
                "mode": flow.mode,
                "error": (redrawn - wanted).abs().mean(1),
                "copied": (plain - wanted).abs().mean(1),
            }
            if isinstance(network, ClassEmbedding):
                part["confidence"] = network.confidence(warp)
            for name, value in part.items():
                made.setdefault(name, []).append(value.numpy())
    whole = {name: np.concatenate(parts) for name, parts in made.items()}
    for name in ("mean", "mode"):
        side = whole[name].shape[1]
        if side < SIDE:  # fewer levels
            block = SIDE // side
            whole[name] = whole[name].repeat(block, 1).repeat(block, 2)
    return whole


def report(model: Path, test: Test, threads: int) -> None:
    """Print all figures of a model."""
    made = answers(model, test, threads)
    for name in ("mean", "mode"):
        print(f"{'end-point error, ' + name:44} {apart(test, made[name]):6.2f} %")
    print(f"{'hands taken for each other':44} {mistaken(test, made['mode']):6.2f} %")
    ratio = made["error"].mean() / made["copied"].mean()
    print(f"{'redrawing, share of the error of copying':44} {100 * ratio:6.2f} %")
    if "confidence" in made:
        order = made["confidence"].ravel().argsort()
        bins = [made["error"].ravel()[rows].mean() for rows in np.array_split(order, 10)]
        print("error by confidence, least sure first:", *(f"{value:.4f}" for value in bins))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("runs/hands"))
    parser.add_argument("--minutes", type=float, default=15.0, help="for each system")
    parser.add_argument("--steps", type=int, default=0, help="instead of minutes")
    parser.add_argument("--method", choices=METHODS, action="append", help="default: both")
    parser.add_argument("--videos", type=int, default=4)
    parser.add_argument("--frames", type=int, default=200, help="of each video")
    parser.add_argument("--seed", type=int, default=0, help="of the hands and of learning")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", type=Path, help="measure this model, learn nothing")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="any other option of limner train: --set cycle=0 --set refine=printed",
    )
    options = parser.parse_args()
    packed, drawn = draw(options.out, 128, options.videos, options.frames, options.seed)
    test = held_back(drawn)
    print(f"{PAIRS} pairs of {packed.name}; % of the picture's side, or as it says")
    rest = np.zeros_like(test.flow)
    print(f"{'end-point error, no motion':44} {apart(test, rest):6.2f} %")
    dis = optical_flow(test)
    print(f"{'end-point error, DIS':44} {apart(test, dis):6.2f} %")
    print(f"{'hands taken for each other, DIS':44} {mistaken(test, dis):6.2f} %")
    if options.model:
        report(options.model, test, options.threads)
        return 0
    for method in options.method or METHODS:
        number = len(list(options.out.glob(f"run-{method}-*")))
        run = options.out / f"run-{method}-{number}"
        command = [sys.executable, "-m", "limner_app", "train", str(packed)]
        command += ["--method", method, "--out", str(run), "--seed", str(options.seed), "--json"]
        command += ["--threads", str(options.threads)]
        limit = ["--minutes", "0", "--steps", str(options.steps)]
        command += limit if options.steps else ["--minutes", str(options.minutes)]
        for pair in options.set:
            knob, _, value = pair.partition("=")
            name = knob.replace("_", "-")
            switch = {"true": [f"--{name}"], "false": [f"--no-{name}"]}
            command += switch.get(value, [f"--{name}", value])
        began = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            return done.returncode
        answer = json.loads(done.stdout)
        minutes = (time.perf_counter() - began) / 60
        print(f"\n{method}: {answer['steps']} steps, {minutes:.1f} minutes: {answer['model']}")
        report(Path(answer["model"]), test, options.threads)
    return 0


if __name__ == "__main__":
    sys.exit(main())
