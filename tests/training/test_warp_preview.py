"""The sheet of a run that learns warps."""

from __future__ import annotations

import torch

from limner_training.warp_preview import warp_sheet


def test_rows_are_source_target_redrawn_flow_and_confidence() -> None:
    source, target = torch.zeros(2, 3, 32, 32), torch.ones(2, 3, 32, 32)
    redrawn = torch.full((2, 3, 16, 16), 0.5)
    sheet = warp_sheet(source, target, redrawn, torch.zeros(2, 16, 16, 2), torch.zeros(2, 16, 16))
    assert sheet.shape == (5 * 132, 2 * 132, 3)
    assert [int(sheet[64 + 132 * row, 64, 0]) for row in range(5)] == [0, 255, 128, 255, 0]
    assert warp_sheet(source, target, redrawn, torch.zeros(2, 16, 16, 2)).shape[0] == 4 * 132
