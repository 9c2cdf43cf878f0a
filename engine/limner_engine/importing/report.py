"""What a person is told of an import."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class ImportReport:
    """What came into the project, and what did not and why.

    Attributes:
        file: Name of the file of labels.
        frames: Frames that got a label.
        points: Places that were written, hidden ones among them.
        hidden: Of these, landmarks that the labels call hidden.
        unchanged: Places that the project had from the same file already.
        kept: Places where the project had an annotation of somebody, which stays.
        predictions: Frames that got predictions.
        videos: Names of videos that were added.
        gathered: Pictures that became frames of a new video.
        gathered_in: Name of that video's file.
        moved: Pictures that were found some frames beside the number they bear.
        unlike: Pictures that look like no frame near their number, and stand for themselves.
        unchecked: Labels that were believed by their number, with no picture to compare.
        left_out: How many pictures or frames were left out, by reason.
        landmarks_left: Names of landmarks that the project does not have.
        landmarks_added: Names that were added to the project's skeleton.
        notes: More sentences, of the file itself.
        place: Video and frame of the first label, to show it; None where nothing was written.
    """

    file: str
    frames: int = 0
    points: int = 0
    hidden: int = 0
    unchanged: int = 0
    kept: int = 0
    predictions: int = 0
    videos: list[str] = field(default_factory=list)
    gathered: int = 0
    gathered_in: str = ""
    moved: int = 0
    unlike: int = 0
    unchecked: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    landmarks_left: tuple[str, ...] = ()
    landmarks_added: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    place: tuple[int, int] | None = None

    def sentences(self) -> list[str]:
        """The report in words, the main thing first."""
        hidden = f", {self.hidden} of them hidden" if self.hidden else ""
        said = []
        if self.frames:
            said.append(
                f"{_count(self.frames, 'frame')} with {_count(self.points, 'landmark')}{hidden}, "
                f"imported from {self.file}."
            )
        if self.predictions:
            said.append(
                f"Predictions of {_count(self.predictions, 'frame')}, imported from {self.file}."
            )
        if not said:
            said.append(f"{self.file} has nothing that is new here.")
        if self.videos:
            said.append(f"Added: {', '.join(self.videos)}.")
        if self.gathered:
            said.append(
                f"{_count(self.gathered, 'picture')} gathered in a video beside the project, "
                f"{self.gathered_in}."
            )
        if self.landmarks_added:
            said.append(f"New in the skeleton: {_names(self.landmarks_added)}.")
        if self.landmarks_left:
            said.append(
                f"Left out, because the skeleton has no such landmark: "
                f"{_names(self.landmarks_left)}."
            )
        if self.unchanged:
            said.append(f"{_count(self.unchanged, 'landmark')} had been imported before.")
        if self.kept:
            said.append(
                f"{_count(self.kept, 'landmark')} left as you have them, because the project "
                "had annotations there."
            )
        if self.moved:
            said.append(
                f"{_count(self.moved, 'picture')} found some frames beside the number in its name."
            )
        if self.unlike:
            said.append(
                f"{_count(self.unlike, 'picture')} of a video that looks otherwise there; the "
                "picture itself was taken instead."
            )
        if self.unchecked:
            said.append(
                f"{_count(self.unchecked, 'frame')} taken by number alone; no picture was there "
                "to compare."
            )
        said.extend(f"Left out: {n} {reason}." for reason, n in self.left_out.most_common())
        return [*said, *self.notes]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _names(names: tuple[str, ...], shown: int = 8) -> str:
    more = f" and {len(names) - shown} more" if len(names) > shown else ""
    return ", ".join(names[:shown]) + more
