"""Landmarks smoothed in time; for tables that are written out, never for what a project keeps.

Both ways fit a polynomial to what lies around a frame and take its value there. Savitzky and Golay
fit a parabola to all frames of the window alike ("Smoothing and differentiation of data by
simplified least squares procedures", Analytical Chemistry 36, 1964). The Gaussian way fits a line,
and what is far away weighs less; within a steady rhythm that is the mean under a Gaussian. Because
the fit asks for the stream's own times, neither needs a steady rhythm, and neither shortens a path
at its ends as a plain mean does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from limner_engine.formats.filling import FILLED, clock_of
from limner_engine.formats.table import DECIMALS, LandmarkTable

Method = Literal["savgol", "gaussian"]

_DEGREE: dict[Method, int] = {"savgol": 2, "gaussian": 1}
_BATCH = 4096


@dataclass(frozen=True, slots=True)
class Smoothing:
    """How to smooth.

    Attributes:
        method: ``savgol`` (a parabola, all frames alike) or ``gaussian`` (a line, near ones more).
        frames: Width of the window, an odd number of frames from 5 on; 0 where it is in seconds.
        seconds: Width of the window by the stream's own times, above 0; 0 where it is in frames.
    """

    method: Method = "savgol"
    frames: int = 7
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.method not in _DEGREE:
            raise ValueError(f"there is no smoothing {self.method!r}")
        if (self.frames > 0) == (self.seconds > 0):
            raise ValueError("a window is either in frames or in seconds")
        # A parabola goes through any three points, so a window of three would change nothing.
        if self.frames and (self.frames < 5 or self.frames % 2 == 0):
            raise ValueError(f"a window must be an odd number of frames from 5 on, {self.frames}")


def smooth(table: LandmarkTable, how: Smoothing) -> LandmarkTable:
    """Smooth every landmark's path.

    What a person placed stays exactly where it is, and draws its neighbours as every point does. A
    window never reaches over a frame in which the landmark is missing. Where it holds too few
    points for the fit, they stay as they are.

    Args:
        table: What to smooth; it is left as it is.
        how: The method and the window. A window in seconds needs times in the table.

    Returns:
        A table with ``"smoothed:<name>"`` as the source where it was ``"model:<name>"``.
    """
    if how.seconds and not np.isfinite(table.time_s).all():
        raise ValueError("a window in seconds needs the times of the frames")
    points, source = table.points.copy(), table.source.copy()
    clock = clock_of(table)
    for landmark in range(len(table.names)):
        track = table.points[:, landmark]
        fixed = np.array([str(s).startswith("person:") for s in table.source[:, landmark]], bool)
        present = np.asarray(np.isfinite(track).all(axis=1))
        fitted, done = _fitted(track, present, table.frames, clock, table.time_s, how)
        changed = done & ~fixed
        points[changed, landmark] = fitted[changed].round(DECIMALS)
        source[changed, landmark] = [_smoothed(text) for text in source[changed, landmark]]
    return replace(table, points=points, source=source)


def _smoothed(source: Any) -> str:
    text = str(source)
    if text == FILLED:
        return text
    return f"smoothed:{text.removeprefix('model:')}"


def _fitted(
    track: NDArray[np.float64],
    present: NDArray[np.bool_],
    frames: NDArray[np.int64],
    clock: NDArray[np.float64],
    time_s: NDArray[np.float64],
    how: Smoothing,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The fit at every frame ``(n, 2)``, and where there is one ``(n,)``."""
    n = len(track)
    fitted, done = track.copy(), np.zeros(n, np.bool_)
    # Rows belong together while the landmark is there and no frame is left out between them.
    breaks = np.ones(n, np.bool_)
    breaks[1:] = ~(present[1:] & present[:-1] & (np.diff(frames) == 1))
    run = np.cumsum(breaks)
    if how.seconds:
        axis, width = time_s, how.seconds / 2
        reach = _reach(time_s, width)
    else:
        axis, width = frames.astype(np.float64), how.frames // 2 + 0.5
        reach = how.frames // 2
    offsets = np.arange(-reach, reach + 1)
    degree = _DEGREE[how.method]
    for start in range(0, n, _BATCH):
        rows = np.arange(start, min(n, start + _BATCH))
        near = rows[:, None] + offsets
        inside = (near >= 0) & (near < n)
        near = near.clip(0, n - 1)
        away = axis[near] - axis[rows, None]
        # A hair of tolerance, because times of frames are sums of rounded numbers.
        inside &= (run[near] == run[rows, None]) & present[near]
        inside &= np.abs(away) <= width * (1 + 1e-9)
        enough = present[rows] & (inside.sum(axis=1) > degree + 1)
        if not enough.any():
            continue
        rows, near, inside, away = rows[enough], near[enough], inside[enough], away[enough]
        weight = inside.astype(np.float64)
        if how.method == "gaussian":
            # The window's edge stands at two deviations.
            weight *= np.exp(-0.5 * (away / (width / 2)) ** 2)
        late = (clock[near] - clock[rows, None]) * inside
        late /= np.abs(late).max(axis=1, keepdims=True)
        powers = late[..., None] ** np.arange(degree + 1)
        normal = np.einsum("nwi,nw,nwj->nij", powers, weight, powers)
        values = np.where(inside[..., None], track[near], 0.0)
        right = np.einsum("nwi,nw,nwc->nic", powers, weight, values)
        # The polynomial's value at its own frame is its constant term.
        fitted[rows] = np.linalg.solve(normal, right)[:, 0]
        done[rows] = True
    return fitted, done


def _reach(times: NDArray[np.float64], width: float) -> int:
    """The most rows that lie within a width on one side of any row."""
    far = np.searchsorted(times, times + width * (1 + 1e-9), side="right")
    return max(1, int((far - np.arange(len(times))).max()) - 1)
