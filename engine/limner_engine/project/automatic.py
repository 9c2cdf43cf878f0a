"""Writes that no person made, such as a crop that was found: no undo step, and none is spoiled.

Such a write counts as having been there all along. But where an edit touches the same thing, or
what that thing stands on, the write belongs to that edit:

- undoing the newest such edit takes the write back too, so what was before it returns exactly;
- redoing the next such edit takes the write back first, so what was after it returns exactly.

So a thing that was written automatically stays as it is through all undoing and redoing of other
things, and no state is ever reached in which two things do not fit each other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from limner_engine.project.changes import (
    KEYS,
    Change,
    changes_from_json,
    changes_to_json,
    mention,
    reverted,
)
from limner_engine.project.database import Database

_SKELETON = ("landmark", "skeleton_link", "annotation", "rejection")
"""Annotations and rejections name a landmark by number, so the four go together."""

_PERSONS = ("subject", "prior")


def weave(database: Database, changes: Iterable[Change]) -> None:
    """Put changes that have just been made into the past, inside their transaction.

    Args:
        database: Where.
        changes: In the order in which they were made.

    Raises:
        RuntimeError: an annotation, a rejection, a subject or a prior was written; those are a
            person's.
    """
    groups: dict[str, list[Change]] = {}
    for change in _net(changes):
        table, _, after = change
        if table in ("subject", "prior") or (
            table in ("annotation", "rejection") and after is not None
        ):
            raise RuntimeError(f"a row of {table} was written by no person")
        name = "skeleton" if table in _SKELETON else json.dumps([table, _key(change)])
        groups.setdefault(name, []).append(change)
    for group in groups.values():
        _weave_group(database, group)


def _weave_group(database: Database, group: list[Change]) -> None:
    """Put changes into the past that must come and go together."""
    tables, touches = _kinship(group[0])
    done = _find(database, tables, touches, undone=False)
    if done is not None:
        number, known = done
        _store(database, number, [*known, *group])
    undone = _find(database, tables, touches, undone=True)
    if undone is not None:
        number, known = undone
        _store(database, number, [*reverted(group), *known])


def _kinship(change: Change) -> tuple[tuple[str, ...], Callable[[Change], bool]]:
    """Tables to look at, and which changes of them touch the same or what it stands on."""
    table, before, after = change
    row = after or before or {}
    if table in _SKELETON:
        return _SKELETON, lambda other: other[0] in _SKELETON
    if table == "video":
        # Two rows of one file must never be there together.
        wanted = row["fingerprint"]
        return (
            ("video",),
            lambda other: (
                other[0] == "video"
                and any(
                    side is not None and side.get("fingerprint") == wanted for side in other[1:]
                )
            ),
        )
    video, subject = row["video_id"], row["subject"]

    def touches(other: Change) -> bool:
        kind, was, will = other
        side = will or was or {}
        if kind == "crop_track":
            return (side.get("video_id"), side.get("subject")) == (video, subject)
        comes_or_goes = was is None or will is None
        return comes_or_goes and (kind, side.get("id")) in (("video", video), ("subject", subject))

    return ("crop_track", "video", "subject"), touches


def _find(
    database: Database, tables: tuple[str, ...], touches: Callable[[Change], bool], *, undone: bool
) -> tuple[int, list[Change]] | None:
    """The edit nearest to now, done or undone, that has a kindred change; with all its changes."""
    # The text is looked at first: reading thousands of edits as JSON takes long.
    mentions = " OR ".join("instr(changes, ?)" for _ in tables)
    order = "ASC" if undone else "DESC"
    numbers = database.rows(
        f"SELECT id FROM history WHERE undone = ? AND ({mentions}) ORDER BY id {order}",
        (int(undone), *(mention(table) for table in tables)),
    )
    for (number,) in numbers:
        (text,) = database.first("SELECT changes FROM history WHERE id = ?", (number,))
        changes = changes_from_json(text)
        if any(touches(change) for change in changes):
            return number, changes
    return None


def _store(database: Database, number: int, changes: list[Change]) -> None:
    database.write(
        "UPDATE history SET changes = ? WHERE id = ?", (changes_to_json(changes), number)
    )


def _net(changes: Iterable[Change]) -> list[Change]:
    """One change for each row that is now other than it was."""
    rows: dict[str, Change] = {}
    for change in changes:
        name = json.dumps([change[0], _key(change)])
        first = rows.get(name, change)
        rows[name] = (change[0], first[1], change[2])
    return [change for change in rows.values() if change[1] != change[2]]


def _key(change: Change) -> list[Any]:
    table, before, after = change
    row = after or before or {}
    return [row[key] for key in KEYS[table]]
