"""The first bytes of a project, looked at before SQLite may touch the file."""

from __future__ import annotations

from pathlib import Path

from limner_engine.errors import ProjectError
from limner_engine.project import migrations

_MAGIC = b"SQLite format 3\0"
DAMAGED_MEND = "Open a backup copy of the project instead."


def refuse_foreign(path: Path) -> None:
    """Refuse what is not a whole Limner project, by reading and without SQLite.

    SQLite may write to a file that it opens (to roll back, to fold a log in), so what is not ours
    must not come that far.

    Raises:
        ProjectError: with a sentence that says what the file is instead.
    """
    if not path.exists():
        raise ProjectError(f"There is no file {path}.", "It may have been moved or renamed.")
    if not path.is_file():
        raise ProjectError(f"{path} is a folder, not a project.", "Choose a .limner file.")
    try:
        with path.open("rb") as file:
            header = file.read(100)
        size = path.stat().st_size
    except OSError as error:
        raise ProjectError(
            f"{path} cannot be read: {error.strerror}.", "Check that you may read it."
        ) from error
    if not header.startswith(_MAGIC):
        # A torn-off beginning of a project cannot be told from any other file.
        raise ProjectError(f"{path.name} is not a Limner project.", "Choose a .limner file.")
    if len(header) < 100:
        raise ProjectError(f"{path.name} is damaged: it ends too early.", DAMAGED_MEND)
    if int.from_bytes(header[68:72], "big") != migrations.APPLICATION_ID:
        raise ProjectError(
            f"{path.name} is a database of another program, not a Limner project.",
            "Choose a .limner file.",
        )
    migrations.refuse_newer(int.from_bytes(header[60:64], "big"), path.name)
    page = int.from_bytes(header[16:18], "big")
    pages = int.from_bytes(header[28:32], "big")
    known = header[24:28] == header[92:96]  # else the count was not kept by an old SQLite
    # A log beside it may hold the missing pages, so only a file that stands alone is measured.
    alone = not any(path.with_name(path.name + end).exists() for end in ("-wal", "-journal"))
    if alone and known and size < (65536 if page == 1 else page) * pages:
        raise ProjectError(f"{path.name} is damaged: its end is missing.", DAMAGED_MEND)
