"""``limner evaluate``: how much a model's landmarks say of labelled points."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

from limner_app.commands.evaluation_figures import Figures, measure, rising, write_figures
from limner_app.commands.evaluation_shots import add_shot_options, run_shots
from limner_app.commands.evaluation_text import (
    comparison_json,
    comparison_text,
    figures_text,
    table_text,
    tables_json,
)
from limner_app.commands.evaluation_unlabelled import add_unlabelled_options, run_unlabelled
from limner_app.commands.parsing import CROP_MODES, UsageError, add_json, output_file, whole_number

if TYPE_CHECKING:
    from limner_training.evaluation.paper_tables import Table

NAME = "evaluate"
SUMMARY = "measure a model on labelled pictures, as the papers do, or on videos without labels"
ABOUT = """\
Fit a linear map from the model's landmarks to labelled points on some people and measure it on
others, for few and many labelled pictures. The data is a folder that you have already, in its
published layout: ytf68, mafl, aflw, 300w, bbc, human36m, simple_human36m, small_norb, svhn. Or it
is your own: project, a project of Limner with corrected frames, or dlc, a table CollectedData.csv
of DeepLabCut beside its pictures; then the last videos are tested on, and of one video alone its
last frames. Sets without labelled points are measured by moves that are known.

Four maps are told apart: 'corner' counts coordinates from the corner of the picture and has no
constant, as in the papers; 'middle' counts from its middle; 'bias' has a constant. With about
twice as many labelled pictures as landmarks, least squares is at its least steady: figures of
these three are worse there than with fewer. 'ridge', which no paper has, also keeps the weights
small, by as much as the labelled pictures ask for, and has no such hump. 'mean points' is what
always answering the mean would give. Where it is known which points are visible, a logistic
regression tells them from landmarks and confidences.

Landmarks that a pose prior gave names to (keypointgan) are also measured as they are, by name or,
where a set does not name its points, in their order: 'direct' is what the model says,
'uncorrected' the same before it asks which side is left, 'best sides' a bound with the sides of
the labels, and 'prior mean' what always answering the mean pose of --prior would give.

Videos instead of --data are measured without any label: how well pictures are redrawn from their
landmarks beside copying the other frame; how far landmarks stray under moves that are known; which
share of the frames has a plausible skeleton, all of whose limbs have a share of the whole length
that lies between the 1st and the 99th percentile of --prior; how much poses vary; how often left
and right change places from one frame to the next. --sheet draws 48 frames, picked by the seed.

--train-labels measures named landmarks instead: what a person gets who labels 5, 10, 20 frames and
lets Limner learn the rest, beside a supervised network that learns from the same frames alone.
Labels are a CollectedData.csv of DeepLabCut, a tidy table, a project, or the folder of a published
set. Nobody, and no video where videos are told apart, is in both parts. With --out FOLDER every
figure is kept there as it is measured: broken off, the same command goes on, and draws measured
one by one (--seed 3 --draws 1) add up.

--table prints the tables of a paper with a column for this model, and a dash where it has none.
--compare measures other models on the same pictures; each stands in the line of the ablation that
its file says it is, and all of them in one table."""
EXAMPLE = "limner evaluate --model faces --data ytf68_dev --layout ytf68 --shots 10,100,all"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("--model", metavar="M", help="a model file, or the name of a bundled one")
    parser.add_argument("--data", metavar="FOLDER", help="the data set, as published")
    parser.add_argument("--layout", metavar="LAYOUT", help="which data set it is")
    parser.add_argument(
        "--compare",
        nargs="+",
        default=[],
        metavar="M",
        help="other models to measure on the same pictures; 'untrained' is a fresh network of the "
        "first one's sizes",
    )
    parser.add_argument(
        "--table", choices=("imm", "keypointgan"), help="print the tables of this paper"
    )
    parser.add_argument(
        "--shots",
        type=_shots,
        metavar="N,...",
        help="numbers of labelled pictures to fit on (default: 1,5,10,50,100,500,all)",
    )
    parser.add_argument(
        "--draws",
        type=whole_number,
        default=10,
        metavar="N",
        help="how often each number is drawn (default: 10)",
    )
    parser.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="of the draws (default: 0)"
    )
    parser.add_argument(
        "--pck",
        type=_distances,
        default=(),
        metavar="D,...",
        help="also the share of points within so many pixels of the video or picture "
        "(default: 5,10,20 for your own data)",
    )
    parser.add_argument(
        "--crop",
        choices=CROP_MODES,
        default="",
        help="what to look at in your own data (default: the crops of the project, or auto)",
    )
    parser.add_argument(
        "--match",
        action="store_true",
        help="also measure raw landmarks, matched one to one with the points",
    )
    parser.add_argument(
        "--published-split",
        action="store_true",
        help="keep the set's own split even where people are in both parts",
    )
    parser.add_argument(
        "--device", default="auto", choices=("auto", "cpu", "cuda", "mps"), help="where to compute"
    )
    parser.add_argument(
        "--threads", type=whole_number, default=2, metavar="N", help="processor threads"
    )
    parser.add_argument(
        "--out",
        metavar="OUT",
        help="also write all figures as a table, OUT.csv; with --train-labels a folder that keeps "
        "them",
    )
    add_json(parser)
    add_shot_options(parser)
    add_unlabelled_options(parser)


def run(chosen: argparse.Namespace) -> int:
    """Measure and print."""
    if chosen.train_labels:
        return run_shots(chosen)
    if chosen.videos:
        return run_unlabelled(chosen)
    if chosen.sheet:
        raise UsageError("--sheet needs videos without labels. See: limner evaluate --help")
    if chosen.test_labels:
        raise UsageError("--test-labels needs --train-labels. See: limner evaluate --help")
    given = [name for name in ("model", "data", "layout") if getattr(chosen, name)]
    measuring = bool(given) or not chosen.table
    if measuring and len(given) < 3:
        lacking = [f"--{name}" for name in ("model", "data", "layout") if name not in given]
        raise UsageError(
            f"measuring needs {', '.join(lacking)} too. See: limner evaluate --help"
            if given
            else "give --model, --data and --layout, or --table. See: limner evaluate --help"
        )
    if chosen.out and not measuring:
        raise UsageError("--out needs --model, --data and --layout. See: limner evaluate --help")
    if chosen.compare and not measuring:
        raise UsageError(
            "--compare needs --model, --data and --layout. See: limner evaluate --help"
        )
    inputs = [Path(name) for name in (chosen.model, chosen.data, *chosen.compare) if name]
    out = output_file(chosen.out, (".csv",), inputs) if chosen.out else None
    tables: tuple[Table, ...] = ()
    if chosen.table:
        from limner_training.evaluation.paper_tables import TABLES

        tables = TABLES[chosen.table]
    found = measure(chosen, tables) if measuring else []
    if out is not None:
        write_figures(out, found)
    _say(chosen, tables, found)
    if out is not None and not chosen.json:
        print(f"written: {out}")
    return 0


def _say(chosen: argparse.Namespace, tables: tuple[Table, ...], found: list[Figures]) -> None:
    """All that was measured, as text or as one JSON object."""
    from limner_training.evaluation.comparing import COMPARED_SHOTS, comparison

    facts, rows = (found[0].facts, found[0].rows) if found else ({}, [])
    outcomes = [one.outcome for one in found]
    own = None
    if rows and (chosen.compare or tables):
        shots = chosen.shots or COMPARED_SHOTS
        own = comparison(facts["layout"], facts["points"], outcomes, shots)
    if chosen.json:
        answer = found[0].to_json() if found else {}
        if chosen.compare:
            answer["compared"] = [one.to_json() for one in found[1:]]
        if tables:
            answer["tables"] = tables_json(tables, facts, rows, outcomes)
        if own is not None:
            answer["comparison"] = comparison_json(own)
        print(json.dumps(answer, indent=1))
        return
    texts = [figures_text(one.facts, one.rows) for one in found]
    texts += [table_text(table, facts, rows, outcomes) for table in tables]
    if own is not None:
        texts.append(comparison_text(own))
    print("\n\n".join(texts))


def _shots(text: str) -> tuple[int, ...]:
    """Numbers of pictures with commas between, rising, 0 for all of them, last."""
    counts: set[int] = set()
    every = False
    for word in text.split(","):
        if word.strip() == "all":
            every = True
            continue
        counts.add(whole_number(word.strip()))
    return rising(counts | ({0} if every else set()))


def _distances(text: str) -> tuple[float, ...]:
    """Pixels with commas between, above 0, rising."""
    found: set[float] = set()
    for word in text.split(","):
        try:
            value = float(word)
        except ValueError:
            value = math.nan
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"{word.strip()!r} is not a distance in pixels")
        found.add(value)
    return tuple(sorted(found))


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
