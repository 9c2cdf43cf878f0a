"""Measuring the models of ``limner evaluate``, one after the other on the same pictures."""

from __future__ import annotations

import argparse
import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from limner_app.commands.evaluation_prior import model_prior
from limner_app.commands.looking import named_model
from limner_app.progress import long_work

if TYPE_CHECKING:
    from limner_training.data.datasets.labelled import LabelledSet
    from limner_training.evaluation.comparing import Outcome
    from limner_training.evaluation.detecting import Measured
    from limner_training.evaluation.paper_tables import Table
    from limner_training.evaluation.protocol import Row, Split


@dataclasses.dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one model.

    Attributes:
        facts: For people and programs.
        rows: The figures; none in sets without points.
        outcome: The same for comparisons.
    """

    facts: dict[str, Any]
    rows: list[Row]
    outcome: Outcome

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {**self.facts, "rows": [dataclasses.asdict(row) for row in self.rows]}


def measure(chosen: argparse.Namespace, tables: tuple[Table, ...]) -> list[Figures]:
    """The figures of ``--model`` and of all that it is compared with, in order."""
    from limner_engine.model_file import read_model_info

    path = named_model(chosen.model)
    others = [None if name == "untrained" else named_model(name) for name in chosen.compare]
    for each in (path, *others):
        if each is not None:
            read_model_info(each)
    # What reads networks takes seconds to come up; mistakes above are told before.
    from limner_training.data.datasets.layouts import open_set
    from limner_training.evaluation.comparing import COMPARED_SHOTS
    from limner_training.evaluation.detecting import open_model, untrained
    from limner_training.evaluation.paper_tables import table_shots
    from limner_training.evaluation.protocol import ALL, SHOTS, split_people

    with long_work(f"Reading {chosen.data}") as advance:
        labelled = open_set(chosen.layout, Path(chosen.data), advance, chosen.crop)
    measured = [open_model(path, chosen.device, chosen.threads)]
    measured += [
        untrained(measured[0], chosen.seed)
        if other is None
        else open_model(other, chosen.device, chosen.threads)
        for other in others
    ]
    if not labelled.point_count:
        return [_moved(chosen, labelled, one) for one in measured]
    if chosen.match:
        _refuse_match(measured, labelled.point_count)
    split = split_people(labelled, published=chosen.published_split)
    asked = set(table_shots(tables, labelled.layout))
    if asked:
        asked |= set(COMPARED_SHOTS)
    shots = chosen.shots or rising(asked) or (*SHOTS, ALL)
    return [_evaluated(chosen, labelled, split, one, shots) for one in measured]


def _refuse_match(measured: Sequence[Measured], points: int) -> None:
    from limner_engine.errors import ModelError
    from limner_training.evaluation.assignment import check_count
    from limner_training.evaluation.comparing import is_vector

    for one in measured:
        if is_vector(one.info):
            raise ModelError(
                f"{one.info.name} finds numbers without places, which match no points.",
                "Leave out --match.",
            )
        check_count(one.network.config.landmark_count, points)


def _facts(
    chosen: argparse.Namespace, labelled: LabelledSet, measured: Measured
) -> dict[str, Any]:
    from limner_training.evaluation.comparing import is_vector

    return {
        "model": measured.info.name,
        "model_sha256": measured.info.sha256,
        "landmarks": measured.network.config.landmark_count,
        "bottleneck": "vector" if is_vector(measured.info) else "landmarks",
        "loss": str(measured.info.provenance.get("loss", "")),
        "layout": labelled.layout,
        "points": labelled.point_count,
        "seed": chosen.seed,
    }


def _moved(chosen: argparse.Namespace, labelled: LabelledSet, measured: Measured) -> Figures:
    from limner_training.evaluation.comparing import outcome
    from limner_training.evaluation.detecting import known_moves

    facts = _facts(chosen, labelled, measured)
    with long_work("Moving pictures by known amounts"):
        facts["known_moves"] = known_moves(measured, labelled, chosen.seed)
    return Figures(facts, [], outcome(measured.info, ()))


def _evaluated(
    chosen: argparse.Namespace,
    labelled: LabelledSet,
    split: Split,
    measured: Measured,
    shots: tuple[int, ...],
) -> Figures:
    import numpy as np

    from limner_training.evaluation.comparing import is_vector, outcome
    from limner_training.evaluation.detecting import detect
    from limner_training.evaluation.direct import direct_rows, meaning
    from limner_training.evaluation.protocol import evaluate

    facts = _facts(chosen, labelled, measured) | {
        "train_pictures": len(split.train),
        "test_pictures": len(split.test),
        "left_out": split.left_out,
        "nobody_in_both": split.apart,
        "split": labelled.split,
    }
    prior, known = model_prior(chosen.prior, measured.info), meaning(measured.info, labelled)
    if known is not None:
        facts["meaning"] = "by name" if known.by_name else "in order"
    name = measured.info.name
    wanted = np.union1d(split.train, split.test)
    with long_work(f"Finding landmarks in {len(wanted)} pictures with {name}") as advance:
        found = detect(measured, labelled, wanted, advance)
    with long_work(f"Fitting and measuring {name}") as advance:
        rows = evaluate(
            labelled,
            found.points_norm,
            split,
            shots=shots,
            draws=chosen.draws,
            seed=chosen.seed,
            matched=chosen.match,
            confidence=found.confidence,
            places=not is_vector(measured.info),
            within_px=chosen.pck,
            progress=advance,
        )
    if known is not None:
        rows = [
            *direct_rows(
                labelled,
                split.test,
                measured.info.skeleton,
                known,
                found.points_norm,
                found.uncorrected_norm,
                prior,
            ),
            *rows,
        ]
    return Figures(facts, rows, outcome(measured.info, rows))


def write_figures(path: Path, found: Sequence[Figures]) -> None:
    """All figures of all models as one table."""
    from limner_engine.formats.whole_file import replacing

    shared = (
        *("model", "model_sha256", "landmarks", "bottleneck", "loss", "layout"),
        *("train_pictures", "test_pictures", "seed"),
    )
    columns = ("measure", "part", "form", "shots", "every", "draws", "mean", "deviation")
    with replacing(path) as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow([*shared, *columns])
        for one in found:
            start = [one.facts.get(name, "") for name in shared]
            for row in one.rows:
                table.writerow([*start, *(getattr(row, name) for name in columns)])
            if "known_moves" in one.facts:
                share = 100 * one.facts["known_moves"]
                table.writerow(
                    [*start, "% of image size, known moves", "", "", 0, True, 1, share, 0.0]
                )


def rising(counts: set[int]) -> tuple[int, ...]:
    """Numbers of pictures, rising; 0, which stands for all of them, last."""
    return (*sorted(counts - {0}), *((0,) if 0 in counts else ()))
