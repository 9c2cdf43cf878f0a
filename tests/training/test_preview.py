"""The sheets that a run shows of itself."""

from __future__ import annotations

import torch

from limner_training.preview import pose_sheet, preview_sheet

_PITCH = 132


def test_a_sheet_has_a_row_for_each_kind_and_a_column_for_each_pair() -> None:
    source, target, redrawn = (torch.full((2, 3, 16, 16), value) for value in (0.2, 0.4, 0.6))
    sheet = preview_sheet(source, target, redrawn, torch.zeros(2, 3, 2))
    assert sheet.shape == (4 * _PITCH - 4, 2 * _PITCH - 4, 3)
    assert [int(sheet[row * _PITCH + 2, 2, 0]) for row in range(4)] == [51, 102, 153, 102]


def test_a_pose_sheet_shows_both_poses_and_joins_landmarks_by_side() -> None:
    pictures = [torch.full((1, 3, 16, 16), value) for value in (0.2, 0.4, 0.6)]
    raw, clean = torch.full((1, 1, 16, 16), -1.0), torch.full((1, 1, 16, 16), 0.2)
    # Two upright lines, the left one of landmarks 0 and 1, and a level one that joins them.
    points = torch.tensor([[(-0.5, -0.8), (-0.5, 0.2), (0.5, -0.8), (0.5, 0.2)]])
    edges, pairs = ((0, 1), (2, 3), (1, 3)), ((0, 2), (1, 3))
    source, target, redrawn = pictures
    sheet = pose_sheet(source, target, raw, clean, redrawn, points, edges, pairs)
    assert sheet.shape == (6 * _PITCH - 4, 128, 3)
    grey = [int(sheet[row * _PITCH + 2, 2, 0]) for row in range(6)]
    assert grey == [51, 102, 0, 153, 153, 102]
    marked = sheet[5 * _PITCH :]
    left, right, across = marked[40, 32], marked[40, 96], marked[76, 64]
    assert left[2] > left[0] + 60
    assert right[0] > right[2] + 60
    assert across.min() > 150
    plain = pose_sheet(source, target, raw, clean, redrawn, points, edges)[5 * _PITCH :]
    assert plain[40, 32].min() > 150


def test_landmarks_far_outside_are_drawn_nowhere() -> None:
    flat = torch.zeros(1, 3, 8, 8)
    pose = torch.zeros(1, 1, 8, 8)
    far = torch.tensor([[(1e6, 1e6), (-1e6, 1e6)]])
    sheet = pose_sheet(flat, flat, pose, pose, flat, far, ((0, 1),))
    assert not sheet[5 * _PITCH :].any()
