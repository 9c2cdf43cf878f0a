"""Any frame of a video by its number, exactly."""

from __future__ import annotations

import bisect
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np
from av.video.frame import VideoFrame

from limner_engine.errors import FrameUnreadableError, VideoError
from limner_engine.types import Image
from limner_engine.video.damage import spoilt
from limner_engine.video.fingerprint import fingerprint
from limner_engine.video.health import HealthReport
from limner_engine.video.index import VideoIndex, default_cache_dir
from limner_engine.video.picture import Orientation, PictureMaker
from limner_engine.video.scan import scan
from limner_engine.video.walk import LostError, Walk, changed

_log = logging.getLogger(__name__)

_RECENT_BYTES = 64 << 20
"""Memory for decoded frames behind the current one, so that stepping backward is quick."""

_DECODE_THROUGH = 6
"""A start this many packets ahead is reached by decoding on rather than by seeking."""


class VideoReader:
    """Frames of a video file by number, in any order, each the frame that a player shows there.

    Frames are numbered from 0 in presentation order, whatever the container says of rates and
    edit lists. The first opening looks the whole file through and keeps what it finds as an index;
    later ones read the index. Use one reader from one thread at a time.

    Args:
        path: The file.
        cache_dir: Where indices are kept; the user's cache folder if None.
        threads: Threads for decoding, 1 or 2.
        progress: Told the share of the looking through that is done, 0 to 1; its False stops it.

    Raises:
        VideoError: the file holds no video that can be read.

    Example:
        >>> with VideoReader("walk.mp4") as reader:  # doctest: +SKIP
        ...     image = reader[812]
        ...     seconds = reader.time_s(812)
    """

    def __init__(
        self,
        path: str | Path,
        *,
        cache_dir: Path | None = None,
        threads: int = 2,
        progress: Callable[[float], bool] | None = None,
    ) -> None:
        self.path = Path(path)
        self._walk: Walk | None = None
        self._closed = False
        _check_there(self.path)
        self.fingerprint: str = fingerprint(self.path)
        self.index: VideoIndex = _load_or_scan(
            self.path, self.fingerprint, cache_dir or default_cache_dir(), progress
        )
        self.width: int = self.index.width
        self.height: int = self.index.height
        self.frame_count: int = self.index.frame_count
        self.frame_rate: Fraction = self.index.average_rate
        self.health: HealthReport = self.index.health
        # Damaged files, and those not checked to the end, are read as files are checked: by one
        # thread, so that the decoder stumbles at the same places and says so in time.
        checked = self.index.checked_packets == len(self.index.packets)
        sound = checked and not self.index.health.unreadable
        self._threads = max(1, min(2, threads)) if sound else 1
        self._unreadable = np.zeros(self.frame_count, np.bool_)
        self._unreadable[list(self.health.unreadable)] = True
        self._recent: OrderedDict[int, VideoFrame] = OrderedDict()
        turn = Orientation(self.index.rotation, self.index.mirrored)
        swap = turn.rotation in (90, 270)
        stored = (self.height, self.width) if swap else (self.width, self.height)
        self._picture = PictureMaker(*stored, turn, self._threads)
        self._recent_count = 2
        self._times: list[int] | None = None

    def __len__(self) -> int:
        return self.frame_count

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Image]:
        return (self[i] for i in range(self.frame_count))

    def __getitem__(self, i: int) -> Image:
        """The ``i``-th frame as shown.

        Args:
            i: From 0, or from -1 backward.

        Returns:
            ``(H, W, 3)`` uint8 RGB, its own memory.

        Raises:
            IndexError: there is no such frame.
            FrameUnreadableError: the file is damaged there.
        """
        return self._picture(self._frame(self._number(i)))

    @property
    def start_time(self) -> Fraction:
        """The stream's own timestamp of the first frame, seconds."""
        return self.timestamp(0)

    def timestamp(self, i: int) -> Fraction:
        """When a frame is shown by the stream's own clock, in seconds; the first need not be at 0.

        Raises:
            IndexError: there is no such frame.
        """
        return int(self.index.pts[self._number(i)]) * self.index.time_base

    def time_s(self, i: int) -> float:
        """When a frame is shown, in seconds after the first.

        Raises:
            IndexError: there is no such frame.
        """
        return float(self.timestamp(i) - self.start_time)

    def frame_at_time(self, seconds: float) -> int:
        """The frame that is on the screen a time after the first frame.

        Args:
            seconds: Time after the first frame; before it counts as the first.

        Returns:
            The last frame whose `time_s` is not after ``seconds``.
        """
        if self._times is None:
            self._times = self.index.pts.tolist()
        base = float(self.index.time_base)
        start = self._times[0]
        # Compare the very numbers that `time_s` gives, so that the two agree to the last bit.
        at = bisect.bisect_right(self._times, start + seconds / base) - 1
        at = max(0, min(at, self.frame_count - 1))
        while at + 1 < self.frame_count and self.time_s(at + 1) <= seconds:
            at += 1
        while at > 0 and self.time_s(at) > seconds:
            at -= 1
        return at

    def read(self, start: int, stop: int, step: int = 1) -> Iterator[tuple[int, Image | None]]:
        """Frames one after another.

        Args:
            start: The first frame.
            stop: The frame before which to end; beyond the last counts as the end.
            step: From one frame to the next; may be negative.

        Yields:
            The number of a frame, and its picture as from indexing or None where it is unreadable.

        Raises:
            VideoError: the file has gone or changed.
        """
        stop = min(stop, self.frame_count) if step > 0 else max(stop, -1)
        for i in range(start, stop, step):
            try:
                yield i, self[i]
            except FrameUnreadableError:
                yield i, None

    def forget(self) -> None:
        """Let go of the frames that are kept for going back; the next ones are decoded afresh."""
        self._recent.clear()

    def close(self) -> None:
        """Close the file; the reader can give no more frames."""
        self._closed = True
        self.forget()
        if self._walk is not None:
            self._walk.close()
            self._walk = None

    def _number(self, i: int) -> int:
        number = int(i)
        if number < 0:
            number += self.frame_count
        if not 0 <= number < self.frame_count:
            raise IndexError(f"frame {i} of {self.frame_count}")
        return number

    def _unreadable_error(self, number: int) -> FrameUnreadableError:
        return FrameUnreadableError(
            f"Frame {number} of {self.path.name} cannot be read; the file is damaged there.",
            "Go on with another frame.",
        )

    def _frame(self, number: int) -> VideoFrame:
        if self._closed:
            raise VideoError(f"{self.path.name} has been closed.", "Open it again.")
        if self._unreadable[number]:
            raise self._unreadable_error(number)
        known = self._recent.get(number)
        if known is not None:
            return known
        nearest = self.index.start_row(number)
        frame: VideoFrame | None = None
        if self._is_ahead(number, nearest):
            frame = self._walk_to(number)
        # The nearest start nearly always serves; some encoders mark starts that are none.
        for row in dict.fromkeys((nearest, nearest - 1, nearest - 2, 0)):
            if frame is not None or self._unreadable[number]:
                break
            if 0 <= row <= nearest:
                frame = self._walk_from(row, number)
        if frame is None or self._unreadable[number]:
            self._mark(np.array([number]))
            raise self._unreadable_error(number)
        return frame

    def _is_ahead(self, number: int, row: int) -> bool:
        """Whether going on from where the decoder stands is the quickest way to a frame."""
        walk = self._walk
        if walk is None or not walk.active or row < 0:
            return False
        if number <= walk.given or number < walk.first_whole:
            return False
        return int(self.index.start_packets[row]) <= walk.next_packet + _DECODE_THROUGH

    def _walk_from(self, row: int, number: int) -> VideoFrame | None:
        if self._walk is None:
            self._walk = Walk(self.path, self.index, self._threads)
        try:
            self._walk.start(row)
        except LostError as error:
            raise changed(self.path) from error
        return self._walk_to(number)

    def _walk_to(self, number: int) -> VideoFrame | None:
        """Decode on up to a frame; None where it does not come out."""
        walk = self._walk
        assert walk is not None
        try:
            while (item := walk.advance()) is not None:
                self._keep(*item)
                if item[0] == number:
                    if int(self.index.packet[number]) >= self.index.checked_packets:
                        self._check(number)
                    return item[1]
                if item[0] > number:
                    return None
        except LostError:
            walk.active = False
        return None

    def _keep(self, number: int, frame: VideoFrame) -> None:
        if not self._recent:
            frame_bytes = max(1, sum(plane.buffer_size for plane in frame.planes))
            self._recent_count = max(2, min(300, _RECENT_BYTES // frame_bytes))
        self._recent[number] = frame
        self._recent.move_to_end(number)
        if len(self._recent) > self._recent_count:
            self._recent.popitem(last=False)

    def _check(self, number: int) -> None:
        """In a part of the file that was never checked: find out what the decoder hid."""
        walk = self._walk
        assert walk is not None
        # A frame that this one refers to may come out after it, and bring bad news.
        held = [
            packet
            for packet in range(int(self.index.packet[number]) - 1, -1, -1)[:16]
            if self.index.frame_of_packet[packet] > number
        ]
        for _ in range(len(held) and 16):
            if all(int(self.index.frame_of_packet[p]) in self._recent for p in held):
                break
            item = walk.advance()
            if item is None:
                break
            self._keep(*item)
        if walk.decoded.troubles:
            bad = spoilt(
                walk.decoded,
                len(self.index.packets),
                self.index.start_packets,
                self.index.keyframes,
                np.where(self.index.frame_of_packet < 0, 0, self.index.frame_of_packet),
            )
            frames = self.index.frame_of_packet[bad]
            self._mark(frames[frames >= 0])

    def _mark(self, frames: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> None:
        """Remember that frames cannot be read."""
        self._unreadable[frames] = True
        for number in frames:
            self._recent.pop(int(number), None)
        self.health = HealthReport(
            self.frame_count,
            tuple(int(n) for n in np.nonzero(self._unreadable)[0]),
            self.index.health.notes,
        )


def _check_there(path: Path) -> None:
    """Say plainly that a file is missing or no file, before anything else is tried on it."""
    if not path.exists():
        raise VideoError(f"There is no file {path}.", "Check the name and the folder.")
    if path.is_dir():
        raise VideoError(f"{path.name} is a folder, not a video.", "Choose a file inside it.")


def _load_or_scan(
    path: Path,
    name: str,
    cache_dir: Path,
    progress: Callable[[float], bool] | None,
) -> VideoIndex:
    stored = cache_dir / f"{name}.npz"
    modified_ns = path.stat().st_mtime_ns
    index = VideoIndex.load(stored, modified_ns)
    if index is None:
        index = scan(path, progress=progress)
        try:
            index.save(stored, modified_ns)
        except OSError as error:
            # Without a place to keep it the index is made anew each time: slow but right.
            _log.warning("The index of %s could not be kept: %s", path.name, error)
    return index
