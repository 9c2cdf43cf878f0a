"""What is said of drags, on editors whose obedience is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_engine.coordinates import frame_to_crop
from limner_engine.inference.session import Session
from limner_engine.model_file import save_model
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.types import Crop, Landmarks, ModelInfo, Skeleton
from limner_training.data.pairs import split
from limner_training.evaluation.drags import (
    INSIDE,
    LONGEST_PX,
    changed_share,
    draw_drag,
    far_from,
    kept_energy,
    measure_drags,
    packed_pictures,
)

POINTS = np.array([[-0.4, -0.3], [0.4, -0.3], [0.0, 0.5]], np.float32)
SIDE = 64
PICTURE = np.random.default_rng(0).integers(0, 255, (SIDE, SIDE, 3), np.uint8)
WHOLE = Crop.whole(SIDE, SIDE)


class Editor:
    """Draws its picture anew with a black spot, and finds again what it was told, a little off."""

    image_size = SIDE

    def __init__(self, off_px: float, ignores: bool = False) -> None:
        self.off, self.ignores = np.float32([2 * off_px / 128, 0]), ignores
        self.asked: list[np.ndarray] = []

    def hold(self, frame: np.ndarray, crop: Crop) -> Landmarks:
        self.points_px = (POINTS + 1) * SIDE / 2 - 0.5
        return Landmarks(self.points_px, np.ones(3, np.float32))

    def redraw(self, points_px: np.ndarray, *, sharp: bool = True) -> np.ndarray:
        self.asked.append(frame_to_crop(points_px, WHOLE))
        made = PICTURE.copy()
        if not np.allclose(points_px, self.points_px):
            which = np.abs(points_px - self.points_px).sum(axis=1).argmax()
            x, y = points_px[which].round().astype(int).tolist()
            cv2.circle(made, (x, y), 3, (0, 0, 0), -1)
        return made

    def detect_cuts(self, cuts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = POINTS if self.ignores else self.asked[-1]
        return np.repeat((found + self.off)[None], len(cuts), 0), np.ones((len(cuts), 3))


def figures(editor: Editor) -> dict[str, dict[str, float]]:
    pictures = [(PICTURE, WHOLE)] * 10
    measured = measure_drags(cast(Session, editor), pictures, drags=20)
    return {way: of.figures() for way, of in measured.items()}


@pytest.mark.parametrize(("off", "moved", "others"), [(1.4, 1, 1), (1.9, 1, 0), (2.1, 0, 0)])
def test_who_obeys_is_within_the_limits(off: float, moved: float, others: float) -> None:
    for of in figures(Editor(off)).values():
        assert of["drags"] == 200
        assert of["moved_within"] == moved
        assert of["others_within"] == of["all_others_within"] == others
        for name in ("moved_mean_px", "moved_median_px", "moved_p95_px", "others_p95_px"):
            assert of[name] == pytest.approx(off, abs=1e-3)
        # The spot lies within the neighbourhood.
        assert of["changed_outside"] == 0


def test_who_ignores_the_hand_is_off_by_the_drags_and_right_where_they_are_short() -> None:
    of = figures(Editor(0, ignores=True))["sharp"]
    assert of["moved_mean_px"] == pytest.approx(of["drag_px"], abs=1e-3)
    assert of["moved_within"] == pytest.approx(2 / LONGEST_PX, abs=0.08)
    assert of["others_mean_px"] == pytest.approx(0, abs=1e-4)
    assert of["kept_outside"] == pytest.approx(1)


def test_a_drag_moves_one_landmark_and_stays_inside() -> None:
    rng = np.random.default_rng(0)
    edge = np.float32([[0.94, -0.94], [0, 0]])
    lengths = []
    for _ in range(300):
        drag = draw_drag(edge, rng)
        others = np.delete(drag.wanted_norm - edge, drag.landmark, axis=0)
        assert not others.any()
        assert np.abs(drag.wanted_norm).max() <= INSIDE
        step = np.linalg.norm(drag.wanted_norm - edge) * 64
        assert step == pytest.approx(drag.length_px, abs=1e-3)
        if drag.landmark == 1:
            lengths.append(drag.length_px)
    assert max(lengths) <= LONGEST_PX
    assert np.mean(lengths) == pytest.approx(LONGEST_PX / 2, abs=0.8)


def test_the_share_changed_is_counted_where_asked_alone() -> None:
    far = far_from(np.float32([0, 0]), 32, SIDE)  # 32 px of 128 are 16 of 64
    assert not far[32, 32]
    assert not far[32, 47]
    assert far[32, 49]
    after = PICTURE.copy()
    after[20:44, 20:44] ^= 128  # its corners lie 17 px from the middle
    assert changed_share(PICTURE, after, far_from(np.float32([0, 0]), 36, SIDE)) == 0
    assert changed_share(PICTURE, after, np.ones((SIDE, SIDE), bool)) == (24 / 64) ** 2
    assert changed_share(PICTURE, after, np.zeros((SIDE, SIDE), bool)) == 0


def test_energy_kept_falls_where_a_picture_is_blurred() -> None:
    everywhere = np.ones((SIDE, SIDE), bool)
    left = everywhere.copy()
    left[:, 30:] = False
    after = PICTURE.copy()
    after[:, 32:] = cv2.GaussianBlur(PICTURE, (0, 0), 2)[:, 32:]
    assert kept_energy(PICTURE, after, left) == 1
    assert kept_energy(PICTURE, after, everywhere) < 0.6
    assert kept_energy(PICTURE, after, ~left) < 0.1
    assert np.isnan(kept_energy(PICTURE, after, ~everywhere))


def test_packed_pictures_are_those_held_back(tmp_path: Path) -> None:
    frames = drawn_frames(videos=2, frames=24, size=80)
    frames.pack(tmp_path / "drawn.npz")
    pictures = packed_pictures(tmp_path / "drawn.npz", 100, 0.25)
    held = split(frames, 0.25)[1]
    assert len(pictures) == len(held) == 12
    for number, (picture, crop) in zip(held, pictures, strict=True):
        np.testing.assert_array_equal(picture, frames.pixels[number])
        assert crop == Crop(39.5, 39.5, 64)
    assert len(packed_pictures(tmp_path / "drawn.npz", 5, 0.25)) == 5


def test_a_real_model_gives_the_same_figures_for_the_same_seed(tmp_path: Path) -> None:
    torch.manual_seed(0)
    config = IMMConfig(image_size=32, width=4, landmark_count=4, grid_size=8)
    info = ModelInfo("imm", "tiny", config.to_json(), Skeleton.numbered(4))
    save_model(tmp_path / "tiny.safetensors", IMM(config), info)
    session = Session(tmp_path / "tiny.safetensors", "cpu", threads=1)
    frames = drawn_frames(videos=1, frames=3, size=80)
    pictures: list[Any] = [(picture, Crop(39.5, 39.5, 64)) for picture in frames.pixels]
    first, again = (measure_drags(session, pictures, 2, seed=3) for _ in range(2))
    for way in first:
        assert first[way].others_px.shape == (6, 3)
        assert first[way].figures() == pytest.approx(again[way].figures(), nan_ok=True)
    # The carried picture is the source's own far from the hand.
    assert first["sharp"].figures()["kept_outside"] > 0.9
