"""What is known of a video once it has been looked through, and its place on the disk."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import appdirs
import numpy as np
from numpy.typing import NDArray

from limner_engine.video.health import HealthReport

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FORMAT_VERSION = 1
"""Raised whenever the meaning of a stored index changes; older ones are then made anew."""

NO_TIME = np.iinfo(np.int64).min
"""Stands where a packet has no timestamp."""


@dataclass(frozen=True, eq=False)
class PacketTable:
    """All packets of the stream in the order of the file; each array is ``(P,)``.

    Attributes:
        pts: When the packet's frame is shown, units of the stream's time base, or `NO_TIME`.
        dts: When the packet is decoded, likewise.
        size: Bytes.
        crc: CRC-32 of the content, by which a packet is recognised after a seek.
        key: Whether decoding can start here.
    """

    pts: Ints
    dts: Ints
    size: Ints
    crc: Ints
    key: Bools

    def __len__(self) -> int:
        return len(self.pts)


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """All that is needed to go straight to any frame of a file.

    Attributes:
        frame_count: F, the number of frames.
        pts: ``(F,)`` timestamps in presentation order, units of ``time_base``, strictly rising.
        time_base: Seconds of one unit.
        packet: ``(F,)`` which packet carries each frame; -1 for a frame whose packet is lost.
        start_packets: ``(S,)`` packets from which decoding can start, ascending.
        keyframes: ``(S,)`` from each of those, the first frame that comes out whole; ascending.
        packets: All packets.
        width: Width as shown, pixels.
        height: Height as shown, pixels.
        rotation: Degrees clockwise by which stored pictures are turned: 0, 90, 180 or 270.
        mirrored: Whether stored pictures are mirrored before they are turned.
        stream_index: Which stream of the file.
        codec: FFmpeg's name of the format of the pictures.
        average_rate: Frames a second on average.
        checked_packets: How many packets, from the first, were decoded to see if they are sound.
        health: What cannot be shown.
    """

    frame_count: int
    pts: Ints
    time_base: Fraction
    packet: Ints
    start_packets: Ints
    keyframes: Ints
    packets: PacketTable
    width: int
    height: int
    rotation: int
    mirrored: bool
    stream_index: int
    codec: str
    average_rate: Fraction
    checked_packets: int
    health: HealthReport

    @cached_property
    def frame_of_packet(self) -> Ints:
        """``(P,)`` which frame each packet carries, -1 for none."""
        frames = np.full(len(self.packets), -1, np.int64)
        there = self.packet >= 0
        frames[self.packet[there]] = np.nonzero(there)[0]
        return frames

    def start_row(self, frame: int) -> int:
        """The nearest place to start decoding for a frame, a row of ``start_packets``.

        All rows before it serve as well; -1 where there is none.
        """
        stored = np.searchsorted(self.start_packets, self.packet[frame], side="right")
        shown = np.searchsorted(self.keyframes, frame, side="right")
        return int(min(stored, shown)) - 1

    def save(self, path: Path, modified_ns: int = 0) -> None:
        """Write the index beside ``path`` and put it in place at once.

        Args:
            path: Where it is kept.
            modified_ns: When the video was last written to.

        Raises:
            OSError: the folder cannot be written.
        """
        facts = {
            "version": FORMAT_VERSION,
            "modified_ns": modified_ns,
            "time_base": str(self.time_base),
            "average_rate": str(self.average_rate),
            "width": self.width,
            "height": self.height,
            "rotation": self.rotation,
            "mirrored": self.mirrored,
            "stream_index": self.stream_index,
            "codec": self.codec,
            "checked_packets": self.checked_packets,
            "unreadable": list(self.health.unreadable),
            "notes": list(self.health.notes),
        }
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            facts=np.frombuffer(json.dumps(facts).encode(), np.uint8),
            pts=self.pts,
            packet=self.packet,
            start_packets=self.start_packets,
            keyframes=self.keyframes,
            packet_pts=self.packets.pts,
            packet_dts=self.packets.dts,
            packet_size=self.packets.size,
            packet_crc=self.packets.crc,
            packet_key=self.packets.key,
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(buffer.getvalue())
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise

    @classmethod
    def load(cls, path: Path, modified_ns: int = 0) -> VideoIndex | None:
        """Read a stored index.

        A fingerprint samples long files, so a damaged copy may share it with the sound original;
        the time of the last change tells such files apart.

        Args:
            path: Where it is kept.
            modified_ns: When the video was last written to.

        Returns:
            The index, or None where there is none that fits, or it is damaged or of another
            version: then it is to be made anew.
        """
        try:
            with np.load(path, allow_pickle=False) as stored:
                facts = json.loads(bytes(stored["facts"]))
                if facts["version"] != FORMAT_VERSION or facts["modified_ns"] != modified_ns:
                    return None
                index = cls(
                    frame_count=len(stored["pts"]),
                    pts=stored["pts"],
                    time_base=Fraction(facts["time_base"]),
                    packet=stored["packet"],
                    start_packets=stored["start_packets"],
                    keyframes=stored["keyframes"],
                    packets=PacketTable(
                        pts=stored["packet_pts"],
                        dts=stored["packet_dts"],
                        size=stored["packet_size"],
                        crc=stored["packet_crc"],
                        key=stored["packet_key"],
                    ),
                    width=int(facts["width"]),
                    height=int(facts["height"]),
                    rotation=int(facts["rotation"]),
                    mirrored=bool(facts["mirrored"]),
                    stream_index=int(facts["stream_index"]),
                    codec=str(facts["codec"]),
                    average_rate=Fraction(facts["average_rate"]),
                    checked_packets=int(facts["checked_packets"]),
                    health=HealthReport(
                        len(stored["pts"]),
                        tuple(int(n) for n in facts["unreadable"]),
                        tuple(str(note) for note in facts["notes"]),
                    ),
                )
        except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
            return None
        except Exception as error:
            # zlib.error has no common ancestor with the rest.
            if type(error).__module__ == "zlib":
                return None
            raise
        return index if index._is_consistent() else None

    def _is_consistent(self) -> bool:
        count, packets = self.frame_count, len(self.packets)
        table = self.packets
        return (
            count > 0
            and len(self.packet) == count
            and len(self.start_packets) == len(self.keyframes) > 0
            and all(len(part) == packets for part in (table.dts, table.size, table.crc, table.key))
            and bool((np.diff(self.pts) > 0).all())
            and bool((np.diff(self.keyframes) >= 0).all())
            and int(self.packet.max()) < packets
            and int(self.start_packets.max()) < packets
            and all(0 <= n < count for n in self.health.unreadable)
            and self.width > 0
            and self.height > 0
        )


def default_cache_dir() -> Path:
    """Where indices are kept unless a project says otherwise."""
    root = os.environ.get("LIMNER_CACHE") or appdirs.user_cache_dir("limner")
    return Path(root) / "index"
