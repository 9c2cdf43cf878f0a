"""Draws the sample clip: a fox in a scarf that looks about, blinks and chats.

Every landmark is a point of the drawing itself, so the table beside the clip is exact. Run from
the checkout; it needs NumPy, OpenCV and PyAV::

    python packaging/draw_sample.py
"""

from __future__ import annotations

import argparse
import csv
import math
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from sample_canvas import SIZE, Canvas, Points, disc, mirror, moved, spline
from sample_pose import LANDMARKS, Pose

FRAMES = 250
RATE = 25

FUR, FUR_LIGHT, FUR_DARK = (226, 116, 52), (247, 152, 82), (190, 84, 36)
CREAM, CREAM_SHADE = (255, 243, 226), (240, 217, 192)
INK, SOCK = (52, 36, 42), (84, 48, 44)
ROSE, TONGUE, MOUTH = (244, 140, 118), (238, 118, 122), (110, 38, 48)
SCARF, SCARF_DARK, SCARF_STRIPE = (38, 122, 132), (26, 92, 106), (240, 200, 110)


def background(seed: int = 7) -> NDArray[np.uint8]:
    """An evening sky with two hills and the grain of paper; it never moves."""
    y = np.linspace(0, 1, SIZE, dtype=np.float32)[:, None, None]
    top, low = np.array((196, 214, 222), np.float32), np.array((252, 228, 202), np.float32)
    picture = np.broadcast_to(top + (low - top) * y**0.8, (SIZE, SIZE, 3)).copy()
    canvas = Canvas(picture.astype(np.uint8))
    x = np.linspace(-20, SIZE + 20, 80)
    sun = disc((398, 128, 0), 52, 52)[:, :2]
    canvas.blend(sun, (255, 244, 214), 0.7, 26)
    canvas.blend(sun, (255, 240, 206), 0.95, 1.2)
    for height, swing, phase, colour in (
        (352, 34, 0.4, (190, 205, 196)),
        (398, 26, 2.1, (158, 184, 174)),
        (446, 18, 4.0, (128, 162, 154)),
    ):
        ridge = height - swing * np.sin(x / 96 + phase) - swing * 0.4 * np.sin(x / 37 + phase * 2)
        hill = np.stack([np.r_[x, SIZE + 20, -20], np.r_[ridge, SIZE + 40, SIZE + 40]], -1)
        canvas.blend(hill, colour, 1.0, 1.6)
    rng = np.random.default_rng(seed)
    grain = np.zeros((SIZE, SIZE), np.float32)
    for sigma, strength in ((1.2, 5.0), (6.0, 24.0), (30.0, 90.0)):
        noise = rng.normal(0, 1, (SIZE, SIZE)).astype(np.float32)
        grain += cv2.GaussianBlur(noise, (0, 0), sigma) * strength
    grained = np.clip(canvas.finished() + grain[..., None], 0, 255)
    return np.asarray(grained, np.uint8)


def draw_body(canvas: Canvas, pose: Pose) -> None:
    """Shoulders, chest and scarf; they follow the head a little."""
    x = 256 + 0.45 * (pose.x - 256)
    lean = pose.x - x
    back = spline(
        [
            (x - 62, 372),
            (x + 62, 372),
            (x + 138, 470),
            (x + 158, 560),
            (x - 158, 560),
            (x - 138, 470),
        ]
    )
    canvas.blend(moved(back, 8, 8), (72, 74, 72), 0.30, 12)
    canvas.fill(back, FUR_DARK)
    glow = disc((x - 50, 440, 0), 60, 90)[:, :2]
    canvas.shade(back, [(glow, FUR, 0.8, 22)], soft=False)
    chest = spline([(x - 46, 400), (x + 46, 400), (x + 62, 480), (x, 570), (x - 62, 480)])
    canvas.fill(chest, CREAM_SHADE)
    neck = x + lean * 0.5
    end = spline(
        [(neck + 26, 410), (neck + 66, 414), (neck + 82, 486), (neck + 66, 512), (neck + 34, 506)],
        sharp=(2, 4),
    )
    canvas.blend(moved(end, 4, 5), (60, 40, 36), 0.35, 5)
    canvas.fill(end, SCARF_DARK)
    stripe = np.array([(neck + 32, 478), (neck + 79, 470), (neck + 79, 481), (neck + 33, 490)])
    canvas.fill(stripe, SCARF_STRIPE)
    loop = spline(
        [
            (neck - 92, 372),
            (neck, 398),
            (neck + 92, 372),
            (neck + 100, 404),
            (neck + 58, 436),
            (neck, 445),
            (neck - 58, 436),
            (neck - 100, 404),
        ]
    )
    loop[:, 1] += 0.4 * (pose.y - 258) - 12
    canvas.blend(moved(loop, 0, 7), (60, 40, 36), 0.35, 6)
    canvas.fill(loop, SCARF)
    fold = disc((neck + 20, 380, 0), 110, 20)[:, :2]
    canvas.shade(loop, [(fold, SCARF_DARK, 0.75, 8)], soft=False)


def draw_ears(canvas: Canvas, pose: Pose) -> None:
    """Both ears, behind the head."""
    for side in (1, -1):
        outer = mirror(
            [
                (0.80, -1.38, -0.10),
                (1.02, -0.86, -0.08),
                (0.92, -0.26, 0),
                (0.12, -0.60, 0.05),
                (0.34, -1.02, -0.05),
            ],
            side,
        )
        inner = mirror(
            [
                (0.76, -1.17, 0.0),
                (0.88, -0.82, 0.02),
                (0.78, -0.42, 0.06),
                (0.32, -0.62, 0.1),
                (0.46, -0.95, 0.05),
            ],
            side,
        )
        shape = pose.project(pose.ear(spline(outer, sharp=(0,)), side))
        canvas.fill(shape, FUR_DARK)
        tip = mirror(
            [
                (0.80, -1.38, -0.10),
                (0.98, -0.98, -0.08),
                (0.74, -1.04, -0.08),
                (0.50, -1.16, -0.08),
            ],
            side,
        )
        tip_px = pose.project(pose.ear(spline(tip, sharp=(0,)), side))
        canvas.shade(shape, [(tip_px, SOCK, 1.0, 1.5)], soft=False)
        inside = pose.project(pose.ear(spline(inner, sharp=(0,)), side))
        canvas.fill(inside, ROSE)
        root = pose.project(pose.ear(mirror(disc((0.55, -0.5, 0.1), 0.34, 0.3), side), side))
        canvas.shade(inside, [(root, FUR_DARK, 0.7, 9)], soft=False)


def draw_head(canvas: Canvas, pose: Pose, chin_drop: float) -> None:
    """The skull with its cheeks, lit from the upper left."""
    half = [
        (0.50, -0.80, 0.1),
        (0.86, -0.42, 0.05),
        (0.96, 0.0, 0.05),
        (1.16, 0.34, 0.05),
        (0.92, 0.46, 0.15),
        (0.80, 0.64, 0.25),
        (0.42, 0.80, 0.45),
    ]
    chin = (0.0, 0.86 + chin_drop, 0.60)
    ring = [(0.0, -0.88, 0.1), *half, chin, *[(-x, y, z) for x, y, z in reversed(half)]]
    shape = pose.project(spline(ring, sharp=(4, 6, 10, 12)))
    canvas.blend(moved(shape, 5, 10), (58, 38, 34), 0.40, 9)
    canvas.fill(shape, FUR)
    light = moved(pose.project(np.array([(0.0, -0.45, 0.5)])), -26, -12)[0]
    canvas.shade(
        shape,
        [
            (
                disc((*(pose.project(np.array([(0, 0.9, 0.2)]))[0] + (30, 10)), 0), 150, 60)[
                    :, :2
                ],
                FUR_DARK,
                0.75,
                24,
            ),
            (disc((*light, 0), 62, 40)[:, :2], FUR_LIGHT, 0.9, 22),
        ],
        soft=False,
    )
    for side in (1, -1):
        cheek = mirror(
            [
                (1.16, 0.34, 0.05),
                (0.62, 0.17, 0.62),
                (0.20, 0.10, 0.95),
                (-0.05, 0.30, 1.0),
                (-0.06, 1.00 + chin_drop, 0.60),
                (0.42, 0.82, 0.45),
                (0.80, 0.66, 0.25),
                (0.92, 0.47, 0.15),
            ],
            side,
        )
        area = pose.project(spline(cheek, sharp=(0, 3, 4, 6)))
        canvas.shade(shape, [(area, CREAM, 1.0, 0.7)], soft=False)
        blush = pose.project(mirror(disc((0.68, 0.30, 0.6), 0.13, 0.09), side))
        canvas.blend(blush, ROSE, 0.75, 6)
    blaze = pose.project(
        spline(
            [
                (0, -0.55, 0.75),
                (0.10, -0.2, 0.95),
                (0.14, 0.2, 1.05),
                (-0.14, 0.2, 1.05),
                (-0.10, -0.2, 0.95),
            ],
            sharp=(0,),
        )
    )
    canvas.blend(blaze, FUR_LIGHT, 0.6, 3)


def draw_face(canvas: Canvas, pose: Pose, points: dict[str, Points]) -> None:
    """Eyes, brows, muzzle, nose and mouth."""
    unit = pose.scale
    for side, word in ((1, "left"), (-1, "right")):
        x, y, z = points[f"{word} eye"]
        gape = 1 - pose.blink
        if gape > 0.22:
            white = pose.project(disc((x, y, z), 0.205, 0.235 * gape))
            canvas.fill(white, CREAM)
            look = 0.045 * math.sin(pose.yaw * 2)
            canvas.fill(
                pose.project(disc((x + look, y + 0.01, z + 0.02), 0.15, 0.185 * gape)), INK
            )
            canvas.fill(
                pose.project(
                    disc((x + look - 0.055, y - 0.075 * gape, z + 0.04), 0.052, 0.058 * gape)
                ),
                (255, 255, 255),
            )
            canvas.fill(
                pose.project(
                    disc((x + look + 0.06, y + 0.075 * gape, z + 0.04), 0.026, 0.028 * gape)
                ),
                (222, 206, 210),
            )
        lid = np.linspace(-1, 1, 15)
        drop = 0.235 * gape if gape > 0.22 else -0.07
        arc = np.stack([x + 0.22 * lid, y - drop * (1 - lid**2), np.full(15, z)], -1)
        canvas.line(pose.project(arc), INK, unit * 0.042)
        bx, by, bz = points[f"{word} brow"]
        brow = np.stack(
            [bx + 0.17 * lid, by + 0.07 * lid**2 + 0.05 * lid * side, np.full(15, bz)], -1
        )
        canvas.line(pose.project(brow), SOCK, unit * 0.062)
    muzzle = pose.project(
        spline(
            [
                (0.0, 0.12, 1.12),
                (0.27, 0.30, 1.0),
                (0.31, 0.50, 0.92),
                (0.0, 0.58, 1.0),
                (-0.31, 0.50, 0.92),
                (-0.27, 0.30, 1.0),
            ]
        )
    )
    canvas.blend(moved(muzzle, 2, 5), CREAM_SHADE, 0.9, 5)
    draw_mouth(canvas, pose, points)
    canvas.fill(muzzle, CREAM)
    for side in (1, -1):
        t = np.linspace(0, 1, 15)
        corner = points["left mouth corner" if side > 0 else "right mouth corner"]
        start, low = np.array((0, 0.44, 1.08)), np.array((0.13 * side, 0.62, 1.02))
        smile = (
            (1 - t)[:, None] ** 2 * start
            + (2 * t * (1 - t))[:, None] * low
            + t[:, None] ** 2 * corner
        )
        canvas.line(pose.project(smile), INK, unit * 0.032)
    canvas.line(pose.project(np.array([(0, 0.36, 1.15), (0, 0.45, 1.08)])), INK, unit * 0.032)
    nx, ny, nz = points["nose"]
    nose = pose.project(
        spline(
            [
                (nx - 0.15, ny - 0.07, nz),
                (nx, ny - 0.10, nz),
                (nx + 0.15, ny - 0.07, nz),
                (nx + 0.09, ny + 0.06, nz),
                (nx, ny + 0.11, nz),
                (nx - 0.09, ny + 0.06, nz),
            ]
        )
    )
    canvas.fill(nose, INK)
    canvas.blend(
        pose.project(disc((nx - 0.045, ny - 0.045, nz + 0.02), 0.05, 0.022)),
        (255, 236, 236),
        0.85,
        1.2,
    )


def draw_mouth(canvas: Canvas, pose: Pose, points: dict[str, Points]) -> None:
    """The open mouth behind the muzzle, with its tongue."""
    if pose.mouth < 0.04:
        return
    left, right = points["left mouth corner"], points["right mouth corner"]
    low = 0.52 + 0.26 * pose.mouth
    hole = spline(
        [
            right.tolist(),
            (0, 0.46, 1.0),
            left.tolist(),
            (0.17, low - 0.03, 0.88),
            (0, low, 0.86),
            (-0.17, low - 0.03, 0.88),
        ],
        sharp=(0, 2),
    )
    shape = pose.project(hole)
    canvas.fill(shape, MOUTH)
    tongue = pose.project(disc((0, low, 0.88), 0.15, 0.10 + 0.04 * pose.mouth))
    canvas.shade(shape, [(tongue, TONGUE, 1.0, 0.6)], soft=False)


def draw_frame(scene: NDArray[np.uint8], t: float) -> tuple[NDArray[np.uint8], Points]:
    """One frame and its landmarks.

    Args:
        scene: The background, ``(S, S, 3)``.
        t: Seconds from the start.

    Returns:
        The picture, ``(S, S, 3)`` uint8 RGB, and ``(K, 2)`` pixels in the order of `LANDMARKS`.
    """
    pose, canvas = Pose(t), Canvas(scene)
    points = pose.landmarks()
    draw_body(canvas, pose)
    draw_ears(canvas, pose)
    draw_head(canvas, pose, float(points["chin"][1] - LANDMARKS["chin"][1]))
    draw_face(canvas, pose, points)
    return canvas.finished(), pose.project(np.stack(list(points.values())))


def main() -> None:
    """Write the clip and its table."""
    here = Path(__file__).resolve().parent.parent / "resources/limner_resources/sample"
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=here, help="folder to write into")
    parser.add_argument("--crf", type=int, default=20, help="quality of H.264; lower is finer")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    scene = background()
    rows: list[list[object]] = []
    with av.open(str(wanted.out / "sample.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width = stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, RATE)
        stream.options = {"crf": str(wanted.crf), "preset": "veryslow", "x264-params": "threads=1"}
        for index in range(FRAMES):
            picture, points = draw_frame(scene, index / RATE)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts = index
            container.mux(stream.encode(frame))
            for name, (x, y) in zip(LANDMARKS, points, strict=True):
                shown = 0 <= x <= SIZE - 1 and 0 <= y <= SIZE - 1
                rows.append([index, name, f"{x:.3f}", f"{y:.3f}", int(shown)])
        container.mux(stream.encode())
    with (wanted.out / "landmarks.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["frame", "landmark", "x", "y", "visible"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
