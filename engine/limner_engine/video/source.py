"""Opening a video file: its packets, its decoder, or one clear sentence why not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from limner_engine.errors import VideoError
from limner_engine.video.log import resting

Packet: TypeAlias = "av.Packet[VideoStream]"

_MOST_FAILURES_IN_A_ROW = 1000
_BLANK = bytes(32)
_TEXT_ART = {"tty"}
"""FFmpeg would show any .txt file as a video of its letters."""


class VideoSource:
    """An open file, its video stream and that stream's decoder.

    Args:
        path: The file.
        threads: Number of threads of the decoder, which then decode several frames at a time.
            More than one may hand out a frame before it is known that it is damaged, so soundness
            is judged with one.

    Raises:
        VideoError: there is no video in the file, or none that can be opened.
    """

    def __init__(self, path: Path, threads: int) -> None:
        self.path = path
        self.demux_failures = 0
        self.container = _open(path)
        try:
            self.stream = _video_stream(self.container, path)
        except VideoError:
            self.container.close()
            raise
        self.decoder = self.stream.codec_context
        self.decoder.thread_type = "AUTO" if threads > 1 else "SLICE"
        self.decoder.thread_count = threads

        lead = self.decoder.extradata or b""
        self._forbids_zeros = self.decoder.name in ("h264", "hevc") and lead[:1] == b"\x01"

    def packets(self) -> Iterator[Packet]:
        """All packets that hold something, from where the file stands; bad stretches are passed.

        `demux_failures` counts the stretches.
        """
        in_a_row = 0
        while in_a_row < _MOST_FAILURES_IN_A_ROW:
            try:
                for packet in self.container.demux(self.stream):
                    in_a_row = 0
                    if packet.size > 0:
                        yield packet
            except (av.FFmpegError, ValueError, IndexError):
                # IndexError: damage made FFmpeg see a new stream, which PyAV does not know.
                self.demux_failures += 1
                in_a_row += 1
                continue
            return

    def decode(self, packet: Packet | None, number: int = 0) -> tuple[list[VideoFrame], bool]:
        """Decode one packet; frames come back named by the packet that carried them.

        Timestamps are replaced by packet numbers, because numbers are always there, all different
        and the same after a seek, which cannot be said of timestamps in every container.

        Args:
            packet: The packet, or None at the end for what the decoder still holds.
            number: Which packet of the file it is.

        Returns:
            Frames in the order in which they are shown, with the packet's number as ``frame.pts``;
            and whether the decoder refused something.
        """
        if packet is None:
            return self._drain()
        packet.pts = number
        packet.dts = None
        try:
            return self.decoder.decode(packet), False
        except (av.FFmpegError, ValueError):
            return [], True

    def _drain(self) -> tuple[list[VideoFrame], bool]:
        frames: list[VideoFrame] = []
        failed = False
        # Each failure uses up one frame that was held; there are never more than this many.
        for _ in range(64):
            try:
                frames += self.decoder.decode(None)
            except EOFError:
                break
            except (av.FFmpegError, ValueError):
                failed = True
                continue
            break
        return frames, failed

    def is_blanked(self, packet: Packet) -> bool:
        """Whether a stretch of a packet was overwritten with zeros, as lost disk blocks are.

        A decoder may swallow that without a word. H.264 and HEVC forbid runs of zeros inside their
        units; only where units are told apart by start codes may padding be zeros.
        """
        return self._forbids_zeros and _BLANK in bytes(packet)

    def ends_within_packet(self) -> bool:
        """Whether the file is a transport stream that was cut off inside one of its packets."""
        if "mpegts" not in self.container.format.name.split(","):
            return False
        with self.path.open("rb") as file:
            head = file.read(2 * 204 + 1)
            size = file.seek(0, 2)
        # Bare packets, packets behind a clock, packets before a checksum; 0x47 begins each.
        kinds = ((188, 0), (192, 4), (204, 0))
        lengths = [n for n, at in kinds if head[at::n][:2] == b"\x47\x47"]
        return bool(lengths) and all(size % n for n in lengths)

    def seek(self, timestamp: int) -> None:
        """Go to a keyframe at or before a timestamp, with a decoder that forgets its past.

        Args:
            timestamp: Units of the stream's time base.

        Raises:
            av.FFmpegError: the container cannot seek.
        """
        with resting:
            self.container.seek(timestamp, stream=self.stream, backward=True)

    def close(self) -> None:
        """Close the file."""
        with resting:
            self.container.close()


def _open(path: Path) -> InputContainer:
    name = path.name
    if not path.exists():
        raise VideoError(f"There is no file {path}.", "Check the name and the folder.")
    if path.is_dir():
        raise VideoError(f"{name} is a folder, not a video.", "Choose a file inside it.")
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise VideoError(
            f"{name} cannot be read: {error.strerror or error}.", "Check that you may read it."
        ) from error
    if not head:
        raise VideoError(f"{name} is empty.", "Copy the file again from where it came from.")
    try:
        container = av.open(str(path), metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError, UnicodeError) as error:
        raise _not_video(path, head) from error
    if not set(container.format.name.split(",")).isdisjoint(_TEXT_ART):
        container.close()
        raise _not_video(path, head)
    return container


def _not_video(path: Path, head: bytes) -> VideoError:
    name = path.name
    if _is_text(head):
        return VideoError(f"{name} holds text, not a video.", "Choose a video file.")
    if head[4:8] == b"ftyp" and not _has_box(path, b"moov"):
        return VideoError(
            f"{name} was cut off: the table that says where its frames are is missing.",
            "Copy it again, or record it again; a file cut off like this cannot be read.",
        )
    return VideoError(
        f"{name} is not a video, or is too damaged to be opened.",
        "Choose another file, or copy it again from where it came from.",
    )


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return False
        text = head[: error.start].decode("utf-8")
    return all(letter.isprintable() or letter in "\r\n\t\f" for letter in text)


def _has_box(path: Path, kind: bytes) -> bool:
    """Whether an MP4 file has a box of a kind at its outermost level."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        at = 0
        while at + 8 <= end:
            file.seek(at)
            head = file.read(16)
            if head[4:8] == kind:
                return True
            size = int.from_bytes(head[:4], "big")
            if size == 1:
                size = int.from_bytes(head[8:16], "big")
            if size < 8:
                return False
            at += size
    return False


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    # The cover picture of a song is a video stream to FFmpeg, of one frame.
    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & av.stream.Disposition.attached_pic
    ]
    if not streams:
        if container.streams.audio:
            raise VideoError(f"{path.name} holds sound but no pictures.", "Choose a video file.")
        raise VideoError(f"{path.name} holds no pictures.", "Choose a video file.")
    best = container.streams.best("video")
    stream = next((s for s in streams if best is not None and s.index == best.index), streams[0])
    if stream.codec_context is None:
        if _is_encrypted(path):
            raise encrypted(path)
        raise VideoError(
            f"The pictures in {path.name} are in a format that Limner cannot decode.",
            "Convert the file to H.264 first.",
        )
    if stream.codec_context.name == "ansi":
        raise VideoError(f"{path.name} holds text, not a video.", "Choose a video file.")
    return stream


def encrypted(path: Path) -> VideoError:
    """The refusal of a file whose frames are encrypted."""
    return VideoError(
        f"{path.name} is encrypted, so its frames cannot be read.",
        "Use a copy without copy protection.",
    )


def _is_encrypted(path: Path) -> bool:
    """Whether an MP4 file's tables speak of common encryption; tables stand at either end."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        file.seek(0)
        head = file.read(1 << 20)
        file.seek(max(0, end - (1 << 20)))
        tail = file.read(1 << 20)
    return any(b"encv" in part and b"sinf" in part for part in (head, tail))


def looks_encrypted(source: VideoSource, packet: Packet | None) -> bool:
    """Whether an open file is encrypted, by its packets or by its tables."""
    if packet is not None and packet.has_sidedata("encryption_info"):
        return True
    return "mp4" in source.container.format.name and _is_encrypted(source.path)
