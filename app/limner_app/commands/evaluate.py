"""``limner evaluate``: how much a model's landmarks say of labelled points."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.evaluation_text import figures_text, table_text, tables_json
from limner_app.commands.looking import named_model
from limner_app.commands.parsing import UsageError, add_json, output_file, whole_number
from limner_app.progress import long_work

if TYPE_CHECKING:
    from limner_training.evaluation.paper_tables import Table
    from limner_training.evaluation.protocol import Row

NAME = "evaluate"
SUMMARY = "measure a model on labelled pictures, as the papers do"
ABOUT = """\
Fit a linear map from the model's landmarks to labelled points on some people and measure it on
others, for few and many labelled pictures. The data is a folder that you have already, in its
published layout: ytf68, mafl, aflw, 300w, bbc, human36m, simple_human36m, small_norb, svhn. Sets
without labelled points are measured by moves that are known.

Three maps are told apart: 'corner' counts coordinates from the corner of the picture and has no
constant, as in the papers; 'middle' counts from its middle; 'bias' has a constant. 'mean points'
is what always answering the mean would give. With about twice as many labelled pictures as
landmarks, least squares is at its least steady: figures there are worse than with fewer.

--table prints the tables of a paper with a column for this model, and a dash where it has none."""
EXAMPLE = "limner evaluate --model faces --data ytf68_dev --layout ytf68 --shots 10,100,all"


def add_options(parser: argparse.ArgumentParser) -> None:
    """Say what may stand after the command."""
    parser.add_argument("--model", metavar="M", help="a model file, or the name of a bundled one")
    parser.add_argument("--data", metavar="FOLDER", help="the data set, as published")
    parser.add_argument("--layout", metavar="LAYOUT", help="which data set it is")
    parser.add_argument("--table", choices=("imm",), help="print the tables of this paper")
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
    parser.add_argument("--out", metavar="FILE.csv", help="also write all figures as a table")
    add_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Measure and print."""
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
    out = output_file(chosen.out, (".csv",), [Path(chosen.model)]) if chosen.out else None
    tables: tuple[Table, ...] = ()
    if chosen.table:
        from limner_training.evaluation.paper_tables import TABLES

        tables = TABLES[chosen.table]
    facts, rows = _measure(chosen, tables) if measuring else ({}, [])
    if out is not None:
        _write(out, facts, rows)
    if chosen.json:
        answer = {**facts, "rows": [dataclasses.asdict(row) for row in rows]} if facts else {}
        if tables:
            answer["tables"] = tables_json(tables, facts, rows)
        print(json.dumps(answer, indent=1))
        return 0
    if facts:
        print(figures_text(facts, rows))
    for table in tables:
        print(f"\n{table_text(table, facts, rows)}")
    if out is not None:
        print(f"written: {out}")
    return 0


def _measure(
    chosen: argparse.Namespace, tables: tuple[Table, ...]
) -> tuple[dict[str, Any], list[Row]]:
    """Facts for people and programs, and the figures."""
    from limner_engine.model_file import read_model_info

    path = named_model(chosen.model)
    read_model_info(path)
    # What reads networks takes seconds to come up; mistakes above are told before.
    from limner_training.data.datasets.layouts import open_set
    from limner_training.evaluation.assignment import check_count
    from limner_training.evaluation.detecting import detect, known_moves, open_model
    from limner_training.evaluation.paper_tables import table_shots
    from limner_training.evaluation.protocol import ALL, SHOTS, evaluate, split_people

    with long_work(f"Reading {chosen.data}") as advance:
        labelled = open_set(chosen.layout, Path(chosen.data), advance)
    measured = open_model(path, chosen.device, chosen.threads)
    facts: dict[str, Any] = {
        "model": measured.info.name,
        "model_sha256": measured.info.sha256,
        "landmarks": measured.network.config.landmark_count,
        "layout": labelled.layout,
        "points": labelled.point_count,
        "seed": chosen.seed,
    }
    if not labelled.point_count:
        with long_work("Moving pictures by known amounts"):
            facts["known_moves"] = known_moves(measured, labelled, chosen.seed)
        return facts, []
    if chosen.match:
        check_count(facts["landmarks"], labelled.point_count)
    split = split_people(labelled, published=chosen.published_split)
    facts |= {
        "train_pictures": len(split.train),
        "test_pictures": len(split.test),
        "left_out": split.left_out,
        "nobody_in_both": split.apart,
    }
    wanted = sorted({*split.train.tolist(), *split.test.tolist()})
    with long_work(f"Finding landmarks in {len(wanted)} pictures") as advance:
        import numpy as np

        found = detect(measured, labelled, np.array(wanted), advance)
    shots = chosen.shots or (table_shots(tables, labelled.layout) or (*SHOTS, ALL))
    with long_work("Fitting and measuring") as advance:
        rows = evaluate(
            labelled,
            found,
            split,
            shots=shots,
            draws=chosen.draws,
            seed=chosen.seed,
            matched=chosen.match,
            progress=advance,
        )
    return facts, rows


def _write(path: Path, facts: dict[str, Any], rows: list[Row]) -> None:
    from limner_engine.formats.whole_file import replacing

    shared = ("model", "model_sha256", "landmarks", "layout", "train_pictures", "test_pictures")
    columns = ("measure", "part", "form", "shots", "every", "draws", "mean", "deviation")
    with replacing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*shared, "seed", *columns])
        start = [*(facts.get(name, "") for name in shared), facts["seed"]]
        for row in rows:
            table.writerow([*start, *(getattr(row, name) for name in columns)])
        if "known_moves" in facts:
            share = 100 * facts["known_moves"]
            table.writerow(
                [*start, "% of image size, known moves", "", "", 0, True, 1, share, 0.0]
            )


def _shots(text: str) -> tuple[int, ...]:
    """Numbers of pictures with commas between, rising, 0 for all of them, last."""
    counts: set[int] = set()
    every = False
    for word in text.split(","):
        if word.strip() == "all":
            every = True
            continue
        counts.add(whole_number(word.strip()))
    return (*sorted(counts), *((0,) if every else ()))


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)
