"""Videos drawn for tests; every frame carries its own number as a bar code.

The top 16 rows are 16 equal cells, ``width // 16`` pixels wide, white = 1, most significant bit
left. The rest moves, so that every frame leans on its neighbours in the stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Painter = Callable[[int, int, int], Image]
"""``painter(number, width, height) -> (H, W, 3)``; the bar code is drawn over it."""

CELLS = 16
ROWS = 16
_SAME_EACH_TIME = "rc-lookahead=0:sync-lookahead=0:mbtree=0:b-adapt=0:scenecut=0"


def paint(number: int, width: int, height: int) -> Image:
    """A gradient with a wandering square: detail that codecs have to carry on."""
    y, x = np.mgrid[0:height, 0:width]
    image = np.stack(
        [
            (x * 255 // max(1, width - 1)),
            (y * 255 // max(1, height - 1)),
            ((x + y + 3 * number) % 256),
        ],
        axis=-1,
    ).astype(np.uint8)
    side = max(4, min(width, height) // 6)
    left = int((width - side) * (0.5 + 0.5 * np.sin(number / 9)))
    top = int((height - side) * (0.5 + 0.5 * np.cos(number / 7)))
    image[top : top + side, left : left + side] = (240, 60, 30)
    return image


def draw_barcode(image: Image, number: int) -> None:
    """Write a number into the top rows of a picture, in place."""
    cell = image.shape[1] // CELLS
    for place in range(CELLS):
        bit = (number >> (CELLS - 1 - place)) & 1
        image[:ROWS, place * cell : (place + 1) * cell] = 255 * bit
    image[:ROWS, CELLS * cell :] = 0


def read_barcode(image: Image) -> int:
    """The number that a picture carries; turn rotated pictures back first."""
    cell = image.shape[1] // CELLS
    number = 0
    for place in range(CELLS):
        left = place * cell + cell // 4
        right = max(left + 1, place * cell + 3 * cell // 4)
        bit = image[4:12, left:right].mean() > 127
        number = 2 * number + int(bit)
    return number


def numbered_picture(number: int, width: int, height: int, painter: Painter | None) -> Image:
    """The picture of a frame as `draw_video` encodes it."""
    image = np.array((painter or paint)(number, width, height), np.uint8)
    draw_barcode(image, number)
    return image


def draw_video(
    path: Path,
    n: int = 60,
    size: tuple[int, int] = (320, 240),
    rate: Fraction | int = 30,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    painter: Painter | None = None,
    *,
    gop: int | None = None,
    bframes: int | None = None,
    pix_fmt: str = "yuv420p",
    times: Sequence[float] | None = None,
    start_s: float = 0.0,
    rotation: int = 0,
    sound: bool = False,
) -> Path:
    """Draw a video.

    Args:
        path: Where; its ending names the container.
        n: Number of frames.
        size: Width and height, pixels.
        rate: Frames a second.
        codec: FFmpeg's name of an encoder.
        options: The encoder's own options.
        painter: Draws what is under the bar code.
        gop: Frames from one keyframe to the next at most.
        bframes: B-frames between two others.
        pix_fmt: Layout of the stored pixels.
        times: When each frame is shown, seconds, for variable rates; overrides ``rate``.
        start_s: Added to all times.
        rotation: Degrees clockwise by which players shall turn it.
        sound: Whether there is a sound track as well.

    Returns:
        ``path``.
    """
    width, height = size
    # Without bitexact Matroska writes random numbers.
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream(codec, rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        chosen = {"threads": "1", **(options or {})}
        if codec == "libx264":
            # What x264 looks ahead at depends on how busy the machine is.
            own = chosen.get("x264-params")
            chosen["x264-params"] = ":".join(filter(None, [own, _SAME_EACH_TIME]))
        if gop is not None:
            stream.gop_size = gop
        if bframes is not None:
            stream.max_b_frames = bframes
        stream.options = chosen
        if rotation:
            stream.set_display_rotation(-rotation)
        clock = Fraction(1, 90_000) if times is not None or start_s else 1 / Fraction(rate)
        stream.codec_context.time_base = clock
        if sound:
            audio = container.add_stream("aac", rate=44_100)
        for number in range(n):
            picture = numbered_picture(number, width, height, painter)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame = frame.reformat(format=pix_fmt)
            seconds = start_s + (times[number] if times is not None else number / float(rate))
            frame.pts = round(seconds / clock) if clock.denominator == 90_000 else number
            frame.time_base = clock
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound:
            _hum(container, audio, n / float(rate))
    return path


def draw_sound(path: Path, seconds: float = 0.5) -> Path:
    """A file of sound alone."""
    with av.open(str(path), "w") as container:
        _hum(container, container.add_stream("aac", rate=44_100), seconds)
    return path


def _hum(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    count = max(1024, int(44_100 * seconds))
    wave = (0.1 * np.sin(np.arange(count) / 20)).astype(np.float32)[None]
    for start in range(0, count, 1024):
        frame = av.AudioFrame.from_ndarray(wave[:, start : start + 1024], "fltp", "mono")
        frame.sample_rate = 44_100
        frame.pts = start
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
