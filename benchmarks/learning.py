"""What a few minutes of learning give: ``python benchmarks/learning.py VIDEO... --set minutes=5``.

The end of every video is held back. Its frames are redrawn from the looks of random other frames
of their video; the ratio is that L1 over the L1 of copying those frames. Landmarks are also found
in pictures shifted by 6/64 of the crop and turned by 0.2 rad, where they should have moved along.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from limner_engine.errors import LimnerError
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.loop import learn
from limner_training.run_folder import RunFolder


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("video", nargs="+")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="any knob of TrainConfig, as JSON: steps=600, size='\"medium\"', separation=0",
    )
    parser.add_argument("--out", type=Path, help="keep the run here")
    chosen = parser.parse_args()
    knobs: dict[str, object] = {"preview_seconds": 30.0}
    for pair in chosen.set:
        name, _, value = pair.partition("=")
        knobs[name] = json.loads(value)
    if knobs.get("steps"):
        knobs.setdefault("minutes", 0.0)
    config = TrainConfig.from_json(json.dumps({"sources": chosen.video, **knobs}))
    with tempfile.TemporaryDirectory() as temporary:
        try:
            folder = RunFolder.adopt(chosen.out or Path(temporary) / "run", config)
            done = learn(folder, lambda _: None, Control(None))
        except LimnerError as error:
            print(error, file=sys.stderr)
            return 2
    table = Table("what", "figure")
    table.add_row("steps", str(done.step))
    for name, value in done.figures.items():
        table.add_row(name.replace("_", " "), f"{value:.4f}")
    Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
