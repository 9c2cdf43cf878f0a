"""Labels made in SLEAP: ``.slp`` files, which are HDF5.

``frames`` lists labelled frames and which ``instances`` each has; an instance is a person's (type
0, with places in ``points``) or a network's (type 1, in ``pred_points``). Names and edges stand as
JSON in an attribute of ``metadata``. Before format 1.1 a pixel's corner was its origin; since then
its centre is, as here. A package (``.pkg.slp``) holds the labelled pictures themselves, encoded.

Read with h5py alone: the library of SLEAP's makers reads more, and brings thirty packages along.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from limner_engine.errors import FormatError
from limner_engine.formats.labels import (
    MOST_ROWS,
    LabelledPlace,
    LabelTable,
    Rows,
    checked_names,
    checked_size,
)
from limner_engine.types import Skeleton

_CENTRED_SINCE = 1.1
_COLUMNS_SINCE = 3.0
_MEND = "Open it in a newer SLEAP and save it again."
_USER, _PREDICTED = 0, 1
_EDGE, _SYMMETRY = 1, 2
_MOST_PICTURE_BYTES = 100_000_000


class _Video(NamedTuple):
    name: str
    pictures: tuple[str, ...]
    """Names of single pictures that SLEAP treats as a video; mostly none."""
    size: tuple[int, int] | None
    inside: dict[int, str]
    """Where the file holds a picture of a frame: its name by the frame's number."""


def read_slp(path: Path, *, predicted: bool = False) -> LabelTable:
    """Read the instances that a person labelled.

    Args:
        path: The file.
        predicted: Also read what a network found and no person has corrected.

    Raises:
        FormatError: it is no such file, is newer than this reader, or h5py is not installed.
    """
    checked_size(path)
    try:
        import h5py  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise FormatError(
            f"Reading {path.name} needs h5py.", "Install it with: pip install h5py"
        ) from error
    try:
        with h5py.File(path, "r") as file:
            return _read(path, file, predicted)
    except (OSError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise FormatError(f"{path.name} is no SLEAP file: {error}.", _MEND) from error


def _read(path: Path, file: Any, predicted: bool) -> LabelTable:
    attributes = file["metadata"].attrs
    version = float(attributes.get("format_id", 1.0))
    if version >= _COLUMNS_SINCE:
        raise FormatError(
            f"{path.name} is of SLEAP's format {version:g}, and this reader knows up to 2.",
            "Export the labels from SLEAP as COCO, or in an older format.",
        )
    skeletons = _skeletons(json.loads(attributes["json"]))
    tables = {name: _loaded(path, file, name) for name in ("frames", "instances", "points")}
    tables["pred_points"] = _loaded(path, file, "pred_points") if predicted else np.zeros(0)
    instances = tables["instances"]
    wanted = np.isin(instances["instance_type"], [_USER, _PREDICTED] if predicted else [_USER])
    used = Counter(instances["skeleton"][wanted].tolist())
    chosen = used.most_common(1)[0][0] if used else 0
    skeleton = skeletons[chosen]
    checked_names(path, skeleton.names)
    notes = []
    if len(used) > 1:
        count = sum(used.values()) - used[chosen]
        notes.append(f"{count} instances have another skeleton than most.")
    left = int((~wanted & (instances["instance_type"] == _PREDICTED)).sum())
    if left:
        notes.append(f"{left} instances that a network found were not asked for.")
    videos = _videos(file)
    inside: dict[str, tuple[bytes, bool]] = {}
    subjects, rows = _Subjects(file), Rows(len(skeleton.names))
    shift = 0.5 if version < _CENTRED_SINCE else 0.0
    for frame in tables["frames"]:
        first, last = int(frame["instance_id_start"]), int(frame["instance_id_end"])
        if not 0 <= first <= last <= len(instances):
            raise ValueError("a frame names instances that are not there")
        here = [i for i in instances[first:last] if i["skeleton"] == chosen]
        corrected = {int(i["from_predicted"]) for i in here if i["instance_type"] == _USER}
        place = None
        for order, instance in enumerate(here):
            kind = int(instance["instance_type"])
            if kind not in (_USER, _PREDICTED) or (kind == _PREDICTED and not predicted):
                continue
            if kind == _PREDICTED and int(instance["instance_id"]) in corrected:
                continue
            if place is None:
                place = _place(file, videos[int(frame["video"])], int(frame["frame_idx"]), inside)
            source = tables["points" if kind == _USER else "pred_points"]
            _take(instance, source, place, subjects.number(instance, order), shift, rows)
    return rows.table(
        "slp",
        skeleton,
        subjects.names(),
        inside=inside,
        sizes={video.name: video.size for video in videos if video.name and video.size},
        notes=tuple(notes),
    )


def _loaded(path: Path, file: Any, name: str) -> NDArray[Any]:
    if file[name].size > 50 * MOST_ROWS:
        raise FormatError(f"{path.name} has {file[name].size} {name}.", "Split it.")
    found: NDArray[Any] = file[name][()]
    return found


class _Subjects:
    """Who is who: by track where there is one, else by order in the frame."""

    def __init__(self, file: Any) -> None:
        texts = file["tracks_json"][()] if "tracks_json" in file else []
        self._tracks = [str(json.loads(text)[1]) for text in texts]
        self._used: dict[int, int] = {}
        self._unnamed = 0

    def number(self, instance: Any, order: int) -> int:
        track = int(instance["track"])
        if 0 <= track < len(self._tracks):
            return self._used.setdefault(track, len(self._used))
        self._unnamed = max(self._unnamed, order + 1)
        return order

    def names(self) -> tuple[str, ...]:
        names = [self._tracks[track] for track in self._used]
        return tuple(names + [""] * max(0, self._unnamed - len(names)))


def _take(
    instance: Any,
    source: NDArray[Any],
    place: LabelledPlace,
    subject: int,
    shift: float,
    rows: Rows,
) -> None:
    start, stop = int(instance["point_id_start"]), int(instance["point_id_end"])
    found = source[start:stop]
    if stop - start != rows.landmarks or len(found) != rows.landmarks:
        raise ValueError("an instance has other landmarks than its skeleton")
    points = np.stack([found["x"], found["y"]], axis=-1).astype(np.float64) - shift
    there = np.isfinite(points).all(axis=1)
    if not there.any():
        return
    points[~there] = np.nan
    if instance["instance_type"] == _USER:
        visible = (found["visible"].astype(np.bool_) & there).astype(np.float64)
        rows.add(place, subject, points, visible)
        return
    score = found["score"].astype(np.float64).clip(0.0, 1.0)
    visible = np.where(there, 1.0, np.nan)
    rows.add(place, subject, points, visible, np.where(there, score, np.nan))


def _skeletons(data: Any) -> list[Skeleton]:
    nodes = [str(node["name"]) for node in data["nodes"]]
    found = []
    for skeleton in data["skeletons"]:
        graph = skeleton.get("nx_graph", skeleton)
        members = [int(node["id"]) for node in graph["nodes"]]
        place = {node: i for i, node in enumerate(members)}
        kinds: list[int] = []  # jsonpickle counts the objects that it has written out
        edges: list[tuple[int, tuple[int, int]]] = []
        pairs: list[tuple[int, int]] = []
        for link in graph["links"]:
            described = link["type"]
            if "py/reduce" in described:
                kinds.append(int(described["py/reduce"][1]["py/tuple"][0]))
                kind = kinds[-1]
            else:
                number = int(described["py/id"])
                kind = kinds[number - 1] if 0 < number <= len(kinds) else number
            ends = (place[int(link["source"])], place[int(link["target"])])
            if kind == _EDGE:
                edges.append((int(link.get("edge_insert_idx", len(edges))), ends))
            elif kind == _SYMMETRY and ends not in pairs and ends[::-1] not in pairs:
                pairs.append(ends)
        found.append(
            Skeleton(
                tuple(nodes[i].strip() for i in members),
                tuple(ends for _, ends in sorted(edges)),
                tuple(pairs),
            )
        )
    return found


def _videos(file: Any) -> list[_Video]:
    """What each video is called, and which of its frames the file holds as pictures."""
    found = []
    for number, text in enumerate(file["videos_json"][()]):
        described = json.loads(text)
        backend = described.get("backend", described)
        name = backend.get("filename", described.get("filename", ""))
        pictures = backend.get("filenames") or (name if isinstance(name, list) else ())
        group = file.get(f"video{number}")
        inside: dict[int, str] = {}
        if group is not None and "video" in group:
            if "source_video" in group:
                original = json.loads(group["source_video"].attrs["json"])
                backend = original.get("backend", original)
                name = backend.get("filename", original.get("filename", ""))
            count = len(group["video"])
            frames = group["frame_numbers"][()] if "frame_numbers" in group else range(count)
            inside = {int(frame): f"video{number}/{i}" for i, frame in enumerate(frames)}
        shape = [int(side or 0) for side in backend.get("shape") or ()]
        size = (shape[2], shape[1]) if len(shape) == 4 and shape[1] else None
        named = "" if isinstance(name, list) or name == "." else str(name)
        found.append(_Video(named, tuple(str(p) for p in pictures), size, inside))
    return found


def _place(
    file: Any, video: _Video, frame: int, inside: dict[str, tuple[bytes, bool]]
) -> LabelledPlace:
    if video.pictures:
        return LabelledPlace("", -1, video.pictures[frame])
    if frame not in video.inside:
        return LabelledPlace(video.name, frame, "")
    picture = video.inside[frame]
    group, position = picture.split("/")
    dataset = file[f"{group}/video"]
    if _word(dataset.attrs.get("format", "png")) == "hdf5":  # not encoded, so no picture here
        return LabelledPlace(video.name, frame, "")
    data = np.asarray(dataset[int(position)], np.int8).tobytes()
    if len(data) <= _MOST_PICTURE_BYTES:
        # OpenCV took red for blue when it encoded them, and takes it so again when it decodes.
        swapped = _word(dataset.attrs.get("channel_order", "BGR")).upper() == "BGR"
        inside[picture] = (data, not swapped)
    return LabelledPlace(video.name, frame, picture)


def _word(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
