"""Threads of torch, for commands: the program's own floor never imports it."""

from __future__ import annotations

import torch


def use_threads(count: int) -> None:
    """Compute on so many threads of the processor."""
    torch.set_num_threads(count)
