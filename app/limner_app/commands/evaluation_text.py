"""Figures and tables of the papers as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    lines = [
        f"{facts['model']} ({facts['landmarks']} landmarks) on {facts['layout']} "
        f"({facts['points']} points): {facts['train_pictures']} pictures to fit on, "
        f"{facts['test_pictures']} to test on, {apart[facts['nobody_in_both']]}."
    ]
    if facts["left_out"]:
        lines.append(
            f"{facts['left_out']} pictures of people who are also tested on were left out; "
            "--published-split keeps them."
        )
    for measure in dict.fromkeys(row.measure for row in rows):
        lines += ["", *_block(measure, [row for row in rows if row.measure == measure])]
    return "\n".join(lines)


def table_text(table: Table, facts: dict[str, Any], rows: Sequence[Row]) -> str:
    """One table of a paper with a column for the model."""
    cells = [["", "printed", "ours"]]
    cells += [[label, printed, own] for label, printed, own in _lines(table, facts, rows)]
    heading = f"{table.title} ({table.measure})\n{table.source}"
    return "\n".join([heading, *_aligned(cells)])


def tables_json(
    tables: Sequence[Table], facts: dict[str, Any], rows: Sequence[Row]
) -> list[dict[str, Any]]:
    """The same for programs; None stands for a dash."""
    return [
        {
            "title": table.title,
            "source": table.source,
            "measure": table.measure,
            "lines": [
                {
                    "label": label,
                    "printed": None if printed == NONE else printed,
                    "ours": None if own == NONE else own,
                }
                for label, printed, own in _lines(table, facts, rows)
            ],
        }
        for table in tables
    ]


def _lines(table: Table, facts: dict[str, Any], rows: Sequence[Row]) -> list[tuple[str, str, str]]:
    from limner_training.evaluation.paper_tables import ours

    layout, landmarks = facts.get("layout", ""), facts.get("landmarks", 0)
    return [
        (line.label, line.printed, _cell(ours(table, line, layout, landmarks, rows)))
        for line in table.lines
    ]


def _block(measure: str, rows: Sequence[Row]) -> list[str]:
    forms = list(dict.fromkeys(row.form for row in rows))
    cells = [[measure, *forms]]
    for part in dict.fromkeys(row.part for row in rows):
        of_part = [row for row in rows if row.part == part]
        for shots, every in dict.fromkeys((row.shots, row.every) for row in of_part):
            label = f"all {shots}" if every else f"n = {shots}"
            by_form = {
                row.form: row for row in of_part if (row.shots, row.every) == (shots, every)
            }
            name = f"{part}, {label}" if part else label
            cells.append([name, *(_cell(by_form.get(form)) for form in forms)])
    return _aligned(cells)


def _cell(row: Row | None) -> str:
    if row is None:
        return NONE
    return f"{row.mean:.2f} ± {row.deviation:.2f}" if row.draws > 1 else f"{row.mean:.2f}"


def _aligned(cells: Sequence[Sequence[str]]) -> list[str]:
    """Columns under one another: the first to the left, figures to the right."""
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    lines = []
    for row in cells:
        figures = [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([row[0].ljust(widths[0]), *figures]).rstrip())
    return lines
