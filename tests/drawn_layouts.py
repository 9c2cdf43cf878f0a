"""Writes a few made-up files in the layouts of public data sets."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from engine_fixtures import drawn_video
from limner_engine.cropping import CropTrack
from limner_engine.project import Project
from limner_engine.types import Crop, FrameKey, Skeleton
from limner_engine.video.fingerprint import fingerprint


def picture(path: Path, width: int, height: int, level: int = 0) -> None:
    """A gradient, saved without loss where the name allows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    y, x = np.mgrid[:height, :width]
    drawn = np.stack([np.full_like(x, level), y % 256, x % 256], -1).astype(np.uint8)
    assert cv2.imwrite(str(path), drawn)


def text(path: Path, *lines: str) -> None:
    """A text of lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def mafl(folder: Path) -> Path:
    """Twelve pictures, of which two are tested on and ten learned from."""
    names = [f"{number:06d}.jpg" for number in range(1, 14)]
    for name in names:
        picture(folder / "Img" / "img_align_celeba" / name, 178, 218)
    points = [f"{name}  69 109 106 113 77 142 73 152 108 154" for name in names]
    anno = folder / "Anno"
    text(anno / "list_landmarks_align_celeba.txt", "13", "lefteye_x lefteye_y ...", *points)
    # The lists are in no order, and the 13th picture is of CelebA alone.
    text(folder / "MAFL" / "training.txt", *reversed(names[2:12]))
    text(folder / "MAFL" / "testing.txt", *names[:2])
    return folder


def aflw(folder: Path) -> Path:
    """Twenty pictures to learn from, three to test on."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 20), ("test", 3)):
        names = [f"{part}-{number}.jpg" for number in range(count)]
        for name in names:
            picture(folder / "output" / name, 150, 140)
        text(folder / f"aflw_{part}_images.txt", *names)
        np.savez(
            folder / f"aflw_{part}_keypoints.npz",
            gt=rng.uniform(20, 100, (count, 5, 2)),
            hw=np.tile([140.0, 150.0], (count, 1)),
        )
    return folder


def w300(folder: Path) -> Path:
    """Two faces in every part."""
    rng = np.random.default_rng(1)
    parts = ("afw", "helen/trainset", "lfpw/trainset", "helen/testset", "lfpw/testset", "ibug")
    for part in parts:
        for number in range(2):
            end = "png" if "lfpw" in part else "jpg"
            picture(folder / part / f"face_{number}.{end}", 120, 100)
            points = rng.uniform(45, 80, (68, 2))
            points[:2] = [[31, 41], [82, 91]]
            lines = [f"{x:.6f} {y:.6f}" for x, y in points]
            path = folder / part / f"face_{number}.pts"
            text(path, "version: 1", "n_points:  68", "{", *lines, "}")
    return folder


def bbc(folder: Path) -> Path:
    """Videos 1, 11 and 16 with three marked frames each."""
    header = ",".join(["video,frame,type", *(f"{a}{i}" for i in range(7) for a in "xy")])
    rows = [header]
    for video, kind in ((1, "train"), (11, "val"), (16, "test")):
        for frame in (4, 8, 15):
            picture(folder / str(video) / f"{frame}.jpg", 404, 520)
            points = np.array([[201, 101], [101, 301], [301, 301]] + [[201, 201]] * 4)
            rows.append(",".join(map(str, [video, frame, kind, *points.ravel()])))
    text(folder / "bbcpose.csv", *rows)
    return folder


def simple_human36m(folder: Path) -> Path:
    """Two takes of every subject, three frames each."""
    rng = np.random.default_rng(2)
    for subject in ("S1", "S5", "S6", "S7", "S8", "S9", "S11"):
        for take in ("Directions.54138969", "Walking 1.60457274", "Eating.54138969"):
            for frame in (1, 7, 20):
                picture(folder / subject / "WithBackground" / take / f"{frame}.jpg", 128, 128, 200)
                path = folder / subject / "BackgroudMask" / take / f"{frame}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                mask = np.zeros((128, 128), np.uint8)
                mask[32:96, 32:96] = 255
                cv2.imwrite(str(path), mask)
            (folder / subject / "Landmarks").mkdir(exist_ok=True)
            np.savez(
                folder / subject / "Landmarks" / f"{take}.npz",
                frames=np.array([1, 7, 20]),
                points=rng.uniform(0, 1, (3, 32, 2)),
            )
    return folder


BODY = ("head", "shoulder_L", "hip_R")


def dlc(folder: Path, videos: int = 2, pictures: int = 12) -> Path:
    """A project of DeepLabCut: every third head is hidden, and the last row is blank."""
    for video in range(videos):
        home = folder / "labeled-data" / f"video{video}"
        lines = ["scorer,,," + ",".join(["anna"] * 6)]
        lines.append("bodyparts,,," + ",".join(name for name in BODY for _ in "xy"))
        lines.append("coords,,," + ",".join(["x", "y"] * 3))
        for number in range(pictures):
            picture(home / f"img{number}.png", 60, 40, level=number * 20)
            head = ",," if number % 3 == 0 else f",{10 + number},{20.5}"
            lines.append(f"labeled-data,video{video},img{number}.png{head},30,10,{30 + number},30")
        picture(home / "img99.png", 60, 40)
        lines.append(f"labeled-data,video{video},img99.png,,,,,,")
        text(home / "CollectedData_anna.csv", *lines)
    return folder


def project(path: Path, videos: int = 2, frames: int = 6) -> Path:
    """A Limner project: three points in some frames, of which every other head is hidden."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with Project.create(path) as made:
        made.set_skeleton(Skeleton(BODY))
        for number in range(videos):
            clip = drawn_video(path.parent / f"clip{number}.mp4", 12 + number, 96, 64)
            video = made.add_video(
                clip,
                fingerprint=fingerprint(clip),
                frame_count=12 + number,
                width=96,
                height=64,
                frame_rate=30.0,
            )
            crop = CropTrack.fixed(Crop(40.0, 30.0, 50.0, 0.3))
            made.set_crop_track_json(video.id, 0, crop.to_json())
            for frame in range(frames):
                places = {
                    0: (20.0 + frame, 25.0, frame % 2 == 0),
                    1: (30.0, 20.0, True),
                    2: (40.0, 44.0 + frame, True),
                }
                made.annotate(FrameKey(video.id, 2 * frame), places, author="anna")
    return path
