"""What is known of the soundness of a video."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HealthReport:
    """Which frames of a video cannot be shown, and why.

    Attributes:
        frame_count: Number of frames of the video, readable or not.
        unreadable: Indices of the frames that cannot be decoded without error, ascending.
        notes: Sentences about the file as a whole; empty for a sound file.
    """

    frame_count: int
    unreadable: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True where every frame can be shown and nothing is odd about the file."""
        return not self.unreadable and not self.notes

    @property
    def readable_count(self) -> int:
        """Number of frames that can be shown."""
        return self.frame_count - len(self.unreadable)

    def sentence(self) -> str:
        """The whole report for a person, in one to a few sentences."""
        if not self.unreadable:
            first = f"All {self.frame_count} frames can be read."
            if self.frame_count == 1:
                first = "The one frame can be read."
        else:
            count = len(self.unreadable)
            first = (
                f"{self.readable_count} of {self.frame_count} frames can be read; "
                f"{'frame' if count == 1 else 'frames'} {_spans(self.unreadable)} cannot."
            )
        return " ".join((first, *self.notes))


def _spans(indices: tuple[int, ...], most: int = 6) -> str:
    """Ascending indices as spans: ``3, 7-9``; long lists end in a count."""
    spans: list[list[int]] = []
    for index in indices:
        if spans and index == spans[-1][1] + 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in spans[:most]]
    if len(spans) > most:
        words.append(f"and {sum(b - a + 1 for a, b in spans[most:])} more")
    return ", ".join(words)
