"""Labels gathered from a project: what was said, where to look, what is left out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from limner_engine.coordinates import crop_to_frame
from limner_engine.cropping import CropTrack
from limner_engine.naming.labelled import LabelledFrames
from limner_engine.project import Project
from limner_engine.project.origins import accepted_origin
from limner_engine.types import Crop, FrameKey, Skeleton
from project_samples import NAMES, add, clip

HERE = Crop(100.0, 80.0, 50.0, 0.25)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = Project.create(tmp_path / "p.limner")
    project.set_skeleton(Skeleton(NAMES))
    first = add(project, clip(tmp_path, "a.mp4", b"a"))
    add(project, clip(tmp_path, "b.mp4", b"b"))
    project.set_crop_track_json(first.id, 0, CropTrack.fixed(HERE).to_json())
    project.annotate(
        FrameKey(1, 30), {0: (90.0, 70.0, True), 2: (1.0, 2.0, False)}, author="someone"
    )
    nowhere = float("nan")
    project.annotate(FrameKey(2, 7), {1: (nowhere, nowhere, False)}, author="someone")
    return project


def test_what_was_said_comes_with_its_crop(project: Project) -> None:
    found = LabelledFrames.from_project(project)
    assert len(found) == found.frame_count == 2
    assert [(path.name, frame) for path, frame in found.sources] == [("a.mp4", 30), ("b.mp4", 7)]
    assert found.crops == (HERE, Crop.whole(640, 480))
    assert found.group.tolist() == [1, 2]
    assert found.told.tolist() == [[True, False, True, False], [False, True, False, False]]
    assert found.visible.tolist() == [[True, False, False, False], [False] * 4]
    assert found.placed.tolist() == [[True, False, True, False], [False] * 4]
    np.testing.assert_allclose(crop_to_frame(found.crop_points()[0, 0], HERE), [90, 70], atol=1e-4)
    assert found.px_per_unit().tolist() == [25.0, 320.0]
    assert found.skipped == ()


def test_accepted_predictions_are_not_learned_from(project: Project) -> None:
    for frame in (30, 31):
        project.annotate(
            FrameKey(1, frame),
            {3: (90.0, 70.0, True)},
            author="someone",
            origin=accepted_origin("Named landmarks", 0.9),
        )
    found = LabelledFrames.from_project(project)
    assert [frame for _, frame in found.sources] == [30, 7]
    assert found.told[0].tolist() == [True, False, True, False]


def test_a_video_that_has_gone_is_left_out_and_said(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").unlink()
    found = LabelledFrames.from_project(project)
    assert [path.name for path, _ in found.sources] == ["b.mp4"]
    assert found.skipped == ("a.mp4 is gone: one labelled frame of it left out.",)


def test_no_labels_and_no_landmarks_are_no_frames(tmp_path: Path) -> None:
    empty = Project.create(tmp_path / "empty.limner")
    assert LabelledFrames.from_project(empty).points_px.shape == (0, 0, 2)
    empty.set_skeleton(Skeleton(NAMES))
    found = LabelledFrames.from_project(empty)
    assert found.points_px.shape == found.crop_points().shape == (0, 4, 2)


def test_labels_come_through_a_message_whole(project: Project) -> None:
    found = LabelledFrames.from_project(project)
    header, arrays = found.to_message()
    back = LabelledFrames.from_message(header, arrays)
    assert (back.sources, back.crops, back.skeleton) == (
        found.sources,
        found.crops,
        found.skeleton,
    )
    for name in ("points_px", "visible", "told", "group"):
        np.testing.assert_array_equal(getattr(back, name), getattr(found, name))
    assert back.take([1]).sources == found.sources[1:]


def test_arrays_that_do_not_fit_are_refused(project: Project) -> None:
    header, (points, said, group) = LabelledFrames.from_project(project).to_message()
    for arrays in ((points[:1], said, group), (points, said[:, :2], group), (points, said, said)):
        with pytest.raises(ValueError, match=r"must|every"):
            LabelledFrames.from_message(header, arrays)


def test_the_window_gathers_labels_without_torch_or_video() -> None:
    code = "import sys, limner_engine.naming.labelled; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
