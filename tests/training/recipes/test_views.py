"""The pictures of a step: placements that agree, bends, masks, and repeatability."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from drawn_frames import drawn_frames
from limner_training.config import TrainConfig
from limner_training.data.frames import FrameSet
from limner_training.recipes.views import Views

SIZE = 64


def _views(**changes: object) -> tuple[Views, FrameSet]:
    frames = drawn_frames(2, 12)
    config = dataclasses.replace(TrainConfig(sources=("drawn",)), **changes)  # type: ignore[arg-type]
    return Views(frames, config, SIZE, "cpu"), frames


def _bright(picture: torch.Tensor) -> torch.Tensor:
    """Centre of what is bright in ``(3, S, S)``, in -1..1."""
    weight = (picture.mean(0) - picture.mean(0).median()).clamp_min(0)
    places = (torch.arange(SIZE) + 0.5) / SIZE * 2 - 1
    return (
        torch.stack([(weight.sum(0) * places).sum(), (weight.sum(1) * places).sum()])
        / weight.sum()
    )


SOURCES, TARGETS = np.array([0, 1, 13]), np.array([5, 6, 20])


@pytest.mark.parametrize("mirror", [False, True])
def test_back_leads_from_the_second_picture_to_the_target(mirror: bool) -> None:
    views, _ = _views(mirror=mirror)
    drawn = views.draw(SOURCES, TARGETS, 3)
    assert drawn.again is not None
    for again, target, back in zip(drawn.again, drawn.target, drawn.back, strict=True):
        led = back[:, :2] @ _bright(again) + back[:, 2]
        assert torch.allclose(led, _bright(target), atol=0.06)


def test_a_frame_with_itself_is_bent_apart_and_its_border_masked() -> None:
    views, _ = _views()
    drawn = views.draw(np.array([0, 4]), np.array([5, 4]), 0)
    assert drawn.mask is not None
    assert drawn.again is not None
    assert float(drawn.mask[0].min()) == 1
    assert float(drawn.mask[1].max()) > 0.9 > 0.6 > float(drawn.mask[1].mean())
    assert float((drawn.source[1] - drawn.target[1]).abs().mean()) > 0.005
    led = drawn.back[1, :, :2] @ _bright(drawn.again[1]) + drawn.back[1, :, 2]
    assert torch.allclose(led, _bright(drawn.target[1]), atol=0.1)


def test_pairs_of_videos_have_no_mask() -> None:
    views, _ = _views()
    assert views.draw(SOURCES, TARGETS, 0).mask is None


def test_without_equivariance_each_frame_is_placed_by_itself() -> None:
    views, _ = _views(equivariance=0.0, jitter=1.0)
    drawn = views.draw(np.array([0]), np.array([1]), 0)
    assert drawn.again is None
    shared, _ = _views(jitter=1.0)
    together = shared.draw(np.array([0]), np.array([1]), 0)
    assert not torch.equal(drawn.target, together.target)


def test_a_step_is_the_same_again_and_another_is_not() -> None:
    views, frames = _views()
    other, _ = _views()
    first, again = views.draw(TARGETS, TARGETS, 7), other.draw(TARGETS, TARGETS, 7)
    assert torch.equal(first.source, again.source)
    assert torch.equal(first.target, again.target)
    assert not torch.equal(first.source, views.draw(TARGETS, TARGETS, 8).source)
    assert len(frames) == 24


def test_plain_views_are_the_middle_of_the_cuts() -> None:
    views, frames = _views()
    plain = views.plain(SOURCES, TARGETS)
    middle = frames.pixels[TARGETS][:, 8:72, 8:72]
    wanted = torch.from_numpy(middle.astype(np.float32) / 255).permute(0, 3, 1, 2)
    assert float((plain.target - wanted).abs().max()) < 0.02
    assert plain.mask is None
