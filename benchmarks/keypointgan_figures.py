"""Landmarks of drawn figures from a pose prior: ``python benchmarks/keypointgan_figures.py``.

Figures of thirteen joints are drawn before textured walls (``tests/drawn_figures.py``): videos to
learn from, a prior of other poses, and videos of other clothes and walls that are never learned
from. ``limner train --method keypointgan`` learns in a process of its own. What stands below is
the mean distance of landmarks to drawn joints in % of the image size, without any label; what the
linear map from all of the learned videos' joints makes of them; and what always answering the
prior's mean pose would give. ``--bottleneck picture`` is the ablation without bottleneck.
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

import numpy as np

# The figures are drawn by what the tests draw them with.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from drawn_figures import DrawnFigures, draw_prior, draw_videos, inner
from limner_engine.priors.prior import PosePrior
from limner_engine.types import Floats, Image
from limner_training.evaluation.sides import sides_right, swapped_order

PRIOR_POSES = 5000
TEST_VIDEOS, TEST_FRAMES = 6, 50
PIXELS = {"lite": 64, "medium": 128, "paper": 128}


@dataclass(frozen=True, slots=True)
class Drawn:
    """Files of one benchmark: see `draw`."""

    learned: Path
    joints: Path
    prior: Path
    test: Path


def draw(folder: Path, side: int, videos: int, frames: int, seed: int) -> Drawn:
    """Draw what is not there yet.

    Args:
        folder: Where it is kept.
        side: Of the pictures that the network sees, pixels.
        videos: To learn from.
        frames: Of each.
        seed: Other seeds, other figures.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known = Drawn(
        folder / f"figures-{side}.npz",
        folder / f"figures-{side}-joints.npz",
        folder / "prior.prior.npz",
        folder / ("test.npz" if side == 64 else f"test-{side}.npz"),
    )
    if not known.learned.exists():
        drawn = draw_videos(videos, frames, side, seed)
        # Joints lie apart: what learns cannot see them.
        np.savez(known.joints, joints_norm=drawn.joints_norm, video=drawn.video)
        drawn.frame_set().pack(known.learned)
    if not known.test.exists():
        drawn = draw_videos(TEST_VIDEOS, TEST_FRAMES, side, seed + 1000)
        np.savez(known.test, **{name: getattr(drawn, name) for name in DrawnFigures.__slots__})
    if not known.prior.exists():
        draw_prior(PRIOR_POSES, seed).save(known.prior)
    return known


def drawn_test(path: Path) -> DrawnFigures:
    """The inverse of how `draw` keeps the videos that are not learned from."""
    with np.load(path, allow_pickle=False) as stored:
        return DrawnFigures(*(stored[name] for name in DrawnFigures.__slots__))


def found(model: Path, crops: Image, threads: int) -> Floats:
    """Landmarks of crops, ``(N, 13, 2)`` in -1..1."""
    import torch

    from limner_engine.model_file import load_model

    torch.set_num_threads(threads)
    network: Any = load_model(model).model
    places = []
    with torch.inference_mode():
        for start in range(0, len(crops), 32):
            part = torch.from_numpy(crops[start : start + 32].copy()).permute(0, 3, 1, 2)
            places.append(network.detect(part.float() / 255).points_norm.float().numpy())
    return np.concatenate(places)


def percent(places: Floats, joints: Floats) -> float:
    """Mean distance in % of the image size."""
    return float(np.linalg.norm(places - joints, axis=-1).mean() * 50)


def report(model: Path, drawn: Drawn, threads: int) -> dict[str, float]:
    """All figures of a model."""
    from limner_engine.naming.ridge import regress

    test, prior = drawn_test(drawn.test), PosePrior.open(drawn.prior)
    with np.load(drawn.learned, allow_pickle=False) as stored:
        learned = inner(stored["pixels"])[::4]
    with np.load(drawn.joints, allow_pickle=False) as stored:
        truth = stored["joints_norm"][::4]
    seen, unseen = found(model, learned, threads), found(model, test.crops(), threads)
    order = swapped_order(len(prior.skeleton.names), prior.skeleton.symmetries)
    right = sides_right(unseen, unseen[:, order], test.joints_norm.astype(np.float64))
    best = np.where(right[:, None, None], unseen, unseen[:, order])
    mapped = regress("bias", seen, truth.astype(np.float64), unseen).astype(np.float32)
    return {
        "no label": percent(unseen, test.joints_norm),
        "no label, videos learned from": percent(seen, truth),
        "no label, sides as the joints say": percent(best, test.joints_norm),
        "sides right, % of frames": float(right.mean() * 100),
        "linear map from the learned videos' joints": percent(mapped, test.joints_norm),
        "always the prior's mean pose": percent(prior.poses.mean(0), test.joints_norm),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=Path("runs/figures"))
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--size", choices=sorted(PIXELS), default="lite")
    parser.add_argument("--bottleneck", choices=("landmarks", "picture"), default="landmarks")
    parser.add_argument("--videos", type=int, default=24, help="to learn from")
    parser.add_argument("--frames", type=int, default=120, help="of each video")
    parser.add_argument("--seed", type=int, default=0, help="of the figures and of learning")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only-data", action="store_true", help="draw and stop")
    parser.add_argument("--model", type=Path, help="measure this model, learn nothing")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="any other option of limner train: --set batch=8 --set conditional=false",
    )
    options = parser.parse_args()
    drawn = draw(options.out, PIXELS[options.size], options.videos, options.frames, options.seed)
    if options.only_data:
        for name in Drawn.__slots__:
            print(getattr(drawn, name))
        return 0
    model, seconds = options.model, 0.0
    if model is None:
        number = len(list(options.out.glob("run-*")))
        run = options.out / f"run-{number}-{options.bottleneck}-{options.seed}"
        command = [sys.executable, "-m", "limner_app", "train", str(drawn.learned)]
        command += ["--method", "keypointgan", "--prior", str(drawn.prior), "--out", str(run)]
        command += ["--size", options.size, "--bottleneck", options.bottleneck]
        command += ["--minutes", str(options.minutes), "--threads", str(options.threads)]
        command += ["--seed", str(options.seed), "--json"]
        for pair in options.set:
            knob, _, value = pair.partition("=")
            name = knob.replace("_", "-")
            switch = {"true": [f"--{name}"], "false": [f"--no-{name}"]}
            command += switch.get(value, [f"--{name}", value])
        began = time.perf_counter()
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            return done.returncode
        seconds = time.perf_counter() - began
        answer = json.loads(done.stdout)
        model = Path(answer["model"])
        print(f"{answer['steps']} steps, {seconds / 60:.1f} minutes: {model}")
    for name, value in report(model, drawn, options.threads).items():
        print(f"{name:45} {value:6.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
