"""Learns the rows of IMM's ablation (its Table 2) on faces, and measures them side by side.

    python packaging/learn_ablation.py --data FOLDER --steps 1500

FOLDER holds ``faces/ytf68_dev`` and ``heads``. Every row has the same seed, frames, steps and
network, and differs in nothing but its loss or its bottleneck. Runs stay in ``runs/`` and go on
where they were broken off; finished ones are only measured.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from learn_models import RUNS, face_sources

from limner_app import cli
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.loop import learn
from limner_training.losses.content import PAPER_SHARE
from limner_training.run_folder import RunFolder

_VECTOR = {"loss": "content", "picture_share": PAPER_SHARE, "bottleneck": "vector"}

ROWS: dict[str, dict[str, Any]] = {
    "content": {"loss": "content", "picture_share": PAPER_SHARE},
    "l2": {"loss": "l2"},
    "l1": {"loss": "l1"},
    "l1+adversarial": {"loss": "l1+adversarial"},
    "l2+adversarial": {"loss": "l2+adversarial"},
    "imagenet": {"loss": "imagenet", "picture_share": PAPER_SHARE},
    "vector-10": {**_VECTOR, "landmarks": 5},
    "vector-20": {**_VECTOR, "landmarks": 10},
    "vector-60": {**_VECTOR, "landmarks": 30},
}
"""What each row changes."""

SHARED: dict[str, Any] = {
    "landmarks": 30,
    "marginals": "softmax2d",
    "equivariance": 10.0,
    "separation": 1.0,
    "pull": 0.1,
    "mirror": True,
    "crop_mode": "face",
    "held_back": 0.1,
    "colour_steps": 100,
    "minutes": 0.0,
    "preview_seconds": 300,
    "checkpoint_seconds": 120,
}


def main() -> int:
    """Learn what is not learned yet, then measure all of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--size", choices=("lite", "medium", "paper"), default="lite")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", default="content,l2,l1,vector-20,vector-60")
    chosen = parser.parse_args()
    unknown = sorted(set(chosen.rows.split(",")) - set(ROWS))
    if unknown:
        parser.error(f"no such rows: {', '.join(unknown)}; there are {', '.join(ROWS)}")
    sources = face_sources(chosen.data, chosen.size)
    models = []
    for name in chosen.rows.split(","):
        knobs = {**SHARED, **ROWS[name], "steps": chosen.steps, "threads": chosen.threads}
        config = TrainConfig(sources=sources, size=chosen.size, name=name, **knobs)
        path = RUNS / f"ablation-{chosen.size}-{name}"
        made = (path / "config.json").exists()
        folder = RunFolder(path) if made else RunFolder.adopt(path, config)
        if not folder.model_path.exists():
            print(f"learning {name}", flush=True)
            learn(folder, lambda _: None, Control(None))
        models.append(str(folder.model_path))
    data = str(chosen.data / "faces" / "ytf68_dev")
    first, *others = models
    words = ["evaluate", "--model", first, "--compare", *others, "untrained"]
    shots = "10,50,100,all"
    return cli.main(
        [*words, "--data", data, "--layout", "ytf68", "--table", "imm", "--shots", shots]
    )


if __name__ == "__main__":
    sys.exit(main())
