"""The landmark table: what every format writes, one row for each shown frame."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DECIMALS = 6
"""Decimal places that `merge` keeps: a millionth of a pixel.

Coordinates then have at most 15 digits, which every reader turns into the same float64. Longer
ones some round differently: pandas before 3 may be off by a unit in the last place.
"""


@dataclass(frozen=True, eq=False)
class LandmarkTable:
    """All landmarks of one subject in one video.

    Attributes:
        video: Name of the video.
        subject: Name of the subject.
        names: Of the K landmarks.
        frames: ``(n,)`` int64, frame indices, rising.
        time_s: ``(n,)`` float64 seconds from the first frame; NaN where not known.
        points: ``(n, K, 2)`` float64 pixels; NaN where there is none.
        confidence: ``(n, K)`` float64, 0..1; NaN where there is none.
        visible: ``(n, K)`` float64: 1 visible, 0 hidden, NaN where nobody said.
        source: ``(n, K)`` str: ``"person:<author>"``, ``"model:<name>"``, or empty; where a table
            was changed on its way out, also ``"smoothed:<name>"`` and ``"filled"``.
        unreadable: Frames that could not be read.
    """

    video: str
    subject: str
    names: tuple[str, ...]
    frames: NDArray[np.int64]
    time_s: NDArray[np.float64]
    points: NDArray[np.float64]
    confidence: NDArray[np.float64]
    visible: NDArray[np.float64]
    source: NDArray[Any]
    unreadable: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        n, k = len(self.frames), len(self.names)
        shapes = {
            "time_s": (n,),
            "points": (n, k, 2),
            "confidence": (n, k),
            "visible": (n, k),
            "source": (n, k),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")

    def report(self) -> TableReport:
        """What the table lacks, to be told with it."""
        present = np.isfinite(self.points).all(axis=2).any(axis=-1)
        unreadable = set(self.unreadable)
        empty = (int(f) for f in self.frames[~present])
        corrected = [
            any(str(source).startswith("person:") for source in row) for row in self.source
        ]
        filled = {int(f) for f in self.frames[(self.source == "filled").any(axis=1)]}
        return TableReport(
            len(self.frames),
            tuple(sorted(unreadable)),
            tuple(frame for frame in empty if frame not in unreadable),
            sum(corrected),
            tuple(sorted(filled)),
        )


@dataclass(frozen=True)
class TableReport:
    """What a person should know about a written table.

    Attributes:
        rows: Frames in the table.
        unreadable: Frames that could not be read.
        empty: Frames that could be read but have no landmark.
        corrected: How many frames have a person's corrections.
        filled: Frames with a landmark that was put between its neighbours.
    """

    rows: int
    unreadable: tuple[int, ...]
    empty: tuple[int, ...]
    corrected: int
    filled: tuple[int, ...] = ()

    def sentence(self) -> str:
        """The report in words."""
        text = f"{_count(self.rows, 'frame')}, {self.corrected} with corrections."
        if self.unreadable:
            left = "" if set(self.unreadable) & set(self.filled) else " and left empty"
            text += (
                f" {_count(len(self.unreadable), 'frame')} could not be read{left}:"
                f" {_spans(self.unreadable)}."
            )
        if self.empty:
            text += f" {_count(len(self.empty), 'frame')} without landmarks: {_spans(self.empty)}."
        if self.filled:
            text += f" Gaps filled in {_count(len(self.filled), 'frame')}: {_spans(self.filled)}."
        return text


def merge(
    predictions: tuple[NDArray[np.floating], NDArray[np.floating]] | None,
    annotations: Mapping[str, NDArray[Any]] | None,
    *,
    video: str,
    subject: str,
    names: Iterable[str],
    time_s: NDArray[np.float64],
    model: str = "",
    unreadable: Iterable[int] = (),
) -> LandmarkTable:
    """Put predictions and a person's corrections together; the corrections win.

    Numbers are rounded to `DECIMALS` places. A landmark that a person placed has confidence 1. One
    that a person called hidden has neither place nor confidence.

    Args:
        predictions: Points ``(n, K, 2)`` in pixels and confidence ``(n, K)`` of all frames; None
            where no model was asked.
        annotations: Columns as `Project.all_annotations` gives them; None where there are none.
        video: Name of the video.
        subject: Name of the subject.
        names: Of the K landmarks.
        time_s: ``(n,)`` seconds from the first frame, one for each shown frame.
        model: Name of the model, for ``source``.
        unreadable: Frames that could not be read.
    """
    names = tuple(names)
    n, k = len(time_s), len(names)
    points = np.full((n, k, 2), np.nan)
    confidence = np.full((n, k), np.nan)
    visible = np.full((n, k), np.nan)
    source = np.full((n, k), "", dtype=object)
    if predictions is not None:
        if predictions[0].shape != (n, k, 2) or predictions[1].shape != (n, k):
            raise ValueError(f"predictions must be ({n}, {k}, 2), not {predictions[0].shape}")
        found = np.isfinite(predictions[0]).all(axis=2)
        points[found] = predictions[0][found]
        confidence[found] = predictions[1][found]
        source[found] = f"model:{model}"
    if annotations is not None:
        at = (annotations["frame"], annotations["landmark"])
        shown = annotations["visible"]
        points[at] = np.where(
            shown[:, None], np.stack([annotations["x"], annotations["y"]], axis=-1), np.nan
        )
        confidence[at] = np.where(shown, 1.0, np.nan)
        visible[at] = shown
        source[at] = [f"person:{author}" for author in annotations["author"]]
    return LandmarkTable(
        video,
        subject,
        names,
        np.arange(n, dtype=np.int64),
        np.asarray(time_s, np.float64).round(9),
        points.round(DECIMALS),
        confidence.round(DECIMALS),
        visible,
        source,
        tuple(sorted({int(frame) for frame in unreadable})),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _spans(frames: tuple[int, ...], shown: int = 12) -> str:
    """``1 to 3, 7, 9``; long lists end with how many more there are."""
    spans: list[list[int]] = []
    for frame in frames:
        if spans and frame == spans[-1][1] + 1:
            spans[-1][1] = frame
        else:
            spans.append([frame, frame])
    words = [f"{a}" if a == b else f"{a} to {b}" for a, b in spans[:shown]]
    more = sum(b - a + 1 for a, b in spans[shown:])
    return ", ".join(words) + (f" and {more} more" if more else "")
