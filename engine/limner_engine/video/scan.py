"""Looking through a file once: every packet, every timestamp, and whether every frame decodes."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.logging
import numpy as np
from av.video.frame import VideoFrame

from limner_engine.errors import VideoError
from limner_engine.video.damage import Decoded, Trouble, spoilt
from limner_engine.video.health import HealthReport
from limner_engine.video.index import NO_TIME, Bools, Ints, PacketTable, VideoIndex
from limner_engine.video.log import listening
from limner_engine.video.picture import Orientation, orientation
from limner_engine.video.source import Packet, VideoSource, encrypted, looks_encrypted
from limner_engine.video.timing import FrameTimes, order_frames

Progress = Callable[[float], bool]

CHECKED_PIXELS = 3_000_000_000
"""How much of a file is decoded when it is first opened: some 15 s of work. What lies
beyond is checked while it is read."""

_TRUSTED_CONTAINERS = {"mov", "mp4", "matroska", "webm"}
_TRUSTED_CODECS = {"h264", "hevc", "av1", "libdav1d", "vp9", "mjpeg", "prores", "ffv1"}


class ScanStoppedError(VideoError):
    """Whoever asked for the index wants it no more."""


@dataclass
class _Listing:
    table: PacketTable
    discarded: Bools
    troubles: list[Trouble]
    broken: bool
    is_encrypted: bool


def scan(
    path: Path,
    *,
    thorough: bool = False,
    progress: Progress | None = None,
) -> VideoIndex:
    """Make the index of a video.

    Args:
        path: The file.
        thorough: Decode the whole file however long it is.
        progress: Told the share that is done, 0 to 1; its False stops the work.

    Raises:
        VideoError: no frame of the file can be read.
        ScanStoppedError: ``progress`` said so.
    """
    source = VideoSource(path, threads=1)
    try:
        listing = _list_packets(source, lambda share: _go_on(path, progress, share * 0.1))
        facts = _Facts.of(source)
    finally:
        source.close()
    if listing.is_encrypted:
        raise encrypted(path)
    count = len(listing.table)
    if count == 0:
        raise VideoError(
            f"{path.name} announces a video but holds no frames.",
            "Copy the file again from where it came from.",
        )
    limit = count
    if facts.trusted and not thorough:
        limit = max(64, CHECKED_PIXELS // max(1, facts.pixels))
    run = _decode(path, listing, min(limit, count), progress, listen=False)
    if limit < count and not run.one_to_one(listing):
        # Packets are no guide to frames here, so all of it has to be decoded.
        run = _decode(path, listing, count, progress, listen=False)
    gaps = facts.lossy and _has_gaps(listing)
    if gaps or listing.broken or run.decoded.troubles or listing.troubles:
        run = _decode(path, listing, run.checked, progress, listen=True)
    return _assemble(path, facts, listing, run)


def _go_on(path: Path, progress: Progress | None, share: float) -> None:
    if progress is not None and not progress(min(1.0, share)):
        raise ScanStoppedError(f"Looking through {path.name} was stopped.")


@dataclass
class _Facts:
    time_base: Fraction
    rate: Fraction
    pixels: int
    trusted: bool
    lossy: bool
    announced: int
    codec: str
    stream_index: int

    @classmethod
    def of(cls, source: VideoSource) -> _Facts:
        stream, decoder = source.stream, source.decoder
        formats = set(source.container.format.name.split(","))
        return cls(
            time_base=Fraction(stream.time_base or Fraction(1, 1000)),
            rate=Fraction(stream.average_rate or stream.guessed_rate or 0),
            pixels=decoder.width * decoder.height,
            trusted=bool(formats & _TRUSTED_CONTAINERS) and decoder.name in _TRUSTED_CODECS,
            # A transport stream may lose stretches that nobody counts.
            lossy="mpegts" in formats,
            announced=stream.frames,
            codec=decoder.name,
            stream_index=stream.index,
        )


def _has_gaps(listing: _Listing) -> bool:
    """Whether a few frames seem to be missing between evenly spaced ones."""
    times = np.sort(listing.table.pts[~listing.discarded & (listing.table.pts != NO_TIME)])
    steps = np.diff(times)
    if len(steps) < 2:
        return False
    return 0.0 < float((steps > 1.5 * np.median(steps)).mean()) < 0.1


def _list_packets(source: VideoSource, report: Callable[[float], None]) -> _Listing:
    pts: list[int] = []
    dts: list[int] = []
    size: list[int] = []
    crc: list[int] = []
    key: list[bool] = []
    discarded: list[bool] = []
    troubles: list[Trouble] = []
    broken = False
    is_encrypted = False
    size_bytes = max(1, source.container.size)
    container_names = set(source.container.format.name.split(","))
    packets = source.packets()
    while True:
        failures = source.demux_failures
        with listening() as said:
            packet = next(packets, None)
        complaint = source.demux_failures > failures or any(
            level <= av.logging.ERROR and not container_names.isdisjoint(name.split(","))
            for level, name, _ in said
        )
        broken = broken or complaint
        if packet is None:
            if source.ends_within_packet():
                broken = True
                troubles.append(Trouble(max(0, len(pts) - 1)))
            break
        if complaint:
            # The two packets before may have lost an end, since containers notice late; and
            # packets in between may be lost, which spoils this one unless it starts afresh.
            troubles += [Trouble(max(0, len(pts) - back)) for back in (2, 1)]
            if not packet.is_keyframe:
                troubles.append(Trouble(len(pts)))
        if not pts:
            is_encrypted = looks_encrypted(source, packet)
        if packet.is_corrupt or source.is_blanked(packet):
            broken = True
            # Where the container cuts the stream into packets itself, the flag may come one late.
            troubles += [Trouble(max(0, len(pts) - back)) for back in (1, 0)]
        pts.append(NO_TIME if packet.pts is None else packet.pts)
        dts.append(NO_TIME if packet.dts is None else packet.dts)
        size.append(packet.size)
        crc.append(zlib.crc32(packet))
        key.append(packet.is_keyframe)
        discarded.append(packet.is_discard)
        if len(pts) % 256 == 0 and packet.pos is not None:
            report(packet.pos / size_bytes)
    table = PacketTable(
        pts=np.array(pts, np.int64),
        dts=np.array(dts, np.int64),
        size=np.array(size, np.int64),
        crc=np.array(crc, np.int64),
        key=np.array(key, np.bool_),
    )
    return _Listing(table, np.array(discarded, np.bool_), troubles, broken, is_encrypted)


@dataclass
class _Run:
    decoded: Decoded
    checked: int
    first: VideoFrame | None
    sizes: set[tuple[int, int]]

    def one_to_one(self, listing: _Listing) -> bool:
        """Whether each packet that counts gave one frame."""
        if self.decoded.troubles:
            return True
        expected = int((~listing.discarded[: self.checked]).sum())
        # A decoder that is stopped in mid-file still holds a few back.
        return (
            len(set(self.decoded.order)) >= expected - 32 and len(self.decoded.order) <= expected
        )


def _decode(
    path: Path, listing: _Listing, limit: int, progress: Progress | None, *, listen: bool
) -> _Run:
    """Decode the first packets.

    Args:
        path: The file.
        listing: Its packets.
        limit: How many packets.
        progress: Told the share that is done.
        listen: Whether what the decoder says counts too, not only what it flags. It says some
            things of sound files as well, so this is for files that are under suspicion.
    """
    run = _Run(Decoded(), limit, None, set())
    source = VideoSource(path, threads=1)
    count = len(listing.table)

    def take(packet: Packet | None, number: int) -> None:
        if listen:
            with listening(av.logging.DEBUG) as said:
                frames, failed = source.decode(packet, number)
            failed = failed or any(_is_alarming(level, text) for level, _, text in said)
        else:
            frames, failed = source.decode(packet, number)
        if failed:
            run.decoded.troubles.append(Trouble(min(number, count - 1), len(run.decoded.order)))
        for frame in frames:
            run.sizes.add((frame.width, frame.height))
            if frame.pts is None or not 0 <= frame.pts < count:
                continue
            if frame.is_corrupt:
                run.decoded.troubles.append(Trouble(frame.pts))
            elif run.first is None:
                run.first = frame
            run.decoded.order.append(frame.pts)

    try:
        number = 0
        for packet in source.packets():
            if number >= limit:
                break
            take(packet, number)
            number += 1
            if number % 64 == 0:
                _go_on(path, progress, 0.1 + 0.9 * number / limit)
        take(None, number)
    finally:
        source.close()
    return run


def _is_alarming(level: int, text: str) -> bool:
    """Whether a decoder's line means that pictures are wrong from here on."""
    return level <= av.logging.ERROR or text.startswith("Frame num gap")


def _assemble(path: Path, facts: _Facts, listing: _Listing, run: _Run) -> VideoIndex:
    table = listing.table
    count = len(table)
    decoded = Decoded(run.decoded.order, [*listing.troubles, *run.decoded.troubles])
    times = order_frames(
        table,
        listing.discarded,
        decoded.order,
        run.checked,
        facts.rate,
        facts.time_base,
        damaged=listing.broken or bool(decoded.troubles),
    )
    starts, whole = _starts(table, times)
    if run.first is None or len(starts) == 0:
        raise VideoError(
            f"No frame of {path.name} can be decoded.",
            "The file is damaged; copy it again from where it came from.",
        )
    bad = spoilt(decoded, count, starts, whole, times.rank)
    emitted = np.zeros(count, np.bool_)
    emitted[decoded.order] = True
    emitted[run.checked :] = True
    carried = times.packet >= 0
    unreadable = ~carried
    unreadable[carried] = (bad | ~emitted)[times.packet[carried]]
    # A packet that gave nothing, and no trouble, is not a frame: hidden ones, second fields.
    keep = ~carried
    keep[carried] = (bad | emitted)[times.packet[carried]]
    before = np.concatenate([[0], np.cumsum(keep)])
    whole = np.maximum.accumulate(before[np.minimum(whole, len(keep))])
    pts, packet, unreadable = times.pts[keep], times.packet[keep], unreadable[keep]
    if unreadable.all():
        raise VideoError(
            f"No frame of {path.name} can be decoded.",
            "The file is damaged; copy it again from where it came from.",
        )
    notes = list(times.notes)
    if listing.broken and facts.announced <= count:
        notes.append("The file is damaged or breaks off.")
    if facts.announced > count:
        notes.append(f"{facts.announced - count} frames that the file announces are missing.")
    if len(run.sizes) > 1:
        notes.append("The size of the picture changes; all frames are brought to the first size.")
    if run.checked < count:
        notes.append(
            "The file is long; frames past the first part are checked only when they are read."
        )
    turn = orientation(run.first)
    width, height = _shown_size(run.first, turn)
    within = whole < len(pts)
    return VideoIndex(
        frame_count=len(pts),
        pts=pts,
        time_base=times.time_base,
        packet=packet,
        start_packets=np.asarray(starts, np.int64)[within],
        keyframes=whole[within],
        packets=table,
        width=width,
        height=height,
        rotation=turn.rotation,
        mirrored=turn.mirrored,
        stream_index=facts.stream_index,
        codec=facts.codec,
        average_rate=_average_rate(pts, times.time_base, facts.rate),
        checked_packets=run.checked,
        health=HealthReport(
            len(pts), tuple(int(n) for n in np.nonzero(unreadable)[0]), tuple(notes)
        ),
    )


def _starts(table: PacketTable, times: FrameTimes) -> tuple[Ints, Ints]:
    """Where decoding can start, and the first frame that comes out whole from there."""
    starts = np.nonzero(table.key)[0]
    return starts, times.rank[starts]


def _shown_size(frame: VideoFrame, turn: Orientation) -> tuple[int, int]:
    if turn.rotation in (90, 270):
        return frame.height, frame.width
    return frame.width, frame.height


def _average_rate(pts: Ints, time_base: Fraction, said: Fraction) -> Fraction:
    if said > 0:
        return said
    if len(pts) > 1:
        return Fraction(len(pts) - 1) / (int(pts[-1] - pts[0]) * time_base)
    return Fraction(25)
