"""Time from starting a fresh process to the first frame of the sample on screen.

Run: python benchmarks/window_start.py [--runs 5] [--platform offscreen|xcb]
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

_CHILD = """
import sys, time
began = float(sys.argv[1])
marks = {}
def mark(name):
    marks[name] = round(time.time() - began, 4)
mark("interpreter")
from limner_app import window
mark("imported")
shown = window.open_window([], size=(1366, 768))
mark("window")
shown.open_sample()
view = shown.frame_view
painted = []
old = view.paintEvent
def watch(event):
    old(event)
    if shown.document.image() is not None and not painted:
        painted.append(True)
        mark("first_frame")
view.paintEvent = watch
window.wait_until(lambda: bool(painted), 60)
model = shown.document.model_path is not None
window.wait_until(lambda: "model" in shown.document.landmarks().origin, 20 if model else 8)
if "model" in shown.document.landmarks().origin:
    mark("first_landmarks")
assert "torch" not in sys.modules
import json
print(json.dumps(marks))
shown.close()
window.wait_until(shown.closed.is_set, 20)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--platform", default="offscreen")
    chosen = parser.parse_args()
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for run in range(chosen.runs + 1):
            environment = {
                **os.environ,
                "QT_QPA_PLATFORM": chosen.platform,
                "LIMNER_CONFIG": f"{folder}/config-{run}",
                "LIMNER_CACHE": f"{folder}/cache-{run}",
            }
            out = subprocess.run(
                [sys.executable, "-c", _CHILD, repr(time.time())],
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
            if run:  # the first one warms the disk's cache
                for name, value in json.loads(out.strip().splitlines()[-1]).items():
                    found.setdefault(name, []).append(value)
    for name, values in found.items():
        spread = f"{min(values):.2f}..{max(values):.2f}"
        print(
            f"{name:16} median {statistics.median(values):.2f} s  ({spread}, {len(values)} runs)"
        )


if __name__ == "__main__":
    main()
