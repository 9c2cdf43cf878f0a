"""Poses out of every kind of file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from drawn_motion import draw_archive, draw_bvh, waving
from limner_engine.errors import FormatError
from limner_engine.formats import LandmarkTable, write_dlc, write_tidy
from limner_engine.priors.prior import PosePrior
from limner_engine.priors.reading import read_loose, read_poses, with_folders
from limner_engine.project import Project
from limner_engine.types import FrameKey, Skeleton
from made_labels import dlc_table
from project_samples import add, clip

POINTS = np.arange(3 * 2 * 2, dtype=np.float64).reshape(3, 2, 2) + 1


def _table(**changed: object) -> LandmarkTable:
    parts: dict[str, object] = {
        "video": "a.mp4",
        "subject": "subject 1",
        "names": ("nose", "ear"),
        "frames": np.arange(3),
        "time_s": np.arange(3) / 25,
        "points": POINTS.copy(),
        "confidence": np.full((3, 2), 0.9),
        "visible": np.full((3, 2), np.nan),
        "source": np.full((3, 2), "model:m", dtype=object),
    }
    return LandmarkTable(**(parts | changed))  # type: ignore[arg-type]


def test_tables_of_predictions(tmp_path: Path) -> None:
    unsure = _table(video="b.mp4", confidence=np.array([[0.9, 0.9], [0.9, 0.1], [0.9, 0.9]]))
    write_tidy(tmp_path / "tidy.csv", [_table(), unsure])
    tidy = read_loose(tmp_path / "tidy.csv")
    assert tidy.takes.tolist() == [0, 0, 0, 1, 1, 1]
    np.testing.assert_array_equal(tidy.points[:3], POINTS)
    assert np.isnan(tidy.points[4, 1]).all()
    assert len(read_loose(tmp_path / "tidy.csv", least_confidence=0.0).whole()) == 6
    write_dlc(tmp_path / "dlc.csv", unsure, "m")
    assert len(read_loose(tmp_path / "dlc.csv").whole()) == 2


def test_labels(tmp_path: Path) -> None:
    rows = {
        "labeled-data/a/img1.png": [(1, 2), (3, 4)],
        "labeled-data/a/img2.png": [(5, 6), None],
    }
    read = read_poses(dlc_table(tmp_path / "CollectedData.csv", ("nose", "ear"), rows))
    np.testing.assert_array_equal(read.poses, [[[1, 2], [3, 4]]])
    assert read.dropped == 1
    assert read.skeleton == Skeleton(("nose", "ear"))
    coco = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "fly", "keypoints": ["l", "r"], "skeleton": [[1, 2]]}],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "keypoints": [1, 2, 2, 3, 4, 2]},
            {"id": 2, "image_id": 1, "category_id": 1, "keypoints": [5, 6, 2, 0, 0, 0]},
        ],
    }
    (tmp_path / "coco.json").write_text(json.dumps(coco))
    loose = read_loose(tmp_path / "coco.json")
    assert loose.skeleton.edges == ((0, 1),)
    assert [len(loose), len(loose.whole())] == [2, 1]


def test_rows_with_columns_of_places(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,x0,y0,x1,y1\na,1,2,3,4\nb,5,6,0,0\n")
    read = read_loose(path)
    assert not read.named
    np.testing.assert_array_equal(read.whole().points, [[[1, 2], [3, 4]]])
    path.write_text("width,left ear_x,left ear_y,nose.x,nose.y\n9,1,2,3,4\n")
    read = read_loose(path)
    assert read.skeleton.names == ("left ear", "nose")
    np.testing.assert_array_equal(read.points, [[[1, 2], [3, 4]]])
    path.write_text("x0,y0\n1,zwei\n")
    with pytest.raises(FormatError, match="row 2: y0"):
        read_loose(path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FormatError, match="x0, y0"):
        read_loose(path)


def test_pts_files_and_a_folder_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "faces" / "part"
    folder.mkdir(parents=True)
    for number in (1, 2):
        lines = f"version: 1\nn_points:  2\n{{\n{number} 2\n3.5 4\n}}\n"
        (folder / f"{number}.pts").write_text(lines)
    read = read_loose(tmp_path / "faces")
    np.testing.assert_array_equal(read.points, [[[0, 1], [2.5, 3]], [[1, 1], [2.5, 3]]])
    assert len(read_loose(folder / "1.pts")) == 1
    (folder / "3.pts").write_text("n_points: 1\n{\n1 2\n}\n")
    with pytest.raises(FormatError, match=r"3\.pts has 1 points"):
        read_loose(tmp_path / "faces")
    (folder / "3.pts").write_text("n_points: 3\n{\n1 2\n}\n")
    with pytest.raises(FormatError, match=r"not a \.pts file"):
        read_loose(folder / "3.pts")


def test_arrays(tmp_path: Path) -> None:
    poses = np.random.default_rng(0).normal(size=(5, 4, 2))
    np.save(tmp_path / "a.npy", poses.astype(np.float32))
    np.save(tmp_path / "t.npy", poses.transpose(0, 2, 1))
    np.savez(tmp_path / "a.npz", other=np.zeros(3), poses=poses)
    for name in ("a.npy", "t.npy", "a.npz"):
        np.testing.assert_allclose(read_loose(tmp_path / name).points, poses, atol=1e-6)
    sure = np.dstack([poses * 100, np.full((5, 4, 1), 0.9)])
    sure[2, 1, 2] = 0.2
    np.save(tmp_path / "sure.npy", sure)
    read = read_loose(tmp_path / "sure.npy")
    assert read.dimensions == 2
    assert len(read.whole()) == 4
    np.save(tmp_path / "space.npy", np.dstack([poses, np.full((5, 4, 1), 0.9)]))
    assert read_loose(tmp_path / "space.npy").dimensions == 3
    np.save(tmp_path / "flat.npy", poses[0])
    np.save(tmp_path / "words.npy", np.array([["a"]]))
    (tmp_path / "broken.npz").write_bytes(b"PK\x03\x04 and no more")
    for name in ("flat.npy", "words.npy", "broken.npz"):
        with pytest.raises(FormatError, match=name):
            read_loose(tmp_path / name)


def test_a_prior_lies_on_the_canvas_already(tmp_path: Path) -> None:
    poses = np.zeros((2, 2, 2), np.float32)
    PosePrior("p", Skeleton(("a", "b"), ((0, 1),)), poses).save(tmp_path / "p.prior.npz")
    read = read_loose(tmp_path / "p.prior.npz")
    assert read.laid
    assert read.skeleton.edges == ((0, 1),)


def test_annotations_of_a_project(tmp_path: Path) -> None:
    with Project.create(tmp_path / "a.limner") as project:
        project.set_skeleton(Skeleton(("nose", "ear")))
        video = add(project, clip(tmp_path))
        project.annotate(FrameKey(video.id, 3), {0: (1, 2, True), 1: (3, 4, True)}, author="Ada")
        project.annotate(FrameKey(video.id, 9), {0: (5, 6, True), 1: (7, 8, False)}, author="Ada")
    read = read_loose(tmp_path / "a.limner")
    assert len(read) == 2
    np.testing.assert_array_equal(read.whole().points, [[[1, 2], [3, 4]]])
    with Project.create(tmp_path / "b.limner"):
        pass
    with pytest.raises(FormatError, match="no annotations"):
        read_loose(tmp_path / "b.limner")


def test_motion_capture(tmp_path: Path) -> None:
    first = draw_bvh(tmp_path / "a.bvh", waving(3))
    draw_bvh(tmp_path / "b.bvh", waving(2))
    together = read_loose(tmp_path)
    assert together.takes.tolist() == [0, 0, 0, 1, 1]
    assert with_folders([tmp_path, first]) == [first, tmp_path / "b.bvh", first]
    draw_archive(tmp_path / "c.npz")
    assert read_loose(tmp_path / "c.npz").dimensions == 3
    wanted = Skeleton(("left wrist", "right wrist"))
    assert read_poses(first, skeleton=wanted).poses.shape == (3, 2, 3)


def test_what_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("poses")
    with pytest.raises(FormatError, match="no kind that poses are read from"):
        read_loose(tmp_path / "a.txt")
    with pytest.raises(FormatError, match="There is no file"):
        read_loose(tmp_path / "none.npy")
    with pytest.raises(FormatError, match=r"neither \.pts nor \.bvh"):
        read_loose(tmp_path)
