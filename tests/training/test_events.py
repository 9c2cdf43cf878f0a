"""What a run says."""

from __future__ import annotations

import pytest

from limner_training.events import (
    Done,
    Event,
    Failed,
    HeldBack,
    Paused,
    Preparing,
    Progress,
    Started,
    Warned,
    from_line,
    to_line,
)

ALL: list[Event] = [
    Preparing("Reading a.mp4", 0.5),
    Started(0, 100, "CPU", 10, 2),
    Progress(5, 0.1, 1e-3, 100.0, 2.0, 8.0),
    HeldBack(5, 0.2, 0.9, "preview.png"),
    Warned("less memory"),
    Paused(6),
    Done(10, "model.safetensors", {"ratio": 0.4}, True),
    Failed("no"),
]


@pytest.mark.parametrize("event", ALL, ids=lambda event: event.kind)
def test_every_event_survives_its_line(event: Event) -> None:
    line = to_line(event)
    assert "\n" not in line
    assert from_line(line) == event


@pytest.mark.parametrize(
    "line", ["", "a library prints", "[]", "3", '{"event": "new"}', '{"event": "paused"}']
)
def test_other_lines_are_no_events(line: str) -> None:
    assert from_line(line) is None
