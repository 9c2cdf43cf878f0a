"""One way through the packets of a file, from a start onwards, that always knows where it is."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import av
from av.video.frame import VideoFrame

from limner_engine.errors import VideoError
from limner_engine.video.damage import Decoded, Trouble
from limner_engine.video.index import NO_TIME, VideoIndex
from limner_engine.video.source import Packet, VideoSource

_BY_PTS = {"mov", "mp4", "matroska", "webm"}
"""Containers whose own seeking goes by presentation time."""

_MOST_MISSES = 3


class LostError(Exception):
    """The packets are not those that the index knows; never reaches a caller of the reader."""


class Walk:
    """Decodes forward from a start; frames come out with their numbers.

    Args:
        path: The file.
        index: What is known of it.
        threads: Threads of the decoder.

    Attributes:
        next_packet: The packet that is fed next.
        given: The last frame that `advance` gave; frames up to it lie behind.
        first_whole: Frames before this one may come out broken and are not given.
        decoded: What came out and what went wrong since the start.
        active: Whether the walk stands anywhere at all.
    """

    def __init__(self, path: Path, index: VideoIndex, threads: int) -> None:
        self._path = path
        self._index = index
        self._threads = threads
        self._source = VideoSource(path, threads)
        names = set(self._source.container.format.name.split(","))
        table = index.packets
        self._seek_times = table.pts if names & _BY_PTS else table.dts
        self._packet_of_time = {
            int(time): number for number, time in enumerate(table.pts) if time != NO_TIME
        }
        self._unique_times = len(self._packet_of_time) == len(table)
        self._packet_of_content: dict[tuple[int, int], int] | None = None
        self._crc = table.crc.tolist()
        self._size = table.size.tolist()
        self._frame_of_packet = index.frame_of_packet.tolist()
        self._packets: Iterator[Packet] = iter(())
        self._ready: deque[tuple[int, VideoFrame]] = deque()
        self._held: Packet | None = None
        self._misses = 0
        self._drained = False
        self._fresh = True
        self.active = False
        self.next_packet = 0
        self.given = -1
        self.first_whole = 0
        self.decoded = Decoded()

    def start(self, row: int) -> None:
        """Go to a row of the index's ``start_packets``.

        Raises:
            LostError: the packets there are not those of the index.
            VideoError: the file has gone.
        """
        target = int(self._index.start_packets[row])
        first_whole = int(self._index.keyframes[row])
        self.active = False
        if self._misses < _MOST_MISSES and self._seek_towards(row, target):
            pass
        else:
            self._rewind(target)
        self.first_whole = first_whole
        self.given = first_whole - 1
        self._ready.clear()
        self._drained = False
        self.decoded = Decoded()
        self.active = True

    def _seek_towards(self, row: int, target: int) -> bool:
        """Seek so as to land at or before a packet, and skip up to it."""
        if target == 0 and self._fresh:
            return False
        self._fresh = False
        for back in (0, 1, 3, 8):
            if row - back < 0:
                break
            time = int(self._seek_times[self._index.start_packets[row - back]])
            if time == NO_TIME:
                break
            try:
                self._source.seek(time)
            except (av.FFmpegError, ValueError, OverflowError):
                break
            self._packets = self._source.packets()
            if self._skip_to(target):
                if back:
                    self._misses += 1
                else:
                    self._misses = 0
                return True
        self._misses += 1
        return False

    def _skip_to(self, target: int) -> bool:
        """Pass packets without decoding until ``target`` is next; False if it lies behind."""
        for packet in self._packets:
            number = self._recognise(packet)
            if number is None:
                continue
            if number == target:
                self._held = packet
                self.next_packet = target
                return True
            if number > target:
                return False
        return False

    def _recognise(self, packet: Packet) -> int | None:
        """Which packet of the index this is, or None where that is not certain."""
        content = (zlib.crc32(packet), packet.size)
        if self._unique_times and packet.pts is not None:
            number = self._packet_of_time.get(packet.pts)
            if number is not None and (self._crc[number], self._size[number]) == content:
                return number
        if self._packet_of_content is None:
            known: dict[tuple[int, int], int] = {}
            for number, key in enumerate(zip(self._crc, self._size, strict=True)):
                known[key] = -1 if key in known else number
            self._packet_of_content = known
        number = self._packet_of_content.get(content, -1)
        return None if number < 0 else number

    def _rewind(self, target: int) -> None:
        """Open the file again and count packets from its beginning."""
        if not self._fresh:
            self._source.close()
            self._source = VideoSource(self._path, self._threads)
        self._fresh = False
        self._packets = self._source.packets()
        self._held = None
        for number in range(target):
            packet = next(self._packets, None)
            if packet is None or not self._matches(packet, number):
                raise LostError
        self.next_packet = target

    def _matches(self, packet: Packet, number: int) -> bool:
        return (
            number < len(self._size)
            and packet.size == self._size[number]
            and zlib.crc32(packet) == self._crc[number]
        )

    def advance(self) -> tuple[int, VideoFrame] | None:
        """The next frame in presentation order with its number; None at the end of the file.

        Raises:
            LostError: the packets are no longer those of the index.
        """
        while not self._ready:
            if self._drained:
                return None
            packet = self._held if self._held is not None else next(self._packets, None)
            self._held = None
            number = self.next_packet
            if packet is None:
                if number < len(self._size):
                    raise LostError
                self._drained = True
            elif not self._matches(packet, number):
                raise LostError
            frames, failed = self._source.decode(packet, number)
            self.next_packet = number + 1 if packet is not None else number
            if failed:
                trouble = Trouble(max(0, number - self._threads), len(self.decoded.order))
                self.decoded.troubles.append(trouble)
            for frame in frames:
                self._note(frame)
        number, frame = self._ready.popleft()
        self.given = number
        return number, frame

    def _note(self, frame: VideoFrame) -> None:
        carrier = frame.pts
        if carrier is None or not 0 <= carrier < len(self._frame_of_packet):
            return
        self.decoded.order.append(carrier)
        number = self._frame_of_packet[carrier]
        if number < self.first_whole:
            return
        if frame.is_corrupt:
            self.decoded.troubles.append(Trouble(carrier))
        self._ready.append((number, frame))

    def close(self) -> None:
        """Close the file."""
        self.active = False
        self._packets = iter(())
        self._ready.clear()
        self._source.close()


def changed(path: Path) -> VideoError:
    """The refusal of a file that is no longer the one that was indexed."""
    return VideoError(
        f"{path.name} has changed since it was opened.", "Close it and open it again."
    )
