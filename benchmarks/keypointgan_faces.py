"""Faces from a pose prior: ``python benchmarks/keypointgan_faces.py faces/ytf68_dev --prior P``.

Pictures of the YouTube Faces set are packed without the people that are tested on; the prior is of
other people in other pictures (`limner prior`). ``limner train --method keypointgan`` learns once
for every size of prior, 0 for all of its poses, and ``limner evaluate`` measures all models on the
people kept away: error over eye distance without any label, and with the linear map fitted on 10,
50 and all labelled pictures of the others. With ``--models`` nothing is learned.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from limner_training.data.datasets import ytf68
from limner_training.data.frames import FrameSet

PIXELS = {"lite": 64, "medium": 128, "paper": 128}


def pack(folder: Path, out: Path, side: int) -> Path:
    """The faces of all people but those of the test part, once for a size of pictures."""
    path = out / f"faces-{side}.npz"
    if path.exists():
        return path
    labelled = ytf68.load(folder)
    tested = {labelled.people[number] for number in labelled.members("test")}
    frames = ytf68.read(folder, side).frames
    kept = [name.split("/")[0] not in tested for name in frames.names]
    chosen = np.array(kept)[frames.video]
    number = np.cumsum(kept) - 1
    FrameSet(
        frames.pixels[chosen],
        number[frames.video[chosen]].astype(np.int32),
        frames.frame[chosen],
        tuple(name for name, keep in zip(frames.names, kept, strict=True) if keep),
    ).pack(path)
    return path


def learned(options: argparse.Namespace, packed: Path, poses: int) -> Path:
    """The model of one size of prior."""
    run: Path = options.out / f"prior-{poses or 'all'}-seed-{options.seed}"
    model = run / "model.safetensors"
    if model.exists():
        return model
    command = [sys.executable, "-m", "limner_app", "train", str(packed), "--out", str(run)]
    command += ["--method", "keypointgan", "--prior", str(options.prior), "--size", options.size]
    command += ["--prior-poses", str(poses), "--minutes", str(options.minutes)]
    command += ["--threads", str(options.threads), "--seed", str(options.seed), "--json"]
    for pair in options.set:
        knob, _, value = pair.partition("=")
        command += [f"--{knob.replace('_', '-')}", value]
    began = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    minutes = (time.perf_counter() - began) / 60
    steps = json.loads(done.stdout)["steps"]
    print(f"prior of {poses or 'all'} poses: {steps} steps, {minutes:.1f} minutes")
    return model


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, help="folder with images/ and landmarks.csv")
    parser.add_argument("--prior", type=Path, required=True, help="68 points, of other people")
    parser.add_argument("--prior-poses", type=int, nargs="+", default=[0, 500, 50])
    parser.add_argument("--models", type=Path, nargs="+", default=[], help="measure these")
    parser.add_argument("--out", type=Path, default=Path("runs/pose-faces"))
    parser.add_argument("--minutes", type=float, default=20.0, help="for each size of prior")
    parser.add_argument("--size", choices=sorted(PIXELS), default="lite")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], metavar="KNOB=VALUE")
    options = parser.parse_args()
    models: list[Path] = options.models
    if not models:
        options.out.mkdir(parents=True, exist_ok=True)
        packed = pack(options.data, options.out, PIXELS[options.size])
        models = [learned(options, packed, poses) for poses in options.prior_poses]
    first, *others = (str(model) for model in models)
    command = [sys.executable, "-m", "limner_app", "evaluate", "--model", first]
    command += ["--data", str(options.data), "--layout", "ytf68", "--prior", str(options.prior)]
    command += ["--shots", "10,50,all", "--threads", str(options.threads)]
    command += ["--table", "keypointgan"]
    if others:
        command += ["--compare", *others]
    return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main())
