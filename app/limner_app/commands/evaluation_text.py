"""Figures and tables of the papers as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from limner_training.evaluation.comparing import Comparison, Outcome
    from limner_training.evaluation.few_shot import Summary
    from limner_training.evaluation.paper_tables import Table
    from limner_training.evaluation.protocol import Row

NONE = "–"


def figures_text(facts: dict[str, Any], rows: Sequence[Row]) -> str:
    """What was measured, a block a measure: numbers of pictures down, forms across."""
    if "known_moves" in facts:
        return (
            f"{facts['layout']} has no labelled points. When its pictures are moved by known "
            f"amounts, the {facts['landmarks']} landmarks of {facts['model']} stray by "
            f"{facts['known_moves']:.2%} of the image size."
        )
    apart = {True: "nobody in both", False: "people in both", None: "people unknown"}
    found = f"{facts['landmarks']} landmarks"
    if facts["bottleneck"] == "vector":
        found = f"{2 * facts['landmarks']} numbers, fully connected"
    lines = [
        f"{facts['model']} ({found}) on {facts['layout']} "
        f"({facts['points']} points): {facts['train_pictures']} pictures to fit on, "
        f"{facts['test_pictures']} to test on, "
        f"{facts['split'] or apart[facts['nobody_in_both']]}."
    ]
    if facts["left_out"]:
        lines.append(
            f"{facts['left_out']} pictures of people who are also tested on were left out; "
            "--published-split keeps them."
        )
    if facts.get("meaning"):
        lines.append(
            f"Landmarks are taken for the points {facts['meaning']}: 'direct' is what the model "
            "says, without any label."
        )
    for measure in dict.fromkeys(row.measure for row in rows):
        of_measure = [row for row in rows if row.measure == measure]
        # Apart, as no line has figures of both, and all forms together are too wide.
        for fitted in (False, True):
            part = [row for row in of_measure if (row.shots > 0) is fitted]
            lines += ["", *_block(measure, part)] if part else []
    return "\n".join(lines)


def table_text(
    table: Table, facts: dict[str, Any], rows: Sequence[Row], outcomes: Sequence[Outcome] = ()
) -> str:
    """One table of a paper with a column for the model, or for several in an ablation."""
    cells = [["", "printed", "ours"]]
    cells += [[*line] for line in _lines(table, facts, rows, outcomes)]
    if not table.layout:
        cells[0].append("with bias")
        for row, text in zip(cells[1:], _with_bias(table, outcomes), strict=True):
            row.append(text)
    lines = [f"{table.title} ({table.measure})", table.source]
    if not table.layout and rows:
        lines.append(f"ours: {facts['layout']}, {_own_measure(table, rows)}")
    return "\n".join([*lines, *aligned(cells)])


def comparison_text(own: Comparison) -> str:
    """Several models, a line for each and each map."""
    cells = [[*_columns(own)]]
    cells[0].insert(0, "")
    for line in own.lines:
        label = f"{line.label}, {line.form}" if line.form else line.label
        cells.append([label, *(_cell(row) for row in line.rows)])
    return "\n".join([f"{own.title} ({own.measure})", *aligned(cells)])


def shots_text(facts: dict[str, Any], found: Sequence[Summary]) -> str:
    """Few labels: a block a measure, layers down, numbers of labels across."""
    draws = "one draw" if facts["draws"] == 1 else f"{facts['draws']} draws"
    lines = [f"{facts['labels']} ({facts['points']} points): {facts['split']}; {draws}."]
    counts = sorted({(one.every, one.shots if not one.every else 0) for one in found})
    everything = max((one.shots for one in found if one.every), default=0)
    for measure in dict.fromkeys(one.measure for one in found):
        if measure == "points":
            continue
        of_measure = [one for one in found if one.measure == measure]
        cells = [[measure, *(f"all {everything}" if e else f"n = {n}" for e, n in counts)]]
        for line in dict.fromkeys(one.line for one in of_measure):
            by_count = {
                (one.every, 0 if one.every else one.shots): one
                for one in of_measure
                if one.line == line
            }
            cells.append([line, *(_cell(by_count.get(count)) for count in counts)])
        lines += ["", *aligned(cells)]
    if facts["figures"]:
        lines += ["", f"kept in: {facts['figures']}"]
    return "\n".join(lines)


def comparison_json(own: Comparison) -> dict[str, Any]:
    """The same for programs; None stands for a dash."""
    return {
        "title": own.title,
        "measure": own.measure,
        "columns": _columns(own),
        "lines": [
            {
                "model": line.label,
                "form": line.form or None,
                "mean": [None if row is None else row.mean for row in line.rows],
                "deviation": [None if row is None else row.deviation for row in line.rows],
            }
            for line in own.lines
        ],
    }


def _columns(own: Comparison) -> list[str]:
    return [f"n = {count}" if count else "all" for count in own.shots]


def tables_json(
    tables: Sequence[Table],
    facts: dict[str, Any],
    rows: Sequence[Row],
    outcomes: Sequence[Outcome] = (),
) -> list[dict[str, Any]]:
    """The same for programs; None stands for a dash."""
    answer: list[dict[str, Any]] = [
        {
            "title": table.title,
            "source": table.source,
            "measure": table.measure,
            "ours_measure": _own_measure(table, rows),
            "lines": [
                {
                    "label": label,
                    "printed": None if printed == NONE else printed,
                    "ours": None if own == NONE else own,
                }
                for label, printed, own in _lines(table, facts, rows, outcomes)
            ],
        }
        for table in tables
    ]
    for table, told in zip(tables, answer, strict=True):
        if not table.layout:
            texts = _with_bias(table, outcomes)
            told["ours_with_bias"] = [None if text == NONE else text for text in texts]
    return answer


def _with_bias(table: Table, outcomes: Sequence[Outcome]) -> list[str]:
    """An ablation's second column: the map with a constant, which treats all models alike."""
    from limner_training.evaluation.comparing import ablation

    return [_cell(ablation(line, outcomes, "bias")) for line in table.lines]


def _own_measure(table: Table, rows: Sequence[Row]) -> str:
    """An ablation is measured on whatever set is at hand; all else as in the paper."""
    from limner_training.evaluation.comparing import common_measure

    return table.measure if table.layout else common_measure(rows)


def _lines(
    table: Table, facts: dict[str, Any], rows: Sequence[Row], outcomes: Sequence[Outcome]
) -> list[tuple[str, str, str]]:
    from limner_training.evaluation.comparing import ablation
    from limner_training.evaluation.paper_tables import ours

    if not table.layout:
        return [
            (line.label, line.printed, _cell(ablation(line, outcomes))) for line in table.lines
        ]
    layout, landmarks = facts.get("layout", ""), facts.get("landmarks", 0)
    if facts.get("bottleneck") == "vector":
        landmarks = -1  # no model of the paper's with so many landmarks is like this one
    return [
        (line.label, line.printed, _cell(ours(table, line, layout, landmarks, rows)))
        for line in table.lines
    ]


def _block(measure: str, rows: Sequence[Row]) -> list[str]:
    forms = list(dict.fromkeys(row.form for row in rows))
    cells = [[measure, *forms]]
    for part in dict.fromkeys(row.part for row in rows):
        of_part = [row for row in rows if row.part == part]
        counts = list(dict.fromkeys((row.shots, row.every) for row in of_part))
        # Single points and activities for the most pictures only; tables have them all.
        for shots, every in counts[-1:] if part else counts:
            label = f"all {shots}" if every else f"n = {shots}" if shots else "no label"
            by_form = {
                row.form: row for row in of_part if (row.shots, row.every) == (shots, every)
            }
            name = f"{part}, {label}" if part else label
            cells.append([name, *(_cell(by_form.get(form)) for form in forms)])
    return aligned(cells)


def _cell(row: Row | Summary | None) -> str:
    if row is None:
        return NONE
    return f"{row.mean:.2f} ± {row.deviation:.2f}" if row.draws > 1 else f"{row.mean:.2f}"


def aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Columns under one another: the first to the left, figures to the right."""
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = []
    for row in cells:
        figures = [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *figures]).rstrip())
    return lines
