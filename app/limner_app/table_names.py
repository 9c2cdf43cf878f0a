"""Names of table files."""

from __future__ import annotations

from collections.abc import Sequence


def free_names(stems: Sequence[str]) -> list[str]:
    """The stems, numbered where two are alike, so that no file replaces another.

    Stems that differ only in case count as alike, as they do on some systems.
    """
    used: set[str] = set()
    names = []
    for stem in stems:
        name, number = stem, 1
        while name.lower() in used:
            number += 1
            name = f"{stem}-{number}"
        used.add(name.lower())
        names.append(name)
    return names
