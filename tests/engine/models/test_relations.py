"""What neighbours say of a landmark's place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from limner_engine.models.bottlenecks import gaussian_maps
from limner_engine.models.heatmaps import _centres, centre_of_mass
from limner_engine.models.relations import Relations
from limner_engine.naming.shape import fit_lines

CELLS = _centres(32)


def _poses() -> np.ndarray:
    """The second landmark lies below the first, at its x; the third is anywhere."""
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.8, 0.8, (12, 3, 2))
    points[:, 1, 0] = points[:, 0, 0]
    return points


def _maps(*places: list[tuple[float, float, float]]) -> torch.Tensor:
    """A map a landmark, each a sum of bumps ``(x, y, height)``."""
    maps = [
        sum(
            height * gaussian_maps(torch.tensor([[[x, y]]]), CELLS, 0.06)[0, 0]
            for x, y, height in bumps
        )
        for bumps in places
    ]
    joined = torch.stack(maps)[None]  # type: ignore[arg-type]
    return joined / joined.sum((2, 3), keepdim=True)


def test_a_neighbour_decides_between_two_peaks() -> None:
    relations = Relations(3, 2)
    relations.take(fit_lines(_poses(), 2))
    maps = _maps([(0.5, -0.3, 1)], [(-0.4, 0.2, 1), (0.5, 0.6, 0.7)], [(0, 0, 1)])
    before, _ = centre_of_mass(maps, CELLS)
    after, _ = centre_of_mass(relations(maps, CELLS), CELLS)
    assert before[0, 1].tolist() == pytest.approx([-0.4, 0.2], abs=0.02)
    assert after[0, 1].tolist() == pytest.approx([0.5, 0.6], abs=0.02)
    assert after[0, 0].tolist() == pytest.approx([0.5, -0.3], abs=0.02)


def test_a_landmark_that_nothing_tells_of_is_left_as_it_is() -> None:
    relations = Relations(3, 2)
    relations.take(fit_lines(_poses(), 2))
    maps = _maps([(0.5, -0.3, 1)], [(0.5, 0.6, 1)], [(-0.2, 0.1, 1), (0.6, 0.6, 0.5)])
    assert torch.allclose(relations(maps, CELLS)[0, 2], maps[0, 2], atol=1e-6)


def test_nobody_speaks_before_lines_are_taken() -> None:
    maps = _maps([(0.5, -0.3, 1)], [(0, 0, 1)])
    assert Relations(2, 2)(maps, CELLS) is maps
    assert Relations(2, 0)(maps, CELLS) is maps


def test_new_lines_are_heeded_at_once() -> None:
    relations, other = Relations(3, 2), Relations(3, 2)
    maps = _maps([(0.5, -0.3, 1)], [(-0.4, 0.2, 1), (0.5, 0.6, 0.7)], [(0, 0, 1)])
    relations.take(fit_lines(_poses(), 2))
    before = relations(maps, CELLS)
    other.take(fit_lines(-_poses()[:, [1, 0, 2]] / 2, 2))
    relations.load_state_dict(other.state_dict())
    assert not torch.allclose(relations(maps, CELLS), before)
    assert torch.equal(relations(maps, CELLS), other(maps, CELLS))


def test_lines_of_other_landmarks_are_refused() -> None:
    with pytest.raises(ValueError, match="other landmarks"):
        Relations(4, 2).take(fit_lines(_poses(), 2))
