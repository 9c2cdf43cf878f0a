"""Accepting and rejecting predictions: many at once, one undo step, never over a hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from limner_engine.formats import project_table
from limner_engine.project import Project, Video
from limner_engine.project.changes import changes_from_json, changes_to_json
from limner_engine.project.matching import matched_predictions
from limner_engine.project.origins import Accepted, accepted_from, accepted_origin
from limner_engine.project.review import OpenPredictions, accept, open_predictions, reject
from limner_engine.types import FrameKey, Skeleton
from project_samples import NAMES, clip, info, tables

FOUND = 40


@pytest.fixture
def model(project: Project, video: Video, tmp_path: Path) -> int:
    """A model that has looked at the first 40 frames; its confidence rises from 0 to 1."""
    number = project.add_model(info(), clip(tmp_path, "faces.safetensors"))
    _detect(project, video, number)
    return number


def _detect(project: Project, video: Video, model: int, subject: int = 0) -> None:
    points = np.arange(FOUND * len(NAMES) * 2, dtype=np.float32).reshape(FOUND, -1, 2)
    sure = np.linspace(0, 1, FOUND * len(NAMES), dtype=np.float32).reshape(FOUND, -1)
    project.write_predictions(video.id, model, subject, 0, points, sure)


def _shown(project: Project, video: Video, model: int) -> np.ndarray:
    points, _ = matched_predictions(
        project, video.id, model, 0, skeleton=project.skeleton(), frame_count=FOUND
    )
    return np.isfinite(points).all(axis=2)


def test_accepted_predictions_are_annotations_that_know_their_origin(
    project: Project, video: Video, model: int
) -> None:
    found = open_predictions(project, video.id, model, start=10, stop=12)
    assert (len(found), found.frame_count) == (8, 2)
    assert accept(project, found, "Ada", "Accept 8 predictions") == 8
    made = project.annotations(FrameKey(video.id, 11))[2]
    assert (made.author, made.visible) == ("Ada", True)
    assert (made.x, made.y) == tuple(found.points[6])
    told = accepted_from(made.origin)
    assert told is not None
    assert told.model == "faces"
    assert told.confidence == pytest.approx(float(found.confidence[6]), abs=1e-4)
    assert project.accepted_frames(video.id).tolist() == [10, 11]
    assert project.labelled_frames(video.id).tolist() == []
    assert set(project.all_annotations(video.id)["origin"]) == {
        accepted_origin("faces", float(sure)) for sure in found.confidence
    }
    # A hand that moves one makes it its own.
    project.annotate(FrameKey(video.id, 11), {2: (1, 1, True)}, author="Ada")
    assert accepted_from(project.annotations(FrameKey(video.id, 11))[2].origin) is None
    assert project.labelled_frames(video.id).tolist() == [11]
    assert project.accepted_frames(video.id).tolist() == [10, 11]


def test_origins_are_read_as_they_were_written() -> None:
    assert accepted_from(accepted_origin("a: b", 0.25)) == Accepted("a: b", 0.25)
    untold = accepted_from(accepted_origin("m", float("nan")))
    assert untold is not None
    assert np.isnan(untold.confidence)
    assert accepted_from("person") is None
    assert accepted_from("slp:mouse.mp4#7") is None


def test_all_above_a_confidence_is_one_step(project: Project, video: Video, model: int) -> None:
    before, steps = tables(project), len(project.history())
    found = open_predictions(project, video.id, model)
    sure = found.at_least(0.75)
    assert len(sure) == np.count_nonzero(found.confidence >= 0.75) == 40
    assert len(found.below(0.75)) + len(sure) == len(found) == FOUND * len(NAMES)
    assert accept(project, sure, "Ada", "Accept") == 40
    after = tables(project)
    assert len(project.history()) == steps + 1
    assert project.undo() == "Accept"
    assert tables(project) == before
    assert project.redo() == "Accept"
    assert tables(project) == after
    assert project.check() == []


def test_a_rejected_prediction_is_out_of_sight_and_out_of_tables(
    project: Project, video: Video, model: int
) -> None:
    project.current_model_id = model
    found = open_predictions(project, video.id, model).of_landmark(1).below(0.5)
    assert reject(project, found, "Reject") == len(found) == 20
    assert project.undo_text == "Reject"
    assert reject(project, found, "Reject again") == 0
    assert project.undo_text == "Reject"
    shown = _shown(project, video, model)
    assert not shown[:20, 1].any()
    assert shown[20:].all()
    assert shown[:, [0, 2, 3]].all()
    assert project.rejected(FrameKey(video.id, 3), model) == {1}
    table = project_table(project, video.id)
    assert np.isnan(table.points[3, 1]).all()
    assert np.isnan(table.confidence[3, 1])
    assert table.source[3, 1] == ""
    assert table.source[3, 0] == "model:faces"
    assert len(open_predictions(project, video.id, model)) == FOUND * len(NAMES) - 20
    project.undo()
    assert _shown(project, video, model).all()


def test_a_rejection_holds_when_the_model_is_asked_again(
    project: Project, video: Video, model: int, tmp_path: Path
) -> None:
    reject(project, open_predictions(project, video.id, model, stop=5), "Reject")
    project.clear_predictions(video.id)
    assert project.add_model(info(), clip(tmp_path, "moved.safetensors")) == model
    _detect(project, video, model)
    assert not _shown(project, video, model)[:5].any()
    # Another model has not been rejected.
    other = project.add_model(info("cd" * 32, name="other"), clip(tmp_path, "o.safetensors"))
    _detect(project, video, other)
    assert _shown(project, video, other).all()


def test_rejections_can_be_taken_back(project: Project, video: Video, model: int) -> None:
    reject(project, open_predictions(project, video.id, model, stop=5), "Reject")
    assert project.take_back_rejections(video.id, model, 0, 1, 3, landmark=0) == 2
    assert project.rejected(FrameKey(video.id, 1), model) == {1, 2, 3}
    assert project.take_back_rejections(video.id, model, 0, 0, 5000) == 18
    assert _shown(project, video, model).all()
    steps = len(project.history())
    assert project.take_back_rejections(video.id, model, 0, 0, 5000) == 0
    assert len(project.history()) == steps
    project.undo()
    assert len(project.rejections(video.id, model)[0]) == 18


def test_no_model_overwrites_what_a_hand_placed(
    project: Project, video: Video, model: int
) -> None:
    found = open_predictions(project, video.id, model, stop=2)
    key = FrameKey(video.id, 1)
    project.annotate(key, {0: (500, 400, True), 1: (np.nan, np.nan, False)}, author="Ada")
    by_hand = project.annotations(key)
    # What was looked up before the hand came does not win over it.
    assert accept(project, found, "Bob", "Accept") == 6
    assert {i: project.annotations(key)[i] for i in (0, 1)} == by_hand
    project.undo()
    assert project.annotations(key) == by_hand
    accept(project, found, "Bob", "Accept")
    # Nor does detecting again, rejecting, dropping what the model found, or another model.
    _detect(project, video, model)
    reject(project, found, "Reject")
    project.clear_predictions(video.id)
    assert {i: project.annotations(key)[i] for i in (0, 1)} == by_hand
    with pytest.raises(ValueError, match="placed by hand"):
        project.annotate(key, {0: (1, 1, True)}, author="m", origin=accepted_origin("m", 1.0))
    with pytest.raises(ValueError, match="placed by hand"):
        project.annotate(key, {0: (1, 1, True)}, author="import:a", origin="dlc:a.png")
    with pytest.raises(RuntimeError, match="by no person"), project.automatic():
        project.annotate(key, {0: (1, 1, True)}, author="m")
    with pytest.raises(RuntimeError, match="by no person"), project.automatic():
        reject(project, open_predictions_of(project, video, model), "Reject")
    assert {i: project.annotations(key)[i] for i in (0, 1)} == by_hand


def open_predictions_of(project: Project, video: Video, model: int) -> OpenPredictions:
    """Predictions of frames that nobody touched."""
    _detect(project, video, model)
    return open_predictions(project, video.id, model, start=20)


def test_nobody_decided_twice(project: Project, video: Video, model: int) -> None:
    # Accepted ones wait no more, nor do rejected ones, nor those that a hand has placed.
    project.annotate(FrameKey(video.id, 0), {3: (1, 1, True)}, author="Ada")
    found = open_predictions(project, video.id, model)
    accept(project, found.of_landmark(0), "Ada", "Accept")
    reject(project, found.of_landmark(1), "Reject")
    left = open_predictions(project, video.id, model)
    assert set(left.landmarks.tolist()) == {2, 3}
    assert len(left) == 2 * FOUND - 1


def test_rejections_go_with_their_landmark(project: Project, video: Video, model: int) -> None:
    reject(project, open_predictions(project, video.id, model, stop=2).of_landmark(1), "Reject")
    before = tables(project)
    eyes = ("right eye", "nose", "left eye")
    project.set_skeleton(Skeleton(eyes), (1, 2, 0))
    assert project.rejected(FrameKey(video.id, 0), model) == {0}
    project.set_skeleton(Skeleton(("nose",)), (1,))
    assert project.rejected(FrameKey(video.id, 0), model) == frozenset()
    project.undo()
    project.undo()
    assert tables(project) == before


def test_a_removed_video_takes_its_rejections_and_brings_them_back(
    project: Project, video: Video, model: int
) -> None:
    reject(project, open_predictions(project, video.id, model), "Reject")
    before = tables(project)
    project.remove_video(video.id)
    assert tables(project)["rejection"] == []
    assert project.check() == []
    project.undo()
    assert tables(project) == before


def test_a_removed_subject_takes_all_that_is_its_own(
    project: Project, video: Video, model: int
) -> None:
    second = project.add_subject("second").id
    _detect(project, video, model, second)
    _detect(project, video, model)
    found = open_predictions(project, video.id, model, second)
    accept(project, found.at_least(0.9), "Ada", "Accept")
    reject(project, found.below(0.1), "Reject")
    project.set_crop_track_json(video.id, second, "[]")
    before = tables(project)
    project.remove_subject(second)
    assert [one.id for one in project.subjects()] == [0]
    assert project.check() == []
    for table in ("annotation", "rejection", "crop_track"):
        assert tables(project)[table] == []
    assert len(open_predictions(project, video.id, model)) == FOUND * len(NAMES)
    project.sweep()  # undo can still bring it back, so its predictions stay
    project.undo()
    assert tables(project) == before
    assert len(open_predictions(project, video.id, model, second)) > 0


def test_predictions_of_a_subject_that_is_gone_for_good_are_swept(
    project: Project, video: Video, model: int
) -> None:
    second = project.add_subject("second").id
    _detect(project, video, model, second)
    _detect(project, video, model)
    project.remove_subject(second)
    with project._database.transaction():
        project._database.write("DELETE FROM history")
    assert project.sweep() == 1
    assert project.predictions(video.id, model, second, 0) is None
    assert project.predictions(video.id, model, 0, 0) is not None


def test_the_crop_of_one_subject_drops_predictions_of_that_one(
    project: Project, video: Video, model: int
) -> None:
    second = project.add_subject("second").id
    _detect(project, video, model, second)
    project.clear_predictions(video.id, subject=second)
    assert project.predictions(video.id, model, second, 0) is None
    assert project.predictions(video.id, model, 0, 0) is not None


def test_many_rows_take_little_room_in_the_history(
    project: Project, tmp_path: Path, video: Video
) -> None:
    number = project.add_model(info(), clip(tmp_path, "faces.safetensors"))
    points = np.random.default_rng(0).uniform(0, 640, (5000, 4, 2)).astype(np.float32)
    project.write_predictions(video.id, number, 0, 0, points, np.full((5000, 4), 0.9))
    found = open_predictions(project, video.id, number)
    assert accept(project, found, "Ada", "Accept") == 20_000
    reject_text = "Reject"
    key, rows = FrameKey(video.id, 4999), "SELECT length(changes) FROM history"
    (size,) = project._database.first(f"{rows} ORDER BY id DESC LIMIT 1")
    assert size < 20_000 * 70
    project.undo()
    assert reject(project, open_predictions(project, video.id, number), reject_text) == 20_000
    (size,) = project._database.first(f"{rows} ORDER BY id DESC LIMIT 1")
    assert size < 20_000 * 10
    assert project.rejected(key, number) == {0, 1, 2, 3}


def test_packed_changes_are_the_same_when_they_are_read() -> None:
    rows = [{"number": i, "name": "eye" if i < 30 else f"eye {i}"} for i in range(40)]
    changes = [
        *(("landmark", None, row) for row in rows),
        ("subject", {"id": 1, "name": "a"}, {"id": 1, "name": "b"}),
        *(("landmark", row, {**row, "name": "x"}) for row in rows),
        *(("landmark", row, None) for row in rows),
    ]
    text = changes_to_json(changes)
    assert changes_from_json(text) == changes
    assert len(text) < 2000
