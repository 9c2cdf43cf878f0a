"""Labels by the file alone: which layout it is in is told by looking."""

from __future__ import annotations

from pathlib import Path

from limner_engine.errors import FormatError
from limner_training.data.datasets import dlc, project, tidy, ytf68
from limner_training.data.datasets.labelled import LabelledSet, Progress
from limner_training.data.datasets.layouts import OWN, PUBLISHED, open_set

KNOWN = (
    "a CollectedData.csv of DeepLabCut, a project of Limner, a tidy table, or the folder of a "
    "published set with --layout"
)
LAYOUTS = tuple(known.NAME for known in (*PUBLISHED, *OWN, tidy))


def layout_of(path: Path) -> str:
    """The layout of labels: `dlc`, `project`, `tidy` or `ytf68`.

    Args:
        path: A file, or a folder with one in it.

    Raises:
        FormatError: It is missing, or in none of these.
    """
    if not path.exists():
        raise FormatError(f"There is nothing at {path}.", f"Name {KNOWN}.")
    if path.is_dir():
        if (path / "landmarks.csv").is_file() and (path / "images").is_dir():
            return ytf68.NAME
        if any(path.glob(f"*{project.SUFFIX}")):
            return project.NAME
        if any(path.glob("CollectedData*.csv")) or (path / "labeled-data").is_dir():
            return dlc.NAME
        raise FormatError(f"{path} holds no labels that are known here.", f"Name {KNOWN}.")
    if path.suffix == project.SUFFIX:
        return project.NAME
    if path.suffix.lower() in (".slp", ".json"):
        raise FormatError(
            f"{path.name} has to come into a project first.",
            f"limner import NAME{project.SUFFIX} --labels {path.name}, then name that project.",
        )
    try:
        with path.open(encoding="utf-8-sig") as file:
            head = file.readline(1000).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FormatError(f"{path.name} cannot be read as text: {error}.") from error
    if head.startswith("scorer"):
        return dlc.NAME
    if head.startswith("video,frame"):
        return tidy.NAME
    if head.startswith("file,identity,video"):
        return ytf68.NAME
    raise FormatError(f"{path.name} is in no layout that is known here.", f"Name {KNOWN}.")


def open_labels(
    path: Path, layout: str = "", progress: Progress | None = None, crop: str = ""
) -> LabelledSet:
    """Read labels in any layout.

    Args:
        path: A file or folder.
        layout: Its layout; told by looking if empty.
        progress: Told the share done.
        crop: As for `open_set`.

    Raises:
        FormatError: No such file, an unknown layout, or a file that is damaged.
        VideoError: A video cannot be read.
    """
    name = layout or layout_of(path)
    if name == tidy.NAME:
        return tidy.load(path, progress, crop)
    if name == ytf68.NAME and path.is_file():
        path = path.parent
    return open_set(name, path, progress, crop)
