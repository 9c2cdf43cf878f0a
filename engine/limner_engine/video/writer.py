"""Pictures written as a video that any player shows."""

from __future__ import annotations

import secrets
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace, VideoReformatter
from av.video.stream import VideoStream

from limner_engine.errors import VideoError
from limner_engine.types import Image
from limner_engine.video.log import resting

_BT709_FROM_ROWS = 720
"""From this height on players take BT.709 where a file says nothing; agree with them."""


class VideoWriter:
    """Writes H.264 in MP4, under a temporary name that becomes the real one on `close`.

    Odd sizes are padded by one row or column to even ones, as 4:2:0 asks. Used as a context, an
    error inside removes what was written and leaves an older file of that name as it was.

    Args:
        path: Where the video shall be.
        width: Width of the pictures, pixels.
        height: Height of the pictures, pixels.
        frame_rate: Frames a second.
        crf: Quality, 0 (lossless) to 51; 18 looks as the original does.

    Raises:
        VideoError: the folder cannot be written, or sizes make no video.
    """

    def __init__(
        self,
        path: str | Path,
        width: int,
        height: int,
        frame_rate: Fraction | float,
        *,
        crf: int = 18,
    ) -> None:
        self.path = Path(path)
        rate = Fraction(frame_rate).limit_denominator(1_000_000)
        if width < 1 or height < 1 or rate <= 0:
            raise VideoError(
                f"A video of {width} by {height} pixels at {float(rate):g} frames a second "
                "cannot be written.",
                "Choose a size and a rate above 0.",
            )
        self._shape = (height, width, 3)
        self._padding = (height % 2, width % 2)
        self._count = 0
        self._matrix = Colorspace.ITU709 if height >= _BT709_FROM_ROWS else Colorspace.ITU601
        self._reformatter = VideoReformatter()
        try:
            name = f".{self.path.stem}-{secrets.token_hex(4)}.part.mp4"
            self._beside: Path | None = self.path.parent / name
            # PyAV opens it with the first picture; a folder that is missing shall be known now.
            self._beside.touch()
            self._container = av.open(
                str(self._beside), "w", format="mp4", options={"movflags": "+faststart"}
            )
        except (OSError, av.FFmpegError) as error:
            raise self._refusal(error) from error
        self._stream: VideoStream = self._container.add_stream("libx264", rate=rate)
        self._stream.width = width + self._padding[1]
        self._stream.height = height + self._padding[0]
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.thread_count = 2
        self._stream.codec_context.colorspace = int(self._matrix)
        self._stream.codec_context.color_range = 1
        self._stream.options = {"crf": str(crf), "preset": "veryfast"}

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def write(self, image: Image) -> None:
        """Add a picture.

        Args:
            image: ``(height, width, 3)`` uint8 RGB.

        Raises:
            ValueError: the picture has another size or type.
            VideoError: the disk is full or gone.
        """
        if self._beside is None:
            raise ValueError("the video has been closed")
        if image.shape != self._shape or image.dtype != np.uint8:
            raise ValueError(f"a picture must be uint8 {self._shape}, not {image.shape}")
        if any(self._padding):
            rows, columns = self._padding
            image = np.pad(image, ((0, rows), (0, columns), (0, 0)), mode="edge")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), format="rgb24")
        frame = self._reformatter.reformat(
            frame, format="yuv420p", dst_colorspace=int(self._matrix), dst_color_range="MPEG"
        )
        frame.pts = self._count
        frame.time_base = 1 / Fraction(self._stream.codec_context.rate or 1)
        self._count += 1
        self._encode(frame)

    def close(self) -> None:
        """Finish the video and give it its name; a video without a picture is not made.

        Raises:
            VideoError: nothing was written, or the disk is full or gone.
        """
        if self._beside is None:
            return
        if self._count == 0:
            self.discard()
            raise VideoError(f"{self.path.name} would hold no frames.", "Choose some frames.")
        self._encode(None)
        beside = self._beside
        try:
            with resting:
                self._container.close()
            beside.replace(self.path)
        except (OSError, av.FFmpegError) as error:
            self.discard()
            raise self._refusal(error) from error
        self._beside = None

    def discard(self) -> None:
        """Give up: remove what was written so far."""
        if self._beside is None:
            return
        beside, self._beside = self._beside, None
        try:
            with resting:
                self._container.close()
        except (OSError, av.FFmpegError):
            # It could not be finished, which is no matter for a file that is removed.
            pass
        finally:
            beside.unlink(missing_ok=True)

    def _encode(self, frame: VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except (OSError, av.FFmpegError) as error:
            self.discard()
            raise self._refusal(error) from error

    def _refusal(self, error: Exception) -> VideoError:
        reason = getattr(error, "strerror", None) or str(error)
        return VideoError(
            f"{self.path} cannot be written: {reason}.",
            "Choose another folder, or make room on the disk.",
        )
