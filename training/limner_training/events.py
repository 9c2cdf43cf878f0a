"""What a learning run says, one JSON line an event; read by the window, so no torch here."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Preparing:
    """Frames are being read and crops found.

    Attributes:
        message: What is being done, one short sentence.
        share: How much of it is done, 0..1.
    """

    kind: ClassVar[str] = "preparing"
    message: str
    share: float


@dataclass(frozen=True, slots=True)
class Started:
    """Learning begins, or goes on after a stop.

    Attributes:
        step: Steps done before.
        parameters: Number of weights.
        device: Where it computes, for people: ``"cpu bf16"``.
        train_frames: Frames learned from.
        held_back_frames: Frames never learned from.
    """

    kind: ClassVar[str] = "started"
    step: int
    parameters: int
    device: str
    train_frames: int
    held_back_frames: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Figures since the last event; a few each second at most.

    Attributes:
        step: Steps done.
        loss: Mean L1 of the pictures redrawn since the last event, as `HeldBack` has it of frames
            never learned from.
        learning_rate: Of the last step.
        images_per_s: Pairs learned a second.
        elapsed_s: Seconds of learning, all sessions of the run together.
        left_s: Seconds to the end as far as can be told.
    """

    kind: ClassVar[str] = "progress"
    step: int
    loss: float
    learning_rate: float
    images_per_s: float
    elapsed_s: float
    left_s: float


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Figures on frames that are never learned from, in evaluation mode.

    Attributes:
        step: Steps done.
        loss: Pixel loss of the redrawn held-back frames.
        ratio: That loss over the loss of copying a random source frame; below 1 is learning.
        preview: Path of a PNG, relative to the run folder: source, target, redrawn, landmarks.
    """

    kind: ClassVar[str] = "held_back"
    step: int
    loss: float
    ratio: float
    preview: str


@dataclass(frozen=True, slots=True)
class Named:
    """A better model of named landmarks is on disk; the run goes on.

    Attributes:
        step: Steps done.
        model: Path of its file, relative to the run folder.
        error_px: Median held-back error of each landmark, pixels of the video; None where nothing
            was held back.
        share: How much of the run is done, 0..1.
        left_s: Seconds to its end as far as can be told.
    """

    kind: ClassVar[str] = "named"
    step: int
    model: str
    error_px: list[float | None] = field(default_factory=list)
    share: float = 0.0
    left_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Warned:
    """Something a person should know that does not end the run, such as a smaller batch."""

    kind: ClassVar[str] = "warned"
    message: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The run waits, its checkpoint written."""

    kind: ClassVar[str] = "paused"
    step: int


@dataclass(frozen=True, slots=True)
class Done:
    """The run has ended and its model is on disk.

    Attributes:
        step: Steps done.
        model: Path of the model file, relative to the run folder.
        figures: Measured figures by name.
        stopped: Whether a person ended it early.
    """

    kind: ClassVar[str] = "done"
    step: int
    model: str
    figures: dict[str, float] = field(default_factory=dict)
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """The run cannot go on; one sentence and its mend."""

    kind: ClassVar[str] = "failed"
    message: str


Say = Callable[["Event"], None]
"""Who is told of events."""

Event = Preparing | Started | Progress | HeldBack | Named | Warned | Paused | Done | Failed
_KINDS: dict[str, type[Event]] = {
    cls.kind: cls
    for cls in (
        Preparing,
        Started,
        Progress,
        HeldBack,
        Named,
        Warned,
        Paused,
        Done,
        Failed,
    )
}


def to_line(event: Event) -> str:
    """One event as one line of JSON, without the line end."""
    return json.dumps({"event": event.kind, **dataclasses.asdict(event)})


def from_line(line: str) -> Event | None:
    """The event in a line, or None where the line is something else, such as a library's print."""
    try:
        data: dict[str, Any] = json.loads(line)
        return _KINDS[data.pop("event")](**data)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
