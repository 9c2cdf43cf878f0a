"""Levels of a warp: what sums to one, what tiles, and what equals the dense product."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from limner_engine.models.warps import (
    CHILDREN,
    Level,
    Order,
    Refine,
    cell_places,
    first_level,
    refined,
    shrunk,
)


def _levels(
    side: int = 4, keep: int = 3, form: Refine = "log", order: Order = "rank"
) -> tuple[Level, Level, Level]:
    torch.manual_seed(0)
    first = first_level(3 * torch.randn(2, side**2, side, side))
    second = refined(first, torch.randn(2, 4 * keep, 2 * side, 2 * side), form, order)
    third = refined(second, torch.randn(2, 4 * keep, 4 * side, 4 * side), form, order)
    return first, second, third


def _dense(level: Level) -> Tensor:
    """``(B, W W, W W)``: the whole matrix of a level."""
    side = level.side
    rows = [
        level.distribution_of(item, row, column).flatten()
        for item in range(len(level.weights))
        for row in range(side)
        for column in range(side)
    ]
    return torch.stack(rows).view(-1, side**2, side**2)


@pytest.mark.parametrize("form", ["printed", "log"])
@pytest.mark.parametrize("order", ["rank", "raster"])
def test_rows_sum_to_one_at_every_level(form: Refine, order: Order) -> None:
    for level in _levels(form=form, order=order):
        torch.testing.assert_close(level.weights.sum(-1), torch.ones(level.weights.shape[:3]))
        whole = _dense(level)
        torch.testing.assert_close(whole.sum(-1), torch.ones(whole.shape[:2]))


def test_children_tile_the_block_of_their_parent() -> None:
    first, second, _ = _levels(keep=1)
    parent = first.weights.argmax(-1)
    cells = second.candidates()
    for row, column in ((0, 0), (3, 2)):
        cell = int(parent[0, row, column])
        block = {
            (2 * (cell // 4) + down) * 8 + 2 * (cell % 4) + right
            for down in (0, 1)
            for right in (0, 1)
        }
        for down in (0, 1):
            for right in (0, 1):
                children = cells[0, 2 * row + down, 2 * column + right].tolist()
                assert len(children) == 4
                assert set(children) == block
    assert CHILDREN == ((0, 0), (0, 1), (1, 0), (1, 1))


def test_the_second_channel_is_the_child_below() -> None:
    first = first_level(torch.zeros(1, 16, 4, 4))
    logits = torch.zeros(1, 4, 8, 8)
    logits[:, 1] = 100
    second = refined(first, logits)
    parent = int(first.weights[0, 0, 0].topk(1).indices)
    likeliest = second.distribution_of(0, 0, 0).argmax()
    assert int(likeliest) == (2 * (parent // 4) + 1) * 8 + 2 * (parent % 4)


def test_the_first_relative_child_of_the_own_cell_is_the_place_itself() -> None:
    stays = first_level(100 * torch.eye(16).view(1, 16, 4, 4))
    logits = torch.zeros(1, 4, 8, 8)
    logits[:, 0] = 100
    warp = refined(stays, logits, children="relative")
    values = torch.rand(1, 3, 8, 8)
    torch.testing.assert_close(warp.carry(values), values)
    logits = torch.zeros(1, 4, 8, 8)
    logits[:, 2] = 100  # the neighbour to the right or left in the same block
    exchanged = values.view(1, 3, 8, 4, 2).flip(-1).view(1, 3, 8, 8)
    warp = refined(stays, logits, children="relative")
    torch.testing.assert_close(warp.carry(values), exchanged)
    logits = torch.zeros(1, 4, 8, 8)
    logits[:, 1] = 100  # the one above or below
    exchanged = values.view(1, 3, 4, 2, 8).flip(-2).view(1, 3, 8, 8)
    warp = refined(stays, logits, children="relative")
    torch.testing.assert_close(warp.carry(values), exchanged)


def test_an_m_of_zero_in_log_form_is_the_level_before_enlarged() -> None:
    torch.manual_seed(0)
    first = first_level(torch.randn(2, 16, 4, 4))
    second = refined(first, torch.zeros(2, 64, 8, 8), "log")  # all 16 cells kept
    values = torch.rand(2, 3, 8, 8)
    coarse = first.carry(shrunk(values, 4))
    enlarged = F.interpolate(coarse, scale_factor=2, mode="nearest")
    torch.testing.assert_close(second.carry(values), enlarged)
    third = refined(second, torch.zeros(2, 256, 16, 16), "log")
    values = torch.rand(2, 3, 16, 16)
    enlarged = F.interpolate(second.carry(shrunk(values, 8)), scale_factor=2, mode="nearest")
    torch.testing.assert_close(third.carry(values), enlarged)


def test_an_m_of_zero_as_printed_forgets_the_level_before() -> None:
    first = first_level(torch.randn(1, 16, 4, 4))
    second = refined(first, torch.zeros(1, 12, 8, 8), "printed")
    torch.testing.assert_close(second.weights, torch.full((1, 8, 8, 12), 1 / 12))


@pytest.mark.parametrize("form", ["printed", "log"])
@pytest.mark.parametrize("order", ["rank", "raster"])
def test_with_all_cells_kept_the_sparse_warp_is_the_dense_one(form: Refine, order: Order) -> None:
    torch.manual_seed(0)
    first = first_level(torch.randn(1, 16, 4, 4))
    of_cells = torch.randn(1, 64, 8, 8)  # logits of all source cells, row by row
    cells = refined(first, torch.zeros(1, 64, 8, 8), form, order).candidates()
    at = torch.arange(64).view(8, 8)
    logits = torch.stack(
        [of_cells[0, :, r, c][cells[0, r, c]] for r in range(8) for c in range(8)], -1
    ).view(1, 64, 8, 8)
    sparse = refined(first, logits, form, order)
    # Eq. 4 over the whole product, no candidates about.
    matrix = of_cells.flatten(2).transpose(1, 2)  # (1, target, source)
    parent = (at // 8 // 2) * 4 + at % 8 // 2
    before = first.weights.flatten(1, 2)[:, parent.flatten()][:, :, parent.flatten()]
    mixed = matrix * before if form == "printed" else matrix + before.log()
    dense = mixed.softmax(-1)
    torch.testing.assert_close(_dense(sparse), dense)
    values = torch.rand(1, 3, 8, 8)
    carried = dense @ values.flatten(2).transpose(1, 2)
    torch.testing.assert_close(sparse.carry(values).flatten(2).transpose(1, 2), carried)


def test_carrying_equals_an_embedding_bag() -> None:
    level = _levels()[2]
    values = torch.rand(2, 3, 16, 16)
    table = values.permute(0, 2, 3, 1).reshape(-1, 3)
    own = level.candidates() + 256 * torch.arange(2).view(2, 1, 1, 1)
    bag = F.embedding_bag(
        own.reshape(-1, 12), table, per_sample_weights=level.weights.view(-1, 12), mode="sum"
    )
    carried = level.carry(values).permute(0, 2, 3, 1).reshape(-1, 3)
    torch.testing.assert_close(carried, bag)


def test_gradients_reach_the_logits_of_every_level() -> None:
    torch.manual_seed(0)
    coarse = torch.randn(1, 16, 4, 4, requires_grad=True)
    fine = [torch.randn(1, 12, side, side, requires_grad=True) for side in (8, 16)]
    second = refined(first_level(coarse), fine[0])
    refined(second, fine[1]).carry(torch.rand(1, 3, 16, 16)).square().sum().backward()  # type: ignore[no-untyped-call]
    for logits in (coarse, *fine):
        assert logits.grad is not None
        assert float(logits.grad.abs().max()) > 0


def test_candidates_in_raster_order_rise() -> None:
    cells = _levels(keep=3, order="raster")[1].candidates()[..., ::4]
    parents = (cells // 16) * 4 + cells % 8 // 2
    assert bool((parents.diff(dim=-1) > 0).all())


def _one_place(side: int, cells: dict[tuple[int, int], float]) -> Level:
    """Every target cell comes from these source cells ``(row, column)``."""
    weights = torch.zeros(1, side, side, side * side)
    for (row, column), weight in cells.items():
        weights[..., row * side + column] = weight
    return Level(weights)


def test_the_mode_is_never_between_two_places() -> None:
    flow = _one_place(16, {(4, 2): 0.4, (4, 13): 0.6}).flow()
    places = cell_places(16)
    likeliest, other = places[4, 13], places[4, 2]
    torch.testing.assert_close(flow.mode[0, 8, 8] + places[8, 8], likeliest)
    torch.testing.assert_close(flow.mean[0, 8, 8] + places[8, 8], 0.6 * likeliest + 0.4 * other)
    assert float(flow.peak[0, 8, 8]) == pytest.approx(0.6)
    apart = float((likeliest - other).norm())
    assert float(flow.spread[0, 8, 8]) == pytest.approx(apart * (0.6 * 0.4) ** 0.5, rel=1e-4)


def test_the_mode_is_finer_than_a_cell() -> None:
    flow = _one_place(16, {(4, 2): 0.5, (4, 3): 0.5}).flow()
    places = cell_places(16)
    between = (places[4, 2] + places[4, 3]) / 2
    torch.testing.assert_close(flow.mode[0, 0, 0] + places[0, 0], between)


def test_the_flow_of_a_sparse_level_is_that_of_its_matrix() -> None:
    level = _levels()[1]
    whole = Level(_dense(level).view(2, 8, 8, 64))
    for sparse, dense in zip(level.flow(), whole.flow(), strict=True):
        torch.testing.assert_close(sparse, dense, rtol=1e-4, atol=1e-5)
