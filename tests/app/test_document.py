"""The document: edits go to the project at once, and every one can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from drawn_video import draw_video, read_barcode
from limner_app.document import Document
from limner_app.frame_landmarks import merge_frame
from limner_engine.cropping import CropTrack
from limner_engine.errors import ProjectError, ProjectLockedError, VideoError
from limner_engine.project.matching import landmark_map
from limner_engine.types import Crop, Landmarks, Skeleton
from small_engine import small_model

NAMES = Skeleton(("nose", "tail", "paw"), edges=((0, 1),))


@pytest.fixture
def document(qtbot: QtBot, tmp_path: Path) -> Iterator[Document]:
    made = Document()
    made.create(tmp_path / "mouse.limner")
    made.add_videos([draw_video(tmp_path / "mouse.mp4", n=30, size=(160, 128))])
    made.set_skeleton(NAMES)
    yield made
    made.close()


def _shown(qtbot: QtBot, document: Document, frame: int) -> None:
    document.show(frame)
    qtbot.waitUntil(lambda: document.frame_index == frame, timeout=10_000)


def test_frame_time_and_picture_belong_together(qtbot: QtBot, document: Document) -> None:
    seen: list[tuple[int, float]] = []
    document.frame_changed.connect(lambda i: seen.append((i, document.time_s)))
    for frame in (7, 3, 29):
        _shown(qtbot, document, frame)
        image = document.image()
        assert image is not None
        assert image.shape == (128, 160, 3)
        assert read_barcode(image) == frame == document.frame_index
        np.testing.assert_array_equal(image, document.image(frame))
    assert document.reader is not None
    assert seen == [(i, document.reader.time_s(i)) for i in (7, 3, 29)]


def test_scrubbing_ends_at_the_newest_frame(qtbot: QtBot, document: Document) -> None:
    for frame in range(29):
        document.show(frame)
    _shown(qtbot, document, 29)
    qtbot.wait(100)
    assert document.frame_index == document.wanted_index == 29


def test_place_move_hide_delete_and_back(document: Document) -> None:
    before = document.landmarks()
    assert before.missing() == [0, 1, 2]
    document.place(0, 10.25, 20.5)
    document.move(0, 11.0, 21.0)
    document.hide(0)
    assert not document.landmarks().visible[0]
    np.testing.assert_allclose(document.landmarks().points[0], [11.0, 21.0])
    document.delete([0])
    assert document.landmarks().origin[0] is None
    for expected in ((11.0, False), (11.0, True), (10.25, True)):
        document.undo()
        known = document.landmarks()
        assert (float(known.points[0, 0]), bool(known.visible[0])) == expected
    document.undo()
    assert document.landmarks().missing() == [0, 1, 2]
    for _ in range(4):
        document.redo()
    assert document.landmarks().origin[0] is None


def test_a_landmark_hidden_without_a_place_has_none(document: Document) -> None:
    document.hide(2)
    known = document.landmarks()
    assert known.origin[2] == "person"
    assert not known.visible[2]
    assert np.isnan(known.points[2]).all()
    document.hide(2, False)
    assert document.landmarks().origin[2] is None


def test_undo_goes_to_the_frame_it_changes(qtbot: QtBot, document: Document) -> None:
    _shown(qtbot, document, 4)
    document.place(1, 5, 6)
    _shown(qtbot, document, 20)
    assert document.undo() is not None
    qtbot.waitUntil(lambda: document.frame_index == 4, timeout=10_000)


def test_copy_comes_from_the_nearest_annotated_frame_before(
    qtbot: QtBot, document: Document
) -> None:
    assert not document.copy_previous()
    document.place(0, 1, 2)
    _shown(qtbot, document, 5)
    document.place(0, 50, 60)
    _shown(qtbot, document, 12)
    assert document.copy_previous()
    np.testing.assert_allclose(document.landmarks().points[0], [50, 60])
    assert document.annotated_frames().tolist() == [0, 5, 12]


def test_predictions_stand_under_annotations_and_can_be_accepted(
    document: Document, tmp_path: Path
) -> None:
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.video is not None
    assert document.model_id is not None
    document.place(1, 70, 71)
    found = Landmarks(
        np.array([[1, 2], [3, 4], [np.nan, np.nan]], np.float32),
        np.array([0.5, 0.25, np.nan], np.float32),
    )
    document.store_frame(document.video.id, document.model_id, 0, found)
    known = document.landmarks()
    assert known.origin == ("model", "person", None)
    assert known.author == ("small", document.author, None)
    np.testing.assert_allclose(known.points[:2], [[1, 2], [70, 71]])
    assert document.accept() == 1
    assert document.landmarks().origin == ("person", "person", None)
    assert document.accept() == 0
    document.undo()
    assert document.landmarks().origin[0] == "model"
    paths = document.trajectories()
    np.testing.assert_allclose(paths[0, :2], [[1, 2], [70, 71]])
    assert np.isnan(paths[1:]).all()


def test_a_project_without_names_takes_over_a_models_landmarks(
    document: Document, tmp_path: Path
) -> None:
    document.set_skeleton(Skeleton(()))
    document.set_model(small_model(tmp_path / "m.safetensors", count=5))
    assert document.skeleton == Skeleton.numbered(5)
    # Those came with a model, so they go with it.
    document.set_model(small_model(tmp_path / "n.safetensors", count=7))
    assert document.skeleton == Skeleton.numbered(7)


def test_a_skeleton_that_a_person_made_stays_though_nothing_is_labelled(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    with qtbot.waitSignal(document.message) as told:
        document.set_model(small_model(tmp_path / "m.safetensors", count=5))
    assert told.args[0] == "warning"
    assert document.skeleton == NAMES
    # Nor does it go when a model's own was there before it.
    document.set_skeleton(Skeleton(()))
    document.set_model(small_model(tmp_path / "m.safetensors", count=5))
    document.set_skeleton(NAMES)
    document.set_model(small_model(tmp_path / "n.safetensors", count=7))
    assert document.skeleton == NAMES


def test_one_with_annotations_keeps_its_own(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    document.place(0, 1, 1)
    with qtbot.waitSignal(document.message) as told:
        document.set_model(small_model(tmp_path / "m.safetensors", count=5))
    assert told.args[0] == "warning"
    assert document.skeleton == NAMES


def test_renaming_keeps_annotations_and_refuses_a_double(document: Document) -> None:
    document.place(0, 3, 4)
    document.rename(0, "snout")
    assert document.skeleton.names == ("snout", "tail", "paw")
    assert document.landmarks().origin[0] == "person"
    with pytest.raises(ProjectError):
        document.rename(1, "snout")
    document.undo()
    assert document.skeleton == NAMES


def test_the_crop_is_undoable_and_drops_stale_predictions(
    document: Document, tmp_path: Path
) -> None:
    assert document.crop() == Crop.whole(160, 128)
    document.set_crop_track(CropTrack.fixed(Crop(50, 50, 40)))
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.video is not None
    assert document.model_id is not None
    found = Landmarks(np.ones((3, 2), np.float32), np.ones(3, np.float32))
    document.store_frame(document.video.id, document.model_id, 2, found)
    document.set_crop_track(CropTrack.fixed(Crop(60, 50, 40)))
    assert np.isnan(document.confidence_summary()).all()
    document.undo()
    assert document.crop() == Crop(50, 50, 40)


def test_everything_is_there_after_opening_again(
    qtbot: QtBot, document: Document, tmp_path: Path
) -> None:
    _shown(qtbot, document, 17)
    document.place(2, 9, 8)
    document.close()
    document.open(tmp_path / "mouse.limner")
    assert document.frame_index == 17
    np.testing.assert_allclose(document.landmarks().points[2], [9, 8])
    assert document.undo() is not None
    other = Document()
    with pytest.raises(ProjectLockedError):
        other.open(tmp_path / "mouse.limner")


def test_a_moved_video_is_found_again(document: Document, tmp_path: Path) -> None:
    document.place(0, 1, 2)
    assert document.video is not None
    number = document.video.id
    document.close()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mouse.mp4").rename(tmp_path / "elsewhere" / "renamed.mp4")
    document.open(tmp_path / "mouse.limner")
    assert document.video is None
    with pytest.raises(VideoError, match="not where it was"):
        document.show_video(number)
    wrong = draw_video(tmp_path / "other.mp4", n=12, size=(160, 128))
    with pytest.raises((VideoError, ProjectError)):
        document.relink(number, wrong)
    document.relink(number, tmp_path / "elsewhere" / "renamed.mp4")
    assert document.landmarks().origin[0] == "person"


def test_removing_the_video_on_screen_and_undoing(document: Document) -> None:
    assert document.video is not None
    number = document.video.id
    document.remove_video(number)
    assert document.video is None
    assert document.image() is None
    document.undo()
    assert document.project is not None
    assert [video.id for video in document.project.videos()] == [number]


def test_merge_and_map() -> None:
    assert landmark_map(NAMES, Skeleton.numbered(3)).tolist() == [0, 1, 2]
    assert landmark_map(NAMES, Skeleton(("paw", "ear"))).tolist() == [2, -1]
    assert landmark_map(NAMES, Skeleton(NAMES.names[::-1])).tolist() == [2, 1, 0]
    found = Landmarks(np.array([[1, 2], [3, 4]], np.float32), np.array([0.5, 0.6], np.float32))
    merged = merge_frame(3, found, landmark_map(NAMES, Skeleton(("paw", "ear"))), "m", {})
    assert merged.origin == (None, None, "model")
    np.testing.assert_allclose(merged.points[2], [1, 2])


def test_what_happens_by_itself_is_no_undo_step(qtbot: QtBot, tmp_path: Path) -> None:
    document = Document()
    document.create(tmp_path / "new.limner")
    first = draw_video(tmp_path / "first.mp4", n=12, size=(160, 128))
    second = draw_video(tmp_path / "second.mp4", n=13, size=(160, 128))
    document.add_videos([first])
    document.set_crop_track(CropTrack.fixed(Crop(50, 50, 40)), automatic=True)
    document.set_model(small_model(tmp_path / "m.safetensors", count=3))
    assert document.project is not None
    assert document.project.undo_text is None
    document.set_model(small_model(tmp_path / "n.safetensors", count=4, name="other"))
    assert len(document.skeleton.names) == 4
    assert document.project.undo_text is None
    # What a person does is one, and leads back to what was found.
    document.add_videos([second])
    assert document.project.undo_text == "Add second.mp4"
    document.set_crop_track(CropTrack.fixed(Crop(60, 60, 40)))
    document.rename(0, "nose")
    document.set_model(small_model(tmp_path / "o.safetensors", count=5, name="third"))
    assert document.skeleton.names[0] == "nose"  # a name that a person gave makes it a person's
    assert len(document.skeleton.names) == 4
    assert document.undo() == "Rename point 1 to nose"
    assert document.undo() is not None
    assert document.crop().side_px == 40
    assert document.crop().centre_x_px == 50
    assert document.undo() == "Add second.mp4"
    assert document.undo() is None
    assert [video.path.name for video in document.project.videos()] == ["first.mp4"]
    document.close()
