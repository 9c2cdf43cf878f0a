from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, Video, find_moved
from limner_engine.types import FrameKey
from project_samples import add, clip, info, tables


def content(path: Path) -> str:
    return path.read_bytes().hex()


def test_a_video_below_the_project_is_kept_by_its_relative_path_alone(
    project: Project, tmp_path: Path
) -> None:
    path = clip(tmp_path, "videos/Mäuse und so/a b.mp4")
    video = add(project, path, frame_count=300)
    assert project.videos() == [video]
    assert video.path == path
    assert video.relative_path == "videos/Mäuse und so/a b.mp4"
    assert (video.frame_count, video.width, video.height) == (300, 640, 480)
    assert (video.frame_rate, video.missing) == (25.0, False)
    assert tables(project)["video"][0][2] is None, "the absolute path tells of the computer"


def test_a_video_elsewhere_is_kept_by_both_paths(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = clip(tmp_path_factory.mktemp("elsewhere"))
    video = add(project, path)
    assert video.path == path
    assert video.relative_path is not None
    assert video.relative_path.startswith("../")
    assert project._database.rows("SELECT absolute_path FROM video") == [(str(path),)]


def test_a_folder_may_move_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "before"
    path = clip(folder / "videos")
    with Project.create(folder / "p.limner") as project:
        add(project, path)
    folder.rename(tmp_path / "after")
    with Project.open(tmp_path / "after" / "p.limner") as project:
        (video,) = project.videos()
        assert video.path == tmp_path / "after" / "videos" / "clip.mp4"
        assert not video.missing


def test_the_same_video_is_not_there_twice(project: Project, tmp_path: Path) -> None:
    path = clip(tmp_path)
    video = add(project, path)
    assert add(project, path) == video
    again = clip(tmp_path, "again.mp4")
    with pytest.raises(ProjectError, match="in the project already"):
        add(project, again)
    assert len(project.videos()) == 1


def test_a_file_that_is_not_there_is_refused(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="There is no file"):
        project.add_video(
            tmp_path / "no.mp4", fingerprint="f", frame_count=1, width=1, height=1, frame_rate=1
        )
    with pytest.raises(ValueError, match="frame rate"):
        add(project, clip(tmp_path), frame_rate=float("nan"))


def test_removing_brings_everything_back_by_undo(project: Project, video: Video) -> None:
    model = project.add_model(info(), Path("m.safetensors"))
    points, confidence = np.ones((10, 4, 2)), np.full((10, 4), 0.5)
    project.write_predictions(video.id, model, 0, 100, points, confidence)
    project.annotate(FrameKey(video.id, 5), {0: (1, 2, True)}, author="a")
    project.set_crop_track_json(video.id, 0, '{"mode": "face"}')
    before = tables(project)
    project.remove_video(video.id)
    assert project.videos() == []
    assert project.annotated_frames(video.id).size == 0
    assert video.path.exists(), "the file itself is a person's own"
    with pytest.raises(ProjectError, match="no video 1"):
        project.video(video.id)
    assert project.sweep() == 0, "undo can still bring it back"
    assert project.undo() == "Remove clip.mp4"
    assert tables(project) == before
    assert project.predictions(video.id, model, 0, 105) is not None


def test_predictions_of_a_removed_video_go_when_undo_no_longer_reaches_them(
    project: Project, video: Video
) -> None:
    model = project.add_model(info(), Path("m.safetensors"))
    project.write_predictions(video.id, model, 0, 0, np.ones((2000, 4, 2)), np.ones((2000, 4)))
    project.remove_video(video.id)
    with project._database.transaction():
        project._database.write("DELETE FROM history")
    path = project.path
    project.close()
    with Project.open(path) as again:
        assert again._database.rows("SELECT * FROM prediction_chunk") == []
        assert again.sweep() == 0


def test_numbers_of_videos_are_never_used_twice(project: Project, tmp_path: Path) -> None:
    first = add(project, clip(tmp_path, "a.mp4", b"a"))
    project.undo()
    second = add(project, clip(tmp_path, "b.mp4", b"b"))
    assert second.id > first.id


def test_a_moved_video_is_found_and_relinked(
    project: Project, video: Video, tmp_path: Path
) -> None:
    clip(tmp_path, "new/decoy/clip.mp4", b"other pictures!")  # same name and size
    clip(tmp_path, "new/z.mp4", b"another length")
    moved = tmp_path / "new" / "deep" / "clip.mp4"
    moved.parent.mkdir()
    video.path.rename(moved)
    (lost,) = project.videos()
    assert lost.missing
    assert lost.path == video.path
    assert find_moved(lost, tmp_path / "new", content) == moved
    moved = moved.rename(moved.with_name("renamed.mp4"))
    assert find_moved(lost, tmp_path / "new", content) == moved
    assert find_moved(lost, tmp_path / "new" / "decoy", content) is None
    found = project.relink(lost.id, moved, content(moved))
    assert (found.path, found.missing) == (moved, False)
    assert project.undo() == "Relink clip.mp4"
    assert project.videos() == [lost]


def test_the_video_rooms_fingerprint_is_the_default(project: Project, tmp_path: Path) -> None:
    from limner_engine.video.fingerprint import fingerprint

    path = clip(tmp_path)
    video = add(project, path, fingerprint=fingerprint(path))
    moved = path.rename(tmp_path / "moved.mp4")
    assert find_moved(video, tmp_path) == moved


@pytest.mark.skipif(sys.platform == "win32", reason="asks for the permissions of POSIX")
def test_looking_for_a_video_passes_over_what_vanishes(
    project: Project, video: Video, tmp_path: Path
) -> None:
    broken = tmp_path / "new" / "clip.mp4"
    broken.parent.mkdir()
    broken.symlink_to(tmp_path / "nowhere")
    assert find_moved(video, tmp_path / "new", content) is None

    def gone(path: Path) -> str:
        raise FileNotFoundError(path)

    assert find_moved(video, tmp_path, gone) is None


def test_other_contents_are_refused_and_what_differs_is_said(
    project: Project, video: Video, tmp_path: Path
) -> None:
    other = clip(tmp_path, "other.mp4", b"longer than the first one")
    with pytest.raises(ProjectError) as refusal:
        project.relink(video.id, other, content(other), frame_count=10, width=320, height=240)
    message = refusal.value.message
    assert "it has 10 frames, not 5000" in message
    assert "320 × 240 pixels, not 640 × 480" in message
    assert "25 bytes, not 15" in message
    same = clip(tmp_path, "same.mp4", b"MOVING PICTURES")
    with pytest.raises(ProjectError, match="its contents are others, though its size is the same"):
        project.relink(video.id, same, content(same))
    assert project.videos() == [video]
    forced = project.relink(video.id, other, content(other), frame_count=10, force=True)
    assert (forced.path, forced.fingerprint, forced.frame_count) == (other, content(other), 10)
    with pytest.raises(ProjectError, match="There is no file"):
        project.relink(video.id, tmp_path / "no.mp4", "f")


def test_crop_tracks_are_kept_for_each_subject(project: Project, video: Video) -> None:
    other = project.add_subject("other").id
    assert project.crop_track_json(video.id, 0) is None
    project.set_crop_track_json(video.id, 0, "[1]")
    project.set_crop_track_json(video.id, other, "[2]")
    project.set_crop_track_json(video.id, 0, "[3]")
    assert project.crop_track_json(video.id, 0) == "[3]"
    assert project.crop_track_json(video.id, other) == "[2]"
    assert project.undo() == "Change the crop of clip.mp4"
    assert project.crop_track_json(video.id, 0) == "[1]"
    project.set_crop_track_json(video.id, 0, None)
    assert project.crop_track_json(video.id, 0) is None
