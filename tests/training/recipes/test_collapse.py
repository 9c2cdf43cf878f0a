"""What counts as collapsed, what is said, and what helps."""

from __future__ import annotations

import torch
from torch import Tensor

from limner_training.recipes.collapse import (
    GRACE_STEPS,
    RELIEF,
    RELIEF_AGREEMENT,
    RELIEF_STEPS,
    Watch,
)

_LATER = GRACE_STEPS + 1


def _poses(spread: float) -> Tensor:
    return spread * torch.randn(64, 5, 2, generator=torch.Generator().manual_seed(0))


def _pictures(ink: float) -> Tensor:
    return torch.full((8, 1, 4, 4), 2 * ink - 1)


def _look(
    watch: Watch, ink: float = 0.1, spread: float = 0.3, wrong: float = 0.0, step: int = _LATER
) -> list[str]:
    exchanged = torch.arange(10) < 10 * wrong
    return watch.look(_pictures(ink), _poses(spread), _pictures(0.1), _poses(0.3), exchanged, step)


def test_a_sound_run_is_left_alone() -> None:
    watch = Watch()
    assert _look(watch) == []
    assert watch.weight(10, _LATER) == 10
    assert watch.agreement(0, _LATER) == 0
    assert watch.figures["ink"] == watch.figures["variety"] == 1


def test_an_empty_picture_relieves_the_judges_for_a_while() -> None:
    watch = Watch()
    assert "nearly empty" in _look(watch, ink=0.01)[0]
    assert watch.weight(10, _LATER + 1) == 10 * RELIEF
    assert watch.agreement(1, _LATER + 1) == RELIEF_AGREEMENT
    after = _LATER + RELIEF_STEPS
    assert watch.weight(10, after) == 10
    assert _look(watch, ink=0.01, step=_LATER + 10) == []  # the remedy gets its time
    assert _look(watch, ink=0.01, step=after) != []


def test_a_frozen_pose_is_named() -> None:
    assert "hardly moves" in _look(Watch(), spread=0.01)[0]


def test_exchanged_sides_are_named() -> None:
    watch = Watch()
    assert "Left and right" in _look(watch, wrong=0.8)[0]
    assert watch.mirrored
    assert _look(watch, wrong=0.3, step=_LATER + RELIEF_STEPS) == []
    assert not watch.mirrored


def test_nothing_is_judged_at_the_beginning() -> None:
    assert _look(Watch(), ink=0.0, spread=0.0, step=10) == []


def test_the_remedy_survives_a_checkpoint() -> None:
    watch, resumed = Watch(), Watch()
    _look(watch, ink=0.01)
    resumed.load(watch.tensors())
    assert resumed.weight(10, _LATER + 1) == 10 * RELIEF
