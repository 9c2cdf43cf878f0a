"""Learns the models that ship with Limner, from videos, without labels.

    python packaging/learn_models.py sample --minutes 15
    python packaging/learn_models.py colours --data FOLDER --minutes 10
    python packaging/learn_models.py faces --data FOLDER --minutes 90
    python packaging/learn_models.py measure --data FOLDER

FOLDER holds ``faces/ytf68_dev`` and ``heads``. Runs stay in ``runs/`` and go on where they were
broken off. A finished model lands, as float16, in ``resources/limner_resources/models``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch

from limner_app import cli
from limner_engine.inference.device import choose_device
from limner_engine.model_file import load_model, save_model
from limner_resources import loss_network, resource_dir, sample_video
from limner_training.config import TrainConfig
from limner_training.control import Control
from limner_training.data.datasets import ytf68
from limner_training.data.frames import FrameSet
from limner_training.data.pairs import split
from limner_training.data.video_frames import gather
from limner_training.events import HeldBack, to_line
from limner_training.loop import learn
from limner_training.losses.colouriser import (
    BUNDLED_WIDTH,
    Colouriser,
    colour_loss,
    coloured_pictures,
    learn_colours,
    marginal_loss,
    save_colouriser,
)
from limner_training.run_folder import RunFolder

RUNS = Path(__file__).resolve().parent.parent / "runs"


def main() -> int:
    """Learn one model, or measure the faces model on labelled pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("sample", "colours", "faces", "measure"))
    parser.add_argument("--data", type=Path, help="folder of research pictures and videos")
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument("--size", choices=("lite", "medium", "paper"), default="medium")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--start-from", default="", help="a model to go on from")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KNOB=VALUE",
        help="any other knob of TrainConfig, as JSON: obedience=2, batch=64",
    )
    chosen = parser.parse_args()
    if chosen.what != "sample" and chosen.data is None:
        parser.error("--data is needed for faces")
    if chosen.what == "colours":
        return colours(chosen)
    if chosen.what == "measure":
        return measure(resource_dir() / "models" / "faces.safetensors", chosen.data)
    config = TrainConfig(
        sources=(str(sample_video()),)
        if chosen.what == "sample"
        else face_sources(chosen.data, chosen.size),
        size=chosen.size,
        start_from=chosen.start_from,
        name=chosen.what,
        landmarks=12 if chosen.what == "sample" else 20,
        minutes=chosen.minutes,
        mirror=chosen.what == "faces",
        crop_mode="motion" if chosen.what == "sample" else "face",
        held_back=0.1,
        threads=chosen.threads,
        preview_seconds=60,
        checkpoint_seconds=120,
        patience=0.0,
        **dict(_knob(pair) for pair in chosen.set),
    )
    path = RUNS / f"bundled-{chosen.what}"
    folder = RunFolder(path) if (path / "config.json").exists() else RunFolder.adopt(path, config)
    with folder.events_path.open("a", encoding="utf-8") as log:

        def say(event: object) -> None:
            line = to_line(event)  # type: ignore[arg-type]
            print(line, file=log, flush=True)
            if isinstance(event, HeldBack):
                print(line, flush=True)

        done = learn(folder, say, Control(None))
    print(done)
    ship(folder.model_path, chosen.what)
    return 0


def _knob(pair: str) -> tuple[str, Any]:
    name, _, value = pair.partition("=")
    return name, json.loads(value)


def ship(model: Path, name: str) -> None:
    """Put a learned model among the resources, in half precision."""
    loaded = load_model(model)
    info = dataclasses.replace(loaded.info, name=name)
    save_model(resource_dir() / "models" / f"{name}.safetensors", loaded.model, info, half=True)


def colours(chosen: argparse.Namespace) -> int:
    """Learn the loss network that runs start from, on all but the held-back people."""
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    frames = FrameSet.join(
        [FrameSet.open(Path(path)) for path in face_sources(chosen.data, chosen.size)]
    )
    learned, held = split(frames, 0.1)
    network = Colouriser(BUNDLED_WIDTH).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    half = choose_device("cpu").dtype == torch.bfloat16
    steps, began = round(60 * chosen.minutes * 7 * chosen.threads), time.monotonic()

    def draw(step: int) -> torch.Tensor:
        return coloured_pictures(frames, learned, step, 0)

    def autocast() -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=half)

    def report(share: float, loss: float) -> bool:
        if round(share * steps) % 100 == 0:
            print(f"{share:.0%} {loss:.3f} nats, {time.monotonic() - began:.0f} s", flush=True)
        return True

    learn_colours(network, draw, steps, autocast, report)
    pictures = torch.cat([coloured_pictures(frames, held, step, 1) for step in range(8)])
    with torch.inference_mode():
        loss = float(colour_loss(network(pictures), pictures))
    print(f"held back: {loss:.3f} nats, their own mean colours {marginal_loss(pictures):.3f}")
    save_colouriser(loss_network(), network, half=True)
    return 0


def measure(model: Path, data: Path) -> int:
    """Error of 68 points by a linear map from the landmarks, on people it never saw.

    This is ``limner evaluate``.
    """
    folder = str(data / "faces" / "ytf68_dev")
    return cli.main(["evaluate", "--model", str(model), "--data", folder, "--layout", "ytf68"])


def face_sources(data: Path, network: str) -> tuple[str, ...]:
    """Packed stills and clips, cut once and kept.

    Args:
        data: Holds ``faces/ytf68_dev`` and ``heads``.
        network: A size of `TrainConfig`.
    """
    size = 64 if network == "lite" else 128
    RUNS.mkdir(exist_ok=True)
    stills, clips = RUNS / f"stills-{size}.npz", RUNS / f"heads-{size}.npz"
    if not stills.exists():
        ytf68.read(data / "faces" / "ytf68_dev", size).frames.pack(stills)
    if not clips.exists():
        videos = tuple(str(path) for path in sorted((data / "heads").glob("*.mp4")))
        config = TrainConfig(sources=videos, frames_per_video=200, crop_mode="face")
        gather(config, size, lambda *_: True).pack(clips)
    return (str(stills), str(clips))


if __name__ == "__main__":
    sys.exit(main())
