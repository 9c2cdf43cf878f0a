"""The order in which frames are shown, and when."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from limner_engine.video.index import NO_TIME, Bools, Ints, PacketTable

_LONGEST_GAP = 100_000


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """Frames in presentation order.

    Attributes:
        pts: ``(F,)`` strictly rising.
        packet: ``(F,)`` which packet carries each; -1 for one that is lost.
        rank: ``(P,)`` for each packet, how many frames are shown before its own.
        time_base: Seconds of one unit of ``pts``.
        notes: What is odd.
    """

    pts: Ints
    packet: Ints
    rank: Ints
    time_base: Fraction
    notes: tuple[str, ...]


def order_frames(
    table: PacketTable,
    discarded: Bools,
    emitted: list[int],
    checked: int,
    rate: Fraction,
    time_base: Fraction,
    *,
    damaged: bool,
) -> FrameTimes:
    """Put the frames of a file into the order in which they are shown.

    Timestamps say the order where they are complete, all different and agree with what the decoder
    did; in a damaged file they alone do. Elsewhere the decoder's order holds.

    Args:
        table: All packets.
        discarded: ``(P,)`` packets that an edit list hides.
        emitted: Packets in the order in which the decoder gave their frames.
        checked: How many packets were decoded.
        rate: Frames a second that the file announces; 0 where it does not.
        time_base: Seconds of one unit of the timestamps.
        damaged: Whether anything went wrong while decoding.
    """
    count = len(table)
    came_out = np.zeros(count, np.bool_)
    came_out[emitted] = True
    frames = np.nonzero(~discarded | came_out)[0]
    pts = table.pts[frames]
    if damaged:
        frames, pts = _with_own_time(frames, pts)
    complete = bool((pts != NO_TIME).all()) and len(np.unique(pts)) == len(pts)
    shown = table.pts[np.array(emitted, np.int64)]
    agrees = complete and bool((np.diff(shown) > 0).all())
    if complete and (agrees or damaged):
        order = np.argsort(pts, kind="stable")
        frames, pts = frames[order], pts[order]
        rank = np.searchsorted(pts, table.pts)
        # A hidden packet may lack a timestamp of its own; nothing is shown from it.
        return _with_gaps(FrameTimes(pts, frames, rank, time_base, ()), damaged)
    unseen = np.arange(checked, count)
    frames = np.concatenate([np.array(list(dict.fromkeys(emitted)), np.int64), unseen])
    if len(frames) == 0:
        return FrameTimes(np.zeros(0, np.int64), frames, np.zeros(count, np.int64), time_base, ())
    rank = np.full(count, -1, np.int64)
    rank[frames] = np.arange(len(frames))
    # Packets without a frame: as many frames come before them as before the next that has one.
    after = len(frames)
    for number in range(count - 1, -1, -1):
        if rank[number] < 0:
            rank[number] = after
        else:
            after = int(rank[number])
    times, unit, notes = _times_in_order(table, frames, rate, time_base)
    return FrameTimes(times, frames, rank, unit, notes)


def _with_own_time(frames: Ints, pts: Ints) -> tuple[Ints, Ints]:
    """Leave out the few frames whose timestamps were damaged; nobody knows their places.

    Where most have none, that is the container's way and not damage: then all stay.
    """
    own = np.zeros(len(pts), np.bool_)
    own[np.unique(pts, return_index=True)[1]] = True
    own &= pts != NO_TIME
    return (frames[own], pts[own]) if own.mean() > 0.8 else (frames, pts)


def _times_in_order(
    table: PacketTable, frames: Ints, rate: Fraction, time_base: Fraction
) -> tuple[Ints, Fraction, tuple[str, ...]]:
    """Timestamps for frames whose order the decoder gave."""
    for column in (table.pts, table.dts):
        times = np.sort(column[frames])
        if len(times) and times[0] != NO_TIME and bool((np.diff(times) > 0).all()):
            return times, time_base, ()
    unit = 1 / rate if rate > 0 else Fraction(1, 25)
    note = "The file does not say when its frames are shown; they are spaced evenly."
    return np.arange(len(frames), dtype=np.int64), unit, (note,)


def _with_gaps(times: FrameTimes, damaged: bool) -> FrameTimes:
    """Give lost frames of a damaged file of constant rate their places.

    So the frames behind a gap keep the numbers that they have in the sound file.
    """
    if not damaged or len(times.pts) < 3:
        return times
    steps = np.diff(times.pts)
    step = float(np.median(steps))
    usual = steps[np.abs(steps - step) <= 1]
    step = float(usual.mean())
    lengths = np.rint(steps / step).astype(np.int64)
    regular = np.abs(steps - lengths * step) <= np.maximum(1.0, 0.01 * step)
    if not regular.all() or (lengths < 1).any() or lengths.max() == 1:
        return times
    if lengths.sum() > _LONGEST_GAP + len(times.pts) or (lengths > 1).mean() > 0.2:
        return times
    places = np.concatenate([[0], np.cumsum(lengths)])
    count = int(places[-1]) + 1
    pts = np.rint(np.interp(np.arange(count), places, times.pts)).astype(np.int64)
    packet = np.full(count, -1, np.int64)
    packet[places] = times.packet
    inside = np.minimum(times.rank, len(places) - 1)
    rank = np.where(times.rank < len(places), places[inside], count)
    lost = count - len(times.pts)
    note = f"{lost} {'frame is' if lost == 1 else 'frames are'} lost altogether."
    return FrameTimes(pts, packet, rank, times.time_base, (*times.notes, note))
