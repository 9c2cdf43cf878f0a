"""Judges: sizes, labels, and the pool of earlier drawings."""

from __future__ import annotations

import pytest
import torch

from limner_training.losses.judges import Judges, ReplayPool, passing, telling


def test_sizes_of_the_three_scales_at_128() -> None:
    judged = Judges(1, 128, width=2)(torch.zeros(1, 1, 128, 128))
    assert [one.shape[-1] for one in judged] == [14, 6, 2]


def test_no_scale_is_too_small_to_judge() -> None:
    assert [one.shape[-1] for one in Judges(1, 64, 2)(torch.zeros(1, 1, 64, 64))] == [6, 2]
    assert len(Judges(1, 32, 2).scales) == 1


def test_the_paper_size_has_the_papers_weights() -> None:
    count = sum(weight.numel() for weight in Judges(1, 128).parameters())
    assert count / 1e6 == pytest.approx(8.29, rel=0.01)


def test_labels_are_symmetric() -> None:
    # Eq. (5) calls real 0 and drawn 1: exchanging labels and turning D over changes nothing.
    real, drawn = [torch.tensor([0.9, 0.4])], [torch.tensor([0.2, 0.7])]
    turned = telling([1 - one for one in drawn], [1 - one for one in real])
    torch.testing.assert_close(telling(real, drawn), turned)
    assert float(telling([torch.ones(3)], [torch.zeros(3)])) == 0
    assert float(telling([torch.full((3,), 0.5)], [torch.full((3,), 0.5)])) == 0.25
    assert float(passing([torch.ones(2), torch.zeros(2)])) == 0.5


def test_the_pool_keeps_what_comes_and_gives_older_ones() -> None:
    pool = ReplayPool(2, (1, 1, 1), "cpu")
    first = torch.tensor([1.0, 2.0]).view(2, 1, 1, 1)
    always = torch.tensor([[0.9, 0.0], [0.9, 0.99]])
    torch.testing.assert_close(pool.exchange(first, always), first)
    third = torch.tensor([3.0, 4.0]).view(2, 1, 1, 1)
    given = pool.exchange(third, torch.tensor([[0.9, 0.0], [0.1, 0.0]]))
    assert given.flatten().tolist() == [1.0, 4.0]
    assert pool.pictures.flatten().tolist() == [3.0, 2.0]
    assert third.flatten().tolist() == [3.0, 4.0]
