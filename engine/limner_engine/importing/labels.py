"""Labels of other programs into a project: read, find their frames, store them as one step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from limner_engine.errors import FormatError
from limner_engine.formats.coco import read_coco
from limner_engine.formats.dlc_labels import read_dlc_labels
from limner_engine.formats.labels import LabelTable
from limner_engine.formats.slp import read_slp
from limner_engine.importing.folders import Folders
from limner_engine.importing.gathered import (
    Picture,
    known_pictures,
    note_gathered,
    write_gathered,
)
from limner_engine.importing.naming import Matched, match_landmarks, match_subjects
from limner_engine.importing.placing import Footage, Opened, Placed, Placer
from limner_engine.importing.report import ImportReport
from limner_engine.importing.storing import store_labels, store_predictions
from limner_engine.project import Project
from limner_engine.video.reader import VideoReader

Kind = Literal["dlc", "slp", "coco"]
Progress = Callable[[float], bool]

_COLUMNS = ("place", "subject", "points", "visible", "confidence", "predicted")
_ENDINGS: dict[str, Kind] = {".csv": "dlc", ".slp": "slp", ".json": "coco"}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person wants of an import.

    Attributes:
        kind: Layout of the file; told by its ending where None.
        folders: Where videos and pictures are looked for, with all below.
        predicted: Also take what a network found, as predictions.
        add_landmarks: Add landmarks to the project that it does not have.
    """

    kind: Kind | None = None
    folders: Sequence[Path] = ()
    predicted: bool = False
    add_landmarks: bool = False


def read_labels(path: Path, kind: Kind | None = None, *, predicted: bool = False) -> LabelTable:
    """Read labels of any known layout.

    Args:
        path: The file.
        kind: Its layout; told by the ending where None.
        predicted: Also read what a network found.

    Raises:
        FormatError: the layout is not known, or the file is not in it.
    """
    kind = kind or _ENDINGS.get(path.suffix.lower())
    if kind is None:
        raise FormatError(
            f"{path.name} is of no known layout.",
            "Choose a CollectedData….csv of DeepLabCut, a .slp of SLEAP or a COCO .json.",
        )
    if kind == "slp":
        return read_slp(path, predicted=predicted)
    table = read_dlc_labels(path) if kind == "dlc" else read_coco(path)
    left = int(table.predicted.sum())
    if not predicted and left:
        keep = ~table.predicted
        note = f"{left} instances that a network found were not asked for."
        return replace(
            table,
            notes=(*table.notes, note),
            **{name: getattr(table, name)[keep] for name in _COLUMNS},
        )
    return table


def import_labels(
    project: Project,
    path: Path,
    wishes: Wishes,
    *,
    opened: Opened = VideoReader,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring labels into a project: one step that undo takes back.

    Labels of a video's frames go to that video: one of the project, or one that is found in the
    named folders and added. Labels of pictures go to the frame that a picture was taken from,
    where its name says so and both look alike; all other pictures are gathered into a lossless
    video beside the project. What somebody annotated in the project stays.

    Args:
        project: The open project.
        path: The file of labels.
        wishes: What is wanted.
        opened: Opens a video.
        progress: Told the share done, 0..1; its False stops the work.

    Returns:
        What was done and what was left out.

    Raises:
        FormatError: the file cannot be read, no landmark or frame of it is known, or somebody
            stopped it.
        VideoError: the gathered pictures cannot be written.
    """
    table = read_labels(path, wishes.kind, predicted=wishes.predicted)
    report = ImportReport(path.name, notes=table.notes)
    matched = match_landmarks(project, table.skeleton, add=wishes.add_landmarks)
    if not len(table.place):
        raise FormatError(
            f"{path.name} has no labels to import. {' '.join(table.notes)}".strip(),
            "Label some frames first, or ask for its predictions too.",
        )
    if (matched.place < 0).all():
        raise FormatError(
            f"No landmark of {path.name} is called as one of the project's:"
            f" {', '.join(table.skeleton.names[:5])}.",
            "Rename the landmarks, or add the file's to the project's.",
        )
    if not wishes.add_landmarks:
        report.landmarks_left = matched.missing
    elif matched.missing:
        report.landmarks_added = matched.missing
    placer = Placer(project, table, Folders(wishes.folders, path.parent), opened, report)
    try:
        placed = placer.place(_part(progress, 0.0, 0.6))
        if not placed.frames and not placed.pictures:
            raise FormatError(
                f"None of the {len(table.places)} labelled frames of {path.name} could be found: "
                + "; ".join(f"{n} {why}" for why, n in report.left_out.items())
                + ".",
                "Name the folder that holds the videos or the pictures.",
            )
        with _Storing(project, path, table, matched, wishes, report) as storing:
            storing.store(placed, _part(progress, 0.6, 1.0))
    finally:
        placer.close()
    return report


class _Storing:
    """Stores placed labels; a video that was made for them goes again where that fails."""

    def __init__(
        self,
        project: Project,
        path: Path,
        table: LabelTable,
        matched: Matched,
        wishes: Wishes,
        report: ImportReport,
    ) -> None:
        self._project, self._path, self._table = project, path, table
        self._matched, self._wishes, self._report = matched, wishes, report
        self._made: Path | None = None
        self._gathered: Path | None = None

    def __enter__(self) -> _Storing:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None and self._made is not None:
            self._made.unlink(missing_ok=True)

    def store(self, placed: Placed, progress: Progress) -> None:
        """Write everything."""
        project, table, report = self._project, self._table, self._report
        pictures = _first_of_each(placed.pictures)
        known = known_pictures(project)
        new = [picture for digest, picture in pictures.items() if digest not in known]
        reader = self._gather(new, progress) if new else None
        try:
            with project.grouped(f"Import labels from {self._path.name}"):
                frames = {n: (self._added(f), frame) for n, (f, frame) in placed.frames.items()}
                if reader is not None:
                    footage = Footage(reader.path.name, None, len(new), (0, 0), reader)
                    video_id = self._added(footage)
                    note_gathered(project, video_id, new)
                    report.gathered, report.gathered_in = len(new), footage.name
                    known |= {p.digest: (video_id, i) for i, p in enumerate(new)}
                frames |= {n: known[picture.digest] for n, picture in placed.pictures.items()}
                there = np.isin(table.place, list(frames))
                subjects = match_subjects(project, table.subjects, table.subject[there].tolist())
                if self._matched.skeleton != project.skeleton():
                    project.set_skeleton(self._matched.skeleton)
                store_labels(project, table, frames, subjects, self._matched, report)
                if self._wishes.predicted:
                    store_predictions(project, table, frames, subjects, self._path, report)
        finally:
            if reader is not None:
                reader.close()

    def _gather(self, pictures: list[Picture], progress: Progress) -> VideoReader:
        stem = f"{self._project.path.stem}-{self._path.stem}-pictures"
        wanted = self._project.folder / f"{stem}.mkv"
        there = set(self._project.folder.glob(f"{stem}*.mkv"))
        path = write_gathered(wanted, pictures, progress)
        self._gathered, self._made = path, None if path in there else path
        return VideoReader(path)

    def _added(self, footage: Footage) -> int:
        """The project's number of a video, which is added where it is new."""
        if footage.id is None:
            assert footage.reader is not None
            reader = footage.reader
            same = [v.id for v in self._project.videos() if v.fingerprint == reader.fingerprint]
            if same:
                footage.id = same[0]
            else:
                footage.id = self._project.add_video(
                    reader.path,
                    fingerprint=reader.fingerprint,
                    frame_count=reader.frame_count,
                    width=reader.width,
                    height=reader.height,
                    frame_rate=float(reader.frame_rate),
                ).id
                if reader.path != self._gathered:  # which is told in its own words
                    self._report.videos.append(reader.path.name)
        return footage.id


def _first_of_each(pictures: dict[int, Picture]) -> dict[str, Picture]:
    """Pictures by what is in them, in the order of the labels."""
    found: dict[str, Picture] = {}
    for picture in pictures.values():
        found.setdefault(picture.digest, picture)
    return found


def _part(progress: Progress | None, start: float, stop: float) -> Progress:
    """Progress of a part of the work; raises where somebody stops it.

    Raises:
        FormatError: when told to stop.
    """

    def advance(share: float) -> bool:
        if progress is not None and not progress(start + share * (stop - start)):
            raise FormatError("The import was stopped.", "Start it again when you like.")
        return True

    return advance
