"""Tables of the papers and where our figures stand in them."""

from __future__ import annotations

import pytest

from limner_training.evaluation.measures import joint_average
from limner_training.evaluation.paper_tables import PUPILS, TABLES, ours, table_shots
from limner_training.evaluation.protocol import ALL, Row


def _row(shots: int, *, every: bool = False, form: str = "corner") -> Row:
    return Row(PUPILS, "", form, shots, every, 1 if every else 10, 3.5, 0.2)


def test_printed_figures_are_numbers_with_a_source() -> None:
    for table in TABLES["imm"]:
        assert table.source
        assert len({line.label for line in table.lines}) == len(table.lines)
        for line in table.lines:
            if line.printed != "–":
                mean, _, deviation = line.printed.partition(" ± ")
                assert float(mean) > 0
                assert not deviation or float(deviation) >= 0


def test_average_of_the_quoted_joints() -> None:
    bbc = next(table for table in TABLES["imm"] if table.layout == "bbc")
    columns = {line.part: float(line.printed) for line in bbc.lines if line.part}
    average = float(next(line.printed for line in bbc.lines if not line.part))
    assert joint_average(columns) == pytest.approx(average, abs=0.12)


def test_our_figure_stands_where_setting_and_data_are_the_same() -> None:
    mafl, aflw, few, *_ = TABLES["imm"]
    rows = [_row(10), _row(900, every=True), _row(900, every=True, form="bias")]

    def filled(table: object, layout: str, landmarks: int) -> list[str]:
        lines = table.lines  # type: ignore[attr-defined]
        return [
            line.label
            for line in lines
            if ours(table, line, layout, landmarks, rows)  # type: ignore[arg-type]
        ]

    assert filled(few, "mafl", 20) == ["n = 10", "all"]
    mine = ["this model", "this model, with bias"]
    assert filled(mafl, "mafl", 20) == mine
    assert filled(mafl, "mafl", 30) == ["IMM, K = 30, self-supervised loss", *mine]
    assert filled(aflw, "mafl", 30) == []
    assert filled(mafl, "", 0) == []


def test_tables_ask_for_the_numbers_of_pictures_they_print() -> None:
    assert table_shots(TABLES["imm"], "mafl") == (1, 5, 10, 100, 500, 1000, 5000, ALL)
    assert table_shots(TABLES["imm"], "bbc") == (ALL,)
    assert table_shots(TABLES["imm"], "svhn") == ()


def test_landmarks_without_any_label_stand_beside_the_papers() -> None:
    body, _, faces, *_ = TABLES["keypointgan"]
    mean = {line.part: float(line.printed) for line in body.lines if line.form == "direct"}
    activities = [value for part, value in mean.items() if part]
    assert sum(activities) / len(activities) == pytest.approx(mean[""], abs=0.01)
    rows = [
        Row(faces.measure, "", "direct", 0, False, 1, 9.5, 0.0),
        Row(faces.measure, "", "corner", 900, True, 1, 6.5, 0.0),
    ]
    found = [ours(faces, line, "300w", 68, rows) for line in faces.lines[:3]]
    assert [row and row.mean for row in found] == [9.5, 6.5, None]
    assert table_shots(TABLES["keypointgan"], "300w") == (ALL,)
