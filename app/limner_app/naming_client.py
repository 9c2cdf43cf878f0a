"""What is asked of the engine about named landmarks: the part of its client that names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from limner_engine.inference.protocol import Message

if TYPE_CHECKING:
    from limner_engine.naming.labelled import LabelledFrames


@dataclass(frozen=True, slots=True)
class FirstFit:
    """How a fit went.

    Attributes:
        names: Landmarks that have a place in some labelled frame.
        error_px: Expected error of each landmark, pixels of the video; None where unknown.
        layer: Which layer answers for each: ``first`` or ``second``.
        form: What the first layer goes by.
        frames: Labelled frames that could be read.
        skipped: Sentences about labels that could not be used.
        ms: How long the engine took.
    """

    names: int
    error_px: tuple[float | None, ...]
    layer: tuple[str, ...]
    form: str
    frames: int
    skipped: tuple[str, ...]
    ms: float


class NamingRequests:
    """Requests about named landmarks."""

    async def _ask(
        self,
        header: dict[str, Any],
        blobs: Sequence[NDArray[Any]] = (),
        on_part: Callable[[Message], None] | None = None,
    ) -> Message:
        """Send a request and wait for its answer."""
        raise NotImplementedError

    async def name(
        self,
        labelled: LabelledFrames,
        *,
        base: Path | None,
        out: Path,
        second: Path | None = None,
        judge: bool = False,
    ) -> FirstFit:
        """Fit the first layer and write the named model.

        Args:
            labelled: What a person labelled.
            base: The model that finds landmarks, or None.
            out: The model file to write; what was there is replaced.
            second: The file of a finished second layer to put beside the first.
            judge: Also check the calibration and measure what more labels would buy, which takes
                a second or two; the figures stand in the file.

        Raises:
            LimnerError: A file is refused, or nothing is labelled that could be learned from.
        """
        header, arrays = labelled.to_message()
        header |= {
            "op": "name",
            "base": None if base is None else str(base),
            "second": None if second is None else str(second),
            "out": str(out),
            "judge": judge,
        }
        answer = (await self._ask(header, arrays)).header
        return FirstFit(
            int(answer["names"]),
            tuple(answer["error_px"]),
            tuple(answer["layer"]),
            str(answer["form"]),
            int(answer["frames"]),
            (*labelled.skipped, *answer["skipped"]),
            float(answer["ms"]),
        )
