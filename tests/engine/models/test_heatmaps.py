"""Heat maps: sizes, reading, and several networks as one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from limner_engine.models.bottlenecks import gaussian_maps
from limner_engine.models.heatmaps import (
    ALWAYS,
    HeatmapConfig,
    HeatmapEnsemble,
    HeatmapNet,
    _centres,
    centre_of_mass,
    likelihood,
    spread,
)
from limner_engine.models.imm import IMM, IMMConfig
from limner_engine.naming.pose_filter import PoseFilter

SMALL = HeatmapConfig(
    landmark_count=3, image_size=32, width=4, grid_size=8, map_size=16, features=4, bottom=8
)


def test_a_bump_is_found_finer_than_a_cell() -> None:
    cells = _centres(64)
    wanted = torch.tensor([[[0.213, -0.477], [-0.6, 0.311]]])
    maps = gaussian_maps(wanted, cells, 0.04)
    found, mass = centre_of_mass(maps / maps.sum((2, 3), keepdim=True), cells)
    assert torch.allclose(found, wanted, atol=2e-3)  # a cell is 0.031
    assert bool((mass > 0.95).all())


def test_what_is_far_from_the_peak_does_not_pull_at_it() -> None:
    cells = _centres(32)
    maps = torch.zeros(1, 1, 32, 32)
    maps[0, 0, 10, 20] = 0.4
    maps[0, 0, 10, 21] = 0.4
    maps[0, 0, 30, 2] = 0.2
    found, mass = centre_of_mass(maps, cells)
    assert found[0, 0].tolist() == pytest.approx([float(cells[20:22].mean()), float(cells[10])])
    assert float(mass) == pytest.approx(0.8)


def test_spread_is_the_deviation_of_a_gaussian() -> None:
    cells = _centres(64)
    maps = gaussian_maps(torch.zeros(1, 1, 2), cells, 0.2)  # exp(-d^2 / s^2): deviation s / sqrt 2
    found = spread(maps / maps.sum(), cells)
    assert float(found) == pytest.approx(0.2 / 2**0.5, rel=0.01)


def test_maps_have_the_wanted_side_and_gradients_reach_all_weights() -> None:
    torch.manual_seed(0)
    net = HeatmapNet(SMALL)
    net.hideable.fill_(True)
    logits, visible = net(torch.rand(2, 3, 32, 32))
    assert logits.shape == (2, 3, 16, 16)
    assert visible.shape == (2, 3)
    (logits.square().mean() + visible.square().mean()).backward()
    assert all(weight.grad is not None for weight in net.parameters())


def test_a_landmark_never_called_hidden_is_always_to_be_seen() -> None:
    net = HeatmapNet(SMALL).eval()
    net.hideable[1] = True
    _, visible = net(torch.rand(2, 3, 32, 32))
    assert visible[:, [0, 2]].tolist() == [[ALWAYS] * 2] * 2
    assert bool((visible[:, 1].abs() < 1).all())


def test_it_starts_from_an_encoder_of_its_own_sizes_and_no_other() -> None:
    base = IMM(IMMConfig(image_size=32, width=4, grid_size=8, landmark_count=2))
    net = HeatmapNet(SMALL)
    net.start_from(base)
    taken, given = net.encoder.state_dict(), base.detector.state_dict()
    assert all(torch.equal(taken[name], given[name]) for name in given)
    with pytest.raises(ValueError, match="other sizes"):
        net.start_from(IMM(IMMConfig(image_size=32, width=8, grid_size=8, landmark_count=2)))


def test_maps_are_averaged_not_points() -> None:
    torch.manual_seed(0)
    nets = [HeatmapNet(SMALL).eval() for _ in range(2)]
    both = HeatmapEnsemble.of(nets).eval()
    images = torch.rand(2, 3, 32, 32)
    found = both.read(images)
    mean = (likelihood(nets[0](images)[0]) + likelihood(nets[1](images)[0])) / 2
    points, peak = centre_of_mass(mean, both.cells)
    assert torch.allclose(found.points_norm, points)
    assert torch.allclose(found.peak, peak)
    alone = torch.stack([centre_of_mass(likelihood(n(images)[0]), both.cells)[0] for n in nets])
    wanted = ((alone - points) ** 2).sum(-1).mean(0).sqrt()
    assert torch.allclose(found.apart, wanted, atol=1e-6)


def test_a_picture_and_its_mirror_get_the_same_answer_with_left_and_right_swapped() -> None:
    torch.manual_seed(0)
    ensemble = HeatmapEnsemble(SMALL, 1).eval()
    ensemble.swap.copy_(torch.tensor([1, 0, 2]))
    images = torch.rand(2, 3, 32, 32)
    found, mirrored = ensemble.read(images), ensemble.read(images.flip(-1))
    wanted = found.points_norm[:, [1, 0, 2]] * torch.tensor([-1.0, 1.0])
    assert torch.allclose(mirrored.points_norm, wanted, atol=1e-5)
    assert torch.allclose(mirrored.peak, found.peak[:, [1, 0, 2]], atol=1e-5)


def test_one_network_without_relations_does_not_disagree_with_itself() -> None:
    found = HeatmapEnsemble(SMALL, 1).eval().read(torch.rand(1, 3, 32, 32))
    assert not found.apart.any()


def test_points_are_put_through_the_likeliest_pose_once_there_is_one() -> None:
    ensemble = HeatmapEnsemble(SMALL, 1).eval()
    pictures = torch.rand(2, 3, 32, 32)
    before = ensemble.read(pictures).points_norm.detach()
    count = SMALL.landmark_count
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(2 * count, 2 * count)).astype(np.float32)
    offset = rng.normal(size=2 * count).astype(np.float32)
    pose = PoseFilter(matrix, offset, 0.02)
    ensemble.put_through(pose)
    after = ensemble.read(pictures).points_norm.detach()
    np.testing.assert_allclose(after.numpy(), pose.apply(before.numpy()), atol=1e-5)


def test_sizes_come_back_from_json_and_wrong_ones_are_refused() -> None:
    assert HeatmapConfig.from_json(SMALL.to_json()) == SMALL
    with pytest.raises(ValueError, match="missing or unknown"):
        HeatmapConfig.from_json({"landmark_count": 3})
    with pytest.raises(ValueError, match="cannot be"):
        HeatmapConfig.from_json({**SMALL.to_json(), "width": 4.0})
    with pytest.raises(ValueError, match="power of two"):
        dataclasses.replace(SMALL, map_size=24)
    with pytest.raises(ValueError, match="must rise"):
        dataclasses.replace(SMALL, map_size=64)
