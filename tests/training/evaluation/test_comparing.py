"""Several models side by side."""

from __future__ import annotations

from limner_engine.types import ModelInfo, Skeleton
from limner_training.evaluation.comparing import (
    Outcome,
    ablation,
    common_measure,
    comparison,
    outcome,
)
from limner_training.evaluation.paper_tables import OUTER, PUPILS, TABLES, Line
from limner_training.evaluation.protocol import ALL, Row

TABLE = next(table for table in TABLES["imm"] if not table.layout)


def _rows(mean: float) -> list[Row]:
    rows = [
        Row(measure, "", form, shots, every, 1 if every else 10, mean + extra, 0.0)
        for measure, extra in ((OUTER, 0.0), (PUPILS, 40.0))
        for form in ("corner", "bias")
        for shots, every in ((10, False), (70, True))
    ]
    return [*rows, Row(OUTER, "", "mean points", 70, True, 1, 20.0, 0.0)]


def _model(name: str, mean: float, loss: str = "", d: int = 0) -> Outcome:
    config = {"bottleneck": "vector"} if d else {}
    count = d // 2 or 30
    info = ModelInfo("imm", name, config, Skeleton.numbered(count), {"loss": loss} if loss else {})
    return outcome(info, _rows(mean))


def _filled(*models: Outcome) -> dict[str, float]:
    rows = {line.label: ablation(line, models) for line in TABLE.lines}
    return {label: row.mean for label, row in rows.items() if row is not None}


def test_models_stand_where_their_files_say() -> None:
    models = (
        _model("a", 1.0, "l1"),
        _model("b", 2.0, "l2+adversarial"),
        _model("c", 3.0, "content"),
        _model("d", 4.0, "imagenet"),
        _model("e", 5.0, "content", d=20),
        _model("f", 6.0, "untrained"),
        _model("g", 7.0, "l1"),
    )
    assert _filled(*models) == {
        "loss l1": 1.0,  # the first of two
        "loss l2 and adversarial": 2.0,
        "content loss": 3.0,
        "content loss of ImageNet weights, from Table 1": 4.0,
        "fully connected, d = 20": 5.0,
        "untrained network": 6.0,
    }
    # What says nothing of itself stands nowhere, and neither does an untrained vector among d.
    assert _filled(_model("old", 1.0), _model("other", 1.0, "content", d=40)) == {}
    assert _filled(_model("fresh", 1.0, "untrained", d=20)) == {"untrained network": 1.0}


def test_every_line_of_the_ablation_can_be_filled() -> None:
    assert all(bool(line.bottleneck) != bool(line.losses) for line in TABLE.lines)
    assert all(line.shots == ALL for line in TABLE.lines)


def test_the_map_is_chosen() -> None:
    line = Line("loss l1", "3.64", ALL, losses=("l1",))
    row = ablation(line, [_model("a", 1.0, "l1")], "bias")
    assert row is not None
    assert (row.form, row.measure) == ("bias", OUTER)
    assert ablation(line, [_model("a", 1.0, "l1")], "ridge") is None


def test_one_table_of_all_models() -> None:
    own = comparison("ytf68", 68, [_model("a", 1.0), _model("b", 2.0)], (10, 50, ALL))
    assert own.title == "Limner's own, ytf68: 68 points from n labelled pictures"
    assert own.measure == OUTER
    lines = {(line.label, line.form): line.rows for line in own.lines}
    assert list(lines)[:3] == [("a", "corner"), ("a", "bias"), ("a", "ridge")]
    means = [None if row is None else row.mean for row in lines["b", "bias"]]
    assert means == [2.0, None, 2.0]
    assert [row is None for row in lines["mean points", ""]] == [True, True, False]


def test_outer_corners_come_first() -> None:
    assert common_measure(_rows(1.0)[::-1]) == OUTER
    assert common_measure([row for row in _rows(1.0) if row.measure == PUPILS]) == PUPILS
    assert common_measure([]) == ""


def test_a_set_without_eyes_and_sizes_is_compared_by_its_own_measure() -> None:
    rows = [
        Row(measure, part, "corner", 3, True, 1, 90.0, 0.0)
        for measure, part in (("% within 6 px", ""), ("% within 6 px", "wrist"), ("px", ""))
    ]
    assert common_measure(rows) == "% within 6 px"
    info = ModelInfo("imm", "a", {}, Skeleton.numbered(3), {})
    own = comparison("bbc", 7, [outcome(info, rows)])
    assert own.measure == "% within 6 px"
    assert own.lines[0].rows[-1] == rows[0]


def _gan(
    name: str, mean: float, poses: int = 2000, *, cycles: int = 1, **config: object
) -> Outcome:
    told = {"loss": "content", "prior": {"poses": poses}, "terms": {"second_cycle": cycles == 2}}
    info = ModelInfo("keypointgan", name, dict(config), Skeleton.numbered(68), told)
    rows = [
        Row(OUTER, "", "direct", 0, False, 1, mean, 0.0),
        Row(OUTER, "", "bias", 70, True, 1, mean / 2, 0.0),
    ]
    return outcome(info, rows)


def test_variants_of_keypointgan_stand_where_their_files_say() -> None:
    models = (
        _gan("a", 1.0, cycles=2, conditional=False, bottleneck="picture"),
        _gan("b", 2.0, cycles=2, bottleneck="picture"),
        _gan("c", 3.0, cycles=2),
        _gan("d", 4.0),
        _gan("e", 5.0, bottleneck="picture"),
        _gan("f", 6.0, poses=500),
        _model("imm", 7.0, "content"),
    )
    *_, switches, sizes = TABLES["keypointgan"]
    found = [ablation(line, models) for line in switches.lines]
    assert [row and row.mean for row in found] == [1.0, 2.0, 3.0, 4.0, 5.0]
    mapped = ablation(switches.lines[3], models, "bias")
    assert mapped is not None
    assert mapped.mean == 2.0
    found = [ablation(line, models) for line in sizes.lines]
    assert [row and row.mean for row in found] == [4.0, None, 6.0, None]
    # They are none of the losses of IMM's own ablation.
    assert _filled(*models) == {"content loss": 7.0}
