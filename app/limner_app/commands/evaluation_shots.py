"""Few labels in ``limner evaluate``: its options, and measuring the layers that are asked for."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.evaluation_text import shots_text
from limner_app.commands.looking import choose_crops, named_model, opened
from limner_app.commands.parsing import UsageError, minutes, positive, whole_number
from limner_app.progress import long_work
from limner_engine.errors import LimnerError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from limner_training.data.datasets.labelled import LabelledSet
    from limner_training.evaluation.few_shot import Layer
    from limner_training.evaluation.first_shots import FirstShots

LAYERS = ("mean", "first", "second", "supervised")
SHOTS = (5, 10, 20, 50, 0)
"""Numbers of labels where nobody named others; 0 for all."""


def add_shot_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command when few labels are measured."""
    group = parser.add_argument_group("named landmarks after few labels")
    group.add_argument(
        "--train-labels", metavar="A", help="labels to learn from: a table, a project or a folder"
    )
    group.add_argument(
        "--test-labels", metavar="B", help="labels to test on; a part of A, if not given"
    )
    group.add_argument(
        "--layers",
        type=_layers,
        default=LAYERS,
        metavar="L,...",
        help=f"what to measure, of {', '.join(LAYERS)} (default: all of them)",
    )
    group.add_argument(
        "--minutes",
        type=minutes,
        default=2.0,
        metavar="M",
        help="how long the second layer learns (default: 2)",
    )
    group.add_argument(
        "--steps", type=whole_number, default=0, metavar="N", help="let it learn so many steps"
    )
    group.add_argument(
        "--image-size",
        type=whole_number,
        default=0,
        metavar="PX",
        help="side of the pictures that it sees (default: the base's, or 128)",
    )
    group.add_argument(
        "--radius",
        type=positive,
        default=5.0,
        metavar="PX",
        help="also the share of points within so many pixels (default: 5)",
    )
    group.add_argument(
        "--groups",
        choices=("auto", "identity", "video", "none"),
        default="auto",
        help="what is never in both parts: people, videos, or nothing but the picture itself "
        "(default: what the labels tell)",
    )
    group.add_argument(
        "--unlabelled",
        nargs="+",
        default=[],
        metavar="VIDEO",
        help="videos of the same kind; the second layer learns from their frames too",
    )
    group.add_argument(
        "--rest",
        action="store_true",
        help="pictures of A that a draw leaves out teach the second layer too, without labels",
    )
    group.add_argument(
        "--base", metavar="MODEL", help="the model that the layers start from, or a bundled name"
    )
    group.add_argument(
        "--from-scratch",
        action="store_true",
        help="also measure the second layer from random weights, with the sizes of the base and "
        "without unlabelled frames: what self-supervision adds",
    )
    baseline = parser.add_argument_group("the supervised baseline of the same comparison")
    baseline.add_argument(
        "--supervised-minutes",
        type=minutes,
        default=6.0,
        metavar="M",
        help="how long it learns, in minutes of processor time (default: 6)",
    )
    baseline.add_argument(
        "--supervised-steps",
        type=whole_number,
        default=0,
        metavar="N",
        help="let it learn so many steps instead",
    )
    baseline.add_argument(
        "--supervised-sigma",
        type=positive,
        default=5.0,
        metavar="PX",
        help="width of its Gaussians, pixels of the frame (default: 5)",
    )
    baseline.add_argument(
        "--supervised-rate",
        type=positive,
        default=1e-4,
        metavar="R",
        help="its learning rate (default: 1e-4, as in SLEAP; 5e-4 learns faster)",
    )
    baseline.add_argument(
        "--supervised-turn",
        type=positive,
        default=15.0,
        metavar="DEG",
        help="how far its pictures are turned to either side; 180 for full turns (default: 15)",
    )
    baseline.add_argument(
        "--supervised-side",
        type=whole_number,
        default=640,
        metavar="PX",
        help="frames with a longer side are shrunk to it (default: 640)",
    )
    baseline.add_argument(
        "--supervised-last",
        action="store_true",
        help="keep its last weights and learn from all labels, instead of the weights that are "
        "best on a tenth of them",
    )


def run_shots(chosen: argparse.Namespace) -> int:
    """Measure and print."""
    for name in ("model", "data", "table", "compare", "match", "published_split", "pck"):
        if getattr(chosen, name):
            option = f"--{name.replace('_', '-')}"
            raise UsageError(f"{option} has no meaning beside --train-labels.")
    out = _folder(chosen.out)
    if chosen.rest and chosen.unlabelled:
        raise UsageError("Name either --rest or --unlabelled, not both.")
    base = named_model(chosen.base) if chosen.base else None
    for video in chosen.unlabelled:
        if not Path(video).is_file():
            raise LimnerError(f"There is no video {video}.", "Check the name and the folder.")
    # What reads networks takes seconds to come up; mistakes above are told before.
    from limner_training.evaluation.few_shot import FILE, Book, Plan, measure_shots, summaries
    from limner_training.evaluation.shots import split_shots
    from limner_training.evaluation.threads import use_threads

    use_threads(chosen.threads)
    train = _opened(chosen, chosen.train_labels, out)
    test = _opened(chosen, chosen.test_labels, out) if chosen.test_labels else None
    data = split_shots(train, test, chosen.groups)
    plan = Plan(chosen.shots or SHOTS, chosen.draws, chosen.seed, (chosen.radius,))
    book = Book(None if out is None else out / FILE)
    with tempfile.TemporaryDirectory() as scratch:
        layers = _chosen_layers(chosen, data.train, base, Path(scratch))
        with long_work(f"Measuring {', '.join(layer.name for layer in layers)}") as advance:
            rows = measure_shots(data, layers, plan, book, advance)
    found = summaries(rows)
    facts: dict[str, Any] = {
        "labels": str(chosen.train_labels),
        "test_labels": str(chosen.test_labels or ""),
        "layout": train.layout,
        "points": train.point_count,
        "split": data.text,
        "draws": chosen.draws,
        "seed": chosen.seed,
        "threads": chosen.threads,
        "figures": None if out is None else str(out / FILE),
    }
    if chosen.json:
        print(json.dumps(facts | {"rows": [dataclasses.asdict(one) for one in found]}, indent=1))
    else:
        print(shots_text(facts, found))
    return 0


def _opened(chosen: argparse.Namespace, name: str, out: Path | None) -> LabelledSet:
    """The labels; in a folder of figures they are kept, as all figures there are to agree."""
    from limner_training.data.datasets.kept_set import keep_set, kept_set
    from limner_training.data.datasets.label_tables import LAYOUTS, open_labels

    if chosen.layout and chosen.layout not in LAYOUTS:
        raise LimnerError(
            f"There is no layout {chosen.layout}.", f"Choose one of: {', '.join(LAYOUTS)}."
        )
    path = Path(name)
    kept = None
    if out is not None and path.exists():
        asked = (str(path.resolve()), path.stat().st_mtime_ns, chosen.layout or "", chosen.crop)
        kept = out / f"labels-{hashlib.sha256(repr(asked).encode()).hexdigest()[:12]}.json"
        if kept.is_file():
            return kept_set(kept)
    with long_work(f"Reading {name}") as advance:
        labelled = open_labels(path, chosen.layout or "", advance, chosen.crop)
    if kept is not None and labelled.sources:
        keep_set(kept, labelled)
    return labelled


def _chosen_layers(
    chosen: argparse.Namespace, labelled: LabelledSet, base: Path | None, scratch: Path
) -> list[Layer]:
    """The layers that are asked for, in order.

    Args:
        chosen: The words.
        labelled: What is learned from.
        base: The model to start from.
        scratch: A folder for what is not kept.
    """
    from limner_training.evaluation.shot_layers import MeanPoints, SupervisedLayer
    from limner_training.evaluation.supervised import SupervisedConfig

    made: list[Layer] = []
    if "mean" in chosen.layers:
        made.append(MeanPoints())
    first: FirstShots | None = None
    if "first" in chosen.layers:
        from limner_training.evaluation.first_shots import FirstShots

        first = FirstShots(base, chosen.device)
        made.append(first)
    if "second" in chosen.layers or chosen.from_scratch:
        made += _second_layers(chosen, labelled, base, scratch, first)
    if "supervised" in chosen.layers:
        config = SupervisedConfig(
            minutes=chosen.supervised_minutes,
            steps=chosen.supervised_steps,
            sigma_px=chosen.supervised_sigma,
            learning_rate=chosen.supervised_rate,
            turn_deg=chosen.supervised_turn,
            max_side_px=chosen.supervised_side,
            keep="last" if chosen.supervised_last else "best",
        )
        made.append(SupervisedLayer(config))
    return made


def _second_layers(
    chosen: argparse.Namespace,
    labelled: LabelledSet,
    base: Path | None,
    scratch: Path,
    first: FirstShots | None,
) -> list[Layer]:
    """The second layer, and the same from random weights."""
    from limner_training.evaluation.second_shots import SecondLayer, size_of, untrained_copy
    from limner_training.naming.picture_side import USUAL
    from limner_training.naming.settings import NameSettings

    size = chosen.image_size or (size_of(base) if base else USUAL)
    settings = NameSettings(
        minutes=0.0 if chosen.steps else chosen.minutes,
        steps=chosen.steps,
        image_size=size,
        start_from=str(base) if base else "",
        threads=chosen.threads,
        device=chosen.device,
    )
    made: list[Layer] = []
    if "second" in chosen.layers:
        cuts, told = _unlabelled(chosen, labelled, size, settings.unlabelled)
        rest = settings.unlabelled if chosen.rest else 0
        made.append(SecondLayer(settings, cuts, told, rest, first=first))
    if chosen.from_scratch:
        start = untrained_copy(base, scratch / "untrained.safetensors") if base else None
        random = dataclasses.replace(settings, start_from=str(start) if start else "")
        made.append(SecondLayer(random, name="second, random weights"))
    return made


def _unlabelled(
    chosen: argparse.Namespace, labelled: LabelledSet, size: int, most: int
) -> tuple[NDArray[np.uint8] | None, dict[str, Any]]:
    """Frames of the videos without labels, and what they are, for the figures.

    Where the labelled pictures are looked at whole, so are these.
    """
    if not chosen.unlabelled:
        return None, {}
    from limner_training.evaluation.labelled_frames import looks_whole
    from limner_training.evaluation.second_shots import unlabelled_cuts

    mode = chosen.crop or ("whole" if looks_whole(labelled) else "auto")
    videos = []
    for name in chosen.unlabelled:
        with opened(Path(name), chosen.threads) as reader:
            words = f"Finding what to look at in {reader.path.name}"
            with long_work(words) as advance:
                videos.append((reader.path, choose_crops(reader, mode, advance)))
    told = {"unlabelled": [path.name for path, _ in videos], "unlabelled_crop": mode}
    return unlabelled_cuts(videos, size, most), told


def _folder(text: str | None) -> Path | None:
    if text is None:
        return None
    path = Path(text)
    if path.is_file() or path.suffix == ".csv":
        raise LimnerError(
            f"--out {path} is no folder.", "Name a folder; figures are added to those in it."
        )
    return path


def _layers(text: str) -> tuple[str, ...]:
    """Layers with commas between, in the order in which they are shown."""
    words = {word.strip() for word in text.split(",")}
    if not words <= set(LAYERS):
        wrong = ", ".join(sorted(words - set(LAYERS))) or "nothing"
        raise argparse.ArgumentTypeError(f"{wrong!r} is none of {', '.join(LAYERS)}")
    return tuple(name for name in LAYERS if name in words)
