"""Files of labels as other programs write them, made up for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Point = tuple[float, float] | None


def dlc_table(
    path: Path,
    names: Sequence[str],
    rows: Mapping[str, Sequence[Point]],
    animals: Sequence[str] = (),
    cells: int = 1,
) -> Path:
    """A table of hand-labelled pictures; with ``animals`` every row has all of each in turn."""
    owners = animals or ("",)
    blank = "," * (cells - 1)
    lines = [f"scorer{blank}" + ",Ada" * (2 * len(names) * len(owners))]
    if animals:
        lines.append(f"individuals{blank}" + "".join(f",{a}" * (2 * len(names)) for a in owners))
    lines.append(f"bodyparts{blank}" + "".join(f",{n},{n}" for _ in owners for n in names))
    lines.append(f"coords{blank}" + ",x,y" * (len(names) * len(owners)))
    for picture, points in rows.items():
        lead = picture if cells == 1 else picture.replace("/", ",")
        said = (",," if p is None else f",{p[0]},{p[1]}" for p in points)
        lines.append(lead + "".join(said))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def coco_file(
    path: Path,
    names: Sequence[str],
    pictures: Mapping[str, Sequence[Any]],
    size: tuple[int, int] = (160, 128),
    edges: Sequence[tuple[int, int]] = (),
) -> Path:
    """Keypoints; each instance is a list of numbers, or a dict that is added to one."""
    data: dict[str, Any] = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 1, "name": "mouse", "keypoints": list(names), "skeleton": edges}],
    }
    for number, (name, instances) in enumerate(pictures.items(), 1):
        data["images"].append(
            {"id": number, "file_name": name, "width": size[0], "height": size[1]}
        )
        for instance in instances:
            more = instance if isinstance(instance, dict) else {"keypoints": list(instance)}
            data["annotations"].append({"image_id": number, "category_id": 1, **more})
    path.write_text(json.dumps(data), "utf-8")
    return path


_FRAMES = [
    ("frame_id", "<u8"),
    ("video", "<u4"),
    ("frame_idx", "<u8"),
    ("instance_id_start", "<u8"),
    ("instance_id_end", "<u8"),
]
_INSTANCES = [
    ("instance_id", "<i8"),
    ("instance_type", "u1"),
    ("frame_id", "<u8"),
    ("skeleton", "<u4"),
    ("track", "<i4"),
    ("from_predicted", "<i8"),
    ("score", "<f4"),
    ("point_id_start", "<u8"),
    ("point_id_end", "<u8"),
]
_POINTS = [("x", "<f8"), ("y", "<f8"), ("visible", "?"), ("complete", "?")]

EDGE = {"py/reduce": [{"py/type": "sleap.skeleton.EdgeType"}, {"py/tuple": [1]}]}
PAIR = {"py/reduce": [{"py/type": "sleap.skeleton.EdgeType"}, {"py/tuple": [2]}]}


def slp_file(
    path: Path,
    names: Sequence[str],
    instances: Sequence[Mapping[str, Any]],
    *,
    video: Mapping[str, Any] | None = None,
    version: float = 1.2,
    tracks: Sequence[str] = (),
    links: Sequence[tuple[int, int, Any]] = (),
    pictures: Mapping[int, bytes] | None = None,
) -> Path:
    """Labels of one video.

    Args:
        path: The file.
        names: Of the landmarks; the file lists them backwards and puts them right by number.
        instances: ``frame``, ``points``, and where wanted ``track``, ``predicted``, ``corrects``
            (number of the prediction it was made from), ``hidden`` (numbers of landmarks).
        video: What is said of the video.
        version: Of the format.
        tracks: Names of the tracks.
        links: Edges and pairs by landmark: first, second, type.
        pictures: Encoded pictures in the file by frame.
    """
    count = len(names)
    place = [count - 1 - i for i in range(count)]
    skeleton = {
        "graph": {"name": "s"},
        "links": [{"source": place[a], "target": place[b], "type": kind} for a, b, kind in links],
        "nodes": [{"id": node} for node in place],
    }
    said = {"skeletons": [skeleton], "nodes": [{"name": n} for n in reversed(names)]}
    frames, rows, points, guesses = [], [], [], []
    for frame in dict.fromkeys(i["frame"] for i in instances):
        start = len(rows)
        for one in (i for i in instances if i["frame"] == frame):
            guessed = bool(one.get("predicted"))
            kept = guesses if guessed else points
            first = len(kept)
            for number, point in enumerate(one["points"]):
                x, y = (np.nan, np.nan) if point is None else point
                shown = point is not None and number not in one.get("hidden", ())
                kept.append((x, y, shown, True, *([0.75] if guessed else [])))
            track, corrects = one.get("track", -1), one.get("corrects", -1)
            rows.append(
                (len(rows), guessed, len(frames), 0, track, corrects, 0.5, first, len(kept))
            )
        frames.append((len(frames), 0, frame, start, len(rows)))
    described = {"backend": dict(video or {"filename": "/home/ada/trials/clip.mp4"})}
    with h5py.File(path, "w") as file:
        file.create_group("metadata").attrs["format_id"] = version
        file["metadata"].attrs["json"] = np.bytes_(json.dumps(said))
        file["frames"] = np.array(frames, _FRAMES)
        file["instances"] = np.array(rows, _INSTANCES)
        file["points"] = np.array(points, _POINTS)
        file["pred_points"] = np.array(guesses, [*_POINTS, ("score", "<f8")])
        file["tracks_json"] = np.array([json.dumps([0, name]).encode() for name in tracks], "S64")
        if pictures is not None:
            group = file.create_group("video0")
            kind = h5py.special_dtype(vlen=np.dtype("int8"))
            data = group.create_dataset("video", (len(pictures),), dtype=kind)
            for i, picture in enumerate(pictures.values()):
                data[i] = np.frombuffer(picture, np.int8)
            data.attrs["format"], data.attrs["channel_order"] = "png", "BGR"
            group["frame_numbers"] = list(pictures)
            group.create_group("source_video").attrs["json"] = json.dumps(described)
            described = {"backend": {"filename": ".", "dataset": "video0/video"}}
        file["videos_json"] = np.array([json.dumps(described).encode()])
    return path
