"""Skeletons in files: what is written is read, and what is not one is told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from limner_engine.errors import FormatError
from limner_engine.formats import skeleton_file
from limner_engine.formats.skeleton_file import SkeletonFile, read_skeleton, write_skeleton
from limner_engine.types import Skeleton

MOUSE = SkeletonFile(
    Skeleton(("nose", "left ear", "Schwanzwürzel"), ((0, 1), (2, 0)), ((1, 2),)),
    "Mouse, short",
    ((0.5, 0.1), (0.25, 0.2), (0.5, 1.0)),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mouse.json"
    path.write_text("older")
    write_skeleton(path, MOUSE)
    assert read_skeleton(path) == MOUSE
    plain = SkeletonFile(Skeleton(("a",)))
    write_skeleton(path, plain)
    assert read_skeleton(path) == plain
    assert [made.name for made in tmp_path.iterdir()] == ["mouse.json"]


def test_a_file_with_names_alone_will_do(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('\ufeff{"names": [" a ", "b"]}', "utf-8")
    assert read_skeleton(path) == SkeletonFile(Skeleton(("a", "b")))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"names": []}, "not a list of 1 to 500"),
        ({"names": ["a"] * 501}, "not a list of 1 to 500"),
        ({"names": ["a", 3, "c"]}, "landmark 2 has no name"),
        ({"names": ["a", "b", " "]}, "landmark 3 has no name"),
        ({"names": ["a", "b\nc", "c"]}, "name of landmark 2"),
        ({"names": ["a", "b" * 81, "c"]}, "name of landmark 2"),
        ({"names": ["a", "a ", "c"]}, "two landmarks are called “a”"),
        ({"edges": [[0, 3]]}, "edge 1 does not name two of the 3"),
        ({"edges": [[0, 1], [-1, 0]]}, "edge 2"),
        ({"edges": [[1, 1]]}, "edge 1"),
        ({"edges": [[True, 0]]}, "edge 1"),
        ({"edges": [[0.0, 1]]}, "edge 1"),
        ({"edges": {"0": 1}}, "edges are not a list"),
        ({"edges": [[0, 1], [1, 0]]}, "an edge twice"),
        ({"symmetries": [[0, 1], [1, 2]]}, "a landmark in two pairs"),
        ({"title": ["a"]}, "title"),
        ({"layout": [[0, 0], [1, 1]]}, "layout"),
        ({"layout": [[0, 0], [1, 1], [0.5]]}, "layout"),
        ({"layout": [[0, 0], [1, 1], [0.5, 1e9]]}, "layout"),
        ({"limner_skeleton": 2}, "version 2, newer than 1. Update"),
        ({"limner_skeleton": "x"}, "version is not a number"),
    ],
)
def test_what_is_no_skeleton_is_told(
    tmp_path: Path, changed: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "a.json"
    data = {"names": ["a", "b", "c"], **changed}
    path.write_text(json.dumps(data), "utf-8")
    with pytest.raises(FormatError, match=sentence) as told:
        read_skeleton(path)
    assert "a.json" in told.value.message
    assert told.value.mend


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[1, 2]", b'"names"', b"[" * 100_000, b'{"names": ' + b"9" * 9000 + b"}"],
)
def test_other_files_are_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"a\.json"):
        read_skeleton(path)


def test_large_files_folders_and_pipes_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b" " * (skeleton_file.MAX_BYTES + 1))
    with pytest.raises(FormatError, match="larger than 256 KiB"):
        read_skeleton(path)
    places = [tmp_path, tmp_path / "none.json"]
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.json")
        places.append(tmp_path / "pipe.json")
    for place in places:
        with pytest.raises(FormatError, match="There is no file"):
            read_skeleton(place)


def test_what_could_not_be_read_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for skeleton in (Skeleton(()), Skeleton(("a\nb",)), Skeleton(("a", "b"), ((0, 0),))):
        with pytest.raises(FormatError):
            write_skeleton(path, SkeletonFile(skeleton))
    with pytest.raises(FormatError, match="could not be written"):
        write_skeleton(tmp_path / "none" / "a.json", MOUSE)
    assert not list(tmp_path.iterdir())
