"""What an edit did to the rows of a project, as it is made, stored, undone and done again.

An edit may touch a hundred thousand rows of one table at once, so rows that were touched alike go
through the database together, and stand together in the history: what they share is written once.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, TypeAlias

from limner_engine.errors import ProjectError
from limner_engine.project.database import Database

Row: TypeAlias = dict[str, Any]
Change: TypeAlias = tuple[str, Row | None, Row | None]
"""Table, the row before, the row after; None where there is none."""

KEYS: dict[str, tuple[str, ...]] = {
    "video": ("id",),
    "subject": ("id",),
    "landmark": ("number",),
    "skeleton_link": ("kind", "position"),
    "annotation": ("video_id", "subject", "frame_index", "landmark"),
    "rejection": ("video_id", "subject", "model_id", "frame_index", "landmark"),
    "crop_track": ("video_id", "subject"),
    "prior": ("id",),
}
"""The tables whose edits can be undone, with their primary keys."""

_TOGETHER = 16
"""So many rows that were touched alike are stored together; fewer are easier to read apart."""

_Shape: TypeAlias = tuple[str, tuple[str, ...] | None, tuple[str, ...] | None]


def _shape(change: Change) -> _Shape:
    table, before, after = change
    return (
        table,
        None if before is None else tuple(before),
        None if after is None else tuple(after),
    )


def reverted(changes: Sequence[Change]) -> list[Change]:
    """The changes that take these back, in the order in which they must be made."""
    return [(table, after, before) for table, before, after in reversed(changes)]


def apply(database: Database, changes: Iterable[Change]) -> None:
    """Turn stored rows into others, inside a transaction.

    Args:
        database: Where.
        changes: In order; each row is as its change says that it was before.

    Raises:
        ProjectError: table or columns are not the project's own, so the history is damaged.
    """
    for (table, found, wanted), run in groupby(changes, _shape):
        columns = wanted if wanted is not None else found
        if columns is None:
            continue
        # The names stand in the statement itself, and the project may come from a stranger.
        keys = KEYS.get(table)
        if keys is None or not set(keys) <= set(columns) <= set(database.columns(table)):
            raise ProjectError(
                f"The history of {database.path.name} is damaged.",
                "Go on editing; what was done before cannot be undone.",
            )
        where = " AND ".join(f"{key} = ?" for key in keys)
        if wanted is None:
            sql = f"DELETE FROM {table} WHERE {where}"
            values = [[row[key] for key in keys] for _, row, _ in run if row is not None]
        elif found is None:
            places = ", ".join("?" * len(wanted))
            sql = f"INSERT INTO {table} ({', '.join(wanted)}) VALUES ({places})"
            values = [list(row.values()) for _, _, row in run if row is not None]
        else:
            sets = ", ".join(f"{column} = ?" for column in wanted)
            sql = f"UPDATE {table} SET {sets} WHERE {where}"
            values = [
                [*row.values(), *(row[key] for key in keys)]
                for _, _, row in run
                if row is not None
            ]
        database.write_rows(sql, values)


def changes_to_json(changes: Iterable[Change]) -> str:
    """Changes as the history stores them."""
    stored: list[list[Any]] = []
    for (table, _, _), run in groupby(changes, _shape):
        alike = list(run)
        if len(alike) < _TOGETHER:
            stored += [list(change) for change in alike]
        else:
            before = _packed([was for _, was, _ in alike])
            after = _packed([will for _, _, will in alike])
            stored.append([table, before, after, len(alike)])
    return json.dumps(stored, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def changes_from_json(text: str) -> list[Change]:
    """The inverse of `changes_to_json`."""
    changes: list[Change] = []
    for table, before, after, *count in json.loads(text):
        if count:
            sides = zip(_rows(before, count[0]), _rows(after, count[0]), strict=True)
            changes += [(table, was, will) for was, will in sides]
        else:
            changes.append((table, before, after))
    return changes


def mention(table: str) -> str:
    """What the stored text of any change of a table has in it."""
    return f'["{table}",'


def _packed(rows: Sequence[Row | None]) -> dict[str, Any] | None:
    """Rows with the same columns: what all share, and lists of what they do not."""
    first = rows[0]
    if first is None:
        return None
    same: Row = {}
    each: dict[str, list[Any]] = {}
    for column in first:
        values = [row[column] for row in rows if row is not None]
        if all(value == values[0] for value in values):
            same[column] = values[0]
        else:
            each[column] = values
    return {"order": list(first), "same": same, "each": each}


def _rows(packed: dict[str, Any] | None, count: int) -> Iterator[Row | None]:
    if packed is None:
        return iter([None] * count)
    columns = [
        packed["each"].get(column) or [packed["same"][column]] * count
        for column in packed["order"]
    ]
    order = packed["order"]
    return (dict(zip(order, cells, strict=True)) for cells in zip(*columns, strict=True))
