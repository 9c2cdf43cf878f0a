"""When the next stage sets in."""

from __future__ import annotations

import pytest
import torch

from limner_engine.errors import TrainingError
from limner_training.recipes.curriculum import Curriculum


def test_a_plateau_brings_the_next_stage() -> None:
    curriculum = Curriculum((0.9, 0.95), patience=2)
    for figure in (1.0, 0.9, 0.9, 0.90005):
        curriculum.look(figure, 0.1)
        assert curriculum.stage == 0
    curriculum.look(0.9, 0.1)
    assert curriculum.stage == 1
    curriculum.look(5.0, 0.1)  # figures jump where a stage sets in
    curriculum.look(4.0, 0.1)
    assert curriculum.stage == 1


def test_figures_below_zero_get_better_too() -> None:
    curriculum = Curriculum((0.9,), patience=1)
    for figure in (-1.0, -1.1, -1.2, -1.3, -1.4):
        curriculum.look(figure, 0.1)
    assert curriculum.stage == 0


def test_a_short_run_comes_to_all_stages() -> None:
    curriculum = Curriculum((0.4, 0.6), patience=100)
    stages = []
    for share in (0.2, 0.39, 0.41, 0.5, 0.61, 0.9):
        curriculum.look(1 - share, share)
        stages.append(curriculum.stage)
    assert stages == [0, 0, 1, 1, 2, 2]
    assert curriculum.done


def test_after_the_last_stage_the_step_size_falls() -> None:
    curriculum = Curriculum((), patience=1)
    for _ in range(3):
        curriculum.look(1.0, 0.1)
    assert curriculum.damping == pytest.approx(0.1)


def test_it_goes_on_as_it_was() -> None:
    curriculum, other = (Curriculum((0.5, 0.9), patience=2) for _ in range(2))
    for figure in (1.0, 1.0, 1.0, 1.0, 0.8, 0.8):
        curriculum.look(figure, 0.1)
    other.load(curriculum.tensors())
    for figure in (0.8, 0.8, 0.7):
        curriculum.look(figure, 0.2)
        other.look(figure, 0.2)
        assert torch.equal(curriculum.tensors()["counts"], other.tensors()["counts"])
    with pytest.raises(TrainingError, match="afresh"):
        other.load({})
