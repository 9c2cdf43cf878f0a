from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine_fixtures import drawn_frame, tiny_model
from limner_engine.coordinates import crop_to_frame, cut, frame_to_crop
from limner_engine.errors import EngineError, ModelError
from limner_engine.inference import session as session_module
from limner_engine.inference.detail import cut_source
from limner_engine.inference.device import choose_device
from limner_engine.inference.session import Session
from limner_engine.model_file import FABNET, load_model, save_model
from limner_engine.models.fabnet import FAbNet, FAbNetConfig
from limner_engine.types import Crop, ModelInfo, Skeleton

CROP = Crop(80.0, 60.0, 100.0)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("model") / "tiny.safetensors")


@pytest.fixture
def session(model: Path) -> Session:
    return Session(model, "cpu", threads=2)


def plain_points(model: Path, cuts: np.ndarray) -> np.ndarray:
    """Points by the network as it was saved: float32, nothing folded."""
    network = load_model(model).model
    with torch.no_grad():
        images = torch.from_numpy(cuts).permute(0, 3, 1, 2).float() / 255
        return network.detect(images).points_norm.numpy()


def test_quick_arithmetic_agrees_with_the_plain_network(session: Session, model: Path) -> None:
    cuts = np.stack([cut(drawn_frame(i), CROP, 64) for i in range(12)])
    points, confidence = session.detect_cuts(cuts)
    # 0.5 % of the crop is 0.01 of the -1..1 range.
    assert np.abs(points - plain_points(model, cuts)).max() < 0.01
    assert points.shape == (12, 5, 2)
    assert confidence.dtype == np.float32
    assert ((confidence >= 0) & (confidence <= 1)).all()


def test_float32_agrees_exactly_but_for_rounding(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "choose_device", lambda _: _plain_device())
    cuts = np.stack([cut(drawn_frame(i), CROP, 64) for i in range(3)])
    points, _ = Session(model, threads=1).detect_cuts(cuts)
    np.testing.assert_allclose(points, plain_points(model, cuts), atol=2e-4)


def _plain_device() -> object:
    from limner_engine.inference.device import DeviceSpec

    return DeviceSpec("cpu", torch.float32, "CPU fp32")


def test_points_come_back_in_pixels_of_the_frame(session: Session) -> None:
    frame = drawn_frame(3)
    turned = Crop(70.0, 50.0, 80.0, 0.4)
    found = session.detect([frame, frame], [CROP, turned])
    for crop, landmarks in zip((CROP, turned), found, strict=True):
        points, confidence = session.detect_cuts(cut(frame, crop, 64)[None])
        np.testing.assert_allclose(landmarks.points_px, crop_to_frame(points[0], crop), atol=0.3)
        np.testing.assert_allclose(landmarks.confidence, confidence[0], atol=0.02)
    assert session.detect([], []) == []
    assert session.detect_cuts(np.empty((0, 64, 64, 3), np.uint8))[0].shape == (0, 5, 2)


def test_redraw_is_what_the_network_renders(session: Session, model: Path) -> None:
    frame = drawn_frame(3)
    landmarks = session.hold(frame, CROP)
    picture = session.redraw(landmarks.points_px, sharp=False)
    network = load_model(model).model
    with torch.no_grad():
        image = torch.from_numpy(cut(frame, CROP, 64)).permute(2, 0, 1)[None].float() / 255
        points = torch.from_numpy(frame_to_crop(landmarks.points_px, CROP))[None]
        plain = network.render(network.encode(image), points)[0].clamp(0, 1).permute(1, 2, 0)
    assert picture.shape == (64, 64, 3)
    assert picture.dtype == np.uint8
    assert np.abs(picture - 255 * plain.numpy()).mean() < 3


def test_a_moved_landmark_changes_the_picture_and_back(session: Session) -> None:
    points = session.hold(drawn_frame(3), CROP).points_px
    before = session.redraw(points)
    moved = points.copy()
    moved[0] += 20
    assert (session.redraw(moved) != before).any()
    np.testing.assert_array_equal(session.redraw(points), before)


def test_redrawn_where_it_was_found_the_crop_is_the_video_s_own(session: Session) -> None:
    frame = drawn_frame(3)
    points = session.hold(frame, CROP).points_px
    np.testing.assert_array_equal(session.redraw(points), cut_source(frame, CROP, 64))
    assert session.redraw(points).shape == (100, 100, 3)
    session.hold(frame, Crop(80.0, 60.0, 40.0))
    assert session.redraw(points).shape == (64, 64, 3)


def test_a_missing_landmark_is_left_out(session: Session) -> None:
    points = session.hold(drawn_frame(3), CROP).points_px
    hidden, far = points.copy(), points.copy()
    hidden[1] = np.nan
    far[1] = (1e5, 1e5)
    bare = session.redraw(hidden, sharp=False)
    np.testing.assert_array_equal(bare, session.redraw(far, sharp=False))
    assert (bare != session.redraw(points, sharp=False)).any()
    assert (session.redraw(hidden) != session.redraw(points)).any()


def test_looks_may_come_from_another_frame(session: Session) -> None:
    frame, other = drawn_frame(3), 255 - drawn_frame(20)
    own = session.hold(frame, CROP)
    own_picture = session.redraw(own.points_px, sharp=False)
    borrowed = session.hold(frame, CROP, (other, Crop(75.0, 55.0, 90.0)))
    np.testing.assert_array_equal(borrowed.points_px, own.points_px)
    assert session.redraw(own.points_px).shape == (90, 90, 3)
    assert (session.redraw(own.points_px, sharp=False) != own_picture).any()


def test_redraw_needs_a_held_frame_and_the_right_number_of_points(session: Session) -> None:
    with pytest.raises(EngineError, match="held"):
        session.redraw(np.zeros((5, 2), np.float32))
    session.hold(drawn_frame(0), CROP)
    with pytest.raises(EngineError, match="5 landmarks, not 4"):
        session.redraw(np.zeros((4, 2), np.float32))


def test_when_memory_runs_out_smaller_batches_go_on(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuts = np.stack([cut(drawn_frame(i), CROP, 64) for i in range(9)])
    expected, _ = session.detect_cuts(cuts)
    detect, sizes = session._network.detect, []

    def hungry(images: torch.Tensor) -> object:
        sizes.append(len(images))
        if len(images) > most:
            raise torch.OutOfMemoryError("out of memory")
        return detect(images)

    most = 1
    monkeypatch.setattr(session._network, "detect", hungry)
    monkeypatch.setattr(session, "_batch", 8)
    points, _ = session.detect_part(cuts)
    np.testing.assert_allclose(points, expected, atol=0.01)
    assert sizes[:4] == [8, 4, 2, 1]
    most = 0
    with pytest.raises(EngineError, match="memory"):
        session.detect_part(cuts)


def test_other_failures_are_not_taken_for_lack_of_memory(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(images: torch.Tensor) -> object:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(session._network, "detect", broken)
    with pytest.raises(RuntimeError, match="shapes"):
        session.detect_part(np.zeros((1, 64, 64, 3), np.uint8))


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        Session(tmp_path / "none.safetensors")


def test_a_model_without_landmarks_is_refused(tmp_path: Path) -> None:
    config = FAbNetConfig.lite()
    info = ModelInfo(FABNET, "flows", config.to_json(), Skeleton(()))
    path = tmp_path / "flows.safetensors"
    save_model(path, FAbNet(config), info)
    with pytest.raises(ModelError, match="knows no landmarks"):
        Session(path, "cpu", threads=1)


def test_devices() -> None:
    assert choose_device("cpu").label in ("CPU bf16", "CPU fp32")
    assert choose_device("auto").device in ("cpu", "cuda", "mps")
    with pytest.raises(EngineError, match="abacus"):
        choose_device("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(EngineError, match="CUDA"):
            choose_device("cuda")
