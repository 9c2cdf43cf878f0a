from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from limner_engine.errors import ProjectError
from limner_engine.project import Project, Video
from limner_engine.project.predictions import CHUNK
from limner_engine.types import IMPORTED, Floats
from project_samples import add, clip, info


@pytest.fixture
def model(project: Project) -> int:
    return project.add_model(info(), Path("faces.safetensors"))


def found(count: int, seed: int = 0, landmarks: int = 4) -> tuple[Floats, Floats]:
    random = np.random.default_rng(seed)
    return (
        random.uniform(0, 640, (count, landmarks, 2)).astype(np.float32),
        random.uniform(0, 1, (count, landmarks)).astype(np.float32),
    )


def test_a_frame_comes_back_exactly(project: Project, video: Video, model: int) -> None:
    points, confidence = found(3000)
    project.write_predictions(video.id, model, 0, 500, points, confidence)
    for frame in (500, 1023, 1024, 2047, 2048, 3499):
        landmarks = project.predictions(video.id, model, 0, frame)
        assert landmarks is not None
        np.testing.assert_array_equal(landmarks.points_px, points[frame - 500])
        np.testing.assert_array_equal(landmarks.confidence, confidence[frame - 500])
    for frame in (-1, 0, 499, 3500, 4999, 10**9):
        assert project.predictions(video.id, model, 0, frame) is None
    assert project.predictions(video.id, model, 1, 500) is None
    assert project.predictions(video.id, model + 1, 0, 500) is None


def test_what_is_handed_out_can_be_changed_without_harm(
    project: Project, video: Video, model: int
) -> None:
    project.write_predictions(video.id, model, 0, 0, *found(2))
    landmarks = project.predictions(video.id, model, 0, 0)
    assert landmarks is not None
    landmarks.points_px[:] = 0
    again = project.predictions(video.id, model, 0, 0)
    assert again is not None
    assert again.points_px.any()


def test_random_overlapping_runs_agree_with_a_plain_array(
    project: Project, video: Video, model: int
) -> None:
    random = np.random.default_rng(7)
    points = np.full((video.frame_count, 4, 2), np.nan, np.float32)
    confidence = np.full((video.frame_count, 4), np.nan, np.float32)
    written = np.zeros(video.frame_count, bool)
    for turn in range(60):
        start = int(random.integers(0, video.frame_count - 1))
        stop = int(random.integers(start, min(video.frame_count, start + 1500)) + 1)
        run = found(stop - start, turn)
        gaps = random.random(stop - start) < 0.1  # frames that could not be read
        run[0][gaps] = np.nan
        run[1][gaps] = np.nan
        project.write_predictions(video.id, model, 0, start, *run)
        points[start:stop], confidence[start:stop] = run
        written[start:stop] = True
        if turn % 10 == 0:
            project._chunks = None  # read from the file, not from memory
        low = int(random.integers(-50, video.frame_count))
        high = low + int(random.integers(0, 3000))
        got_points, got_confidence = project.predictions_range(video.id, model, 0, low, high)
        want = np.full((high - low, 4, 2), np.nan, np.float32)
        inside = slice(max(low, 0), min(high, video.frame_count))
        want[inside.start - low : inside.stop - low] = points[inside]
        np.testing.assert_array_equal(got_points, want)
        assert got_confidence.shape == (high - low, 4)
    np.testing.assert_array_equal(project.predicted_mask(video.id, model), written)
    least = np.fmin.reduce(confidence, axis=1)
    summary = project.confidence_summary(video.id, model)
    assert summary.dtype == np.float32
    np.testing.assert_array_equal(np.isnan(summary), np.isnan(least))
    np.testing.assert_allclose(summary, least, atol=1e-3)


def test_an_unreadable_frame_counts_as_asked(project: Project, video: Video, model: int) -> None:
    points, confidence = found(1)
    points[:], confidence[:] = np.nan, np.nan
    project.write_predictions(video.id, model, 0, 9, points, confidence)
    landmarks = project.predictions(video.id, model, 0, 9)
    assert landmarks is not None
    assert np.isnan(landmarks.points_px).all()
    assert np.flatnonzero(project.predicted_mask(video.id, model)).tolist() == [9]
    assert np.isnan(project.confidence_summary(video.id, model)).all()


def test_nothing_is_an_empty_answer(project: Project, video: Video, model: int) -> None:
    points, confidence = project.predictions_range(video.id, model, 0, 0, 10)
    assert points.shape == (10, 0, 2)
    assert confidence.shape == (10, 0)
    assert not project.predicted_mask(video.id, model).any()
    project.write_predictions(video.id, model, 0, 0, *found(0))
    assert not project.predicted_mask(video.id, model).any()


def test_they_survive_closing_and_are_not_undoable(tmp_path: Path) -> None:
    points, confidence = found(10)
    with Project.create(tmp_path / "p.limner") as project:
        video = add(project, clip(tmp_path))
        model = project.add_model(info(), tmp_path / "m")
        text = project.undo_text
        project.write_predictions(video.id, model, 0, 0, points, confidence)
        assert project.undo_text == text
    with Project.open(tmp_path / "p.limner") as project:
        np.testing.assert_array_equal(
            project.predictions_range(video.id, model, 0, 0, 10)[0], points
        )


def test_models_and_subjects_lie_apart_and_clear_apart(
    project: Project, video: Video, model: int
) -> None:
    other = project.add_model(info("cd" * 32), Path("other.safetensors"))
    for number, who in ((model, 0), (model, 1), (other, 0)):
        project.write_predictions(video.id, number, who, 0, *found(5, 10 * number + who))
    first = project.predictions(video.id, model, 1, 2)
    assert first is not None
    np.testing.assert_array_equal(first.points_px, found(5, 10 * model + 1)[0][2])
    project.clear_predictions(video.id, model)
    assert project.predictions(video.id, model, 0, 2) is None
    assert project.predictions(video.id, other, 0, 2) is not None
    project.clear_predictions(video.id)
    assert project.predictions(video.id, other, 0, 2) is None
    assert project._database.rows("SELECT id FROM prediction_chunk") == []


def test_what_does_not_fit_is_refused(project: Project, video: Video, model: int) -> None:
    points, confidence = found(10)
    with pytest.raises(ProjectError, match="past the video's last one, 4999"):
        project.write_predictions(video.id, model, 0, 4995, points, confidence)
    with pytest.raises(ProjectError, match="no model 77"):
        project.write_predictions(video.id, 77, 0, 0, points, confidence)
    with pytest.raises(ProjectError, match="no video 77"):
        project.write_predictions(77, model, 0, 0, points, confidence)
    with pytest.raises(ValueError, match="do not fit"):
        project.write_predictions(video.id, model, 0, 0, points, confidence[:-1])
    project.write_predictions(video.id, model, 0, 0, points, confidence)
    with pytest.raises(ValueError, match="4 landmarks before, not 5"):
        project.write_predictions(video.id, model, 0, 5, *found(10, landmarks=5))
    with pytest.raises(ValueError, match="4 landmarks before, not 5"):
        project.write_predictions(video.id, model, 0, 4 * CHUNK, *found(10, landmarks=5))


def test_only_a_few_chunks_stay_in_memory(project: Project, tmp_path: Path, model: int) -> None:
    video = add(project, clip(tmp_path, "long.mp4", b"long"), frame_count=40 * CHUNK)
    project.write_predictions(video.id, model, 0, 0, *found(40 * CHUNK))
    for frame in range(0, 40 * CHUNK, CHUNK):
        assert project.predictions(video.id, model, 0, frame) is not None
    assert project._chunks is not None
    assert len(project._chunks) <= 16


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE prediction_chunk SET points = zeroblob(3)",
        "UPDATE prediction_summary SET row_count = 2000",
        "UPDATE prediction_summary SET written = zeroblob(3)",
    ],
)
def test_damaged_chunks_are_told(project: Project, video: Video, model: int, harm: str) -> None:
    project.write_predictions(video.id, model, 0, 0, *found(10))
    with project._database.transaction():
        project._database.write(harm)
    project._chunks = None
    with pytest.raises(ProjectError, match=r"Predictions in faces\.limner are damaged"):
        project.predictions(video.id, model, 0, 0)


def test_a_damaged_summary_is_told(project: Project, video: Video, model: int) -> None:
    project.write_predictions(video.id, model, 0, 0, *found(10))
    with project._database.transaction():
        project._database.write("UPDATE prediction_summary SET min_confidence = zeroblob(3)")
    with pytest.raises(ProjectError, match="damaged"):
        project.confidence_summary(video.id, model)


def test_imported_ones_go_only_by_name(project: Project, video: Video, model: int) -> None:
    said = replace(info(), kind=IMPORTED, sha256="another")
    imported = project.add_model(said, Path("flies.slp#predictions"))
    for number in (model, imported):
        project.write_predictions(video.id, number, 0, 0, *found(10))
    project.clear_predictions(video.id)
    assert not project.predicted_mask(video.id, model).any()
    assert project.predicted_mask(video.id, imported).sum() == 10
    project.clear_predictions(video.id, imported)
    assert not project.predicted_mask(video.id, imported).any()
